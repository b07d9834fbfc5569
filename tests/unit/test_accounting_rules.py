"""Rules of the accounting tables: what cannot be is found, on its line, with what would be valid."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from cenotaph.dossier.check import check_dossier
from cenotaph.dossier.tables import TABLES

SOUND = {
    "sources": "source_id,title,kind,reliability\nS1,DoD release,official,A\n",
    "incidents": "incident_id,name,from_date,to_date\nUNSAN,Unsan,1950-11-01,1950-11-06\nHOOK,Hook,1953-07,1953-07\n",
    "missing": "missing_id,population,incident_id,loss_date\nM1,white,UNSAN,1950-11-02\n",
    "people": "person_id,name\nP1,Roe\n",
    "offices": "person_id,office,from_date,to_date\nP1,chief of staff,2016-01-01,2018-12-31\n"
    "P1,commander,2019-01-01,\n",
    "engagements": "engagement_id,track,from_date,kind,status\nE1,remains,2018-07-16,talks,held\n"
    "E2,remains,2018-07-27,handover,held\nE3,remains,2019-06,talks,held\n",
    "participants": "engagement_id,person_id,party,office,role\nE1,P1,UNC,chief of staff,leads\nE3,P1,UNC,,\n",
    "commitments": "commitment_id,engagement_id,kind,status,due,fulfilled_by\n"
    "C1,E1,promise,fulfilled,2018-07-27,T1 E2\nC2,E2,promise,open,,\n",
    "operations": "operation_id,kind,from_date,to_date,part_of\nO1,joint_recovery,2003-08-23,2003-10-28,\n",
    "transfers": "transfer_id,on_date,containers,assessed_low,assessed_high,part_of\nT1,2018-07-27,55,250,260,T2\n"
    "T2,2018,55,,,\n",
    "payments": "payment_id,on_date,kind,amount_usd,low,high,status,for_transfer,for_operation,overlaps\n"
    "PAY1,2018-08,reimbursement,100,,,paid,T1,,\nPAY2,2018-09,demand,900,,,demanded,T1,,\n"
    "PAY3,2018-10,reimbursement,300,,,paid,T2,O1,PAY1\n",
    "series": "series,definition\nn,what is counted\n",
    "figures": "figure_id,series,as_of,known_from,value,low,high,source_id,alternative_to\n"
    "F1,n,2018-06-18,2018-06,7699,,,S1,\nF2,n,2018-06-18,2018-09-07,7700,,7700,S1,F1\n",
    "claims": "claim_id,source_id,attribution,subject_table,subject_id,field,value,credibility\n"
    "K1,S1,document,transfers,T1,containers,55,1\nK2,S1,document,engagements,E1,participants,Roe leads,2\n"
    "K3,S1,document,transfers,T1,*,,2\n",
}  # fmt: skip
"""A record without a fault."""


def faults(folder: Path, **changed: str) -> list[str]:
    for name, text in {**SOUND, **changed}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return [str(fault) for fault in check_dossier(folder)]


def test_a_sound_record_has_no_fault(tmp_path: Path) -> None:
    assert faults(tmp_path) == []


WRONG = [
    ("missing", "M2,white,UNSAN,1954-01-05", "missing:3:loss_date: the loss is outside the war, found 1954"),
    ("missing", "M2,white,UNSAN,1951-05", "missing:3:loss_date: warning: the loss is outside its incident"),
    ("commitments", "C3,E3,promise,fulfilled,,T1", "commitments:4:fulfilled_by: a fulfilment before its promise"),
    ("commitments", "C3,E3,promise,open,2018-01-01,", "commitments:4:due: due before it was made, found"),
    ("commitments", "C3,E3,promise,fulfilled,,", "commitments:4:fulfilled_by: warning: fulfilled, but nothing"),
    ("commitments", "C3,E3,promise,open,,X9", "commitments:4:fulfilled_by: reference to nowhere, found X9"),
    ("participants", "E3,P1,UNC,chief of staff,", "participants:4:office: the office had been left, found P1"),
    ("participants", "E1,P1,UNC,commander,", "participants:4:office: the office was not yet held, found P1: commander"),
    ("participants", "E1,P1,UNC,envoy,", "participants:4:office: the person never held this office, found P1: envoy"),
    ("payments", "PAY4,2018-11,reimbursement,5,,,paid,T1,,PAY3", "payments:5:for_transfer: money would be added twice, "
     "found PAY4 and PAY1 for T1"),
    ("payments", "PAY4,2018-11,reimbursement,5,,,agreed,,O1,PAY1", "payments:5:for_operation: money would be added"),
    ("payments", "PAY4,2018-11,reimbursement,5,,,paid,,,PAY4", "payments:5:overlaps: a payment overlaps itself"),
    ("payments", "PAY4,2018-11,demand,5,9,10,demanded,,,", "payments:5:amount_usd: less than low, found 5"),
    ("figures", "F3,n,2018-07-01,2018-06,5,,,S1,", "figures:4:known_from: known before it was true, found 2018-06"),
    ("figures", "F3,m,2018,2018,5,,,S1,F1", "figures:4:alternative_to: not an alternative to it, found F1 of n"),
    ("figures", "F3,n,2018,2018,5,6,,S1,", "figures:4:value: less than low, found 5"),
    ("transfers", "T3,2018,1,9,8,", "transfers:4:assessed_high: less than assessed_low, found 8"),
    ("transfers", "T3,2018,1,,,T3", "transfers:4:part_of: a part of itself, found T3"),
    ("claims", "K4,S1,document,transfers,T1,boxes,55,1", "claims:5:field: transfers has no such field, found boxes"),
    ("claims", "K4,S1,document,transfers,T9,containers,55,1", "claims:5:subject_id: reference to nowhere, found T9"),
    ("claims", "K4,S1,document,transfers,T1,containers,many,1", "claims:5:value: not a number, as the field is"),
    ("claims", "K4,S1,document,transfers,T1,containers,,1", "claims:5:value: the claim says nothing of its field"),
    ("claims", "K4,S1,document,transfers,T1,containers,55,7", "claims:5:credibility: outside the bounds, found 7"),
    ("operations", "O2,joint_recovery,2004-05,2004-04,", "operations:3:to_date: ends before it begins, found 2004-04"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "row", "expected"), WRONG)
def test_what_cannot_be_is_found(tmp_path: Path, table: str, row: str, expected: str) -> None:
    found = faults(tmp_path, **{table: SOUND[table] + row + "\n"})
    assert len(found) == 1
    assert found[0].startswith(expected)


def test_a_war_that_the_descriptor_states_binds_every_loss(tmp_path: Path) -> None:
    rows = SOUND["missing"] + "M2,white,,1953-07-30\n"
    assert faults(tmp_path, missing=rows) == []
    assert "warning: the loss is outside the war" in faults(tmp_path, missing=rows + "M3,white,,1954\n")[0]
    (tmp_path / "datapackage.json").write_text('{"war": "1950-06-25/1953-07-27"}', encoding="utf-8")
    assert [f.partition(",")[0] for f in faults(tmp_path, missing=rows)] == [
        "missing:3:loss_date: the loss is outside the war"
    ]


def test_a_whole_in_a_circle_is_found(tmp_path: Path) -> None:
    rows = "transfer_id,on_date,part_of\nT1,2018,T2\nT2,2018,T1\n"
    found = faults(tmp_path, transfers=rows)
    assert [f.partition(",")[0] for f in found] == [
        "transfers:2:part_of: a part of itself",
        "transfers:3:part_of: a part of itself",
    ]


def test_the_korean_programme_has_no_fault() -> None:
    with resources.as_file(resources.files("cenotaph.data").joinpath("korea")) as folder:
        assert check_dossier(folder) == []


def test_every_claimed_subject_is_a_table_by_its_key() -> None:
    from cenotaph.dossier.accounting_tables import CLAIM_SUBJECTS, PARTS

    assert all(TABLES[t].key == (key.partition(".")[2],) for t, key in CLAIM_SUBJECTS.items())
    assert all(part in TABLES for parts in PARTS.values() for part in parts)
