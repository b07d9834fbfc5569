"""Who is who, for all bones together: centres solved jointly, the other bones placed, both twice.

A *centre* is an item with a profile that tells people apart (autosomal DNA). In the first cycle the centres are
grouped and named, the shares of origins are learned, and the other bones are placed around the groups. What is placed
beyond doubt becomes part of its centre, so that its teeth, its stature, its haplotype speak for the name. The second
cycle solves what has grown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cenotaph.evidence.line import Floats
from cenotaph.identification.donors import Donors
from cenotaph.identification.grouping import (
    Group,
    Names,
    groups_of,
    learned,
    names_alone,
    names_alone_again,
    names_of,
    pairs_of,
    solve_centres,
)
from cenotaph.identification.merging import united
from cenotaph.identification.placing import Loose, Placement
from cenotaph.identification.scorer import Item, Prior, SpecimenScorer
from cenotaph.identification.settings import Settings
from cenotaph.identification.swaps import bone_is_his
from cenotaph.resolution.budget import Budget
from cenotaph.resolution.solve import Answer

Progress = Callable[[str, int, int], None]
LEAST_PAIR = 0.01


@dataclass(frozen=True, slots=True)
class Person:
    """Specimens that are of one person, and who that may be.

    Args:
        specimens: the anchor's first.
        same: P(one person with the anchor) of each.
        names: possible answers.
    """

    specimens: tuple[int, ...]
    same: tuple[float, ...]
    names: Names


@dataclass(frozen=True, slots=True)
class Joint:
    """The joint answer.

    Args:
        persons: every specimen is of exactly one.
        names: per specimen, its possible answers.
        pairs: (specimen, specimen, P(one person), rule or empty).
        prior: shares as learned.
        answer: what resolution found for the centres; None where there are none.
        placements: of the items that are no part of a centre.
    """

    persons: tuple[Person, ...]
    names: tuple[Names, ...]
    pairs: tuple[tuple[int, int, float, str], ...]
    prior: Prior
    answer: Answer | None
    placements: tuple[Placement, ...]


@dataclass(frozen=True, slots=True)
class _Joining:
    """An item without a profile of its own person that joins a centre: how probably, and who it may be by itself."""

    item: Item
    probability: float
    names: Names


def solve_jointly(
    scorer: SpecimenScorer,
    items: Sequence[Item],
    separate: set[frozenset[int]],
    settled: frozenset[int],
    animal: Callable[[Sequence[Item]], np.ndarray],
    settings: Settings,
    budget: Budget,
    progress: Progress,
) -> Joint:
    """Solve all items; `scorer.items` and `scorer.prior` are replaced by what was learned.

    Args:
        scorer: its items are the centres.
        items: all items.
        separate: pairs of specimens that an examiner has kept apart.
        settled: specimens of which an examiner has said whose they are, or with which other they belong.
        animal: prior probability that items are animal.
        settings: every parameter.
        budget: once spent, what is sampled is sampled briefly.
        progress: told of each step.
    """
    centres = list(scorer.items)
    others = [item for item in items if item not in set(centres)]
    loose = Loose.of(scorer, others, animal(others), separate, settings.placing, progress)
    joined: list[_Joining] = []
    alone = names_alone(scorer)
    answer, names, groups = _solve(scorer, separate, alone, settings, budget, progress)
    placements = loose.place(groups, names, seed=settings.seed)
    if answer is not None:
        scorer.prior = learned(scorer.prior, answer, settings.prior)
    for item, placement in zip(loose.items, placements, strict=True):
        if placement.join.max(initial=0.0) >= settings.placing.grow:
            best = int(placement.join.argmax())
            anchor = groups[best].items[0]
            centres[anchor] = united([centres[anchor], item])
            joined.append(_Joining(item, float(placement.join[best]), placement.names))
    taken = {s for item in centres for s in item.specimens}
    loose = loose.rest([k for k, item in enumerate(loose.items) if item.specimens[0] not in taken])
    grew = [k for k, (old, new) in enumerate(zip(scorer.items, centres, strict=True)) if old is not new]
    scorer.items = centres
    alone = names_alone_again(scorer, alone, grew, settings.candidates_per_item)
    answer, names, groups = _solve(scorer, separate, alone, settings, budget, progress)
    names = _doubted_by_donors(scorer, groups, names)
    placements = loose.place(groups, names, seed=settings.seed)
    grown = {s: one for one in joined for s in one.item.specimens}
    persons = _persons(scorer, groups, names, loose.items, placements, grown, settings)
    his = bone_is_his(scorer, [one.specimens for one in persons], settled)
    return Joint(
        tuple(_doubted(one, p) for one, p in zip(persons, his, strict=True)),
        _names_of_specimens(scorer, names, loose.items, placements, grown, _by_specimen(persons, his)),
        _pairs(scorer, answer, groups, loose.items, placements, items, grown),
        scorer.prior,
        answer,
        tuple(placements),
    )


def _doubted_by_donors(scorer: SpecimenScorer, groups: Sequence[Group], names: Sequence[Names]) -> list[Names]:
    """Names of all items; a group is of one man, so that all its profiles are asked."""
    donors = Donors.of(scorer.evidence, scorer.prior)
    result = list(names)
    for group in groups:
        exhibits = scorer.exhibits(group.items)
        for i in group.items:
            result[i] = donors.doubted(exhibits, names[i])
    return result


def _by_specimen(persons: Sequence[Person], his: Sequence[Floats]) -> dict[int, float]:
    return {
        s: float(p)
        for one, of_one in zip(persons, his, strict=True)
        for s, p in zip(one.specimens, of_one, strict=True)
    }


def _doubted(one: Person, his: Floats) -> Person:
    """Nobody is surer of being of the anchor's person than that his own extract was not swapped."""
    same = (one.same[0], *(p * float(q) for p, q in zip(one.same[1:], his[1:], strict=True)))
    return replace(one, same=same)


