"""Bad rows in the Korean record end every command of the accounting wing with their place and exit status 2."""

from __future__ import annotations

import shutil
import sys
from importlib import resources
from pathlib import Path

import pytest

from cenotaph.cli.main import run

BAD = {
    "a fulfilment before its promise": (
        "commitments.csv",
        {"engagement_id": "ENG-062", "kind": "promise", "status": "fulfilled", "fulfilled_by": "TRF-31"},
        "commitments:{row}:fulfilled_by: a fulfilment before its promise",
    ),
    "money added twice": (
        "payments.csv",
        {"on_date": "1997", "kind": "reimbursement", "amount_usd": "5", "status": "paid", "for_operation": "OPS-1996"},
        "payments:{row}:for_operation: money would be added twice",
    ),
    "an office that its holder had left": (
        "participants.csv",
        {"engagement_id": "ENG-062", "person_id": "left", "party": "US", "office": "envoy"},
        "participants:{row}:office: the office had been left",
    ),
    "a date outside the war": (
        "missing.csv",
        {"missing_id": "M1", "population": "white", "loss_date": "1960-05-01"},
        "missing:{row}:loss_date: the loss is outside the war",
    ),
}


def append(file: Path, row: dict[str, str]) -> int:
    """Appends a row, with a key of its own, and returns its line; the table may be new."""
    import csv

    if not file.exists():
        file.write_text(",".join(row) + "\n", encoding="utf-8")
    with file.open(encoding="utf-8", newline="") as read:
        rows = list(csv.reader(read))
    cells = {rows[0][0]: "BAD-1", **row}
    with file.open("a", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerow([cells.get(name, "") for name in rows[0]])
    return file.read_text(encoding="utf-8").count("\n")


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("words", [["check"], ["account", "talks", "--dossier"], ["appraise", "5 boxes", "--dossier"]])
def test_a_bad_row_is_told_with_its_place_and_status_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], what: str, words: list[str]
) -> None:
    folder = tmp_path / "record"
    with resources.as_file(resources.files("cenotaph.data").joinpath("korea")) as shipped:
        shutil.copytree(shipped, folder)
    (folder / "datapackage.json").write_text('{"war": "1950-06-25/1953-07-27"}', encoding="utf-8")
    append(folder / "people.csv", {"person_id": "left", "name": "Roe"})
    append(folder / "offices.csv", {"person_id": "left", "office": "envoy", "from_date": "2001", "to_date": "2002"})
    file, row, expected = BAD[what]
    line = append(folder / file, row)
    monkeypatch.setattr(sys, "argv", ["cenotaph", *words, str(folder)])
    with pytest.raises(SystemExit) as stopped:
        run()
    said = capsys.readouterr()
    assert expected.format(row=line) in said.out + said.err
    assert stopped.value.code == 2
