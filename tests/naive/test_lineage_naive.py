"""Slow, obvious versions of the lineage sciences, and that the fast ones agree with them."""

from __future__ import annotations

import itertools
import math
from collections import deque

import numpy as np
import pytest

from cenotaph.genetics.discrete_laplace import DiscreteLaplace, fit_discrete_laplace
from cenotaph.genetics.haplotype_rarity import MatchCounts, log_rarity, upper_bound
from cenotaph.genetics.lineage import maternal_meioses, paternal_meioses
from cenotaph.genetics.mtdna import IUPAC_MASK, intersect_ranges, parse_ranges
from cenotaph.genetics.mtdna_comparison import (
    SiteRates,
    compare,
    difference_matrix,
    encode,
    log_mutation_likelihood,
)
from cenotaph.genetics.mtdna_rarity import MtReference, match_counts, mtdna_log_lr, mtdna_log_lr_matrix
from cenotaph.genetics.mtdna_reference import RCRS
from cenotaph.genetics.mtdna_sequence import MtProfile
from cenotaph.genetics.ystr import (
    COPIES,
    YProfile,
    encode_ystr,
    locus_log_likelihood,
    rate_of,
    step_probabilities,
    ystr_distance_matrix,
    ystr_loglik_matrix,
)
from cenotaph.genetics.ystr_rarity import YReference, ystr_log_lr_matrix, ystr_match_counts

RATES = SiteRates.from_counts({16519: 209, 152: 157, 16311: 120, 146: 109, 263: 3, 73: 5})
RANGES = ("16024-16365 73-340", "16024-576", "1-16569", "16024-16365", "16050-16300 100-300")
SITES = (73, 146, 152, 195, 263, 200, 16051, 16126, 16223, 16278, 16311, 16362, 16519, 750, 8860)


def random_profiles(seed: int, size: int) -> list[MtProfile]:
    """Substitutions and heteroplasmies outside the tracts, over various ranges."""
    rng = np.random.default_rng(seed)
    profiles = []
    for _ in range(size):
        ranges = parse_ranges(str(rng.choice(RANGES)))
        written = []
        for site in rng.choice(SITES, size=5, replace=False):
            letters = [b for b in "ACGTRYN" if b != RCRS[site - 1]]
            if any(first <= site <= last for first, last in ranges):
                written.append(f"{site}{rng.choice(letters)}")
        profiles.append(MtProfile.from_text(" ".join(f"{a}-{b}" for a, b in ranges), " ".join(written)))
    return profiles


def naive_differences(a: MtProfile, b: MtProfile) -> tuple[list[int], int]:
    """Differing positions and shared length, position by position."""
    differing, length = [], 0
    for first, last in intersect_ranges(a.ranges, b.ranges):
        one, other = a.sequence(first, last), b.sequence(first, last)
        length += last - first + 1
        differing += [first + k for k in range(len(one)) if IUPAC_MASK[one[k]] & IUPAC_MASK[other[k]] == 0]
    return differing, length


def naive_transmission(a: MtProfile, b: MtProfile, meioses: float, rate: float) -> float:
    """Product over all shared positions of a Poisson event or none."""
    differing, _ = naive_differences(a, b)
    total = 0.0
    for first, last in intersect_ranges(a.ranges, b.ranges):
        one, other = a.sequence(first, last), b.sequence(first, last)
        for k, position in enumerate(range(first, last + 1)):
            mean = meioses * rate * RATES.share[position]
            total -= mean
            if position in differing:
                pairs = {
                    frozenset(pair)
                    for pair in itertools.product(
                        [x for x in "ACGT" if IUPAC_MASK[x] & IUPAC_MASK[one[k]]],
                        [x for x in "ACGT" if IUPAC_MASK[x] & IUPAC_MASK[other[k]]],
                    )
                }
                transition = pairs & {frozenset("AG"), frozenset("CT")}
                total += math.log(mean * (0.96 if transition else 0.02))
    return total


