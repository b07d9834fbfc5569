"""Pairing that is not certain: how the likelihood ratios between lefts and rights support each number of pairs."""

from __future__ import annotations

from math import inf, log

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput
from cenotaph.osteology.counting import REACH, PairEvidence, _log_hypergeometric

Floats = NDArray[np.float64]

EXACT_BONES = 14
"""Bones of the rarer side, in one connected part, up to which every matching is summed."""

STEPS = 16_000_000
LEARNING_ROUNDS = 20
CHUNK = 1_000_000
"""Steps whose random numbers are in memory at a time."""

UNIFORM = 0.15
"""Share of the walk's proposals that do not look at the likelihood ratios."""

DEPTH = 8.0
"""Natural log below the most probable number of pairs down to which the walk sees all numbers equally often."""


def log_lr_of_probability(probability: Floats, prior: Floats | float) -> Floats:
    """Natural log likelihood ratios of link probabilities that were computed from *prior* link probabilities.

    log [p/(1 − p)] − log [π/(1 − π)]. The probabilities must be of each pair by itself: what a grouping of all bones
    has made of them holds the one-to-one rule already, and counting it twice would overstate.

    >>> round(float(np.exp(log_lr_of_probability(np.array([0.5]), 0.1)[0])), 9)
    9.0
    """
    p = np.asarray(probability, dtype=float)
    q = np.asarray(prior, dtype=float)
    if (p < 0).any() or (p > 1).any() or (q <= 0).any() or (q >= 1).any():
        raise InvalidInput("link probability", valid="0 to 1, its prior between 0 and 1")
    with np.errstate(divide="ignore"):
        result: Floats = np.log(p) - np.log1p(-p) - np.log(q) + np.log1p(-q)
    return np.minimum(result, 700.0)


def pair_evidence(
    log_lr: Floats, *, rng: np.random.Generator | None = None, steps: int = STEPS, exact_bones: int = EXACT_BONES
) -> PairEvidence:
    """How a table of likelihood ratios between lefts and rights supports each number of pairs.

    s(k) = log [e_k / (C(L, k) C(R, k) k!)], e_k = Σ over sets of k pairs, no bone twice, of Π LR: the probability of
    the comparisons, given k pairs, relative to all bones being of different people. The table is split into parts that
    no possible pair connects; a part is summed over the subsets of its rarer side. If a part has more than
    *exact_bones* of them, the whole is sampled by a Markov chain over matchings, about flat in k.

    Args:
        log_lr: (lefts, rights) natural log LR of one person against two; −inf is impossible.
        rng: used where the sum is too large.
        steps: of the chain.
        exact_bones: limit of the exact sum; work grows as 2 to this power.

    Raises:
        InvalidInput: not a table, a cell that is not a number or +inf, or no *rng* where sampling is needed.

    Cost: L × R × 2^min(L, R) cells, or *steps*.

    >>> one = pair_evidence(np.log([[4.0]]))
    >>> np.exp(one.log_support).round(6).tolist()
    [1.0, 4.0]
    """
    table = np.asarray(log_lr, dtype=float)
    if table.ndim != 2 or np.isnan(table).any() or (table == inf).any():
        raise InvalidInput("table of log likelihood ratios", valid="two dimensions, finite or -inf")
    lefts, rights = table.shape
    parts = _parts(table)
    if all(min(part.shape) <= exact_bones for part in parts):
        log_sum = np.zeros(1)
        for part in parts:
            log_sum = _log_convolve(log_sum, _log_matching_sums(part))
        full = np.full(min(lefts, rights) + 1, -inf)
        full[: len(log_sum)] = log_sum[: len(full)]
        return PairEvidence(lefts, rights, full - _log_ways(lefts, rights))
    if rng is None:
        raise InvalidInput("too many bones for the exact sum", found=f"{lefts} x {rights}", valid="a generator `rng`")
    return _sampled(table, rng, steps)


def _log_ways(lefts: int, rights: int) -> Floats:
    """log of the number of ways to choose k pairs among L lefts and R rights: C(L, k) C(R, k) k!."""
    from scipy.special import gammaln

    k = np.arange(min(lefts, rights) + 1)
    result: Floats = (
        gammaln(lefts + 1) - gammaln(lefts - k + 1) + gammaln(rights + 1) - gammaln(rights - k + 1) - gammaln(k + 1)
    )
    return result


