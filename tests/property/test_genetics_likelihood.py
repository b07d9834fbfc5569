"""Peeling against enumeration on random families, and what must not change a likelihood."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.naive.pedigree_likelihood import naive_likelihood

from cenotaph.genetics.kinship import genotype_distribution, loglik
from cenotaph.genetics.marker import Called, Marker, Observation, Replicates
from cenotaph.genetics.mutation import Mutation
from cenotaph.genetics.pedigree import FEMALE, MALE, Pedigree

ALLELES = ("1", "2", "3")


@st.composite
def families(draw: st.DrawFn, largest: int = 5) -> Pedigree:
    """Two founders at least; later members are founders or children of any earlier couple: loops are common."""
    rows: list[tuple[str, str | None, str | None, int]] = [("p0", None, None, MALE), ("p1", None, None, FEMALE)]
    for k in range(2, draw(st.integers(2, largest))):
        men = [r[0] for r in rows if r[3] == MALE]
        women = [r[0] for r in rows if r[3] == FEMALE]
        sex = draw(st.sampled_from([MALE, FEMALE]))
        child = draw(st.integers(0, 3)) > 0
        father, mother = (draw(st.sampled_from(men)), draw(st.sampled_from(women))) if child else (None, None)
        rows.append((f"p{k}", father, mother, sex))
    pedigree = Pedigree.from_rows(draw(st.permutations(rows)))
    inbred = {m: 0.3 for m in pedigree.founders if draw(st.integers(0, 5)) == 0}
    return pedigree.with_founder_inbreeding(inbred, inbred)


def stochastic(draw: st.DrawFn, size: int) -> np.ndarray:
    weights = np.array(draw(st.lists(st.integers(1, 9), min_size=size * size, max_size=size * size)), dtype=float)
    matrix = weights.reshape(size, size) + 20 * np.eye(size)
    return matrix / matrix.sum(axis=1, keepdims=True)


@st.composite
def markers(draw: st.DrawFn) -> Marker:
    weights = np.array(draw(st.lists(st.integers(1, 9), min_size=3, max_size=3)), dtype=float)
    mutation = Mutation(stochastic(draw, 3), stochastic(draw, 3)) if draw(st.booleans()) else None
    silent = draw(st.sampled_from([-1, -1, 2]))
    return Marker("M", ALLELES, weights / weights.sum(), draw(st.booleans()), mutation, silent)


@st.composite
def observed(draw: st.DrawFn, pedigree: Pedigree, marker: Marker) -> dict[str, Observation]:
    seen: dict[str, Observation] = {}
    names = st.sampled_from(ALLELES if marker.silent < 0 else ALLELES[:2])
    for i, member in enumerate(pedigree.ids):
        kind = draw(st.sampled_from(["none", "none", "called", "called", "half", "replicates"]))
        man = marker.x_linked and pedigree.sex[i] == MALE
        if kind == "half" or (kind == "called" and man):
            seen[member] = Called(draw(names))
        elif kind == "called":
            seen[member] = Called(draw(names), draw(names))
        elif kind == "replicates":
            sets = tuple(frozenset(draw(st.sets(names))) for _ in range(draw(st.integers(1, 2))))
            seen[member] = Replicates(sets, 0.3, draw(st.sampled_from([0.09, 0.2])), 0.1)
    return seen


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_peeling_equals_enumeration(data: st.DataObject) -> None:
    pedigree, marker = data.draw(families()), data.draw(markers())
    seen = data.draw(observed(pedigree, marker))
    theta = data.draw(st.sampled_from([0.0, 0.0, 0.05, 0.4]))
    assert np.exp(loglik(pedigree, marker, seen, theta=theta)) == pytest.approx(
        naive_likelihood(pedigree, marker, seen, theta), rel=1e-10, abs=1e-300
    )


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_order_of_members_and_alleles_changes_nothing(data: st.DataObject) -> None:
    pedigree, marker = data.draw(families(8)), data.draw(markers())
    seen = data.draw(observed(pedigree, marker))
    value = loglik(pedigree, marker, seen)
    order = data.draw(st.permutations(range(3)))
    turned = Marker(
        "M",
        tuple(ALLELES[i] for i in order),
        marker.frequencies[list(order)],
        marker.x_linked,
        None
        if marker.mutation is None
        else Mutation(marker.mutation.female[np.ix_(order, order)], marker.mutation.male[np.ix_(order, order)]),
        -1 if marker.silent < 0 else order.index(marker.silent),
    )
    mixed = pedigree.subset(data.draw(st.permutations(pedigree.ids)))
    assert loglik(mixed, turned, seen) == pytest.approx(value, rel=1e-10, abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_an_untyped_leaf_changes_nothing(data: st.DataObject) -> None:
    pedigree, marker = data.draw(families(6)), data.draw(markers())
    seen = data.draw(observed(pedigree, marker))
    more = pedigree.add_child("leaf", father=data.draw(st.sampled_from([m for m in pedigree if m == "p0"])), sex=MALE)
    assert loglik(more, marker, seen) == pytest.approx(loglik(pedigree, marker, seen), rel=1e-10, abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_genotype_distribution_is_the_ratio_of_two_likelihoods(data: st.DataObject) -> None:
    pedigree, marker = data.draw(families(6)), data.draw(markers())
    marker = Marker("M", ALLELES, marker.frequencies, False, marker.mutation)
    seen = data.draw(observed(pedigree, marker))
    member = data.draw(st.sampled_from(pedigree.ids))
    seen.pop(member, None)
    found = genotype_distribution(pedigree, marker, seen, member)
    base = loglik(pedigree, marker, seen)
    assert found.loglik == pytest.approx(base, rel=1e-10, abs=1e-12)
    if np.isfinite(base):
        assert found.probability.sum() == pytest.approx(1.0)
        k = data.draw(st.integers(0, len(found.probability) - 1))
        with_type = {**seen, member: Called(ALLELES[found.first[k]], ALLELES[found.second[k]])}
        assert np.exp(loglik(pedigree, marker, with_type) - base) == pytest.approx(found.probability[k], abs=1e-12)


def test_the_likelihoods_of_all_profiles_sum_to_one() -> None:
    sibs = Pedigree.from_rows(
        [("F", None, None, MALE), ("M", None, None, FEMALE), ("A", "F", "M", MALE), ("B", "F", "M", MALE)]
    )
    marker = Marker("M", ALLELES, np.array([0.2, 0.3, 0.5]))
    pairs = [(a, b) for i, a in enumerate(ALLELES) for b in ALLELES[i:]]
    for theta in (0.0, 0.03):
        total = sum(
            np.exp(loglik(sibs, marker, {"A": Called(*x), "B": Called(*y)}, theta=theta)) for x in pairs for y in pairs
        )
        assert total == pytest.approx(1.0, abs=1e-12)
