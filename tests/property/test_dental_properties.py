"""What must hold of teeth whatever the charts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.naive.test_dental_naive import random_charts

from cenotaph.errors import InvalidInput
from cenotaph.odontology.chart import (
    COMPARED,
    TEETH,
    UNKNOWN,
    Chart,
    States,
    code_of,
    combine_states,
    from_palmer,
    from_universal,
    state_of,
    to_palmer,
    to_universal,
)
from cenotaph.odontology.comparison import Finding, findings
from cenotaph.odontology.likelihood import ChartErrors, compare_charts, transition
from cenotaph.odontology.population import fit_classes

MEN = random_charts(40, 11)
MOUTHS = fit_classes(MEN, counts=(2,))
charts = hnp.arrays(np.int8, (32,), elements=st.integers(-1, 33))
teeth = st.sampled_from(TEETH)


@given(teeth)
def test_numbers_return(tooth: str) -> None:
    assert from_universal(to_universal(tooth)) == tooth
    assert from_palmer(to_palmer(tooth)) == tooth
    letters = {"1": "UR", "2": "UL", "3": "LL", "4": "LR"}[tooth[0]] + tooth[1]
    assert from_palmer(letters) == tooth


def test_the_notations_name_32_teeth_each() -> None:
    assert [to_universal(t) for t in TEETH] == list(range(1, 33))
    assert len({to_palmer(t) for t in TEETH}) == 32


@given(st.integers(-1, 33), teeth)
def test_codes_return(state: int, tooth: str) -> None:
    assert state_of(code_of(state, tooth)) == state


@given(charts)
def test_charts_return(states: States) -> None:
    assert Chart.from_states("X", states).states.tolist() == states.tolist()


@given(charts, charts)
def test_agreement_is_mutual_and_treatment_is_not(a: States, b: States) -> None:
    there, back = findings(a, b), findings(b, a)
    assert ((there == Finding.AGREES) == (back == Finding.AGREES)).all()
    both = (there == Finding.EXPLAINABLE) & (back == Finding.EXPLAINABLE)
    # Lost and not erupted look alike in the mouth; every other step goes one way.
    assert set(np.concatenate([a[both], b[both]]).tolist()) <= {32, 33}


@settings(max_examples=25, deadline=None)
@given(charts, st.integers(0, 27))
def test_a_tooth_not_observed_changes_nothing(post: States, k: int) -> None:
    post[COMPARED[k]] = UNKNOWN
    blind = np.delete(np.arange(28), k)
    full = compare_charts(post[None], MEN, MOUTHS)
    altered = MEN.copy()
    without = compare_charts(np.where(np.isin(np.arange(32), COMPARED[blind]), post, UNKNOWN)[None], altered, MOUTHS)
    assert full.ante == pytest.approx(without.ante, rel=1e-12)
    assert full.others == pytest.approx(without.others, rel=1e-12)


def test_nothing_observed_says_nothing() -> None:
    silent = np.full((1, 32), UNKNOWN, dtype=np.int8)
    assert compare_charts(silent, MEN, MOUTHS).log10_lr == pytest.approx(np.zeros((1, 40)), abs=1e-12)
    assert compare_charts(MEN[:3], np.vstack([MEN, silent]), MOUTHS).log10_lr[:, -1] == pytest.approx(np.zeros(3))


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(40)))
def test_order_of_men_changes_nothing(order: list[int]) -> None:
    post = random_charts(3, 12)
    there = compare_charts(post, MEN, MOUTHS).log10_lr[:, order]
    assert compare_charts(post, MEN[order], MOUTHS).log10_lr == pytest.approx(there, rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 33), st.floats(0, 1), st.floats(0, 0.5), st.integers(0, 27), st.integers(0, 1))
def test_what_a_tooth_becomes_sums_to_one(state: int, change: float, error: float, tooth: int, z: int) -> None:
    row = transition(MOUTHS.profile[z, tooth], np.array(state), np.array(change), error)
    assert row.sum() == pytest.approx(1.0)
    assert (row >= 0).all()


def test_the_whole_mixture_sums_to_one() -> None:
    assert MOUTHS.profile.sum(axis=2) == pytest.approx(np.ones((2, 28)))
    assert MOUTHS.weight.sum() == pytest.approx(1.0)
    one = np.full((34, 32), UNKNOWN, dtype=np.int8)
    one[:, COMPARED[5]] = np.arange(34)
    assert np.exp(MOUTHS.loglik(one)).sum() == pytest.approx(1.0)


def test_years_between_charts_weaken_what_agreement_tells_and_soften_explainable_change() -> None:
    post = np.full((1, 32), UNKNOWN, dtype=np.int8)
    post[0, COMPARED[3]] = 6
    ante = np.full((2, 32), UNKNOWN, dtype=np.int8)
    ante[:, COMPARED[3]] = 6, 0
    soon, late = (compare_charts(post, ante, MOUTHS, years=np.full(2, y), among=False).ante[0] for y in (0.1, 10.0))
    assert soon[0] > late[0]
    assert soon[1] < late[1]


@given(hnp.arrays(np.int8, (5, 32), elements=st.integers(-1, 33)), st.permutations(range(5)))
def test_joining_charts_has_no_order(states: States, order: list[int]) -> None:
    group = np.array([0, 0, 1, 1, 1])
    there = combine_states(states, group, 2)
    back = combine_states(states[order], group[order], 2)
    assert (there.states == back.states).all()
    assert (there.clash == back.clash).all()


def test_same_seed_same_classes() -> None:
    one, two = (fit_classes(MEN, seed=4) for _ in range(2))
    assert (one.profile == two.profile).all()
    assert (one.weight == two.weight).all()


def test_errors_are_checked() -> None:
    with pytest.raises(InvalidInput, match="careless is no probability"):
        ChartErrors(careless=1.0)
