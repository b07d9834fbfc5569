"""Dental shortlists and calibration on invented mouths.

    python verification/dental.py [--men N] [--sets S] [--seed K] [--dossier FOLDER]

The mouths are not the engine's: proneness to caries is shared by the two sides of a jaw as well as by the whole mouth,
what charts get wrong and how often is drawn otherwise, files are swapped more often. With a dossier whose truth lies
beside it (``FOLDER.truth/truth.csv``), the ranks of its true men too. Exit status 1 where the bar is missed.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cenotaph.odontology.chart import (
    ANTERIOR,
    COMPARED,
    LOST,
    SOUND,
    TEETH,
    UNKNOWN,
    States,
    combine_states,
    surface_mask,
)
from cenotaph.odontology.comparison import DEFAULT_RULES, Finding, findings
from cenotaph.odontology.likelihood import compare_charts
from cenotaph.odontology.population import fit_classes
from cenotaph.scoring import cllr

BAR, TOP, LEAST_TREATED = 0.95, 10, 10


@dataclass(frozen=True, slots=True)
class Rates:
    """Of the generator; none is the engine's.

    Args:
        charts_with_error: share of charts, of either kind, with a wrong tooth; a careless chart has two on average.
        swapped: share of files that hold another man's chart.
        stale: share of treated or lost teeth that the last chart still shows as sound.
        lost_after_death: share of teeth.
        listed: share of the mouths that are of men with a chart.
    """

    charts_with_error: float = 0.40
    swapped: float = 0.02
    stale: float = 0.10
    lost_after_death: float = 0.30
    listed: float = 0.7


BACK, BACK_SHARE = ("O", "MO", "DO", "MOD", "OF", "OL", "MODFL"), (0.42, 0.15, 0.17, 0.13, 0.05, 0.05, 0.03)
FRONT, FRONT_SHARE = ("M", "D", "L", "F", "MI", "MID", "MODFL"), (0.32, 0.25, 0.18, 0.13, 0.04, 0.04, 0.04)
TREATED_AT_21 = (0.10, 0.10, 0.05, 0.18, 0.27, 0.68, 0.52, 0.0)
LOST_OF_TREATED = (0.04, 0.04, 0.03, 0.10, 0.15, 0.35, 0.20, 0.0)


def mouths(n: int, rng: np.random.Generator) -> States:
    """True states of n mouths, shape (n, 32)."""
    place = np.array([int(t[1]) - 1 for t in TEETH])
    base = np.array(TREATED_AT_21)[place]
    whole = 1.1 * rng.normal(size=(n, 1))
    pairs = 0.9 * rng.normal(size=(n, 2, 8))[:, (np.arange(32) >= 16).astype(int), place]
    with np.errstate(divide="ignore"):
        logit = np.log(base / (1 - base)) + whole + pairs
    treated = rng.random((n, 32)) < 1 / (1 + np.exp(-logit))
    lost = treated & (rng.random((n, 32)) < np.array(LOST_OF_TREATED)[place] * np.exp(0.3 * whole))
    back = rng.choice([surface_mask(s) for s in BACK], size=(n, 32), p=BACK_SHARE)
    front = rng.choice([surface_mask(s) for s in FRONT], size=(n, 32), p=FRONT_SHARE)
    filled = np.where(ANTERIOR, front, back)
    return np.where(lost, LOST, np.where(treated, filled, SOUND)).astype(np.int8)


def mischarted(charts: States, rates: Rates, rng: np.random.Generator) -> States:
    """Charts with errors: a filling missed, a tooth charted as its neighbour, a surface too much, a loss imagined."""
    wrong = charts.copy()
    for k in np.flatnonzero(rng.random(len(charts)) < rates.charts_with_error):
        for tooth in rng.choice(COMPARED, size=1 + rng.poisson(1.0), replace=False):
            kind = rng.integers(4)
            state = int(wrong[k, tooth])
            if kind == 0:
                wrong[k, tooth] = SOUND if state != SOUND else surface_mask("O")
            elif kind == 1:
                wrong[k, tooth] = charts[k, min(tooth + 1, 31)]
            elif kind == 2 and SOUND < state < LOST:
                wrong[k, tooth] = state | 1 << int(rng.integers(5))
            else:
                wrong[k, tooth] = LOST if state != LOST else SOUND
    return wrong


@dataclass(frozen=True, slots=True)
class Trial:
    """Charts with known truth.

    Args:
        ante: shape (m, 32).
        post: shape (S, 32).
        man: shape (S,), whose mouth it is; −1 nobody with a chart.
        treated: shape (S,), restored or lost teeth of the true mouth.
    """

    ante: States
    post: States
    man: NDArray[np.int64]
    treated: NDArray[np.int64]


def trial(men: int, sets: int, rates: Rates, rng: np.random.Generator) -> Trial:
    """Draws mouths, charts them, loses teeth."""
    true = mouths(men, rng)
    before = np.where((true != SOUND) & (rng.random(true.shape) < rates.stale), np.int8(SOUND), true)
    ante = mischarted(before, rates, rng)
    swapped = rng.permutation(men)[: round(rates.swapped * men)]
    ante[swapped] = ante[np.roll(swapped, 1)]
    man = np.where(rng.random(sets) < rates.listed, rng.integers(0, men, sets), -1)
    whose = np.where((man >= 0)[:, None], true[man], mouths(sets, rng))
    post = mischarted(whose, rates, rng)
    post[(post != LOST) & (rng.random(post.shape) < rates.lost_after_death)] = UNKNOWN
    return Trial(ante, post, man, (whose[:, COMPARED] > SOUND).sum(axis=1))


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run shows.

    Args:
        top: share of true men within the first `TOP`, of mouths with at least `LEAST_TREATED` treated teeth.
        first: the same, ranked first.
        mouths: how many those are.
        cllr: cost of the likelihood ratios in bits, 0 perfect, 1 useless.
        wrong_supported: share of wrong men with a ratio over one.
        mean_ratio_of_wrong: one, where ratios are calibrated.
        true_excluded: share of true men whose comparison is an exclusion (swapped files among them).
        wrong_excluded: the same of men drawn at random.
        bands: log10 LR from, to, share of true pairs promised and found at equal prior odds, true pairs.
        seconds: of the comparison.
    """

    top: float
    first: float
    mouths: int
    cllr: float
    wrong_supported: float
    mean_ratio_of_wrong: float
    true_excluded: float
    wrong_excluded: float
    bands: list[tuple[float, float, float, float, int]]
    seconds: float


