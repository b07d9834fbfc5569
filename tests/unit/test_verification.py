"""What ``make verify`` measures with: every line that a handover has data for is judged, and can be left out."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from cenotaph.evidence.registry import LINES
from cenotaph.simulation.handover import write_handover
from tests.unit.handovers import SMALL, handover

FOLDER = Path(__file__).resolve().parents[2] / "verification"


@pytest.fixture(scope="module")
def verification() -> Iterator[dict[str, ModuleType]]:
    sys.path.insert(0, str(FOLDER))
    yield {name: importlib.import_module(name) for name in ("run", "lines")}
    sys.path.remove(str(FOLDER))


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verification") / "case"
    write_handover(handover(SMALL), folder)
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
