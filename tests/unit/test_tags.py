"""Names and numbers on objects."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from cenotaph.errors import InvalidInput
from cenotaph.evidence.tags import (
    LETTERS,
    Roster,
    Stamping,
    _indices,
    box_log_lr,
    copy_likelihood,
    inscription_loglik,
    named_log_lr,
    nobody_log_lr,
    read_inscription,
)

MEN = Roster.of(
    ["Merriman", "Merryman", "Peyton", "van Dyke", "O'Brien", None],
    ["Walter James", "William", "Roosevelt", "Jan", "Patrick", None],
    ["RA 12345678", "12345679", "US 55512345", None, None, "999"],
)


def best(text: str) -> int:
    return int(inscription_loglik(text, MEN).argmax())


@pytest.mark.parametrize(
    ("text", "man"),
    [
        ("MERRIMAN, W", 0),
        ("W J MERRIMAN", 0),
        ("MERR?MAN J", 0),
        ("WILLIAM MERRYMAN", 1),
        ("SGT MERRYMAN W. 12345679 T50 A P", 1),
        ("PEYT0N", 2),
        ("R PEITON", 2),
        ("VANDYKE, J", 3),
        ("Pat O'Brien", 4),
        ("OBR?EN P", 4),
        ("1234?678", 0),
        ("RA 12354678", 0),
    ],
)
def test_the_man_is_found(text: str, man: int) -> None:
    assert best(text) == man


def test_a_comma_tells_the_order() -> None:
    men = Roster.of(["James", "Merriman"], ["Merriman", "James"])
    with_comma, without = (inscription_loglik(t, men) for t in ("JAMES, MERRIMAN", "JAMES MERRIMAN"))
    assert with_comma[0] - with_comma[1] > 3
    assert without[0] == pytest.approx(without[1])


def test_what_names_nobody_says_little() -> None:
    ratios = np.exp(inscription_loglik("ZQXVKJWQZ", MEN))
    assert ratios == pytest.approx(np.full(6, ratios[5]), rel=0.6)
    assert inscription_loglik("", MEN).tolist() == [0.0] * 6
    assert inscription_loglik("T 50", Roster.of([], [])).tolist() == []


def test_a_man_without_a_name_on_record_has_one_like_the_others() -> None:
    ratios = inscription_loglik("MERRIMAN, W", MEN)
    assert ratios[2] < 0 < ratios[5] + 0.3 < ratios[0]


def test_an_unreadable_name_still_has_its_number() -> None:
    assert read_inscription("???? 12345678").number == "12345678"
    assert best("???? 12345678") == 0


def test_the_average_over_the_roster_is_one() -> None:
    # Where nobody else could own it, the ratios of the roster average to one.
    ratios = np.exp(inscription_loglik("MERRIMAN, W", MEN, Stamping(unlisted=0.0)))
    assert ratios.mean() == pytest.approx(1.0)
    assert ratios.max() <= MEN.men


@pytest.mark.parametrize("written", ["", "A", "AB", "BB"])
def test_probabilities_of_all_texts_sum_to_one(written: str) -> None:
    stamping = Stamping(wrong=0.1, lost=0.15, added=0.05)
    original = _indices([written, "AB"], "AB")
    texts = ("".join(t) for n in range(9) for t in product("AB", repeat=n))
    total = sum(copy_likelihood(t, original, "AB", stamping)[0] for t in texts)
    assert total == pytest.approx(1.0, abs=1e-6)


def test_naive_sum_over_alignments() -> None:
    stamping = Stamping(wrong=0.1, lost=0.15, added=0.05)

    def naive(seen: str, written: str) -> float:
        crept = stamping.added / 3 * naive(seen[1:], written) if seen else 0.0
        if not written:
            return crept + (1 - stamping.added if not seen else 0.0)
        rest = (1 - stamping.added) * stamping.lost * naive(seen, written[1:])
        if seen:
            emitted = 1 - stamping.wrong if seen[0] == written[0] else stamping.wrong / 2
            rest += (1 - stamping.added) * (1 - stamping.lost) * emitted * naive(seen[1:], written[1:])
        return crept + rest

    for seen, written in product(("", "A", "ABC", "CAB", "BBA"), ("A", "ABC", "BA", "CCAB")):
        ours = copy_likelihood(seen, _indices([written], "ABC"), "ABC", stamping)[0]
        assert ours == pytest.approx(naive(seen, written), rel=1e-12)


def test_rare_errors_count_as_edits() -> None:
    # As errors become rare, the power of their rate is the edit distance.
    words = ["MERRIMAN", "MERRYMAN", "MERIMAN", "MARRIMAM", "PEYTON"]
    logs = [
        np.log(copy_likelihood("MERRIMAN", _indices(words, LETTERS), LETTERS, Stamping(e, e, e))) for e in (1e-6, 1e-7)
    ]
    edits = (logs[0] - logs[1]) / np.log(10)
    assert edits.round(3).tolist() == [Levenshtein.distance("MERRIMAN", w) for w in words]


def test_boxes() -> None:
    tag = np.log([2800.0, 1e-12])
    alone, crowded = (box_log_lr(tag, k) for k in (1, 20))
    assert alone[0] > crowded[0] > 0
    assert alone[1] == pytest.approx(np.log(0.5))
    assert crowded[1] == pytest.approx(nobody_log_lr(20))
    assert box_log_lr(tag, 3, 0.0).tolist() == [0.0, 0.0]
    assert box_log_lr(tag, 1, 1.0) == pytest.approx(tag)
    for wrong in ((0.5, 0.5), (2, 1.5)):
        with pytest.raises(InvalidInput):
            box_log_lr(tag, *wrong)


def test_named_by_the_laboratory() -> None:
    ratios = np.exp(named_log_lr(3, 100))
    assert ratios.mean() == pytest.approx(1.0)
    assert int(ratios.argmax()) == 3
    with pytest.raises(InvalidInput):
        named_log_lr(100, 100)
