"""What the lines ``mtdna`` and ``ystr`` share: one haplotype per person, inherited along one line of the pedigree.

With p(e) the rarity of the haplotype e among the roster's populations (reference sets and one donor per family),

    p(e | he is j, donor d at m transmissions) = p(e) · T_m(e, d) / p(e on what is shared with d, d's family left out)
    p(e | a random member of population o)     = p(e) · P(haplogroup | o) / P(haplogroup | roster)

so that p(e) cancels between hypotheses and only counts when samples are grouped. Of several donors in the line the
nearest that is not supposed wrong speaks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from cenotaph.evidence.case import Case, Family
from cenotaph.evidence.line import FOREIGN, Exhibits, Floats, Ints, LineScores, States

WITHIN_PERSON_MEIOSES = 0.1
"""Two samples of one person differ as a tenth of a transmission would make them: heteroplasmy, a typing error."""
CONFLICT_LOGLIK = float(np.log(1e-3))
"""Log weight of each place at which samples of one person contradict each other; an assumption."""

Profile = TypeVar("Profile")


class LineageLine(ABC, Generic[Profile]):
    """A haploid line of evidence; subclasses know the profiles.

    Args:
        case, states: whom and what may be wrong.
        profiles: profile of each typed sample.
        error: probability that the line is wrong altogether.
    """

    name: str
    group: str
    seen: NDArray[np.bool_]

    def __init__(self, case: Case, states: States, profiles: Mapping[int, Profile], error: float) -> None:
        self.case, self.states, self.error = case, states, error
        self.populations = (*case.populations, *FOREIGN)
        self.profiles = dict(profiles)
        self.seen = np.zeros(case.exhibits, dtype=np.bool_)
        self.seen[[s for s in profiles if case.specimen_of[s] >= 0]] = True
        self._place_donors()
        self.reference_loglik = np.zeros(len(states.man))
        self._consensus: dict[frozenset[int], tuple[Profile, int]] = {}
        self._judged: dict[Hashable, Floats] = {}
        self._gains: dict[Hashable, float] = {}
        self._origin: dict[Hashable, Floats] = {}
        self._numbers: dict[Hashable, int] = {}
        self._pairs = np.zeros((0, 0))

    @abstractmethod
    def meioses(self, family: Family, man: int, donor: int) -> int:
        """Transmissions on the line between two nodes, −1 where there is none."""

    @abstractmethod
    def combine(self, profiles: Sequence[Profile]) -> tuple[Profile, int]:
        """Several samples of one person as one profile, and the number of contradictions."""

    @abstractmethod
    def key(self, profile: Profile) -> Hashable:
        """Equal for profiles that say the same."""

    @abstractmethod
    def log_rarity(self, profiles: Sequence[Profile]) -> Floats:
        """Shape (n,): log p(e) among the roster's populations."""

    @abstractmethod
    def log_origin(self, profiles: Sequence[Profile]) -> Floats:
        """Shape (n, populations): log P(haplogroup | population) − log P(haplogroup | roster)."""

    @abstractmethod
    def log_ratio(
        self, profiles: Sequence[Profile], others: Sequence[Profile], meioses: Ints | Floats, families: Ints
    ) -> Floats:
        """Shape (n, others): log T − log p on what is shared; 0 where nothing can be judged."""

    def _place_donors(self) -> None:
        """One column per missing person and donor in his line; the first columns are the populations at random."""
        case, states = self.case, self.states
        self.column_of_state = states.population.copy()
        donors: list[Profile] = []
        meioses: list[int] = []
        families: list[int] = []
        column_of: dict[tuple[int, int], int] = {}
        for s, (man, f, wrong) in enumerate(zip(states.man, states.family, states.wrong, strict=True)):
            if f < 0:
                continue
            nearest = self._nearest(case.families[f], int(case.node_of[man]), int(wrong))
            if nearest is None:
                continue
            donor, distance, profile = nearest
            if (int(man), donor) not in column_of:
                column_of[int(man), donor] = len(self.populations) + len(donors)
                donors.append(profile)
                meioses.append(distance)
                families.append(int(f))
            self.column_of_state[s] = column_of[int(man), donor]
        self.donors = donors
        self.donor_meioses = np.array(meioses, dtype=np.int64)
        self.donor_families = np.array(families, dtype=np.int64)

    def _nearest(self, family: Family, man: int, wrong: int) -> tuple[int, int, Profile] | None:
        """The donor with the fewest transmissions to the missing person, his profile, not counting *wrong*."""
        best: tuple[int, int, Profile] | None = None
        for donor in family.donors:
            typed = [self.profiles[s] for s in family.samples[donor] if s in self.profiles]
            distance = self.meioses(family, man, donor) if typed and donor != wrong else -1
            if distance >= 0 and (best is None or distance < best[1]):
                best = donor, distance, self.combine(typed)[0]
        return best

    def one_donor_per_family(self) -> tuple[list[Profile], list[str], list[int]]:
        """Reference entries from the dossier: profile, population of the missing person, family."""
        profiles, populations, families = [], [], []
        for f, family in enumerate(self.case.families):
            man = int(np.flatnonzero(family.men >= 0)[0])
            nearest = self._nearest(family, man, -1)
            if nearest is not None:
                population = int(self.case.population[family.men[man]])
                profiles.append(nearest[2])
                populations.append(self.case.populations[max(population, 0)])
                families.append(f)
        return profiles, populations, families

    def consensus_of(self, samples: Exhibits) -> tuple[Profile, int] | None:
        """The combined profile of a set's typed samples, None where none was typed."""
        typed = frozenset(s for s in samples if s in self.profiles)
        if not typed:
            return None
        if typed not in self._consensus:
            self._consensus[typed] = self.combine([self.profiles[s] for s in sorted(typed)])
        return self._consensus[typed]

    def score(self, sets: Sequence[Exhibits], columns: Ints | None = None) -> LineScores:
        """Log-likelihood of each set under the columns asked for and every population."""
        found = [self.consensus_of(samples) for samples in sets]
        self._judge([c[0] for c in found if c is not None])
        split = len(self.populations)
        asked = np.arange(split + len(self.donors)) if columns is None else columns
        populations = np.zeros((len(sets), split))
        scores = np.zeros((len(sets), len(asked)))
        for k, c in enumerate(found):
            if c is not None:
                profile, conflicts = c
                row = self._judged[self.key(profile)] + conflicts * CONFLICT_LOGLIK
                populations[k], scores[k] = row[:split], row[asked]
        return LineScores(scores, populations, np.array([c is not None for c in found], dtype=np.bool_))

    def _judge(self, profiles: Sequence[Profile]) -> None:
        """Compute the full row of each profile that was not met before."""
        new = {self.key(p): p for p in profiles if self.key(p) not in self._judged}
        if not new:
            return
        rows = list(new.values())
        base = self.log_rarity(rows)[:, None]
        judged = [base + self._origins(rows)]
        if self.donors:
            judged.append(base + self.log_ratio(rows, self.donors, self.donor_meioses, self.donor_families))
        self._judged.update(zip(new, np.concatenate(judged, axis=1), strict=True))

    def pair_gain(self, first: Exhibits, first_man: int, second: Exhibits, second_man: int) -> float:
        """What two missing members of one family tell of each other where no donor speaks for them: a shared line."""
        one, other = self.consensus_of(first), self.consensus_of(second)
        known = self.column_of_state[self.states.first[[first_man, second_man]]] >= len(self.populations)
        if one is None or other is None or known.any():
            return 0.0
        family = self.case.families[self.case.family_of[first_man]]
        distance = self.meioses(family, int(self.case.node_of[first_man]), int(self.case.node_of[second_man]))
        if distance < 0:
            return 0.0
        key = (self.key(one[0]), self.key(other[0]), distance)
        if key not in self._gains:
            ratio = self.log_ratio([one[0]], [other[0]], np.array([distance]), np.array([-1]))
            self._gains[key] = max(float(ratio[0, 0]), float(np.log(self.error)))
        return self._gains[key]

    def link(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """Same person against unrelated, for every pair of sets; 0 where one of them was not typed.

        The rarity is that of somebody of any population: P(haplogroup | population) averaged over populations.
        """
        result = np.zeros((len(first), len(second)))
        one, rows, row_of = self._distinct(first)
        other, columns, column_of = self._distinct(second)
        if one and other:
            ratio = self._ratio_of_pairs(one, other)
            result[np.ix_(rows, columns)] = ratio[np.ix_(row_of, column_of)]
        return result

    def _ratio_of_pairs(self, one: Sequence[Profile], other: Sequence[Profile]) -> Floats:
        """Shape (one, other), each pair of profiles compared once in the life of the line."""
        rows, columns = (np.array([self._numbered(p) for p in profiles]) for profiles in (one, other))
        if len(self._pairs) < len(self._numbers):
            grown = np.full((2 * len(self._numbers),) * 2, np.nan)
            grown[: len(self._pairs), : len(self._pairs)] = self._pairs
            self._pairs = grown
        unknown = np.isnan(self._pairs[np.ix_(rows, columns)])
        if unknown.any():
            new, asked = (np.flatnonzero(unknown.any(axis=a)).tolist() for a in (1, 0))
            some, others = [one[k] for k in new], [other[k] for k in asked]
            nobody = np.full(len(others), -1, dtype=np.int64)
            ratio = self.log_ratio(some, others, np.full(len(others), WITHIN_PERSON_MEIOSES), nobody)
            common_one, common_other = self._commonness(some), self._commonness(others)
            ratio -= np.maximum(common_one[:, None], common_other[None, :])
            self._pairs[np.ix_(rows[new], columns[asked])] = ratio
        result: Floats = self._pairs[np.ix_(rows, columns)]
        return result

    def _numbered(self, profile: Profile) -> int:
        return self._numbers.setdefault(self.key(profile), len(self._numbers))

    def _distinct(self, sets: Sequence[Exhibits]) -> tuple[list[Profile], list[int], list[int]]:
        """Distinct profiles, positions of the sets that were typed, and the profile of each of these."""
        number: dict[Hashable, int] = {}
        profiles: list[Profile] = []
        positions, which = [], []
        for k, samples in enumerate(sets):
            found = self.consensus_of(samples)
            if found is not None:
                key = self.key(found[0])
                if key not in number:
                    number[key] = len(profiles)
                    profiles.append(found[0])
                positions.append(k)
                which.append(number[key])
        return profiles, positions, which

    def _origins(self, profiles: Sequence[Profile]) -> Floats:
        """`log_origin`, each profile asked for once."""
        new = {self.key(p): p for p in profiles if self.key(p) not in self._origin}
        if new:
            self._origin.update(zip(new, self.log_origin(list(new.values())), strict=True))
        return np.array([self._origin[self.key(p)] for p in profiles])

    def _commonness(self, profiles: Sequence[Profile]) -> Floats:
        """log of how much more common a haplotype is among all populations alike than on the roster."""
        origin = self._origins(profiles)
        result: Floats = np.logaddexp.reduce(origin, axis=1) - np.log(origin.shape[1])
        return result
