"""Invented families, donors and bones with SNPs: nobody in them ever lived.

In a module of its own, so that worker processes and tests can import it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.shipped import load_genetic_map
from cenotaph.evidence.case import Case, Family
from cenotaph.evidence.line import FOREIGN
from cenotaph.evidence.snp_data import PackedPeople, SnpData
from cenotaph.genetics.snp_family import SnpMap
from cenotaph.genetics.snp_panel import PopulationFrequencies
from cenotaph.genetics.snp_reads import ReadErrors, call_likelihood, read_loglik

PEDIGREE = (
    "grandfather",
    "grandmother",
    "father",
    "mother",
    "man",
    "brother",
    "wife",
    "nephew",
    "niece",
    "aunt",
    "uncle",
    "cousin",
    "spouse",
    "child",
)
PARENTS = {
    "father": ("grandfather", "grandmother"), "aunt": ("grandfather", "grandmother"), "man": ("father", "mother"),
    "brother": ("father", "mother"), "nephew": ("brother", "wife"), "niece": ("brother", "wife"),
    "cousin": ("uncle", "aunt"), "child": ("man", "spouse"),
}  # fmt: skip
DONORS = (
    *(("nephew",),) * 4, *(("brother",),) * 2, *(("cousin",),) * 2, ("child",), ("nephew", "niece"),
    ("brother", "nephew"), ("cousin", "nephew"),
)  # fmt: skip
"""Who is typed; families take turns. Most have one donor, as in a national collection of references."""


def parent(side: int) -> NDArray[np.int64]:
    """Index of each person's father or mother, −1 for founders."""
    return np.array([PEDIGREE.index(PARENTS[p][side]) if p in PARENTS else -1 for p in PEDIGREE], dtype=np.int64)


def invented(bones: int, families: int, snps: int, seed: int = 1) -> tuple[Case, SnpData]:
    """A case of families of one shape whose donors differ, and the SNPs of donors and bones."""
    rng = np.random.default_rng(seed)
    frequency = rng.uniform(0.1, 0.5, snps)
    father, mother = parent(0), parent(1)
    people, donors, calls = PackedPeople(), [], {}
    rows = np.empty((bones, snps, 3), dtype=np.float32)
    quiet, kind = ReadErrors(0.005, 0.0, 0.0), np.zeros(snps, dtype=np.int64)
    own: list[Family] = []
    for f in range(families):
        haplotypes = (rng.random((len(PEDIGREE), snps, 2)) < frequency[:, None]).astype(np.int8)
        for i in range(len(PEDIGREE)):
            for side, who in enumerate((father[i], mother[i])):
                if who >= 0:
                    passed = rng.integers(0, 2, snps)
                    haplotypes[i, :, side] = np.where(passed, haplotypes[who, :, 1], haplotypes[who, :, 0])
        genotype = haplotypes.sum(axis=2).astype(np.int8)
        samples: list[tuple[int, ...]] = [() for _ in PEDIGREE]
        for name in DONORS[f % len(DONORS)]:
            sample = bones + len(donors)
            donors.append(name)
            calls[sample] = genotype[PEDIGREE.index(name)]
            people.add(sample, call_likelihood(calls[sample], 0.005).astype(np.float32))
            samples[PEDIGREE.index(name)] = (sample,)
        men = np.full(len(PEDIGREE), -1, dtype=np.int64)
        man = PEDIGREE.index("man")
        men[man] = f
        own.append(Family(f"F{f}", PEDIGREE, father, mother, np.zeros_like(men), men, tuple(samples)))
        if f < bones:
            depth = rng.poisson(1.0, snps)
            alt = rng.binomial(depth, genotype[man] / 2)
            loglik = read_loglik(np.stack([depth - alt, alt], axis=1).astype(np.uint8), quiet, kind, frequency)
            rows[f] = np.exp(loglik - loglik.max(axis=1, keepdims=True))
    count = bones + len(donors)
    specimen = np.concatenate([np.arange(bones), np.full(len(donors), -1)]).astype(np.int64)
    case = Case(
        tuple(f"M{f}" for f in range(families)), ("invented",), np.zeros(families, dtype=np.int64), np.ones(1),
        tuple(own), np.arange(families), np.full(families, PEDIGREE.index("man")),
        tuple(f"B{b}" for b in range(bones)), np.full(bones, -1, dtype=np.int64), (),
        tuple(f"S{s}" for s in range(count)), specimen, tuple((b,) for b in range(bones)),
    )  # fmt: skip
    length = np.array([cm[-1] for _, cm in load_genetic_map().points.values()])
    place = np.sort(rng.random(snps)) * length.sum()
    chromosome = np.searchsorted(length.cumsum(), place)
    row = np.full(case.exhibits, -1, dtype=np.int64)
    row[:bones] = np.arange(bones)
    data = SnpData(
        frequency, (PopulationFrequencies(frequency, 0.0, len(donors)),), (None,) * (1 + len(FOREIGN)),
        SnpMap(chromosome, place - np.append(0.0, length.cumsum())[chromosome]), row, rows, people, calls,
    )  # fmt: skip
    return case, data
