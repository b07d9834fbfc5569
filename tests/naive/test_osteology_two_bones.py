"""The table of two bones, cell by cell."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_t

from cenotaph.osteology.two_bones import TwoBoneModel, fit_pair_table, pair_table


def naive_ratio(model: TwoBoneModel, first: np.ndarray, second: np.ndarray) -> float:
    def density(values: np.ndarray) -> float:
        seen = ~np.isnan(values)
        if not seen.any():
            return 0.0
        law = multivariate_t(model.mean[seen], model.scale[np.ix_(seen, seen)], model.df)
        return float(law.logpdf(values[seen]))

    none = [np.full_like(x, np.nan) for x in (first, second)]
    alone = density(np.append(first, none[1])) + density(np.append(none[0], second))
    return density(np.append(first, second)) - alone


def test_table_with_missing_cells() -> None:
    rng = np.random.default_rng(5)
    root = rng.normal(size=(5, 5)) * 0.05
    model = TwoBoneModel(rng.normal(size=5), root @ root.T + 1e-4 * np.eye(5), 3, 7.5, 9.0, 60)
    first = model.mean[:3] + rng.normal(size=(9, 3)) * 0.1
    second = model.mean[3:] + rng.normal(size=(8, 2)) * 0.1
    for values in (first, second):
        values[rng.random(values.shape) < 0.3] = np.nan
    first[0], second[0] = np.nan, np.nan
    found = pair_table(model, first, second)
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            assert found[i, j] == pytest.approx(naive_ratio(model, a, b), rel=1e-9, abs=1e-9)


def test_fit_finds_the_law_that_it_was_drawn_from() -> None:
    rng = np.random.default_rng(6)
    n = 4000
    person = rng.normal(size=(n, 1)) * np.array([0.05, 0.04])
    sides = [person + rng.normal(size=(n, 2)) * np.array([0.01, 0.03]) for _ in range(2)]
    mask = [rng.random((n, 2)) < 0.2 for _ in range(2)]
    left, right = (np.where(m, np.nan, s) for m, s in zip(mask, sides, strict=True))
    model = fit_pair_table(left, right)
    covariance = model.scale * model.df / (model.df - 2)
    assert np.sqrt(np.diag(covariance)) == pytest.approx([0.051, 0.05, 0.051, 0.05], rel=0.06)
    assert covariance[0, 2] / covariance[0, 0] == pytest.approx(0.05**2 / 0.051**2, abs=0.01)
    assert model.tail_df == 100.0
    assert model.reference_size == n
