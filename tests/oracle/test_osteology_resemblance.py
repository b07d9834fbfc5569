"""Real pairs of bones: rank of the partner and calibration of the ratio; the mean over twenty splits of fifty pairs."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from benchmarks.osteology import area_under_curve, cost, measured, paired_bones, two_bone_splits

from cenotaph.dossier.skeleton_tables import load_skeleton_model
from cenotaph.osteology.moments import SkeletonModel
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


def test_left_right_spread_agrees_with_the_published_one(shared: Path) -> None:
    """Standard deviation of left minus right, mm, of males, where 100 pairs or more were measured.

    The published figure includes outliers and the model was fitted without: nine in ten agree within 15 %, all
    within 25 %.
    """
    model = load_skeleton_model()
    ratios = []
    with (shared / "data" / "osteo" / "dpaa_bilateral_difference_summary.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            c = model.code_index(row["measurement"])
            if row["group"] == "males" and c >= 0 and int(row["n_pairs"]) >= 100:
                size = (float(row["mean_left"]) + float(row["mean_right"])) / 2
                ratios.append(np.sqrt(2) * model.noise_sd[c] * size / float(row["sd_d"]))
    off = np.abs(np.array(ratios) - 1.0)
    assert off.size > 40
    assert np.median(ratios) == pytest.approx(1.0, abs=0.03)
    assert (off <= 0.15).mean() >= 0.9
    assert off.max() <= 0.25
