"""What ``make verify`` measures with: every line that a handover has data for is judged, and can be left out."""

from __future__ import annotations

import csv
import doctest
import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from cenotaph.errors import InvalidInput
from cenotaph.evidence.registry import LINES
from cenotaph.simulation.handover import write_handover
from tests.unit.handovers import SMALL, handover

MODULES = ("run", "lines", "score", "figures", "answers", "pairwise", "scale")
FOLDER = Path(__file__).resolve().parents[2] / "verification"


@pytest.fixture(scope="module")
def verification() -> Iterator[dict[str, ModuleType]]:
    sys.path.insert(0, str(FOLDER))
    yield {name: importlib.import_module(name) for name in MODULES}
    sys.path.remove(str(FOLDER))


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verification") / "case"
    write_handover(handover(replace(SMALL, snps=400)), folder)
    return folder


def test_a_simulated_handover_has_data_for_every_line(verification: dict[str, ModuleType], dossier: Path) -> None:
    assert verification["run"].lines_of(dossier) == [*LINES, "provenance"]
    (dossier / "outlines.csv").rename(dossier / "outlines.away")
    try:
        assert "clavicle" not in verification["run"].lines_of(dossier)
    finally:
        (dossier / "outlines.away").rename(dossier / "outlines.csv")


def test_names_are_judged_by_films_and_by_age(verification: dict[str, ModuleType], dossier: Path) -> None:
    ratios: dict[tuple[str, str], tuple[list[float], list[float]]] = {}
    verification["lines"].ratios_of(dossier, ratios)
    for line in ("clavicle", "age"):
        _, false = ratios[line, "names"]
        assert len(false) >= 50
        assert np.median(false) < 0.2
        assert np.exp(false).mean() < 3


