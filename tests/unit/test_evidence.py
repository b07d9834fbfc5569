"""Lines of evidence on a small simulated handover, and the pieces they are made of."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from cenotaph.dossier.read import Dossier
from cenotaph.evidence.autosomal import AutosomalLine, AutosomalSettings
from cenotaph.evidence.case import Case
from cenotaph.evidence.combine import ErrorSettings, Evidence
from cenotaph.evidence.line import FOREIGN, States
from cenotaph.evidence.provenance import Provenance
from cenotaph.evidence.registry import LineSettings, build_lines
from cenotaph.provenance import Run
from tests.unit.handovers import SMALL, handover


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    dossier = handover(SMALL).dossier
    case = Case.from_dossier(dossier)
    states = States.of(case)
    lines = build_lines(dossier, case, states, LineSettings(), frozenset(), Run("test", 1, {}))
    populations = len(case.populations) + 3
    return Evidence(case, states, lines, ErrorSettings(), np.full(populations, 1 / populations))


def autosomal(evidence: Evidence) -> AutosomalLine:
    return next(line for line in evidence.lines if isinstance(line, AutosomalLine))


def bone_samples(evidence: Evidence) -> list[int]:
    line = autosomal(evidence)
    return [int(s) for s in np.flatnonzero(line.row_of_sample >= 0)]


def test_states_are_normalised_for_every_man(evidence: Evidence) -> None:
    total = np.logaddexp.reduceat(evidence.log_state, evidence.states.first)
    np.testing.assert_allclose(total, 0.0, atol=1e-9)
    assert (np.bincount(evidence.states.man) >= 1).all()


def test_tables_are_distributions(evidence: Evidence) -> None:
    line = autosomal(evidence)
    per_marker = np.add.reduceat(line.tables, line.offsets[:-1], axis=1)
    np.testing.assert_allclose(per_marker, 1.0, rtol=2e-5)


def test_a_man_without_references_is_his_population(evidence: Evidence) -> None:
    case = evidence.case
    bare = [
        m for m in range(len(case.missing_ids)) if case.family_of[m] < 0 or not case.families[case.family_of[m]].donors
    ]
    assert bare
    sample = bone_samples(evidence)[0]
    scores = evidence.plain([(sample,)], np.array(bare[:1]))
    own = evidence.own_population[bare[0]]
    assert scores.men[0, 0] == pytest.approx(scores.populations[0, own], abs=1e-6)


def test_two_samples_of_one_person_count_once(evidence: Evidence) -> None:
    """The set's likelihood is one sum over genotypes: never below the product of what the samples say apart by much."""
    line = autosomal(evidence)
    one, other = bone_samples(evidence)[:2]
    together = line.score([(one, other)]).populations[0]
    swapped = line.score([(other, one)]).populations[0]
    np.testing.assert_allclose(together, swapped)
    same = line.link([(one,)], [(one,)])[0, 0]
    assert same > 0


def test_links_are_symmetric(evidence: Evidence) -> None:
    sets = [(s,) for s in bone_samples(evidence)[:12]]
    for line in evidence.lines:
        if line.name == "str":
            np.testing.assert_allclose(line.link(sets, sets), line.link(sets, sets).T, atol=1e-3)


def test_a_wrong_sample_bounds_the_ratio(evidence: Evidence) -> None:
    """With one sample, no man can lose by more than the probability that the sample is somebody else's."""
    men = np.arange(len(evidence.case.missing_ids))
    sample = bone_samples(evidence)[0]
    mixed = evidence.likelihoods([(sample,)], men)
    plain = evidence.plain([(sample,)], men)
    anybody = float(np.logaddexp.reduce(plain.populations[0] + np.log(evidence.nobody)))
    assert mixed.men[0].min() >= anybody + np.log(evidence.errors.sample) - 1e-9


def test_a_line_that_does_not_exist_is_refused() -> None:
    from cenotaph.errors import InvalidInput

    dossier = handover(SMALL).dossier
    case = Case.from_dossier(dossier)
    with pytest.raises(InvalidInput, match="astrology"):
        build_lines(dossier, case, States.of(case), LineSettings(), frozenset({"astrology"}), Run("test", 1, {}))


def test_provenance_is_a_distribution_over_the_roster(evidence: Evidence) -> None:
    prior = Provenance(handover(SMALL).dossier, evidence.case)
    for specimens in ([0], [0, 1, 2]):
        assert np.exp(prior.log_prior(specimens)).sum() == pytest.approx(1.0)


def test_settings_of_the_line_are_named() -> None:
    assert AutosomalSettings().mutation_male == 0.002


def test_a_family_with_a_loop_goes_to_the_exact_engine(evidence: Evidence) -> None:
    """The same family by both ways: the exact engine against the compiled kernel, call error aside."""
    line = autosomal(evidence)
    case = evidence.case
    family = next(f for f in case.families if line._typed_nodes(f) and (f.men >= 0).sum() == 1)
    node = int(np.flatnonzero(family.men >= 0)[0])
    left = line._typed_nodes(family)
    fast = line._tables_of([(family, node, 0, left)]).tables[0]
    exact, loglik = line._looped(family, node, 0, left)
    np.testing.assert_allclose(exact, fast, atol=0.01)
    assert np.isfinite(loglik).all()
    per_marker = np.add.reduceat(exact, line.offsets[:-1])
    np.testing.assert_allclose(per_marker, 1.0, rtol=1e-6)


def test_an_unknown_population_is_the_mixture(evidence: Evidence) -> None:
    """A man without references and of unknown population weighs what a random man of the roster weighs."""
    texts = dict(handover(SMALL).dossier.texts)
    texts["missing"] = texts["missing"].with_columns(
        pl.when(pl.int_range(pl.len()) < 40).then(pl.lit("unknown")).otherwise(pl.col("population")).alias("population")
    )
    dossier = Dossier.from_texts(texts)
    case = Case.from_dossier(dossier)
    states = States.of(case)
    lines = build_lines(dossier, case, states, LineSettings(), frozenset(), Run("test", 1, {}))
    populations = len(case.populations) + len(FOREIGN)
    mixed = Evidence(case, states, lines, ErrorSettings(), np.full(populations, 1 / populations))
    np.testing.assert_allclose(np.logaddexp.reduceat(mixed.log_state, states.first), 0.0, atol=1e-9)
    bare = next(
        m
        for m in range(len(case.missing_ids))
        if case.population[m] < 0 and (case.family_of[m] < 0 or not case.families[case.family_of[m]].donors)
    )
    sample = int(np.flatnonzero(autosomal(mixed).row_of_sample >= 0)[0])
    scores = mixed.plain([(sample,)], np.array([bare]))
    own = scores.populations[0, : len(case.populations)]
    assert scores.men[0, 0] == pytest.approx(float(np.logaddexp.reduce(own + np.log(case.population_share))), abs=1e-4)
