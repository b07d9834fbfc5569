"""The two lines and which side of them a place lies on."""

from __future__ import annotations

import numpy as np
import pytest

from cenotaph.accounting.geography import RADIUS_SIGMAS, coast, latitude_side, load_line, side, side_names
from cenotaph.errors import InvalidInput


def test_the_lines_are_two() -> None:
    """Kaesong is south of the parallel and north of the line; Heartbreak Ridge the other way round."""
    assert side_names(37.97, 126.55, 0.1) == ("south", "north")
    assert side_names(38.3, 128.017, 2.0)[0] == "north"
    assert side(38.3, 128.017, 2.0, load_line("demarcation")).p_north < 0.2


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [(39.03, 125.75, 1.0), (37.57, 126.98, 0.0), (35.1, 129.1, 0.0), (41.8, 126.9, 1.0), (37.93, 125.36, 1.0)],
)
def test_capitals_and_coasts(latitude: float, longitude: float, expected: float) -> None:
    assert side(latitude, longitude, 1.0, load_line("demarcation")).p_north == pytest.approx(expected, abs=1e-5)


def test_a_place_near_the_parallel_is_a_probability() -> None:
    """A loss 10 km north of the parallel, known to 20 km, is north with Φ(10 / (20 / 2.4477)) = 0.8895."""
    found = side(38.0 + 10 / 111.195, 127.0, 20.0, load_line("parallel_38"))
    assert found.p_north == pytest.approx(0.88951, abs=1e-4)
    assert found.name == "uncertain"


def test_a_radius_that_is_not_stated_is_twenty_kilometres() -> None:
    line = load_line("demarcation")
    assert side(38.2, 127.0, None, line) == side(38.2, 127.0, 20.0, line)


def test_probability_agrees_with_drawing_places() -> None:
    """Twin: draw 4,000 places and count those north of the line."""
    line = load_line("demarcation")
    rng = np.random.default_rng(7)
    sigma = 15.0 / RADIUS_SIGMAS
    for latitude, longitude in [(38.30, 127.3), (38.35, 127.9), (38.2, 126.9)]:
        north = latitude + rng.normal(0, sigma, 4000) / 111.195
        east = longitude + rng.normal(0, sigma, 4000) / (111.195 * np.cos(np.radians(latitude)))
        counted = np.mean([side(a, b, 0.0, line).distance_km > 0 for a, b in zip(north, east, strict=True)])
        assert side(latitude, longitude, 15.0, line).p_north == pytest.approx(counted, abs=0.06)


def test_latitude_alone() -> None:
    assert latitude_side(39.8, 25.0) > 0.999
    assert latitude_side(36.4, 20.0) < 0.001


def test_the_coast_is_the_peninsula_and_its_islands() -> None:
    mainland, *islands = coast()
    assert len(mainland) > 500
    assert islands
    assert 33 < mainland[:, 0].min() < mainland[:, 0].max() < 44
    # A ring closes: its ends are neighbours, not ends of an open line.
    assert abs(mainland[0] - mainland[-1]).max() < 0.5


def test_bad_places_and_lines() -> None:
    with pytest.raises(InvalidInput, match="not a place"):
        side(91.0, 127.0, 1.0, load_line("parallel_38"))
    with pytest.raises(InvalidInput, match="no such line"):
        load_line("parallel_39")