def test_all_pairs_equal_rebuilt_strings() -> None:
    bones, donors = random_profiles(1, 25), random_profiles(2, 20)
    pairs = difference_matrix(encode(bones), encode(donors), RATES)
    likelihood = log_mutation_likelihood(pairs, 3.0)
    for (i, bone), (j, donor) in itertools.product(enumerate(bones), enumerate(donors)):
        differing, length = naive_differences(bone, donor)
        assert pairs.differences[i, j] == len(differing)
        assert pairs.shared_length[i, j] == length
        assert compare(bone, donor).differences == len(differing)
        assert likelihood[i, j] == pytest.approx(naive_transmission(bone, donor, 3.0, 0.01), rel=1e-9)


def test_likelihood_ratios_equal_loops_over_the_reference() -> None:
    bones, donors, entries = random_profiles(3, 12), random_profiles(4, 10), random_profiles(5, 60)
    populations = ["white" if k % 3 else "black" for k in range(60)]
    counts = [1 + k % 4 for k in range(60)]
    families = [k % 10 if k < 20 else -1 for k in range(60)]
    reference = MtReference.from_entries(entries, populations, counts, families)
    meioses = np.array([-1.0, *range(1, 10)])
    weights = np.tile([0.3, 0.7], (10, 1))
    got = mtdna_log_lr_matrix(
        encode(bones), encode(donors), meioses, weights, np.arange(10), reference, RATES, theta=0.002
    )
    for (i, bone), (j, donor) in itertools.product(enumerate(bones), enumerate(donors)):
        shared = intersect_ranges(bone.ranges, donor.ranges)
        cut = bone.restricted_to(shared)
        if meioses[j] < 0 or cut.length < 100:
            assert got.log_lr[i, j] == 0.0
            continue
        probability = 0.0
        for weight, population in zip((0.3, 0.7), reference.populations, strict=True):
            seen = size = 0
            for entry, own, count, family in zip(entries, populations, counts, families, strict=True):
                differing, length = naive_differences(cut, entry)
                if own == population and family != j and length >= 0.95 * cut.length:
                    size += count
                    seen += count * (not differing)
            probability += weight * (0.002 + 0.998 * (seen + 1) / (size + 1))
        expected = naive_transmission(bone, donor, meioses[j], 0.01) - math.log(probability)
        assert got.log_lr[i, j] == pytest.approx(expected, rel=1e-9)


def test_one_pair_equals_the_array_form() -> None:
    entries = random_profiles(6, 30)
    reference = MtReference.from_entries(entries, ["white"] * 30)
    bone, donor = random_profiles(7, 2)
    whole = mtdna_log_lr_matrix(
        encode([bone]), encode([donor]), np.array([2.0]), np.ones((1, 1)), np.array([5]), reference, RATES
    )
    assert mtdna_log_lr(bone, donor, 2.0, "white", reference, RATES) == pytest.approx(whole.log_lr[0, 0])


def test_kappa_counts_distinct_strings() -> None:
    entries = random_profiles(8, 40)
    counts = [1 + k % 3 for k in range(40)]
    bones = random_profiles(9, 10)
    reference = MtReference.from_entries(entries, ["white"] * 40, counts)
    got = match_counts(encode(bones), reference, RATES, with_kappa=True)
    for row, bone in enumerate(bones):
        times: dict[str, int] = {}
        for entry, count in zip(entries, counts, strict=True):
            shared = intersect_ranges(bone.ranges, entry.ranges)
            length = sum(last - first + 1 for first, last in shared)
            if length >= 0.95 * bone.length:
                text = repr(shared) + "".join(entry.sequence(first, last) for first, last in shared)
                times[text] = times.get(text, 0) + count
        single = (sum(n == 1 for n in times.values()) + 1) / (sum(times.values()) + 1)
        assert got.kappa[row, 0] == pytest.approx(single)


