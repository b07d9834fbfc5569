"""Mutation matrices: row i holds the probabilities that allele i of a parent arrives in the child as each allele.

Models as named by the open kinship programs (Familias, pedmut). ``rate`` is the probability of a mutation in one
transmission; ``frequencies`` are those of the alleles in the order of the matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput

ROW_SUM_TOLERANCE = 1e-6
LUMPING_TOLERANCE = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class Mutation:
    """Matrices for transmissions from a mother (female) and from a father (male), shape ``(n, n)`` each.

    Raises:
        InvalidInput: a matrix is not square, has a negative entry or a row that does not sum to one.
    """

    female: NDArray[np.float64]
    male: NDArray[np.float64]

    def __post_init__(self) -> None:
        for name in ("female", "male"):
            matrix = np.array(getattr(self, name), dtype=np.float64)
            if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.shape != self.female.shape:
                raise InvalidInput("a mutation matrix must be square, one row for each allele", found=matrix.shape)
            if np.any(matrix < 0) or np.any(np.abs(matrix.sum(axis=1) - 1) > ROW_SUM_TOLERANCE):
                raise InvalidInput("rows of a mutation matrix must be probabilities that sum to one", where=name)
            object.__setattr__(self, name, matrix)


def equal(size: int, rate: float) -> NDArray[np.float64]:
    """Every other allele is equally likely: M_ij = rate / (n - 1).

    >>> equal(3, 0.1)[0].round(3).tolist()
    [0.9, 0.05, 0.05]
    """
    if size < 2:
        return np.ones((size, size))
    return _filled(np.full((size, size), rate / (size - 1)))


def proportional(frequencies: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """A mutant is drawn from the population: M_ij = a p_j, a = rate / sum p_k (1 - p_k). Stationary.

    >>> proportional(np.array([0.5, 0.5]), 0.1).tolist()
    [[0.9, 0.1], [0.1, 0.9]]
    """
    spread = float(np.sum(frequencies * (1 - frequencies)))
    if spread == 0:
        return np.eye(len(frequencies))
    return _filled(np.tile(rate / spread * frequencies, (len(frequencies), 1)))


def stepwise(
    alleles: tuple[str, ...], rate: float, *, rate2: float = 0.0, step_range: float = 0.1
) -> NDArray[np.float64]:
    """Mutations by whole repeats get rarer by ``step_range`` per repeat; ``rate2`` changes the fraction (x.1, x.3).

    Within a group of alleles of one fraction M_ij is proportional to range^|x_i - x_j| and sums to ``rate``; all
    alleles of other groups share ``rate2`` equally.

    Raises:
        InvalidInput: an allele is not a number.

    Source: Egeland, Kling, Mostad (2015), Relationship Inference with Familias and R, 2.3.

    >>> stepwise(("8", "9", "10"), 0.1)[0].round(4).tolist()
    [0.9, 0.0909, 0.0091]
    """
    repeats = _repeats(alleles)
    group = np.round(10 * repeats).astype(np.int64) % 10
    same = group[:, None] == group[None, :]
    weight = np.where(same, float(step_range) ** np.abs(repeats[:, None] - repeats[None, :]), 0.0)
    np.fill_diagonal(weight, 0.0)
    inside = weight.sum(axis=1, keepdims=True)
    matrix = rate * np.divide(weight, inside, out=np.zeros_like(weight), where=inside > 0)
    others = (~same).sum(axis=1, keepdims=True)
    matrix += np.divide(rate2 * ~same, others, out=np.zeros_like(matrix), where=others > 0)
    return _filled(matrix)


def onestep(alleles: tuple[str, ...], rate: float) -> NDArray[np.float64]:
    """Mutations go to the neighbours one repeat away, in equal shares; an allele without neighbours never mutates.

    >>> onestep(("8", "9", "10"), 0.1)[1].tolist()
    [0.05, 0.9, 0.05]
    """
    repeats = _repeats(alleles)
    neighbour = np.isclose(np.abs(repeats[:, None] - repeats[None, :]), 1.0)
    count = neighbour.sum(axis=1, keepdims=True)
    matrix = np.divide(rate * neighbour, count, out=np.zeros(neighbour.shape), where=count > 0)
    return _filled(matrix)


def dawid(frequencies: NDArray[np.float64], rate: float, *, step_range: float = 0.1) -> NDArray[np.float64]:
    """Stationary and reversible stepwise model over the index of the alleles.

    M_ij = (rate / p_i) (1 - q) q^|i-j| / (2 q (n - A)), A = (1 - q^n) / (1 - q), q = ``step_range``.

    Raises:
        InvalidInput: the rate is too high for the rarest allele.

    Source: Dawid, Mortera, Vicard (2007), Forensic Sci Int 169:189.
    """
    n, q = len(frequencies), step_range
    steps = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    total = (1 - q**n) / (1 - q)
    matrix = rate / frequencies[:, None] * (1 - q) * q**steps / (2 * q * (n - total))
    np.fill_diagonal(matrix, 0.0)
    if np.any(matrix.sum(axis=1) > 1):
        raise InvalidInput("the mutation rate is too high for this model and these frequencies", found=rate)
    return _filled(matrix)


def metropolis_hastings(matrix: NDArray[np.float64], frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Reversible version ("MH"): M_ij min(1, p_j M_ji / (p_i M_ij)), rescaled to the overall rate of ``matrix``."""
    flow = frequencies[:, None] * matrix
    return _rescaled(np.minimum(flow, flow.T) / frequencies[:, None], matrix, frequencies)


