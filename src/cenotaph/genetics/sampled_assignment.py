"""The posterior over assignments by sampling, where exact sums would not finish.

Independent Markov chains side by side. A sweep takes every block in turn and draws its option given all others (heat
bath); then blocks of one missing person are paired at random and each pair may swap its victims, nobody included.
What is averaged is not the draw but its probability given the rest (Rao–Blackwell). The chains start apart, from
random assignments, so that their spread is an honest standard error.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cenotaph.genetics.assignment import AssignmentPosterior, Block

CHAINS = 96
SWEEPS = 160
BURN_IN = 30
SWAP_ROUNDS = 25


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
        state.sweep()
    state.seen[:] = 0.0
    for _ in range(sweeps):
        state.sweep()
    per_chain = np.zeros((chains, victims, missing + 1))
    per_chain[:, :, :missing] = state.seen / sweeps
    per_chain[:, :, missing] = np.clip(1.0 - per_chain[:, :, :missing].sum(axis=2), 0.0, 1.0)
    unknown = np.full((victims, missing + 1), np.nan)
    error = per_chain.std(axis=0, ddof=1) / np.sqrt(chains)
    return AssignmentPosterior(float("nan"), per_chain.mean(axis=0), unknown, -1, "sampled", error)


class _Chains:
    def __init__(
        self, blocks: Sequence[Block], victims: int, missing: int, chains: int, rng: np.random.Generator
    ) -> None:
        self.blocks, self.rng, self.victims = list(blocks), rng, victims
        self.wanted = [np.array(sorted(b.victims()), dtype=np.int64) for b in self.blocks]
        self.uses = [
            np.array([[v in option for v in wanted] for option in b.options], dtype=np.float64)
            for b, wanted in zip(self.blocks, self.wanted, strict=True)
        ]
        self.loglr = [np.array(b.loglr) for b in self.blocks]
        self.choice = np.zeros((chains, len(self.blocks)), dtype=np.int64)
        self.taken = np.zeros((chains, victims), dtype=bool)
        self.seen = np.zeros((chains, victims, missing))
        self.single = np.array([k for k, b in enumerate(self.blocks) if len(b.missing) == 1], dtype=np.int64)
        self.option_of, self.victim_of, self.weight = self._single_tables()
        for k in rng.permutation(len(self.blocks)):
            self._draw(int(k))

    def _single_tables(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """For blocks of one missing person: option of each victim, victim of each option, log weight of each victim.

        Victim ``victims`` is nobody.
        """
        longest = max((len(b.options) for b in self.blocks), default=1)
        option_of = np.full((len(self.blocks), self.victims + 1), -1, dtype=np.int64)
        victim_of = np.full((len(self.blocks), longest), -1, dtype=np.int64)
        weight = np.full((len(self.blocks), self.victims + 1), -np.inf)
        for k in self.single:
            for o, (option, loglr) in enumerate(zip(self.blocks[k].options, self.blocks[k].loglr, strict=True)):
                victim = option[0] if option[0] >= 0 else self.victims
                option_of[k, victim], victim_of[k, o], weight[k, victim] = o, victim, loglr
        return option_of, victim_of, weight

    def sweep(self) -> None:
        """Every block once, then rounds of swaps."""
        for k in range(len(self.blocks)):
            self._draw(k)
        if len(self.single) > 1:
            for _ in range(SWAP_ROUNDS):
                self._swap()

    def _draw(self, k: int) -> None:
        wanted, uses = self.wanted[k], self.uses[k]
        if len(wanted) == 0:
            return
        own = uses[self.choice[:, k]] > 0
        others = self.taken[:, wanted] & ~own
        log_weight = np.where(others.astype(np.float64) @ uses.T > 0, -np.inf, self.loglr[k])
        chosen = np.argmax(log_weight + self.rng.gumbel(size=log_weight.shape), axis=1)
        self.choice[:, k] = chosen
        self.taken[:, wanted] = others | (uses[chosen] > 0)
        probability = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
        probability /= probability.sum(axis=1, keepdims=True)
        self._record(k, probability)

    def _record(self, k: int, probability: NDArray[np.float64]) -> None:
        block = self.blocks[k]
        for position, person in enumerate(block.missing):
            victims = np.array([option[position] for option in block.options])
            placed = np.flatnonzero(victims >= 0)
            if len(block.missing) == 1:
                self.seen[:, victims[placed], person] += probability[:, placed]
            else:
                for o in placed:
                    self.seen[:, victims[o], person] += probability[:, o]

    def _swap(self) -> None:
        pairs = self.rng.permutation(self.single)
        half = len(pairs) // 2
        a, b = pairs[:half], pairs[half : 2 * half]
        of_a, of_b = self.victim_of[a, self.choice[:, a]], self.victim_of[b, self.choice[:, b]]
        swapped = self.weight[a, of_b] + self.weight[b, of_a]
        now = self.weight[a, of_a] + self.weight[b, of_b]
        accept = self.rng.random(now.shape) < 1 / (1 + np.exp(np.minimum(now - swapped, 700.0)))
        new_a, new_b = self.option_of[a, of_b], self.option_of[b, of_a]
        self.choice[:, a] = np.where(accept, new_a, self.choice[:, a])
        self.choice[:, b] = np.where(accept, new_b, self.choice[:, b])