@pytest.mark.parametrize(("seen", "size"), [(0, 50), (3, 50), (49, 50), (50, 50)])
def test_upper_bound_solves_the_binomial_tail(seen: int, size: int) -> None:
    bound = float(upper_bound(MatchCounts(np.array([seen]), np.array([size]), np.array([np.nan])))[0])
    tail = sum(math.comb(size, k) * bound**k * (1 - bound) ** (size - k) for k in range(seen + 1))
    assert tail == pytest.approx(1.0 if seen == size else 0.05)


def test_step_probabilities_equal_enumeration() -> None:
    single = {0: 0.99} | {s: 0.005 * 0.95 * 0.05 ** (abs(s) - 1) for s in range(-8, 9) if s}
    total: dict[int, float] = {}
    for steps in itertools.product(single, repeat=3):
        total[sum(steps)] = total.get(sum(steps), 0.0) + math.prod(single[s] for s in steps)
    got = step_probabilities(0.01, 3)
    for change in range(4):
        assert got[change] == pytest.approx(total[change], rel=1e-6)


def random_y_profiles(seed: int, size: int) -> list[YProfile]:
    """A few close haplotypes with markers missing, copies, a partial repeat and a null."""
    rng = np.random.default_rng(seed)
    cells = {
        "DYS19": ["14", "15", "absent"],
        "DYS389I": ["13", "14"],
        "DYS389II": ["29", "30"],
        "DYS390": ["24", "24.2", "25"],
        "DYS385": ["11-14", "11", "14-14", "11-13"],
    }
    return [
        YProfile.from_text({m: str(rng.choice(c)) for m, c in cells.items() if rng.random() < 0.85})
        for _ in range(size)
    ]


def test_y_matrices_equal_loops() -> None:
    bones, donors, entries = random_y_profiles(1, 12), random_y_profiles(2, 10), random_y_profiles(3, 50)
    rates = {"DYS19": 0.002, "DYS389II": 0.004}
    meioses = np.array([0, 1, 2, 3, 4, 5, -1, 2, 2, 3])
    populations, families = ["white" if k % 2 else "black" for k in range(50)], [k % 15 for k in range(50)]
    reference = YReference.from_entries(entries, populations, families=families)
    weights = np.tile([0.4, 0.6], (10, 1))
    coded = encode_ystr(bones)
    got = ystr_log_lr_matrix(coded, donors, meioses, weights, np.arange(10), reference, rates, theta=0.001)
    differing, shared = ystr_distance_matrix(coded, encode_ystr(donors, like=coded))
    whole = ystr_loglik_matrix(coded, encode_ystr(donors, like=coded), rates, meioses)
    for (i, bone), (j, donor) in itertools.product(enumerate(bones), enumerate(donors)):
        one, other = bone.comparable, donor.comparable
        both = [m for m in one if m in other]
        assert shared[i, j] == len(both)
        assert differing[i, j] == sum(one[m] != other[m] for m in both)
        if meioses[j] < 0 or not both:
            assert got.log_lr[i, j] == 0.0
            continue
        expected = sum(
            locus_log_likelihood(one[m], other[m], rate_of(m, rates), int(meioses[j]), COPIES.get(m, 1)) for m in both
        )
        assert whole[i, j] == pytest.approx(expected, rel=1e-9)
        probability = 0.0
        for weight, population in zip((0.4, 0.6), reference.populations, strict=True):
            shown = [
                entry.comparable
                for entry, own, family in zip(entries, populations, families, strict=True)
                if own == population and family != j and all(m in entry.comparable for m in both)
            ]
            seen = sum(all(entry[m] == one[m] for m in both) for entry in shown)
            probability += weight * (0.001 + 0.999 * (seen + 1) / (len(shown) + 1))
        assert got.log_lr[i, j] == pytest.approx(expected - math.log(probability), rel=1e-9)


