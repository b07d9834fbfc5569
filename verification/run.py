"""Names and calibration on handovers with known truth: ``make verify``.

    python verification/run.py [PRESET[+SCENARIO]:HANDOVERS ...] [--seed FIRST] [--ways WAY ...] [--without LINE]
                               [--dossier FOLDER] [--keep FOLDER] [--out FOLDER]

Handovers are simulated, or are dossiers with their truth beside them (``FOLDER.truth/truth.csv``). Each is answered in
every way asked for, one after the other. With ``--without`` each is answered once more without that line of evidence;
``--without each`` leaves out every line in turn. Exit status 1 when a wrong name was given with all lines, or when of
its answers with a probability of at least 0.999 fewer than 99.5 % are right.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from answers import (
    ALL_LINES,
    DNA_ALONE,
    PROGRAM,
    SEARCH,
    TRUE_GROUPING,
    WITHOUT,
    Answer,
    Cost,
    answer,
    lines_of,
    run_program,
)
from cenotaph.evidence.registry import LINES
from cenotaph.simulation.plan import SCENARIOS, preset
from figures import Figure, mean_of, share_of
from score import BIN_EDGES, TOP, Score

if TYPE_CHECKING:
    from rich.table import Table

EACH = "each"
WAYS = {"all": ALL_LINES, "true": TRUE_GROUPING, "dna": DNA_ALONE, "pairwise": SEARCH}
QUICK = ("site:1", "small:4", *(f"small+{scenario}:1" for scenario in SCENARIOS))
"""What is run when nothing is asked for."""
RIGHT_WHERE_SURE = 0.995
HANDOVER = (
    *(
        "handover",
        "way",
        "on roster",
        "right",
        "WRONG",
        "stranger named",
        "unlisted right",
        "B³ precision",
        "B³ recall",
    ),
    *("log loss", "≥ 0.999 right", "bones named right", "in top " + "/".join(map(str, TOP)), "s", "CPU s", "MB"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Handovers of one kind: a preset, a scenario or none, and how many."""

    preset: str
    scenario: str | None
    handovers: int

    @property
    def name(self) -> str:
        """As on the command line, without the number.

        >>> Asked("small", "labels", 2).name
        'small+labels'
        """
        return self.preset if self.scenario is None else f"{self.preset}+{self.scenario}"


def asked_of(text: str) -> Asked:
    """What ``PRESET[+SCENARIO][:HANDOVERS]`` asks for.

    >>> asked_of("small+labels:3")
    Asked(preset='small', scenario='labels', handovers=3)
    """
    kind, _, number = text.partition(":")
    name, _, scenario = kind.partition("+")
    preset(name, scenario=scenario or None)
    return Asked(name, scenario or None, int(number or 1))


def simulate(dossier: Path, kind: Asked, seed: int) -> None:
    """Make a dossier where it is not there yet."""
    if not dossier.exists():
        worse = ["--scenario", kind.scenario] if kind.scenario else []
        run_program(PROGRAM, "simulate", "handover", dossier, "--preset", kind.preset, *worse, "--seed", seed)


