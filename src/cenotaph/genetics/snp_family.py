"""Bones against families by SNPs: genotype likelihoods, the pedigree as recorded, and linkage.

Each family is reduced once to ``P(data of the relatives, genotype of the man | pattern)`` at every SNP and to a small
Markov chain over patterns (`cenotaph.genetics.snp_inheritance`). A bone then walks along the genome once:

    P(bone, relatives) = Σ over paths of classes, Π over SNPs Σ_g P(bone | g) P(relatives, g | class)

Genotypes are counts of the ALT allele: 0, 1, 2. Founders are in Hardy–Weinberg proportions; there is no mutation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput, Unsupported
from cenotaph.genetics.lineage import kinship
from cenotaph.genetics.snp_inheritance import InheritanceChain, inheritance_chain

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]

MOST_CHAINS = 256
"""Chains that are kept for pedigrees of the same shape."""
FRACTION_STEP = 1e-5
"""Recombination fractions are rounded to this, so that equal distances share their transitions."""


@dataclass(frozen=True, slots=True)
class SnpMap:
    """Where SNPs lie.

    Args:
        chromosome: shape (n,), numbers that do not decrease.
        position_cm: shape (n,), centimorgans, not decreasing within a chromosome.

    Raises:
        InvalidInput: not in order.
    """

    chromosome: Ints
    position_cm: Floats
    fractions: Floats = field(init=False)
    which: NDArray[np.int32] = field(init=False)

    def __post_init__(self) -> None:
        step = np.diff(self.position_cm)
        same = np.diff(self.chromosome) == 0
        if np.any(np.diff(self.chromosome) < 0) or np.any(step[same] < 0):
            raise InvalidInput("SNPs are not in the order of the map")
        distance = np.where(same, step, np.inf)
        fraction = 0.5 * (1 - np.exp(-2 * distance / 100))
        rounded = np.maximum(np.round(fraction / FRACTION_STEP), 1) * FRACTION_STEP
        distinct, which = np.unique(np.concatenate([[0.5], rounded]), return_inverse=True)
        object.__setattr__(self, "fractions", distinct)
        object.__setattr__(self, "which", which.astype(np.int32))

    @classmethod
    def unlinked(cls, n: int) -> SnpMap:
        """n SNPs as if each lay on a chromosome of its own."""
        return cls(np.arange(n), np.zeros(n))


@dataclass(frozen=True, slots=True)
class SnpFamily:
    """One missing man in one family, ready for any bone.

    Args:
        emission: shape (SNPs, patterns, 3), scaled to a maximum of one at each SNP.
        chain: the chain over classes of inheritance.
        transition: shape (distinct fractions, classes, classes).
        loglik: natural log of the likelihood of the relatives' data.
        scale: log of what the emissions were divided by, summed.
        used: relatives whose data are in it.
    """

    emission: Singles
    chain: InheritanceChain
    transition: Singles
    loglik: float
    scale: float
    used: tuple[int, ...]


@dataclass
class FamilyReducer:
    """Reduces families; pedigrees of one shape share their chain.

    Args:
        frequency: shape (SNPs,), of the ALT allele.
        map: positions of the SNPs.
    """

    frequency: Floats
    map: SnpMap
    _chains: dict[tuple[object, ...], tuple[InheritanceChain, Singles] | None] = field(default_factory=dict)

    def of(self, frequency: Floats) -> FamilyReducer:
        """The same with the frequencies of another population; chains are shared."""
        return FamilyReducer(frequency, self.map, self._chains)

    def reduce(self, father: Ints, mother: Ints, man: int, relatives: dict[int, Singles]) -> SnpFamily:
        """Family of a man whose typed relatives have the given genotype likelihoods, shape (SNPs, 3) each.

        Where all relatives together need too large a chain, those who are farthest from him are left out: the ratio
        stays exact for what is used.
        """
        chain, transition, out = self._emission(father, mother, man, relatives)
        top = out.max(axis=(1, 2))
        out /= top[:, None, None]
        family = SnpFamily(out, chain, transition, 0.0, float(np.log(top.astype(np.float64)).sum()), chain.persons[:-1])
        nobody = np.ones((1, len(out), 3), dtype=np.float32)
        loglik = float(self._joint(family, blocks_of(nobody), 1)[0]) + family.scale
        return SnpFamily(out, chain, transition, loglik, family.scale, family.used)

    def expected(self, father: Ints, mother: Ints, man: int, relatives: dict[int, Singles]) -> Singles:
        """P(genotype of the man | relatives) at each SNP by itself, shape (SNPs, 3)."""
        chain, _, out = self._emission(father, mother, man, relatives)
        weight = np.bincount(chain.pattern_of, chain.start, minlength=len(chain.patterns)).astype(np.float32)
        joint: Singles = np.einsum("u,sug->sg", weight, out)
        result: Singles = joint / joint.sum(axis=1, keepdims=True)
        return result

    def _emission(
        self, father: Ints, mother: Ints, man: int, relatives: dict[int, Singles]
    ) -> tuple[InheritanceChain, Singles, Singles]:
        """The chain, its transitions, and P(relatives, genotype of the man | pattern), (SNPs, patterns, 3)."""
        from cenotaph.genetics._snp_kernel import emissions

        chain, transition = self._chain(father, mother, list(relatives), man)
        n = len(self.frequency)
        kin = chain.persons[:-1] if man not in relatives else tuple(p for p in chain.persons[:-1] if p != man)
        patterns = chain.patterns
        if len(kin) < len(chain.persons) - 1:
            patterns = patterns[:, [k for k, p in enumerate(chain.persons[:-1]) if p != man] + [len(chain.persons) - 1]]
        seen = np.ones((n, len(kin), 3), dtype=np.float32)
        for k, person in enumerate(kin):
            seen[:, k] = relatives[person]
        own = relatives.get(man, np.ones((n, 3), dtype=np.float32))
        out = np.empty((n, len(patterns), 3), dtype=np.float32)
        emissions(np.ascontiguousarray(patterns), chain.alleles, self.frequency, seen, own, out)
        return chain, transition, out

    def nearest(self, father: Ints, mother: Ints, typed: Iterable[int], men: Sequence[int]) -> list[int]:
        """Typed relatives, the nearest first, as many as one chain can hold beside all of the *men*."""
        closeness = {p: sum(kinship(father, mother, p, man) for man in men) for p in typed}
        order = sorted(closeness, key=lambda p: (-closeness[p], p))
        while order and not all(self._held(father, mother, [*order, *({*men} - {m})], m) for m in men):
            order.pop()
        return order

    def _chain(self, father: Ints, mother: Ints, typed: Iterable[int], man: int) -> tuple[InheritanceChain, Singles]:
        near = sorted(typed, key=lambda p: (-kinship(father, mother, p, man), p))
        while (found := self._held(father, mother, near, man)) is None:
            near.pop()
        return found

    def _held(
        self, father: Ints, mother: Ints, typed: Sequence[int], man: int
    ) -> tuple[InheritanceChain, Singles] | None:
        """The chain and its transitions, None where it would be too large."""
        key = (father.tobytes(), mother.tobytes(), tuple(sorted(typed)), man)
        if key not in self._chains:
            if len(self._chains) >= MOST_CHAINS:
                del self._chains[next(iter(self._chains))]
            try:
                chain = inheritance_chain(father, mother, list(typed), man)
                self._chains[key] = (chain, chain.transitions(self.map.fractions))
            except Unsupported:
                self._chains[key] = None
        return self._chains[key]

    def _joint(self, family: SnpFamily, blocks: Singles, count: int) -> Floats:
        from cenotaph.genetics._snp_kernel import walk_blocks

        out = np.zeros((blocks.shape[0], blocks.shape[-1]))
        walk_blocks(
            family.emission,
            family.chain.pattern_of,
            family.chain.start.astype(np.float32),
            family.transition,
            self.map.which,
            blocks,
            out,
        )
        return out.reshape(-1)[:count]

    def bone_logliks(self, family: SnpFamily, blocks: Singles, count: int) -> Floats:
        """log P(bone | he is the man, relatives), shape (count,), for bones as `blocks_of` lays them out."""
        result: Floats = self._joint(family, blocks, count) + (family.scale - family.loglik)
        return result


def blocks_of(likelihood: Singles) -> Singles:
    """Genotype likelihoods, shape (bones, SNPs, 3), in blocks that are walked together; filled up with ones."""
    from cenotaph.genetics._snp_kernel import LANES

    bones, snps, _ = likelihood.shape
    blocks = -(-bones // LANES)
    filled = np.ones((blocks * LANES, snps, 3), dtype=np.float32)
    filled[:bones] = likelihood
    return np.ascontiguousarray(filled.reshape(blocks, LANES, snps, 3).transpose(0, 2, 3, 1))


def hardy_weinberg(frequency: Floats) -> Floats:
    """P(0, 1, 2 ALT alleles), shape (SNPs, 3).

    >>> hardy_weinberg(np.array([0.5])).tolist()
    [[0.25, 0.5, 0.25]]
    """
    p = np.asarray(frequency, dtype=np.float64)
    return np.stack([(1 - p) ** 2, 2 * p * (1 - p), p**2], axis=1)


def random_logliks(likelihood: Singles, frequency: Floats) -> Floats:
    """log P(bone | a random member of the population), for shape (bones, SNPs, 3)."""
    genotypes = hardy_weinberg(frequency).astype(np.float32)
    result: Floats = np.log(np.einsum("bsg,sg->bs", likelihood, genotypes)).sum(axis=1, dtype=np.float64)
    return result


def random_ratios(likelihood: Singles, frequency: Floats) -> Singles:
    """Genotype likelihoods divided by that of a random member of the population, in blocks, for `screen`.

    Args:
        likelihood: shape (bones, SNPs, 3).
    """
    alone = np.einsum("bsg,sg->bs", likelihood, hardy_weinberg(frequency).astype(np.float32))
    return blocks_of(likelihood / alone[:, :, None])


def screen(expected: Singles, ratios: Singles) -> Floats:
    """log likelihood ratio of every bone to every missing person as if no two SNPs were linked, (people, bones).

    Bones that fill up a block have zeros.

    Args:
        expected: shape (people, SNPs, 3), P(genotype), of `FamilyReducer.expected`.
        ratios: of `random_ratios`.
    """
    from cenotaph.genetics._snp_kernel import screen_blocks

    out = np.zeros((len(expected), ratios.shape[0], ratios.shape[-1]))
    screen_blocks(expected, ratios, out)
    return out.reshape(len(expected), -1)


@dataclass(frozen=True, slots=True)
class PairLogliks:
    """log P(both bones), shape (first, second): one person, full brothers with linkage, or unrelated."""

    same: Floats
    brothers: Floats
    unrelated: Floats


def pair_logliks(first: Singles, second: Singles, frequency: Floats, map_: SnpMap) -> PairLogliks:
    """Two bones: one person, full brothers, or unrelated; shapes (n, SNPs, 3) and (m, SNPs, 3)."""
    from cenotaph.genetics._snp_kernel import pair_blocks

    chain = inheritance_chain(np.array([-1, -1, 0, 0]), np.array([-1, -1, 1, 1]), [2], 3)
    # Patterns with two, three and four founder alleles have two, one and no allele in common.
    shared = 4 - chain.alleles[chain.pattern_of]
    order = np.argsort(shared)
    transition = chain.transitions(map_.fractions)[:, order][:, :, order]
    blocks = blocks_of(second)
    same = np.zeros((len(first), blocks.shape[0], blocks.shape[-1]))
    brothers = np.zeros_like(same)
    pair_blocks(
        first,
        blocks,
        frequency.astype(np.float32),
        chain.start[order].astype(np.float32),
        np.ascontiguousarray(transition),
        map_.which,
        same,
        brothers,
    )
    alone = random_logliks(first, frequency)[:, None] + random_logliks(second, frequency)[None, :]
    shape = (len(first), -1)
    return PairLogliks(same.reshape(shape)[:, : len(second)], brothers.reshape(shape)[:, : len(second)], alone)
