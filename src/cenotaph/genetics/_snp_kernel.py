"""Compiled sums over founder alleles and along chromosomes. Arrays only; called by `cenotaph.genetics.snp_family`."""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

LANES = 16
"""Bones that walk along the genome together."""
STEPS = 4
"""SNPs between two rescalings of single-precision probabilities."""
SCREEN_STEPS = 16
"""SNPs between two logarithms of ratios, each of which is near one."""
LEAST = np.float32(1e-30)
"""What `STEPS` SNPs count for at least, relative to the best: below, single precision ends. Inheritance starts anew."""


@njit(cache=True, parallel=True)
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
    for s in prange(n):
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
                if total[i] < LEAST:
                    total[i] = LEAST
                    for c in range(classes):
                        now[c, i] = LEAST * start[c]
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


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _pairs_of_one(
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    frequency: NDArray[np.float32],
    start: NDArray[np.float32],
    transition: NDArray[np.float32],
    which: NDArray[np.int32],
    same: NDArray[np.float64],
    brothers: NDArray[np.float64],
) -> None:
    """log P(both) of one bone, shape (SNPs, 3), and one block of others, shape (SNPs, 3, LANES)."""
    snps = len(frequency)
    z0, z1 = np.empty(LANES, dtype=np.float32), np.empty(LANES, dtype=np.float32)
    z2, one = np.empty(LANES, dtype=np.float32), np.ones(LANES, dtype=np.float32)
    z0[:], z1[:], z2[:] = start[0], start[1], start[2]
    same[:] = 0.0
    brothers[:] = 0.0
    for s in range(snps):
        p = frequency[s]
        q = np.float32(1.0) - p
        x0, x1, x2 = first[s, 0], first[s, 1], first[s, 2]
        # Given one allele, the other drawn from the population.
        xr, xa = q * x0 + p * x1, q * x1 + p * x2
        alone, w0, w1, w2 = q * xr + p * xa, q * q * x0, np.float32(2.0) * p * q * x1, p * p * x2
        y0, y1, y2, t = second[s, 0], second[s, 1], second[s, 2], transition[which[s]]
        t00, t01, t02, t10, t11, t12, t20, t21, t22 = (
            t[0, 0], t[0, 1], t[0, 2], t[1, 0], t[1, 1], t[1, 2], t[2, 0], t[2, 1], t[2, 2],
        )  # fmt: skip
        # The first step starts in the stationary distribution, which any transition leaves as it is.
        for i in range(LANES):
            yr, ya = q * y0[i] + p * y1[i], q * y1[i] + p * y2[i]
            both = w0 * y0[i] + w1 * y1[i] + w2 * y2[i]
            u0 = z0[i] * t00 + z1[i] * t10 + z2[i] * t20
            u1 = z0[i] * t01 + z1[i] * t11 + z2[i] * t21
            u2 = z0[i] * t02 + z1[i] * t12 + z2[i] * t22
            one[i] *= both
            z0[i] = u0 * alone * (q * yr + p * ya)
            z1[i] = u1 * (q * xr * yr + p * xa * ya)
            z2[i] = u2 * both
        if s % STEPS == STEPS - 1 or s == snps - 1:
            for i in range(LANES):
                total = z0[i] + z1[i] + z2[i]
                if total < LEAST:
                    total, z0[i], z1[i], z2[i] = LEAST, LEAST * start[0], LEAST * start[1], LEAST * start[2]
                same[i] += np.log(max(one[i], LEAST))
                brothers[i] += np.log(total)
                one[i] = np.float32(1.0)
                scale = np.float32(1.0) / total
                z0[i] *= scale
                z1[i] *= scale
                z2[i] *= scale


@njit(cache=True, parallel=True)
def pair_blocks(
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    frequency: NDArray[np.float32],
    start: NDArray[np.float32],
    transition: NDArray[np.float32],
    which: NDArray[np.int32],
    same: NDArray[np.float64],
    brothers: NDArray[np.float64],
) -> None:
    """log P(both) if one person and if full brothers, for each pair of (n, SNPs, 3) and (blocks, SNPs, 3, LANES).

    Classes of *start* and *transition* are 0, 1 and 2 alleles identical by descent; *same* and *brothers* have shape
    (n, blocks, LANES).
    """
    for a in prange(first.shape[0]):
        for b in range(second.shape[0]):
            _pairs_of_one(first[a], second[b], frequency, start, transition, which, same[a, b], brothers[a, b])


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _screen_one(person: NDArray[np.float32], bones: NDArray[np.float32], out: NDArray[np.float64]) -> None:
    """Σ log Σ_g P(g) · ratio of one distribution of genotypes, shape (SNPs, 3), and one block of bones."""
    n = person.shape[0]
    product = np.ones(LANES, dtype=np.float32)
    out[:] = 0.0
    for s in range(n):
        m0, m1, m2 = person[s, 0], person[s, 1], person[s, 2]
        bone0, bone1, bone2 = bones[s, 0], bones[s, 1], bones[s, 2]
        for i in range(LANES):
            product[i] *= m0 * bone0[i] + m1 * bone1[i] + m2 * bone2[i]
        if s % SCREEN_STEPS == SCREEN_STEPS - 1 or s == n - 1:
            for i in range(LANES):
                out[i] += np.log(max(product[i], LEAST))
                product[i] = np.float32(1.0)


@njit(cache=True, parallel=True)
def screen_blocks(people: NDArray[np.float32], bones: NDArray[np.float32], out: NDArray[np.float64]) -> None:
    """log ratio of every bone to every distribution of genotypes as if no two SNPs were linked.

    *people* has shape (people, SNPs, 3), *bones* (blocks, SNPs, 3, LANES), each bone divided by its likelihood as a
    random member of the population; *out* (people, blocks, LANES).
    """
    for block in prange(bones.shape[0]):
        for person in range(people.shape[0]):
            _screen_one(people[person], bones[block], out[person, block])
