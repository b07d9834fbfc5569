"""What is pinned is also there: over seeds, the generated data are as hard as the record of difficulty says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from cenotaph.evidence.registry import LineSettings
from cenotaph.osteology.age import MISREAD, SHARED_PACE
from cenotaph.radiography.invented import FILM_NOISE_MM
from cenotaph.simulation.boxes import Individuals, Specimen, claims, make_individuals, make_specimens, turnovers
from cenotaph.simulation.difficulty import LEAST, MOST, Difficulty
from cenotaph.simulation.films import HASTY, HASTY_NOISE_MM
from cenotaph.simulation.genealogy import Genealogy, People, make_genealogy
from cenotaph.simulation.genomes import (
    DRIFT_FACTOR,
    FEMALE_RATE,
    MALE_RATE,
    MARKERS,
    ORIGINS,
    RATE_SPREAD,
    drifted_frequencies,
    drop_genes,
    shipped_frequencies,
)
from cenotaph.simulation.maturity import IN_STEP, MISREAD_BY_ONE, SPREAD, _read
from cenotaph.simulation.plan import preset
from cenotaph.simulation.records import misfiled
from cenotaph.simulation.roster import Roster, make_roster
from cenotaph.simulation.tables import Ints

SEEDS = range(25)


@dataclass(frozen=True)
class Drawn:
    """The parts of one handover that hold the pinned rates."""

    roster: Roster
    claimed: Ints
    individuals: Individuals
    specimens: list[Specimen]


@pytest.fixture(scope="module")
def drawn() -> list[Drawn]:
    found = []
    for seed in SEEDS:
        plan, rng = preset("k55"), np.random.default_rng(seed)
        roster, claimed = make_roster(plan, rng), claims(plan)
        individuals = make_individuals(plan, roster, claimed, rng)
        found.append(
            Drawn(roster, claimed, individuals, make_specimens(plan, individuals, turnovers(plan, rng), rng)[0])
        )
    return found


@pytest.fixture(scope="module")
def genealogy() -> Genealogy:
    plan, rng = preset("k55"), np.random.default_rng(8)
    roster = make_roster(plan, rng)
    return make_genealogy(roster, [f"M{k:05d}" for k in range(len(roster))], plan.difficulty, rng)


def everyone(genealogy: Genealogy) -> People:
    return People(
        np.array(genealogy.true_father),
        np.array(genealogy.true_mother),
        np.array(genealogy.male),
        np.array(genealogy.affinity),
    )


@pytest.mark.parametrize("origin", range(len(ORIGINS)), ids=ORIGINS)
def test_populations_have_drifted_from_the_shipped_tables(origin: int) -> None:
    """E sum (q - p)^2 = theta * sum p (1 - p) over the alleles of a marker."""
    squares = spread = 0.0
    for seed in SEEDS:
        drifted = drifted_frequencies(LEAST["drift"], np.random.default_rng(seed))[origin]
        for (_, p), (_, q) in zip(shipped_frequencies()[origin], drifted, strict=True):
            squares += float(((q - p) ** 2).sum())
            spread += float((p * (1 - p)).sum())
    assert squares / spread == pytest.approx(LEAST["drift"] * DRIFT_FACTOR[origin], rel=0.12)


def test_labels_are_no_truer_than_pinned(drawn: list[Drawn]) -> None:
    shares = [np.mean(d.individuals.incident == d.claimed[d.individuals.main_box]) for d in drawn]
    assert max(shares) <= Difficulty().label_truth < MOST["label_truth"]
    assert np.mean(shares) == pytest.approx(Difficulty().label_truth, abs=0.04)


def test_unlisted_and_foreign_are_there_in_every_handover(drawn: list[Drawn]) -> None:
    for d in drawn:
        origin = np.array(d.individuals.origin)
        assert np.mean(origin == "unlisted") >= LEAST["unlisted"]
        assert np.mean(np.isin(origin, ["korean", "chinese", "other_un"])) >= LEAST["foreign"]


def test_animals_are_there_in_every_handover(drawn: list[Drawn]) -> None:
    for d in drawn:
        assert np.mean([s.individual < 0 for s in d.specimens]) >= LEAST["animals"]


def test_sides_and_elements_are_recorded_wrongly(drawn: list[Drawn]) -> None:
    wrong = [
        s.element != s.recorded_element or s.recorded_side not in (s.side, "U")
        for d in drawn
        for s in d.specimens
        if s.individual >= 0
    ]
    assert np.mean(wrong) >= LEAST["wrong_sides"]


def test_related_men_are_among_the_missing(drawn: list[Drawn]) -> None:
    for d in drawn:
        assert 2 * len(d.roster.pairs) / len(d.roster) >= LEAST["brothers"]


def test_no_man_and_no_bone_is_there_twice(drawn: list[Drawn]) -> None:
    for d in drawn:
        men = d.individuals.man[d.individuals.man >= 0]
        assert len(set(men.tolist())) == men.size
        bones = {
            (s.individual, s.element, s.side, s.bone)
            for s in d.specimens
            if s.individual >= 0 and s.element not in ("rib", "vertebra", "tooth")
        }
        assert len(bones) == len({bone[:3] for bone in bones})


@pytest.mark.parametrize("men", [7, 100, 980])
def test_films_and_charts_lie_in_wrong_files(men: int) -> None:
    for seed in SEEDS:
        content = misfiled(np.arange(men), LEAST["swapped_films"], np.random.default_rng(seed))
        assert sorted(content) == list(range(men))
        assert np.mean(content != np.arange(men)) >= LEAST["swapped_films"]


def test_rates_of_films_and_stages_are_not_the_engine_s() -> None:
    assert LEAST["swapped_films"] > LineSettings().record_error
    assert LEAST["misread_stages"] > MISREAD
    assert SPREAD >= 1.25
    assert IN_STEP >= SHARED_PACE + 0.1
    assert HASTY_NOISE_MM >= 1.5 * FILM_NOISE_MM
    assert HASTY >= 0.25


def test_stages_are_misread_at_the_rate_of_the_plan() -> None:
    rng, difficulty = np.random.default_rng(4), Difficulty()
    read = np.array([_read(2, 5, difficulty, rng) for _ in range(40_000)])
    # A fifth of the stages that are drawn anew are the true one.
    expected = difficulty.misread_stages * (MISREAD_BY_ONE + (1 - MISREAD_BY_ONE) * 0.8)
    assert np.mean(read != 2) == pytest.approx(expected, rel=0.1)
    assert {_read(0, 2, difficulty, rng) for _ in range(2000)} == {0, 1}


def test_donors_are_wrong_in_enough_families(genealogy: Genealogy) -> None:
    assert sum(genealogy.wrong) / sum(genealogy.donor) >= LEAST["wrong_pedigrees"]


def test_genes_descend_with_mutations_at_other_rates_than_the_engine_assumes(genealogy: Genealogy) -> None:
    people = everyone(genealogy)
    genomes = drop_genes(people, 0.012, np.random.default_rng(2))
    children = np.flatnonzero(people.father >= 0)
    for side, parents, rate in ((0, people.father, MALE_RATE), (1, people.mother, FEMALE_RATE)):
        given = genomes.str_[children, :, side]
        changed = np.mean((given[:, :, None] != genomes.str_[parents[children]]).all(axis=2))
        # Twenty-two log-normal rates; a step may hit the parent's other allele and is then not seen.
        expected = rate * np.exp(RATE_SPREAD**2 / 2)
        assert changed == pytest.approx(expected, rel=4 * RATE_SPREAD / len(MARKERS) ** 0.5)


def test_lineages_descend_unmixed(genealogy: Genealogy) -> None:
    people = everyone(genealogy)
    genomes = drop_genes(people, 0.012, np.random.default_rng(3))
    children = np.flatnonzero(people.father >= 0)
    sons = children[people.male[children]]
    assert 0.97 < np.mean(genomes.mt[children] == genomes.mt[people.mother[children]]) < 1
    assert 0 < np.mean(genomes.y[sons] != genomes.y[people.father[sons]]) < 0.01
