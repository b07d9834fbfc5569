"""SNPs by descent along a genetic map, and reads of them: relatives and bones with known truth.

Founders are in Hardy–Weinberg proportions and without linkage disequilibrium. Every meiosis is a random walk between
the parent's two chromosomes that switches at crossovers without interference (Haldane), and nothing mutates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.shipped import load_genetic_map
from cenotaph.errors import InvalidInput
from cenotaph.genetics.snp_family import SnpMap
from cenotaph.genetics.snp_reads import ReadErrors, alt_probability
from cenotaph.simulation.tables import Floats, Ints

Genotypes = NDArray[np.int8]

LEAST_MINOR, MOST_MINOR = 0.2, 0.5
"""Frequency of the rarer allele of SNPs that were chosen to tell relatives; an assumption. Of the kinship SNPs of the
FORCE panel it is 0.22 to 0.50 in the 1000 Genomes (Tillmar et al. 2021, Genes 12:1968)."""


def spread_places(count: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Chromosomes and base positions, shape (count,), of SNPs that lie anywhere on the 22 autosomes, evenly in bases.

    >>> chromosome, position = spread_places(1000, np.random.default_rng(1))
    >>> int(chromosome.min()), int(chromosome.max()), bool((np.diff(chromosome) >= 0).all())
    (1, 22, True)
    """
    points = load_genetic_map().points
    numbers = sorted(points)
    length = np.array([points[c][0][-1] for c in numbers])
    place = np.sort(rng.random(count)) * length.sum()
    index = np.searchsorted(length.cumsum(), place, side="right")
    return np.array(numbers)[index], (place - np.append(0.0, length.cumsum())[index]).astype(np.int64)


def spread_snps(count: int, rng: np.random.Generator) -> SnpMap:
    """Such SNPs on the shipped genetic map.

    >>> panel = spread_snps(1000, np.random.default_rng(1))
    >>> 200 < float(panel.position_cm.max()) < 300
    True
    """
    chromosome, bases = spread_places(count, rng)
    return SnpMap(chromosome, load_genetic_map().at(chromosome, bases))


def draw_frequencies(count: int, rng: np.random.Generator, least_minor: float = LEAST_MINOR) -> Floats:
    """Frequencies of ALT, shape (count,): the rarer allele is uniform on *least_minor* to `MOST_MINOR`, either of both.

    >>> p = draw_frequencies(1000, np.random.default_rng(1))
    >>> bool((p >= 0.2).all() and (p <= 0.8).all()), bool((p > 0.5).any())
    (True, True)
    """
    minor = rng.uniform(least_minor, MOST_MINOR, count)
    return np.where(rng.random(count) < 0.5, minor, 1 - minor)


def drop_alleles(
    father: Ints, mother: Ints, map_: SnpMap, frequency: Floats, families: int, rng: np.random.Generator
) -> Genotypes:
    """ALT alleles of every member of many families of one pedigree, shape (families, members, SNPs).

    Args:
        father, mother: shape (members,), index of the parent or −1; in any order.
        map_: places of the SNPs.
        frequency: shape (SNPs,), of ALT among founders.
        families: how many are drawn.
        rng: draws.

    Raises:
        InvalidInput: somebody is his own ancestor.

    Source: Haldane (1919) J Genet 8:299.

    Cost: one uniform number for each family, meiosis and SNP.

    A child has an allele of each parent everywhere, so parent and child are never opposite homozygotes:

    >>> rng = np.random.default_rng(1)
    >>> trio = np.array([-1, -1, 0]), np.array([-1, -1, 1])
    >>> drawn = drop_alleles(*trio, spread_snps(500, rng), np.full(500, 0.5), 20, rng)
    >>> drawn.shape, int(np.abs(drawn[:, 0] - drawn[:, 2]).max())
    ((20, 3, 500), 1)
    """
    n = len(frequency)
    carried = np.empty((families, len(father), 2, n), dtype=np.bool_)
    for person in _parents_first(father, mother):
        for side, parent in enumerate((int(father[person]), int(mother[person]))):
            if parent < 0:
                carried[:, person, side] = rng.random((families, n)) < frequency
            else:
                second = draw_gametes(map_, families, rng)
                carried[:, person, side] = np.where(second, carried[:, parent, 1], carried[:, parent, 0])
    return carried.sum(axis=2, dtype=np.int8)


