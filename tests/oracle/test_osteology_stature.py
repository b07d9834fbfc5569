"""Likelihood ratio of a femur against a recorded stature: the worked example."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cenotaph.osteology.stature import BonesOnStature, RecordError, log_lr_record


def test_worked_example(shared: Path) -> None:
    example = json.loads((shared / "oracle" / "osteo" / "stature_lr_worked_example.json").read_text(encoding="utf-8"))
    p = example["params"]
    regression = BonesOnStature(
        np.array([p["alpha_mm"]]),
        np.array([p["beta_mm_per_cm"]]),
        np.array([[p["sigma_mm"] ** 2]]),
        p["population_mean_cm"],
        p["population_sd_cm"],
    )
    assert len(example["results"]) == 60
    for row in example["results"]:
        error = RecordError(row["bias_cm"], row["tau_cm"])
        found = log_lr_record(regression, np.array([row["femur_mm"]]), row["recorded_height_cm"], error) / np.log(10)
        assert float(found) == pytest.approx(row["log10_LR"], abs=5.1e-5)
