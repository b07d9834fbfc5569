"""Recorded relations of donors against their SNPs: what an examiner should look at before names rest on it.

Nothing is changed by a flag: that a donor is wrong is weighed in every name anyway (`cenotaph.evidence.combine`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cenotaph.evidence.case import Case
from cenotaph.evidence.snp_data import SnpData
from cenotaph.genetics.lineage import kinship
from cenotaph.genetics.snp_panel import CalledPairs, king_robust

SHARING_SD = 0.02
"""By how much kinship differs from what a relation lets expect. Full siblings vary most: they share 0.498 of their
genomes with a standard deviation of 0.036, and kinship is half of that (Visscher et al. 2006, PLoS Genet 2:e41)."""
FLAG_SD = 4.0
"""Standard deviations from the record that are flagged: by chance one pair in fifteen thousand."""
TWINS, STRANGERS = 0.354, 0.0884
"""Kinship beyond which two are one person, and below which people of two families may be strangers (or distant kin):
the usual bounds of Manichaikul et al. (2010)."""
MOST_OPPOSITE = 0.01
"""Opposite homozygotes that errors of calling may make of parent and child: an assumption, twice the call error."""


def pedigree_flags(data: SnpData, case: Case) -> list[str]:
    """One sentence for each pair of donors whose SNPs do not fit what the record says of them."""
    place = case.place_of_sample()
    samples = [s for s in data.donors if s in place]
    if len(samples) < 2:
        return []
    pairs = king_robust(np.stack([data.donor_calls[s] for s in samples], axis=1))
    return list(_flags(case, samples, [place[s] for s in samples], pairs))


def _flags(case: Case, samples: list[int], places: list[tuple[int, int]], pairs: CalledPairs) -> Iterator[str]:
    spread = FLAG_SD * np.sqrt(pairs.error**2 + SHARING_SD**2)
    family = np.array([f for f, _ in places])
    close = np.triu(pairs.kinship > np.maximum(STRANGERS, spread), 1)
    same = np.triu(family[:, None] == family[None, :], 1)
    for a, b in np.argwhere(close | same):
        recorded = _recorded(case, places[a], places[b])
        found, opposite = float(pairs.kinship[a, b]), float(pairs.opposite[a, b])
        if not np.isfinite(found):
            continue
        who = f"{case.sample_ids[samples[a]]} and {case.sample_ids[samples[b]]}"
        told = f"kinship {found:.2f}, opposite homozygotes {opposite:.1%}"
        if recorded is None:
            what = "the same person" if found > TWINS else "near relatives"
            yield f"SNPs: {who} are of two families but look like {what} ({told})"
        elif abs(found - recorded) > spread[a, b]:
            yield f"SNPs: {who} are recorded with kinship {recorded:.2f} ({told})"
        elif _is_child(case, places[a], places[b]) and opposite > MOST_OPPOSITE:
            yield f"SNPs: {who} are recorded as parent and child but look like siblings ({told})"


def _recorded(case: Case, first: tuple[int, int], second: tuple[int, int]) -> float | None:
    """Kinship by the pedigree; None across families."""
    if first[0] != second[0]:
        return None
    family = case.families[first[0]]
    return kinship(family.father, family.mother, first[1], second[1])


def _is_child(case: Case, first: tuple[int, int], second: tuple[int, int]) -> bool:
    family, a, b = case.families[first[0]], first[1], second[1]
    return any(parent[a] == b or parent[b] == a for parent in (family.father, family.mother))
