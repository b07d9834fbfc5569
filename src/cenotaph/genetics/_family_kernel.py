"""Compiled peeling of many families. Arrays only; called by `cenotaph.genetics.family_table`."""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FATHER, MOTHER = 0, 1


@njit(cache=True)
def _observe(potential: Floats, a: int, b: int, k: int, error: float, background: float) -> None:
    """Multiply by P(recorded genotype | true genotype): 1 − error if it is the true one, plus the background."""
    for i in range(k):
        for j in range(k):
            same = (i == a or j == a) if b < 0 else ((i == a and j == b) or (i == b and j == a))
            potential[i, j] *= background + (1.0 - error if same else 0.0)


@njit(cache=True)
def _through_mutation(child: Floats, male: Floats, female: Floats, k: int, work: Floats, out: Floats) -> None:
    """out[i, j] = sum over p, m of male[i, p] child[p, m] female[j, m]: what the parents see of the child."""
    for i in range(k):
        for m in range(k):
            total = 0.0
            for p in range(k):
                total += male[i, p] * child[p, m]
            work[i, m] = total
    for i in range(k):
        for j in range(k):
            total = 0.0
            for m in range(k):
                total += work[i, m] * female[j, m]
            out[i, j] = total


@njit(cache=True)
def _gametes(parent: Floats, k: int, out: Floats) -> None:
    """out[i] = weight with which the parent transmits allele i."""
    for i in range(k):
        total = 0.0
        for j in range(k):
            total += parent[i, j] + parent[j, i]
        out[i] = 0.5 * total


@njit(cache=True)
def _fold(parent: Floats, k: int, out: Floats) -> None:
    """Unordered weights at a ≤ b."""
    for a in range(k):
        out[a, a] = parent[a, a]
        for b in range(a + 1, k):
            out[a, b] = parent[a, b] + parent[b, a]


@njit(cache=True)
def _pair_products(
    pair_a: int, pair_b: int, seen: Floats, n: int, k: int, transposed: bool, half: Floats, out: Floats
) -> None:
    """out[c, d] = product over n children of the mean of their potential over the couple's four transmissions."""
    for c in range(k):
        for d in range(c, k):
            out[c, d] = 1.0
    for s in range(n):
        for c in range(k):
            if transposed:
                half[c] = 0.25 * (seen[s, c, pair_a] + seen[s, c, pair_b])
            else:
                half[c] = 0.25 * (seen[s, pair_a, c] + seen[s, pair_b, c])
        for c in range(k):
            for d in range(c, k):
                out[c, d] *= half[c] + half[d]


@njit(cache=True)
def _to_parent(
    pivot: Floats,
    mate: Floats,
    seen: Floats,
    n: int,
    k: int,
    pivot_is_mother: bool,
    fold: Floats,
    half: Floats,
    prod: Floats,
) -> None:
    """Multiply the pivot parent's potential by what the mate and the children say."""
    if n == 1:
        _gametes(mate, k, half)
        for i in range(k):
            total = 0.0
            for j in range(k):
                total += (seen[0, j, i] if pivot_is_mother else seen[0, i, j]) * half[j]
            prod[0, i] = total
        for a in range(k):
            for b in range(k):
                pivot[a, b] *= 0.5 * (prod[0, a] + prod[0, b])
        return
    _fold(mate, k, fold)
    for a in range(k):
        for b in range(a, k):
            if pivot[a, b] == 0.0 and pivot[b, a] == 0.0:
                continue
            _pair_products(a, b, seen, n, k, pivot_is_mother, half, prod)
            total = 0.0
            for c in range(k):
                for d in range(c, k):
                    total += fold[c, d] * prod[c, d]
            pivot[a, b] *= total
            if a != b:
                pivot[b, a] *= total


