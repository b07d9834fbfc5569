"""A row that is typed fits the rest: what `cenotaph check` would call an error cannot be entered one by one either."""

from __future__ import annotations

from pathlib import Path

import pytest

from cenotaph.dossier.faults import has_errors
from cenotaph.dossier.read import examine_dossier
from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.verify import head
from cenotaph.workplace.services import records
from cenotaph.workplace.services.export import write_record

PAYMENT = {"payment_id": "P1", "kind": "demand", "status": "refused"}


@pytest.mark.parametrize(
    ("role", "resource", "values", "problem"),
    [
        ("anthropologist", "measurements", {"specimen_id": "S9", "code": "Fem_01", "value_mm": "400"}, "no S9"),
        ("case_manager", "missing", {"missing_id": "M9", "incident_id": "L9"}, "no L9"),
        (
            "geneticist",
            "samples",
            {"sample_id": "B9", "origin": "specimen", "origin_id": "S9"},
            "no S9",
        ),
        ("planner", "payments", PAYMENT | {"for_transfer": "T8 T9"}, "no T8, T9"),
        ("geneticist", "str_profiles", {"sample_id": "B1", "marker": "TH01", "allele_1": "6"}, "such a row already"),
    ],
)
def test_what_does_not_fit_is_not_added(
    case: str, viewers: dict[str, Viewer], role: str, resource: str, values: dict[str, str], problem: str
) -> None:
    before = head()
    with pytest.raises(records.Unsound, match=problem):
        records.add(viewers[role], resource, values)
    assert head() == before


def test_what_others_refer_to_stays(case: str, viewers: dict[str, Viewer]) -> None:
    anthropologist, manager = viewers["anthropologist"], viewers["case_manager"]
    [bone] = selectors.rows(anthropologist, "specimens", where={"specimen_id": "S1"})
    [man] = selectors.rows(manager, "missing", where={"missing_id": "M1"})
    before = head()
    with pytest.raises(records.Unsound, match="refer to it"):
        records.remove(anthropologist, "specimens", bone["id"], "entered by mistake")
    with pytest.raises(records.Unsound, match="refer to it"):
        records.change(anthropologist, "specimens", bone["id"], {"specimen_id": "S7"})
    with pytest.raises(records.Unsound, match="rows of relatives refer"):
        records.remove(manager, "missing", man["id"], "entered by mistake")
    assert head() == before


def test_a_row_with_the_same_words_may_be_written_again(case: str, viewers: dict[str, Viewer], tmp_path: Path) -> None:
    geneticist = viewers["geneticist"]
    row = selectors.rows(geneticist, "str_profiles", where={"sample_id": "B1"})[0]
    records.change(geneticist, "str_profiles", row["id"], {"allele_1": "7", "marker": row["marker"]})
    write_record(tmp_path / "out")
    assert not has_errors(examine_dossier(tmp_path / "out").faults)
