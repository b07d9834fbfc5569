"""Lines together: multiplied within a state of error, mixed over what may be wrong, on one baseline.

*Line*: wrong altogether with a small probability: LR* = (1 − ε) LR + ε, against the man's own population. *Donor*:
states of no donor wrong and each single donor wrong are mixed by their posterior given the references. *Exhibit*: the
extract, or the record of the bone, is of somebody else; none wrong and each single one wrong are mixed outside the
product of lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cenotaph.evidence.case import Case
from cenotaph.evidence.line import FOREIGN, Exhibits, Floats, Ints, Line, LineScores, States

CELLS_AT_ONCE = 16_000_000
"""Sets times states that are computed at once: 128 MB an array."""
MOST_REMEMBERED = 256
"""Columns up to which the scores of a line are kept: verdicts ask for the same few again and again."""


@dataclass(frozen=True, slots=True)
class ErrorSettings:
    """Errors that strike several lines at once.

    Args:
        sample: swap or contamination of one extract.
        bone: a specimen's own record (measurements, age, chart, place) is another specimen's, or its link to the
            extracts taken from it is; an assumption.
        donor: wrong pedigree or swapped reference, per donor.
        donor_swap: a donor's sample is filed under another missing man's family; an assumption, as for any sample.
    """

    sample: float = 0.002
    bone: float = 0.005
    donor: float = 0.01
    donor_swap: float = 0.002


@dataclass(frozen=True, slots=True)
class SetLikelihoods:
    """Natural-log likelihoods of sets of samples, errors mixed in.

    Args:
        men: shape (sets, men asked for).
        populations: shape (sets, populations).
    """

    men: Floats
    populations: Floats


@dataclass
class Evidence:
    """All lines of a case.

    Args:
        case, states: whom.
        lines: the lines in use.
        errors: errors that strike several lines at once.
        nobody: shape (populations,), weights of the populations for somebody of unknown origin.
    """

    case: Case
    states: States
    lines: Sequence[Line]
    errors: ErrorSettings
    nobody: Floats
    log_state: Floats = field(init=False)
    own_population: Ints = field(init=False)
    seen: NDArray[np.bool_] = field(init=False)
    _known: dict[tuple[str, bytes], dict[Exhibits, tuple[Floats, Floats, bool]]] = field(
        init=False, default_factory=dict
    )

    _columns_known: dict[tuple[str, bytes], tuple[Ints, Ints, Ints]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.own_population = np.where(
            self.case.population >= 0, self.case.population, int(np.argmax(self.case.population_share))
        )
        self.log_state = self._log_state_weights()
        self.seen = np.zeros(self.case.exhibits, dtype=np.bool_)
        for line in self.lines:
            self.seen |= line.seen

    @property
    def populations(self) -> tuple[str, ...]:
        """Populations of the case, then those of nobody on the roster."""
        return (*self.case.populations, *FOREIGN)

    def _log_state_weights(self) -> Floats:
        """Log probability of each state of a man's references, given the references."""
        states, donor = self.states, self.errors.donor
        whole = np.bincount(states.man[states.wrong < 0], minlength=len(states.first))
        donors = np.bincount(states.man, minlength=len(states.first)) // np.maximum(whole, 1) - 1
        none = np.log1p(-np.minimum(donor * donors, 0.5))[states.man]
        weight = np.where(states.wrong < 0, none, np.log(donor)) + states.log_share
        weight = weight + sum((line.reference_loglik for line in self.lines), np.zeros(len(states.man)))
        total = np.logaddexp.reduceat(weight, states.first)
        result: Floats = weight - total[states.man]
        return result

    def states_of(self, men: Ints) -> tuple[Ints, Ints]:
        """States of the men asked for, in their order, and where each man's states begin."""
        ends = np.append(self.states.first[1:], len(self.states.man))
        counts = ends[men] - self.states.first[men]
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        positions = np.arange(starts[-1]) - np.repeat(starts[:-1], counts) + np.repeat(self.states.first[men], counts)
        return positions.astype(np.int64), starts[:-1]

    def exhibits_of(self, specimens: Iterable[int]) -> Exhibits:
        """The samples of specimens, and the specimens themselves, as far as any line has data on them."""
        found = {e for s in specimens for e in (*self.case.samples_of[s], self.case.bone(s)) if self.seen[e]}
        return tuple(sorted(found))

    def line_scores(self, line: Line, sets: Sequence[Exhibits], states: Ints) -> tuple[Floats, LineScores]:
        """Shape (sets, states): a line's log-likelihood in each state, the line's own error mixed in."""
        columns, inverse, own = self._columns(line, states)
        scores = self.scores_of(line, sets, columns)
        floor = scores.populations[:, own] + np.log(line.error)
        mixed = np.logaddexp(scores.columns + np.log1p(-line.error), floor)
        mixed[~scores.informative] = 0.0
        return mixed[:, inverse], scores

    def _columns(self, line: Line, states: Ints) -> tuple[Ints, Ints, Ints]:
        """Distinct columns of states, the position of each state among them, and the population of each column."""
        key = (line.name, states.tobytes())
        if key not in self._columns_known:
            columns, inverse = np.unique(line.column_of_state[states], return_inverse=True)
            own = np.zeros(len(columns), dtype=np.int64)
            own[inverse] = self.states.population[states]
            self._columns_known[key] = (columns, inverse, own)
        return self._columns_known[key]

    def scores_of(self, line: Line, sets: Sequence[Exhibits], columns: Ints) -> LineScores:
        """What the line says of each set; sets that are one set to it are scored once, few columns are remembered."""
        seen = [tuple(e for e in exhibits if line.seen[e]) for exhibits in sets]
        known = self._known.setdefault((line.name, columns.tobytes()), {}) if len(columns) <= MOST_REMEMBERED else {}
        new = [s for s in dict.fromkeys(seen) if s not in known]
        if new:
            found = line.score(new, columns)
            known.update(
                (s, (found.columns[k], found.populations[k], bool(found.informative[k]))) for k, s in enumerate(new)
            )
        rows = [known[s] for s in seen]
        return LineScores(
            np.array([row[0] for row in rows]).reshape(len(sets), len(columns)),
            np.array([row[1] for row in rows]).reshape(len(sets), len(self.populations)),
            np.array([row[2] for row in rows], dtype=np.bool_),
        )

    def plain(
        self,
        sets: Sequence[Exhibits],
        men: Ints,
        *,
        without: frozenset[str] = frozenset(),
        wrong: Mapping[int, int] | None = None,
    ) -> SetLikelihoods:
        """Likelihoods if every exhibit is what its label says.

        Args:
            sets: exhibits.
            men: missing persons.
            without: names of lines left out.
            wrong: missing person → donor whose samples are not used.
        """
        positions, starts = self.states_of(men)
        log_state = self.log_state[positions]
        for man, donor in (wrong or {}).items():
            of_man = self.states.man[positions] == man
            left = np.where(self.states.wrong[positions][of_man] == donor, log_state[of_man], -np.inf)
            log_state[of_man] = left - np.logaddexp.reduce(left)
        total = np.tile(log_state, (len(sets), 1))
        populations = np.zeros((len(sets), len(self.populations)))
        for line in self.lines:
            # A line says nothing of a set that it has no data on.
            judged = [k for k, exhibits in enumerate(sets) if line.seen[list(exhibits)].any()]
            if line.name not in without and judged:
                scores, raw = self.line_scores(line, [sets[k] for k in judged], positions)
                total[judged] += scores
                populations[judged] += raw.populations
        men_loglik = np.logaddexp.reduceat(total, starts, axis=1) if len(men) else np.zeros((len(sets), 0))
        return SetLikelihoods(men_loglik, populations)

    def link_of(self, line: Line, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """A line's log ratio of one person against two, its own error mixed in, shape (first, second)."""
        mixed = np.zeros((len(first), len(second)))
        rows, columns = ([k for k, e in enumerate(sets) if line.seen[list(e)].any()] for sets in (first, second))
        if rows and columns:
            link = line.link([first[k] for k in rows], [second[k] for k in columns])
            floor = np.logaddexp(link + np.log1p(-line.error), np.log(line.error))
            mixed[np.ix_(rows, columns)] = np.where(link == 0.0, 0.0, floor)
        return mixed

    def link(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """All lines' log ratio of one person against two, shape (first, second).

        That one exhibit of either side is somebody else's is mixed in once: LR* = (1 − ε) LR + ε. Unlike in
        `likelihoods`, which exhibit it is is not asked.
        """
        total = sum((self.link_of(line, first, second) for line in self.lines), np.zeros((len(first), len(second))))
        wrong = 2 * max(self.errors.sample, self.errors.bone)
        result: Floats = np.where(total == 0.0, 0.0, np.logaddexp(total + np.log1p(-wrong), np.log(wrong)))
        return result

    def family_gain(self, sets: Sequence[tuple[Exhibits, int]]) -> float:
        """What sets tell of each other if they are these missing persons of one family.

        Of two it is exact. Of more, each tells of the closest kinsman before him: a tree, whose density sums to one, so
        that nothing is counted twice; what three tell together beyond that is given away.

        Args:
            sets: exhibits and the missing person whose they are.
        """
        total = 0.0
        for k, (exhibits, man) in enumerate(sets[1:], start=1):
            kinsman, his = max(
                ((other, one) for one, other in sets[:k]), key=lambda pair: self.case.kinship(pair[0], man)
            )
            total += sum(line.pair_gain(his, kinsman, exhibits, man) for line in self.lines)
        return total

    def likelihoods(
        self,
        sets: Sequence[Exhibits],
        men: Ints,
        *,
        without: frozenset[str] = frozenset(),
        wrong: Mapping[int, int] | None = None,
    ) -> SetLikelihoods:
        """Likelihoods with no exhibit wrong and each single exhibit wrong mixed; in portions that fit into memory."""
        states = len(self.states_of(men)[0])
        portions = [
            self._likelihoods(portion, men, without, wrong)
            for portion in _portions(sets, CELLS_AT_ONCE // (states + 1))
        ]
        return SetLikelihoods(
            np.concatenate([p.men for p in portions]) if portions else np.zeros((0, len(men))),
            np.concatenate([p.populations for p in portions]) if portions else np.zeros((0, len(self.populations))),
        )

    def _likelihoods(
        self, sets: Sequence[Exhibits], men: Ints, without: frozenset[str], wrong: Mapping[int, int] | None
    ) -> SetLikelihoods:
        distinct: dict[Exhibits, int] = {}
        for exhibits in sets:
            for variant in _variants(exhibits):
                distinct.setdefault(variant, len(distinct))
        plain = self.plain(list(distinct), men, without=without, wrong=wrong)
        alone = np.logaddexp.reduce(plain.populations + np.log(self.nobody), axis=1)
        return SetLikelihoods(
            np.array([self._mixed(plain.men, alone, exhibits, distinct) for exhibits in sets]).reshape(len(sets), -1),
            np.array([self._mixed(plain.populations, alone, exhibits, distinct) for exhibits in sets]).reshape(
                len(sets), -1
            ),
        )

    def _mixed(self, loglik: Floats, alone: Floats, exhibits: Exhibits, row: Mapping[Exhibits, int]) -> Floats:
        """log[(1 − Σ ε) L(all) + Σ_e ε_e L(all but e) p(e is anybody's)]."""
        errors = [self.errors.sample if self.case.is_sample(e) else self.errors.bone for e in exhibits]
        terms = [loglik[row[exhibits]] + np.log1p(-min(sum(errors), 0.5))]
        for one, error in zip(exhibits, errors, strict=True):
            rest = tuple(e for e in exhibits if e != one)
            terms.append(loglik[row[rest]] + alone[row[one,]] + np.log(error))
        result: Floats = np.logaddexp.reduce(terms, axis=0)
        return result


def _variants(exhibits: Exhibits) -> Iterable[Exhibits]:
    """A set, each of its exhibits, and the set without each of them."""
    yield exhibits
    for one in exhibits:
        yield (one,)
        yield tuple(e for e in exhibits if e != one)


def _portions(sets: Sequence[Exhibits], most: int) -> list[list[Exhibits]]:
    """Consecutive sets with at most *most* variants together, one set at least."""
    portions: list[list[Exhibits]] = []
    room = 0
    for exhibits in sets:
        variants = 2 * len(exhibits) + 1
        if not portions or variants > room:
            portions.append([])
            room = most
        portions[-1].append(exhibits)
        room -= variants
    return portions
