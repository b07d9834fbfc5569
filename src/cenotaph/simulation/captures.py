"""SNPs of a handover: donors called on an array, bones read by capture, as one VCF."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.shipped import load_genetic_map
from cenotaph.genetics.snp_family import SnpMap
from cenotaph.genetics.snp_reads import ReadErrors
from cenotaph.simulation.genealogy import People
from cenotaph.simulation.genomes import ORIGINS
from cenotaph.simulation.laboratory import Sample
from cenotaph.simulation.snps import draw_calls, draw_frequencies, draw_gametes, draw_reads, spread_places
from cenotaph.simulation.tables import Floats, Ints

DRIFT = {"white": 0.002, "black": 0.12, "hispanic": 0.06, "asian": 0.1, "korean": 0.1, "chinese": 0.1, "other": 0.02}
"""F of each founder population against the panel's frequencies, which are those of Europeans; assumptions of the size
of published F between continents."""
DONOR_SHARE, BONE_SHARE = 0.6, 0.5
"""Donors typed on the array; sampled bones that were captured."""
CALL_ERROR = 0.003
MEAN_DEPTH, DEPTH_SPREAD = 1.0, 1.0
"""Median reads at a SNP of a bone, and standard deviation of its logarithm over bones."""
ERROR, DAMAGE, CONTAMINATION = 0.005, 0.03, 0.15
"""Of bones: base error, damage, and the share of reads that are somebody else's where a sample is contaminated."""
ALLELES = (("A", "C"), ("C", "T"), ("T", "C"))
"""REF and ALT of SNPs that damage does not touch, turns into ALT, turns into REF."""


@dataclass(frozen=True, slots=True)
class Captures:
    """What was typed.

    Args:
        chromosome, position: shape (SNPs,).
        kind: shape (SNPs,), of `cenotaph.genetics.snp_reads.damage_kinds`.
        frequency: shape (SNPs,), of ALT in the panel.
        samples: positions of the typed samples among all.
        cells: for each of them, shape (SNPs,), the cell of the VCF.
    """

    chromosome: Ints
    position: Ints
    kind: Ints
    frequency: Floats
    samples: tuple[int, ...]
    cells: tuple[NDArray[np.str_], ...]

    def as_vcf(self, ids: Sequence[str]) -> bytes:
        """Packed VCF; *ids* are those of all samples."""
        head = ["##fileformat=VCFv4.2", *(f"##contig=<ID={c}>" for c in range(1, 23))]
        head += [
            '##INFO=<ID=AF,Number=A,Type=Float,Description="frequency of ALT in the panel">',
            '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">',
            '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="reads">',
            "\t".join(
                ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
                + [ids[k] for k in self.samples]
            ),
        ]
        lines = [
            "\t".join(
                [
                    str(c),
                    str(p),
                    f"s{k:06d}",
                    *ALLELES[kind],
                    ".",
                    ".",
                    f"AF={f:.4f}",
                    "GT:AD",
                    *(x[k] for x in self.cells),
                ]
            )
            for k, (c, p, kind, f) in enumerate(
                zip(self.chromosome, self.position, self.kind, self.frequency, strict=True)
            )
        ]
        return gzip.compress("\n".join([*head, *lines, ""]).encode(), mtime=0)


def capture_snps(
    people: People, samples: Sequence[Sample], count: int, contaminated: float, rng: np.random.Generator
) -> Captures:
    """SNPs of a part of the samples.

    Args:
        people: everyone.
        samples: all of them; whose DNA is in a tube is known.
        count: SNPs.
        contaminated: share of bones with somebody else's reads.
        rng: draws.
    """
    chromosome, position = spread_places(count, rng)
    frequency, kind = draw_frequencies(count, rng), rng.integers(0, len(ALLELES), count)
    map_ = SnpMap(chromosome, load_genetic_map().at(chromosome, position))
    typed = [k for k, s in enumerate(samples) if rng.random() < (BONE_SHARE if s.origin == "specimen" else DONOR_SHARE)]
    genotype = _dropped(people, map_, frequency, rng)
    cells = []
    for sample in (samples[k] for k in typed):
        own = genotype[sample.person]
        if sample.origin == "relative":
            cells.append(np.array(["0/0:.", "0/1:.", "1/1:."])[draw_calls(own, CALL_ERROR, rng)])
        else:
            depth = rng.poisson(rng.lognormal(np.log(MEAN_DEPTH), DEPTH_SPREAD), count)
            errors = ReadErrors(ERROR, DAMAGE, CONTAMINATION if rng.random() < contaminated else 0.0)
            reads = draw_reads(own, np.minimum(depth, 255), errors, kind, frequency, rng)
            cells.append(np.array([f"./.:{a},{b}" if a or b else "./.:." for a, b in reads.tolist()]))
    return Captures(chromosome, position, kind, frequency, tuple(typed), tuple(cells))


def _dropped(people: People, map_: SnpMap, panel: Floats, rng: np.random.Generator) -> NDArray[np.int8]:
    """ALT alleles of everyone, shape (people, SNPs)."""
    carried = np.zeros((len(people.father), 2, len(panel)), dtype=np.bool_)
    for origin, name in enumerate(ORIGINS):
        strength = (1 - DRIFT[name]) / DRIFT[name]
        own = rng.beta(panel * strength, (1 - panel) * strength)
        those = np.flatnonzero((people.father < 0) & (people.origin == origin))
        carried[those] = rng.random((len(those), 2, len(panel))) < own
    for children in people.generations():
        for side, parents in enumerate((people.father, people.mother)):
            second = draw_gametes(map_, len(children), rng)
            parental = carried[parents[children]]
            carried[children, side] = np.where(second, parental[:, 1], parental[:, 0])
    return carried.sum(axis=1, dtype=np.int8)
