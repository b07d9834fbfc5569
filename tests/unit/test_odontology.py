"""Charts, comparison, likelihoods and rarity in closed form."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from cenotaph.errors import InvalidInput
from cenotaph.odontology.chart import COMPARED, INDEX, LOST, TEETH, UNKNOWN, Chart, States, combine, stack, state_of
from cenotaph.odontology.comparison import Finding, Verdict, VerdictRules, compare, verdict
from cenotaph.odontology.likelihood import (
    ChartErrors,
    bounded_log10_lr,
    compare_charts,
    population_loglik,
    prepare_charts,
    with_record_error,
)
from cenotaph.odontology.population import MouthClasses, ToothCounts, caries_level_classes, fit_classes
from cenotaph.odontology.rarity import pattern_rarity
from cenotaph.odontology.shortlist import shortlist

SOUND_MOUTH = dict.fromkeys(TEETH, "V")
NO_ERROR = ChartErrors(tooth=0.0, careless_tooth=0.0, careless=0.0, change_per_year=0.0)


def chart(name: str, **codes: str) -> Chart:
    """A sound mouth but for some teeth, ``t36="MO"``."""
    return Chart.from_codes(name, SOUND_MOUTH | {t[1:]: code for t, code in codes.items()})


def one_tooth(state: int, tooth: str = "36") -> States:
    states = np.full((1, 32), UNKNOWN, dtype=np.int8)
    states[0, INDEX[tooth]] = state
    return states


@pytest.mark.parametrize("code", ["", "VX", "Q", "MO-", "MO-Q", "MODFLIM", "V-CEGHNR", "mo"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(InvalidInput, match="not a WinID code"):
        state_of(code)


@pytest.mark.parametrize(
    ("before", "after", "finding", "reason"),
    [
        ("V", "V", Finding.AGREES, "agrees"),
        ("MO", "OM-S", Finding.AGREES, "agrees"),
        ("V", "MO", Finding.EXPLAINABLE, "explained by later restoration"),
        ("O", "MOD", Finding.EXPLAINABLE, "explained by more surfaces restored"),
        ("MOD", "MODFL-C", Finding.EXPLAINABLE, "explained by more surfaces restored"),
        ("MOD", "X", Finding.EXPLAINABLE, "explained by later loss"),
        ("U", "V", Finding.EXPLAINABLE, "explained by later eruption"),
        ("X", "U", Finding.EXPLAINABLE, "explained by a tooth below the gum"),
        ("X", "V", Finding.UNEXPLAINABLE, "not explained: a lost tooth is there"),
        ("O", "V", Finding.UNEXPLAINABLE, "not explained: a restored tooth is sound"),
        ("MOD", "MO", Finding.UNEXPLAINABLE, "not explained: restored surfaces are gone"),
        ("MO", "DO", Finding.UNEXPLAINABLE, "not explained: restored surfaces are gone"),
        ("V", "U", Finding.UNEXPLAINABLE, "not explained: an erupted tooth is not there"),
        ("X", "J", Finding.NOT_COMPARED, "not compared"),
        ("/", "X", Finding.NOT_COMPARED, "not compared"),
    ],
)
def test_one_tooth(before: str, after: str, finding: Finding, reason: str) -> None:
    found = compare(Chart.from_codes("M", {"36": before}), Chart.from_codes("S", {"36": after}))
    assert found.findings[INDEX["36"]] == finding
    assert found.reason(INDEX["36"]) == reason


def test_third_molars_are_not_compared() -> None:
    found = compare(chart("M", t18="X"), chart("S"))
    assert found.compared == 28
    assert found.reason(INDEX["18"]) == "third molar, not compared"


def test_classes_of_a_comparison() -> None:
    ante = chart("M", t16="MO", t26="MOD", t36="X", t46="X", t47="O", t37="DO")
    same = chart("S", t16="MO", t26="MOD", t36="X", t46="X", t47="O", t37="DO")
    assert verdict(compare(ante, same), 4.0) == Verdict.POSITIVE
    assert verdict(compare(ante, same), 2.0) == Verdict.CONSISTENT
    assert verdict(compare(ante, same), 0.5) == Verdict.POSSIBLE
    one_off = chart("S", t16="MO", t26="MOD", t36="X", t46="X", t47="V", t37="DO")
    assert verdict(compare(ante, one_off), 4.0) == Verdict.CONSISTENT
    far = chart("S", t36="V", t46="V", t16="V", t26="V")
    assert verdict(compare(ante, far), -5.0) == Verdict.EXCLUSION
    assert verdict(compare(chart("M"), chart("S")), 0.3) == Verdict.INSUFFICIENT
    three = Chart.from_codes("S", {"36": "X", "46": "X", "16": "MO"})
    assert verdict(compare(ante, three), 2.0) == Verdict.INSUFFICIENT


def test_exclusion_follows_the_binomial() -> None:
    rules = VerdictRules(charting_error=0.1, error_tail=0.05)
    # 0.1 and 0.19 exceed the tail; P(at least 2 of 3) = 0.028 does not.
    assert [rules.exclusion_at(n) for n in (1, 2, 3)] == [2, 2, 2]


def test_a_pattern_seen_once_without_error_is_as_rare_as_its_class_says() -> None:
    """One class, a tooth with conditions 0.5 sound, 0.3 restored (O 0.4, MO 0.6), 0.2 lost: LR = 1 / frequency."""
    condition = np.tile([0.5, 0.3, 0.2, 0.0], (1, 28, 1)) * (1 - 1e-9) + 0.25e-9
    surfaces = np.full((28, 31), 1e-12)
    surfaces[:, 1], surfaces[:, 2] = 0.4, 0.6
    many = np.full((1, 28), np.inf)
    mouths = MouthClasses(np.ones(1), condition, surfaces, many, many[0], 0, "by hand")
    for state, frequency in ((0, 0.5), (2, 0.12), (3, 0.18), (LOST, 0.2)):
        found = compare_charts(one_tooth(state), one_tooth(state), mouths, NO_ERROR)
        assert found.log10_lr[0, 0] == pytest.approx(-np.log10(frequency), abs=1e-6)
        assert population_loglik(one_tooth(state), mouths, NO_ERROR)[0, 0] == pytest.approx(np.log(frequency), abs=1e-6)
    assert compare_charts(one_tooth(0), one_tooth(LOST), mouths, NO_ERROR).log10_lr[0, 0] == -np.inf


def test_two_teeth_go_together_in_classes() -> None:
    """Half of the mouths have both restored, half neither: the joint frequency is a half, not a quarter."""
    ante = np.zeros((400, 32), dtype=np.int8)
    ante[:200, COMPARED] = 2
    mouths = fit_classes(ante, counts=(1, 2, 3))
    both = np.full((1, 32), UNKNOWN, dtype=np.int8)
    both[0, COMPARED[[2, 5]]] = 2
    assert mouths.n_classes == 2
    assert np.exp(mouths.loglik(both))[0] == pytest.approx(0.5, abs=0.02)


def test_the_tested_man_does_not_make_his_own_pattern_common() -> None:
    ante = np.zeros((300, 32), dtype=np.int8)
    ante[0, INDEX["36"]] = 7
    mouths = fit_classes(ante, counts=(1,))
    found = compare_charts(one_tooth(7), ante, mouths)
    assert found.others[0, 0] < found.others[0, 1]
    assert found.others[0, 1] == pytest.approx(found.population[0, 0], abs=0.01)


def test_populations_have_their_own_shares() -> None:
    ante = np.zeros((400, 32), dtype=np.int8)
    ante[:200, COMPARED] = 2
    of = np.repeat([0, 1], 200)
    found = compare_charts(ante[:1], ante, fit_classes(ante, counts=(2,)), population=of, n_populations=3)
    assert found.population.shape == (1, 3)
    restored, sound, roster = found.population[0]
    assert restored > roster > sound
    assert found.others[0, 399] == pytest.approx(sound, abs=0.1)


def test_record_error_bounds_what_speaks_against_a_man() -> None:
    far = with_record_error(np.array([-500.0]), np.array([-10.0]), 0.015) - np.array([-10.0])
    assert far == pytest.approx(np.log(0.015))
    with pytest.raises(InvalidInput, match="record error"):
        with_record_error(np.zeros(1), np.zeros(1), 0.0)
    assert bounded_log10_lr(np.array([9.0, -9.0]), 99).tolist() == [2.0, -2.0]


def test_published_counts_give_their_margins_and_the_level_follows_the_charts() -> None:
    counts = [ToothCounts(t, 6000, 3000, 1000, {"O": 2000, "MODFL": 500}, 500) for t in TEETH]
    none = np.empty((0, 32), dtype=np.int8)
    start = caries_level_classes(counts, none)
    assert start.weight @ start.condition[:, 0, 1:3] == pytest.approx([0.3, 0.1], abs=0.002)
    assert "0 charts" in start.basis
    bad = np.full((50, 32), 2, dtype=np.int8)
    worse = caries_level_classes(counts, bad)
    assert worse.weight @ worse.condition[:, 0, 0] < 0.4
    with pytest.raises(InvalidInput, match="without published counts"):
        caries_level_classes(counts[:5], none)


def test_teeth_of_one_mouth_go_together_in_the_caries_level() -> None:
    counts = [ToothCounts(t, 8000, 1500, 500, {"O": 1500}, 0) for t in TEETH]
    mouths = caries_level_classes(counts, np.empty((0, 32), dtype=np.int8))
    restored = mouths.condition[:, 0, 1]
    assert mouths.weight @ restored**2 > 1.5 * (mouths.weight @ restored) ** 2


def test_rarity_counts_what_is_compatible() -> None:
    reference = stack(
        [chart("A", t36="MO"), chart("B", t36="O"), chart("C", t36="X"), chart("D", t36="/"), chart("E", t36="U")]
    )
    asked = Chart.from_codes("S", {"36": "MO", "46": "V", "38": "X"})
    found = pattern_rarity(asked.states, reference)
    assert (found.generic.matches, found.generic.charts) == (3, 5)
    assert (found.detailed.matches, found.detailed.frequency) == (2, 0.5)
    missing = pattern_rarity(Chart.from_codes("S", {"36": "X"}).states, reference)
    assert (missing.generic.matches, missing.generic.charts) == (2, 4)


def test_jaws_of_one_person_are_one_chart() -> None:
    upper = Chart.from_codes("S1", dict.fromkeys(TEETH[:16], "V"))
    lower = Chart.from_codes("S2", dict.fromkeys(TEETH[16:], "X"))
    joined = combine("S1 + S2", [upper, lower])
    assert joined.conflicts == ()
    assert (joined.chart["11"], joined.chart["41"]) == ("V", "X")
    loose = Chart.from_codes("S3", {"11": "MI", "12": "V-A"})
    assert combine("all", [upper, loose]).conflicts == ("11",)
    assert combine("all", [upper, loose]).chart["12"] == "V-A"


def test_men_of_equal_support_share_a_rank() -> None:
    men = [chart(f"M{k}") for k in range(5)] + [chart("M9", t36="MO", t16="X")]
    ranked = shortlist(chart("S1", t36="MO", t16="X"), men, fit_classes(stack(men), counts=(1,)))
    assert [(c.subject_id, c.rank) for c in ranked[:3]] == [("M9", 1), ("M0", 2), ("M1", 2)]


def verification() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "verification" / "dental.py"
    spec = importlib.util.spec_from_file_location("verification_dental", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_mouths_with_ten_treated_teeth_are_found_among_2800() -> None:
    dental = verification()
    drawn = dental.trial(2800, 900, dental.Rates(), np.random.default_rng(3))
    found = dental.measure(drawn.ante, drawn.post, drawn.man, drawn.treated >= dental.LEAST_TREATED)
    assert found.mouths > 150
    assert found.top >= dental.BAR
    assert found.cllr < 0.25
    assert found.mean_ratio_of_wrong < 1.2


@pytest.mark.slow
def test_the_example_handover(shared: Path) -> None:
    found = verification().of_dossier(shared / "examples" / "handover-k55")
    assert found.top >= 0.9
    assert found.cllr < 0.35
    assert found.wrong_supported < 0.1


def test_prepared_charts_answer_alike_one_by_one_and_together() -> None:
    dental = verification()
    drawn = dental.trial(60, 9, dental.Rates(), np.random.default_rng(2))
    prepared = prepare_charts(drawn.ante, fit_classes(drawn.ante, counts=(2,)))
    together = prepared.compare(drawn.post)
    for k in range(9):
        alone = prepared.compare(drawn.post[k : k + 1])
        assert alone.ante[0] == pytest.approx(together.ante[k], rel=1e-13)
        assert alone.others[0] == pytest.approx(together.others[k], rel=1e-13)
    assert together.support().shape == (9, 60)
    assert np.abs(together.support()).max() <= np.log10(61)
