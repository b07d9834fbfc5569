"""Names and calibration on handovers with known truth: ``make verify``.

    python verification/run.py [--handovers K] [--preset small] [--seed FIRST] [--dossier FOLDER] [--without LINE]

Handovers are simulated, or are dossiers with their truth beside them (``FOLDER.truth/truth.csv``). With ``--without``
each is answered once more without that line of evidence; ``--without each`` leaves out every line in turn. Both options
may be repeated. Exit status 1 when a wrong name was given with all lines.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cenotaph.evidence.registry import LINES
from cenotaph.simulation.handover import truth_folder
from score import TOP, Score, score

PROGRAM = Path(sys.executable).with_name("cenotaph")
EACH, ALL_LINES = "each", ""
COLUMNS = ("handover", "without", "on roster", "right", "WRONG", "unlisted right", "B³ precision", "B³ recall",
           "calibration error", "log loss", "≥ 0.999 right", "in top " + "/".join(map(str, TOP)), "s")  # fmt: skip


@contextmanager
def simulated(preset: str, seed: int) -> Iterator[Path]:
    """A simulated dossier, there as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        dossier = Path(folder) / f"seed {seed}"
        _run("simulate", "handover", dossier, "--preset", preset, "--seed", seed)
        yield dossier


def lines_of(dossier: Path) -> list[str]:
    """The lines that a dossier has tables for."""
    return [name for name, (table, _) in LINES.items() if (dossier / f"{table}.csv").exists()] + ["provenance"]


def answer(dossier: Path, without: str) -> tuple[Score, float]:
    """Identify and score one dossier; the score, and the seconds that identifying took."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result"
        begin = time.perf_counter()
        _run("identify", dossier, "--out", result, "--quiet", *(["--without", without] if without else []))
        return score(truth_folder(dossier), result), time.perf_counter() - begin


def _run(*arguments: object) -> None:
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"cenotaph {' '.join(map(str, arguments))}\n{done.stderr}")


def row_of(dossier: Path, without: str, found: Score, seconds: float) -> tuple[str, ...]:
    """The cells of `COLUMNS`."""
    return (
        dossier.name,
        without or "–",
        str(found.victims),
        str(found.right_names),
        str(found.wrong_names),
        f"{found.unlisted_right} of {found.unlisted}",
        f"{found.precision:.3f}",
        f"{found.recall:.3f}",
        f"{found.calibration_error:.4f}",
        f"{found.logloss:.3f}",
        f"{found.sure_right} of {found.sure}",
        " ".join(f"{x:.2f}" for x in found.in_top),
        f"{seconds:.1f}",
    )


def main() -> int:
    """Print a table, one row for each handover and line left out, and the sums."""
    from rich.console import Console
    from rich.table import Table

    asked = _options().parse_args()
    table = Table(title="Handovers with known truth", title_justify="left")
    for column in COLUMNS:
        table.add_column(column, justify="left" if column in COLUMNS[:2] else "right")
    console, progress = Console(width=None if sys.stdout.isatty() else 200), Console(stderr=True)
    scores: dict[str, list[Score]] = defaultdict(list)

    def judge(dossier: Path) -> None:
        left_out = lines_of(dossier) if EACH in asked.without else asked.without
        for without in (ALL_LINES, *left_out):
            found, seconds = answer(dossier, without)
            scores[without].append(found)
            table.add_row(*row_of(dossier, without, found, seconds))
            named = f"{found.right_names} right and {found.wrong_names} wrong names of {found.victims}"
            progress.print(f"{dossier.name}{f', without {without}' if without else ''}: {named}, {seconds:.0f} s")

    for dossier in asked.dossier:
        judge(dossier)
    for seed in range(asked.seed, asked.seed + asked.handovers) if not asked.dossier else ():
        with simulated(asked.preset, seed) as dossier:
            judge(dossier)
    console.print(table)
    for without, found in scores.items():
        right, wrong, of = (sum(getattr(s, what) for s in found) for what in ("right_names", "wrong_names", "victims"))
        console.print(f"{f'without {without}' if without else 'all lines'}: {right} right names of {of}, {wrong} wrong")
    return 1 if any(s.wrong_names for s in scores[ALL_LINES]) else 0


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--handovers", type=int, default=5)
    options.add_argument("--preset", default="small")
    options.add_argument("--seed", type=int, default=1)
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
    return options


if __name__ == "__main__":
    sys.exit(main())
