"""What reads of a SNP say of the genotype: base error, damage of old DNA, contamination.

    P(read is ALT | g) = (1 − c) [g/2 · P(ALT | ALT) + (1 − g/2) · P(ALT | REF)] + c · f

with contamination c by people whose frequency of ALT is f. Cytosines of old DNA read as thymines, and guanines as
adenines on the other strand: where one allele turns into the other in this way, damage adds to the error. Without
positions in reads one rate is used for all reads (position-free); with them `damage_at` gives each read its own.

A read of a library of single strands is one strand of the old DNA as it was: cytosines of forward reads turn into
thymines, and the guanines that reverse reads show as adenines were cytosines of the other strand. So at C and T
reverse reads are *spared*, at G and A forward reads, and they tell the allele from damage.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]

ERRORS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08)
DAMAGES = (0.0, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3)
CONTAMINATIONS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35)
PRIOR_WEIGHTS = (0.01, 0.01, 0.03)
"""Scale at which error, damage and contamination become a priori unlikely (exponential): what the reads do not tell is
taken to be small."""
FREQUENCY_BINS = 20
MOST_COUNTED = 12
"""Reads of one allele beyond which a SNP is left out of the estimate."""

DAMAGED = {("C", "T"), ("G", "A")}
DOUBLE, SINGLE = "double", "single"
"""Libraries of double and of single strands."""


@dataclass(frozen=True, slots=True)
class ReadErrors:
    """How reads of one sample go wrong.

    Args:
        error: a base is read as the other allele.
        damage: in addition where C reads as T or G as A.
        contamination: share of reads that are of other people.
    """

    error: float
    damage: float
    contamination: float


def damage_kinds(reference: NDArray[np.str_], alternative: NDArray[np.str_]) -> Ints:
    """0 where damage does not turn one allele into the other, 1 where REF turns into ALT, 2 where ALT turns into REF.

    >>> damage_kinds(np.array(["C", "A", "A"]), np.array(["T", "G", "C"])).tolist()
    [1, 2, 0]
    """
    return np.array(
        [
            1 if (r, a) in DAMAGED else 2 if (a, r) in DAMAGED else 0
            for r, a in zip(reference.tolist(), alternative.tolist(), strict=True)
        ],
        dtype=np.int64,
    )


def alt_probability(errors: ReadErrors, kind: Ints, frequency: Floats) -> Floats:
    """P(a read is ALT | 0, 1, 2 ALT alleles), shape (n, 3).

    >>> alt_probability(ReadErrors(0.01, 0.1, 0.0), np.array([1]), np.array([0.5])).round(3).tolist()
    [[0.11, 0.55, 0.99]]
    """
    up = errors.error + errors.damage * (kind == 1)
    down = errors.error + errors.damage * (kind == 2)
    c, g = errors.contamination, np.arange(3) / 2
    own = g * (1 - down[:, None]) + (1 - g) * up[:, None]
    result: Floats = (1 - c) * own + c * frequency[:, None]
    return result


def read_loglik(
    reads: NDArray[np.uint8],
    errors: ReadErrors,
    kind: Ints,
    frequency: Floats,
    spared: NDArray[np.uint8] | None = None,
) -> Floats:
    """log P(reads | genotype), shape (n, 3), up to the binomial factor.

    Args:
        reads: shape (n, 2), of REF and ALT.
        errors: of the sample.
        kind: shape (n,), of `damage_kinds`.
        frequency: shape (n,), of ALT among people whose DNA contaminates.
        spared: shape (n, 2), those of *reads* that damage cannot strike; None for none of them.

    Where C turns into T, three reads of T tell less of the allele T than three that were spared:

    >>> reads, errors = np.array([[0, 3]], dtype=np.uint8), ReadErrors(0.01, 0.1, 0.0)
    >>> by_all, by_spared = (read_loglik(reads, errors, np.ones(1, int), np.ones(1), s)[0] for s in (None, reads))
    >>> bool(by_all[2] - by_all[0] < by_spared[2] - by_spared[0])
    True
    """
    if spared is not None:
        struck = read_loglik(reads - spared, errors, kind, frequency)
        return struck + read_loglik(spared, replace(errors, damage=0.0), kind, frequency)
    p = alt_probability(errors, kind, frequency)
    result: Floats = reads[:, 1:].astype(np.float64) * np.log(p) + reads[:, :1].astype(np.float64) * np.log1p(-p)
    return result


def call_likelihood(called: NDArray[np.int8], error: float) -> Floats:
    """P(call | genotype), shape (n, 3); ones where nothing was called.

    >>> call_likelihood(np.array([2, -1], dtype=np.int8), 0.01).round(3).tolist()
    [[0.005, 0.005, 0.99], [1.0, 1.0, 1.0]]
    """
    result: Floats = np.where(called[:, None] == np.arange(3), 1 - error, error / 2).astype(np.float64)
    result[called < 0] = 1.0
    return result


def damage_at(
    from_start: Ints, from_end: Ints, first: float, decay: float, floor: float, *, is_single_stranded: bool
) -> tuple[Floats, Floats]:
    """Position-aware damage of reads: P(C reads as T) and P(G reads as A).

    δ(z) = first · exp(−z / decay) + floor. Libraries of double strands show C→T from the start of a read and G→A from
    its end; libraries of single strands show C→T from both ends and no G→A (a read of the other strand is to be turned
    before: its transitions cannot be told from true ones by their direction alone).

    Args:
        from_start, from_end: bases between this one and the 5′ and the 3′ end.

    >>> c_to_t, g_to_a = damage_at(np.array([0]), np.array([40]), 0.3, 3.0, 0.01, is_single_stranded=False)
    >>> round(float(c_to_t[0]), 2), round(float(g_to_a[0]), 2)
    (0.31, 0.01)

    Source: Briggs et al. (2007) PNAS 104:14616, for the shape.
    """
    if decay <= 0 or not 0 <= first + floor <= 1:
        raise InvalidInput("damage", found=(first, decay, floor), valid="rates that add up to 1 at most, decay over 0")
    start = first * np.exp(-from_start / decay) + floor
    end = first * np.exp(-from_end / decay) + floor
    if is_single_stranded:
        return np.maximum(start, end), np.zeros_like(start)
    return start, end


def positioned_loglik(
    is_alt: NDArray[np.bool_], kind: int, error: float, c_to_t: Floats, g_to_a: Floats, reference: str
) -> Floats:
    """log P(reads of one SNP | genotype), shape (3,), each read with its own damage.

    Args:
        is_alt: shape (reads,).
        kind: of `damage_kinds`.
        c_to_t, g_to_a: shape (reads,), of `damage_at`.
        reference: the REF base, which says which of the two kinds of damage may strike.

    >>> zero = np.zeros(1)
    >>> np.exp(positioned_loglik(np.array([True]), 1, 0.01, zero, zero, "C")).round(3).tolist()
    [0.01, 0.5, 0.99]
    """
    damaged = reference if kind == 1 else {"T": "C", "A": "G"}.get(reference, "")
    rate = c_to_t if damaged == "C" else g_to_a
    up, down = error + rate * (kind == 1), error + rate * (kind == 2)
    total = np.zeros(3)
    for g in range(3):
        p = g / 2 * (1 - down) + (1 - g / 2) * up
        total[g] = np.log(np.where(is_alt, p, 1 - p)).sum()
    return total


def estimated_errors(
    reads: NDArray[np.uint8], kind: Ints, frequency: Floats, spared: NDArray[np.uint8] | None = None
) -> ReadErrors:
    """Error, damage and contamination of one sample: the most probable values on a grid.

    The genotypes are summed over in Hardy–Weinberg proportions, SNPs are gathered by counts, frequency and kind.
    About one read a SNP says little of any of them; then they stay at what is usual.

    Args:
        reads, spared: shape (n, 2), see `read_loglik`.
    """
    counted = (reads.max(axis=1) <= MOST_COUNTED) & (reads.sum(axis=1) > 0)
    of_bin = np.minimum((frequency[counted] * FREQUENCY_BINS).astype(np.int64), FREQUENCY_BINS - 1)
    strands = [reads[counted]] if spared is None else [reads[counted], spared[counted]]
    cells, number = np.unique(np.column_stack([of_bin, kind[counted], *strands]), axis=0, return_counts=True)
    if not len(cells):
        return ReadErrors(ERRORS[2], DAMAGES[0], CONTAMINATIONS[0])
    p = (cells[:, 0] + 0.5) / FREQUENCY_BINS
    prior = np.stack([(1 - p) ** 2, 2 * p * (1 - p), p**2], axis=1)
    of_cell = cells[:, 2:4], None if spared is None else cells[:, 4:6]

    def loglik(values: tuple[float, ...]) -> float:
        seen = np.exp(read_loglik(of_cell[0], ReadErrors(*values), cells[:, 1], p, of_cell[1]))
        penalty = sum(v / w for v, w in zip(values, PRIOR_WEIGHTS, strict=True))
        return float(number @ np.log((seen * prior).sum(axis=1))) - penalty

    best: tuple[float, ...] = (ERRORS[2], DAMAGES[0], CONTAMINATIONS[0])
    for _ in range(3):
        before = best
        for k, grid in enumerate((ERRORS, DAMAGES, CONTAMINATIONS)):
            best = max(((*best[:k], x, *best[k + 1 :]) for x in grid), key=loglik)
        if best == before:
            break
    return ReadErrors(*best)


def read_likelihood(
    reads: NDArray[np.uint8], kind: Ints, frequency: Floats, spared: NDArray[np.uint8] | None = None
) -> tuple[Floats, ReadErrors]:
    """P(reads | genotype) of one sample, shape (n, 3), scaled to a maximum of one, by the errors that its reads show.

    Args:
        reads, spared: shape (n, 2), see `read_loglik`.

    >>> reads = np.tile(np.array([[3, 0]], dtype=np.uint8), (50, 1))
    >>> likelihood, errors = read_likelihood(reads, np.zeros(50, dtype=np.int64), np.full(50, 0.2))
    >>> likelihood[0].round(3).tolist(), errors.damage
    ([1.0, 0.125, 0.0], 0.0)
    """
    errors = estimated_errors(reads, kind, frequency, spared)
    loglik = read_loglik(reads, errors, kind, frequency, spared)
    return np.exp(loglik - loglik.max(axis=1, keepdims=True)), errors


def sample_likelihood(likelihood: Floats, snp_error: float) -> Singles:
    """A sample as the line takes it: scaled to a maximum of one, and now and then a SNP says nothing of its genotype.

    >>> sample_likelihood(np.array([[0.5, 0.25, 0.0]]), 0.5).tolist()
    [[1.0, 0.75, 0.5]]
    """
    scaled = likelihood / likelihood.max(axis=1, keepdims=True)
    result: Singles = ((1 - snp_error) * scaled + snp_error).astype(np.float32)
    return result


CERTAIN_PHRED = 20
CERTAIN_ERROR = 0.01
"""Of a read, where genotypes are told by reads alone."""
SNPS_AT_ONCE = 512


def confident_calls(reads: NDArray[np.uint8], called: NDArray[np.int8], phred: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Genotypes where the data leave little doubt, −1 elsewhere: the call, otherwise what the stated likelihoods or the
    reads make `CERTAIN_PHRED` likelier than the second best.

    Args:
        reads: shape (SNPs, samples, 2).
        called: shape (SNPs, samples), −1 for none.
        phred: shape (SNPs, samples, 3), or of size 0.

    >>> reads = np.array([[[6, 6], [12, 0], [9, 1], [1, 1]]], dtype=np.uint8)
    >>> confident_calls(reads, np.full((1, 4), -1, dtype=np.int8), np.zeros(0, dtype=np.uint8)).tolist()
    [[1, 0, -1, -1]]
    """
    wrong, right, half = (-10 * np.log10([CERTAIN_ERROR, 1 - CERTAIN_ERROR, 0.5])).astype(np.float32)
    result = called.copy()
    for first in range(0, len(result), SNPS_AT_ONCE):
        part = slice(first, first + SNPS_AT_ONCE)
        if phred.size:
            _fill(result[part], phred[part])
        ref, alt = reads[part, :, 0].astype(np.float32), reads[part, :, 1].astype(np.float32)
        by_reads = np.stack([right * ref + wrong * alt, half * (ref + alt), wrong * ref + right * alt], axis=2)
        _fill(result[part], by_reads)
    return result


def _fill(called: NDArray[np.int8], phred: NDArray[Any]) -> None:
    """Genotypes that are not yet called and whose second best is far behind."""
    ordered = np.sort(phred, axis=2)
    sure = (called < 0) & (ordered[:, :, 1] - ordered[:, :, 0] >= CERTAIN_PHRED)
    called[sure] = phred.argmin(axis=2)[sure]
