"""Mitochondrial haplogroups: the nearest nodes of PhyloTree, and what a haplogroup says about origin.

A profile is scored against every haplogroup with the mutation model of :mod:`cenotaph.genetics.mtdna_comparison`,
as if :data:`DEPTH` transmissions lay between the node and the person: hot sites cost little, rare ones much, and only
what was read counts. A haplogroup is a likelihood for origin, never a rule.

Source: van Oven (2015), FSI:Genetics Suppl 5:e392 (PhyloTree build 17).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import UnknownMarker
from cenotaph.genetics.mtdna_comparison import (
    EncodedProfiles,
    SiteRates,
    difference_matrix,
    encode,
    log_mutation_likelihood,
)
from cenotaph.genetics.mtdna_sequence import MtProfile

DEPTH = 100.0
"""Transmissions assumed between a node of the tree and a living person: one control-region change on average."""
_BLOCK = 256


@dataclass(frozen=True, slots=True)
class Haplogroups:
    """The tree: names, parents in biology, and each node's differences from the rCRS.

    Args:
        names: every haplogroup.
        parents: parent's name, empty for the root (the common mother of all, not the rCRS).
        profiles: encoded, in the order of *names*.
    """

    names: tuple[str, ...]
    parents: Mapping[str, str]
    profiles: EncodedProfiles

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[str, str, str]]) -> Haplogroups:
        """From (haplogroup, parent, differences from the rCRS in canonical notation)."""
        listed = list(rows)
        profiles = encode([MtProfile.from_text("1-16569", differences) for _, _, differences in listed], len(listed))
        return cls(tuple(name for name, _, _ in listed), {name: parent for name, parent, _ in listed}, profiles)

    def lineage(self, name: str) -> list[str]:
        """From *name* up to the root, both included.

        Raises:
            UnknownMarker: the tree has no such haplogroup.
        """
        if name not in self.parents:
            raise UnknownMarker("not a haplogroup of the tree", found=name)
        path = [name]
        while self.parents[path[-1]]:
            path.append(self.parents[path[-1]])
        return path

    def common_ancestor(self, names: Sequence[str]) -> str:
        """The latest haplogroup that all *names* descend from."""
        shared = [set(self.lineage(name)) for name in names]
        return next(node for node in self.lineage(names[0]) if all(node in path for path in shared))


@dataclass(frozen=True, slots=True)
class HaplogroupCall:
    """Nearest haplogroups of one profile.

    Args:
        best: equally good haplogroups, in the order of the tree's table.
        common: latest common ancestor of *best*: what can be said for certain.
        score: log-likelihood of the profile given the best node.
        differences: sites at which it differs from the best node, within its ranges.
        major: (number of major haplogroups,) share of each in the likelihood, see ``major_names``.
        major_names: names of the major haplogroups.
    """

    best: tuple[str, ...]
    common: str
    score: float
    differences: int
    major: NDArray[np.float64]
    major_names: tuple[str, ...]


def major_haplogroup(name: str) -> str:
    """First letter, with the number for L, the trunk between M, N, R and mt-MRCA under its own name.

    >>> [major_haplogroup(n) for n in ("H2a2a1", "L3e1", "M7b1", "HV0", "R0", "JT", "L1'2'3'4'5'6", "mt-MRCA", "U5a")]
    ['H', 'L3', 'M', 'HV', 'R', 'JT', 'L', 'L', 'U']
    """
    if name == "mt-MRCA" or (name.startswith("L") and "'" in name.split("(")[0] and name[2:3] == "'"):
        return "L"
    if name.startswith("L"):
        return name[:2]
    return name[:2] if name[:2] in ("HV", "JT") else name[0]


def call_haplogroups(profiles: EncodedProfiles, tree: Haplogroups, rates: SiteRates) -> list[HaplogroupCall]:
    """Nearest haplogroups of each profile, partial ranges included.

    Cost: distinct profiles x 5,435 nodes x their differences; about a millisecond a profile.
    """
    groups = [major_haplogroup(name) for name in tree.names]
    major_names = tuple(sorted(set(groups)))
    member = np.array([major_names.index(group) for group in groups])
    calls: list[HaplogroupCall] = []
    for start in range(0, profiles.distinct, _BLOCK):
        pairs = difference_matrix(profiles.distinct_part(start, start + _BLOCK), tree.profiles, rates)
        scores = log_mutation_likelihood(pairs, DEPTH)
        calls += [_call(scores[k], pairs.differences[k], tree, member, major_names) for k in range(len(scores))]
    return [calls[row] for row in profiles.index]


def _call(
    scores: NDArray[np.float64],
    differences: NDArray[np.int16],
    tree: Haplogroups,
    member: NDArray[np.int64],
    major_names: tuple[str, ...],
) -> HaplogroupCall:
    top = float(scores.max())
    nearest = np.flatnonzero(scores >= top - 1e-9)
    best = tuple(tree.names[k] for k in nearest)
    peak = np.full(len(major_names), -np.inf)
    np.maximum.at(peak, member, scores)
    share = np.exp(peak - top)
    return HaplogroupCall(
        best, tree.common_ancestor(best), top, int(differences[nearest[0]]), share / share.sum(), major_names
    )


@dataclass(frozen=True, slots=True)
class OriginFractions:
    """How frequent each major haplogroup is in each class of origin.

    Args:
        origins: e.g. white, black, hispanic, korean, chinese, other.
        haplogroups: major haplogroups.
        fraction: (number of origins, number of haplogroups), rows sum to one.
    """

    origins: tuple[str, ...]
    haplogroups: tuple[str, ...]
    fraction: NDArray[np.float64]

    def likelihood(self, call: HaplogroupCall) -> NDArray[np.float64]:
        """P(haplogroup | origin) = sum over major haplogroups h of share[h] * fraction[origin, h].

        Returns:
            (number of origins,). A haplogroup that no origin lists has the least fraction listed.
        """
        column = {name: k for k, name in enumerate(self.haplogroups)}
        rare = np.full(len(self.origins), self.fraction.min())
        terms = [
            share * (self.fraction[:, column[name]] if name in column else rare)
            for name, share in zip(call.major_names, call.major, strict=True)
        ]
        total: NDArray[np.float64] = np.sum(terms, axis=0)
        return total

    def log_weight(self, call: HaplogroupCall, origin: str, base: str) -> float:
        """log P(haplogroup | origin) - log P(haplogroup | base).

        Turns the rarity of a haplotype in *base*, which has a reference, into that in *origin*, which has none:
        ``log p(e | korean) = log p(e | asian) + log_weight(call, "korean", "asian")``. The haplogroup is part of the
        haplotype: never multiply a rarity by the likelihood of the same haplogroup.

        Raises:
            UnknownMarker: no such class of origin.
        """
        for name in (origin, base):
            if name not in self.origins:
                raise UnknownMarker("class of origin without fractions", found=name, valid=", ".join(self.origins))
        likelihood = self.likelihood(call)
        return float(np.log(likelihood[self.origins.index(origin)] / likelihood[self.origins.index(base)]))
