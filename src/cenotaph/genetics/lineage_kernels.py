"""Compiled inner loops of the lineage sciences. Imported only where they run, because numba is slow to import."""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

MATCH, DELETION, INSERTION = 0, 1, 2

SUBSTITUTION_COST = 10
HETEROPLASMY_COST = 1
GAP_OPEN = 17
GAP_EXTEND = 1
NEVER = 1_000_000


@njit(cache=True)
def align(
    reference: NDArray[np.uint8],
    sequence: NDArray[np.uint8],
    deletion_cost: NDArray[np.int64],
    insertion_cost: NDArray[np.int64],
    insertion_bases: NDArray[np.uint8],
) -> NDArray[np.uint8]:
    """Cheapest global alignment of IUPAC masks; on ties the gaps stand as far to the 3' end as they can.

    Gaps cost ``GAP_OPEN`` for the first base and ``GAP_EXTEND`` for each further one (Gotoh), or base by base the
    given costs of the tract they lie in (``NEVER`` outside tracts). Nothing is inserted before the first base.

    Args:
        reference: shape (n,); sequence: shape (m,).
        deletion_cost: (n,) of deleting that reference base within its tract.
        insertion_cost, insertion_bases: (n + 1,) for inserting before reference base i, and which bases may be.

    Returns:
        Operations from the first base to the last: ``MATCH`` (or substitution), ``DELETION``, ``INSERTION``.
    """
    n, m = reference.shape[0], sequence.shape[0]
    best = np.full((n + 1, m + 1), NEVER, np.int64)
    deleting = np.full((n + 1, m + 1), NEVER, np.int64)
    inserting = np.full((n + 1, m + 1), NEVER, np.int64)
    best[0, 0] = 0
    for i in range(n + 1):
        for j in range(m + 1):
            if i == 0 and j == 0:
                continue
            least = NEVER
            if i > 0:
                deleting[i, j] = min(best[i - 1, j] + GAP_OPEN, deleting[i - 1, j] + GAP_EXTEND)
                least = min(least, deleting[i, j], best[i - 1, j] + deletion_cost[i - 1])
            if i > 0 and j > 0:
                inserting[i, j] = min(best[i, j - 1] + GAP_OPEN, inserting[i, j - 1] + GAP_EXTEND)
                least = min(least, inserting[i, j])
                if sequence[j - 1] & ~insertion_bases[i] == 0:
                    least = min(least, best[i, j - 1] + insertion_cost[i])
            if i > 0 and j > 0:
                least = min(least, best[i - 1, j - 1] + _mismatch(reference[i - 1], sequence[j - 1]))
            best[i, j] = least
    operations: NDArray[np.uint8] = _trace(
        reference, sequence, deletion_cost, insertion_cost, insertion_bases, best, deleting, inserting
    )
    return operations


@njit(cache=True)
def _mismatch(a: int, b: int) -> int:
    if a == b:
        return 0
    return HETEROPLASMY_COST if a & b else SUBSTITUTION_COST


@njit(cache=True)
def _trace(reference, sequence, deletion_cost, insertion_cost, insertion_bases, best, deleting, inserting):  # type: ignore[no-untyped-def]
    operations = np.empty(reference.shape[0] + sequence.shape[0], np.uint8)
    i, j, used, state = reference.shape[0], sequence.shape[0], 0, MATCH
    while i > 0 or j > 0:
        here = best[i, j]
        if state == DELETION:
            operation = DELETION
            state = MATCH if deleting[i, j] == best[i - 1, j] + GAP_OPEN else DELETION
        elif state == INSERTION:
            operation = INSERTION
            state = MATCH if inserting[i, j] == best[i, j - 1] + GAP_OPEN else INSERTION
        elif i > 0 and here == best[i - 1, j] + deletion_cost[i - 1]:
            operation = DELETION
        elif j > 0 and sequence[j - 1] & ~insertion_bases[i] == 0 and here == best[i, j - 1] + insertion_cost[i]:
            operation = INSERTION
        elif i > 0 and here == deleting[i, j]:
            state = DELETION
            continue
        elif j > 0 and here == inserting[i, j]:
            state = INSERTION
            continue
        else:
            operation = MATCH
        operations[used] = operation
        used += 1
        if operation != INSERTION:
            i -= 1
        if operation != DELETION:
            j -= 1
    return operations[:used][::-1].copy()


@njit(cache=True)
def compare_pair(site_a, state_a, covered_a, site_b, state_b, covered_b, reference, log_rate, most):  # type: ignore[no-untyped-def]
    """Number of differing sites of two profiles, and the sum of log site rates over them (see mtdna_comparison).

    Counting stops at *most* differences.
    """
    i, j, count, log_product = 0, 0, 0, 0.0
    while i < site_a.shape[0] or j < site_b.shape[0]:
        take_a = j == site_b.shape[0] or (i < site_a.shape[0] and site_a[i] <= site_b[j])
        take_b = i == site_a.shape[0] or (j < site_b.shape[0] and site_b[j] <= site_a[i])
        site = site_a[i] if take_a else site_b[j]
        position, kind = site >> 2, site & 3
        plain = np.int64(reference[position]) if kind == 0 else np.int64(0)
        a = state_a[i] if take_a else plain
        b = state_b[j] if take_b else plain
        i += take_a
        j += take_b
        last = position + max(a, b) - 1 if kind == 2 else position
        if not (covered_a[position] and covered_b[position] and covered_a[last] and covered_b[last]):
            continue
        if (kind == 0 and a & b == 0) or (kind != 0 and a != b):
            transition = ((a & 3) << 2 | (a >> 2) & 3) & b
            column = 2 if kind != 0 else (0 if transition else 1)
            count += 1
            log_product += log_rate[position, column]
            if count == most:
                break
    return count, log_product


@njit(cache=True, parallel=True)
def compare_all(  # type: ignore[no-untyped-def]
    offset_a, site_a, state_a, set_a, covered_a, offset_b, site_b, state_b, set_b, covered_b, reference, log_rate, most
):
    """All pairs of two encoded sets: differing sites and log rate sums, up to *most* differences."""
    count = np.empty((set_a.shape[0], set_b.shape[0]), np.int16)
    log_product = np.empty((set_a.shape[0], set_b.shape[0]), np.float64)
    # Over pairs, not rows: often one profile is asked about all entries of a reference.
    for pair in prange(set_a.shape[0] * set_b.shape[0]):
        i, j = pair // set_b.shape[0], pair % set_b.shape[0]
        first, last = offset_a[i], offset_a[i + 1]
        start, stop = offset_b[j], offset_b[j + 1]
        count[i, j], log_product[i, j] = compare_pair(
            site_a[first:last],
            state_a[first:last],
            covered_a[set_a[i]],
            site_b[start:stop],
            state_b[start:stop],
            covered_b[set_b[j]],
            reference,
            log_rate,
            most,
        )
    return count, log_product
