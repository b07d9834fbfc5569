"""Who is in the boxes, and what of him: individuals, containers, specimens, refits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cenotaph.simulation.circumstances import Circumstances
from cenotaph.simulation.difficulty import Difficulty
from cenotaph.simulation.plan import HandoverPlan
from cenotaph.simulation.roster import AFFINITIES, AFFINITY_SHARE, Roster
from cenotaph.simulation.tables import ElementRates, Floats, Ints, load_elements

FOREIGN_SHARE = {"korean": 0.88, "chinese": 0.08, "other_un": 0.04}
"""Of the foreign; 88 of 181 resolved individuals of 2018 were Korean."""
BONES_DISPERSION = 1.4
"""Of the negative binomial number of bones of one person."""
IN_MAIN_BOX = 0.65
BOX_CONCENTRATION = 2.0
PIECES_KEPT = (0.72, 0.23, 0.05)
"""A broken bone is found as one, two or three pieces."""
OTHER_BOX_PIECE = 0.12
REFIT_SEEN = 0.6
SIDE_UNKNOWN = 0.04
AGED_ELEMENTS = {"os_coxa", "femur", "tibia", "humerus", "clavicle", "scapula", "fibula", "radius", "ulna", "talus",
                 "calcaneus", "sacrum", "vertebra", "rib", "cranium", "mandible"}  # fmt: skip
AGED = 0.45


@dataclass(frozen=True, slots=True)
class Individuals:
    """People in the boxes.

    Args:
        origin: roster, unlisted, korean, chinese or other_un.
        affinity: name of the founder population.
        man: row of the roster, −1 for others.
        incident: index of the plan's incidents in which he died.
        main_box: where most of him is.
        age: at death.
    """

    origin: tuple[str, ...]
    affinity: tuple[str, ...]
    man: Ints
    incident: Ints
    main_box: Ints
    age: Floats

    def __len__(self) -> int:
        return len(self.origin)


@dataclass(frozen=True, slots=True)
class Specimen:
    """One bone or fragment; what it is, and how it was recorded.

    Args:
        individual: index of its individual, −1 for an animal.
        element, side: real ones; side L, R or M, U for an animal.
        recorded_element, recorded_side: in the inventory.
        zones: zones present, empty where the bone is not divided into zones.
        span: share of the length of the bone that is there, from and to.
        completeness: recorded.
        box: container.
        bone: number of the bone it is a part of.
    """

    individual: int
    element: str
    side: str
    recorded_element: str
    recorded_side: str
    zones: str
    span: tuple[float, float]
    completeness: float
    box: int
    bone: int
    age_from: int | None = None
    age_to: int | None = None


def claims(plan: HandoverPlan) -> Ints:
    """Incident that each box claims, in the proportions of the plan."""
    return _apportioned([i.boxes for i in plan.incidents], plan.boxes)


def turnovers(plan: HandoverPlan, rng: np.random.Generator) -> Ints:
    """Turnover that each box came with, in the proportions of the plan."""
    return rng.permutation(_apportioned([t.boxes for t in plan.circumstances.turnovers], plan.boxes))


def _apportioned(weights: Sequence[float], total: int) -> Ints:
    """Index of its weight for each of *total* things, by largest remainders."""
    shares = np.array(weights, dtype=float)
    exact = total * shares / shares.sum()
    counts = np.floor(exact).astype(int)
    counts[np.argsort(-(exact - counts), kind="stable")[: total - counts.sum()]] += 1
    return np.repeat(np.arange(len(shares)), counts)


def make_individuals(plan: HandoverPlan, roster: Roster, claimed: Ints, rng: np.random.Generator) -> Individuals:
    """Draws who is in the boxes. About half of the false labels are of whole boxes, the others of single people.

    False labels are drawn by quota, so that no seed gives a handover easier than its difficulty says.
    """
    origin = _origins(plan, rng)
    n = len(origin)
    trust = math.sqrt(plan.difficulty.label_truth)
    weights = np.array([i.missing for i in plan.incidents], dtype=float)
    false_boxes = rng.choice(plan.boxes, round(plan.boxes * (1 - trust)), replace=False)
    real = claimed.copy()
    real[false_boxes] = [_another(int(c), weights, rng) for c in claimed[false_boxes]]
    box = _main_boxes(plan, n, rng)
    incident = real[box]
    labelled = np.flatnonzero(incident == claimed[box])
    wanting = math.ceil(n * (1 - plan.difficulty.label_truth)) - (n - len(labelled))
    strays = rng.choice(labelled, max(wanting, 0), replace=False)
    incident[strays] = [_another(int(i), weights, rng) for i in incident[strays]]
    man = np.full(n, -1)
    listed = np.flatnonzero(np.array(origin) == "roster")
    man[listed] = _men(roster, incident[listed], rng)
    # A man who is there because of the pairs may have died elsewhere than the box says.
    incident[listed] = roster.incident[man[listed]]
    american = rng.choice(len(AFFINITIES), n, p=AFFINITY_SHARE)
    affinity = tuple(
        AFFINITIES[roster.affinity[man[k]]] if man[k] >= 0
        else AFFINITIES[american[k]] if o == "unlisted"
        else {"other_un": "other"}.get(o, o)
        for k, o in enumerate(origin)
    )  # fmt: skip
    age = np.where(man >= 0, roster.age[man], np.clip(17 + rng.lognormal(np.log(5.0), 0.7, n), 17, 45))
    return Individuals(origin, affinity, man, incident, box, age)


def _main_boxes(plan: HandoverPlan, people: int, rng: np.random.Generator) -> Ints:
    """Where most of each person is: some boxes hold more people than others, or everybody has his own."""
    share = rng.dirichlet(np.full(plan.boxes, BOX_CONCENTRATION))
    if not plan.circumstances.grave_each:
        return rng.choice(plan.boxes, people, p=share)
    own = rng.permutation(plan.boxes)[:people]
    return np.concatenate([own, rng.choice(plan.boxes, people - own.size, p=share)])


def _origins(plan: HandoverPlan, rng: np.random.Generator) -> tuple[str, ...]:
    unlisted = math.ceil(plan.difficulty.unlisted * plan.individuals)
    foreign = round(plan.difficulty.foreign * plan.individuals)
    kinds = list(FOREIGN_SHARE)
    drawn = rng.choice(len(kinds), foreign, p=list(FOREIGN_SHARE.values()))
    origins = ["unlisted"] * unlisted + [kinds[k] for k in drawn]
    origins += ["roster"] * (plan.individuals - len(origins))
    return tuple(origins[int(k)] for k in rng.permutation(len(origins)))


def _another(incident: int, weights: Floats, rng: np.random.Generator) -> int:
    others = np.where(np.arange(weights.size) == incident, 0.0, weights)
    return int(rng.choice(weights.size, p=others / others.sum()))


def _men(roster: Roster, incident: Ints, rng: np.random.Generator) -> Ints:
    """Men of the wanted incidents, each once; placed brothers first, no other related men by chance alone."""
    kept_out = {p.second for p in roster.placed_one}
    first = [m for p in roster.placed_both for m in (p.first, p.second)] + [p.first for p in roster.placed_one]
    free = [int(m) for m in rng.permutation(len(roster)) if int(m) not in kept_out | set(first)]
    by_incident: dict[int, list[int]] = {}
    for man in free:
        by_incident.setdefault(int(roster.incident[man]), []).append(man)
    chosen = np.full(incident.size, -1)
    for man in first:
        open_ = np.flatnonzero(chosen < 0)
        wanted = open_[incident[open_] == roster.incident[man]]
        chosen[(wanted if wanted.size else open_)[0]] = man
    for k in np.flatnonzero(chosen < 0):
        stock = by_incident.get(int(incident[k])) or max(by_incident.values(), key=len)
        chosen[k] = stock.pop()
    return chosen


def make_specimens(
    plan: HandoverPlan, individuals: Individuals, turnover: Ints, rng: np.random.Generator
) -> tuple[list[Specimen], list[tuple[int, int]]]:
    """Specimens in random order, and the refits that were seen, as pairs of positions in that order.

    Args:
        plan: what is wanted.
        individuals: who is there.
        turnover: shape (boxes,), with which turnover each box came.
        rng: source of randomness.
    """
    usual = plan.circumstances
    slots = [(e, s) for e in load_elements() for s in e.sides for _ in range(e.copies)]
    recovery = np.log([e.recovery for e, _ in slots])
    found: list[Specimen] = []
    for k in range(len(individuals)):
        boxes, shares = _boxes_of(int(individuals.main_box[k]), turnover, usual, rng)
        excess = rng.negative_binomial(BONES_DISPERSION, BONES_DISPERSION / (BONES_DISPERSION + usual.bones_mean - 1))
        number = min(1 + int(excess), usual.bones_most)
        order = np.argsort(-(recovery + rng.gumbel(size=len(slots))), kind="stable")[:number]
        for slot in order:
            element, side = slots[int(slot)]
            box = int(boxes[rng.choice(len(boxes), p=shares)])
            bone = len(found)
            age = float(individuals.age[k])
            for piece, (zones, span) in enumerate(_pieces(element, rng)):
                there = int(rng.choice(boxes)) if piece and rng.random() < OTHER_BOX_PIECE else box
                found.append(_recorded(k, element, side, zones, span, there, bone, age, plan.difficulty, rng))
    found += _animals(plan, len(found), rng)
    shuffled = [found[int(i)] for i in rng.permutation(len(found))]
    return shuffled, _refits(shuffled, rng)


def _boxes_of(main: int, turnover: Ints, usual: Circumstances, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Boxes with bones of one person, and their shares."""
    u = rng.random()
    number = 1 if u < usual.one_box else int(rng.integers(2, 4)) if u < usual.some_boxes else int(rng.integers(4, 7))
    anywhere = len(usual.turnovers) == 1 or rng.random() < usual.other_turnover
    order = rng.permutation(turnover.size)
    others = [b for b in order if b != main and (anywhere or turnover[b] == turnover[main])][: number - 1]
    if not others:
        return np.array([main]), np.ones(1)
    return np.array([main, *others]), np.array([IN_MAIN_BOX, *rng.dirichlet(np.ones(len(others))) * (1 - IN_MAIN_BOX)])


