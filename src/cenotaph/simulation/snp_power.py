"""What a panel of SNPs can show for one family: log10 likelihood ratios of invented bones, if it is he and if not.

Families of the given pedigree are drawn along the genetic map, their donors are called and a bone is read; then the
program judges them as it judges real ones: frequencies from a number of donors, errors of the reads estimated from the
reads, the family reduced to its chain (`cenotaph.genetics.snp_family`). So the figures hold what is lost to frequencies
and errors that are not known. They do not hold linkage disequilibrium, wrong pedigrees and relatives of other
populations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.shipped import load_genetic_map
from cenotaph.dossier.snp_panels import load_snp_panel
from cenotaph.evidence.snp_data import SnpSettings
from cenotaph.genetics.snp_family import FamilyReducer, Singles, SnpMap, blocks_of, random_logliks
from cenotaph.genetics.snp_panel import panel_frequencies
from cenotaph.genetics.snp_reads import ReadErrors, call_likelihood, damage_kinds, read_likelihood, sample_likelihood
from cenotaph.simulation.snps import (
    LEAST_MINOR,
    Genotypes,
    damage_shares,
    draw_calls,
    draw_frequencies,
    draw_reads,
    drop_alleles,
    spread_snps,
)
from cenotaph.simulation.tables import Floats, Ints
from cenotaph.units import LN10

BONE_ERRORS = ReadErrors(0.005, 0.03, 0.01)
"""Errors that the reads of an invented bone truly have: an assumption."""
FREQUENCY_DONORS = 200
MOST_READS = 255
STRANGERS = 2
"""Bones of strangers beside each bone of his."""


@dataclass(frozen=True, slots=True)
class Panel:
    """SNPs that somebody might be typed for.

    Args:
        name: what it is called.
        map: places of the SNPs.
        frequency: shape (SNPs,), true frequency of ALT.
        believed: shape (SNPs,), the frequency that the program works with.
        kind: shape (SNPs,), how damage strikes, see `cenotaph.genetics.snp_reads.damage_kinds`.
    """

    name: str
    map: SnpMap
    frequency: Floats
    believed: Floats
    kind: Ints

    @classmethod
    def invented(cls, count: int, rng: np.random.Generator, least_minor: float = LEAST_MINOR) -> Panel:
        """SNPs anywhere, with frequencies as those chosen for kinship have unless told otherwise; they are known.

        >>> panel = Panel.invented(1000, np.random.default_rng(1))
        >>> panel.name, bool((panel.frequency == panel.believed).all())
        ('1,000 invented SNPs', True)
        """
        frequency = draw_frequencies(count, rng, least_minor)
        return cls(f"{count:,} invented SNPs", spread_snps(count, rng), frequency, frequency, damage_shares(count, rng))

    @classmethod
    def shipped(cls, name: str, rng: np.random.Generator) -> Panel:
        """The SNPs for kinship of a panel that ships, at their own places; frequencies are drawn, and known.

        Raises:
            InvalidInput: no such panel.

        >>> Panel.shipped("force", np.random.default_rng(1)).name
        'force, 3,931 SNPs for kinship'
        """
        listed = load_snp_panel(name).of_kind("kinship")
        places = SnpMap(listed.chromosome, load_genetic_map().at(listed.chromosome, listed.position_grch38))
        frequency = draw_frequencies(len(listed), rng)
        kind = damage_kinds(listed.reference, listed.alternative)
        return cls(f"{name}, {len(listed):,} SNPs for kinship", places, frequency, frequency, kind)

    def estimated(self, donors: int, rng: np.random.Generator, settings: SnpSettings) -> Panel:
        """The panel with frequencies that the program estimated from unrelated donors."""
        genotype = rng.binomial(2, self.frequency[:, None], (len(self.frequency), donors)).astype(np.int8)
        calls = draw_calls(genotype, settings.call_error, rng)
        nothing_stated = np.full(len(self.frequency), np.nan)
        return replace(self, believed=panel_frequencies(nothing_stated, calls, np.ones(donors)).frequency)

    def unlinked(self) -> Panel:
        """The panel as if every SNP lay on a chromosome of its own: for judging, not for drawing."""
        return replace(self, map=SnpMap.unlinked(len(self.frequency)))


@dataclass(frozen=True, slots=True)
class Pedigree:
    """A family with its missing man.

    Args:
        father, mother: shape (members,), index of the parent or −1.
        donors: members who are typed for the panel.
        man: the missing one.
    """

    father: Ints
    mother: Ints
    donors: tuple[int, ...]
    man: int


@dataclass(frozen=True, slots=True)
class Ratios:
    """log10 likelihood ratios of bones against a random member of the population.

    Args:
        coverage: mean reads a SNP.
        he: shape (draws,), of bones of the missing man.
        stranger: of bones of unrelated people.
    """

    coverage: float
    he: Floats
    stranger: Floats


def donor_likelihood(genotype: Genotypes, rng: np.random.Generator, settings: SnpSettings) -> Singles:
    """P(call | genotype) of a donor, shape (SNPs, 3), the call drawn from the true genotype."""
    called = draw_calls(genotype, settings.call_error, rng)
    return sample_likelihood(call_likelihood(called, settings.call_error), settings.snp_error)


def bone_likelihood(reads: NDArray[np.uint8], panel: Panel, settings: SnpSettings) -> Singles:
    """P(reads | genotype) of a bone, shape (SNPs, 3), its errors estimated from *reads*, shape (SNPs, 2)."""
    likelihood, _ = read_likelihood(reads, panel.kind, panel.believed)
    return sample_likelihood(likelihood, settings.snp_error)


def log10_ratios(reducer: FamilyReducer, pedigree: Pedigree, relatives: dict[int, Singles], bones: Singles) -> Floats:
    """log10 P(bone | he is the man, relatives) / P(bone | random member), shape (bones,)."""
    alone = random_logliks(bones, reducer.frequency)
    if not relatives:
        return np.zeros(len(bones))
    family = reducer.reduce(pedigree.father, pedigree.mother, pedigree.man, relatives)
    found: Floats = (reducer.bone_logliks(family, blocks_of(bones), len(bones)) - alone) / LN10
    return found


def power_of_family(
    pedigree: Pedigree,
    panel: Panel,
    coverages: Sequence[float],
    draws: int,
    rng: np.random.Generator,
    settings: SnpSettings | None = None,
    errors: ReadErrors = BONE_ERRORS,
    strangers: int = STRANGERS,
) -> list[Ratios]:
    """Likelihood ratios that the panel would give for a family, at each coverage.

    Args:
        pedigree: the family.
        panel: SNPs; its places and frequencies are those that the families are drawn with.
        coverages: mean reads a SNP of a bone; the number at each SNP is Poisson.
        draws: families drawn, each with one bone of his at each coverage.
        rng: draws.
        settings: of the line ``snp``.
        errors: that the reads of bones truly have.
        strangers: unrelated people, each with a bone at each coverage, beside every family.

    Cost: for each bone a hundredth of a second at 10,000 SNPs, most of it the estimate of its errors.

    >>> rng = np.random.default_rng(1)
    >>> trio = Pedigree(np.array([-1, -1, 0]), np.array([-1, -1, 1]), (0, 1), 2)
    >>> found = power_of_family(trio, Panel.invented(400, rng), [3.0], 5, rng)[0]
    >>> bool(found.he.min() > 10), bool(found.stranger.max() < -10)
    (True, True)
    """
    settings = settings or SnpSettings()
    reducer = FamilyReducer(panel.believed, panel.map)
    ratios = np.empty((draws, len(coverages), 1 + strangers))
    for d in range(draws):
        genotype = drop_alleles(pedigree.father, pedigree.mother, panel.map, panel.frequency, 1, rng)[0]
        others = rng.binomial(2, panel.frequency, (len(coverages), strangers, len(panel.frequency)))
        relatives = {k: donor_likelihood(genotype[k], rng, settings) for k in pedigree.donors}
        bones = []
        for c, coverage in enumerate(coverages):
            for person in (genotype[pedigree.man], *others[c].astype(np.int8)):
                depth = np.minimum(rng.poisson(coverage, len(person)), MOST_READS)
                reads = draw_reads(person, depth, errors, panel.kind, panel.frequency, rng)
                bones.append(bone_likelihood(reads, panel, settings))
        found = log10_ratios(reducer, pedigree, relatives, np.array(bones))
        ratios[d] = found.reshape(len(coverages), 1 + strangers)
    return [Ratios(x, ratios[:, c, 0], ratios[:, c, 1:].ravel()) for c, x in enumerate(coverages)]
