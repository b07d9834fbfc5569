"""Distant relatives and damaged bone by SNPs, on invented families with known truth: ``make verify``.

    python verification/snp.py [--pairs N] [--seed S] [--donors N] [--least-minor P] [--poisson]

Pairs of a living relative and a bone are drawn through pedigrees along the genetic map; the relative is called, the
bone has exactly one read of each SNP, with base error, damage and contamination that the program must estimate.
Frequencies are estimated from donors of the same population. What the program says is then compared with bars: how
often a true relative has a large likelihood ratio, how often a stranger has one over 1, what linkage is worth (Cllr
with linkage modelled and ignored, against strangers and against another relative), and whether strangers have a mean
likelihood ratio of at most 1. Linkage is tried on so few SNPs that ratios can be wrong. Beside a bar stands what the
same SNPs tell with ten reads and known frequencies: the limit of the information. With ``--poisson`` the bone has one
read on average, so that a third of the SNPs have none. Exit status 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cenotaph.evidence.snp_data import SnpSettings
from cenotaph.genetics.snp_family import FamilyReducer, Singles
from cenotaph.scoring import cllr
from cenotaph.simulation.snp_power import (
    BONE_ERRORS,
    Panel,
    Pedigree,
    bone_likelihood,
    donor_likelihood,
    log10_ratios,
)
from cenotaph.simulation.snps import LEAST_MINOR, MOST_MINOR, draw_reads, drop_alleles
from cenotaph.units import LN10
from figures import Figure, share_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PARENTS = {
    "man": ("grandfather", "grandmother"),
    "brother": ("grandfather", "grandmother"),
    "nephew": ("brother", "his wife"),
    "aunt": ("great-grandfather", "great-grandmother"),
    "grandfather": ("great-grandfather", "great-grandmother"),
    "cousin": ("her husband", "aunt"),
    "cousin's child": ("cousin", "her partner"),
}
"""One family that holds all the relatives asked about, by child: father and mother."""
NAMES = tuple(dict.fromkeys(n for child, parents in PARENTS.items() for n in (*parents, child)))
SETTINGS = SnpSettings()
STRANGERS = 6
"""Of each family."""
MOST_STRANGERS = 0.02
RESAMPLED = 400


def pedigree(donor: str, man: str = "man") -> Pedigree:
    """The family with one donor and one missing."""
    parents = np.full((2, len(NAMES)), -1, dtype=np.int64)
    for child, (father, mother) in PARENTS.items():
        parents[:, NAMES.index(child)] = NAMES.index(father), NAMES.index(mother)
    return Pedigree(parents[0], parents[1], (NAMES.index(donor),), NAMES.index(man))


@dataclass(frozen=True, slots=True)
class Design:
    """How pairs are drawn.

    Args:
        pairs: of a relative and a bone, of each kind.
        donors: people whom frequencies are estimated from.
        least_minor: least frequency of the rarer allele.
        poisson: reads at a SNP are not as many as asked for, but as many on average.
    """

    pairs: int = 100
    donors: int = 200
    least_minor: float = LEAST_MINOR
    poisson: bool = False

    def known(self, snps: int, rng: np.random.Generator) -> Panel:
        """SNPs whose frequencies are known."""
        return Panel.invented(snps, rng, self.least_minor)

    def panel(self, snps: int, rng: np.random.Generator) -> Panel:
        """SNPs whose frequencies are estimated."""
        return self.known(snps, rng).estimated(self.donors, rng, SETTINGS)

    def depth(self, snps: int, reads: int, rng: np.random.Generator) -> Ints:
        """Reads of each SNP."""
        return rng.poisson(reads, snps) if self.poisson else np.full(snps, reads)


Judge = Callable[[dict[int, Singles], Singles], Floats]
"""Of a family's donors and bones: a log10 likelihood ratio for each bone."""


def against_strangers(family: Pedigree, panel: Panel) -> Judge:
    """The missing man against a random member of the population."""
    reducer = FamilyReducer(panel.believed, panel.map)
    return lambda relatives, bones: log10_ratios(reducer, family, relatives, bones)