def _parts(table: Floats) -> list[Floats]:
    """The tables of bones that possible pairs connect."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    lefts, rights = table.shape
    i, j = np.nonzero(np.isfinite(table))
    graph = csr_array((np.ones(len(i)), (i, j + lefts)), shape=(lefts + rights, lefts + rights))
    _, label = connected_components(graph, directed=False)
    joined = np.unique(label[i])
    return [table[np.ix_(label[:lefts] == c, label[lefts:] == c)] for c in joined]


def _log_matching_sums(table: Floats) -> Floats:
    """log e_k of a table, k = 0 … min(L, R), by a sum over subsets of the rarer side."""
    wide = table if table.shape[0] >= table.shape[1] else table.T
    bones = wide.shape[1]
    subsets = np.arange(1 << bones)
    sums = np.zeros(1 << bones)
    sums[0] = 1.0
    log_scale = 0.0
    for row in wide:
        before = sums.copy()
        top = max(float(row.max()), 0.0)
        sums *= np.exp(-top)
        log_scale += top
        for j in np.flatnonzero(np.isfinite(row)):
            with_j = subsets[(subsets >> j) & 1 == 1]
            sums[with_j] += before[with_j ^ (1 << j)] * np.exp(row[j] - top)
        peak = sums.max()
        sums /= peak
        log_scale += log(peak)
    by_size = np.bincount(np.bitwise_count(subsets), weights=sums, minlength=bones + 1)
    with np.errstate(divide="ignore"):
        result: Floats = np.log(by_size) + log_scale
    return result


def _log_convolve(a: Floats, b: Floats) -> Floats:
    """log of the coefficients of a product of polynomials given by logs of theirs."""
    result = np.full(len(a) + len(b) - 1, -inf)
    for k, value in enumerate(a):
        result[k : k + len(b)] = np.logaddexp(result[k : k + len(b)], value + b)
    return result


def _sampled(table: Floats, rng: np.random.Generator, steps: int) -> PairEvidence:
    """Support from a walk over matchings; weights of the sizes are learned first, so that likely ones are all seen."""
    from cenotaph.osteology._matching_kernel import walk

    lefts, rights = table.shape
    most = min(lefts, rights)
    finite = np.where(np.isfinite(table), table, -700.0)
    likely = 1.0 / (1.0 + max(lefts, rights) * np.exp(-np.clip(finite, -50, 50)))
    proposal = UNIFORM / table.size + (1 - UNIFORM) * likely / likely.sum()
    cumulative = np.cumsum(proposal.ravel())
    partner_left, partner_right = np.full(lefts, -1), np.full(rights, -1)
    before, ways = _prior_of_pairs(lefts, rights), _log_ways(lefts, rights)
    support = np.zeros(most + 1)
    visits = np.zeros(most + 1, dtype=np.int64)
    for turn in range(LEARNING_ROUNDS + 1):
        posterior = before + support
        aimed = np.minimum(posterior - posterior.max() + DEPTH, 0.0) if turn else posterior
        weight = aimed - support - ways
        length = steps // 2 if turn == LEARNING_ROUNDS else steps // (2 * LEARNING_ROUNDS)
        visits[:] = 0
        for done in range(0, length, CHUNK):
            size = min(CHUNK, length - done)
            picks = np.minimum(np.searchsorted(cumulative, rng.random(size) * cumulative[-1]), table.size - 1)
            walk(finite, proposal, weight, picks, rng.random(size), partner_left, partner_right, visits)
        support = support + _surplus(visits, aimed)
    support[visits == 0] = -inf
    return PairEvidence(lefts, rights, support - support.max(), is_exact=False)


def _surplus(visits: NDArray[np.int64], aimed: Floats) -> Floats:
    """log of how much more often each size was seen than aimed at; one not seen gets what its nearest neighbour gets.

    What lies beyond the sizes that were seen so grows from the edge outwards: the walk is not thrown to sizes that it
    cannot leave.
    """
    seen = np.flatnonzero(visits)
    result: Floats = np.interp(np.arange(len(visits)), seen, np.log(visits[seen]) - aimed[seen])
    return result


def _prior_of_pairs(lefts: int, rights: int) -> Floats:
    """log probability of k pairs before anything is compared, over numbers of people up to the bones + the reach."""
    numbers = np.arange(max(lefts, rights), lefts + rights + REACH)
    k = np.arange(min(lefts, rights) + 1)
    joint = _log_hypergeometric(k, numbers[:, None], lefts, rights) - np.log(numbers + 1.0)[:, None]
    result: Floats = np.logaddexp.reduce(joint, axis=0)
    return result
