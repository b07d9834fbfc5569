"""Rarity of Y-STR haplotypes on the markers compared.

No reference ships: the dossier's donors and the user's set serve.
An entry counts when it shows every marker compared; it matches when all are equal. See
:mod:`cenotaph.genetics.haplotype_rarity` for the estimates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput
from cenotaph.genetics.discrete_laplace import MISSING, choose_discrete_laplace
from cenotaph.genetics.haplotype_rarity import THETA, MatchCounts, log_rarity, singleton_share
from cenotaph.genetics.ystr import EncodedYProfiles, YProfile, encode_ystr, repeat_matrix, ystr_loglik_matrix

FEWEST_FOR_LAPLACE = 50
MOST_MARKERS = 64


@dataclass(frozen=True, slots=True)
class YReference:
    """Haplotypes of known population.

    Args:
        profiles: as typed.
        population: (n,) row in *populations*.
        count: (n,) times seen.
        family: (n,) number of the family an entry comes from, -1 for a published set.
        populations: names.
    """

    profiles: tuple[YProfile, ...]
    population: NDArray[np.int64]
    count: NDArray[np.float64]
    family: NDArray[np.int64]
    populations: tuple[str, ...]

    @classmethod
    def from_entries(
        cls,
        profiles: Sequence[YProfile],
        populations: Sequence[str],
        counts: Sequence[int] | None = None,
        families: Sequence[int] | None = None,
        names: Sequence[str] | None = None,
    ) -> YReference:
        """From parallel lists; *counts* default to one, *families* to none, *names* to the populations that occur."""
        listed = tuple(dict.fromkeys(populations)) if names is None else tuple(names)
        return cls(
            tuple(profiles),
            np.array([listed.index(p) for p in populations], np.int64),
            np.ones(len(profiles)) if counts is None else np.array(counts, np.float64),
            np.full(len(profiles), -1) if families is None else np.array(families, np.int64),
            listed,
        )


@dataclass(frozen=True, slots=True)
class _Matches:
    """(bones, entries) what matches and what covers, on one set of markers."""

    seen: NDArray[np.float64]
    covering: NDArray[np.float64]


class _Compared:
    """Bones against entries, marker by marker in the bits of a word: any set of markers is then two comparisons."""

    def __init__(self, bones: NDArray[np.int64], entries: NDArray[np.int64]) -> None:
        if bones.shape[1] > MOST_MARKERS:
            raise InvalidInput("too many Y-STR markers", found=bones.shape[1], valid=f"at most {MOST_MARKERS}")
        shape = (len(bones), len(entries))
        self.typed = np.zeros((len(bones), 1), np.uint64)
        self.missing, self.differs = np.zeros(shape, np.uint64), np.zeros(shape, np.uint64)
        for k in range(bones.shape[1]):
            asked, shown, bit = bones[:, k][:, None], entries[:, k][None, :], np.uint64(1 << k)
            self.typed |= (asked >= 0) * bit
            self.missing |= ((asked >= 0) & (shown < 0)) * bit
            self.differs |= ((asked >= 0) & (shown >= 0) & (shown != asked)) * bit

    def on(self, markers: NDArray[np.bool_]) -> _Matches:
        """What matches and what covers on some of the markers."""
        mask = np.uint64(sum(1 << int(k) for k in np.flatnonzero(markers)))
        covering = ((self.typed & mask) != 0) & ((self.missing & mask) == 0)
        seen = covering & ((self.differs & mask) == 0)
        return _Matches(seen.astype(np.float64), covering.astype(np.float64))


def _population_weights(reference: YReference) -> NDArray[np.float64]:
    weights = np.zeros((len(reference.count), len(reference.populations)))
    weights[np.arange(len(reference.count)), reference.population] = reference.count
    return weights


def ystr_match_counts(bones: EncodedYProfiles, reference: YReference, with_kappa: bool = False) -> MatchCounts:
    """How often the reference shows each bone's haplotype, per population.

    Returns:
        Counts of shape (bones, populations).
    """
    entries = encode_ystr(reference.profiles, like=bones)
    found = _Compared(bones.code, entries.code).on(np.ones(bones.code.shape[1], np.bool_))
    weights = _population_weights(reference)
    kappa = np.full((len(bones), weights.shape[1]), np.nan)
    if with_kappa:
        for row, typed in enumerate(bones.code >= 0):
            kappa[row] = _kappa(entries.code[:, typed], reference)
    return MatchCounts(found.seen @ weights, found.covering @ weights, kappa)


def _kappa(code: NDArray[np.int64], reference: YReference) -> list[float]:
    """Singleton share of the fully typed entries, per population."""
    full = (code >= 0).all(axis=1) if code.shape[1] else np.zeros(len(code), bool)
    shares: list[float] = []
    for column in range(len(reference.populations)):
        rows = full & (reference.population == column)
        if rows.any():
            _, inverse = np.unique(code[rows], axis=0, return_inverse=True)
            times = np.bincount(np.ravel(inverse), weights=reference.count[rows]).astype(np.float64)
            shares.append(singleton_share(times))
        else:
            shares.append(float("nan"))
    return shares


def laplace_log_rarity(bones: EncodedYProfiles, reference: YReference, theta: float = THETA) -> NDArray[np.float64]:
    """Log rarity from a discrete Laplace mixture fitted to each population, theta floor on top.

    Fitted on the single-copy markers, to the entries that show all of them in whole repeats.

    Returns:
        (bones, populations); nan where fewer than :data:`FEWEST_FOR_LAPLACE` such haplotypes were seen.
    """
    wide = encode_ystr(reference.profiles, like=bones)
    asked, shown = repeat_matrix(bones), repeat_matrix(wide)
    result = np.full((len(bones), len(reference.populations)), np.nan)
    for column in range(len(reference.populations)):
        rows = (shown != MISSING).all(axis=1) & (reference.population == column)
        if reference.count[rows].sum() >= FEWEST_FOR_LAPLACE:
            distinct, inverse = np.unique(shown[rows], axis=0, return_inverse=True)
            times = np.bincount(np.ravel(inverse), weights=reference.count[rows]).astype(np.float64)
            model = choose_discrete_laplace(distinct, times)
            result[:, column] = np.log(theta + (1.0 - theta) * np.exp(model.log_probability(asked)))
    return result


@dataclass(frozen=True, slots=True)
class YLikelihoods:
    """Bones against donors. Log likelihoods are natural; 0 where nothing can be judged.

    Args:
        log_transmission: (bones, donors) log P(bone | donor, path) over the shared markers.
        log_rarity_shared: (bones, donors) log p of the bone on the shared markers, the donor's own family left out.
        shared: (bones, donors) number of shared markers.
    """

    log_transmission: NDArray[np.float64]
    log_rarity_shared: NDArray[np.float64]
    shared: NDArray[np.int16]

    @property
    def log_lr(self) -> NDArray[np.float64]:
        """(bones, donors) log T - log p."""
        return self.log_transmission - self.log_rarity_shared


def ystr_log_lr_matrix(
    bones: EncodedYProfiles,
    donors: Sequence[YProfile],
    meioses: NDArray[np.int64],
    weights: NDArray[np.float64],
    families: NDArray[np.int64],
    reference: YReference,
    rates: Mapping[str, float],
    theta: float = THETA,
) -> YLikelihoods:
    """All bones against all donors.

    Args:
        bones: encoded.
        donors: profiles.
        meioses: (donors,) paternal transmissions to the missing person, -1 for no paternal path.
        weights: (donors, populations) mixture over the reference's populations.
        families: (donors,) reference entries of that family are left out.
        reference, rates, theta: see the modules.
    """
    others = encode_ystr(donors, like=bones)
    entries = encode_ystr(reference.profiles, like=others)
    transmission = ystr_loglik_matrix(bones, others, rates, meioses)
    distinct, inverse = np.unique(bones.code, axis=0, return_inverse=True)
    inverse = np.ravel(inverse)
    share = weights / weights.sum(axis=1, keepdims=True)
    counted = _population_weights(reference)
    rarity = np.zeros(transmission.shape)
    entries_of: dict[int, list[int]] = {}
    for entry in np.flatnonzero(reference.family >= 0):
        entries_of.setdefault(int(reference.family[entry]), []).append(int(entry))
    typed = others.code >= 0
    patterns, pattern_of = np.unique(typed, axis=0, return_inverse=True)
    compared = _Compared(distinct, entries.code)
    for number, pattern in enumerate(patterns):
        columns = np.flatnonzero((np.ravel(pattern_of) == number) & (meioses >= 0))
        if len(columns) == 0:
            continue
        found = compared.on(pattern)
        nothing = np.full((1, 1), np.nan)
        everyone = MatchCounts(found.seen @ counted, found.covering @ counted, nothing)
        probability = np.empty((len(distinct), len(columns)))
        for k, column in enumerate(columns):
            own = entries_of.get(int(families[column]), [])
            counts = everyone.without(found.seen[:, own] @ counted[own], found.covering[:, own] @ counted[own])
            probability[:, k] = np.exp(log_rarity(counts, theta)) @ share[column]
        rarity[:, columns] = np.log(probability)[inverse]
    shared = ((bones.code >= 0).astype(np.int16) @ typed.astype(np.int16).T).astype(np.int16)
    judged = (shared > 0) & (meioses >= 0)[None, :]
    return YLikelihoods(np.where(judged, transmission, 0.0), np.where(judged, rarity, 0.0), shared)
