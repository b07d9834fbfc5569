"""``cenotaph power --missing``: what SNPs could show for one man."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cenotaph.cli.main import app
from cenotaph.dossier.write import write_dossier
from cenotaph.errors import InvalidInput
from cenotaph.evidence.case import Case
from cenotaph.simulation.family_power import FamilyPower, power_of_man
from cenotaph.simulation.snp_power import Panel
from tests.unit.handovers import SMALL, handover


@pytest.fixture(scope="module")
def case() -> Case:
    return Case.from_dossier(handover(SMALL).dossier.in_order())


def men_with(case: Case, donors: bool) -> list[str]:
    return [
        m
        for m, f in zip(case.missing_ids, case.family_of, strict=True)
        if f >= 0 and bool(case.families[f].donors) == donors
    ]


@pytest.fixture(scope="module")
def found(case: Case) -> FamilyPower:
    rng = np.random.default_rng(1)
    return power_of_man(handover(SMALL).dossier, men_with(case, True)[0], Panel.invented(800, rng), [0.5, 4.0], 12, rng)


def test_more_reads_tell_more_of_him_and_strangers_stay_below(found: FamilyPower) -> None:
    low, high = found.ratios
    assert (low.coverage, high.coverage) == (0.5, 4.0)
    assert np.median(high.he) > np.median(low.he) > 0
    assert np.median(high.stranger) < np.median(low.stranger) < 0
    assert found.outlook(high).named >= found.outlook(low).named


def test_the_donors_as_they_are_come_first_and_relatives_by_what_they_bring(found: FamilyPower) -> None:
    now, *others = found.choices
    assert now.relative_id == ""
    assert now.snp.median == pytest.approx(np.median(found.ratios[0].he), rel=0.6)
    assert not {c.relative_id for c in others} & {r for r, _ in found.donors}
    assert [c.snp.named for c in others] == sorted((c.snp.named for c in others), reverse=True)
    assert all(c.str_ is not None and c.str_.low <= c.str_.median for c in found.choices)


def test_a_sister_more_brings_more_than_nobody(case: Case) -> None:
    rng = np.random.default_rng(2)
    for man in men_with(case, True):
        power = power_of_man(handover(SMALL).dossier, man, Panel.invented(400, rng), [1.0], 12, rng)
        now, *others = power.choices
        near = [c for c in others if c.relation in ("full sister", "full brother")]
        if near:
            assert near[0].snp.median > now.snp.median
            assert near[0].str_ is not None
            assert now.str_ is not None
            assert near[0].str_.median > now.str_.median
            return
    pytest.fail("no family of the handover has an untyped sibling")


def test_a_man_whose_family_gave_nothing_cannot_be_told(case: Case) -> None:
    rng = np.random.default_rng(3)
    power = power_of_man(handover(SMALL).dossier, men_with(case, False)[0], Panel.invented(60, rng), [1.0], 3, rng)
    assert power.donors == ()
    assert power.ratios[0].he.tolist() == [0.0] * 3
    assert power.choices[0].snp.named == 0.0


def test_nobody_of_that_id_is_refused() -> None:
    rng = np.random.default_rng(4)
    with pytest.raises(InvalidInput, match="nobody of this id"):
        power_of_man(handover(SMALL).dossier, "nobody", Panel.invented(60, rng), [1.0], 3, rng)


def test_the_command_prints_and_gives_json(tmp_path: Path, case: Case) -> None:
    folder = tmp_path / "case"
    write_dossier(handover(SMALL).dossier, folder)
    man = men_with(case, True)[0]
    base = ["power", str(folder), "--missing", man, "--snps", "300", "--draws", "4", "--coverage", "2"]
    printed = CliRunner().invoke(app, [*base, "--quiet"])
    assert printed.exit_code == 0, printed.output
    assert man in printed.output
    answers = [CliRunner().invoke(app, [*base, "--coverage", "0.5", "--json"]) for _ in range(2)]
    assert answers[0].output == answers[1].output
    document = json.loads(answers[0].output)
    assert document["missing_id"] == man
    assert document["panel"] == "300 invented SNPs"
    assert [c["coverage"] for c in document["coverages"]] == [0.5, 2.0]
    assert document["next"][0]["relative_id"] is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--snps", "seven"], "--snps"),
        (["--snps", "5"], "--snps"),
        (["--coverage", "0"], "--coverage"),
        (["--coverage", "nan"], "--coverage"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, options: list[str], words: str) -> None:
    done = CliRunner().invoke(app, ["power", str(tmp_path), "--missing", "M00001", *options])
    assert isinstance(done.exception, InvalidInput)
    assert words in str(done.exception)
