"""Y-STR comparison and mutation in cases that can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cenotaph.dossier.lineage_tables import load_ystr_mutation_rates
from cenotaph.errors import InvalidInput
from cenotaph.genetics.discrete_laplace import fit_discrete_laplace
from cenotaph.genetics.ystr import YProfile, compare_ystr, encode_ystr, locus_log_likelihood, parse_alleles
from cenotaph.genetics.ystr_rarity import YReference, laplace_log_rarity, ystr_log_lr_matrix


@pytest.mark.parametrize("text", ["", "OL", "14-", "-1", "13.25", "14/15", "9999", "<6"])
def test_no_allele(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_alleles(text)


def test_probabilities_of_one_locus_sum_to_one() -> None:
    steps = [math.exp(locus_log_likelihood((10 * a,), (140,), 0.004, 3)) for a in range(0, 70)]
    with_call_errors = sum(steps) - 70 * 0.001 / 20
    assert with_call_errors == pytest.approx(0.999 * (1 - 1e-4) ** 3, rel=1e-6)


def test_to_first_order_as_published() -> None:
    same, one, two = (math.exp(locus_log_likelihood((10 * a,), (140,), 0.002, 4)) for a in (14, 15, 16))
    assert same == pytest.approx(1 - 4 * 0.002, abs=2e-3)
    assert one == pytest.approx(4 * 0.002 / 2, rel=0.07)
    assert 0.001 / 20 < two < 0.1 * one


def test_one_marker_never_excludes() -> None:
    for observed, origin in (((), (140,)), ((140,), ()), ((300,), (80,)), ((93,), (90,)), ((110, 140, 150), (110,))):
        assert locus_log_likelihood(observed, origin, 0.002, 2, 2) > math.log(1e-8)


def test_copies_are_unordered_and_may_drop_out() -> None:
    both = locus_log_likelihood((110, 140), (110, 140), 0.002, 2, 2)
    one = locus_log_likelihood((110,), (110, 140), 0.002, 2, 2)
    other = locus_log_likelihood((120,), (110, 140), 0.002, 2, 2)
    assert both > one > other
    assert math.exp(one) == pytest.approx(0.01, rel=0.1)


def test_comparison_names_what_differs() -> None:
    a = YProfile.from_text({"DYS389I": "13", "DYS389II": "29", "DYS385": "11-14", "DYS19": "14"})
    b = YProfile.from_text({"DYS389I": "14", "DYS389II": "30", "DYS385": "11-15", "DYS391": "10"})
    found = compare_ystr(a, b)
    assert found.shared == 3
    assert found.differing == ("DYS389I", "DYS385")
    assert found.steps == 2.0


def test_unseen_type_rests_on_the_size_of_the_reference() -> None:
    bone = YProfile.from_text({"DYS19": "17", "DYS390": "21"})
    others = [YProfile.from_text({"DYS19": str(13 + k % 3), "DYS390": str(23 + k % 2)}) for k in range(99)]
    reference = YReference.from_entries([*others, bone], ["white"] * 100, families=[*range(99), 500])
    arguments = (encode_ystr([bone]), [bone], np.array([1]), np.ones((1, 1)))
    out = ystr_log_lr_matrix(*arguments, np.array([500]), reference, {}, theta=0.0)
    assert out.log_rarity_shared[0, 0] == pytest.approx(math.log(1 / 100))
    kept = ystr_log_lr_matrix(*arguments, np.array([7]), reference, {}, theta=0.0)
    assert kept.log_rarity_shared[0, 0] == pytest.approx(math.log(2 / 100))


def test_laplace_rarity_needs_a_reference() -> None:
    rng = np.random.default_rng(3)
    entries = [
        YProfile.from_text({"DYS19": str(14 + rng.integers(-1, 2)), "DYS390": str(24 + rng.integers(-1, 2))})
        for _ in range(80)
    ]
    bones = encode_ystr([YProfile.from_text({"DYS19": "14", "DYS390": "24"}), YProfile.from_text({"DYS19": "14"})])
    reference = YReference.from_entries(entries, ["white"] * 70 + ["black"] * 10)
    found = laplace_log_rarity(bones, reference)
    assert np.isnan(found[:, 1]).all()
    assert found[0, 0] < found[1, 0] < 0


def test_laplace_refuses_untyped_markers() -> None:
    with pytest.raises(InvalidInput):
        fit_discrete_laplace(np.array([[14, -1]]), np.ones(1), 1)


def test_shipped_rates() -> None:
    rates = load_ystr_mutation_rates()
    assert len(rates) == 27
    assert rates["DYS438"] < rates["DYS19"] < rates["DYS576"]
    assert rates["Y_GATA_H4"] == pytest.approx(25.5 / 8261)
