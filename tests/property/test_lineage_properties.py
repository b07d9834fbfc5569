"""What must hold for any mitochondrial or Y-STR profile."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cenotaph.genetics.mtdna import Difference, check_differences, parse_difference
from cenotaph.genetics.mtdna_comparison import SiteRates, compare, difference_matrix, encode, log_mutation_likelihood
from cenotaph.genetics.mtdna_reference import RCRS
from cenotaph.genetics.mtdna_sequence import TRACTS, MtProfile, canonical_differences, consensus
from cenotaph.genetics.ystr import YProfile, encode_ystr, ystr_loglik_matrix

RATES = SiteRates.from_counts({})


@st.composite
def mt_profiles(draw: st.DrawFn) -> MtProfile:
    """Control-region profiles with substitutions, heteroplasmies, insertions and deletions anywhere."""
    positions = draw(st.lists(st.integers(1, 576) | st.integers(16024, 16569), max_size=8, unique=True))
    differences = []
    for position in positions:
        kind = draw(st.sampled_from("ssssid"))
        if kind == "s":
            base = draw(st.sampled_from([b for b in "ACGTRYM" if b != RCRS[position - 1]]))
            differences.append(Difference(position, 0, base, position))
        elif kind == "i":
            differences.append(Difference(position, 1, draw(st.text("ACGT", min_size=1, max_size=3)), position))
        else:
            differences.append(Difference(position, 0, "-", position))
    return MtProfile(((1, 576), (16024, 16569)), tuple(sorted(differences)))


@given(mt_profiles())
@settings(max_examples=150, deadline=None)
def test_canonical_form_is_stable_and_readable(profile: MtProfile) -> None:
    once = MtProfile(profile.ranges, canonical_differences(profile))
    assert canonical_differences(once) == once.differences
    for difference in once.differences:
        assert parse_difference(str(difference)) == difference
    assert check_differences([str(d) for d in once.differences], "16024-576") == []


@given(st.integers(25, 545), st.sampled_from("id"))
@settings(max_examples=150, deadline=None)
def test_an_indel_may_be_placed_anywhere_in_its_repeat(position: int, kind: str) -> None:
    ranges = ((1, 576),)
    base = RCRS[position - 1]
    first = position
    while RCRS[first - 2] == base:
        first -= 1
    bases, index = (base, 1) if kind == "i" else ("-", 0)
    here = MtProfile(ranges, (Difference(position, index, bases, position),))
    there = MtProfile(ranges, (Difference(first, index, bases, first),))
    assert here.sequence(1, 576) == there.sequence(1, 576)
    assert canonical_differences(here) == canonical_differences(there)
    assert compare(here, there).differences == 0


@given(mt_profiles(), st.integers(1, 3))
@settings(max_examples=100, deadline=None)
def test_tract_length_is_ignored(profile: MtProfile, extra: int) -> None:
    clear = tuple(d for d in profile.differences if not any(t.first - 40 < d.position < t.last + 40 for t in TRACTS))
    plain = MtProfile(profile.ranges, clear)
    longer = MtProfile(profile.ranges, (*clear, Difference(309, 1, "C" * extra, 309), Difference(315, 1, "C", 315)))
    assert compare(plain, longer).differences == 0


@given(mt_profiles(), mt_profiles())
@settings(max_examples=100, deadline=None)
def test_comparison_is_symmetric_and_both_forms_agree(a: MtProfile, b: MtProfile) -> None:
    assert compare(a, a).differences == 0
    assert compare(a, b).differences == compare(b, a).differences
    pairs = difference_matrix(encode([a, b]), encode([a, b]), RATES)
    assert pairs.differences[0, 1] == compare(a, b).differences
    assert np.array_equal(pairs.differences, pairs.differences.T)
    likelihood = log_mutation_likelihood(pairs, 2.0)
    assert np.all(likelihood <= 0)
    assert np.allclose(likelihood, likelihood.T)


@given(mt_profiles())
@example(MtProfile.from_text("1-576 16024-16569", "1A 16365.1A"))
@settings(max_examples=80, deadline=None)
def test_two_samples_with_one_sequence_are_that_sequence(profile: MtProfile) -> None:
    together = consensus([profile, profile.restricted_to(((16024, 16365),))])
    assert together.profile.ranges == profile.ranges
    assert compare(together.profile, profile).differences == 0


@given(st.lists(st.tuples(st.integers(10, 20), st.integers(20, 30)), min_size=2, max_size=6))
@settings(max_examples=50, deadline=None)
def test_y_likelihood_does_not_depend_on_order(rows: list[tuple[int, int]]) -> None:
    profiles = [YProfile.from_text({"DYS19": str(a), "DYS390": str(b)}) for a, b in rows]
    turned = [YProfile.from_text({"DYS390": str(b), "DYS19": str(a)}) for a, b in rows][::-1]
    one, other = encode_ystr(profiles), encode_ystr(turned)
    meioses = np.full(len(rows), 2)
    assert np.allclose(
        ystr_loglik_matrix(one, one, {}, meioses), ystr_loglik_matrix(other, other, {}, meioses)[::-1, ::-1]
    )
