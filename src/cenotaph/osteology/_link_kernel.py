"""Compiled density of every union of two sets; `cenotaph.osteology.resemblance` says what it computes."""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True, parallel=True, fastmath={"reassoc", "contract", "arcp", "nsz"})
def union_densities(
    start_a: Ints, code_a: Ints, count_a: Floats, total_a: Floats, square_a: Floats,
    start_b: Ints, code_b: Ints, count_b: Floats, total_b: Floats, square_b: Floats,
    element: Ints, loadings: Floats, products: Floats, shared2: Floats, bone: Floats, noise2: Floats,
    log_noise2: Floats, shift: Floats, variance: Floats, constant: Floats, df: float, out: Floats,
) -> None:  # fmt: skip
    """Log density of the union of each set of *a* with each of *b* in each population.

    Sets are rows of a sparse layout: entries ``start[i]:start[i+1]``, in the order of the codes, which stand element by
    element. *products* holds the lower triangles of ``loadings·loadingsᵀ`` row by row, *shift* and *variance* the mean
    and the factor of the scale matrix of each population, *constant* the normalising constant by number of values.
    """
    k, populations, packed = loadings.shape[1], shift.shape[0], products.shape[1]
    for i in prange(start_a.size - 1):
        information, linear = np.empty(packed), np.empty((populations, k))
        own, cross, pull = np.empty((3, 3)), np.empty((3, k)), np.empty((populations, 3))
        n, t, quadratic = np.empty(3), np.empty(3), np.empty(populations)
        for j in range(start_b.size - 1):
            information[:] = 0.0
            for p in range(k):
                information[p * (p + 1) // 2 + p] = 1.0
            linear[:] = 0.0
            quadratic[:] = 0.0
            log_determinant, product, dimension = 0.0, 1.0, 0
            open_element = -1
            x, y = start_a[i], start_b[j]
            end_x, end_y = start_a[i + 1], start_b[j + 1]
            while x < end_x or y < end_y:
                take_a = y >= end_y or (x < end_x and code_a[x] <= code_b[y])
                take_b = x >= end_x or (y < end_y and code_b[y] <= code_a[x])
                c = code_a[x] if take_a else code_b[y]
                square = 0.0
                n[:] = 0.0
                t[:] = 0.0
                if take_a:
                    square += square_a[x]
                    for s in range(3):
                        n[s] += count_a[x, s]
                        t[s] += total_a[x, s]
                    x += 1
                if take_b:
                    square += square_b[y]
                    for s in range(3):
                        n[s] += count_b[y, s]
                        t[s] += total_b[y, s]
                    y += 1
                many, total = n[0] + n[1] + n[2], t[0] + t[1] + t[2]
                both = noise2[c] + many * shared2[c]
                over_noise, over_both = 1.0 / noise2[c], 1.0 / both
                keep = shared2[c] * over_both
                weight = many * over_both
                for q in range(packed):
                    information[q] += weight * products[c, q]
                for o in range(populations):
                    lag = shift[o, c]
                    there = total - many * lag
                    mean = there * over_both
                    for q in range(k):
                        linear[o, q] += mean * loadings[c, q]
                    about = square - lag * (2.0 * total - many * lag)
                    quadratic[o] += over_noise * (about - there * there * keep)
                log_determinant += many * log_noise2[c]
                product *= both * over_noise
                dimension += int(many)
                if bone[c] != 0.0:
                    if element[c] != open_element:
                        if open_element >= 0:
                            product *= _eliminate(own, cross, pull, information, linear, quadratic)
                        open_element = element[c]
                        own[:] = 0.0
                        cross[:] = 0.0
                        pull[:] = 0.0
                        for s in range(3):
                            own[s, s] = 1.0
                    strength = bone[c] * bone[c] * over_noise
                    for s in range(3):
                        if n[s] == 0.0:
                            continue
                        own[s, s] += n[s] * strength
                        for r in range(3):
                            own[s, r] -= n[s] * n[r] * keep * strength
                        for p in range(k):
                            cross[s, p] += n[s] * bone[c] * over_both * loadings[c, p]
                        for o in range(populations):
                            lag = shift[o, c]
                            there = t[s] - n[s] * lag - n[s] * keep * (total - many * lag)
                            pull[o, s] += there * bone[c] * over_noise
                if product > 1e200:
                    log_determinant += np.log(product)
                    product = 1.0
            if open_element >= 0:
                product *= _eliminate(own, cross, pull, information, linear, quadratic)
            log_determinant += np.log(product) + np.log(_solve(information, linear, quadratic))
            for o in range(populations):
                distance = max(quadratic[o], 0.0) / variance[o]
                tail = (df + dimension) * np.log1p(distance / df)
                spread = log_determinant + dimension * np.log(variance[o])
                out[i, j, o] = constant[dimension] - 0.5 * (spread + tail)


@njit(cache=True, fastmath={"reassoc", "contract", "arcp", "nsz"})
def _eliminate(
    own: Floats, cross: Floats, pull: Floats, information: Floats, linear: Floats, quadratic: Floats
) -> float:
    """Integrates the part of one bone out, side by side; the determinant of its information.

    Gauss' elimination without pivots, as the matrix is positive definite.
    """
    k = cross.shape[1]
    determinant = 1.0
    for s in range(3):
        pivot = own[s, s]
        if pivot == 1.0:
            continue
        determinant *= pivot
        for r in range(s + 1, 3):
            ratio = own[s, r] / pivot
            if ratio != 0.0:
                for q in range(s + 1, 3):
                    own[r, q] -= ratio * own[s, q]
                for p in range(k):
                    cross[r, p] -= ratio * cross[s, p]
                for o in range(pull.shape[0]):
                    pull[o, r] -= ratio * pull[o, s]
        for o in range(pull.shape[0]):
            quadratic[o] -= pull[o, s] * pull[o, s] / pivot
        at = 0
        for p in range(k):
            ratio = cross[s, p] / pivot
            for o in range(pull.shape[0]):
                linear[o, p] -= ratio * pull[o, s]
            for r in range(p + 1):
                information[at] -= ratio * cross[s, r]
                at += 1
    return determinant


@njit(cache=True, fastmath={"reassoc", "contract", "arcp", "nsz"})
def _solve(information: Floats, linear: Floats, quadratic: Floats) -> float:
    """Takes ``linearᵀ information⁻¹ linear`` from the distance; the determinant. Cholesky on the packed triangle."""
    populations, k = linear.shape
    determinant = 1.0
    for p in range(k):
        row = p * (p + 1) // 2
        pivot = information[row + p]
        for r in range(p):
            at = r * (r + 1) // 2
            entry = information[row + r]
            for q in range(r):
                entry -= information[row + q] * information[at + q]
            entry *= information[at + r]
            information[row + r] = entry
            pivot -= entry * entry
        determinant *= pivot
        inverse = 1.0 / np.sqrt(pivot)
        information[row + p] = inverse
        for o in range(populations):
            value = linear[o, p]
            for q in range(p):
                value -= information[row + q] * linear[o, q]
            value *= inverse
            linear[o, p] = value
            quadratic[o] -= value * value
    return determinant
