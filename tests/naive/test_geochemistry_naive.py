"""Densities of sets of bones against one dense normal for every value."""

from __future__ import annotations

import numpy as np
import pytest

from cenotaph.dossier.isotope_tables import load_isotope_model
from cenotaph.geochemistry.isotopes import isotope_statistics, link_log_lr, log_density, origin_loglik


def dense_logpdf(deviation: np.ndarray, covariance: np.ndarray) -> float:
    """Normal density in units of each value's spread: ratios of strontium and of carbon differ ten thousandfold."""
    scale = np.sqrt(np.diag(covariance))
    z, correlation = deviation / scale, covariance / np.outer(scale, scale)
    distance = z @ np.linalg.solve(correlation, z)
    log_determinant = np.linalg.slogdet(correlation)[1] + 2 * np.log(scale).sum()
    return float(-0.5 * (distance + log_determinant + len(z) * np.log(2 * np.pi)))


def dense_loglik(variables: list[int], bones: list[int], values: np.ndarray) -> np.ndarray:
    """Shape (classes,): each value is its person's plus noise; two values of a variable share the person's."""
    model = load_isotope_model()
    out = np.zeros(len(model.classes))
    if not variables:
        return out
    v = np.array(variables)
    assert len({(a, b) for a, b in zip(variables, bones, strict=True)}) == len(v)
    terms = []
    for d in range(len(model.diets)):
        person = model.correlation * np.outer(model.sd[d], model.sd[d])
        covariance = person[np.ix_(v, v)] + np.diag(model.within_sd[v] ** 2)
        terms.append(dense_logpdf(values - model.mean[d, v], covariance))
    for k in range(len(out)):
        out[k] = np.log(np.sum(model.weight[k] * np.exp(terms)))
    return out


@pytest.mark.parametrize("seed", range(6))
def test_sets_and_links(seed: int) -> None:
    model = load_isotope_model()
    rng = np.random.default_rng(seed)
    sets = []
    for _ in range(5):
        cells = [(v, b) for v in range(len(model.variables)) for b in range(3) if rng.random() < 0.3]
        variables, bones = [c[0] for c in cells], [c[1] for c in cells]
        values = model.mean[0, variables] + model.sd[0, variables] * rng.normal(size=len(cells))
        sets.append((variables, bones, values))
    where = [k for k, (v, _, _) in enumerate(sets) for _ in v]
    names = [model.variables[v] for vs, _, _ in sets for v in vs]
    statistics = isotope_statistics(model, where, names, np.concatenate([x for _, _, x in sets]), 5)
    ours = origin_loglik(model, statistics)
    theirs = np.array([dense_loglik(*s) for s in sets])
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-9)
    prior = np.full(len(model.classes), 1 / len(model.classes))
    links = link_log_lr(model, statistics, statistics, prior)
    for i in range(5):
        for j in range(5):
            if i == j or not sets[i][0] or not sets[j][0]:
                continue
            joined = dense_loglik(
                sets[i][0] + sets[j][0],
                sets[i][1] + [b + 3 for b in sets[j][1]],
                np.concatenate((sets[i][2], sets[j][2])),
            )
            expected = log_density(np.array([joined, theirs[i], theirs[j]]), prior)
            assert links[i, j] == pytest.approx(expected[0] - expected[1] - expected[2], rel=1e-9, abs=1e-8)