@contextmanager
def simulated(name: str, seed: int) -> Iterator[Path]:
    """A simulated dossier of a preset, there as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        dossier = Path(folder) / f"seed {seed}"
        simulate(dossier, Asked(name, None, 1), seed)
        yield dossier


Found = dict[tuple[str, str], list[Answer]]
"""Kind of handover and way → answers, one for each handover."""


def row_of(dossier: str, way: str, found: Answer) -> tuple[str, ...]:
    """The cells of `HANDOVER`."""
    s = found.score
    return (
        dossier,
        way,
        str(s.victims),
        str(s.right_names),
        str(s.wrong_names),
        str(s.false_names),
        f"{s.unlisted_right} of {s.unlisted}",
        f"{s.precision:.3f}",
        f"{s.recall:.3f}",
        f"{s.logloss:.3f}",
        f"{s.sure_right} of {s.sure}",
        f"{s.named_bones_right} of {s.named_bones}",
        " ".join(f"{x:.2f}" for x in s.in_top),
        f"{found.cost.seconds:.1f}",
        f"{found.cost.cpu_seconds:.1f}",
        f"{found.cost.peak_mb:.0f}",
    )


def summary_of(found: Sequence[Answer], best: Sequence[Answer]) -> dict[str, Figure | str]:
    """Figures over handovers: means with Student's interval, pooled shares with Wilson's.

    Args:
        found: answers in one way.
        best: to the same handovers, the true grouping handed over; empty where that was not asked for.
    """
    scores = [a.score for a in found]

    def total(what: str) -> int:
        return sum(getattr(s, what) for s in scores)

    return {
        "names right": share_of(total("right_names"), total("victims")),
        "WRONG of the names": share_of(total("wrong_names"), total("wrong_names") + total("right_names")),
        "strangers named": share_of(total("false_names"), total("strangers")),
        "said unlisted, right": share_of(total("unlisted_right"), total("unlisted")),
        "≥ 0.999 right": share_of(total("sure_right"), total("sure")),
        "bones named right": share_of(total("named_bones_right"), total("named_bones")),
        "of the names with true grouping": _of_best(found, best),
        "B³ precision": mean_of([s.precision for s in scores]),
        "B³ recall": mean_of([s.recall for s in scores]),
        "log loss": mean_of([s.logloss for s in scores]),
        "calibration error": mean_of([s.calibration_error for s in scores]),
        **{f"in top {k}": mean_of([s.in_top[i] for s in scores]) for i, k in enumerate(TOP)},
        "seconds": mean_of([a.cost.seconds for a in found]),
        "CPU seconds": mean_of([a.cost.cpu_seconds for a in found]),
        "MB": mean_of([a.cost.peak_mb for a in found]),
    }


def _of_best(found: Sequence[Answer], best: Sequence[Answer]) -> Figure:
    """Right names over those that the true grouping gives, handover by handover."""
    pairs = zip(found, best, strict=True) if best else ()
    return mean_of([a.score.right_names / b.score.right_names for a, b in pairs if b.score.right_names])


DIGITS = {
    "log loss": 3,
    "calibration error": 3,
    "seconds": 1,
    "CPU seconds": 1,
    "MB": 0,
    "≥ 0.999 right": 4,
    "bones named right": 4,
}


def summary_table(kind: str, found: Found) -> Table:
    """One table for a kind of handover: figures by way."""
    from rich.table import Table

    ways = [way for k, way in found if k == kind]
    number = len(found[kind, ways[0]])
    table = Table(title=f"{kind}: {number} handover{'s' if number > 1 else ''}, with 95 % intervals")
    table.title_justify = "left"
    for column in ("", *ways):
        table.add_column(column, justify="left" if not column else "right")
    figures = [summary_of(found[kind, way], found.get((kind, TRUE_GROUPING), [])) for way in ways]
    for name in figures[0]:
        table.add_row(name, *(_text(f[name], DIGITS.get(name, 2)) for f in figures))
    return table


def together(found: Found) -> Found:
    """All kinds as one, in the ways that every kind was answered in."""
    kinds = {kind for kind, _ in found}
    ways = [way for way in dict.fromkeys(w for _, w in found) if all((kind, way) in found for kind in kinds)]
    return {("together", way): [a for (_, w), answers in found.items() if w == way for a in answers] for way in ways}


def _text(value: Figure | str, digits: int) -> str:
    return value if isinstance(value, str) else value.text(digits)


def calibration_lines(found: Sequence[Answer]) -> list[str]:
    """What was stated and what was true, over all handovers: a line for each bin."""
    lines = ["   stated            bones   mean stated   right (95 %)"]
    for (low, high), (count, stated, right) in zip(_edges(), _pooled(found), strict=True):
        if count:
            lines.append(
                f"   {low:5.3f} to {high:5.3f} {count:8d}   {stated / count:11.4f}   {share_of(right, count).text(4)}"
            )
    return lines


def _edges() -> list[tuple[float, float]]:
    return list(zip((0.0, *BIN_EDGES), (*BIN_EDGES, 1.0), strict=True))


def _pooled(found: Sequence[Answer]) -> list[tuple[int, float, int]]:
    """Each bin over all answers."""
    return [
        (sum(n), sum(p), sum(r))
        for n, p, r in (zip(*of, strict=True) for of in zip(*(a.score.bins for a in found), strict=True))
    ]


def draw_calibration(path: Path, ways: dict[str, list[Answer]]) -> None:
    """Stated against true, odds on both axes; bars are 95 % intervals."""
    import matplotlib

    matplotlib.use("svg")
    import numpy as np
    from matplotlib import pyplot

    def log_odds(p: float) -> float:
        kept = min(max(p, 1e-4), 1 - 1e-4)
        return float(np.log10(kept / (1 - kept)))

    ticks = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
    figure, axes = pyplot.subplots(figsize=(6, 5.4))
    axes.plot([-4, 4], [-4, 4], color="#DEDAD2", zorder=0)
    for k, (way, found) in enumerate(ways.items()):
        bins = [(n, p / n, share_of(r, n)) for n, p, r in _pooled(found) if n >= 10]
        x = [log_odds(p) + 0.03 * k for _, p, _ in bins]
        y = [log_odds(share.value) for *_, share in bins]
        down = [log_odds(s.value) - log_odds(s.low) for *_, s in bins]
        up = [log_odds(s.high) - log_odds(s.value) for *_, s in bins]
        axes.errorbar(x, y, yerr=[down, up], fmt="osD^"[k % 4], markersize=4, linewidth=1, label=way,
                      color=("#1F5C6B", "#9B2C2C", "#7A6A2F", "#5B4B8A")[k % 4])  # fmt: skip
    axes.set(
        title="Of the bones given an answer with this probability, how many were right",
        xlabel="probability stated",
        ylabel="share right, 95 % interval",
        xticks=[log_odds(t) for t in ticks],
        yticks=[log_odds(t) for t in ticks],
        xticklabels=ticks,
        yticklabels=ticks,
        xlim=(-3.3, 4.2),
        ylim=(-4.1, 4.1),
    )
    axes.legend(frameon=False, loc="upper left")
    figure.savefig(path, bbox_inches="tight")
    pyplot.close(figure)


def write_rows(path: Path, rows: Sequence[tuple[str, str, int | str, Answer]]) -> None:
    """Every handover and way as a row of a CSV table."""
    plain = [f.name for f in fields(Score) if f.name not in ("bins", "in_top")]
    costs = [f.name for f in fields(Cost)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["kind", "way", "seed", *plain, *(f"in_top_{k}" for k in TOP), *costs])
        for kind, way, seed, found in rows:
            of_score, of_cost = ([getattr(found.score, n) for n in plain], [getattr(found.cost, n) for n in costs])
            writer.writerow([kind, way, seed, *of_score, *found.score.in_top, *of_cost])


def main() -> int:
    """Print a table, one row for each handover and way, then the figures over handovers, then calibration."""
    from rich.console import Console
    from rich.table import Table

    asked = _options().parse_args()
    console, progress = Console(width=None if sys.stdout.isatty() else 200), Console(stderr=True)
    table = Table(title="Handovers with known truth", title_justify="left")
    for column in HANDOVER:
        table.add_column(column, justify="left" if column in HANDOVER[:2] else "right")
    found: Found = defaultdict(list)
    rows: list[tuple[str, str, int | str, Answer]] = []

    def judge(kind: str, seed: int | str, dossier: Path, results: Path) -> None:
        left_out = lines_of(dossier) if EACH in asked.without else asked.without
        for way in (*(WAYS[w] for w in asked.ways), *(f"{WITHOUT}{line}" for line in left_out)):
            one = answer(dossier, way, results / f"{dossier.name}.{way.replace(' ', '-')}")
            found[kind, way].append(one)
            rows.append((kind, way, seed, one))
            table.add_row(*row_of(f"{kind} {seed}", way, one))
            s = one.score
            progress.print(
                f"{kind} {seed}, {way}: {s.right_names} right and {s.wrong_names} wrong names of {s.victims},"
                f" {one.cost.seconds:.0f} s"
            )

    with _workplace(asked.keep) as folder:
        for dossier in asked.dossier:
            judge(dossier.name, "", dossier, folder)
        for kind in map(asked_of, asked.kinds or (() if asked.dossier else QUICK)):
            for seed in range(asked.seed, asked.seed + kind.handovers):
                dossier = folder / f"{kind.name}-{seed}"
                simulate(dossier, kind, seed)
                judge(kind.name, seed, dossier, folder)
    console.print(table)
    for kind_name in (kind_names := list(dict.fromkeys(k for k, _ in found))):
        console.print(summary_table(kind_name, found))
    if len(kind_names) > 1:
        console.print(summary_table("together", together(found)))
    ways = {
        way: [a for (_, w), answers in found.items() if w == way for a in answers]
        for way in dict.fromkeys(w for _, w in found)
    }
    for way, answers in ways.items():
        console.print(f"\nCalibration by bone, {way}", *calibration_lines(answers), sep="\n", highlight=False)
    if asked.out is not None:
        asked.out.mkdir(parents=True, exist_ok=True)
        draw_calibration(asked.out / "calibration.svg", ways)
        write_rows(asked.out / "handovers.csv", rows)
    return 0 if _is_sound(ways.get(ALL_LINES, [])) else 1


def _is_sound(found: Sequence[Answer]) -> bool:
    sure, right = (sum(getattr(a.score, what) for a in found) for what in ("sure", "sure_right"))
    return not any(a.score.wrong_names for a in found) and (sure == 0 or right / sure >= RIGHT_WHERE_SURE)


@contextmanager
def _workplace(keep: Path | None) -> Iterator[Path]:
    """Where dossiers and results stand: a folder that stays, so that a run that was cut short goes on, or none."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("kinds", nargs="*", metavar="PRESET[+SCENARIO]:HANDOVERS", help=f"default: {' '.join(QUICK)}")
    options.add_argument("--seed", type=int, default=1, help="of the first handover of each kind")
    options.add_argument("--ways", nargs="+", default=list(WAYS), choices=list(WAYS), help="default: all of them")
    options.add_argument(
        "--dossier", type=Path, action="append", default=[], help="with its truth beside it, instead of simulating"
    )
    options.add_argument(
        "--without",
        action="append",
        default=[],
        choices=[EACH, *LINES, "provenance"],
        metavar="LINE",
        help=f"answer once more without it; {EACH}: without every line in turn",
    )
    options.add_argument("--keep", type=Path, help="folder for dossiers and results; what is there is not made again")
    options.add_argument("--out", type=Path, help="folder for the calibration plot and a table of every handover")
    return options


if __name__ == "__main__":
    sys.exit(main())