def _solve(
    scorer: SpecimenScorer,
    separate: set[frozenset[int]],
    alone: Floats,
    settings: Settings,
    budget: Budget,
    progress: Progress,
) -> tuple[Answer | None, list[Names], tuple[Group, ...]]:
    if not scorer.items:
        return None, [], ()
    answer = solve_centres(
        scorer,
        separate,
        alone,
        candidates_per_item=settings.candidates_per_item,
        seed=settings.seed,
        budget=budget,
        progress=progress,
    )
    return answer, names_of(answer, len(scorer.items)), groups_of(answer, settings.verdict.join)


def _persons(
    scorer: SpecimenScorer,
    groups: Sequence[Group],
    names: Sequence[Names],
    others: Sequence[Item],
    placements: Sequence[Placement],
    grown: dict[int, _Joining],
    settings: Settings,
) -> tuple[Person, ...]:
    """Groups with what joins them, then everything that stands alone."""
    join = settings.verdict.join
    core: list[list[tuple[int, float]]] = []
    joining: list[list[_Joining]] = []
    alone: list[Person] = []
    for group in groups:
        own = [(s, p) for i, p in zip(group.items, group.same, strict=True) for s in scorer.items[i].specimens]
        core.append([(s, p) for s, p in own if s not in grown])
        with_anchor = {grown[s].item: p for s, p in own if s in grown}
        of_items = {grown[s].item: grown[s] for s, _ in own if s in grown}
        joining.append([replace(one, probability=one.probability * with_anchor[i]) for i, one in of_items.items()])
    for item, placement in zip(others, placements, strict=True):
        best = int(placement.join.argmax()) if len(placement.join) else -1
        if best >= 0 and placement.join[best] >= join:
            joining[best].append(_Joining(item, float(placement.join[best]), placement.names))
        else:
            alone.append(_lone(item, placement.names))
    found = []
    for group, own, candidates in zip(groups, core, joining, strict=True):
        kept = _kept(scorer, len(own), candidates, join, settings.placing.hardly_doubted)
        alone += [_lone(one.item, one.names) for one in candidates if one not in kept]
        bones = [*own, *((s, one.probability) for one in kept for s in one.item.specimens)]
        found.append(Person(tuple(s for s, _ in bones), tuple(p for _, p in bones), names[group.items[0]]))
    return tuple(found + alone)


