"""How answers depend on what was assumed: one thing varied at a time, only what depends on it built again."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cenotaph.cli.main import app
from cenotaph.dossier.write import write_dossier
from cenotaph.evidence.autosomal import AutosomalLine
from cenotaph.identification.grouping import Names
from cenotaph.identification.identify import Identification, identify
from cenotaph.identification.sensitivity import (
    Varied,
    _log_weights,
    reweighted,
    robustness,
    scorer_of,
    sensitivity,
)
from cenotaph.identification.settings import Settings
from cenotaph.identification.variants import _OtherPopulations, _OtherTheta, variants
from cenotaph.provenance import Run
from tests.unit.handovers import SMALL, handover

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found() -> Identification:
    return identify(handover(SMALL).dossier, Settings(), Run("identify", 1, {}))


@pytest.fixture(scope="module")
def varied(found: Identification) -> tuple[Varied, ...]:
    return sensitivity(found, handover(SMALL).dossier, Settings())


def autosomal(found: Identification) -> AutosomalLine:
    return next(line for line in found.evidence.lines if isinstance(line, AutosomalLine))


def names(men: list[float], classes: list[float]) -> Names:
    return Names(np.arange(len(men)), np.array(men), np.array(classes))


def test_what_changes_nothing_leaves_the_answer() -> None:
    one = names([0.7, 0.1], [0.0, 0.05, 0.05, 0.0, 0.0, 0.1])
    weights = np.log([0.8, 0.1, 1e-9, 0.05, 0.05, 1e-9, 1e-9])
    moved = reweighted(one, weights, weights)
    assert moved.probability == pytest.approx(one.probability, abs=1e-6)
    assert moved.classes == pytest.approx(one.classes, abs=1e-6)


def test_odds_move_by_the_ratio_of_weights() -> None:
    one = names([0.6, 0.4], [0.0] * 6)
    before = np.array([0.0, 0.0, *[-99.0] * 5])
    moved = reweighted(one, before, before + np.array([np.log(10), 0, 0, 0, 0, 0, 0]))
    assert moved.probability[0] / moved.probability[1] == pytest.approx(15.0)


def test_what_sampling_never_met_can_rise_and_what_was_excluded_cannot() -> None:
    one = names([1.0, 0.0, 0.0], [0.0] * 6)
    before = np.array([0.0, -4.0, -np.inf, *[-99.0] * 5])
    after = np.array([-12.0, 0.0, -np.inf, *[-99.0] * 5])
    moved = reweighted(one, before, after)
    assert moved.men[0] == 1
    assert moved.probability[moved.men == 2].sum() == 0.0


def test_where_nothing_is_possible_the_answer_is_left() -> None:
    one = names([1.0], [0.0] * 6)
    nothing = np.full(6, -np.inf)
    assert reweighted(one, nothing, nothing) == one


def test_every_individual_with_a_verdict_has_a_row_for_every_variant(
    found: Identification, varied: tuple[Varied, ...]
) -> None:
    every = variants(handover(SMALL).dossier.in_order(), scorer_of(found, handover(SMALL).dossier, Settings()),
                     Settings())  # fmt: skip
    judged = [one for one in found.individuals if one.verdict.word != "unresolved"]
    assert len(varied) == len(judged) * len(every)
    assert len({(v.parameter, v.value) for v in every}) == len(every)
    assert all(0.0 <= row.probability <= 1.0 for row in varied)
    changed = {row.parameter for row in varied}
    assert {"theta", "frequency tables", "errors.sample", "errors.donor", "prior.label_trust", "share on the roster",
            "lines.autosomal.dropin", "lines.autosomal.least_dropout"} <= changed  # fmt: skip


def test_more_men_on_the_roster_never_speak_for_nobody(found: Identification, varied: tuple[Varied, ...]) -> None:
    by_id = {one.individual_id: one for one in found.individuals}
    share = found.joint.prior.roster
    seen = 0
    for row in varied:
        one = by_id[row.individual_id]
        if row.parameter == "share on the roster" and row.missing_id is None:
            moved = row.probability - one.names.nobody
            assert moved <= 1e-9 if float(row.value) > share else moved >= -2e-3
            seen += 1
    assert seen


def test_the_runs_own_evidence_is_left_as_it_was(found: Identification) -> None:
    """A variant works on copies: after all of them the weights are what they were."""
    dossier = handover(SMALL).dossier.in_order()
    before = [_log_weights(scorer_of(found, dossier, Settings()), one) for one in found.individuals]
    for variant in variants(dossier, scorer_of(found, dossier, Settings()), Settings()):
        scorer = variant.scorer()
        assert any(not np.array_equal(_log_weights(scorer, one), w)
                   for one, w in zip(found.individuals, before, strict=True)), variant.parameter  # fmt: skip
    for one, weights in zip(found.individuals, before, strict=True):
        assert np.array_equal(_log_weights(scorer_of(found, dossier, Settings()), one), weights)


def test_theta_is_changed_as_if_the_line_were_built_with_it(found: Identification) -> None:
    """Families are not peeled again for another theta: the same as when they are."""
    line = autosomal(found)
    quick = _OtherTheta(line, line.model.frequencies, line.theta * 2)
    whole = _OtherPopulations(line, line.model.frequencies, line.theta * 2)
    assert np.array_equal(quick.tables, whole.tables)
    assert quick.reference_loglik == pytest.approx(whole.reference_loglik, abs=1e-9)
    assert not np.array_equal(quick.tables, line.tables)


def test_the_same_theta_and_frequencies_are_the_same_line(found: Identification) -> None:
    line = autosomal(found)
    again = _OtherPopulations(line, line.model.frequencies, line.theta)
    assert again.tables == pytest.approx(line.tables, abs=1e-7)


def reference(rows: Iterator[tuple[str, float, str, str | None]]) -> list[Varied]:
    return [Varied(i, "M1", f"p{k}", "", p, answer, verdict) for k, (i, p, verdict, answer) in enumerate(rows)]


def test_a_name_is_kept_only_if_every_variant_keeps_it() -> None:
    rows = reference(
        iter(
            [
                ("I-1", 0.9999, "identification", "M1"),
                ("I-1", 0.9996, "shortlist", "M1"),
                ("I-2", 0.9999, "identification", "M1"),
                ("I-2", 0.2, "identification", "M2"),
            ]
        )
    )
    r = robustness(rows, ["I-1", "I-2"], 0.9995)
    assert (r.names, r.keep, r.keep_verdict, r.other_names) == (2, 1, 0, 1)
    assert [(v.individual_id, v.probability) for v in r.weakest] == [("I-2", 0.2), ("I-1", 0.9996)]


def test_without_provenance_its_trust_is_not_varied(found: Identification) -> None:
    settings = replace(Settings(), without=frozenset({"provenance"}))
    dossier = handover(SMALL).dossier.in_order()
    names_of = {v.parameter for v in variants(dossier, scorer_of(found, dossier, settings), settings)}
    assert "prior.label_trust" not in names_of


def test_the_command_writes_the_table_the_summary_and_the_section(tmp_path: Path) -> None:
    write_dossier(handover(SMALL).dossier, tmp_path / "dossier")
    outcome = CliRunner().invoke(
        app, ["identify", str(tmp_path / "dossier"), "--out", str(tmp_path / "r"), "--quiet", "--sensitivity"]
    )
    assert outcome.exit_code == 0, outcome.output
    with (tmp_path / "r" / "sensitivity.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["individual_id", "missing_id", "parameter", "value", "probability", "answer", "verdict"]
    summary = json.loads((tmp_path / "r" / "run.json").read_text())["results"]["sensitivity"]
    assert summary["names"] >= summary["keep"] >= summary["keep_verdict"]
    assert summary["grouping"] == "held fixed"
    assert "keep P ≥" in outcome.output.replace("\n", " ")
    page = (tmp_path / "r" / "report.html").read_text(encoding="utf-8")
    assert 'id="sensitivity"' in page