def test_few_true_pairs_condemn_no_line(
    verification: dict[str, ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    report = verification["lines"].report
    assert report({("misleading", "names"): ([-3.0], [3.0] * 50)}, None)
    assert not report({("misleading", "names"): ([-3.0] * 30, [3.0] * 50)}, None)
    assert "misleading, names: 30 true, 50 false" in capsys.readouterr().out


TRUTH = """specimen_id,individual_id,missing_id,origin
S1,I1,M1,roster
S2,I1,M1,roster
S3,I2,M2,roster
S4,I3,,korean
S5,AS5,,animal
S6,I4,,unlisted
"""
ANSWERS = """specimen_id,individual_id,missing_id,probability
S1,A,M1,0.9999
S2,A,M1,0.95
S3,A,M1,0.9995
S4,B,M3,0.9995
S5,C,,0.8
"""
PEOPLE = """individual_id,missing_id,verdict
A,M1,identification
B,M3,identification
C,,unlisted
"""
CANDIDATES = """individual_id,rank,missing_id
A,1,M1
A,2,M2
B,1,M3
"""


@pytest.fixture
def by_hand(tmp_path: Path) -> tuple[Path, Path]:
    """Folders of the truth and of a result: one man with another's bone, a Korean who is named, an animal."""
    result = tmp_path / "result"
    result.mkdir()
    (tmp_path / "truth.csv").write_text(TRUTH, encoding="utf-8")
    for name, text in (("assignments", ANSWERS), ("individuals", PEOPLE), ("candidates", CANDIDATES)):
        (result / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path, result


def test_an_answer_is_scored_as_by_hand(verification: dict[str, ModuleType], by_hand: tuple[Path, Path]) -> None:
    s = verification["score"].score(*by_hand)
    assert (s.victims, s.right_names, s.wrong_names) == (2, 1, 1)
    assert (s.strangers, s.false_names) == (2, 1)
    assert (s.unlisted, s.unlisted_right) == (1, 1)
    assert (s.named_bones, s.named_bones_right) == (4, 2)
    assert (s.sure, s.sure_right) == (3, 1)
    assert s.precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 3) / 6)
    assert s.recall == pytest.approx(1)
    assert s.in_top == (0.5, 0.5, 0.5)
    # The bone without an answer is in no bin, and an even bet lost.
    assert sum(n for n, *_ in s.bins) == 5
    assert s.bins[-1] == (3, pytest.approx(2.9989), 1)
    stated = [0.9999, 0.95, 1 - 0.9995, 1 - 0.9995, 0.8, 0.5]
    assert s.logloss == pytest.approx(-np.log(stated).mean())


def test_true_groups_are_handed_over_as_links(
    verification: dict[str, ModuleType], by_hand: tuple[Path, Path], tmp_path: Path
) -> None:
    verification["answers"].link_true_groups(tmp_path, by_hand[0])
    with (tmp_path / "decisions.csv").open(encoding="utf-8", newline="") as lines:
        assert [(r["kind"], r["specimen_ids"]) for r in csv.DictReader(lines)] == [("link", "S1 S2")]


def test_bones_of_one_name_are_one_individual(
    verification: dict[str, ModuleType], dossier: Path, tmp_path: Path
) -> None:
    """The baseline: probabilities sum to at most one, a lower threshold names more, and its tables can be scored."""
    case, bones, probability = verification["pairwise"].posteriors(dossier)
    assert probability.shape == (len(bones), len(case.missing_ids))
    assert np.all(probability.sum(axis=1) < 1)
    named = {}
    for least in (0.5, 0.999):
        verification["pairwise"].write(dossier, tmp_path / str(least), least)
        people = verification["score"].read(tmp_path / str(least) / "individuals.csv")
        names = [r["missing_id"] for r in people if r["verdict"] == "identification"]
        assert len(set(names)) == len(names)
        named[least] = set(names)
        found = verification["score"].score(dossier.with_name(f"{dossier.name}.truth"), tmp_path / str(least))
        assert found.right_names + found.wrong_names == len(names)
    assert named[0.999] <= named[0.5]
    assert named[0.5]


def test_what_is_there_is_scored_and_not_made_again(
    verification: dict[str, ModuleType], by_hand: tuple[Path, Path], tmp_path: Path
) -> None:
    cost = {"seconds": 1.0, "cpu_seconds": 2.0, "peak_mb": 3.0}
    (tmp_path / "result.cost.json").write_text(json.dumps(cost), encoding="utf-8")
    dossier = tmp_path / "case"
    (tmp_path / "case.truth").mkdir()
    (tmp_path / "case.truth" / "truth.csv").write_text(TRUTH, encoding="utf-8")
    found = verification["answers"].answer(dossier, "all lines", by_hand[1])
    assert found.cost.peak_mb == 3.0
    assert found.score.right_names == 1
    rows = [("small", "all lines", 1, found)]
    verification["run"].write_rows(tmp_path / "handovers.csv", rows)
    with (tmp_path / "handovers.csv").open(encoding="utf-8", newline="") as lines:
        (row,) = csv.DictReader(lines)
    assert (row["right_names"], row["in_top_1"], row["peak_mb"]) == ("1", "0.5", "3.0")
    figures = verification["run"].summary_of([found, found], [found, found])
    assert figures["of the names with true grouping"].value == 1
    assert figures["strangers named"].value == 0.5
    assert not verification["run"]._is_sound([found])
    verification["run"].draw_calibration(tmp_path / "calibration.svg", {"all lines": [found] * 20})
    assert (tmp_path / "calibration.svg").stat().st_size > 1000


def test_what_is_asked_for_is_checked(verification: dict[str, ModuleType]) -> None:
    assert verification["run"].asked_of("k55") == verification["run"].Asked("k55", None, 1)
    with pytest.raises(InvalidInput, match="no such scenario"):
        verification["run"].asked_of("small+kindness:2")
    assert all(verification["run"].asked_of(kind).handovers for kind in verification["run"].QUICK)


def test_cost_grows_by_its_slope_and_is_held_against_a_bar(verification: dict[str, ModuleType]) -> None:
    scale, cost = verification["scale"], verification["answers"].Cost

    def of(name: str, times: float, seconds: float) -> object:
        return scale.Measured(name, int(100 * times), 100, cost(seconds, seconds, 500.0), {})

    assert scale.exponents([of("small", 1, 10), of("k55", 10, 100)]) == [pytest.approx(1.0)]
    assert scale.within_bar(of("k55", 1, 59))
    assert not scale.within_bar(of("k55", 1, 61))


@pytest.mark.parametrize("name", ["figures", "score", "run"])
def test_examples(verification: dict[str, ModuleType], name: str) -> None:
    assert doctest.testmod(verification[name]).failed == 0
