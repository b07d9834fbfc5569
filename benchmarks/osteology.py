"""Bones: how fast and how well the ratios tell partners from others. ``python benchmarks/osteology.py``.

Real pairs lie beside the project; what needs them is left out where they are absent.
"""

from __future__ import annotations

import csv
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from cenotaph.dossier.skeleton_tables import load_skeleton_model
from cenotaph.osteology.moments import SkeletonModel
from cenotaph.osteology.resemblance import (
    SetStatistics,
    link_table,
    loglik_sets,
    population_log_weights,
    set_statistics,
)
from cenotaph.osteology.stature import log_lr_records
from cenotaph.osteology.two_bones import fit_pair_table, pair_table
from cenotaph.scoring import cllr

PAIRS = Path(__file__).resolve().parents[2] / "shared" / "data" / "osteo" / "se_compare_paired_reference.csv"
PEER_TABLE_S = 32 * 60.0
"""OsteoSort 1.2.6, 1,000 × 1,000 humeri, extrapolated from 500 × 500."""
PEER_FIRST = {"humerus": 0.22, "femur": 0.30}
"""True partner first of 50 by the signed sum, the default of OsteoSort 2.0, on a larger reference."""
STANDARD = {"humerus": [f"Hum_0{i}" for i in range(1, 6)], "femur": [f"Fem_0{i}" for i in range(1, 8)]}
SPLITS, TESTED = 20, 50

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure and its bar.

    Args:
        at_least: the bar is a least value; otherwise a greatest one.
        peer: the same figure of another program, where there is one.
    """

    what: str
    value: float
    bar: float
    at_least: bool
    unit: str = ""
    peer: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the bar is reached."""
        return self.value >= self.bar if self.at_least else self.value <= self.bar


def speed() -> Iterator[Measured]:
    """Seconds of tables of 1,000 × 1,000 bones with 15 % of cells missing, and of likelihoods of many sets."""
    model, rng = load_skeleton_model(), np.random.default_rng(1)
    for element, codes in STANDARD.items():
        left, right = (_drawn_bones(model, codes, side, 1000, rng) for side in "LR")
        link_table(model, left.take([0]), right.take([0]))
        seconds = _seconds(lambda left=left, right=right: link_table(model, left, right))
        what = f"{element}, 1,000 × 1,000, {len(codes)} measurements, mixture of three populations"
        yield Measured(what, seconds, 1.0, False, "s", PEER_TABLE_S if element == "humerus" else None)
    n = 10_000
    whole = _drawn_bones(model, list(model.codes), "L", n, rng)
    yield Measured(
        "likelihood of 10,000 sets of 99 measurements", _seconds(lambda: loglik_sets(model, whole)), 10.0, False, "s"
    )
    some, records = whole.take(np.arange(1000)), rng.normal(174.0, 6.0, 5000)
    seconds = _seconds(lambda: log_lr_records(model, some, records, "white"))
    yield Measured("1,000 sets against 5,000 recorded statures", seconds, 5.0, False, "s")
    if PAIRS.exists():
        for element in STANDARD:
            _, left_mm, right_mm = paired_bones(element)
            table = fit_pair_table(left_mm, right_mm)
            a, b = (x[rng.integers(len(x), size=1000)] for x in (left_mm, right_mm))
            a, b = (np.where(rng.random(x.shape) < 0.15, np.nan, x) for x in (a, b))
            seconds = _seconds(lambda table=table, a=a, b=b: pair_table(table, a, b))
            yield Measured(f"{element}, 1,000 × 1,000, table of two bones", seconds, 1.0, False, "s")


def accuracy() -> Iterator[Measured]:
    """Rank of the partner, area under the curve and Cllr, on real pairs and on drawn skeletons."""
    if PAIRS.exists():
        for element, bars in (("humerus", (0.75, 0.87, 0.30)), ("femur", (0.83, 0.96, 0.20))):
            rank, assigned, average = two_bone_splits(element)
            yield Measured(
                f"{element}, table of two bones: true partner first of 50",
                rank,
                bars[0],
                True,
                peer=PEER_FIRST[element],
            )
            yield Measured(f"{element}, table of two bones: one-to-one right", assigned, bars[1], True)
            yield Measured(f"{element}, table of two bones: Cllr", average, bars[2], False)
        model = load_skeleton_model()
        for element in ("humerus", "femur", "tibia", "radius", "ulna", "fibula", "os_coxa", "scapula", "clavicle"):
            codes, left, right = paired_bones(element)
            table = link_table(model, measured(model, codes, left, "L"), measured(model, codes, right, "R"))
            bars = (0.985, 0.28) if element in STANDARD else (0.93, 0.55)
            yield Measured(f"{element}, shipped model, real pairs: AUC", area_under_curve(table), bars[0], True)
            yield Measured(f"{element}, shipped model, real pairs: Cllr", cost(table), bars[1], False)
    yield from _drawn_skeletons()