def draw_gametes(map_: SnpMap, count: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Whether a gamete has the second of the parent's two chromosomes at each SNP, shape (count, SNPs).

    Between SNPs at d morgans it switches with the recombination fraction ½ (1 − exp(−2d)); each chromosome starts anew.

    >>> drawn = draw_gametes(SnpMap(np.array([1, 1, 2]), np.zeros(3)), 1000, np.random.default_rng(1))
    >>> bool((drawn[:, 0] == drawn[:, 1]).all()), round(float((drawn[:, 1] == drawn[:, 2]).mean()), 1)
    (True, 0.5)
    """
    distance = np.where(np.diff(map_.chromosome) == 0, np.diff(map_.position_cm), np.inf)
    fraction = np.append(0.5, 0.5 * (1 - np.exp(-2 * distance / 100)))
    result: NDArray[np.bool_] = np.logical_xor.accumulate(rng.random((count, len(fraction))) < fraction, axis=1)
    return result


def _parents_first(father: Ints, mother: Ints) -> list[int]:
    placed: dict[int, None] = {-1: None}
    while len(placed) <= len(father):
        ready = [
            i
            for i, (f, m) in enumerate(zip(father, mother, strict=True))
            if i not in placed and int(f) in placed and int(m) in placed
        ]
        if not ready:
            raise InvalidInput("somebody is his own ancestor")
        placed.update(dict.fromkeys(ready))
    return list(placed)[1:]


def draw_reads(
    genotype: Genotypes, depth: Ints, errors: ReadErrors, kind: Ints, frequency: Floats, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Reads of REF and of ALT at every SNP, shape (…, SNPs, 2).

    Args:
        genotype: shape (…, SNPs), ALT alleles.
        depth: reads at each SNP, of that shape or one that spreads to it; at most 255.
        errors: base error, damage and contamination that the reads truly have.
        kind: shape (SNPs,), of `cenotaph.genetics.snp_reads.damage_kinds`.
        frequency: shape (SNPs,), of ALT among the people whose DNA contaminates.

    Without errors a homozygote has reads of its own allele alone:

    >>> clean, snps = ReadErrors(0.0, 0.0, 0.0), np.zeros(3, dtype=np.int64)
    >>> genotype = np.array([0, 2, 2], dtype=np.int8)
    >>> draw_reads(genotype, np.array([4, 4, 0]), clean, snps, np.full(3, 0.5), np.random.default_rng(1)).tolist()
    [[4, 0], [0, 4], [0, 0]]
    """
    table = alt_probability(errors, kind, frequency)
    p = table[np.arange(len(kind)), genotype.astype(np.int64)]
    number = np.broadcast_to(depth, genotype.shape)
    alt = rng.binomial(number, p)
    return np.stack([number - alt, alt], axis=-1).astype(np.uint8)


def draw_calls(genotype: Genotypes, error: float, rng: np.random.Generator) -> Genotypes:
    """Called genotypes of living people: with probability *error* one of the other two.

    >>> draw_calls(np.array([0, 1, 2], dtype=np.int8), 0.0, np.random.default_rng(1)).tolist()
    [0, 1, 2]
    """
    wrong = rng.random(genotype.shape) < error
    step = rng.integers(1, 3, genotype.shape)
    return np.where(wrong, (genotype + step) % 3, genotype).astype(np.int8)


def damage_shares(count: int, rng: np.random.Generator) -> Ints:
    """How damage strikes invented SNPs: one third each has C→T or G→A towards ALT, towards REF, and neither.

    Two thirds of the SNPs of the genome are transitions, and damage makes a transition one way.

    >>> np.bincount(damage_shares(3000, np.random.default_rng(1)), minlength=3).round(-3).tolist()
    [1000, 1000, 1000]
    """
    return rng.integers(0, 3, count)
