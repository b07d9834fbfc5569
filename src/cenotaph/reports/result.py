"""A finished RESULT folder as records: what ``cenotaph identify`` has written, read back from its files."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cenotaph.errors import FormatError

if TYPE_CHECKING:
    import polars as pl

PART = "log10_lr_"
TOTAL = "log10_lr_total"
ERRORS = "errors"
LAST_PARTS = ("provenance", "origin", ERRORS)
"""Parts of a total that are no observation of the remains themselves."""

VERDICTS = ("identification", "shortlist", "unlisted", "unresolved")


@dataclass(frozen=True, slots=True)
class IndividualRow:
    """A row of ``individuals.csv``; `missing_id` is None for nobody on the roster."""

    individual_id: str
    specimens: int
    missing_id: str | None
    probability: float
    runner_up_id: str | None
    runner_up_probability: float | None
    origin: str | None
    verdict: str
    lines: tuple[str, ...]
    conflicts: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """A row of ``assignments.csv``: the most probable answer for one specimen."""

    specimen_id: str
    individual_id: str | None
    missing_id: str | None
    probability: float


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A row of ``candidates.csv``.

    The parts, log10 LR by column, add up to the total: lines of evidence in the order of the file, then `LAST_PARTS`.
    """

    individual_id: str
    rank: int
    missing_id: str
    probability: float
    log10_lr_total: float
    parts: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class NextTestRow:
    """A row of ``next_tests.csv``."""

    rank: int
    action: str
    subject_id: str
    expected_names: float | None
    cost: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ResultView:
    """Everything that a report says of a run.

    Args:
        individuals: in the order of the file.
        members: individual → its specimens' rows.
        candidates: individual → its candidates, best first.
        same: pair of specimens → probability that they are of one person, where ``links.csv`` says so.
        next_tests: in order of rank.
        run: ``run.json``.
    """

    individuals: tuple[IndividualRow, ...]
    members: Mapping[str, tuple[AssignmentRow, ...]]
    candidates: Mapping[str, tuple[CandidateRow, ...]]
    same: Mapping[frozenset[str], float] = field(default_factory=dict)
    next_tests: tuple[NextTestRow, ...] = ()
    run: Mapping[str, Any] = field(default_factory=dict)

    def with_verdict(self, verdict: str) -> tuple[IndividualRow, ...]:
        """Individuals of one verdict."""
        return tuple(i for i in self.individuals if i.verdict == verdict)

    def parameter(self, *path: str, default: float) -> float:
        """A number of ``run.json``'s parameters; the default where it was not recorded."""
        found: Any = self.run.get("parameters", {})
        for step in path:
            found = found.get(step) if isinstance(found, Mapping) else None
        return float(found) if isinstance(found, int | float) else default


def read_result(folder: Path) -> ResultView:
    """Reads the answer of ``cenotaph identify`` in *folder*.

    Raises:
        FormatError: a file or a column of the contract is missing, or a cell is no number.
    """
    individuals = _sheet(folder / "individuals.csv", ("individual_id", "specimens", "probability", "verdict"))
    assignments = _sheet(folder / "assignments.csv", ("specimen_id", "individual_id", "missing_id", "probability"))
    candidates = _sheet(folder / "candidates.csv", ("individual_id", "rank", "missing_id", "probability", TOTAL))
    links = _sheet(folder / "links.csv", ("specimen_a", "specimen_b", "probability_same"))
    tests = _sheet(folder / "next_tests.csv", ("rank", "action", "subject_id"))
    members: dict[str, list[AssignmentRow]] = defaultdict(list)
    for row in assignments.iter_rows(named=True):
        assigned = AssignmentRow(
            row["specimen_id"], row["individual_id"], row["missing_id"], _number(row, "probability", "assignments.csv")
        )
        members[assigned.individual_id or ""].append(assigned)
    ranked: dict[str, list[CandidateRow]] = defaultdict(list)
    for candidate in _candidates(candidates):
        ranked[candidate.individual_id].append(candidate)
    return ResultView(
        tuple(_individual(row) for row in individuals.iter_rows(named=True)),
        {i: tuple(rows) for i, rows in members.items()},
        {i: tuple(sorted(rows, key=lambda c: c.rank)) for i, rows in ranked.items()},
        {
            frozenset((row["specimen_a"], row["specimen_b"])): _number(row, "probability_same", "links.csv")
            for row in links.iter_rows(named=True)
        },
        tuple(sorted((_test(row) for row in tests.iter_rows(named=True)), key=lambda t: t.rank)),
        _run(folder / "run.json"),
    )


def _sheet(path: Path, required: Iterable[str]) -> pl.DataFrame:
    """A file of the result, every cell as text and empty cells as None."""
    import polars as pl

    if not path.is_file():
        raise FormatError("the result lacks a file", found=path.name, valid="a finished RESULT folder", where=path.name)
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except pl.exceptions.PolarsError as fault:
        raise FormatError("not a table", found=str(fault).splitlines()[0], valid="CSV", where=path.name) from fault
    lacking = [name for name in required if name not in frame.columns]
    if lacking:
        raise FormatError(
            "a required column is missing",
            found=", ".join(frame.columns),
            valid=", ".join(lacking),
            where=f"{path.name}:1",
        )
    return frame


def _number(row: Mapping[str, str | None], column: str, file: str) -> float:
    text = row[column]
    try:
        return float(text or "")
    except ValueError:
        raise FormatError("not a number", found=text, valid="a number", where=f"{file}::{column}") from None


def _optional(row: Mapping[str, str | None], column: str, file: str) -> float | None:
    return _number(row, column, file) if row.get(column) else None


def _individual(row: Mapping[str, str | None]) -> IndividualRow:
    file = "individuals.csv"
    verdict = row["verdict"] or ""
    if verdict not in VERDICTS:
        raise FormatError("no such verdict", found=verdict, valid=", ".join(VERDICTS), where=f"{file}::verdict")
    return IndividualRow(
        row["individual_id"] or "",
        int(_number(row, "specimens", file)),
        row.get("missing_id"),
        _number(row, "probability", file),
        row.get("runner_up_id"),
        _optional(row, "runner_up_probability", file),
        row.get("origin"),
        verdict,
        tuple((row.get("lines") or "").split()),
        row.get("conflicts"),
        row.get("reason"),
    )


def _candidates(frame: pl.DataFrame) -> Iterable[CandidateRow]:
    file = "candidates.csv"
    parts = [name.removeprefix(PART) for name in frame.columns if name.startswith(PART) and name != TOTAL]
    ordered = [name for name in parts if name not in LAST_PARTS] + [name for name in LAST_PARTS if name in parts]
    for row in frame.iter_rows(named=True):
        yield CandidateRow(
            row["individual_id"],
            int(_number(row, "rank", file)),
            row["missing_id"],
            _number(row, "probability", file),
            _number(row, TOTAL, file),
            tuple((name, _optional(row, PART + name, file) or 0.0) for name in ordered),
        )


def _test(row: Mapping[str, str | None]) -> NextTestRow:
    file = "next_tests.csv"
    return NextTestRow(
        int(_number(row, "rank", file)),
        row["action"] or "",
        row["subject_id"] or "",
        _optional(row, "expected_names", file),
        _optional(row, "cost", file),
        row.get("reason"),
    )


def _run(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise FormatError("the run is not recorded", found=str(fault), valid="run.json", where=path.name) from fault
    if not isinstance(found, dict):
        raise FormatError("the run is not recorded", found=type(found).__name__, valid="an object", where=path.name)
    return found