@njit(cache=True)
def _beside_one_sibling(
    father: Floats,
    mother: Floats,
    sibling: Floats,
    k: int,
    f: Floats,
    m: Floats,
    left: Floats,
    right: Floats,
    sent: Floats,
) -> None:
    """What a couple sends to a child beside one other child, in K³ steps.

    With F and M the couple's symmetric weights, f and m their row sums, the child gets allele i of ``i b`` and j of
    ``j d`` with weight ¼ Σ F_ib M_jd (S_ij + S_id + S_bj + S_bd)
    = ¼ (f_i m_j S_ij + f_i (S M)_ij + m_j (F S)_ij + (F S M)_ij).
    """
    for a in range(k):
        for b in range(k):
            f[a, b] = 0.5 * (father[a, b] + father[b, a])
            m[a, b] = 0.5 * (mother[a, b] + mother[b, a])
    for i in range(k):
        for j in range(k):
            with_mother, with_father = 0.0, 0.0
            for x in range(k):
                with_mother += sibling[i, x] * m[x, j]
                with_father += f[i, x] * sibling[x, j]
            right[i, j] = with_mother
            left[i, j] = with_father
    for i in range(k):
        sum_f = 0.0
        for x in range(k):
            sum_f += f[i, x]
        for j in range(k):
            sum_m, both = 0.0, 0.0
            for x in range(k):
                sum_m += m[j, x]
                both += left[i, x] * m[x, j]
            sent[i, j] = 0.25 * (sum_f * sum_m * sibling[i, j] + sum_f * right[i, j] + sum_m * left[i, j] + both)


@njit(cache=True)
def _to_child(
    pivot: Floats,
    father: Floats,
    mother: Floats,
    seen: Floats,
    n: int,
    k: int,
    male: Floats,
    female: Floats,
    fold_f: Floats,
    fold_m: Floats,
    half: Floats,
    prod: Floats,
    work: Floats,
    sent: Floats,
) -> None:
    """Multiply the child's potential by what its parents and its siblings say."""
    if n == 0:
        _gametes(father, k, half)
        _gametes(mother, k, fold_m[0])
        for i in range(k):
            for j in range(k):
                sent[i, j] = half[i] * fold_m[0, j]
    elif n == 1:
        _beside_one_sibling(father, mother, seen[0], k, fold_f, fold_m, prod, work, sent)
    else:
        _fold(father, k, fold_f)
        _fold(mother, k, fold_m)
        sent[:k, :k] = 0.0
        for a in range(k):
            for b in range(a, k):
                weight = fold_f[a, b]
                if weight == 0.0:
                    continue
                _pair_products(a, b, seen, n, k, False, half, prod)
                for c in range(k):
                    half[c] = 0.0
                for c in range(k):
                    for d in range(c, k):
                        x = 0.25 * weight * fold_m[c, d] * prod[c, d]
                        half[c] += x
                        half[d] += x
                for c in range(k):
                    sent[a, c] += half[c]
                    sent[b, c] += half[c]
    # The parents' alleles pass through mutation on their way to the child.
    for i in range(k):
        for q in range(k):
            total = 0.0
            for j in range(k):
                total += sent[i, j] * female[j, q]
            work[i, q] = total
    for p in range(k):
        for q in range(k):
            total = 0.0
            for i in range(k):
                total += male[i, p] * work[i, q]
            pivot[p, q] *= total


@njit(cache=True)
def _rescale(potential: Floats, k: int) -> float:
    """Divide by the largest entry; returns its log, −inf where everything is zero."""
    top = 0.0
    for a in range(k):
        for b in range(k):
            if potential[a, b] > top:
                top = potential[a, b]
    if top == 0.0:
        return -np.inf
    for a in range(k):
        for b in range(k):
            potential[a, b] /= top
    return float(np.log(top))


@njit(cache=True)
def _seen_alleles(genotypes: NDArray[np.int16], k: int, place: Ints) -> int:
    """Number the alleles seen in the family 0…s−1 in *place*, all others s; returns the reduced number of alleles."""
    place[:k] = -1
    s = 0
    for i in range(genotypes.shape[0]):
        for c in range(2):
            a = genotypes[i, c]
            if a >= 0 and place[a] < 0:
                place[a] = s
                s += 1
    if s + 1 >= k:
        for a in range(k):
            place[a] = a
        return k
    for a in range(k):
        if place[a] < 0:
            place[a] = s
    return s + 1


