"""Pair-match and articulation: the sum of differences between two bones against those of a reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput
from cenotaph.osteology.classical.methods import DifferenceRule
from cenotaph.osteology.classical.transforms import power, power_exponent, yeo_johnson, yeo_johnson_exponent

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Differences:
    """Every bone of one kind against every bone of another, arrays of shape (A, B).

    Args:
        patterns: (patterns, m) measurements used together.
        pattern: which of them; −1 where the two bones share no measurement.
        n: reference pairs with all of these measurements.
        difference: D, before any transform, mm.
        exponent: of the transform; nan without one.
        mean, sd: of the (transformed) reference; the mean is nought if the rule says so.
        t: (D − mean)/sd.
        p: rounded as the rule says; nan where it cannot be computed.
        is_excluded: p ≤ alpha.
    """

    patterns: Bools
    pattern: Ints
    n: Ints
    difference: Floats
    exponent: Floats
    mean: Floats
    sd: Floats
    t: Floats
    p: Floats
    is_excluded: Bools


@dataclass(frozen=True, slots=True)
class _Reference:
    n: int
    exponent: float
    mean: float
    sd: float


def compare_differences(
    a: Floats, b: Floats, reference_a: Floats, reference_b: Floats, rule: DifferenceRule
) -> Differences:
    """t tests of Σ (a − b) for all bones of two tables; nan is a measurement that was not taken.

    The reference of a pair of bones are the reference individuals who have all of the shared measurements on both bones
    (complete cases for the pattern), so that n changes from pair to pair. Trap: 1.2.6 does not drop incomplete
    reference rows itself; give it complete ones if its numbers are to be met.

    Args:
        a: (A, m) measurements of one element and side, mm.
        b: (B, m) the same measurements of the other side; for an articulation, those that touch them.
        reference_a, reference_b: (n, m) the same of reference individuals, row by row of one person.
        rule: of a version.

    Raises:
        InvalidInput: tables whose shapes do not fit.

    Source: Byrd & Adams (2003), J Forensic Sci 48:717; Lynch, Byrd & LeGarde (2018), J Forensic Sci 63:371.
    Cost: A × B × m.

    >>> left = np.array([[50.0], [52.0], [54.0], [51.0]])
    >>> right = left - [[1.0], [3.0], [1.0], [3.0]]
    >>> found = compare_differences(np.array([[50.0]]), np.array([[49.0]]), left, right, DifferenceRule())
    >>> float(found.mean[0, 0]), round(float(found.sd[0, 0]), 4), float(found.p[0, 0]), bool(found.is_excluded[0, 0])
    (2.0, 1.1547, 0.4502, False)
    """
    _check_shapes(a, b, reference_a, reference_b)
    shape = (len(a), len(b))
    pattern, n = np.full(shape, -1), np.zeros(shape, dtype=np.int64)
    difference, exponent, mean, sd, t = (np.full(shape, np.nan) for _ in range(5))
    shared = ~np.isnan(reference_a) & ~np.isnan(reference_b)
    apart = reference_a - reference_b
    known: dict[bytes, tuple[int, Bools, _Reference | None]] = {}
    for rows, columns, used in _blocks(a, b):
        key = used.tobytes()
        if key not in known:
            complete = apart[shared[:, used].all(axis=1)][:, used]
            known[key] = (len(known), used, _reference(complete, rule))
        number, _, about = known[key]
        block = np.ix_(rows, columns)
        pattern[block] = number
        sums = _sums(a[rows][:, used], b[columns][:, used], absolute=rule.absolute)
        difference[block] = sums
        if about is None:
            n[block] = int(shared[:, used].all(axis=1).sum())
            continue
        n[block], exponent[block], mean[block], sd[block] = about.n, about.exponent, about.mean, about.sd
        t[block] = (_transformed(sums, rule, about.exponent) - about.mean) / about.sd
        if rule.only_first_transformed:
            t[block] = np.where(_is_first(rows, columns), t[block], (sums - about.mean) / about.sd)
    p = np.round(_p_value(t, n - 1, rule), rule.decimals)
    patterns = np.array([used for _, used, _ in known.values()], dtype=bool).reshape(len(known), a.shape[1])
    return Differences(patterns, pattern, n, difference, exponent, mean, sd, t, p, p <= rule.alpha)


def _check_shapes(a: Floats, b: Floats, reference_a: Floats, reference_b: Floats) -> None:
    tables = (a, b, reference_a, reference_b)
    if any(x.ndim != 2 for x in tables) or len({x.shape[1] for x in tables}) != 1:
        raise InvalidInput("tables of measurements", found=[x.shape for x in tables], valid="the same columns in each")
    if len(reference_a) != len(reference_b):
        raise InvalidInput("reference", found=f"{len(reference_a)} and {len(reference_b)} rows", valid="one per person")


def _blocks(a: Floats, b: Floats) -> Iterator[tuple[Ints, Ints, Bools]]:
    """Rows of a, rows of b and the measurements that they share, for every combination of what is missing."""
    for rows, have_a in missing_patterns(a):
        for columns, have_b in missing_patterns(b):
            used = have_a & have_b
            if used.any():
                yield rows, columns, used


def missing_patterns(table: Floats) -> list[tuple[Ints, Bools]]:
    """Rows that have the same measurements, and which these are."""
    have = ~np.isnan(table)
    distinct, which = np.unique(have, axis=0, return_inverse=True)
    return [(np.flatnonzero(which.ravel() == k), distinct[k]) for k in range(len(distinct))]


def _is_first(rows: Ints, columns: Ints) -> Bools:
    result: Bools = (rows[:, None] == 0) & (columns[None, :] == 0)
    return result


def _sums(a: Floats, b: Floats, *, absolute: bool) -> Floats:
    result = np.zeros((len(a), len(b)))
    for column in range(a.shape[1]):
        apart = a[:, column, None] - b[None, :, column]
        result += np.abs(apart) if absolute else apart
    return result


def _reference(apart: Floats, rule: DifferenceRule) -> _Reference | None:
    """Exponent, mean and standard deviation of the reference; None if there are too few or they do not vary."""
    sums = (np.abs(apart) if rule.absolute else apart).sum(axis=1)
    if len(sums) < max(rule.least_reference, 2) or np.ptp(sums) == 0:
        return None
    exponent = np.nan
    if rule.transform != "none":
        exponent = power_exponent(sums) if rule.transform == "power" else yeo_johnson_exponent(sums)
    values = _transformed(sums, rule, exponent)
    return _Reference(len(values), exponent, 0.0 if rule.zero_mean else float(values.mean()), float(values.std(ddof=1)))


def _transformed(sums: Floats, rule: DifferenceRule, exponent: float) -> Floats:
    if rule.transform == "none":
        return sums
    return power(sums, exponent) if rule.transform == "power" else yeo_johnson(sums, exponent)


def _p_value(t: Floats, df: Ints, rule: DifferenceRule) -> Floats:
    from scipy.special import stdtr

    distance = t if rule.absolute and rule.upper_if_absolute else np.abs(t)
    result: Floats = rule.tails * stdtr(np.maximum(df, 1), -distance)
    return result
