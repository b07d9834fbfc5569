"""Bones without a profile of their own person, placed around the groups of those that have one.

Each is of a group's person, or of nobody among them. What the lines say of a bone and a group, how bones spread over
boxes, and that a person has one of each element decide together; two bones of one element compete for a group. Bones
that are placed beyond doubt join their group, which then says more of the others: the groups grow until nothing is
beyond doubt any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from cenotaph.evidence.line import Exhibits, Floats, Ints
from cenotaph.identification.grouping import ALL_CLASSES, Group, Names
from cenotaph.identification.scorer import NOBODY, Item, SpecimenScorer
from cenotaph.identification.settings import PlacingSettings
from cenotaph.resolution.placing import place_items

Progress = Callable[[str, int, int], None]
CHUNK = 256
MEN_KEPT = 60
NAMES_KEPT = 20
LEAST_STRANGERS, MOST_STRANGERS = 1e-3, 1 - 1e-3
"""Bounds of the share of bones that are of nobody among the groups."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one item belongs, given the groups.

    Args:
        join: shape (groups,), P(it is of the group's person).
        new: P(it is of nobody among the groups).
        names: its possible answers.
        men_alone, probability_alone: P(it is of nobody among the groups, and he is this missing person).
    """

    join: Floats
    new: float
    names: Names
    men_alone: Ints
    probability_alone: Floats


@dataclass(frozen=True, slots=True)
class Alone:
    """Items by themselves, before any group, against somebody of any population; natural logs.

    Args:
        men: shape (items, `MEN_KEPT`), the likeliest missing persons.
        log_men: their likelihoods with the prior of where the bone lay.
        log_rest: shape (items,), of all other missing persons together.
        populations: shape (items, populations).
    """

    men: Ints
    log_men: Floats
    log_rest: Floats
    populations: Floats

    def take(self, rows: Ints) -> Alone:
        """Some of the items."""
        return Alone(self.men[rows], self.log_men[rows], self.log_rest[rows], self.populations[rows])


@dataclass
class Loose:
    """The items to be placed, with what does not depend on the groups.

    Args:
        scorer: of the centres.
        items: to be placed.
        alone: what they are by themselves.
        animal: shape (items,), prior probability that the item is animal.
        informative: shape (items,), which items have a profile.
        separate: pairs of specimens that an examiner has kept apart.
        settings: see there.
        progress: told of each step.
        strangers: share of the items that are of nobody among the groups; learned when they are placed first, from all
            of them, and kept for the rest of them.
        asked: log ratio of sets of bones that join together, with the group, as asked before.
    """

    scorer: SpecimenScorer
    items: Sequence[Item]
    alone: Alone
    animal: Floats
    informative: NDArray[np.bool_]
    separate: set[frozenset[int]]
    settings: PlacingSettings
    progress: Progress
    strangers: float | None = None
    asked: dict[tuple[Exhibits, Exhibits], float] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        scorer: SpecimenScorer,
        items: Sequence[Item],
        animal: Floats,
        separate: set[frozenset[int]],
        settings: PlacingSettings,
        progress: Progress,
    ) -> Loose:
        """Ask the evidence what the items are by themselves."""
        is_sample = scorer.evidence.case.is_sample
        informative = np.array([any(map(is_sample, item.exhibits)) for item in items], dtype=np.bool_)
        return cls(scorer, items, _alone(scorer, items, progress), animal, informative, separate, settings, progress)

    def rest(self, kept: Sequence[int]) -> Loose:
        """Some of the items."""
        at = np.array(kept, dtype=np.int64)
        return replace(
            self,
            items=[self.items[k] for k in kept],
            alone=self.alone.take(at),
            animal=self.animal[at],
            informative=self.informative[at],
        )

    def place(self, groups: Sequence[Group], names: Sequence[Names], *, seed: int) -> list[Placement]:
        """Place every item around the groups of centres; see the module.

        Args:
            groups, names: of the centres.
            seed: decides the draws.
        """
        label, group_class = self._answers(groups, names)
        with np.errstate(divide="ignore"):
            log_free = np.log(np.clip(1.0 - label.sum(axis=0), 0.0, 1.0))
        men, classes = self._nobody_known(log_free)
        log_new = np.logaddexp(np.logaddexp.reduce(men, axis=1), np.logaddexp.reduce(classes, axis=1))
        allowed = self._allowed(label, group_class)
        probability = self._around(groups, log_new, allowed, seed)
        with np.errstate(invalid="ignore"):
            men, classes = np.exp(men - log_new[:, None]), np.exp(classes - log_new[:, None])
        return [
            self._placement(k, probability[k], *self._decided(k, label, group_class), men[k], classes[k])
            for k in range(len(self.items))
        ]

    def _decided(self, k: int, label: Floats, group_class: Floats) -> tuple[Floats, Floats]:
        """The answers of every group that an examiner has not ruled out for an item, each group's adding up to one."""
        specimens = self.items[k].specimens
        if not self._is_decided(specimens):
            return label, group_class
        everyone = np.arange(label.shape[1])
        men, classes = np.zeros_like(label), np.zeros_like(group_class)
        with np.errstate(divide="ignore"):
            for g in range(len(label)):
                kept = self.scorer.decided(specimens, everyone, np.log(label[g]), np.log(group_class[g]))
                men[g], classes[g] = (np.exp(part) for part in kept)
        total = np.maximum(men.sum(axis=1) + classes.sum(axis=1), np.finfo(np.float64).tiny)[:, None]
        return men / total, classes / total

    def _allowed(self, label: Floats, group_class: Floats) -> Floats:
        """Shape (items, groups): log probability that a group's answer is one that an examiner left open."""
        found = np.zeros((len(self.items), len(label)))
        everyone = np.arange(label.shape[1])
        with np.errstate(divide="ignore"):
            for k, item in enumerate(self.items):
                for g in range(len(label)) if self._is_decided(item.specimens) else ():
                    kept = self.scorer.decided(item.specimens, everyone, np.log(label[g]), np.log(group_class[g]))
                    found[k, g] = np.log(sum(float(np.exp(part).sum()) for part in kept))
        return found

    def _is_decided(self, specimens: Sequence[int]) -> bool:
        scorer = self.scorer
        return any(s in scorer.decided_names for s in specimens) or any(s in specimens for s, _ in scorer.excluded)

    def _around(self, groups: Sequence[Group], log_new: Floats, allowed: Floats, seed: int) -> Floats:
        """Shape (items, groups + 1): probability of each group, the groups growing, and of nobody among them."""
        scorer, items = self.scorer, self.items
        around = _Surroundings(scorer, [scorer.specimens(g.items) for g in groups], self.separate)
        exhibits = [scorer.exhibits(g.items) for g in groups]
        clashes = _clashes(scorer, items)
        weights = np.column_stack([np.zeros((len(items), len(groups))), log_new])
        link = np.zeros((len(items), len(groups)))
        found = np.zeros(weights.shape)
        rest, changed = list(range(len(items))), list(range(len(groups)))
        if not rest:
            return found
        for round_ in range(self.settings.rounds):
            self.progress("placing bones", round_, self.settings.rounds)
            asked = [items[k].exhibits for k in rest]
            link[np.ix_(rest, changed)] = scorer.evidence.link(asked, [exhibits[g] for g in changed])
            weights[rest, :-1] = [link[k] + allowed[k] + around.log_share(items[k].specimens) for k in rest]
            if self.strangers is None:
                self.strangers = self._share_of_strangers(weights, around)
            found[rest] = self._marginals(weights, rest, clashes, self.strangers, seed)
            self._doubt_together(found, rest, around.groups, exhibits)
            best = found[:, :-1].argmax(axis=1) if groups else np.zeros(len(items), dtype=np.int64)
            sure = [k for k in rest if found[k, :-1].max(initial=0.0) >= self.settings.grow]
            if not sure:
                break
            rest = [k for k in rest if k not in set(sure)]
            if not rest:
                break
            changed = sorted({int(best[k]) for k in sure})
            around.grow([(int(best[k]), items[k].specimens) for k in sure])
            for k in sure:
                exhibits[best[k]] = tuple(sorted((*exhibits[best[k]], *items[k].exhibits)))
        return found

    def _doubt_together(
        self,
        found: Floats,
        rest: Sequence[int],
        groups: Sequence[tuple[int, ...]],
        exhibits: Sequence[Exhibits],
    ) -> None:
        """Take from *found* what a second person would explain: bones that join a group together may be all of another.

        Each bone by itself is asked about somebody new; five bones of one haplotype from one box can be of one man of
        that haplotype, which is one coincidence, not five. All that join a group, and those of each box, are asked
        together: one person with the group, or one of their own.
        """
        for g, specimens in enumerate(groups):
            joining = [k for k in rest if found[k, g] >= self.settings.together]
            sets = [one for one in self._by_box(joining) if len(one) > 1]
            if not sets:
                continue
            members = [tuple(sorted(s for k in one for s in self.items[k].specimens)) for one in sets]
            shown = [tuple(sorted(e for k in one for e in self.items[k].exhibits)) for one in sets]
            new = [one for one in shown if (one, exhibits[g]) not in self.asked]
            link = self.scorer.evidence.link(new, [exhibits[g]])[:, 0] if new else ()
            self.asked.update(((one, exhibits[g]), float(x)) for one, x in zip(new, link, strict=True))
            for one, bones, key in zip(sets, members, shown, strict=True):
                structure = self.scorer.log_structure
                odds = (
                    self.asked[key, exhibits[g]]
                    + structure((*bones, *specimens))
                    - structure(bones)
                    - structure(specimens)
                )
                together = 1.0 / (1.0 + float(np.exp(-odds)))
                for k in one:
                    kept = min(found[k, g], together)
                    found[k, -1] += found[k, g] - kept
                    found[k, g] = kept

    def _by_box(self, joining: Sequence[int]) -> list[tuple[int, ...]]:
        """All of them, and those of each box."""
        boxes: dict[int, list[int]] = defaultdict(list)
        for k in joining:
            boxes[int(self.scorer.boxes.container_of[self.items[k].specimens[0]])].append(k)
        return sorted({tuple(joining), *(tuple(one) for one in boxes.values())})

    def _share_of_strangers(self, weights: Floats, around: _Surroundings) -> float:
        joined = np.logaddexp.reduce(weights[:, :-1], axis=1, initial=-np.inf)
        expected, count = expected_strangers(self.scorer, around), self.settings.strangers_count
        return share_of_strangers(joined, weights[:, -1], self.informative, expected, count)

    def _marginals(
        self, weights: Floats, rest: Sequence[int], clashes: Sequence[tuple[int, int]], strangers: float, seed: int
    ) -> Floats:
        """Where the *rest* belong, among what is placed."""
        position = {k: row for row, k in enumerate(rest)}
        left = [(position[a], position[b]) for a, b in clashes if a in position and b in position]
        prior = np.append(np.full(weights.shape[1] - 1, np.log1p(-strangers)), np.log(strangers))
        return place_items(weights[rest] + prior, left, self.scorer.log_duplicate, seed=seed).probability

    def _nobody_known(self, log_free: Floats) -> tuple[Floats, Floats]:
        """Log weights of every item under the men not taken, the last column all but the likeliest, and the classes."""
        scorer, alone = self.scorer, self.alone
        log_roster = np.log(scorer.prior.roster)
        men = np.column_stack([alone.log_men + log_free[alone.men], alone.log_rest]) + log_roster
        classes = scorer.class_weights(alone.populations, np.ones(len(self.items)))
        for k, item in enumerate(self.items if scorer.decided_names or scorer.excluded else ()):
            # The last column is men on the roster: not nobody, and none of those whom a decision can name.
            candidates = np.append(alone.men[k], NOBODY - 1)
            men[k], classes[k] = scorer.decided(item.specimens, candidates, men[k], classes[k])
        return men, classes

    def _answers(self, groups: Sequence[Group], names: Sequence[Names]) -> tuple[Floats, Floats]:
        """Probability of each missing person and of each class, for every group."""
        label = np.zeros((len(groups), len(self.scorer.evidence.case.missing_ids)))
        classes = np.zeros((len(groups), len(ALL_CLASSES)))
        for g, group in enumerate(groups):
            anchor = names[group.items[0]]
            label[g, anchor.men] = anchor.probability
            classes[g] = anchor.classes
        return label, classes

    def _placement(
        self, k: int, place: Floats, label: Floats, group_class: Floats, men: Floats, classes: Floats
    ) -> Placement:
        human = place * (1.0 - self.animal[k])
        p = human[:-1] @ label
        of_men = human[-1] * men[:-1]
        p[self.alone.men[k]] += of_men
        of_class = human[:-1] @ group_class
        of_class[:-1] += human[-1] * classes
        of_class[0] += human[-1] * men[-1]
        of_class[-1] += self.animal[k]
        order = np.argsort(-p, kind="stable")[:NAMES_KEPT]
        answers = Names(order, p[order], of_class)
        return Placement(human[:-1], float(human[-1] + self.animal[k]), answers, self.alone.men[k], of_men)


def expected_strangers(scorer: SpecimenScorer, around: _Surroundings) -> float:
    """Prior share of bones of nobody among the groups: α / (α + n), as the partition prior has it.

    The next bone after n is of somebody new with this probability (Chinese restaurant process).
    """
    alpha = float(np.exp(scorer.prior.log_alpha))
    return alpha / (alpha + float(around.sizes.sum()))


def share_of_strangers(
    log_join: Floats, log_new: Floats, informative: NDArray[np.bool_], expected: float, count: float
) -> float:
    """Share of the bones that are of nobody among the groups, learned from those with a profile by EM.

    Args:
        log_join: shape (n,), log-likelihood of each bone if it is of somebody among the groups.
        log_new: shape (n,), the same if it is of nobody among them.
        informative: shape (n,), which bones have a profile.
        expected, count: prior mean of the share, and its weight in bones.

    >>> strange, known = np.full(300, -9.0), np.full(700, 9.0)
    >>> round(share_of_strangers(np.append(strange, known), np.zeros(1000), np.ones(1000, dtype=bool), 0.1, 20.0), 2)
    0.3
    """
    if not np.isfinite(log_join).any():
        return MOST_STRANGERS
    odds = np.clip(log_new[informative] - log_join[informative], -700, 700)
    share = float(np.clip(expected, LEAST_STRANGERS, MOST_STRANGERS))
    for _ in range(200):
        probability = share / (share + (1 - share) * np.exp(-odds))
        before, share = share, (expected * count + probability.sum()) / (count + len(odds))
        if abs(share - before) < 1e-9:
            break
    return float(np.clip(share, LEAST_STRANGERS, MOST_STRANGERS))


def _alone(scorer: SpecimenScorer, items: Sequence[Item], progress: Progress) -> Alone:
    everyone = np.arange(len(scorer.evidence.case.missing_ids))
    kept = min(MEN_KEPT, len(everyone))
    parts = []
    for start in range(0, len(items), CHUNK):
        progress("bones by themselves", start, len(items))
        chunk = items[start : start + CHUNK]
        found = scorer.evidence.likelihoods([item.exhibits for item in chunk], everyone)
        anybody = np.logaddexp.reduce(found.populations, axis=1) - np.log(found.populations.shape[1])
        prior = np.array([scorer.provenance.log_prior(item.specimens) for item in chunk])
        men = found.men + prior - anybody[:, None]
        order = np.argsort(-_named_first(scorer, chunk, men), axis=1, kind="stable")
        best = np.take_along_axis(men, order[:, :kept], axis=1)
        rest = np.logaddexp.reduce(np.take_along_axis(men, order[:, kept:], axis=1), axis=1, initial=-np.inf)
        parts.append((order[:, :kept], best, rest, found.populations - anybody[:, None]))
    if not parts:
        populations = np.zeros((0, len(scorer.evidence.populations)))
        return Alone(np.zeros((0, kept), dtype=np.int64), np.zeros((0, kept)), np.zeros(0), populations)
    return Alone(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _named_first(scorer: SpecimenScorer, items: Sequence[Item], men: Floats) -> Floats:
    """Ranks of the missing persons by likelihood; whom an examiner has named is kept whatever the evidence says."""
    rank = men.copy()
    for row, item in enumerate(items):
        named = {scorer.decided_names[s] for s in item.specimens if s in scorer.decided_names} - {NOBODY}
        rank[row, sorted(named)] = np.inf
    return rank


def _clashes(scorer: SpecimenScorer, items: Sequence[Item]) -> list[tuple[int, int]]:
    """Pairs of items that one person cannot have both: same element, side and zone."""
    by_slot: dict[int, list[int]] = defaultdict(list)
    for k, item in enumerate(items):
        for slot in {int(scorer.bones.slot[s]) for s in item.specimens} - {-1}:
            by_slot[slot].append(k)
    own = [scorer.bones.duplicates(item.specimens) for item in items]
    pairs = {(a, b) for same in by_slot.values() for x, a in enumerate(same) for b in same[x + 1 :]}
    return sorted(
        (a, b)
        for a, b in pairs
        if scorer.bones.duplicates((*items[a].specimens, *items[b].specimens)) > own[a] + own[b]
    )


class _Surroundings:
    """Gains of boxes, duplicates and size for adding specimens to each group; the groups grow."""

    def __init__(
        self, scorer: SpecimenScorer, groups: Sequence[tuple[int, ...]], separate: set[frozenset[int]]
    ) -> None:
        self.scorer = scorer
        self.groups = [tuple(g) for g in groups]
        self.apart: dict[int, set[int]] = defaultdict(set)
        for pair in separate:
            a, b = sorted(pair)
            self.apart[a].add(b)
            self.apart[b].add(a)
        self._prepare()

    def _prepare(self) -> None:
        bones, boxes = self.scorer.bones, self.scorer.boxes
        self.sizes = np.array([len(g) for g in self.groups], dtype=np.float64)
        self.base = np.array([boxes.log_together(g) for g in self.groups])
        self.by_slot: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for g, specimens in enumerate(self.groups):
            for s in specimens:
                if bones.slot[s] >= 0:
                    self.by_slot[int(bones.slot[s])].append((g, s))
        self._box: dict[tuple[int, ...], Floats] = {}

    def grow(self, joined: Sequence[tuple[int, tuple[int, ...]]]) -> None:
        """Let groups grow by specimens."""
        for group, specimens in joined:
            self.groups[group] = tuple(sorted((*self.groups[group], *specimens)))
        self._prepare()

    def log_share(self, specimens: tuple[int, ...]) -> Floats:
        """Shape (groups,): log share of each group among the bones, with the gain of boxes and duplicates."""
        result = np.log(self.sizes / self.sizes.sum()) + self._box_gain(specimens)
        bones = self.scorer.bones
        for s in specimens:
            for g, t in self.by_slot.get(int(bones.slot[s]), ()):
                result[g] += bones.duplicates((s, t)) * self.scorer.log_duplicate
            for g, members in enumerate(self.groups if s in self.apart else ()):
                if self.apart[s].intersection(members):
                    result[g] = -np.inf
        return result

    def _box_gain(self, specimens: tuple[int, ...]) -> Floats:
        key = tuple(sorted(int(self.scorer.boxes.container_of[s]) for s in specimens))
        if key not in self._box:
            self._box[key] = (
                np.array([self.scorer.boxes.log_together((*g, *specimens)) for g in self.groups]) - self.base
            )
        return self._box[key]
