"""Density of a set of measurements against the dense covariance matrix, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import multivariate_normal, multivariate_t

from cenotaph.osteology.moments import SkeletonModel, StatureVariable
from cenotaph.osteology.resemblance import SetStatistics, link_table, loglik_sets, set_statistics
from cenotaph.osteology.stature import RecordError, loglik_given_record

Cell = tuple[str, str, float]
"""Side, code, value in millimetres."""


def small_model(tail_df: float = 9.0, seed: int = 3) -> SkeletonModel:
    """Two elements, five codes, three factors, two populations."""
    rng = np.random.default_rng(seed)
    return SkeletonModel(
        ("white", "asian"),
        ("Fem_01", "Fem_02", "Fem_04", "Hum_01", "Hum_04"),
        ("femur", "femur", "femur", "humerus", "humerus"),
        np.log([[470, 465, 48, 335, 23], [420, 416, 45, 300, 22]]),
        np.array([-0.002, -0.001, 0.0, 0.004, 0.02]),
        rng.normal(size=(5, 3)) * 0.03,
        np.array([0.0, 0.01, 0.02, 0.02, 0.05]),
        np.array([0.005, 0.005, 0.0, 0.002, 0.01]),
        np.array([0.0055, 0.0056, 0.012, 0.007, 0.03]),
        np.array([60, 30]),
        np.array([150, 120, 170, 160, 100]),
        tail_df,
        StatureVariable(np.array([174.0, 162.0]), np.array([3.0, 2.0, -2.0]), 3.0, 900),
    )


def dense(model: SkeletonModel, cells: Sequence[Cell], population: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, mean and covariance of the cells, entry by entry."""
    stretch = model.population_widening[population] * model.code_widening
    n = len(cells)
    values, mean, covariance = np.zeros(n), np.zeros(n), np.zeros((n, n))
    for i, (side, code, value) in enumerate(cells):
        c = model.code_index(code)
        values[i] = np.log(value)
        mean[i] = model.mean[population, c] + {"L": -0.5, "R": 0.5, "U": 0.0, "M": 0.0}[side] * model.asymmetry[c]
        for j, (other_side, other, _) in enumerate(cells):
            d = model.code_index(other)
            entry = model.loadings[c] @ model.loadings[d]
            if c == d:
                entry += model.shared[c] ** 2
            if side == other_side and model.elements[c] == model.elements[d]:
                entry += model.bone[c] * model.bone[d]
            if i == j:
                entry += model.noise_sd[c] ** 2 - model.bone[c] ** 2
            covariance[i, j] = entry * stretch[c] * stretch[d]
    return values, mean, covariance


def naive_loglik(model: SkeletonModel, cells: Sequence[Cell], population: int) -> float:
    """Multivariate t of the cells, of the model's covariance."""
    if not cells:
        return 0.0
    values, mean, covariance = dense(model, cells, population)
    if np.isinf(model.df):
        return float(multivariate_normal(mean, covariance).logpdf(values))
    return float(multivariate_t(mean, covariance * (model.df - 2) / model.df, model.df).logpdf(values))


def random_cells(model: SkeletonModel, rng: np.random.Generator, n: int, population: int = 0) -> list[Cell]:
    cells = []
    for _ in range(n):
        c = int(rng.integers(len(model.codes)))
        value = float(np.exp(model.mean[population, c] + rng.normal() * 0.06))
        cells.append((str(rng.choice(["L", "R", "U"])), model.codes[c], value))
    return cells


def statistics(model: SkeletonModel, sets: Sequence[Sequence[Cell]]) -> SetStatistics:
    rows = [(i, *cell) for i, cells in enumerate(sets) for cell in cells]
    where, sides, codes, values = zip(*rows, strict=True) if rows else ((), (), (), ())
    return set_statistics(model, list(where), sides, codes, np.array(values), len(sets))


@pytest.mark.parametrize("tail_df", [9.0, 40.0, np.inf])
def test_density_of_sets(tail_df: float) -> None:
    model = small_model(tail_df)
    rng = np.random.default_rng(1)
    sets = [random_cells(model, rng, int(n)) for n in rng.integers(0, 9, 40)]
    found = loglik_sets(model, statistics(model, sets))
    for i, cells in enumerate(sets):
        for p in range(2):
            assert found[i, p] == pytest.approx(naive_loglik(model, cells, p), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("tail_df", [9.0, np.inf])
def test_ratio_of_one_person_to_two(tail_df: float) -> None:
    model = small_model(tail_df)
    rng = np.random.default_rng(2)
    first = [random_cells(model, rng, int(n)) for n in rng.integers(0, 7, 12)]
    second = [random_cells(model, rng, int(n), 1) for n in rng.integers(0, 7, 9)]
    weights = np.array([0.7, 0.3])
    found = link_table(model, statistics(model, first), statistics(model, second), np.log(weights))

    def mixture(cells: list[Cell]) -> float:
        return float(np.logaddexp.reduce([naive_loglik(model, cells, p) + np.log(weights[p]) for p in range(2)]))

    for i, a in enumerate(first):
        for j, b in enumerate(second):
            expected = mixture(a + b) - mixture(a) - mixture(b)
            assert found[i, j] == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("sd_cm", [0.5, 3.0, 30.0])
def test_bones_given_a_record(sd_cm: float) -> None:
    """Against the integral over stature; the density of the record is matched in variance and kurtosis."""
    model = small_model(9.0)
    rng = np.random.default_rng(4)
    sets = [random_cells(model, rng, int(n), 1) for n in rng.integers(1, 7, 10)]
    records, error = np.array([150.0, 160.0, 175.0, np.nan]), RecordError(-0.5, sd_cm)
    found = loglik_given_record(model, statistics(model, sets), records, "asian", error)
    for i, cells in enumerate(sets):
        alone = naive_loglik(model, cells, 1)
        for m, record in enumerate(records):
            expected = 0.0 if np.isnan(record) else naive_record_ratio(model, cells, record, error)
            assert found[i, m] - alone == pytest.approx(expected, abs=0.06)


def naive_record_ratio(model: SkeletonModel, cells: Sequence[Cell], record: float, error: RecordError) -> float:
    """log p(record | bones) − log p(record), stature summed on a grid."""
    assert model.stature is not None
    values, mean, covariance = dense(model, cells, 1)
    stretch = model.population_widening[1]
    own = stretch**2 * (model.stature.loadings_cm @ model.stature.loadings_cm + model.stature.residual_sd_cm**2)
    columns = [model.code_index(code) for _, code, _ in cells]
    cross = stretch**2 * model.code_widening[columns] * (model.loadings[columns] @ model.stature.loadings_cm)
    joint = np.block([[covariance, cross[:, None]], [cross[None, :], np.array([[own]])]]) * (model.df - 2) / model.df
    centre = np.append(mean, model.stature.mean_cm[1])
    grid = np.linspace(-640, 960, 16001)
    points = np.column_stack([np.tile(values, (grid.size, 1)), grid])
    both = multivariate_t(centre, joint, model.df).logpdf(points)
    prior = multivariate_t(centre[-1:], joint[-1:, -1:], model.df).logpdf(grid[:, None])
    given = both - np.log(np.sum(np.exp(both)) * 0.1)
    recorded = -0.5 * ((record - error.bias_cm - grid) / error.sd_cm) ** 2

    def total(log_density: np.ndarray) -> float:
        return float(np.logaddexp.reduce(log_density + recorded))

    return total(given) - total(prior)
