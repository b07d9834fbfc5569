"""Presets and scenarios: each is what its name says."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cenotaph.dossier.check import check_dossier
from cenotaph.errors import InvalidInput
from cenotaph.simulation.boxes import claims, make_individuals, make_specimens, turnovers
from cenotaph.simulation.circumstances import Circumstances
from cenotaph.simulation.difficulty import Difficulty
from cenotaph.simulation.handover import Handover, simulate_handover, write_handover
from cenotaph.simulation.plan import PRESETS, SCENARIOS, HandoverPlan, preset
from cenotaph.simulation.roster import make_roster


def made(scenario: str | None = None, name: str = "small") -> Handover:
    return simulate_handover(preset(name, scenario=scenario, seed=4))


@pytest.fixture(scope="module")
def usual() -> Handover:
    return made()


def boxes_of_people(plan: HandoverPlan) -> tuple[dict[int, Counter[int]], np.ndarray]:
    """Bones of each person by box, and the turnover of each box."""
    rng = np.random.default_rng(1)
    people = make_individuals(plan, make_roster(plan, rng), claims(plan), rng)
    turnover = turnovers(plan, rng)
    found: dict[int, Counter[int]] = defaultdict(Counter)
    for specimen in make_specimens(plan, people, turnover, rng)[0]:
        if specimen.individual >= 0:
            found[specimen.individual][specimen.box] += 1
    return found, turnover


@pytest.mark.parametrize("name", ["site", "punchbowl"])
def test_presets_have_no_error(name: str, tmp_path: Path) -> None:
    small = preset(name, individuals=20, boxes=min(18, PRESETS[name].boxes), missing=60)
    write_handover(simulate_handover(small), tmp_path / "case")
    assert [str(f) for f in check_dossier(tmp_path / "case") if f.severity == "error"] == []


def test_several_turnovers_bring_bones_of_one_man() -> None:
    people, turnover = boxes_of_people(preset("k208"))
    assert sorted(Counter(turnover.tolist()).values()) == [5, 11, 14, 22, 30, 148]
    specimens = sum(boxes.total() for boxes in people.values())
    assert specimens == pytest.approx(6500, rel=0.15)
    divided = [len({int(turnover[b]) for b in boxes}) > 1 for boxes in people.values()]
    assert 0.02 < np.mean(divided) < 0.20


def test_a_coffin_is_one_man_mostly() -> None:
    people, _ = boxes_of_people(preset("punchbowl"))
    in_box: dict[int, Counter[int]] = defaultdict(Counter)
    for person, boxes in people.items():
        for box, bones in boxes.items():
            in_box[box][person] += bones
    assert np.median([c.most_common(1)[0][1] / c.total() for c in in_box.values()]) > 0.95


def test_treated_bones_give_little_dna() -> None:
    plan = preset("punchbowl", individuals=20, boxes=20, missing=60)
    treated, fresh = simulate_handover(plan), simulate_handover(replace(plan, circumstances=Circumstances()))

    def typed(handover: Handover, table: str) -> float:
        texts = handover.dossier.texts
        bones = {r["sample_id"] for r in texts["samples"].to_dicts() if r["origin"] == "specimen"}
        return len(bones & set(texts[table]["sample_id"].to_list())) / len(bones)

    assert typed(treated, "str_profiles") < 0.15 < typed(fresh, "str_profiles")
    assert typed(treated, "mtdna_profiles") < 0.7 < typed(fresh, "mtdna_profiles")


def test_every_scenario_is_harder_than_the_usual_and_says_so() -> None:
    for name, worse in SCENARIOS.items():
        plan = preset("small", scenario=name)
        assert (plan.difficulty, plan.circumstances) != (Difficulty(), Circumstances()), name
        assert made(name).dossier.descriptor["rates"] == worse


def test_an_ordinary_handover_names_no_rates(usual: Handover) -> None:
    assert "rates" not in usual.dossier.descriptor


def test_brothers_are_in_the_boxes() -> None:
    plan = preset("small", scenario="brothers")
    assert len(make_roster(plan, np.random.default_rng(1)).placed_both) == 3


def test_mitotypes_are_shared(usual: Handover) -> None:
    def most_common(handover: Handover) -> float:
        types = Counter(r["differences"] for r in handover.dossier.texts["mtdna_profiles"].to_dicts())
        return sum(n for _, n in types.most_common(4)) / types.total()

    assert most_common(made("mitotypes")) > 2 * most_common(usual)


def test_labels_are_false() -> None:
    plan, rng = preset("k55", scenario="labels"), np.random.default_rng(1)
    claimed = claims(plan)
    people = make_individuals(plan, make_roster(plan, rng), claimed, rng)
    assert np.mean(people.incident == claimed[people.main_box]) < 0.4


def test_strangers_are_many_and_built_like_the_men_of_the_roster(usual: Handover) -> None:
    def foreign_collagen(handover: Handover) -> float:
        foreign = {r["specimen_id"] for r in handover.truth.to_dicts() if r["origin"] == "korean"}
        values = [
            float(r["value"])
            for r in handover.dossier.texts["isotopes"].to_dicts()
            if r["ratio"] == "d13C" and r["specimen_id"] in foreign
        ]
        return float(np.mean(values))

    strangers = made("strangers")
    origins = Counter({r["individual_id"]: r["origin"] for r in strangers.truth.to_dicts()}.values())
    assert origins["unlisted"] >= 6
    assert foreign_collagen(usual) < -18 < foreign_collagen(strangers)


def test_animals_pass_for_men() -> None:
    found = made("animals")
    animals = {r["specimen_id"] for r in found.truth.to_dicts() if r["origin"] == "animal"}
    elements = Counter(r["element"] for r in found.dossier.texts["specimens"].to_dicts() if r["specimen_id"] in animals)
    assert elements.total() / found.truth.height > 0.1
    assert 0.35 < 1 - elements["unknown"] / elements.total() < 0.85


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no such scenario"):
        preset("small", scenario="kindness")


def test_circumstances_that_cannot_be() -> None:
    for change in ({"one_box": 0.95}, {"turnovers": ()}, {"bones_mean": 0.5}, {"mtdna": 1.5}):
        with pytest.raises(InvalidInput):
            Circumstances(**change)  # type: ignore[arg-type]
