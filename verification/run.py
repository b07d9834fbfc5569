"""Names and calibration on simulated handovers with known truth: ``make verify``.

    python verification/run.py [--handovers K] [--preset small] [--seed FIRST]

Exit status 1 when a wrong name was given.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from score import TOP, Score, score

PROGRAM = Path(sys.executable).with_name("cenotaph")


def handover(folder: Path, preset: str, seed: int) -> tuple[Score, float]:
    """Simulate, identify and score one handover; the score, and the seconds that identifying took."""
    dossier, result = folder / "dossier", folder / "result"
    _run("simulate", "handover", dossier, "--preset", preset, "--seed", seed)
    begin = time.perf_counter()
    _run("identify", dossier, "--out", result, "--quiet")
    return score(dossier.with_name("dossier.truth"), result), time.perf_counter() - begin


def _run(*arguments: object) -> None:
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"cenotaph {' '.join(map(str, arguments))}\n{done.stderr}")


def main() -> int:
    """Print a table, one row a handover."""
    from rich.console import Console
    from rich.table import Table

    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--handovers", type=int, default=5)
    options.add_argument("--preset", default="small")
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    seeds = range(asked.seed, asked.seed + asked.handovers)
    table = Table(title=f"{asked.handovers} handovers, {asked.preset}", title_justify="left")
    tops = "/".join(map(str, TOP))
    for column in ("seed", "on roster", "right", "WRONG", "unlisted right", "B³ precision", "B³ recall"):
        table.add_column(column, justify="right")
    for column in ("calibration error", "log loss", "≥ 0.999 right", f"in top {tops}", "seconds"):
        table.add_column(column, justify="right")
    console = Console(width=None if sys.stdout.isatty() else 170)
    scores = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            found, seconds = handover(Path(folder), asked.preset, seed)
        scores.append(found)
        table.add_row(
            str(seed),
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
    console.print(table)
    named = sum(s.right_names for s in scores)
    wrong = sum(s.wrong_names for s in scores)
    console.print(f"{named} right names of {sum(s.victims for s in scores)}, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