def _pieces(element: ElementRates, rng: np.random.Generator) -> list[tuple[str, tuple[float, float]]]:
    """Zones and span of every piece that was found of one bone."""
    if rng.random() >= element.fragmented:
        return [("complete", (0.0, 1.0))]
    if element.zones == 0:
        cut = float(rng.uniform(0.3, 0.9))
        return [("", (0.0, cut))]
    kept = 1 + int(rng.choice(3, p=PIECES_KEPT))
    parts = min(element.zones, kept + int(rng.integers(1, 3)))
    if parts < 2:
        return [("complete", (0.0, 1.0))]
    cuts = np.sort(rng.choice(np.arange(1, element.zones), parts - 1, replace=False))
    edges = [0, *(int(c) for c in cuts), element.zones]
    chosen = sorted(int(x) for x in rng.choice(parts, min(kept, parts), replace=False))
    return [
        (
            " ".join(str(z + 1) for z in range(edges[p], edges[p + 1])),
            (edges[p] / element.zones, edges[p + 1] / element.zones),
        )
        for p in chosen
    ]


def _recorded(
    individual: int,
    element: ElementRates,
    side: str,
    zones: str,
    span: tuple[float, float],
    box: int,
    bone: int,
    age: float,
    difficulty: Difficulty,
    rng: np.random.Generator,
) -> Specimen:
    """A piece with the errors of its inventory."""
    name, seen = element.element, side
    if rng.random() < difficulty.wrong_sides:
        stem, _, number = name.rpartition("_")
        if number.isdigit() and rng.random() < 0.5:
            last = 3 if stem == "cuneiform" else 5
            name = f"{stem}_{int(number) % last + 1}"
        elif side != "M":
            seen = "R" if side == "L" else "L"
    elif zones != "complete" and side != "M" and rng.random() < SIDE_UNKNOWN:
        seen = "U"
    whole = span[1] - span[0]
    completeness = round(
        min(1.0, whole * float(rng.uniform(0.85, 1.0) if zones != "complete" else rng.beta(18, 1.0))), 2
    )
    low: int | None = None
    high: int | None = None
    if element.element in AGED_ELEMENTS and whole > 0.3 and rng.random() < AGED:
        centre, half = age + rng.normal(0, 2.5), rng.uniform(2.0, 6.0)
        low, high = max(12, round(centre - half)), max(16, round(centre + half))
    return Specimen(
        individual, element.element, side, name, seen, zones, span, max(0.02, completeness), box, bone, low, high
    )