def measure(ante: States, post: States, man: NDArray[np.int64], counted: NDArray[np.bool_]) -> Measured:
    """Ranks and calibration; *counted* are the mouths whose ranks count."""
    begin = time.perf_counter()
    found = compare_charts(post, ante, fit_classes(ante))
    seconds = time.perf_counter() - begin
    log_lr = found.support() * np.log(10)
    raw = found.log10_lr
    listed = np.flatnonzero(man >= 0)
    right = log_lr[listed, man[listed]]
    rank = (raw[listed] > raw[listed, man[listed]][:, None]).sum(axis=1) + 1
    is_wrong = np.ones(log_lr.shape, dtype=bool)
    is_wrong[listed, man[listed]] = False
    wrong = log_lr[is_wrong]
    ranks = rank[counted[listed]]
    return Measured(
        top=float((ranks <= TOP).mean()) if ranks.size else np.nan,
        first=float((ranks == 1).mean()) if ranks.size else np.nan,
        mouths=int(ranks.size),
        cllr=cllr(right, wrong),
        wrong_supported=float((wrong > 0).mean()),
        mean_ratio_of_wrong=float(np.exp(wrong).mean()),
        true_excluded=_excluded(ante[man[listed]], post[listed]),
        wrong_excluded=_excluded(ante[np.random.default_rng(0).integers(0, len(ante), listed.size)], post[listed]),
        bands=_bands(right / np.log(10), wrong / np.log(10)),
        seconds=seconds,
    )


