"""The line ``mtdna``: mitochondrial haplotypes against maternal relatives, and as a sign of origin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.dossier.lineage_tables import (
    load_haplogroups,
    load_mtdna_haplotypes,
    load_origin_fractions,
    load_site_rates,
)
from cenotaph.evidence.case import Case, Family
from cenotaph.evidence.line import Floats, Ints, States
from cenotaph.evidence.lineage import LineageLine
from cenotaph.genetics.haplogroup import call_haplogroups
from cenotaph.genetics.haplotype_rarity import THETA, log_mixture, log_rarity
from cenotaph.genetics.lineage import maternal_meioses
from cenotaph.genetics.mtdna_comparison import (
    MINIMUM_SHARED,
    MUTATION_RATE,
    EncodedProfiles,
    difference_matrix,
    encode,
    log_mutation_likelihood,
)
from cenotaph.genetics.mtdna_rarity import MtReference, match_counts, mtdna_log_lr_matrix
from cenotaph.genetics.mtdna_sequence import MtProfile, Ranges, consensus

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

REFERENCE_OF = {
    "white": "white",
    "black": "black",
    "hispanic": "hispanic",
    "asian": "asian",
    "american_indian": "hispanic",
    "pacific_islander": "asian",
}
"""Reference population for each stated affinity; the last two are assumptions, others fall back to white."""
HAPLOGROUP_ERROR = 0.02
"""Share of the roster's mixture that is blended into every population's haplogroup frequencies: admixture."""


class MtdnaLine(LineageLine[MtProfile]):
    """Mitochondrial DNA; see `cenotaph.evidence.lineage`."""

    name = "mtdna"
    group = "mtdna"

    def __init__(
        self,
        dossier: Dossier,
        case: Case,
        states: States,
        *,
        mutation_rate: float = MUTATION_RATE,
        theta: float = THETA,
        error: float = 1e-3,
    ) -> None:
        self.mutation_rate, self.theta = mutation_rate, theta
        self.rates = load_site_rates()
        self._encoded_donors: EncodedProfiles | None = None
        self._within: dict[Ranges, dict[MtProfile, float]] = {}
        index = {s: i for i, s in enumerate(case.sample_ids)}
        cache: dict[tuple[str, str], MtProfile] = {}
        profiles: dict[int, MtProfile] = {}
        for sample, ranges, differences in dossier.table("mtdna_profiles").iter_rows():
            if sample in index and ranges:
                key = (ranges, differences or "")
                if key not in cache:
                    cache[key] = MtProfile.from_text(*key)
                profiles[index[sample]] = cache[key]
        super().__init__(case, states, profiles, error)
        self.reference = self._build_reference(dossier)
        shares = np.zeros(len(self.reference.populations))
        for name, share in zip(case.populations, case.population_share, strict=True):
            shares[self.reference.populations.index(REFERENCE_OF.get(name, "white"))] += share
        self.weights = shares
        fractions = load_origin_fractions()
        rows = [fractions.origins.index(p if p in fractions.origins else "other") for p in self.populations]
        self.fractions, self.origin_rows = fractions, np.array(rows, dtype=np.int64)

    def _build_reference(self, dossier: Dossier) -> MtReference:
        """The shipped set, the user's own, and one donor per family."""
        shipped = load_mtdna_haplotypes()
        populations = [p if p != "african" else "black" for p, _, _ in shipped]
        entries = [profile for _, profile, _ in shipped]
        counts = [count for _, _, count in shipped]
        own = dossier.table("reference_haplotypes")
        if own.height:
            for kind, population, ranges, haplotype, count in own.select(
                "kind", "population", "ranges", "haplotype", "count"
            ).iter_rows():
                if kind == "mtdna" and ranges:
                    entries.append(MtProfile.from_text(ranges, haplotype or ""))
                    populations.append(REFERENCE_OF.get(population, "white"))
                    counts.append(int(count or 1))
        donors, donor_populations, families = self.one_donor_per_family()
        return MtReference.from_entries(
            [*entries, *donors],
            [*populations, *(REFERENCE_OF.get(p, "white") for p in donor_populations)],
            [*counts, *([1] * len(donors))],
            [*([-1] * len(entries)), *families],
            names=sorted({*REFERENCE_OF.values()}),
            canonical=len(shipped),
        )

    def meioses(self, family: Family, man: int, donor: int) -> int:
        """Maternal transmissions between two nodes."""
        return maternal_meioses(family.father, family.mother, family.sex, man, donor)

    def combine(self, profiles: Sequence[MtProfile]) -> tuple[MtProfile, int]:
        """Bases that all samples allow; contradictions are left open and counted."""
        if len(set(profiles)) == 1:
            return profiles[0], 0
        found = consensus(profiles)
        return found.profile, len(found.conflicts)

    def key(self, profile: MtProfile) -> MtProfile:
        """The profile itself."""
        return profile

    def log_rarity(self, profiles: Sequence[MtProfile]) -> Floats:
        """Rarity on the profile's own ranges, in the roster's mixture of populations."""
        counts = match_counts(encode(profiles), self.reference, self.rates)
        return log_mixture(log_rarity(counts, self.theta), self.weights)

    def log_origin(self, profiles: Sequence[MtProfile]) -> Floats:
        """Haplogroup as a sign of origin."""
        calls = call_haplogroups(encode(profiles), load_haplogroups(), self.rates)
        likelihood = np.array([self.fractions.likelihood(c) for c in calls])[:, self.origin_rows]
        roster = likelihood[:, : len(self.case.populations)] @ self.case.population_share
        blended = (1 - HAPLOGROUP_ERROR) * likelihood + HAPLOGROUP_ERROR * likelihood.mean(axis=1, keepdims=True)
        result: Floats = np.log(blended) - np.log(roster)[:, None]
        return result

    def log_ratio(
        self, profiles: Sequence[MtProfile], others: Sequence[MtProfile], meioses: Ints | Floats, families: Ints
    ) -> Floats:
        """Mutation along the maternal path over rarity, on the shared ranges."""
        if others is self.donors and self._encoded_donors is None:
            self._encoded_donors = encode(others)
        known = self._encoded_donors if others is self.donors else None
        if (families < 0).all():
            return self._ratio_of_strangers(profiles, others, np.asarray(meioses, dtype=np.float64))
        weights = np.tile(self.weights, (len(others), 1))
        return mtdna_log_lr_matrix(
            encode(profiles), known or encode(others), np.asarray(meioses, dtype=np.float64), weights, families,
            self.reference, self.rates, self.mutation_rate, self.theta,
        ).log_lr  # fmt: skip

    def _ratio_of_strangers(
        self, profiles: Sequence[MtProfile], others: Sequence[MtProfile], meioses: Floats
    ) -> Floats:
        """The same where no family is left out of the reference: each rarity is counted once and remembered."""
        pairs = difference_matrix(encode(profiles), encode(others), self.rates)
        ratio = log_mutation_likelihood(pairs, meioses[None, :], self.mutation_rate)
        for ranges in sorted({o.ranges for o in others}):
            columns = [k for k, o in enumerate(others) if o.ranges == ranges]
            ratio[:, columns] -= self._rarity_within(profiles, ranges)[:, None]
        return np.where(pairs.shared_length >= MINIMUM_SHARED, ratio, 0.0)

    def _rarity_within(self, profiles: Sequence[MtProfile], ranges: Ranges) -> Floats:
        """Shape (profiles,): log rarity of each on *ranges* only."""
        known = self._within.setdefault(ranges, {})
        new = [p for p in dict.fromkeys(profiles) if p not in known]
        if new:
            counts = match_counts(encode(new), self.reference, self.rates, ranges)
            known.update(zip(new, log_mixture(log_rarity(counts, self.theta), self.weights), strict=True))
        return np.array([known[p] for p in profiles])
