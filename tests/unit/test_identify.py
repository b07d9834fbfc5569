"""The whole path: from a dossier to the files of the result."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from cenotaph.cli.main import app
from cenotaph.dossier.read import Dossier
from cenotaph.dossier.write import write_dossier
from cenotaph.errors import InvalidInput
from cenotaph.identification.identify import Identification, identify
from cenotaph.identification.result import result_tables
from cenotaph.identification.settings import Settings
from cenotaph.provenance import Run
from tests.unit.handovers import SMALL, handover

pytestmark = pytest.mark.slow


def run(dossier: Dossier, settings: Settings | None = None) -> Identification:
    return identify(dossier, settings or Settings(), Run("identify", 1, {}))


@pytest.fixture(scope="module")
def found() -> Identification:
    return run(handover(SMALL).dossier)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("identify")
    write_dossier(handover(SMALL).dossier, folder / "dossier")
    outcome = CliRunner().invoke(app, ["identify", str(folder / "dossier"), "--out", str(folder / "result"), "--quiet"])
    assert outcome.exit_code == 0, outcome.output
    return folder / "result"


def rows(result: Path, name: str) -> list[dict[str, str]]:
    with (result / f"{name}.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_every_file_of_the_contract_is_there(result: Path) -> None:
    assert {p.name for p in result.iterdir()} == {
        "individuals.csv", "assignments.csv", "candidates.csv", "links.csv", "next_tests.csv", "presence.csv",
        "run.json", "report.html",
    }  # fmt: skip
    document = json.loads((result / "run.json").read_text())
    assert document["inputs"]["specimens.csv"]
    assert document["parameters"]["verdict"]["identification"] == 0.9995
    assert "<h1" in (result / "report.html").read_text()


def test_every_specimen_has_exactly_one_row(result: Path) -> None:
    specimens = handover(SMALL).dossier.table("specimens").get_column("specimen_id").to_list()
    assert sorted(r["specimen_id"] for r in rows(result, "assignments")) == sorted(specimens)
    individuals = {r["individual_id"] for r in rows(result, "individuals")}
    assert {r["individual_id"] for r in rows(result, "assignments")} == individuals
    assert all(0 <= float(r["probability"]) <= 1 for r in rows(result, "assignments"))


def test_columns_of_a_candidate_add_up_to_the_total(result: Path) -> None:
    candidates = rows(result, "candidates")
    assert candidates
    for r in candidates:
        parts = sum(float(v) for k, v in r.items() if k.startswith("log10_lr_") and k != "log10_lr_total")
        assert float(r["log10_lr_total"]) == pytest.approx(parts, abs=1e-3)


def test_names_follow_the_rules(result: Path) -> None:
    for r in rows(result, "individuals"):
        assert r["reason"] or r["verdict"] == "shortlist"
        if r["verdict"] == "identification":
            assert float(r["probability"]) >= 0.9995
            assert len(r["lines"].split()) >= 2
        if r["verdict"] == "unlisted":
            assert r["missing_id"] == ""


def test_probabilities_of_an_item_sum_to_at_most_one(found: Identification) -> None:
    for names in found.joint.names:
        assert names.probability.sum() + names.classes.sum() <= 1 + 1e-6
        assert names.nobody >= 0


def test_no_name_is_wrong(found: Identification) -> None:
    truth = dict(handover(SMALL).truth.select("specimen_id", "missing_id").iter_rows())
    for one in found.individuals:
        if one.verdict.word == "identification":
            named = found.case.missing_ids[one.names.men[0]]
            owners = [truth[found.case.specimen_ids[s]] for s in one.specimens]
            assert owners.count(named) * 2 > len(owners)


def test_the_order_of_rows_changes_nothing(found: Identification) -> None:
    dossier = handover(SMALL).dossier
    shuffled = {name: table.sample(fraction=1.0, shuffle=True, seed=3) for name, table in dossier.texts.items()}
    other = run(Dossier.from_texts(shuffled))
    first, second = (
        result_tables(x)["assignments"].sort("specimen_id").select("specimen_id", "individual_id", "missing_id")
        for x in (found, other)
    )
    assert first.equals(second)


def test_an_examiners_decision_is_a_constraint(found: Identification) -> None:
    dossier = handover(SMALL).dossier
    one = next(i for i in found.individuals if i.candidates)
    specimen = found.case.specimen_ids[one.specimens[0]]
    man = found.case.missing_ids[one.candidates[-1].man]
    decisions = pl.DataFrame(
        {"decision_id": ["D1"], "kind": ["identification"], "specimen_ids": [specimen], "missing_id": [man]}
    )
    decided = run(Dossier.from_texts({**dossier.texts, "decisions": decisions}))
    names = decided.joint.names[decided.case.specimen_ids.index(specimen)]
    assert decided.case.missing_ids[names.men[0]] == man
    assert names.probability[0] == pytest.approx(1.0)


def test_a_line_can_be_left_out(found: Identification) -> None:
    without = run(handover(SMALL).dossier, Settings(without=frozenset({"ystr"})))
    assert {line.name for line in found.evidence.lines} >= {"str", "mtdna", "ystr", "resemblance", "dental"}
    assert {line.name for line in found.evidence.lines} - {line.name for line in without.evidence.lines} == {"ystr"}


def test_without_provenance_the_roster_is_even(found: Identification) -> None:
    without = run(handover(SMALL).dossier, Settings(without=frozenset({"provenance"})))
    assert {round(c.provenance, 6) for one in without.individuals for c in one.candidates} == {0.0}
    assert {round(c.provenance, 6) for one in found.individuals for c in one.candidates} != {0.0}


def test_a_folder_that_is_no_result_is_refused(tmp_path: Path, result: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"x")
    outcome = CliRunner().invoke(app, ["identify", str(result.parent / "dossier"), "--out", str(tmp_path / "photos")])
    assert isinstance(outcome.exception, InvalidInput)
    assert [p.name for p in (tmp_path / "photos").iterdir()] == ["a.jpg"]


def test_a_dossier_with_errors_leaves_nothing_behind(tmp_path: Path) -> None:
    texts = dict(handover(SMALL).dossier.texts)
    texts["str_profiles"] = texts["str_profiles"].with_columns(pl.lit("OL").alias("allele_1"))
    write_dossier(Dossier.from_texts(texts), tmp_path / "bad")
    outcome = CliRunner().invoke(app, ["identify", str(tmp_path / "bad"), "--out", str(tmp_path / "result"), "--quiet"])
    assert isinstance(outcome.exception, InvalidInput)
    assert [p.name for p in tmp_path.iterdir()] == ["bad"]


def test_search_finds_families_and_matches(result: Path) -> None:
    outcome = CliRunner().invoke(app, ["search", str(result.parent / "dossier"), "--json", "--least", "0.5"])
    assert outcome.exit_code == 0, outcome.output
    document = json.loads(outcome.stdout)
    assert document["families"]
    assert document["matches"]
    assert all(m["log10_same_unrelated"] >= 0.5 or m["log10_brothers_unrelated"] >= 0.5 for m in document["matches"])


WITHOUT = {
    "autosomal profiles": {"str_profiles"},
    "any profile": {"str_profiles", "mtdna_profiles", "ystr_profiles", "samples", "relatives"},
    "relatives": {"relatives"},
    "a roster": {"missing", "relatives"},
    "boxes": {"containers", "transfers"},
    "bones": {"specimens", "measurements", "associations"},
}


@pytest.mark.parametrize("what", WITHOUT)
def test_a_dossier_may_lack(what: str) -> None:
    """Any table may be absent; every bone still gets its row, and nobody is named without a roster or DNA."""
    texts = {name: t for name, t in handover(SMALL).dossier.texts.items() if name not in WITHOUT[what]}
    found = run(Dossier.from_texts(texts))
    tables = result_tables(found)
    assert tables["assignments"].height == len(texts["specimens"]) if "specimens" in texts else found.individuals == ()
    if what in ("any profile", "a roster", "bones", "autosomal profiles"):
        assert "identification" not in tables["individuals"].get_column("verdict").to_list()
