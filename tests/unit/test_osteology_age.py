"""Stages and age: probabilities, combination, ages known to the day or the year, inventory ranges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from cenotaph.dossier.skeleton_tables import load_age_models
from cenotaph.errors import InvalidInput
from cenotaph.osteology.age import (
    AGES,
    MISREAD,
    Reading,
    StageModel,
    age_density,
    log_lr_ages,
    loglik_given_ages,
    loglik_of_anyone,
    loglik_ranges,
    loglik_stages,
    stage_probabilities,
)

CLAVICLE = load_age_models()["langley_shirley_jantz_5", "medial_clavicle", "M"]
CREST = load_age_models()["mckern_stewart", "iliac_crest", "M"]


@pytest.mark.parametrize("model", load_age_models().values(), ids=lambda m: f"{m.method}-{m.feature}-{m.sex}")
def test_probabilities_of_shipped_stages(model: StageModel) -> None:
    found = stage_probabilities(model, AGES)
    assert found.sum(axis=1) == pytest.approx(1.0)
    assert found[0].argmax() == 0
    assert found[-1].argmax() == len(model.stages) - 1


def test_published_limits_hold() -> None:
    """Half a year above the upper limits of phases 1 to 4 few are still in them: one spread serves all transitions."""
    found = stage_probabilities(CLAVICLE, np.array([17.4, 23.0, 27.5, 30.6]) + 0.5)
    assert all(found[j, : j + 1].sum() < 0.07 for j in range(4))


@pytest.mark.parametrize(
    ("feature", "oldest"), [("medial_clavicle", (22, 25, 25, 30)), ("iliac_crest", (20, 21, 22, 22))]
)
def test_the_oldest_of_each_stage_of_union(feature: str, oldest: tuple[int, ...]) -> None:
    """On the next birthday of the oldest seen in a stage few are in it or below: one spread serves all transitions."""
    model = load_age_models()["mckern_stewart", feature, "M"]
    assert model.stages == ("0", "1", "2", "3", "4")
    found = stage_probabilities(model, np.array(oldest) + 1.0)
    assert all(found[j, : j + 1].sum() < 0.10 for j in range(4))


def test_mean_ages_of_the_scores_of_the_symphysis() -> None:
    """At the published mean age of a total score, this score or its neighbour is the likeliest."""
    model = load_age_models()["mckern_stewart", "pubic_symphysis", "M"]
    means = np.array([17.29, 19.04, 19.79, 20.84, 22.42, 24.14, 26.05, 29.18, 35.84, 41.00])
    likeliest = stage_probabilities(model, means).argmax(axis=1)
    assert (np.abs(likeliest - np.arange(10)) <= 1).all()
    assert (np.diff(likeliest) >= 0).all()


def test_pace_integrates_out_to_the_stage_given_age() -> None:
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    ages = np.array([18.0, 22.0, 26.0])
    mixed = sum(
        w * stage_probabilities(CLAVICLE, ages, z, 0.5) for z, w in zip(nodes, weights / weights.sum(), strict=True)
    )
    assert mixed == pytest.approx(stage_probabilities(CLAVICLE, ages), abs=1e-4)


def test_one_reading_is_the_stage_given_age_with_its_error() -> None:
    found = loglik_stages([Reading(1, CLAVICLE, 2)], 2)
    exact = (1 - MISREAD) * stage_probabilities(CLAVICLE, AGES)[:, 2] + MISREAD / 5
    assert (found[0] == 0).all()
    assert np.exp(found[1]) == pytest.approx(exact, abs=2e-3)


def test_two_features_against_a_sum_over_pace() -> None:
    ages = np.array([19.0, 21.0, 25.0])
    found = loglik_stages([Reading(0, CLAVICLE, 1), Reading(0, CREST, 1)], 1, ages, shared=0.4)[0]
    z = np.linspace(-8, 8, 4001)
    for age, value in zip(ages, found, strict=True):
        total = 0.0
        for pace, weight in zip(z, norm.pdf(z) * (z[1] - z[0]), strict=True):
            one = np.array([age])
            a = (1 - MISREAD) * stage_probabilities(CLAVICLE, one, pace, 0.4)[0, 1] + MISREAD / 5
            b = (1 - MISREAD) * stage_probabilities(CREST, one, pace, 0.4)[0, 1] + MISREAD / len(CREST.stages)
            total += weight * a * b
        assert value == pytest.approx(np.log(total), abs=2e-3)


def test_both_sides_of_a_feature_count_once() -> None:
    once = loglik_stages([Reading(0, CLAVICLE, 2)], 1)
    twice = loglik_stages([Reading(0, CLAVICLE, 2), Reading(0, CLAVICLE, 2)], 1)
    assert twice == pytest.approx(once)


def test_shared_pace_says_less_than_independence() -> None:
    readings = [Reading(0, CLAVICLE, 3), Reading(0, CREST, 0)]
    contradicting, independent = (loglik_stages(readings, 1, shared=s) for s in (0.5, 0.0))
    assert np.ptp(contradicting) > 0
    agreeing = [Reading(0, CLAVICLE, 1), Reading(0, CREST, 1)]
    width = [np.exp(t[0]) / np.exp(t[0]).max() for t in (loglik_stages(agreeing, 1, shared=s) for s in (0.5, 0.0))]
    assert width[0].sum() >= width[1].sum()
    assert independent.shape == contradicting.shape


def test_age_to_the_day_and_to_the_year() -> None:
    table = loglik_stages([Reading(0, CLAVICLE, 2)], 1)
    day, year, unknown = loglik_given_ages(table, np.array([21.5, 21.0, np.nan]), np.array([21.5, 22.0, np.nan]))[0]
    assert day == pytest.approx(table[0, AGES == 21.5][0])
    inside = table[0, (AGES >= 21) & (AGES <= 22)]
    assert inside.min() <= year <= inside.max()
    assert np.isnan(unknown)


def test_ratios_against_the_roster() -> None:
    table = loglik_stages([Reading(0, CLAVICLE, 4)], 2)
    density = age_density(np.array([19.0, 20.0, 21.0, 24.0, 33.0, np.nan]))
    found = log_lr_ages(table, density, np.array([19.0, 33.0, np.nan]), np.array([19.0, 33.0, np.nan]))
    assert found[0, 0] < 0 < found[0, 1]
    assert found[0, 2] == 0
    assert found[1] == pytest.approx(0.0)
    assert loglik_of_anyone(table, density)[1] == pytest.approx(0.0)


def test_inventory_ranges() -> None:
    found = loglik_ranges(np.array([0, 0, 1]), np.array([20.0, 20.0, np.nan]), np.array([25.0, 25.0, 30.0]), 3)
    inside, outside = found[0, AGES == 22.5][0], found[0, AGES == 40.0][0]
    assert np.exp(inside) > 0.85
    assert np.exp(outside) == pytest.approx(0.05, abs=1e-6)
    assert np.exp(found[1, AGES == 15.0][0]) == pytest.approx(1.0, abs=1e-6)
    assert (found[2] == 0).all()


def test_what_is_refused() -> None:
    with pytest.raises(InvalidInput, match="unknown stage"):
        CLAVICLE.stage_index("9")
    with pytest.raises(InvalidInput, match="ends before"):
        loglik_ranges(np.array([0]), np.array([30.0]), np.array([20.0]), 1)
    with pytest.raises(InvalidInput, match="youngest"):
        loglik_given_ages(np.zeros((1, AGES.size)), np.array([30.0]), np.array([20.0]))
    with pytest.raises(InvalidInput, match="no age"):
        age_density(np.array([np.nan]))
    with pytest.raises(InvalidInput, match="transitions"):
        StageModel("m", "f", "M", ("1", "2", "3"), np.log([20.0, 19.0]), 0.1, "")
