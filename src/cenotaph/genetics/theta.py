"""Founder alleles that share one sample of a subdivided population (theta), exactly.

Founder alleles are drawn one by one, P(a | n drawn, n_a of them a) = (n_a θ + (1-θ) p_a) / (1 + (n-1) θ). That is the
urn of a Dirichlet distribution: given allele frequencies q ~ Dirichlet(α p), α = (1-θ)/θ, the draws are independent.
So the likelihood is the mean over q of the ordinary likelihood, which is a polynomial in q, and a Gauss–Jacobi rule of
as many points as its degree needs gives that mean without error. Draws whose allele is known are put into the
parameters first (the Dirichlet is conjugate), so that only uncertain draws count.

Sources: Balding, Nichols (1994) Forensic Sci Int 64:125; Blackwell, MacQueen (1973) Ann Stat 1:353;
Golub, Welsch (1969) Math Comp 23:221.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput, ProblemTooLarge

LARGEST_RULE = 2_000_000
BLOCK = 4096


def dirichlet_rule(
    parameters: NDArray[np.float64], degree: int
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Points and weights that integrate polynomials up to ``degree`` exactly over a Dirichlet distribution.

    Args:
        parameters: shape ``(K,)``, not negative; an allele with parameter 0 never occurs.

    Yields:
        Blocks of points, shape ``(n, K)``, and weights, shape ``(n,)``; all weights sum to one.

    Raises:
        ProblemTooLarge: the rule needs more than 2 million points.

    Cost: (degree // 2 + 1) ** (alleles - 1) points.

    >>> points, weights = next(dirichlet_rule(np.array([1.0, 1.0]), 2))
    >>> round(float(weights @ points[:, 0] ** 2), 12)  # E[q²] of the uniform distribution
    0.333333333333
    """
    active = np.flatnonzero(parameters > 0)
    order = degree // 2 + 1
    total = order ** max(len(active) - 1, 0)
    if total > LARGEST_RULE:
        raise ProblemTooLarge(
            f"theta with {degree} uncertain founder alleles of {len(active)} kinds needs {total} points"
        )
    tail = np.cumsum(parameters[active][::-1])[::-1]
    sticks = [
        _beta_rule(float(parameters[a]), float(rest), order) for a, rest in zip(active[:-1], tail[1:], strict=True)
    ]
    for start in range(0, total, BLOCK):
        number = np.arange(start, min(start + BLOCK, total))
        points, weights = np.zeros((len(number), len(parameters))), np.ones(len(number))
        left = np.ones(len(number))
        for allele, (nodes, node_weights) in zip(active[:-1], sticks, strict=True):
            number, digit = np.divmod(number, order)
            points[:, allele] = left * nodes[digit]
            left = left * (1 - nodes[digit])
            weights *= node_weights[digit]
        points[:, active[-1]] = left
        yield points, weights


def concentration(theta: float) -> float:
    """α = (1 - θ) / θ.

    Raises:
        InvalidInput: theta is not above 0 and below 1.
    """
    if not 0 < theta < 1:
        raise InvalidInput("theta must lie between 0 and 1", found=theta, valid="0 ≤ theta < 1")
    return (1 - theta) / theta


def urn_log_probability(parameters: NDArray[np.float64], counts: NDArray[np.int64]) -> float:
    """Natural log of the probability of one ordered series of draws with these counts.

    >>> round(float(np.exp(urn_log_probability(np.array([1.0, 1.0]), np.array([2, 0])))), 12)
    0.333333333333
    """
    drawn, total = 0, 0.0
    alpha = float(parameters.sum())
    for parameter, count in zip(parameters, counts, strict=True):
        for k in range(int(count)):
            share = parameter + k
            if share == 0:
                return float("-inf")
            total += float(np.log(share / (alpha + drawn)))
            drawn += 1
    return total


def _beta_rule(a: float, b: float, order: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gauss–Jacobi nodes in [0, 1] and weights of the Beta(a, b) distribution, by its recurrence."""
    if order == 1:
        return np.array([a / (a + b)]), np.ones(1)
    k = np.arange(order, dtype=np.float64)
    s = a + b
    diagonal = np.empty(order)
    diagonal[0] = a / s
    later = k[1:]
    diagonal[1:] = 0.5 * (1 + ((a - 1) ** 2 - (b - 1) ** 2) / ((2 * later + s - 2) * (2 * later + s)))
    squares = np.empty(order - 1)
    squares[0] = a * b / (s * s * (s + 1))
    n = later[1:]
    squares[1:] = (
        n * (n + a - 1) * (n + b - 1) * (n + s - 2) / ((2 * n + s - 2) ** 2 * (2 * n + s - 1) * (2 * n + s - 3))
    )
    matrix = np.diag(diagonal) + np.diag(np.sqrt(squares), 1) + np.diag(np.sqrt(squares), -1)
    nodes, vectors = np.linalg.eigh(matrix)
    return np.clip(nodes, 0.0, 1.0), vectors[0] ** 2
