"""What examiners have settled is honoured in the final tables, also for bones without DNA, and a re-run says so."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from cenotaph.cli.main import app
from cenotaph.dossier.read import Dossier
from cenotaph.dossier.write import write_dossier
from cenotaph.identification.bones import Bones
from cenotaph.identification.identify import Identification, Individual, identify
from cenotaph.identification.result import result_tables
from cenotaph.identification.settings import Settings
from cenotaph.provenance import Run
from tests.unit.handovers import SMALL, handover

pytestmark = pytest.mark.slow


# A bone without autosomal DNA is placed around groups; what was decided of it is only asked where it stands alone.
@dataclass(frozen=True)
class Cast:
    """Specimens that the examiner decides on, none twice; *dry* ones have no sample."""

    link_dry: tuple[str, str]
    link_duplicate: tuple[str, str]
    separate: tuple[str, str]
    separate_dry: tuple[str, str]
    identification_dry: tuple[str, str]
    exclusion: tuple[str, str]
    exclusion_dry: tuple[str, str]
    unlisted: str
    unlisted_dry: str


@pytest.fixture(scope="module")
def before() -> Identification:
    return identify(handover(SMALL).dossier, Settings(), Run("identify", 1, {}))


@pytest.fixture(scope="module")
def cast(before: Identification) -> Cast:
    case = before.case
    bones = Bones.from_dossier(handover(SMALL).dossier.in_order())
    dry = [not case.samples_of[s] for s in range(len(case.specimen_ids))]
    used: set[int] = set()
    alone = [i.specimens[0] for i in before.individuals if len(i.specimens) == 1 and dry[i.specimens[0]]]
    judged = [i for i in before.individuals if len(i.names.men)]
    # Bones of one person by their DNA; and people beside whom bones without any were placed.
    wet = [i for i in judged if sum(not dry[s] for s in i.specimens) > 1 and not any(dry[s] for s in i.specimens)]
    mixed = [i for i in judged if any(dry[s] for s in i.specimens) and not all(dry[s] for s in i.specimens)]
    mixed.sort(key=lambda i: -sum(dry[s] for s in i.specimens))

    def take(*specimens: int) -> tuple[str, ...]:
        assert not used & set(specimens)
        used.update(specimens)
        return tuple(case.specimen_ids[s] for s in specimens)

    def pair(duplicate: bool) -> tuple[str, str]:
        left = [s for s in alone if s not in used and bones.slot[s] >= 0]
        a, b = next((a, b) for a in left for b in left if a < b and bool(bones.duplicates([a, b])) == duplicate)
        first, second = take(a, b)
        return first, second

    def of(one: Individual, is_dry: bool) -> str:
        return take(next(s for s in one.specimens if dry[s] == is_dry and s not in used))[0]

    def best(one: Individual) -> str:
        return case.missing_ids[one.names.men[0]]

    link_dry, link_duplicate = pair(False), pair(True)
    (named_dry,) = take(next(s for s in alone if s not in used))
    return Cast(
        link_dry,
        link_duplicate,
        (of(wet[0], False), of(wet[0], False)),
        (of(mixed[0], False), of(mixed[0], True)),
        (named_dry, case.missing_ids[wet[1].names.men[-1]]),
        (of(wet[1], False), best(wet[1])),
        (of(mixed[0], True), best(mixed[0])),
        of(wet[2], False),
        of(mixed[1], True),
    )


@pytest.fixture(scope="module")
def decided_dossier(cast: Cast) -> Dossier:
    rows = [
        ("D1", "link", " ".join(cast.link_dry), None),
        ("D2", "link", " ".join(cast.link_duplicate), None),
        ("D3", "separate", " ".join(cast.separate), None),
        ("D4", "separate", " ".join(cast.separate_dry), None),
        ("D5", "identification", *cast.identification_dry),
        ("D6", "exclusion", *cast.exclusion),
        ("D7", "exclusion", *cast.exclusion_dry),
        ("D8", "unlisted", cast.unlisted, None),
        ("D9", "unlisted", cast.unlisted_dry, None),
    ]
    columns = ["decision_id", "kind", "specimen_ids", "missing_id"]
    decisions = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    return Dossier.from_texts({**handover(SMALL).dossier.texts, "decisions": decisions})


@pytest.fixture(scope="module")
def tables(decided_dossier: Dossier) -> dict[str, pl.DataFrame]:
    return result_tables(identify(decided_dossier, Settings(), Run("identify", 1, {})))


def rows_by(table: pl.DataFrame, key: str) -> dict[str, dict[str, str]]:
    return {row[key]: row for row in table.iter_rows(named=True)}


@pytest.fixture(scope="module")
def assigned(tables: dict[str, pl.DataFrame]) -> dict[str, dict[str, str]]:
    return rows_by(tables["assignments"], "specimen_id")


def test_linked_bones_are_one_individual(cast: Cast, assigned: dict[str, dict[str, str]]) -> None:
    one, other = (assigned[s] for s in cast.link_dry)
    assert one["individual_id"] == other["individual_id"]
    assert one["missing_id"] == other["missing_id"]


def test_a_link_against_a_hard_rule_holds_and_is_a_conflict(
    cast: Cast, assigned: dict[str, dict[str, str]], tables: dict[str, pl.DataFrame]
) -> None:
    one, other = (assigned[s] for s in cast.link_duplicate)
    assert one["individual_id"] == other["individual_id"]
    conflicts = rows_by(tables["individuals"], "individual_id")[one["individual_id"]]["conflicts"]
    assert conflicts is not None
    assert all(s in conflicts for s in cast.link_duplicate)


@pytest.mark.parametrize("which", ["separate", "separate_dry"])
def test_separated_bones_are_two_individuals(cast: Cast, assigned: dict[str, dict[str, str]], which: str) -> None:
    one, other = (assigned[s] for s in getattr(cast, which))
    assert one["individual_id"] != other["individual_id"]


def test_a_bone_without_dna_is_whom_the_examiner_named(cast: Cast, assigned: dict[str, dict[str, str]]) -> None:
    specimen, man = cast.identification_dry
    assert assigned[specimen]["missing_id"] == man
    assert float(assigned[specimen]["probability"]) > 0.999


@pytest.mark.parametrize("which", ["exclusion", "exclusion_dry"])
def test_an_excluded_man_is_never_the_answer(
    cast: Cast, assigned: dict[str, dict[str, str]], tables: dict[str, pl.DataFrame], which: str
) -> None:
    specimen, man = getattr(cast, which)
    assert assigned[specimen]["missing_id"] != man
    individual = rows_by(tables["individuals"], "individual_id")[assigned[specimen]["individual_id"]]
    assert individual["missing_id"] != man


@pytest.mark.parametrize("which", ["unlisted", "unlisted_dry"])
def test_whom_the_examiner_called_unlisted_has_no_name(
    cast: Cast, assigned: dict[str, dict[str, str]], tables: dict[str, pl.DataFrame], which: str
) -> None:
    row = assigned[getattr(cast, which)]
    assert row["missing_id"] is None
    assert float(row["probability"]) > 0.999
    assert rows_by(tables["individuals"], "individual_id")[row["individual_id"]]["missing_id"] is None


def test_a_rerun_says_which_decisions_changed_what(tmp_path: Path, cast: Cast, decided_dossier: Dossier) -> None:
    write_dossier(handover(SMALL).dossier, tmp_path / "first")
    write_dossier(decided_dossier, tmp_path / "second")
    for dossier in ("first", "second"):
        command = ["identify", str(tmp_path / dossier), "--out", str(tmp_path / "result"), "--quiet"]
        outcome = CliRunner().invoke(app, command)
        assert outcome.exit_code == 0, outcome.output
    with (tmp_path / "result" / "changes.csv").open(encoding="utf-8") as stream:
        changes = list(csv.DictReader(stream))
    assert changes
    for row in changes:
        assert "input new: decisions.csv" in row["why"]
    linked = [row for row in changes if set(cast.link_dry) & set(row["joined"].split())]
    assert linked
    assert all("decision D1 (link) new" in row["why"] for row in linked)
    summary = json.loads((tmp_path / "result" / "run.json").read_text())["results"]["changes"]
    assert [text.split()[1] for text in summary["decisions"]] == [f"D{k}" for k in range(1, 10)]
    assert "Because: decision D1 (link) new" in outcome.output.replace("\n", " ")
