"""What to do next: the chance of a name in closed form, what a relative would add, the ranking."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from cenotaph.cli.main import app
from cenotaph.dossier.read import Dossier
from cenotaph.dossier.write import write_dossier
from cenotaph.evidence.autosomal import AutosomalLine
from cenotaph.evidence.case import Case, Family
from cenotaph.evidence.line import States
from cenotaph.evidence.registry import build_lines
from cenotaph.identification.actions import success_of
from cenotaph.identification.identify import Identification, identify
from cenotaph.identification.next_tests import next_tests
from cenotaph.identification.prospects import (
    COMPLETE,
    MTDNA,
    STR,
    YSTR,
    Potential,
    Standing,
    names_by_samples,
    odds_of,
    profile_moments,
    shares,
    upper_tail,
)
from cenotaph.identification.relatives import donor_gain, who_can_be_asked
from cenotaph.identification.result import NEXT_TESTS, next_tests_table
from cenotaph.identification.settings import Settings, VerdictSettings
from cenotaph.provenance import Run
from tests.unit.handovers import SMALL, handover

RULES = VerdictSettings()
FULL = frozenset({COMPLETE, MTDNA, YSTR})
PARTIAL = frozenset({STR, MTDNA})


def standing(probability: float = 0.001, mean: float = 9.0, variance: float = 4.0) -> Standing:
    """A man whose family would speak for him with mean log10 LR 9, of whose bones nothing was typed."""
    return Standing(odds_of(probability), 0.0, {}, (), 0, False, Potential(mean, variance, {MTDNA: 2.0, YSTR: 1.5}))


def test_moments_of_a_complete_profile_agree_with_draws() -> None:
    rng = np.random.default_rng(3)
    offsets = np.array([0, 6, 21])
    family, population, seen = (np.concatenate([rng.dirichlet(np.ones(k)) for k in (6, 15)]) for _ in range(3))
    mean, variance = profile_moments(family, population, seen, offsets)
    draws = np.zeros(200_000)
    for m in range(2):
        part = slice(offsets[m], offsets[m + 1])
        q = family[part] * seen[part] / (family[part] * seen[part]).sum()
        draws += np.log10(family[part] / population[part])[rng.choice(len(q), len(draws), p=q)]
    assert mean == pytest.approx(draws.mean(), abs=0.01)
    assert variance == pytest.approx(draws.var(), rel=0.02)


def test_the_chance_of_a_name_is_the_tail_beyond_the_narrowest_rule() -> None:
    man = standing()
    # Two extracts: 0.9995 needs 3.301 of odds; −2.9996 before, 3.5 from the haplotypes.
    needed = -np.log10(1 / RULES.identification - 1) - odds_of(0.001) - 3.5
    assert man.chance([FULL, FULL], RULES) == pytest.approx(upper_tail(float(needed), 9.0, 4.0))


def test_one_extract_names_nobody_unless_something_else_supports_him() -> None:
    assert standing().chance([FULL], RULES) == 0.0
    assert standing().chance([FULL, FULL], RULES) > 0.9
    # With teeth that say 0.97 by themselves, the extract is not alone.
    assert replace(standing(0.97), support=1).chance([FULL], RULES) > 0.9


def test_more_extracts_never_lower_the_chance() -> None:
    gains = names_by_samples(standing(), [(0.6, 0.9), (0.5, 0.9), (0.2, 0.8), (0.2, 0.8)], RULES)
    assert gains == sorted(gains)
    assert gains[0] == 0.0 < gains[2] < gains[4] < 1.0


def test_a_rival_of_the_same_family_or_a_conflict_bars_the_name() -> None:
    assert replace(standing(), rivals=0.5).chance([FULL, FULL], RULES) == 0.0
    assert replace(standing(), against=True).chance([FULL, FULL], RULES) == 0.0


def test_what_is_known_already_is_not_counted_twice() -> None:
    lines = {STR: 5.0, MTDNA: 2.0}
    sure = replace(standing(0.9999, 5.0, 0.0), lines=lines, extracts=(PARTIAL, PARTIAL))
    assert sure.chance(sure.extracts, RULES) == 1.0
    assert names_by_samples(sure, [(0.6, 0.9)], RULES) == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("gains", [[0.0, 0.1, 0.15, 0.15], [0.0, 0.0, 0.0, 0.3], [0.0, 0.0, 0.5, 0.6], [0.0]])
def test_shares_are_falling_and_add_up(gains: list[float]) -> None:
    found = shares(gains)
    assert sum(found) == pytest.approx(gains[-1])
    assert found == sorted(found, reverse=True)


def test_a_variate_that_must_do_the_impossible_never_does() -> None:
    assert upper_tail(inf, 5.0, 1.0) == 0.0


@pytest.fixture(scope="module")
def line() -> AutosomalLine:
    dossier = handover(SMALL).dossier.in_order()
    case, settings = Case.from_dossier(dossier), Settings()
    others = frozenset({MTDNA, YSTR, "resemblance", "stature", "age", "dental", "clavicle", "isotopes", "material"})
    built = build_lines(dossier, case, States.of(case), settings.lines, others, Run("identify", 1, {}))
    found = next(one for one in built if one.name == STR)
    assert isinstance(found, AutosomalLine)
    return found


def family() -> Family:
    """A man, his child and its mother, his brother, a cousin, and everybody who connects them; nobody was typed."""
    rows = [
        ("GF", -1, -1, 1), ("GM", -1, -1, 2), ("F", -1, -1, 1), ("M", 0, 1, 2), ("aunt", 0, 1, 2), ("uncle", -1, -1, 1),
        ("man", 2, 3, 1), ("wife", -1, -1, 2), ("child", 6, 7, 1), ("brother", 2, 3, 1), ("cousin", 5, 4, 2),
    ]  # fmt: skip
    men = np.full(len(rows), -1)
    men[6] = 0
    return Family(
        "F1",
        tuple(r[0] for r in rows),
        np.array([r[1] for r in rows]),
        np.array([r[2] for r in rows]),
        np.array([r[3] for r in rows]),
        men,
        tuple(() for _ in rows),
    )


def test_a_child_tells_more_than_a_cousin(line: AutosomalLine) -> None:
    ids = family().ids

    def gain(name: str) -> float:
        found = donor_gain(line, family(), ids.index("man"), ids.index(name), 0, None, np.random.default_rng(1), 24)
        assert found is not None
        return found.complete

    child, brother, cousin = gain("child"), gain("brother"), gain("cousin")
    assert child > 2 * cousin
    assert brother > 2 * cousin
    assert cousin > 0


def test_whoever_may_be_alive_and_is_of_the_blood_can_be_asked() -> None:
    one = family()
    asked = {one.ids[i]: word for i, word in who_can_be_asked(one, one.ids.index("man"))}
    assert set(asked) == {"child", "brother", "cousin"}
    assert asked["brother"] == "full brother"


def test_the_dense_bones_give_more() -> None:
    assert success_of("femur")[0] > success_of("humerus")[0] > success_of("rib")[0]


@pytest.fixture(scope="module")
def found() -> Identification:
    return identify(handover(SMALL).dossier, Settings(), Run("identify", 1, {}))


@pytest.mark.slow
def test_the_table_is_the_contract_and_ranked_by_names_per_cost(found: Identification) -> None:
    tests = next_tests(found, handover(SMALL).dossier)
    table = next_tests_table(tests)
    assert table.columns == list(NEXT_TESTS)
    assert tests
    assert {t.action for t in tests} <= {"sample_bone", "type_more", "sample_relative", "measure"}
    worth = [t.names_per_cost for t in tests]
    assert worth == sorted(worth, reverse=True)
    assert all(0 < t.expected_names <= 1.5 and t.cost > 0 and t.reason for t in tests)


@pytest.mark.slow
def test_the_same_identification_gives_the_same_tests(found: Identification) -> None:
    dossier = handover(SMALL).dossier
    assert next_tests(found, dossier) == next_tests(found, dossier)


@pytest.mark.slow
def test_whoever_has_his_name_needs_no_further_sample(found: Identification) -> None:
    named = {
        found.case.specimen_ids[s] for x in found.individuals if x.verdict.word == "identification" for s in x.specimens
    }
    tests = next_tests(found, handover(SMALL).dossier)
    assert [t for t in tests if t.subject_id in named] == []


@pytest.mark.slow
def test_what_costs_more_stands_lower(found: Identification) -> None:
    dossier = handover(SMALL).dossier
    costs = pl.DataFrame(
        {"action": ["sample_bone", "sample_bone"], "element": ["femur", None], "cost": ["1000000", "2000"]}
    )
    dear = Dossier.from_texts({**dossier.texts, "test_costs": costs})
    femora = {s for s, e in dossier.table("specimens").select("specimen_id", "element").iter_rows() if e == "femur"}

    def mean_rank(case: Dossier) -> float:
        bones = [t.subject_id for t in next_tests(found, case) if t.action == "sample_bone"]
        ranks = [k for k, s in enumerate(bones) if s in femora]
        return float(np.mean(ranks))

    assert mean_rank(dear) > mean_rank(dossier)


@pytest.mark.slow
def test_only_bones_that_can_be_cut_are_proposed(found: Identification) -> None:
    some = frozenset(found.case.specimen_ids[:40])
    tests = next_tests(found, handover(SMALL).dossier, samplable=some)
    assert {t.subject_id for t in tests if t.action == "sample_bone"} <= some


@pytest.mark.slow
def test_families_that_gave_nothing_are_called_for_whom_nothing_points_at() -> None:
    texts = handover(SMALL).dossier.texts
    silent = pl.col("origin_id").str.slice(3, 5).cast(pl.Int64, strict=False) % 2 == 0
    gone = texts["samples"].filter((pl.col("origin") == "relative") & silent).get_column("sample_id").to_list()
    dossier = Dossier.from_texts(
        {
            name: table.filter(~pl.col("sample_id").is_in(gone)) if "sample_id" in table.columns else table
            for name, table in texts.items()
        }
    )
    tests = next_tests(identify(dossier, Settings(), Run("identify", 1, {})), dossier)
    called = [t for t in tests if t.action == "sample_relative" and int(t.subject_id[3:8]) % 2 == 0]
    assert len(called) > 10

    def most(word: str) -> float:
        return max((t.expected_names for t in called if t.reason.startswith(word)), default=0.0)

    assert most("full ") > most("nephew")
    assert most("full ") > most("first cousin")


@pytest.mark.slow
def test_the_command_shows_a_result_and_refuses_one_of_another_dossier(tmp_path: Path) -> None:
    folder, result = tmp_path / "dossier", tmp_path / "result"
    write_dossier(handover(SMALL).dossier, folder)
    runner = CliRunner()
    assert runner.invoke(app, ["identify", str(folder), "--out", str(result), "--quiet"]).exit_code == 0
    shown = runner.invoke(app, ["next", str(folder), "--result", str(result), "--top", "3", "--json"])
    assert shown.exit_code == 0, shown.output
    rows = json.loads(shown.output)
    assert [r["rank"] for r in rows] == [1, 2, 3]
    (folder / "specimens.csv").write_text((folder / "specimens.csv").read_text() + "S99999,,femur,L\n")
    refused = runner.invoke(app, ["next", str(folder), "--result", str(result)])
    assert refused.exit_code != 0
