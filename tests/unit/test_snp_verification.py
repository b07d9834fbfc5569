"""What ``make verify`` measures of SNPs, on a small scale."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from cenotaph.evidence.snp_data import SnpSettings
from cenotaph.genetics.lineage import kinship
from cenotaph.simulation.snp_power import Panel

FOLDER = Path(__file__).resolve().parents[2] / "verification"


@pytest.fixture(scope="module")
def verification() -> Iterator[ModuleType]:
    sys.path.insert(0, str(FOLDER))
    yield importlib.import_module("snp")
    sys.path.remove(str(FOLDER))


@pytest.mark.parametrize(("donor", "wanted"), [("nephew", 1 / 8), ("cousin", 1 / 16), ("cousin's child", 1 / 32)])
def test_relatives_are_what_they_are_called(verification: ModuleType, donor: str, wanted: float) -> None:
    family = verification.pedigree(donor)
    assert kinship(family.father, family.mother, family.donors[0], family.man) == wanted


def test_a_bar_that_is_missed_is_said_to_be(verification: ModuleType) -> None:
    ratios = np.array([5.0, 7.0, 8.0, 9.0])
    assert verification.at_least("", ratios, 6.0, 0.75).reached
    assert not verification.at_least("", ratios, 6.0, 0.8).reached
    assert not verification.at_most("", ratios, 8.5, 0.02).reached


@pytest.mark.slow
def test_a_nephew_is_found_by_one_read_a_snp_and_strangers_are_not(verification: ModuleType) -> None:
    found = verification.distant(10_000, "nephew", 6.0, 0.99, verification.Design(pairs=8), np.random.default_rng(1))
    assert all(bar.reached for bar in found)


@pytest.mark.slow
def test_two_reducers_of_one_family_differ_by_linkage_alone(verification: ModuleType) -> None:
    rng = np.random.default_rng(2)
    family, panel = verification.pedigree("nephew"), Panel.invented(3000, rng).estimated(200, rng, SnpSettings())
    judges = [verification.against_strangers(family, p) for p in (panel, panel.unlinked())]
    found = verification.trial(family, panel, judges, verification.Design(pairs=12), rng)
    # Strangers look the less like kin the more SNPs are taken to be independent of each other.
    assert found.stranger[1].mean() < found.stranger[0].mean() < 0 < found.he.min()
