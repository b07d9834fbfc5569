"""Mitochondrial comparison, rarity and likelihood ratio in cases that can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cenotaph.dossier.lineage_tables import load_mtdna_haplotypes, load_mtdna_reference, load_site_rates
from cenotaph.errors import InvalidInput
from cenotaph.genetics.mtdna_comparison import Outcome, SiteRates, compare, encode
from cenotaph.genetics.mtdna_rarity import match_counts, mtdna_log_lr
from cenotaph.genetics.mtdna_sequence import MtProfile, canonical_differences, consensus

HV = "16024-16365 73-340"


def profile(differences: str, ranges: str = HV) -> MtProfile:
    return MtProfile.from_text(ranges, differences)


@pytest.mark.parametrize(
    ("one", "other", "outcome", "differences"),
    [
        ("263G", "263G 309.1C 315.1C", Outcome.CANNOT_EXCLUDE, 0),
        ("263G 309T 310C", "263G 309d 315.1C", Outcome.CANNOT_EXCLUDE, 0),
        ("16183C 16189C", "16182C 16183C 16189C 16193.1C", Outcome.CANNOT_EXCLUDE, 0),
        ("16189C", "", Outcome.INCONCLUSIVE, 1),
        ("16187T 16189C", "", Outcome.EXCLUSION, 2),
        ("152Y", "152C", Outcome.CANNOT_EXCLUDE, 0),
        ("152Y", "152R", Outcome.INCONCLUSIVE, 1),
        ("248d", "249del", Outcome.CANNOT_EXCLUDE, 0),
        ("249d", "", Outcome.INCONCLUSIVE, 1),
        ("290d 291d", "", Outcome.INCONCLUSIVE, 1),
        ("285.1A", "291.1A", Outcome.CANNOT_EXCLUDE, 0),
        ("310C", "", Outcome.INCONCLUSIVE, 1),
        ("152N", "152C", Outcome.CANNOT_EXCLUDE, 0),
    ],
)
def test_outcomes(one: str, other: str, outcome: Outcome, differences: int) -> None:
    found = compare(profile(one), profile(other))
    assert (found.outcome, found.differences) == (outcome, differences)


def test_length_variants_outside_the_usual_ranges_are_ignored_too() -> None:
    whole = "1-16569"
    a = profile("263G 455.1T 523-524d 573.1C 573.2C 5899.1C 960d 16183d", whole)
    assert compare(a, profile("263G 459.1C 524.1AC", whole)).differences == 0


def test_nothing_is_known_outside_the_ranges() -> None:
    a, b = profile("16519C", "16400-16569"), profile("16126C 73G")
    found = compare(a, b)
    assert found.outcome is Outcome.INSUFFICIENT
    assert found.shared_length == 0


def test_hot_spot_weighs_less_than_a_quiet_site() -> None:
    rates, reference = load_site_rates(), load_mtdna_reference()
    whole = "16024-576"
    base = "16126C 263G"
    hot = mtdna_log_lr(profile(f"{base} 16519C", whole), profile(base, whole), 3, "white", reference, rates)
    quiet = mtdna_log_lr(profile(f"{base} 16300G", whole), profile(base, whole), 3, "white", reference, rates)
    assert hot > quiet + 3


def test_likelihood_ratio_by_hand() -> None:
    rates, reference = load_site_rates(), load_mtdna_reference()
    bone = profile("16126C 16300G 73G 263G 315.1C")
    counts = match_counts(encode([bone]), reference, rates)
    white = reference.populations.index("white")
    rarity = 0.001 + 0.999 * (counts.seen[0, white] + 1) / (counts.size[0, white] + 1)
    compared = rates.total(bone.ranges)
    expected = -4 * 0.01 * compared - math.log(rarity)
    assert mtdna_log_lr(bone, bone, 4, "white", reference, rates) == pytest.approx(expected, rel=1e-12)
    assert 0.5 < compared < 1.0


def test_no_path_or_too_little_shared_says_nothing() -> None:
    rates, reference = load_site_rates(), load_mtdna_reference()
    bone = profile("16126C 263G")
    assert mtdna_log_lr(bone, profile("152C"), -1, "white", reference, rates) == 0.0
    assert mtdna_log_lr(bone, profile("", "16300-16380"), 2, "white", reference, rates) == 0.0
    with pytest.raises(InvalidInput):
        mtdna_log_lr(bone, bone, 2, "martian", reference, rates)


def test_shipped_reference_is_counts_in_canonical_form() -> None:
    entries = load_mtdna_haplotypes()
    total = {p: sum(c for q, _, c in entries if q == p) for p in {p for p, _, _ in entries}}
    assert total == {"white": 379, "black": 8797, "asian": 280, "hispanic": 181, "african": 12460}
    for _, entry, _ in entries[::50]:
        assert canonical_differences(entry) == entry.differences


def test_common_haplotype_is_common_in_europe() -> None:
    reference = load_mtdna_reference()
    counts = match_counts(encode([profile("263G 315.1C")]), reference, load_site_rates())
    share = dict(zip(reference.populations, counts.seen[0] / counts.size[0], strict=True))
    assert 0.02 < share["white"] < 0.15
    assert share["white"] > 5 * share["black"]


def test_consensus_counts_conflicts_and_leaves_them_open() -> None:
    together = consensus([profile("152C 263G 249d"), profile("263G 146Y")])
    assert together.conflicts == (152, 249)
    assert [str(d) for d in together.profile.differences] == ["152N", "249N", "263G"]


def test_rates_scale_with_what_was_compared() -> None:
    uniform = SiteRates.from_counts({})
    assert uniform.total([(16024, 16569), (1, 576)]) == pytest.approx(1.0)
    assert uniform.total([(16024, 16365)]) == pytest.approx(342 / 1122)
    assert np.isclose(uniform.total([(1, 16569)]), 16569 / 1122)


def test_difference_outside_ranges_is_refused() -> None:
    with pytest.raises(InvalidInput):
        profile("16519C")
