"""Ratios of outlines against the densities written out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal, multivariate_t

from cenotaph.dossier.film_tables import load_clavicle_model
from cenotaph.radiography.clavicle import FREEDOM, shape_log_lr, size_log_lr
from cenotaph.radiography.invented import draw_clavicles, film_outlines, scan_outlines


def test_shape_and_size_ratios_as_densities() -> None:
    model = load_clavicle_model()
    rng = np.random.default_rng(11)
    people = draw_clavicles(40, rng)
    bones = model.read(list(scan_outlines(people, rng))[:3], ["L"] * 3)
    films = model.read(list(film_outlines(people, rng)), ["L"] * 40)
    joint = np.block([[model.total_bone, model.shared], [model.shared.T, model.total_film]])
    mean = np.concatenate((model.mean_bone, model.mean_film))
    ours = (shape_log_lr(model, bones, films) - model.intercept) / model.slope
    size = size_log_lr(model, bones.log_size, films.log_size)
    b, w = model.size_between, model.size_within
    centre = np.median(films.log_size)
    for i in range(3):
        for j in range(40):
            x, y = bones.vectors[i], films.vectors[j]
            both = multivariate_t.logpdf(np.concatenate((x, y)), mean, joint, df=FREEDOM)
            alone = multivariate_t.logpdf(x, model.mean_bone, model.total_bone, df=FREEDOM)
            other = multivariate_t.logpdf(y, model.mean_film, model.total_film, df=FREEDOM)
            assert ours[i, j] == pytest.approx(both - alone - other, rel=1e-6, abs=1e-6)
            p, q = bones.log_size[i] - model.size_mean_bone, films.log_size[j] - centre
            pair = multivariate_normal.logpdf([p, q], cov=[[b, b], [b, b + w]])
            single = multivariate_normal.logpdf(p, cov=b) + multivariate_normal.logpdf(q, cov=b + w)
            assert size[i, j] == pytest.approx(pair - single, rel=1e-9)