def test_y_counts_and_kappa_equal_loops() -> None:
    bones, entries = random_y_profiles(4, 10), random_y_profiles(5, 60)
    got = ystr_match_counts(encode_ystr(bones), YReference.from_entries(entries, ["white"] * 60), with_kappa=True)
    for row, bone in enumerate(bones):
        one = bone.comparable
        shown = [tuple(e.comparable[m] for m in one) for e in entries if all(m in e.comparable for m in one)]
        assert got.size[row, 0] == len(shown)
        assert got.seen[row, 0] == shown.count(tuple(one.values()))
        if shown:
            singles = sum(shown.count(h) == 1 for h in shown)
            assert got.kappa[row, 0] == pytest.approx((singles + 1) / (len(shown) + 1))


def test_no_reference_gives_no_support() -> None:
    nothing = MatchCounts(np.zeros(1), np.zeros(1), np.full(1, np.nan))
    assert log_rarity(nothing)[0] == 0.0


def test_discrete_laplace_is_a_maximum() -> None:
    rng = np.random.default_rng(11)
    centres = np.array([[14, 13, 24], [16, 11, 21]])
    rows = centres[rng.integers(0, 2, 300)] + rng.geometric(0.8, (300, 3)) - rng.geometric(0.8, (300, 3))
    distinct, counts = np.unique(rows, axis=0, return_counts=True)
    times = counts.astype(np.float64)
    fit = fit_discrete_laplace(distinct, times, 2)

    def loglik(tau: np.ndarray, p: np.ndarray) -> float:
        total = 0.0
        for haplotype, count in zip(distinct, times, strict=True):
            density = 0.0
            for j in range(2):
                steps = np.abs(haplotype - fit.centres[j])
                density += tau[j] * np.prod((1 - p[j]) / (1 + p[j]) * p[j] ** steps)
            total += count * math.log(density)
        return total

    best = loglik(fit.tau, fit.dispersion)
    assert best == pytest.approx(fit.loglik, rel=1e-9)
    for factor in (0.98, 1.02):
        assert loglik(fit.tau, fit.dispersion * np.array([[factor], [1.0]])) < best
        assert loglik(fit.tau, fit.dispersion * np.array([factor, 1.0, 1.0])) < best
        share = np.array([fit.tau[0] * factor, 1 - fit.tau[0] * factor])
        assert loglik(share, fit.dispersion) < best


def test_discrete_laplace_leaves_out_untyped_markers() -> None:
    model = DiscreteLaplace(
        np.array([0.3, 0.7]), np.array([[14, 24], [15, 22]]), np.array([[0.2, 0.3], [0.1, 0.4]]), 0.0, 0.0
    )
    partial = np.exp(model.log_probability(np.array([[14, -1]])))[0]
    summed = np.exp(model.log_probability(np.array([[14, a] for a in range(200)]))).sum()
    assert partial == pytest.approx(summed, rel=1e-9)


def naive_line(parent: np.ndarray, i: int, j: int) -> int:
    """Shortest path in the graph of parent links of one kind."""
    queue, seen = deque([(i, 0)]), {i}
    while queue:
        person, steps = queue.popleft()
        if person == j:
            return steps
        near = [int(parent[person])] if parent[person] >= 0 else []
        near += [int(child) for child in np.flatnonzero(parent == person)]
        queue.extend((p, steps + 1) for p in near if p not in seen)
        seen.update(near)
    return -1


def test_meioses_equal_a_graph_search() -> None:
    rng = np.random.default_rng(5)
    for _ in range(30):
        sex = rng.integers(1, 3, 14)
        father, mother = np.full(14, -1), np.full(14, -1)
        for child in range(4, 14):
            men, women = np.flatnonzero(sex[:child] == 1), np.flatnonzero(sex[:child] == 2)
            if len(men) and len(women):
                father[child], mother[child] = rng.choice(men), rng.choice(women)
        for i, j in itertools.product(range(14), repeat=2):
            assert maternal_meioses(father, mother, sex, i, j) == naive_line(mother, i, j)
            expected = naive_line(father, i, j) if sex[i] == 1 and sex[j] == 1 else -1
            assert paternal_meioses(father, mother, sex, i, j) == expected