def _animals(plan: HandoverPlan, human: int, rng: np.random.Generator) -> list[Specimen]:
    share = plan.difficulty.animals
    number = max(math.ceil(share * human / (1 - share)), 1)
    found = []
    for k in range(number):
        element, side = "unknown", "U"
        if rng.random() < plan.circumstances.animals_mistaken:
            element, side = (("rib", "U"), ("vertebra", "M"), ("fibula", "U"))[int(rng.integers(0, 3))]
        completeness = round(float(rng.uniform(0.2, 0.9)), 2)
        box = int(rng.integers(0, plan.boxes))
        found.append(Specimen(-1, "unknown", "U", element, side, "", (0.0, 1.0), completeness, box, human + k))
    return found


def _refits(specimens: list[Specimen], rng: np.random.Generator) -> list[tuple[int, int]]:
    pieces: dict[int, list[int]] = {}
    for position, specimen in enumerate(specimens):
        pieces.setdefault(specimen.bone, []).append(position)
    found = []
    for members in pieces.values():
        for a, b in pairwise(members):
            if rng.random() < REFIT_SEEN:
                found.append((a, b))
    return found


def measured(specimen: Specimen, spans: Floats, elements: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Which measurements a specimen still allows: of its element, on the part that is there."""
    low, high = specimen.span
    result: NDArray[np.bool_] = (
        (elements == specimen.element) & (spans[:, 0] >= low - 1e-9) & (spans[:, 1] <= high + 1e-9)
    )
    return result