def barker(matrix: NDArray[np.float64], frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Reversible version ("BA"): M_ij p_j M_ji / (p_i M_ij + p_j M_ji), rescaled to the overall rate."""
    flow = frequencies[:, None] * matrix
    both = flow + flow.T
    share = np.divide(flow.T, both, out=np.zeros_like(flow), where=both > 0)
    return _rescaled(matrix * share, matrix, frequencies)


def averaged(matrix: NDArray[np.float64], frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Reversible version ("PR"): (p_i M_ij + p_j M_ji) / (2 p_i)."""
    flow = frequencies[:, None] * matrix
    return _filled((flow + flow.T) / (2 * frequencies[:, None]))


def stationary_scaled(matrix: NDArray[np.float64], frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Stationary version ("PM"): d_i (M - I)_ij + I with d_i = R v_i / ((1 - sum v M_ii) p_i), v = v M.

    R is the overall rate of ``matrix`` under ``frequencies``.
    """
    n = len(matrix)
    equations = np.vstack([matrix.T - np.eye(n), np.ones(n)])
    stationary = np.linalg.lstsq(equations, np.append(np.zeros(n), 1.0), rcond=None)[0]
    rate = overall_rate(matrix, frequencies)
    scale = rate * stationary / ((1 - float(stationary @ np.diag(matrix))) * frequencies)
    scaled: NDArray[np.float64] = scale[:, None] * (matrix - np.eye(n)) + np.eye(n)
    return scaled


TRANSFORMS: dict[str, Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]] = {
    "MH": metropolis_hastings,
    "BA": barker,
    "PR": averaged,
    "PM": stationary_scaled,
}


def overall_rate(matrix: NDArray[np.float64], frequencies: NDArray[np.float64]) -> float:
    """Probability that a random allele mutates: sum p_i (1 - M_ii)."""
    return float(np.sum(frequencies * (1 - np.diag(matrix))))


def is_stationary(matrix: NDArray[np.float64], frequencies: NDArray[np.float64]) -> bool:
    """Whether the population frequencies stay as they are: p M = p."""
    return bool(np.allclose(frequencies @ matrix, frequencies, rtol=0, atol=1e-12))


def is_lumpable(matrix: NDArray[np.float64], classes: NDArray[np.int64]) -> bool:
    """Whether classes of alleles form a chain of their own: alleles of one class lead to each class equally often.

    Source: Kemeny, Snell (1976), Finite Markov Chains, theorem 6.3.2.
    """
    into = matrix @ np.eye(int(classes.max()) + 1)[classes]
    return all(np.ptp(into[classes == c], axis=0).max() <= LUMPING_TOLERANCE for c in np.unique(classes))


def _repeats(alleles: tuple[str, ...]) -> NDArray[np.float64]:
    try:
        return np.array([float(a) for a in alleles])
    except ValueError:
        raise InvalidInput("this mutation model needs alleles that are numbers", found=", ".join(alleles)) from None


def _filled(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    np.fill_diagonal(matrix, 0.0)
    np.fill_diagonal(matrix, 1.0 - matrix.sum(axis=1))
    return matrix


def _rescaled(
    changed: NDArray[np.float64], original: NDArray[np.float64], frequencies: NDArray[np.float64]
) -> NDArray[np.float64]:
    changed = _filled(changed.copy())
    factor = overall_rate(original, frequencies) / overall_rate(changed, frequencies)
    return _filled(changed * factor)
