"""The posterior over assignments by sampling, where exact sums would not finish.

Independent Markov chains side by side. A sweep takes every block in turn and draws its option given all others (heat
bath); then blocks of one missing person are paired at random and each pair may swap its victims, nobody included.
What is averaged is not the draw but its probability given the rest (Rao–Blackwell). The chains start apart, from
random assignments, so that their spread is an honest standard error. Blocks that hardly moved in the burn-in are
taken in every eighth sweep only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.genetics.assignment import AssignmentPosterior, Block

CHAINS = 96
SWEEPS = 120
BURN_IN = 40
SWAP_ROUNDS = 5
FULL_EVERY = 8
SETTLED = 1e-3


def sampled_posterior(
    blocks: Sequence[Block],
    victims: int,
    missing: int,
    rng: np.random.Generator,
    *,
    chains: int = CHAINS,
    sweeps: int = SWEEPS,
    burn_in: int = BURN_IN,
) -> AssignmentPosterior:
    """Marginals of the posterior with their standard error between chains.

    Args:
        sweeps: sweeps that count, after ``burn_in`` that do not.

    Returns:
        ``log_total`` and ``log_best`` are nan and ``count`` is -1: sampling does not give them.
    """
    state = _Chains(blocks, victims, missing, chains, rng)
    for _ in range(burn_in):
        state.sweep(full=True)
    state.settle()
    for k in range(sweeps):
        state.sweep(full=k % FULL_EVERY == 0)
    per_chain = np.zeros((chains, victims, missing + 1))
    per_chain[:, :, :missing] = state.seen / np.maximum(state.draws, 1)
    per_chain[:, :, missing] = np.clip(1.0 - per_chain[:, :, :missing].sum(axis=2), 0.0, 1.0)
    unknown = np.full((victims, missing + 1), np.nan)
    error = per_chain.std(axis=0, ddof=1) / np.sqrt(chains)
    return AssignmentPosterior(float("nan"), per_chain.mean(axis=0), unknown, -1, "sampled", error)


class _Chains:
    def __init__(
        self, blocks: Sequence[Block], victims: int, missing: int, chains: int, rng: np.random.Generator
    ) -> None:
        ordered = sorted((b for b in blocks if b.victims()), key=lambda b: len(b.missing) > 1)
        self.rng, self.victims = rng, victims
        self.single = [_Single.of(b, victims) for b in ordered if len(b.missing) == 1]
        self.several = [_Several.of(b, victims) for b in ordered if len(b.missing) > 1]
        self.weight = np.full((len(self.single), victims + 1), -np.inf)
        for k, block in enumerate(self.single):
            self.weight[k, block.victim] = np.log(block.scaled)
        self.held = np.full((chains, len(self.single)), victims, dtype=np.int64)
        self.choice = np.zeros((chains, len(self.several)), dtype=np.int64)
        self.taken = np.zeros((chains, victims + 1), dtype=bool)
        self.seen = np.zeros((chains, victims, missing))
        self.draws = np.zeros(missing)
        self.unrest = np.zeros(len(ordered))
        self.moving = np.arange(len(ordered))
        self.chain = np.arange(chains)
        for k in rng.permutation(len(ordered)):
            self._draw(int(k))

    def settle(self) -> None:
        """Forget what was seen so far, except which blocks moved."""
        self.moving = np.flatnonzero(self.unrest / max(float(self.draws.max()), 1.0) > SETTLED)
        self.seen[:], self.draws[:] = 0.0, 0.0

    def sweep(self, *, full: bool) -> None:
        """Every block once, or every block that moves, and rounds of swaps between them."""
        everything = np.arange(len(self.single) + len(self.several))
        for k in everything if full else self.moving:
            self._draw(int(k))
        swapping = everything if full else self.moving
        swapping = swapping[swapping < len(self.single)]
        if len(swapping) > 1:
            for _ in range(SWAP_ROUNDS):
                self._swap(swapping)

    def _draw(self, k: int) -> None:
        singles = len(self.single)
        probability = self._draw_single(k) if k < singles else self._draw_several(k - singles)
        self.unrest[k] += float(1.0 - probability.max(axis=1).mean())

    def _draw_single(self, k: int) -> NDArray[np.float64]:
        block = self.single[k]
        self.taken[self.chain, self.held[:, k]] = False
        chosen, probability = self._heat_bath(np.where(self.taken[:, block.victim], 0.0, block.scaled))
        self.held[:, k] = block.victim[chosen]
        self.taken[self.chain, self.held[:, k]] = True
        self.taken[:, self.victims] = False
        self.seen[:, block.victim[1:], block.person] += probability[:, 1:]
        self.draws[block.person] += 1
        return probability

    def _draw_several(self, k: int) -> NDArray[np.float64]:
        block = self.several[k]
        others = self.taken & ~block.uses[self.choice[:, k]]
        clash = (others[:, None, block.wanted] & block.uses[None, :, block.wanted]).any(axis=2)
        chosen, probability = self._heat_bath(np.where(clash, 0.0, block.scaled))
        self.choice[:, k] = chosen
        self.taken = others | block.uses[chosen]
        for option, placed in enumerate(block.placed):
            for victim, person in placed:
                self.seen[:, victim, person] += probability[:, option]
        self.draws[list(block.people)] += 1
        return probability

    def _heat_bath(self, weight: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """One draw for each chain, and the probabilities that it was drawn from."""
        cumulative = weight.cumsum(axis=1)
        total = cumulative[:, -1:]
        drawn = (cumulative < self.rng.random((len(self.chain), 1)) * total).sum(axis=1)
        return drawn, weight / total

    def _swap(self, blocks: NDArray[np.int64]) -> None:
        pairs = self.rng.permutation(blocks)
        half = len(pairs) // 2
        a, b = pairs[:half], pairs[half : 2 * half]
        of_a, of_b = self.held[:, a], self.held[:, b]
        flat, width = self.weight.ravel(), self.victims + 1
        gain = np.take(flat, a * width + of_b) + np.take(flat, b * width + of_a)
        gain -= np.take(flat, a * width + of_a) + np.take(flat, b * width + of_b)
        accept = np.log1p(np.exp(-np.maximum(gain, -700.0))) < self.rng.exponential(size=gain.shape)
        self.held[:, a] = np.where(accept, of_b, of_a)
        self.held[:, b] = np.where(accept, of_a, of_b)


@dataclass(frozen=True, slots=True, eq=False)
class _Single:
    """A family with one missing person: victim and weight of each option; the first is nobody."""

    person: int
    victim: NDArray[np.int64]
    scaled: NDArray[np.float64]

    @classmethod
    def of(cls, block: Block, victims: int) -> _Single:
        chosen = np.array([option[0] if option[0] >= 0 else victims for option in block.options])
        return cls(block.missing[0], chosen, _scaled(block))


@dataclass(frozen=True, slots=True, eq=False)
class _Several:
    """A family with several missing: victims that each option uses, (victim, person) of each, and weights."""

    people: tuple[int, ...]
    uses: NDArray[np.bool_]
    wanted: NDArray[np.int64]
    placed: tuple[tuple[tuple[int, int], ...], ...]
    scaled: NDArray[np.float64]

    @classmethod
    def of(cls, block: Block, victims: int) -> _Several:
        placed = tuple(
            tuple((v, m) for v, m in zip(option, block.missing, strict=True) if v >= 0) for option in block.options
        )
        uses = np.zeros((len(placed), victims + 1), dtype=bool)
        for o, pairs in enumerate(placed):
            uses[o, [v for v, _ in pairs]] = True
        return cls(block.missing, uses, np.array(sorted(block.victims()), dtype=np.int64), placed, _scaled(block))


def _scaled(block: Block) -> NDArray[np.float64]:
    """Weights relative to the largest, none so small that nothing is left when larger ones are taken."""
    loglr = np.array(block.loglr)
    weights: NDArray[np.float64] = np.exp(np.maximum(loglr - loglr.max(), -600.0))
    return weights