def _drawn_skeletons() -> Iterator[Measured]:
    model, rng, people, df = load_skeleton_model(), np.random.default_rng(7), 500, 9.0
    common = np.sqrt((df - 2) / rng.chisquare(df, people))
    person = rng.normal(size=(people, model.loadings.shape[1])) @ model.loadings.T
    person += model.shared * rng.normal(size=person.shape) + model.noise_sd * rng.normal(size=person.shape)
    log_mm = model.mean_of("white") - 0.5 * model.asymmetry + common[:, None] * person
    parts = []
    for codes in STANDARD.values():
        columns = [model.code_index(code) for code in codes]
        parts.append(measured(model, codes, log_mm[:, columns], "L"))
    table = link_table(model, *parts, population_log_weights(model, "white"))
    yield Measured("humerus–femur of drawn skeletons (t, 9 df): AUC", area_under_curve(table), 0.83, True, peer=0.69)
    yield Measured("humerus–femur of drawn skeletons (t, 9 df): Cllr", cost(table), 0.75, False)


def two_bone_splits(element: str) -> tuple[float, float, float]:
    _, left, right = paired_bones(element)
    found = []
    for seed in range(SPLITS):
        order = np.random.default_rng(seed).permutation(len(left))
        test, reference = order[:TESTED], order[TESTED:]
        table = pair_table(fit_pair_table(left[reference], right[reference]), left[test], right[test])
        rows, columns = linear_sum_assignment(-table)
        found.append(((table.argmax(axis=1) == np.arange(TESTED)).mean(), (rows == columns).mean(), cost(table)))
    rank, assigned, average = np.mean(found, axis=0)
    return float(rank), float(assigned), float(average)


def paired_bones(element: str) -> tuple[list[str], Floats, Floats]:
    """Codes, and log millimetres of the left and the right bones of real people."""
    pairs: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    with PAIRS.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["element"] == element:
                pairs[row["pair"]][row["side"]] = row
    first = next(iter(pairs.values()))["left"]
    codes = [c for c, value in first.items() if "_" in c and c != "source_id" and value]
    left, right = (np.log([[float(p[s][c]) for c in codes] for p in pairs.values()]) for s in ("left", "right"))
    return codes, left, right


def measured(model: SkeletonModel, codes: list[str], log_mm: Floats, side: str) -> SetStatistics:
    """One set for each row; nan where not measured."""
    rows, columns = np.nonzero(~np.isnan(log_mm))
    names = [codes[c] for c in columns]
    return set_statistics(model, rows, [side] * rows.size, names, np.exp(log_mm[rows, columns]), len(log_mm))


def cost(table: Floats) -> float:
    """Cllr of a table with the true pairs on the diagonal."""
    return cllr(np.diag(table), table[~np.eye(len(table), dtype=bool)])


def area_under_curve(table: Floats) -> float:
    """Chance that a true pair has a larger ratio than a false one."""
    same, other = np.diag(table), np.sort(table[~np.eye(len(table), dtype=bool)])
    return float(np.searchsorted(other, same).mean() / other.size)


def _drawn_bones(model: SkeletonModel, codes: list[str], side: str, n: int, rng: np.random.Generator) -> SetStatistics:
    columns = [model.code_index(code) for code in codes]
    log_mm = model.mean[0, columns] + rng.normal(size=(n, 1)) * 0.05 + rng.normal(size=(n, len(codes))) * 0.03
    return measured(model, codes, np.where(rng.random(log_mm.shape) < 0.15, np.nan, log_mm), side)


def _seconds(work) -> float:
    work()
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main() -> None:
    """Print every figure with its bar."""
    for figure in (*speed(), *accuracy()):
        sign = "≥" if figure.at_least else "≤"
        peer = "" if figure.peer is None else f"  peer {figure.peer:g}"
        mark = "" if figure.holds else "  MISSED"
        print(f"{figure.what:75} {figure.value:8.3f} {figure.unit:1} {sign} {figure.bar:g}{peer}{mark}", flush=True)


if __name__ == "__main__":
    main()
