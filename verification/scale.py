"""What identifying costs against the size of a handover: seconds, by stage, and peak memory.

    python verification/scale.py [--sizes small half k55 k208] [--seed S] [--keep FOLDER] [--out FOLDER]

One handover of each size is simulated and identified, one after the other, each in a process of its own. Exit status 1
where a size is beyond its bar.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from answers import ALL_LINES, PROGRAM, Cost, answer, run_program
from score import read


@dataclass(frozen=True, slots=True)
class Size:
    """A size, and what it may cost.

    Args:
        preset: of `cenotaph simulate handover`.
        changes: options that change its size.
        seconds, peak_mb: the bar on two cores; infinite where there is none.
    """

    preset: str
    changes: tuple[str, ...] = ()
    seconds: float = math.inf
    peak_mb: float = math.inf


SIZES = {
    "small": Size("small"),
    "half": Size("k55", ("--individuals", "125", "--boxes", "28", "--missing", "1400")),
    "k55": Size("k55", seconds=60, peak_mb=2_000),
    "k208": Size("k208", seconds=600, peak_mb=6_000),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One size: what was in it, and what it took."""

    name: str
    specimens: int
    missing: int
    cost: Cost
    stages: dict[str, float]


def measure(name: str, seed: int, folder: Path) -> Measured:
    """Simulate one size and identify it."""
    size = SIZES[name]
    dossier = folder / f"{name}-{seed}"
    result = folder / f"{name}-{seed}.result"
    if not dossier.exists():
        run_program(PROGRAM, "simulate", "handover", dossier, "--preset", size.preset, *size.changes, "--seed", seed)
    cost = answer(dossier, ALL_LINES, result).cost
    stages = json.loads((result / "run.json").read_text(encoding="utf-8"))["timings_s"]
    return Measured(name, len(read(dossier / "specimens.csv")), len(read(dossier / "missing.csv")), cost, stages)


def exponents(found: list[Measured]) -> list[float]:
    """Slope of log CPU seconds on log (specimens × missing) from each size to the next."""
    return [
        math.log(b.cost.cpu_seconds / a.cost.cpu_seconds)
        / math.log(b.specimens * b.missing / (a.specimens * a.missing))
        for a, b in pairwise(found)
    ]


def within_bar(found: Measured) -> bool:
    """Whether a size costs no more than it may."""
    size = SIZES[found.name]
    return found.cost.seconds <= size.seconds and found.cost.peak_mb <= size.peak_mb


def report(found: list[Measured]) -> None:
    """A row for each size: cost, then its stages."""
    stages = list(dict.fromkeys(stage for one in found for stage in one.stages))
    head = ["size", "specimens", "missing", "s", "CPU s", "MB", *stages, "slope"]
    slopes = ["", *(f"{e:.2f}" for e in exponents(found))]
    rows = [
        [
            *(one.name, f"{one.specimens:,}", f"{one.missing:,}"),
            *(f"{value:,.0f}" for value in (one.cost.seconds, one.cost.cpu_seconds, one.cost.peak_mb)),
            *(f"{one.stages.get(stage, 0):.1f}" for stage in stages),
            slope,
        ]
        for one, slope in zip(found, slopes, strict=True)
    ]
    widths = [max(len(row[k]) for row in (head, *rows)) for k in range(len(head))]
    for row in (head, *rows):
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))


def draw(path: Path, found: list[Measured]) -> None:
    """Seconds and memory against specimens × missing, with the bars."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    pairs = [one.specimens * one.missing for one in found]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    for axes, values, bar, what in (
        (left, [one.cost.seconds for one in found], lambda s: s.seconds, "seconds"),
        (right, [one.cost.peak_mb for one in found], lambda s: s.peak_mb, "peak memory, MB"),
    ):
        axes.loglog(pairs, values, "o-", color="#1F5C6B", label="measured")
        bars = [(x, bar(SIZES[one.name])) for x, one in zip(pairs, found, strict=True)]
        kept = [(x, y) for x, y in bars if math.isfinite(y)]
        if kept:
            axes.plot(*zip(*kept, strict=True), "_", markersize=24, color="#9B2C2C", label="bar")
        for x, y, one in zip(pairs, values, found, strict=True):
            axes.annotate(one.name, (x, y), textcoords="offset points", xytext=(-6, 6), ha="right")
        axes.margins(0.15)
        axes.set(xlabel="specimens × missing persons", ylabel=what)
    for stage in dict.fromkeys(s for one in found for s in one.stages):
        times = [max(one.stages.get(stage, 0), 0.01) for one in found]
        left.loglog(pairs, times, linewidth=1, linestyle=":", label=stage)
    figure.legend(*left.get_legend_handles_labels(), loc="outside right center", frameon=False, fontsize=8)
    figure.savefig(path, bbox_inches="tight")
    pyplot.close(figure)


def write_rows(path: Path, found: list[Measured]) -> None:
    """Every size as a row of a CSV table."""
    stages = list(dict.fromkeys(stage for one in found for stage in one.stages))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["size", "specimens", "missing", "seconds", "cpu_seconds", "peak_mb", *stages])
        writer.writerows(
            [o.name, o.specimens, o.missing, o.cost.seconds, o.cost.cpu_seconds, o.cost.peak_mb]
            + [o.stages.get(stage, 0) for stage in stages]
            for o in found
        )


def main() -> int:
    """Measure, print, draw."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--sizes", nargs="+", choices=list(SIZES), default=list(SIZES))
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep", type=Path, help="folder for dossiers and results; what is there is not made again")
    options.add_argument("--out", type=Path, help="folder for the plot and a table")
    asked = options.parse_args()
    with nullcontext(asked.keep) if asked.keep else tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        found = [measure(size, asked.seed, folder) for size in asked.sizes]
    report(found)
    if asked.out is not None:
        asked.out.mkdir(parents=True, exist_ok=True)
        draw(asked.out / "scale.svg", found)
        write_rows(asked.out / "scale.csv", found)
    return 0 if all(map(within_bar, found)) else 1


if __name__ == "__main__":
    sys.exit(main())
