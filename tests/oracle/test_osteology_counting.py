"""Numbers of individuals against an independent computation (scipy) of the rules of Adams & Konigsberg."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cenotaph.cli.main import app
from cenotaph.dossier.bones import counted_specimens
from cenotaph.dossier.read import read_dossier
from cenotaph.osteology.counting import NumberPosterior, PairEvidence, SideCounts, number_posterior
from cenotaph.osteology.minimum_number import sides_of

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


@pytest.mark.slow
def test_uncertain_pairing_finds_what_true_pairs_would(shared: Path) -> None:
    """A handover of known truth: regions from measurements hold the number that true pairs make most likely."""
    folder = shared / "examples" / "handover-k55"
    found = CliRunner().invoke(app, ["count", str(folder), "--json"])
    assert found.exit_code == 0, found.output
    document = json.loads(found.stdout)
    truth = {
        row["specimen_id"]: row["individual_id"]
        for row in csv.DictReader((shared / "examples" / "handover-k55.truth" / "truth.csv").read_text().splitlines())
    }
    counted = counted_specimens(read_dossier(folder))
    certain = []
    for row in document["paired_elements"]:
        sides = sides_of(counted.specimens, row["element"])
        left, right = ({truth[counted.ids[k]] for k in places} for places in (sides.left, sides.right))
        certain.append(PairEvidence.certain(SideCounts(row["left"], row["right"], len(left & right))))
    everything = number_posterior(certain)
    assert document["posterior"]["low"] <= everything.mode <= document["posterior"]["high"]
    assert document["minimum_number"]["number"] <= everything.mode
    inside = [
        row["low"] <= number_posterior([e]).mode <= row["high"]
        for row, e in zip(document["paired_elements"], certain, strict=True)
    ]
    assert sum(inside) >= 0.9 * len(inside)
