"""A marker as the likelihood sees it, what was observed at it, and the lumping of alleles that nobody shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput, UnknownMarker
from cenotaph.genetics.frequencies import MarkerFrequencies
from cenotaph.genetics.mutation import Mutation, is_lumpable

ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Marker:
    """One marker: alleles, their population frequencies, and how they are inherited.

    Args:
        name: name of the marker.
        alleles: names, each once.
        frequencies: shape ``(K,)``, used as they are, not rescaled.
        x_linked: on the X chromosome, where men have one allele.
        mutation: matrices over ``alleles``; None if alleles never mutate.
        silent: index of the allele that leaves no trace in a profile, -1 if there is none.
    """

    name: str
    alleles: tuple[str, ...]
    frequencies: NDArray[np.float64]
    x_linked: bool = False
    mutation: Mutation | None = None
    silent: int = -1

    def __post_init__(self) -> None:
        object.__setattr__(self, "frequencies", np.array(self.frequencies, dtype=np.float64))
        where = f"marker {self.name}"
        if len(set(self.alleles)) != len(self.alleles) or self.frequencies.shape != (len(self.alleles),):
            raise InvalidInput("alleles must be distinct and each have one frequency", where=where)
        if np.any(self.frequencies < 0):
            raise InvalidInput("a frequency is negative", where=where)
        if self.mutation is not None and self.mutation.female.shape != (len(self.alleles),) * 2:
            raise InvalidInput("the mutation matrix must have one row for each allele", where=where)

    @classmethod
    def from_frequencies(cls, table: MarkerFrequencies, *, x_linked: bool = False) -> Marker:
        """The marker of a frequency table, without mutation."""
        return cls(table.marker, table.alleles, table.frequencies, x_linked)

    def index(self, allele: str) -> int:
        """Position of an allele.

        Raises:
            UnknownMarker: the marker has no such allele.
        """
        try:
            return self.alleles.index(allele)
        except ValueError:
            valid = ", ".join(self.alleles)
            raise UnknownMarker("no such allele", found=allele, valid=valid, where=f"marker {self.name}") from None


@dataclass(frozen=True, slots=True)
class Called:
    """A genotype typed without error; None is an allele that was not observed.

    ``Called("9")`` is half a genotype, any that contains 9; for a man's X it is the whole.
    """

    first: str | None
    second: str | None = None

    @property
    def alleles(self) -> frozenset[str]:
        """The alleles that were seen."""
        return frozenset(a for a in (self.first, self.second) if a is not None)


@dataclass(frozen=True, slots=True)
class Replicates:
    """Allele sets seen in repeated amplifications of one poor sample, of any size, with the error model.

    Args:
        sets: one set of alleles for each amplification.
        dropout_het: probability that one given copy of an allele leaves no trace.
        dropout_hom: probability that both copies of a homozygote leave none.
        dropin: C; an allele of frequency p drops in with probability C p.
    """

    sets: tuple[frozenset[str], ...]
    dropout_het: float
    dropout_hom: float
    dropin: float = 0.0

    def __post_init__(self) -> None:
        for name in ("dropout_het", "dropout_hom", "dropin"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidInput(f"{name} is not a probability", found=getattr(self, name), valid="0 to 1")

    @property
    def alleles(self) -> frozenset[str]:
        """The alleles seen at least once."""
        return frozenset().union(*self.sets)

    @property
    def copies_drop_alone(self) -> bool:
        """Whether the two copies of a homozygote drop out independently, so that unseen alleles can be lumped."""
        return bool(np.isclose(self.dropout_hom, self.dropout_het**2, rtol=1e-12, atol=0))


Observation = Called | Replicates


@dataclass(frozen=True, slots=True, eq=False)
class LumpedMarker:
    """A marker whose unseen alleles are one class, where that changes no likelihood.

    Args:
        original: the marker.
        classes: shape ``(K,)``, class of every allele; classes are numbered in the order of first appearance.
        representative: shape ``(L,)``, one allele of each class; it stands alone unless it is of the unseen class.
        frequencies: shape ``(L,)``.
        mutation: matrices over the classes, or None.
    """

    original: Marker
    classes: NDArray[np.int64]
    representative: NDArray[np.int64]
    frequencies: NDArray[np.float64]
    mutation: Mutation | None

    @property
    def size(self) -> int:
        """Number of classes."""
        return len(self.representative)


def unlumped(marker: Marker) -> LumpedMarker:
    """Every allele a class of its own."""
    every = np.arange(len(marker.alleles))
    return LumpedMarker(marker, every, every, marker.frequencies, marker.mutation)


def lump(marker: Marker, observations: Iterable[Observation]) -> LumpedMarker:
    """Join the alleles that no observation names, if mutation and drop-out treat them alike; else leave all apart.

    The class is "any other allele": it takes what the seen alleles leave of one, where the table misses one only
    by rounding.

    >>> marker = Marker("M", ("1", "2", "3", "4"), np.array([0.1, 0.2, 0.3, 0.4]))
    >>> lump(marker, [Called("1", "3")]).frequencies.tolist()
    [0.1, 0.6000000000000001, 0.3]
    """
    listed = list(observations)
    seen = {marker.index(a) for x in listed for a in x.alleles} | {marker.silent}
    unseen = [i for i in range(len(marker.alleles)) if i not in seen]
    independent = all(x.copies_drop_alone for x in listed if isinstance(x, Replicates))
    if len(unseen) < 2 or not independent:
        return unlumped(marker)
    labels = np.arange(len(marker.alleles))
    labels[unseen] = unseen[0]
    representative, classes = np.unique(labels, return_inverse=True)
    mutation = _lump_mutation(marker.mutation, classes, representative)
    if marker.mutation is not None and mutation is None:
        return unlumped(marker)
    frequencies: NDArray[np.float64] = np.bincount(classes, weights=marker.frequencies).astype(np.float64)
    excess = float(frequencies.sum()) - 1
    if abs(excess) < ROUNDING:
        frequencies[classes[unseen[0]]] -= excess
    return LumpedMarker(marker, classes, representative, frequencies, mutation)


def _lump_mutation(
    mutation: Mutation | None, classes: NDArray[np.int64], representative: NDArray[np.int64]
) -> Mutation | None:
    if mutation is None or not (is_lumpable(mutation.female, classes) and is_lumpable(mutation.male, classes)):
        return None
    members = np.eye(len(representative))[classes]
    return Mutation((mutation.female @ members)[representative], (mutation.male @ members)[representative])


def penetrance(
    observation: Observation,
    lumped: LumpedMarker,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    *,
    hemizygous: bool = False,
) -> NDArray[np.float64]:
    """P(observation | genotype) for genotypes given as two classes of ``lumped`` each; hemizygous: one, twice.

    Called: 1 if the genotype fits. Replicates: for every allele a of the system q_a = (1 - C p_a) D with D = 1,
    dropout_het or dropout_hom for none, one or two copies; a replicate has prod (1 - q_a if seen else q_a);
    replicates multiply.

    Source: for replicates, Dorum, Kaur, Gysi (2017), Int J Legal Med 131:383 (relMix).
    """
    marker = lumped.original
    a, b = lumped.representative[first], lumped.representative[second]
    if isinstance(observation, Called):
        return _fits(observation, marker, a, b).astype(np.float64)
    none = np.full_like(b, -1)
    return _replicates(observation, marker, a, none if hemizygous else b)


def _fits(called: Called, marker: Marker, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
    wanted = [marker.index(x) for x in (called.first, called.second) if x is not None]
    if not wanted:
        return np.ones(a.shape, dtype=bool)
    x, y, silent = wanted[0], wanted[-1], marker.silent
    fits: NDArray[np.bool_] = ((a == x) & (b == y)) | ((a == y) & (b == x))
    if len(wanted) == 1:
        fits = (a == x) | (b == x)
    elif x == y and silent >= 0:
        fits = fits | ((a == x) & (b == silent)) | ((a == silent) & (b == x))
    return fits


def _replicates(
    observed: Replicates, marker: Marker, a: NDArray[np.int64], b: NDArray[np.int64]
) -> NDArray[np.float64]:
    drop = np.array([1.0, observed.dropout_het, observed.dropout_hom])
    probability = np.ones(a.shape)
    for allele, (name, p) in enumerate(zip(marker.alleles, marker.frequencies, strict=True)):
        if allele == marker.silent:
            continue
        copies = (a == allele).astype(np.int64) + (b == allele)
        unseen = (1 - observed.dropin * p) * drop[copies]
        times = sum(name in s for s in observed.sets)
        probability *= (1 - unseen) ** times * unseen ** (len(observed.sets) - times)
    return probability
