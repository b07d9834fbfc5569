"""What another run changed, and why: from hand-made results, and from two runs of one small dossier."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cenotaph.cli.main import app
from cenotaph.errors import FormatError, InvalidInput
from cenotaph.identification.changes import NO_REASON, changes, read_outcome, summary_of_changes

Answer = tuple[str, str, str, float, str]
"""Number, missing person, verdict, probability, bones."""
BEFORE: list[Answer] = [
    ("I-S1", "M1", "identification", 0.9999, "S1 S2 S3"),
    ("I-S4", "", "unlisted", 0.995, "S4"),
    ("I-S5", "M2", "shortlist", 0.6, "S5 S6"),
]


def write(folder: Path, individuals: list[Answer], **run: Any) -> Path:
    folder.mkdir()
    document = {"version": "1.0", "inputs": {"missing.csv": "a"}, "parameters": {"seed": 1}, "results": {}} | run
    (folder / "run.json").write_text(json.dumps(document))
    with (folder / "individuals.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["individual_id", "missing_id", "verdict", "probability"])
        writer.writerows(row[:4] for row in individuals)
    with (folder / "assignments.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["specimen_id", "individual_id"])
        writer.writerows((s, row[0]) for row in individuals for s in row[4].split())
    return folder


def compare(tmp_path: Path, after: list[Answer], **run: Any) -> list[Any]:
    first = write(tmp_path / "a", BEFORE)
    second = write(tmp_path / "b", after, **run)
    return list(changes(read_outcome(first), read_outcome(second)))


def test_equal_results_have_no_changes(tmp_path: Path) -> None:
    assert compare(tmp_path, BEFORE) == []


def test_another_number_for_the_same_bones_is_no_change(tmp_path: Path) -> None:
    assert compare(tmp_path, [("I-S2", *BEFORE[0][1:]), *BEFORE[1:]]) == []


def test_individuals_are_matched_by_the_bones_they_share(tmp_path: Path) -> None:
    after = [("I-S1", "M3", "shortlist", 0.5, "S1"), ("I-S2", "M1", "identification", 0.9999, "S2 S3"), *BEFORE[1:]]
    kept, new = sorted(compare(tmp_path, after), key=lambda c: c.individual_before, reverse=True)
    assert (kept.individual_before, kept.individual_after, kept.left) == ("I-S1", "I-S2", "S1")
    assert (new.individual_before, new.individual_after, new.joined) == ("", "I-S1", "S1")


def test_a_decision_is_a_reason_only_for_the_bones_it_names(tmp_path: Path) -> None:
    after = [("I-S1", "M1", "shortlist", 0.9, "S1 S2 S3"), ("I-S4", "", "unresolved", 0.9, "S4"), BEFORE[2]]
    decisions = [{"decision_id": "D1", "kind": "exclusion", "specimen_ids": "S2", "missing_id": "M1"}]
    found = {c.individual_after: c for c in compare(tmp_path, after, results={"decisions": decisions})}
    assert found["I-S1"].why == "decision D1 (exclusion) new"
    assert found["I-S4"].why == NO_REASON


def test_reasons_name_files_parameters_and_program(tmp_path: Path) -> None:
    after = [BEFORE[0], BEFORE[1], ("I-S5", "M2", "shortlist", 0.8, "S5 S6")]
    (one,) = compare(
        tmp_path, after, version="1.1", inputs={"missing.csv": "b", "isotopes.csv": "c"}, parameters={"seed": 2}
    )
    assert one.why == ("program 1.0 → 1.1; input changed: missing.csv; input new: isotopes.csv; parameter seed 1 → 2")
    assert (one.probability_before, one.probability_after) == ("0.6", "0.8")


def test_names_come_first_and_are_counted(tmp_path: Path) -> None:
    after = [
        ("I-S1", "M1", "shortlist", 0.9, "S1 S2 S3"),
        ("I-S4", "", "unlisted", 0.992, "S4"),
        ("I-S5", "M2", "identification", 0.9999, "S5 S6"),
    ]
    found = compare(tmp_path, after)
    assert [c.individual_after for c in found] == ["I-S1", "I-S5", "I-S4"]
    summary = summary_of_changes(found, read_outcome(tmp_path / "a"), read_outcome(tmp_path / "b"))
    assert (summary["individuals"], summary["names_gained"], summary["names_lost"]) == (3, 1, 1)


def test_a_folder_that_is_no_result_is_told(tmp_path: Path) -> None:
    write(tmp_path / "a", BEFORE)
    with pytest.raises(FormatError, match="finished result"):
        read_outcome(tmp_path)
    outcome = CliRunner().invoke(app, ["changes", str(tmp_path / "a"), str(tmp_path)])
    assert isinstance(outcome.exception, InvalidInput)


def test_the_command_prints_before_and_after(tmp_path: Path) -> None:
    first = write(tmp_path / "a", BEFORE)
    second = write(tmp_path / "b", [("I-S1", "M9", "identification", 0.9999, "S1 S2 S3"), *BEFORE[1:]])
    outcome = CliRunner().invoke(app, ["changes", str(first), str(second)])
    assert outcome.exit_code == 0
    assert "M1 → M9" in outcome.output.replace("\n", " ")
    document = json.loads(CliRunner().invoke(app, ["changes", str(first), str(second), "--json"]).output)
    assert document["summary"]["names_gained"] == document["summary"]["names_lost"] == 1
    assert document["changes"][0]["missing_after"] == "M9"
