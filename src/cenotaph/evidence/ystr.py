"""The line ``ystr``: Y-STR haplotypes against paternal relatives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.dossier.lineage_tables import load_ystr_mutation_rates
from cenotaph.evidence.case import Case, Family
from cenotaph.evidence.line import Floats, Ints, States
from cenotaph.evidence.lineage import LineageLine
from cenotaph.genetics.haplotype_rarity import THETA, log_mixture, log_rarity
from cenotaph.genetics.lineage import paternal_meioses
from cenotaph.genetics.ystr import YProfile, consensus_ystr, encode_ystr
from cenotaph.genetics.ystr_rarity import YReference, ystr_log_lr_matrix, ystr_match_counts

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier


class YstrLine(LineageLine[YProfile]):
    """Y-STR; see `cenotaph.evidence.lineage`. No reference ships: the dossier's donors and the user's set serve, and
    the haplotype says nothing of origin."""

    name = "ystr"
    group = "ystr"

    def __init__(
        self, dossier: Dossier, case: Case, states: States, *, theta: float = THETA, error: float = 1e-3
    ) -> None:
        self.theta = theta
        self.rates = load_ystr_mutation_rates()
        index = {s: i for i, s in enumerate(case.sample_ids)}
        cells: dict[int, dict[str, str]] = defaultdict(dict)
        for sample, marker, alleles in dossier.table("ystr_profiles").iter_rows():
            if sample in index and alleles:
                cells[index[sample]][marker] = alleles
        super().__init__(case, states, {s: YProfile.from_text(c) for s, c in cells.items()}, error)
        entries, populations, families = self.one_donor_per_family()
        counts = [1] * len(entries)
        own = dossier.table("reference_haplotypes")
        for kind, population, markers, haplotype, count in (
            own.select("kind", "population", "markers", "haplotype", "count").iter_rows() if own.height else ()
        ):
            if kind == "ystr" and markers and haplotype:
                entries.append(YProfile.from_text(dict(zip(markers.split(), haplotype.split(), strict=True))))
                populations.append(population if population in case.populations else case.populations[0])
                families.append(-1)
                counts.append(int(count or 1))
        self.reference = YReference.from_entries(entries, populations, counts, families, names=case.populations)

    def meioses(self, family: Family, man: int, donor: int) -> int:
        """Paternal transmissions between two males."""
        return paternal_meioses(family.father, family.mother, family.sex, man, donor)

    def combine(self, profiles: Sequence[YProfile]) -> tuple[YProfile, int]:
        """Alleles that the samples agree on; contradictions are left out and counted."""
        if len(profiles) == 1:
            return profiles[0], 0
        profile, conflicts = consensus_ystr(profiles)
        return profile, len(conflicts)

    def key(self, profile: YProfile) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Markers and alleles."""
        return tuple(sorted(profile.alleles.items()))

    def log_rarity(self, profiles: Sequence[YProfile]) -> Floats:
        """Rarity on the profile's own markers, in the roster's mixture of populations."""
        counts = ystr_match_counts(encode_ystr(profiles), self.reference)
        return log_mixture(log_rarity(counts, self.theta), self.case.population_share)

    def log_origin(self, profiles: Sequence[YProfile]) -> Floats:
        """Nothing is said of origin."""
        return np.zeros((len(profiles), len(self.populations)))

    def log_ratio(
        self, profiles: Sequence[YProfile], others: Sequence[YProfile], meioses: Ints | Floats, families: Ints
    ) -> Floats:
        """Mutation along the paternal path over rarity, on the shared markers."""
        weights = np.tile(self.case.population_share, (len(others), 1))
        steps = np.ceil(np.asarray(meioses)).astype(np.int64)
        return ystr_log_lr_matrix(
            encode_ystr(profiles), list(others), steps, weights, families, self.reference, self.rates, self.theta
        ).log_lr
