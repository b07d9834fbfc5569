"""The fast dental likelihoods against plain enumeration."""

from __future__ import annotations

import numpy as np
import pytest

from cenotaph.odontology.chart import COMPARED, LOST, TEETH, UNERUPTED, UNKNOWN, States
from cenotaph.odontology.comparison import REACHABLE
from cenotaph.odontology.likelihood import SLIPS, ChartErrors, compare_charts, population_loglik
from cenotaph.odontology.population import MouthClasses, ToothCounts, caries_level_classes, fit_classes
from tests.naive import dental_likelihood as naive


def random_charts(n: int, seed: int, *, unknown: float = 0.2) -> States:
    rng = np.random.default_rng(seed)
    prone = rng.random((n, 1))
    states = np.where(rng.random((n, 32)) < prone * 0.7, rng.integers(1, 32, (n, 32)), 0)
    states = np.where(rng.random((n, 32)) < prone * 0.2, LOST, states)
    states = np.where(rng.random((n, 32)) < 0.02, UNERUPTED, states)
    return np.where(rng.random((n, 32)) < unknown, UNKNOWN, states).astype(np.int8)


ANTE, POST = random_charts(60, 1), random_charts(4, 2, unknown=0.5)
ERRORS = ChartErrors(tooth=0.02, careless_tooth=0.1, careless=0.25, change_per_year=0.3, years=2.0)


@pytest.fixture(scope="module")
def mouths() -> MouthClasses:
    return fit_classes(ANTE, counts=(3,))


def test_tables_of_treatment_and_slips() -> None:
    for before in range(34):
        assert [bool(REACHABLE[before, after]) for after in range(34)] == [
            naive.can_become(before, after) for after in range(34)
        ]
        assert SLIPS[before] == pytest.approx([naive.slip(before, after) for after in range(34)])


def test_of_the_man(mouths: MouthClasses) -> None:
    years = np.where(np.arange(60) % 3 == 0, np.nan, np.arange(60) / 10.0)
    found = compare_charts(POST, ANTE, mouths, ERRORS, years=years)
    for i in range(len(POST)):
        for j in (0, 1, 7, 30):
            gap = ERRORS.years if np.isnan(years[j]) else float(years[j])
            assert found.ante[i, j] == pytest.approx(naive.log_if_his(POST[i], ANTE[j], mouths, ERRORS, gap), rel=1e-11)


def test_of_the_population(mouths: MouthClasses) -> None:
    expected = [naive.log_if_anybody(post, mouths, ERRORS) for post in POST]
    assert population_loglik(POST, mouths, ERRORS)[:, 0] == pytest.approx(expected, rel=1e-11)
    assert compare_charts(POST, ANTE, mouths, ERRORS).population[:, 0] == pytest.approx(expected, rel=1e-11)


def test_without_the_tested_man_is_the_population_learned_without_him() -> None:
    """With one class and no change or error, leaving out is exact up to the man's share in the prior margin."""
    ante = random_charts(80, 5, unknown=0.0)
    ante[ante == UNERUPTED] = 0
    clean = ChartErrors(tooth=0.0, careless_tooth=0.0, careless=0.0, change_per_year=0.0)
    for man in (0, 3, 50):
        found = compare_charts(ante[:6], ante, fit_classes(ante, counts=(1,), prior=1e-6), clean).others[:, man]
        refitted = fit_classes(np.delete(ante, man, axis=0), counts=(1,), prior=1e-6)
        conditions = np.log(found_conditions(refitted, ante[:6]))
        surfaces = found_surfaces(ante, man, ante[:6])
        assert found == pytest.approx(conditions + surfaces, abs=1e-3)


def found_conditions(mouths: MouthClasses, charts: States) -> np.ndarray:
    return np.array(
        [np.prod([mouths.condition[0, t, naive.condition(int(s))] for t, s in enumerate(c[COMPARED])]) for c in charts]
    )


def found_surfaces(ante: States, man: int, charts: States) -> np.ndarray:
    """log of the surfaces' shares, counted plainly, the man's own tooth taken out once of its tooth."""
    from cenotaph.odontology.chart import ANTERIOR
    from cenotaph.odontology.population import PRIOR_RESTORED

    teeth = ante[:, COMPARED]
    front = ANTERIOR[COMPARED]
    total = np.zeros(len(charts))
    for t in range(28):
        column = teeth[:, t]
        part = teeth[:, front == front[t]]
        pooled = np.array([(part == s).sum() + 1 / 31 for s in range(1, 32)])
        prior = PRIOR_RESTORED * pooled / pooled.sum()
        counts = np.array([(column == s).sum() for s in range(1, 32)]) + prior
        if 1 <= column[man] <= 31:
            counts[column[man] - 1] -= 1
        for i, chart in enumerate(charts[:, COMPARED]):
            if 1 <= chart[t] <= 31:
                total[i] += np.log(counts[chart[t] - 1] / counts.sum())
    return total


def test_without_published_counts_no_man_matters() -> None:
    flat = [ToothCounts(t, 700, 200, 100, {"O": 150}, 50) for t in TEETH]
    found = compare_charts(POST, ANTE[:20], caries_level_classes(flat, ANTE[:20]))
    assert found.others == pytest.approx(np.broadcast_to(found.population, found.others.shape))
