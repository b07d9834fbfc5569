"""Real pairs of bones: rank of the partner and calibration of the ratio; the mean over twenty splits of fifty pairs."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from benchmarks.osteology import area_under_curve, cost, measured, paired_bones, two_bone_splits

from cenotaph.dossier.skeleton_tables import load_bilateral_differences, load_skeleton_model
from cenotaph.osteology.moments import SkeletonModel, bilateral_ratios
from cenotaph.osteology.resemblance import link_table, population_log_weights


@pytest.mark.slow
@pytest.mark.parametrize(
    ("element", "first_rank", "one_to_one", "cost"), [("humerus", 0.75, 0.87, 0.30), ("femur", 0.83, 0.96, 0.20)]
)
def test_left_right_partner_among_fifty(
    shared: Path, element: str, first_rank: float, one_to_one: float, cost: float
) -> None:
    assert shared.is_dir()
    rank, assigned, average = two_bone_splits(element)
    assert rank >= first_rank
    assert assigned >= one_to_one
    assert average <= cost


@pytest.mark.parametrize(("element", "area", "most"), [("humerus", 0.985, 0.28), ("femur", 0.985, 0.28)])
def test_shipped_model_on_real_pairs(shared: Path, element: str, area: float, most: float) -> None:
    assert shared.is_dir()
    codes, left, right = paired_bones(element)
    model = load_skeleton_model()
    table = link_table(model, measured(model, codes, left, "L"), measured(model, codes, right, "R"))
    assert area_under_curve(table) >= area
    assert cost(table) <= most


def drawn_skeletons(model: SkeletonModel, population: str, people: int, df: float, seed: int) -> np.ndarray:
    """Log millimetres, shape (people, 2, C), of a multivariate t whose covariance is the model's."""
    rng = np.random.default_rng(seed)
    shape = (people, 2, len(model.codes))
    person = rng.normal(size=(people, model.loadings.shape[1])) @ model.loadings.T
    person += model.shared * rng.normal(size=(people, shape[2]))
    deviation = person[:, None, :] + rng.normal(size=shape) * model.noise_sd
    common = np.sqrt((df - 2) / rng.chisquare(df, people))
    sides = np.array([-0.5, 0.5])[:, None] * model.asymmetry
    return model.mean_of(population) + sides + common[:, None, None] * deviation


def test_humerus_and_femur_of_drawn_skeletons() -> None:
    model = load_skeleton_model()
    log_mm = drawn_skeletons(model, "white", 400, 9.0, 11)
    humerus, femur = (
        [(c, code) for c, code in enumerate(model.codes) if code in wanted]
        for wanted in ({f"Hum_0{i}" for i in range(1, 6)}, {f"Fem_0{i}" for i in range(1, 8)})
    )
    a = measured(model, [code for _, code in humerus], log_mm[:, 0, [c for c, _ in humerus]], "L")
    b = measured(model, [code for _, code in femur], log_mm[:, 0, [c for c, _ in femur]], "L")
    table = link_table(model, a, b, population_log_weights(model, "white"))
    assert area_under_curve(table) >= 0.83
    assert cost(table) <= 0.75


def test_the_shipped_differences_are_the_published_ones(shared: Path) -> None:
    """Of men, left minus right in mm, where 100 pairs or more were measured."""
    with (shared / "data" / "osteo" / "dpaa_bilateral_difference_summary.csv").open(encoding="utf-8") as lines:
        published = {row["measurement"]: row for row in csv.DictReader(lines) if row["group"] == "males"}
    differences = load_bilateral_differences()
    model = load_skeleton_model()
    enough = {code for code, row in published.items() if int(row["n_pairs"]) >= 100 and code in model.codes}
    assert {d.code for d in differences} == enough
    for d in differences:
        row = published[d.code]
        assert d.pairs == int(row["n_pairs"])
        assert d.sd_mm == float(row["sd_d"])
        assert d.mean_mm == pytest.approx((float(row["mean_left"]) + float(row["mean_right"])) / 2, abs=1e-3)


def test_left_right_spread_of_the_shipped_model() -> None:
    """Within 15 % of the published standard deviations for every measurement."""
    ratios = np.array(list(bilateral_ratios(load_skeleton_model(), load_bilateral_differences()).values()))
    assert ratios.size == 84
    assert np.abs(ratios - 1.0).max() <= 0.15


def test_left_right_spread_of_skeletons_drawn_from_the_model() -> None:
    """What the model makes, measured as the published figure was: left minus right in mm."""
    model, people = load_skeleton_model(), 20_000
    mm = np.exp(drawn_skeletons(model, "white", people, 9.0, 5))
    sd_mm = dict(zip(model.codes, (mm[:, 0] - mm[:, 1]).std(axis=0), strict=True))
    mean_mm = dict(zip(model.codes, mm.mean(axis=(0, 1)), strict=True))
    for d in load_bilateral_differences():
        relative = sd_mm[d.code] / mean_mm[d.code] * d.mean_mm / d.sd_mm
        assert relative == pytest.approx(1.0, abs=0.15), d.code
