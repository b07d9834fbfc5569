"""Properties of the density of a set: order, splitting, marginals, names of populations, size."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cenotaph.dossier.skeleton_tables import load_skeleton_model
from cenotaph.osteology.resemblance import (
    SetStatistics,
    link_table,
    loglik_sets,
    loglik_unions,
    set_statistics,
)

MODEL = load_skeleton_model()
CELLS = st.lists(
    st.tuples(st.sampled_from("LRU"), st.sampled_from(MODEL.codes), st.floats(-0.2, 0.2)), min_size=1, max_size=25
)
Cells = list[tuple[str, str, float]]


def one_set(cells: Cells) -> SetStatistics:
    """Deviations are from the mean of the White men."""
    codes = [code for _, code, _ in cells]
    values = np.array([np.exp(MODEL.mean[0, MODEL.code_index(code)] + d) for _, code, d in cells])
    return set_statistics(MODEL, [0] * len(cells), [side for side, _, _ in cells], codes, values, 1)


@settings(max_examples=40, deadline=None)
@given(CELLS, st.randoms(use_true_random=False))
def test_order_of_bones_changes_nothing(cells: Cells, random) -> None:
    mixed = cells.copy()
    random.shuffle(mixed)
    assert np.allclose(loglik_sets(MODEL, one_set(cells)), loglik_sets(MODEL, one_set(mixed)), rtol=1e-9)


@settings(max_examples=40, deadline=None)
@given(CELLS, st.integers(0, 25))
def test_statistics_add_and_the_compiled_union_agrees(cells: Cells, at: int) -> None:
    whole = loglik_sets(MODEL, one_set(cells))
    first, second = one_set(cells[:at]), one_set(cells[at:])
    assert np.allclose(loglik_sets(MODEL, first + second), whole, rtol=1e-8, atol=1e-8)
    assert np.allclose(loglik_unions(MODEL, first, second)[0, 0], whole[0], rtol=1e-8, atol=1e-8)


@settings(max_examples=40, deadline=None)
@given(CELLS, CELLS)
def test_two_sets_have_one_ratio(a: Cells, b: Cells) -> None:
    forth, back = link_table(MODEL, one_set(a), one_set(b)), link_table(MODEL, one_set(b), one_set(a))
    assert np.allclose(forth, back, rtol=1e-8, atol=1e-8)
    assert np.isfinite(forth).all()


@settings(max_examples=20, deadline=None)
@given(CELLS)
def test_an_empty_set_says_nothing(cells: Cells) -> None:
    assert np.allclose(link_table(MODEL, one_set(cells), one_set([])), 0.0, atol=1e-8)


def test_a_marginal_is_the_density_summed_over_the_other_measurement() -> None:
    step = 5e-3
    grid = np.arange(-1.5, 1.5, step)
    for other in ("Fem_02", "Hum_04", "Tib_01"):
        alone = loglik_sets(MODEL, one_set([("L", "Fem_01", 0.05)]))[0]
        both = [loglik_sets(MODEL, one_set([("L", "Fem_01", 0.05), ("R", other, float(x))]))[0] for x in grid]
        summed = np.logaddexp.reduce(np.array(both), axis=0) + np.log(step)
        assert np.allclose(summed, alone, atol=2e-3)


def test_a_slip_costs_less_than_under_the_normal_law() -> None:
    """One value of the right femur is 20 % off; without tails the ratio of the true pair would be below 1e-20."""
    left = [("L", code, 0.0) for code in ("Fem_01", "Fem_03", "Fem_04", "Fem_05")]
    right = [("R", code, 0.2 if code == "Fem_04" else 0.0) for _, code, _ in left]
    ratio = link_table(MODEL, one_set(left), one_set(right))[0, 0] / np.log(10)
    assert -8 < ratio < 0
