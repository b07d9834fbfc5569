"""Numbers of individuals against an independent computation (scipy) of the rules of Adams & Konigsberg."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cenotaph.osteology.counting import NumberPosterior, PairEvidence, SideCounts, number_posterior

pytestmark = pytest.mark.shared


def cases(shared: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((shared / "oracle" / "osteo" / "mni_mlni.json").read_text())["cases"]
    assert len(found) == 9
    return found


def test_counts_of_one_element(shared: Path) -> None:
    for element in (e for case in cases(shared) for e in case["elements"]):
        counts = SideCounts(element["L"], element["R"], element["P"])
        assert counts.minimum_number == element["MNI_max_LR"]
        assert counts.grand_minimum_total == element["MNI_L_plus_R_minus_P"]
        assert counts.lincoln_index == pytest.approx(element["lincoln"] or float("nan"), rel=1e-12, nan_ok=True)
        assert counts.chapman == pytest.approx(element["MLNI_chapman"], rel=1e-12)
        assert counts.most_likely_number == element["MLNI_floor"]
        assert counts.recovery_rate == pytest.approx(element["recovery_r"], rel=1e-12)
        se = element.get("recovery_r_se", float("nan"))
        assert counts.recovery_rate_se == pytest.approx(se, abs=5e-7, nan_ok=True)


def posterior(case: dict[str, Any]) -> NumberPosterior:
    elements = [SideCounts(e["L"], e["R"], e["P"]) for e in case["elements"]]
    return number_posterior([PairEvidence.certain(e) for e in elements], prior="per element")


def test_posteriors(shared: Path) -> None:
    for case in cases(shared):
        found = posterior(case)
        # Two numbers can be exactly as probable; which is larger in the last bit is chance. Ours is the smaller.
        best = found.numbers[found.probability >= found.probability.max() * (1 - 1e-9)]
        assert case["posterior_mode"] in best
        assert found.mode == best[0]
        assert found.mean == pytest.approx(case["posterior_mean"], abs=5e-5)
        assert found.is_cut == case["tail_mass_warning"]
        for level in (50, 90, 95):
            region = found.highest_density(level / 100)
            low, high, mass = case[f"hdr{level}"]
            assert (region.low, region.high) == (low, high)
            assert region.mass == pytest.approx(mass, abs=5e-5)