def _lone(item: Item, names: Names) -> Person:
    return Person(item.specimens, (1.0,) * len(item.specimens), names)


def _kept(
    scorer: SpecimenScorer, own: int, candidates: Sequence[_Joining], join: float, hardly_doubted: float
) -> list[_Joining]:
    """Those that belong to a group of *own* bones with a profile, the surest first.

    One box gives no more doubtful bones than leave it fewer than the group's own: should all of a box be of a second
    man, which is one coincidence, most bones under the name are still his.
    """
    kept: list[_Joining] = []
    given: Counter[int] = Counter()
    for one in sorted(candidates, key=lambda one: (-one.probability, one.item.specimens)):
        box, size = int(scorer.boxes.container_of[one.item.specimens[0]]), len(one.item.specimens)
        if one.probability >= (join if given[box] + size < own else hardly_doubted):
            given[box] += size
            kept.append(one)
    return kept


def _names_of_specimens(
    scorer: SpecimenScorer,
    names: Sequence[Names],
    others: Sequence[Item],
    placements: Sequence[Placement],
    grown: dict[int, _Joining],
    his: dict[int, float],
) -> tuple[Names, ...]:
    found: dict[int, Names] = {}
    anybody = _anybody(scorer.prior)
    for item, item_names in zip(scorer.items, names, strict=True):
        for s in item.specimens:
            found[s] = _mixed(item_names, grown[s].probability, anybody) if s in grown else item_names
    for item, placement in zip(others, placements, strict=True):
        found.update(dict.fromkeys(item.specimens, placement.names))
    return tuple(_mixed(found[s], his[s], anybody) if his[s] < 1 else found[s] for s in sorted(found))


def _anybody(prior: Prior) -> Floats:
    """Classes of somebody of whom nothing is known; no animal has a profile."""
    return np.concatenate([[prior.roster], (1 - prior.roster) * prior.origins, [0.0]])


def _mixed(names: Names, p: float, anybody: Floats) -> Names:
    """Answers of a bone that is of the person with probability *p*, and otherwise of anybody."""
    return Names(names.men, p * names.probability, p * names.classes + (1 - p) * anybody)


def _pairs(
    scorer: SpecimenScorer,
    answer: Answer | None,
    groups: Sequence[Group],
    others: Sequence[Item],
    placements: Sequence[Placement],
    items: Sequence[Item],
    grown: dict[int, _Joining],
) -> tuple[tuple[int, int, float, str], ...]:
    """Pairs of specimens that matter, each item by its first specimen."""
    rows: list[tuple[int, int, float, str]] = []
    for item in items:
        rows += [(item.specimens[0], s, 1.0, "certain") for s in item.specimens[1:]]
    anchor = [min(item.specimens, key=lambda s: (s in grown, s)) for item in scorer.items]
    for first, item in zip(anchor, scorer.items, strict=True):
        rows += [(first, s, grown[s].probability, "") for s in item.specimens if s in grown]
    if answer is not None:
        rows += [(anchor[a], anchor[b], p, "") for a, b, p in pairs_of(answer)]
    for item, placement in zip(others, placements, strict=True):
        for g in np.flatnonzero(placement.join >= LEAST_PAIR):
            rows.append((anchor[groups[g].items[0]], item.specimens[0], float(placement.join[g]), ""))
    # What a rule has joined comes first and stays.
    found: dict[tuple[int, int], tuple[float, str]] = {}
    for a, b, p, rule in rows:
        found.setdefault((min(a, b), max(a, b)), (p, rule))
    return tuple((a, b, p, rule) for (a, b), (p, rule) in sorted(found.items()))