def _excluded(ante: States, post: States) -> float:
    """Share of pairs of charts whose comparison is an exclusion."""
    found = findings(ante, post)
    least = np.array([DEFAULT_RULES.exclusion_at(n) for n in range(COMPARED.size + 1)])
    compared, unexplainable = (found > 0).sum(axis=1), (found == Finding.UNEXPLAINABLE).sum(axis=1)
    return float((unexplainable >= least[compared]).mean())


def _bands(right: NDArray[np.float64], wrong: NDArray[np.float64]) -> list[tuple[float, float, float, float, int]]:
    """Share of true pairs in bands of support, at equal prior odds, beside what the ratios promise."""
    edges = (-np.inf, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, np.inf)
    rows = []
    for low, high in pairwise(edges):
        r, w = right[(right > low) & (right <= high)], wrong[(wrong > low) & (wrong <= high)]
        if not r.size + w.size:
            continue
        mass_r, mass_w = r.size / right.size, w.size / wrong.size
        promised_r = (1 / (1 + 10.0**-r)).sum() / right.size + (1 / (1 + 10.0**-w)).sum() / wrong.size
        rows.append((low, high, promised_r / (mass_r + mass_w), mass_r / (mass_r + mass_w), int(r.size)))
    return rows


def of_dossier(folder: Path) -> Measured:
    """The same on a dossier with truth beside it, the specimens of one person joined."""
    from cenotaph.dossier.dental_tables import dental_charts
    from cenotaph.dossier.read import read_dossier

    dossier = read_dossier(folder)
    ante, post = dental_charts(dossier, "missing"), dental_charts(dossier, "specimen")
    with (folder.parent / f"{folder.name}.truth" / "truth.csv").open(encoding="utf-8") as file:
        truth = {row["specimen_id"]: row for row in csv.DictReader(file)}
    group: dict[str, int] = defaultdict(lambda: len(group))
    of = np.array([group[truth[s]["individual_id"]] for s in post.ids])
    man = np.full(len(group), -1, dtype=np.int64)
    for s, g in zip(post.ids, of, strict=True):
        named = truth[s]["missing_id"]
        man[g] = ante.ids.index(named) if named in ante.ids else -1
    joined = combine_states(post.states, of, len(group)).states
    return measure(ante.states, joined, man, (joined[:, COMPARED] > SOUND).sum(axis=1) >= 3)


def main() -> int:
    """Print what is measured."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--men", type=int, default=2800)
    options.add_argument("--sets", type=int, default=2000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--dossier", type=Path)
    asked = options.parse_args()
    drawn = trial(asked.men, asked.sets, Rates(), np.random.default_rng(asked.seed))
    found = measure(drawn.ante, drawn.post, drawn.man, drawn.treated >= LEAST_TREATED)
    tell(
        f"{asked.sets} invented mouths against {asked.men} charts; ranks of mouths with {LEAST_TREATED} treated teeth",
        found,
    )
    if asked.dossier:
        tell(f"{asked.dossier.name}; ranks of mouths with 3 treated teeth seen", of_dossier(asked.dossier))
    return 0 if found.top >= BAR else 1


def tell(title: str, found: Measured) -> None:
    """Prints one measurement."""
    print(title)
    print(f"  in the first {TOP}: {found.top:.3f}, first: {found.first:.3f} of {found.mouths}; {found.seconds:.1f} s")
    wrong = f"wrong men supported {found.wrong_supported:.4f}, their mean ratio {found.mean_ratio_of_wrong:.2f}"
    print(f"  Cllr {found.cllr:.3f}, {wrong}")
    print(f"  exclusions: {found.true_excluded:.3f} of true men, {found.wrong_excluded:.3f} of others")
    print("  log10 LR       promised  true   pairs of one man")
    for low, high, promised, true, pairs in found.bands:
        print(f"  {low:5.0f} to {high:4.0f}    {promised:.3f}    {true:.3f}  {pairs}")


if __name__ == "__main__":
    sys.exit(main())