@njit(cache=True)
def _peel_one(
    founder: Ints,
    steps: Ints,
    pivots: Ints,
    children: Ints,
    target: int,
    genotypes: NDArray[np.int16],
    k_full: int,
    p_full: Floats,
    male_full: Floats,
    female_full: Floats,
    lump: bool,
    errors: Floats,
    out: NDArray[np.float32],
) -> float:
    place = np.empty(k_full, dtype=np.int64)
    if lump:
        k = _seen_alleles(genotypes, k_full, place)
    else:
        k = k_full
        for a in range(k_full):
            place[a] = a
    p = np.zeros(k)
    male = np.zeros((k, k))
    female = np.zeros((k, k))
    for a in range(k_full):
        p[place[a]] += p_full[a]
    for a in range(k_full):
        share = p_full[a] / p[place[a]] if p[place[a]] > 0 else 0.0
        for b in range(k_full):
            male[place[a], place[b]] += share * male_full[a, b]
            female[place[a], place[b]] += share * female_full[a, b]

    n = len(founder)
    potential = np.ones((n, k, k))
    for i in range(n):
        if founder[i]:
            for a in range(k):
                for b in range(k):
                    potential[i, a, b] = p[a] * p[b]
        a0, b0 = genotypes[i, 0], genotypes[i, 1]
        if a0 >= 0:
            background = errors[i] / (k_full * (k_full + 1) // 2)
            _observe(potential[i], place[a0], place[b0] if b0 >= 0 else -1, k, errors[i], background)

    most = 1
    for s in range(len(steps)):
        most = max(most, steps[s, 4] - steps[s, 3])
    seen = np.empty((most, k, k))
    fold_f, fold_m = np.empty((k, k)), np.empty((k, k))
    prod, work, sent = np.empty((k, k)), np.empty((k, k)), np.empty((k, k))
    half = np.empty(k)
    loglik = 0.0
    for s in range(len(steps)):
        role, f, m = steps[s, 0], steps[s, 1], steps[s, 2]
        count = steps[s, 4] - steps[s, 3]
        for c in range(count):
            _through_mutation(potential[children[steps[s, 3] + c]], male, female, k, work, seen[c])
        pivot = pivots[s]
        if role == FATHER:
            _to_parent(potential[pivot], potential[m], seen, count, k, False, fold_m, half, prod)
        elif role == MOTHER:
            _to_parent(potential[pivot], potential[f], seen, count, k, True, fold_f, half, prod)
        else:
            _to_child(
                potential[pivot],
                potential[f],
                potential[m],
                seen,
                count,
                k,
                male,
                female,
                fold_f,
                fold_m,
                half,
                prod,
                work,
                sent,
            )
        loglik += _rescale(potential[pivot], k)

    total = 0.0
    for a in range(k):
        for b in range(k):
            total += potential[target, a, b]
    for b in range(k_full):
        for a in range(b + 1):
            x = potential[target, place[a], place[b]] + potential[target, place[b], place[a]]
            # A lumped class gives each of its alleles a share by frequency.
            if a == b:
                x *= 0.5
            x *= p_full[a] / p[place[a]] if p[place[a]] > 0 else 0.0
            x *= p_full[b] / p[place[b]] if p[place[b]] > 0 else 0.0
            out[b * (b + 1) // 2 + a] = x / total if total > 0 else 0.0
    return loglik + np.log(total) if total > 0 else -np.inf


@njit(cache=True, parallel=True)
def peel_families(
    person_start: Ints,
    founder: Ints,
    step_start: Ints,
    steps: Ints,
    pivots: Ints,
    child_start: Ints,
    children: Ints,
    target: Ints,
    population: Ints,
    genotypes: NDArray[np.int16],
    allele_counts: Ints,
    offsets: Ints,
    frequencies: Floats,
    mutation_male: Floats,
    mutation_female: Floats,
    lumpable: NDArray[np.bool_],
    errors: Floats,
    tables: NDArray[np.float32],
    loglik: Floats,
) -> None:
    """Fill *tables* and *loglik*; see `cenotaph.genetics.family_table.family_tables`."""
    markers = len(allele_counts)
    for task in prange(len(target) * markers):
        f, m = task // markers, task % markers
        k, pop = allele_counts[m], population[f]
        p0, p1 = person_start[f], person_start[f + 1]
        s0, s1 = step_start[f], step_start[f + 1]
        loglik[f, m] = _peel_one(
            founder[p0:p1],
            steps[s0:s1],
            pivots[s0:s1],
            children[child_start[f] : child_start[f + 1]],
            target[f],
            genotypes[p0:p1, m],
            k,
            frequencies[pop, m, :k],
            mutation_male[pop, m, :k, :k],
            mutation_female[pop, m, :k, :k],
            lumpable[pop, m],
            errors[p0:p1],
            tables[f, offsets[m] : offsets[m + 1]],
        )