def against_another(family: Pedigree, other: str, panel: Panel) -> Judge:
    """The missing man against another member of his family."""
    reducer, rival = FamilyReducer(panel.believed, panel.map), replace(family, man=NAMES.index(other))
    return lambda relatives, bones: (
        log10_ratios(reducer, family, relatives, bones) - log10_ratios(reducer, rival, relatives, bones)
    )


@dataclass(frozen=True, slots=True)
class Trial:
    """log10 likelihood ratios by judge: shape (judges, pairs) of bones of the man and of the other member asked about,
    shape (judges, strangers) of bones of strangers."""

    he: Floats
    other: Floats
    stranger: Floats


def trial(
    family: Pedigree,
    panel: Panel,
    judges: Sequence[Judge],
    design: Design,
    rng: np.random.Generator,
    *,
    reads: int = 1,
    other: str = "brother",
) -> Trial:
    """Bones of the missing man, of another member of his family and of strangers, judged in every way asked for."""
    n = len(panel.frequency)
    found = np.empty((len(judges), design.pairs, 2 + STRANGERS))
    for k in range(design.pairs):
        genotype = drop_alleles(family.father, family.mother, panel.map, panel.frequency, 1, rng)[0]
        unrelated = rng.binomial(2, panel.frequency, (STRANGERS, n)).astype(np.int8)
        relatives = {d: donor_likelihood(genotype[d], rng, SETTINGS) for d in family.donors}
        people = (genotype[family.man], genotype[NAMES.index(other)], *unrelated)
        drawn = [
            draw_reads(g, design.depth(n, reads, rng), BONE_ERRORS, panel.kind, panel.frequency, rng) for g in people
        ]
        bones = np.array([bone_likelihood(r, panel, SETTINGS) for r in drawn])
        for j, judge in enumerate(judges):
            found[j, k] = judge(relatives, bones)
    return Trial(found[:, :, 0], found[:, :, 1], found[:, :, 2:].reshape(len(judges), -1))


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure, its 95 % interval, and the bar that it must reach.

    Args:
        what: in words.
        figure: value and interval.
        bar: the bar as printed.
        reached: whether it is.
        limit: the same with ten reads and known frequencies; empty where nothing is to be said.
        note: what else the reader must know.
    """

    what: str
    figure: Figure
    bar: str
    reached: bool
    limit: str = ""
    note: str = ""


def at_least(what: str, ratios: Floats, over: float, bar: float, limit: Floats | None = None) -> Bar:
    """Share of ratios over a threshold, which must be the bar at least."""
    figure = share_of(int((ratios > over).sum()), ratios.size)
    low, middle = np.quantile(ratios, (0.05, 0.5))
    of_limit = "" if limit is None else share_of(int((limit > over).sum()), limit.size).text(2)
    note = f"log10 LR {middle:.1f} at the middle, {low:.1f} at 5 %"
    return Bar(f"{what}, log10 LR over {over:g}", figure, f"≥ {bar:.2f}", figure.value >= bar, of_limit, note)


def at_most(what: str, ratios: Floats, over: float, bar: float) -> Bar:
    """Share of strangers' ratios over a threshold, which must be the bar at most."""
    figure = share_of(int((ratios > over).sum()), ratios.size)
    note = f"greatest {ratios.max():.1f}"
    return Bar(f"{what}, log10 LR over {over:g}", figure, f"≤ {bar:.2f}", figure.value <= bar, "", note)


