"""Isotopes: tables, densities, links, and a handover with known truth."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cenotaph.dossier.isotope_tables import isotope_values, load_isotope_model
from cenotaph.dossier.read import read_dossier
from cenotaph.errors import InvalidInput
from cenotaph.geochemistry.isotopes import (
    isotope_statistics,
    link_log_lr,
    origin_loglik,
    origin_posterior,
    raised_log_lr,
)

EVEN = np.full(9, 1 / 9)


def of(*bones: float) -> np.ndarray:
    model = load_isotope_model()
    one = isotope_statistics(model, np.zeros(len(bones), int), ["collagen d13C"] * len(bones), np.array(bones), 1)
    return origin_loglik(model, one)


def test_every_row_says_what_it_rests_on() -> None:
    folder = Path(__file__).resolve().parents[2] / "src" / "cenotaph" / "data" / "geochemistry"
    for table in folder.glob("*.csv"):
        with table.open(encoding="utf-8") as rows:
            assert all(row["basis"] for row in csv.DictReader(rows))


def test_maize_and_rice() -> None:
    model = load_isotope_model()
    american, korean = (raised_log_lr(model, of(v), EVEN)[0] for v in (-14.5, -20.5))
    assert american > 1
    assert korean < -2
    posterior = origin_posterior(of(-20.5), EVEN)[0]
    assert posterior.sum() == pytest.approx(1)
    assert model.classes[int(posterior.argmax())] in ("korean", "other")


def test_a_stranger_costs_no_more_than_the_wide_diet_allows() -> None:
    # Far from every class the wide diet, a part of each, bounds what the line can say.
    loglik = of(-27.0)[0]
    assert np.ptp(loglik) < np.log(0.12 / 0.04) + 0.5


def test_nothing_measured_says_nothing() -> None:
    model = load_isotope_model()
    empty = isotope_statistics(model, [], [], np.zeros(0), 2)
    some = isotope_statistics(model, [0], ["collagen d13C"], np.array([-16.0]), 1)
    assert origin_loglik(model, empty).tolist() == [[0.0] * 9] * 2
    assert link_log_lr(model, empty, some, EVEN).tolist() == [[0.0], [0.0]]


def test_published_limits() -> None:
    # d13C of collagen: over 0.75 probably, over 0.95 certainly different people.
    model = load_isotope_model()
    bones = isotope_statistics(model, range(4), ["collagen d13C"] * 4, np.array([-16.0, -16.0, -16.95, -18.5]), 4)
    links = link_log_lr(model, bones.take([0]), bones, EVEN)[0]
    assert links[1] > 0.5
    assert links[2] < 0
    assert links[3] < -10


def test_grouping_adds_statistics() -> None:
    model = load_isotope_model()
    bones = isotope_statistics(model, range(3), ["collagen d13C"] * 3, np.array([-16.0, -16.5, -19.0]), 3)
    groups = bones.grouped(np.array([0, 0, -1]), 1)
    assert origin_loglik(model, groups) == pytest.approx(of(-16.0, -16.5))
    assert origin_loglik(model, bones.take([0]) + bones.take([1])) == pytest.approx(of(-16.0, -16.5))


@pytest.mark.parametrize(
    "change",
    [
        {"within_sd": np.zeros(8)},
        {"within_sd": np.ones(3)},
        {"weight": np.ones((9, 5))},
        {"correlation": np.ones((8, 8))},
        {"raised": ("us",)},
    ],
)
def test_models_that_cannot_be(change: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        replace(load_isotope_model(), **change)


def test_values_that_cannot_be() -> None:
    model = load_isotope_model()
    with pytest.raises(InvalidInput):
        isotope_statistics(model, [0], ["collagen d13C"], np.array([np.nan]), 1)
    with pytest.raises(InvalidInput):
        isotope_statistics(model, [1], ["collagen d13C"], np.array([1.0]), 1)
    with pytest.raises(InvalidInput):
        raised_log_lr(model, of(-16.0), EVEN, "mars")


def cost(same: np.ndarray, different: np.ndarray) -> float:
    return float((np.logaddexp(0, -same).mean() + np.logaddexp(0, different).mean()) / (2 * np.log(2)))


@pytest.mark.slow
def test_a_handover_with_known_truth(shared: Path) -> None:
    values = isotope_values(read_dossier(shared / "examples" / "handover-k55"))
    with (shared / "examples" / "handover-k55.truth" / "truth.csv").open(encoding="utf-8") as rows:
        truth = {r["specimen_id"]: r for r in csv.DictReader(rows)}
    model = load_isotope_model()
    statistics = values.statistics(model)
    origin = np.array([truth[s]["origin"] for s in values.specimens])
    person = np.array([truth[s]["individual_id"] for s in values.specimens])
    ratio = raised_log_lr(model, origin_loglik(model, statistics), EVEN)
    american = np.isin(origin, ("roster", "unlisted"))
    auc = (ratio[american][:, None] > ratio[~american]).mean()
    assert auc > 0.92
    assert cost(ratio[american], ratio[~american]) < 0.5
    links = link_log_lr(model, statistics, statistics, EVEN)
    upper = np.triu(np.ones(links.shape, dtype=bool), 1)
    same = (person[:, None] == person) & upper
    other = ~(person[:, None] == person) & upper
    assert cost(links[same], links[other]) < 0.6
