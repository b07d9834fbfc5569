"""Families that are large, deep, or looped."""

from __future__ import annotations

import numpy as np
import pytest

from cenotaph.errors import InvalidInput, ProblemTooLarge, UnknownMarker, Unsupported
from cenotaph.genetics.kinship import Hypothesis, loglik
from cenotaph.genetics.linked import loglik_linked
from cenotaph.genetics.marker import Called, Marker, lump
from cenotaph.genetics.mutation import Mutation, equal, stepwise
from cenotaph.genetics.pedigree import FEMALE, MALE, Pedigree

RARE = Marker("M", ("1", "2"), np.array([0.001, 0.999]))
SEEN = Called("1", "1")


def line(generations: int) -> Pedigree:
    """A line of fathers and sons with their wives."""
    rows: list[tuple[str, str | None, str | None, int]] = [("0", None, None, MALE)]
    for k in range(1, generations + 1):
        rows.append((f"wife {k}", None, None, FEMALE))
        rows.append((str(k), str(k - 1), f"wife {k}", MALE))
    return Pedigree.from_rows(rows)


def test_a_likelihood_below_the_range_of_floats() -> None:
    family = line(150)
    seen = dict.fromkeys(family, SEEN)
    assert loglik(family, RARE, seen) == pytest.approx(np.log(0.001) * 2 * 151, rel=1e-12)
    everybody = Hypothesis(tuple(Pedigree.from_rows([(f"p{k}", None, None, 0)]) for k in range(100)))
    alone = {f"p{k}": SEEN for k in range(100)}
    assert loglik(everybody, RARE, alone) == pytest.approx(np.log(0.001) * 200, rel=1e-12)
    assert np.isfinite(loglik(everybody, RARE, alone, theta=0.01))


def test_brothers_who_married_sisters() -> None:
    rows: list[tuple[str, str | None, str | None, int]] = [
        ("F1", None, None, MALE),
        ("M1", None, None, FEMALE),
        ("F2", None, None, MALE),
        ("M2", None, None, FEMALE),
    ]
    rows += [(f"b{k}", "F1", "M1", MALE) for k in range(3)] + [(f"s{k}", "F2", "M2", FEMALE) for k in range(3)]
    rows += [(f"c{k}", f"b{k}", f"s{k}", MALE) for k in range(3)]
    family = Pedigree.from_rows(rows)
    assert family.loops == 2
    marker = Marker("M", ("1", "2"), np.array([0.4, 0.6]))
    genotypes = [Called("1", "1"), Called("1", "2"), Called("2", "2")]
    total = sum(
        np.exp(loglik(family, marker, {"c0": a, "c1": b, "c2": c}))
        for a in genotypes
        for b in genotypes
        for c in genotypes
    )
    assert total == pytest.approx(1.0, rel=1e-12)


def test_lumping_changes_nothing_and_is_refused_where_it_would() -> None:
    alleles = tuple(str(k) for k in range(8, 16))
    p = np.arange(1.0, 9.0) / 36
    family = line(2)
    seen = {"0": Called("8", "9"), "2": Called("9", "12")}
    lumped = Marker("M", alleles, p, mutation=Mutation(equal(8, 0.01), equal(8, 0.02)))
    whole = Marker("M", alleles, p, mutation=Mutation(stepwise(alleles, 0.01), stepwise(alleles, 0.02)))
    assert lump(lumped, seen.values()).size == 4
    assert lump(whole, seen.values()).size == 8
    more = {**seen, "wife 1": Called("10", "15")}
    by_parts = [
        np.exp(loglik(family, lumped, {**seen, "wife 1": Called(a, b)}))
        for i, a in enumerate(alleles)
        for b in alleles[i:]
    ]
    assert sum(by_parts) == pytest.approx(np.exp(loglik(family, lumped, seen)), rel=1e-12)
    assert np.isfinite(loglik(family, lumped, more))


def test_what_is_refused() -> None:
    family = line(1)
    with pytest.raises(InvalidInput, match="in no family"):
        loglik(family, RARE, {"nobody": SEEN})
    with pytest.raises(UnknownMarker, match="no such allele"):
        loglik(family, RARE, {"0": Called("9")})
    with pytest.raises(InvalidInput, match="theta"):
        loglik(family, RARE, {"0": SEEN}, theta=1.0)
    with pytest.raises(InvalidInput, match="recombination"):
        loglik_linked(family, (RARE, RARE), ({"0": SEEN}, {"0": SEEN}), 0.7)
    x = Marker("X", ("1", "2"), np.array([0.5, 0.5]), x_linked=True)
    with pytest.raises(Unsupported, match="linked"):
        loglik_linked(family, (RARE, x), ({"0": SEEN}, {"0": SEEN}), 0.1)
    unknown = Pedigree.from_rows([("A", None, None, 0)])
    with pytest.raises(Unsupported, match="needs the sex"):
        loglik(unknown, x, {"A": SEEN})
    inbred = family.with_founder_inbreeding({"0": 0.1})
    with pytest.raises(Unsupported, match="inbred"):
        loglik_linked(inbred, (RARE, RARE), ({"0": SEEN}, {"0": SEEN}), 0.1)
    many = Marker("M", tuple(str(k) for k in range(40)), np.full(40, 1 / 40))
    sibs = line(1).add_sibling("1", "B", MALE)
    for k in range(4):
        sibs = sibs.add_sibling("1", f"s{k}", MALE)
    seen = {f"s{k}": Called(str(2 * k), str(2 * k + 1)) for k in range(4)} | {"B": Called("20", "21")}
    many_families = Hypothesis(tuple(sibs.relabel({m: f"{m} of {f}" for m in sibs}) for f in range(2)))
    both = {f"{m} of {f}": x for f in range(2) for m, x in seen.items()}
    with pytest.raises(ProblemTooLarge, match="theta"):
        loglik(many_families, many, both, theta=0.01)
