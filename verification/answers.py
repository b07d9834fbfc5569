"""The ways to answer a dossier that are compared, and what each costs."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

from cenotaph.evidence.registry import LINES
from cenotaph.simulation.handover import truth_folder
from pairwise import DNA
from score import Score, read, score

PROGRAM = Path(sys.executable).with_name("cenotaph")
PAIRWISE = Path(__file__).with_name("pairwise.py")
ALL_LINES, TRUE_GROUPING, DNA_ALONE, SEARCH, WITHOUT = (
    "all lines",
    "true grouping",
    "DNA alone",
    "pairwise search",
    "without ",
)
"""Ways: end to end; what belongs together handed over as examiners' links; DNA and boxes only; every bone's DNA by
itself with a threshold; without one line."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a finished program.

    Args:
        seconds: wall clock, from start to end.
        cpu_seconds: of its processors; what counts on a machine that is busy with other things too.
        peak_mb: greatest resident memory, in MB of 10⁶ bytes.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Answer:
    """How well one handover was answered, and at what cost."""

    score: Score
    cost: Cost


def lines_of(dossier: Path) -> list[str]:
    """The lines that a dossier has tables for."""
    given = [name for name, (table, _) in LINES.items() if any((dossier / n).exists() for n in (table, f"{table}.csv"))]
    return [*given, "provenance"]


def run_program(*arguments: object) -> Cost:
    """Run a program to its end; leave with its message if it fails."""
    begin = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([*map(str, arguments)], stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.exit(f"{' '.join(map(str, arguments))}\n{said.read().decode(errors='replace')}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6)


def answer(dossier: Path, way: str, result: Path) -> Answer:
    """Answer one dossier in one way and score it; a result that is there already is scored again, not made again."""
    cost_file = result.with_name(f"{result.name}.cost.json")
    if not cost_file.exists():
        shutil.rmtree(result, ignore_errors=True)
        cost_file.write_text(json.dumps(asdict(_run(dossier, way, result))), encoding="utf-8")
    return Answer(score(truth_folder(dossier), result), Cost(**json.loads(cost_file.read_text(encoding="utf-8"))))


def _run(dossier: Path, way: str, result: Path) -> Cost:
    if way == SEARCH:
        return run_program(sys.executable, PAIRWISE, dossier, result)
    if way == TRUE_GROUPING:
        with tempfile.TemporaryDirectory() as folder:
            told = Path(folder) / "told"
            shutil.copytree(dossier, told)
            link_true_groups(told, truth_folder(dossier))
            return _identify(told, result, [])
    if way == DNA_ALONE:
        return _identify(dossier, result, [n for n in lines_of(dossier) if n not in (*DNA, "provenance")])
    return _identify(dossier, result, [way.removeprefix(WITHOUT)] if way.startswith(WITHOUT) else [])


def _identify(dossier: Path, result: Path, without: list[str]) -> Cost:
    left_out = [word for line in without for word in ("--without", line)]
    return run_program(PROGRAM, "identify", dossier, "--out", result, "--quiet", *left_out)


def link_true_groups(dossier: Path, truth: Path) -> None:
    """Write ``decisions.csv``: the bones of each person belong together."""
    groups: dict[str, list[str]] = defaultdict(list)
    for row in read(truth / "truth.csv"):
        groups[row["individual_id"]].append(row["specimen_id"])
    with (dossier / "decisions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["decision_id", "kind", "specimen_ids"])
        writer.writerows(
            (f"D{k:05d}", "link", " ".join(bones)) for k, bones in enumerate(groups.values(), 1) if len(bones) > 1
        )
