"""Compiled sums over founder alleles and along chromosomes. Arrays only; called by `cenotaph.genetics.snp_family`."""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

LANES = 16
"""Bones that walk along the genome together."""
STEPS = 4
"""SNPs between two rescalings of single-precision probabilities."""


@njit(cache=True)
def emissions(
    patterns: NDArray[np.int64],
    alleles: NDArray[np.int64],
    frequency: NDArray[np.float64],
    relatives: NDArray[np.float32],
    own: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """P(data of the relatives, genotype of the man | pattern) into *out*, shape (SNPs, patterns, 3).

    *relatives* has shape (SNPs, relatives, 3), *own* shape (SNPs, 3): what is known of the man himself.
    """
    n, kin = relatives.shape[0], relatives.shape[1]
    for s in range(n):
        p = frequency[s]
        for u in range(patterns.shape[0]):
            k = alleles[u]
            total = np.zeros(3)
            for assignment in range(1 << k):
                weight = 1.0
                for a in range(k):
                    weight *= p if assignment >> a & 1 else 1.0 - p
                for i in range(kin):
                    g = (assignment >> patterns[u, i, 0] & 1) + (assignment >> patterns[u, i, 1] & 1)
                    weight *= relatives[s, i, g]
                total[(assignment >> patterns[u, kin, 0] & 1) + (assignment >> patterns[u, kin, 1] & 1)] += weight
            for g in range(3):
                out[s, u, g] = total[g] * own[s, g]


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _walk(
    emission: NDArray[np.float32],
    pattern_of: NDArray[np.int64],
    start: NDArray[np.float32],
    transition: NDArray[np.float32],
    which: NDArray[np.int32],
    bones: NDArray[np.float32],
    out: NDArray[np.float64],
) -> None:
    """log P(relatives, bones) of one block of bones, shape (SNPs, 3, LANES), by the forward algorithm."""
    n, patterns = emission.shape[0], emission.shape[1]
    classes = len(start)
    now = np.empty((classes, LANES), dtype=np.float32)
    after = np.empty((classes, LANES), dtype=np.float32)
    seen = np.empty((patterns, LANES), dtype=np.float32)
    total = np.empty(LANES, dtype=np.float32)
    out[:] = 0.0
    for c in range(classes):
        now[c, :] = start[c]
    for s in range(n):
        bone0, bone1, bone2 = bones[s, 0], bones[s, 1], bones[s, 2]
        for u in range(patterns):
            e0, e1, e2 = emission[s, u, 0], emission[s, u, 1], emission[s, u, 2]
            row = seen[u]
            for i in range(LANES):
                row[i] = e0 * bone0[i] + e1 * bone1[i] + e2 * bone2[i]
        # The first step starts in the stationary distribution, which any transition leaves as it is.
        step = transition[which[s]]
        for c in range(classes):
            row, source, q = after[c], now[0], step[0, c]
            for i in range(LANES):
                row[i] = q * source[i]
            for b in range(1, classes):
                source, q = now[b], step[b, c]
                for i in range(LANES):
                    row[i] += q * source[i]
        for c in range(classes):
            row, source, target = seen[pattern_of[c]], after[c], now[c]
            for i in range(LANES):
                target[i] = source[i] * row[i]
        if s % STEPS == STEPS - 1 or s == n - 1:
            total[:] = np.float32(0.0)
            for c in range(classes):
                source = now[c]
                for i in range(LANES):
                    total[i] += source[i]
            for i in range(LANES):
                out[i] += np.log(total[i])
                total[i] = np.float32(1.0) / total[i]
            for c in range(classes):
                target = now[c]
                for i in range(LANES):
                    target[i] *= total[i]


@njit(cache=True, parallel=True)
def walk_blocks(
    emission: NDArray[np.float32],
    pattern_of: NDArray[np.int64],
    start: NDArray[np.float32],
    transition: NDArray[np.float32],
    which: NDArray[np.int32],
    bones: NDArray[np.float32],
    out: NDArray[np.float64],
) -> None:
    """log P(relatives, bone) of every bone: *bones* has shape (blocks, SNPs, 3, LANES), *out* (blocks, LANES)."""
    for block in prange(bones.shape[0]):
        _walk(emission, pattern_of, start, transition, which, bones[block], out[block])


@njit(cache=True, parallel=True)
def pair_logliks(
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    frequency: NDArray[np.float32],
    start: NDArray[np.float32],
    transition: NDArray[np.float32],
    which: NDArray[np.int32],
    same: NDArray[np.float64],
    brothers: NDArray[np.float64],
) -> None:
    """log P(both) if one person and if full brothers, for each pair of (n, SNPs, 3) and (m, SNPs, 3).

    Classes of *start* and *transition* are 0, 1 and 2 alleles identical by descent.
    """
    snps = len(frequency)
    for a in prange(first.shape[0]):
        for b in range(second.shape[0]):
            z0, z1, z2 = start[0], start[1], start[2]
            one = np.float32(1.0)
            log_one, log_sibs = 0.0, 0.0
            for s in range(snps):
                p = frequency[s]
                q = np.float32(1.0) - p
                x0, x1, x2 = first[a, s, 0], first[a, s, 1], first[a, s, 2]
                y0, y1, y2 = second[b, s, 0], second[b, s, 1], second[b, s, 2]
                # Given one allele each, the other drawn from the population.
                xr, xa, yr, ya = q * x0 + p * x1, q * x1 + p * x2, q * y0 + p * y1, q * y1 + p * y2
                both = q * q * x0 * y0 + np.float32(2.0) * p * q * x1 * y1 + p * p * x2 * y2
                if s > 0:
                    t = transition[which[s]]
                    u0 = z0 * t[0, 0] + z1 * t[1, 0] + z2 * t[2, 0]
                    u1 = z0 * t[0, 1] + z1 * t[1, 1] + z2 * t[2, 1]
                    u2 = z0 * t[0, 2] + z1 * t[1, 2] + z2 * t[2, 2]
                    z0, z1, z2 = u0, u1, u2
                one *= both
                z0 *= (q * xr + p * xa) * (q * yr + p * ya)
                z1 *= q * xr * yr + p * xa * ya
                z2 *= both
                if s % STEPS == STEPS - 1 or s == snps - 1:
                    log_one += np.log(one)
                    one = np.float32(1.0)
                    total = z0 + z1 + z2
                    log_sibs += np.log(total)
                    z0, z1, z2 = z0 / total, z1 / total, z2 / total
            same[a, b] = log_one
            brothers[a, b] = log_sibs
