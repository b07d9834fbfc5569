"""Stature equations, records and the command."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from cenotaph.cli.main import app
from cenotaph.dossier.skeleton_tables import TIBIA_CAUTION, load_skeleton_model, load_stature_equations
from cenotaph.errors import InvalidInput
from cenotaph.osteology.resemblance import set_statistics
from cenotaph.osteology.stature import (
    RecordError,
    StatureEquation,
    estimate_stature,
    log_lr_records,
    stature_posterior,
)


def bones(*cells: tuple[str, str, float]):
    model = load_skeleton_model()
    sides, codes, values = zip(*cells, strict=True) if cells else ((), (), ())
    return set_statistics(model, [0] * len(cells), sides, codes, np.array(values), 1)


def test_interval_widens_away_from_the_mean() -> None:
    equation = StatureEquation("own", ("Fem_01",), 2.3, 65.0, 3.4, 30, 470.0, 20_000.0)
    near, far = (estimate_stature(equation, {"Fem_01": x}) for x in (470.0, 520.0))
    assert near is not None
    assert far is not None
    assert near.high_cm - near.stature_cm == pytest.approx(2.048407 * 3.4 * np.sqrt(1 + 1 / 30), rel=1e-6)
    half = 2.048407 * 3.4 * np.sqrt(1 + 1 / 30 + 2500 / 20_000)
    assert far.high_cm - far.stature_cm == pytest.approx(half, rel=1e-6)


def test_an_equation_needs_all_its_bones() -> None:
    both = next(e for _, _, e in load_stature_equations() if e.codes == ("Fem_01", "Tib_01"))
    assert TIBIA_CAUTION in both.caution
    assert estimate_stature(both, {"Fem_01": 470.0}) is None
    found = estimate_stature(both, {"Fem_01": 470.0, "Tib_01": 380.0})
    assert found is not None
    assert found.stature_cm == pytest.approx(both.slope * 85.0 + both.intercept_cm)


def test_without_bones_the_stature_is_that_of_the_population() -> None:
    model = load_skeleton_model()
    found = stature_posterior(model, bones(), "white")
    assert found.mean_cm[0] == pytest.approx(174.02)
    assert found.sd_cm[0] == pytest.approx(6.33, abs=0.05)


def test_one_femur_predicts_as_the_sample_of_measured_statures_did() -> None:
    model = load_skeleton_model()
    found = stature_posterior(model, bones(("L", "Fem_01", 472.817)), "white")
    assert found.mean_cm[0] == pytest.approx(174.08, abs=0.6)
    assert found.sd_cm[0] == pytest.approx(3.39, abs=0.25)


def test_more_bones_narrow_the_interval() -> None:
    model = load_skeleton_model()
    one = stature_posterior(model, bones(("L", "Fem_01", 472.0)), "white")
    two = stature_posterior(model, bones(("L", "Fem_01", 472.0), ("L", "Hum_01", 335.0)), "white")
    assert np.diff(two.interval())[0, 0] < np.diff(one.interval())[0, 0]


def test_no_record_or_no_bone_says_nothing() -> None:
    model = load_skeleton_model()
    records = np.array([np.nan, 175.0])
    assert (log_lr_records(model, bones(), records, "white") == 0).all()
    assert log_lr_records(model, bones(("R", "Fem_01", 520.0)), records, "white")[0, 0] == 0.0


def test_a_record_of_no_worth_says_nothing() -> None:
    model = load_skeleton_model()
    found = log_lr_records(model, bones(("R", "Fem_01", 520.0)), np.array([160.0, 190.0]), "white", RecordError(0, 1e4))
    assert np.abs(found).max() < 1e-3


def test_a_stature_that_does_not_fit_excludes_more_than_one_that_fits_supports() -> None:
    model = load_skeleton_model()
    found = log_lr_records(model, bones(("R", "Fem_01", 510.0)), np.array([160.0, 186.0]), "white")[0]
    assert found[0] < -3
    assert 0 < found[1] < 3


def test_bad_errors_are_refused() -> None:
    with pytest.raises(InvalidInput, match="error of recorded stature"):
        RecordError(sd_cm=-1.0)


def test_command() -> None:
    runner = CliRunner()
    arguments = ["stature", "--bone", "Fem_01:L=472", "--record", "175.3", "--population", "white", "--json"]
    arguments += ["--equation", "mine;Fem_01;2.2;70;4;40"]
    result = runner.invoke(app, arguments)
    assert result.exit_code == 0
    subject = json.loads(result.stdout)["subjects"][0]
    assert subject["joint"][0]["log10_lr_record"] > 0
    assert [e["equation"] for e in subject["equations"]] == ["mine", "TG1952 White M", "TG1958 White M"]
    shown = runner.invoke(app, ["stature", "--bone", "Fem_01=472"])
    assert "joint" in shown.stdout


@pytest.mark.parametrize(
    "arguments", [[], ["--bone", "Fem_01"], ["--bone", "Xyz_01=3"], ["--bone", "Fem_01=472", "--equation", "a;b"]]
)
def test_command_refuses(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, ["stature", *arguments])
    assert isinstance(result.exception, InvalidInput)