def distant(snps: int, donor: str, over: float, bar: float, design: Design, rng: np.random.Generator) -> list[Bar]:
    """True relatives over a threshold, and strangers over 1."""
    family, panel, known = pedigree(donor), design.panel(snps, rng), design.known(snps, rng)
    found = trial(family, panel, [against_strangers(family, panel)], design, rng)
    fewer = replace(design, pairs=max(design.pairs // 4, 1))
    best = trial(family, known, [against_strangers(family, known)], fewer, rng, reads=10)
    name = f"{snps:,} SNPs, his {donor}"
    return [
        at_least(name, found.he[0], over, bar, best.he[0]),
        at_most(f"{name}, strangers", found.stranger[0], 0.0, MOST_STRANGERS),
    ]


def linkage(
    snps: int, donor: str, other: str, design: Design, rng: np.random.Generator, most: float | None = None
) -> list[Bar]:
    """Cllr of the man and his donor with linkage modelled and ignored, against strangers and against another relative
    of the donor; *most* is the bar on Cllr itself, None where there is none."""
    family = pedigree(donor)
    panel = design.panel(snps, rng)
    apart = panel.unlinked()
    judges = (
        against_strangers(family, panel),
        against_strangers(family, apart),
        against_another(family, other, panel),
        against_another(family, other, apart),
    )
    found = trial(family, panel, judges, design, rng, other=other)
    bars = []
    for name, k, false in (("a stranger", 0, found.stranger), (f"his {other}", 2, found.other)):
        modelled, ignored = (cost_of(found.he[j], false[j], rng) for j in (k, k + 1))
        low_enough = most is None or modelled.value < most
        bars.append(
            Bar(
                f"{snps:,} SNPs, his {donor}, Cllr against {name}",
                modelled,
                ("" if most is None else f"< {most:g}, ") + "below linkage ignored",
                low_enough and modelled.value < ignored.value,
                "",
                f"linkage ignored: {ignored.text(4)}",
            )
        )
    return bars


def cost_of(he: Floats, false: Floats, rng: np.random.Generator) -> Figure:
    """Cllr of log10 ratios, with a bootstrap interval over families."""
    of_family = false.reshape(len(he), -1)
    drawn = rng.integers(0, len(he), (RESAMPLED, len(he)))
    spread = [cllr(he[rows] * LN10, of_family[rows].ravel() * LN10) for rows in drawn]
    return Figure(cllr(he * LN10, false * LN10), *(float(x) for x in np.quantile(spread, (0.025, 0.975))))


def calibration(snps: int, design: Design, rng: np.random.Generator) -> Bar:
    """Mean likelihood ratio of strangers: at most 1 where model and frequencies hold."""
    family = pedigree("nephew")
    panel = design.panel(snps, rng)
    lr = 10.0 ** trial(family, panel, [against_strangers(family, panel)], design, rng).stranger[0]
    error = float(lr.std() / np.sqrt(lr.size))
    mean = float(lr.mean())
    figure = Figure(mean, mean - 1.96 * error, mean + 1.96 * error)
    return Bar(f"{snps:,} SNPs, his nephew, strangers' mean LR", figure, "≤ 1 + 3 se", mean <= 1 + 3 * error)


def bars(design: Design, rng: np.random.Generator) -> Iterator[Bar]:
    """Everything that is asked of the line."""

    def times(more: int) -> Design:
        return replace(design, pairs=more * design.pairs)

    yield from distant(10_000, "nephew", 6.0, 0.99, design, rng)
    yield from distant(10_000, "cousin", 6.0, 0.85, design, rng)
    yield from distant(42_000, "cousin's child", 4.0, 0.85, design, rng)
    yield from linkage(2_000, "nephew", "cousin", times(8), rng, 0.1)
    yield from linkage(4_000, "cousin", "nephew", times(4), rng)
    yield calibration(100, times(8), rng)


def main() -> int:
    """Print what is measured, as it comes."""
    options, usual = argparse.ArgumentParser(description=__doc__.splitlines()[0]), Design()
    options.add_argument("--pairs", type=int, default=usual.pairs, help="of a relative and a bone, of each kind")
    options.add_argument("--donors", type=int, default=usual.donors, help="whom frequencies are estimated from")
    options.add_argument(
        "--least-minor", type=float, default=usual.least_minor, help="least frequency of the rarer allele"
    )
    options.add_argument("--poisson", action="store_true", help="one read a SNP on average")
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    design = Design(asked.pairs, asked.donors, asked.least_minor, asked.poisson)
    reads = "one read on average" if design.poisson else "one read"
    print(f"SNPs with {reads}; the rarer allele is uniform on {design.least_minor:g} to {MOST_MINOR}; 95 % intervals")
    reached = True
    for bar in bars(design, np.random.default_rng(asked.seed)):
        reached = reached and bar.reached
        print(f"  {'reached' if bar.reached else 'MISSED '}  {bar.what}: {bar.figure.text(4)} (bar {bar.bar})")
        limit = f"; with ten reads and known frequencies {bar.limit}" if bar.limit else ""
        if bar.note or limit:
            print(f"           {bar.note}{limit}", flush=True)
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
