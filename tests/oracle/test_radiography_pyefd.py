"""Elliptical Fourier descriptors against pyefd."""

from __future__ import annotations

import numpy as np
import pyefd
import pytest

from cenotaph.radiography.invented import draw_clavicles, scan_outlines
from cenotaph.radiography.outline import elliptic_coefficients, normalise, resample


@pytest.mark.parametrize("seed", range(4))
def test_coefficients_and_normalisation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    outline = resample(scan_outlines(draw_clavicles(1, rng), rng)[0])
    ours = elliptic_coefficients(outline, 10)
    theirs = pyefd.elliptic_fourier_descriptors(np.concatenate((outline, outline[:1])), order=10)
    assert ours.reshape(10, 4) == pytest.approx(theirs, rel=1e-9, abs=1e-12)
    normal = pyefd.normalize_efd(theirs, size_invariant=True)
    shapes = normalise(ours[None])
    readings = [s.coefficients[0].reshape(10, 4) for s in (shapes, shapes.half_turned())]
    assert min(np.abs(r - normal).max() for r in readings) < 1e-9
