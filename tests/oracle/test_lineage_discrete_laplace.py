"""Discrete Laplace fit of 185 Danes against the values published with the method's reference program."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cenotaph.genetics.discrete_laplace import choose_discrete_laplace

# Introduction to disclapmix (Andersen 2018), best fit by BIC; EM stopped there at a relative change of 0.001.
CENTRES = [
    [14, 13, 29, 24, 11, 13, 13, 15, 12, 12],
    [15, 14, 31, 23, 10, 12, 14, 14, 10, 11],
    [15, 13, 30, 25, 10, 11, 13, 14, 11, 11],
    [14, 12, 28, 22, 10, 11, 13, 16, 10, 11],
]
DISPERSION = [
    [0.151990, 0.107908, 0.230980, 0.219049, 0.112912, 0.064889, 0.106148, 0.045102, 0.041047, 0.184207],
    [0.211997, 0.150511, 0.322172, 0.305531, 0.157490, 0.090508, 0.148056, 0.062908, 0.057253, 0.256933],
    [0.187469, 0.133097, 0.284897, 0.270181, 0.139269, 0.080036, 0.130926, 0.055630, 0.050629, 0.227206],
    [0.123519, 0.087694, 0.187712, 0.178016, 0.091761, 0.052734, 0.086264, 0.036653, 0.033358, 0.149701],
]  # fmt: skip


@pytest.mark.shared
def test_danes(shared: Path) -> None:
    lines = (shared / "data" / "dna" / "ystr" / "danes.txt").read_text().splitlines()[1:]
    table = np.array([[int(cell) for cell in line.split()] for line in lines])
    fit = choose_discrete_laplace(table[:, :-1], table[:, -1].astype(np.float64))
    assert len(fit.tau) == 4
    order = [fit.centres.tolist().index(centre) for centre in CENTRES]
    assert np.allclose(fit.dispersion[order], DISPERSION, rtol=2e-3)
