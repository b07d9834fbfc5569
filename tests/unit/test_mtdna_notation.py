"""Difference lists as laboratories write them."""

from __future__ import annotations

import hashlib

import pytest

from cenotaph.errors import InvalidInput
from cenotaph.genetics.mtdna import Severity, check_differences, parse_difference, parse_ranges
from cenotaph.genetics.mtdna_reference import RCRS


def test_reference_sequence_is_the_rcrs() -> None:
    assert len(RCRS) == 16569
    assert RCRS[3106] == "N"
    assert hashlib.md5(RCRS.encode()).hexdigest() == "c68f52674c9fb33aef52dcf399755519"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("16126C", "16126C"),
        ("152y", "152Y"),
        ("315.1c", "315.1C"),
        ("249-", "249d"),
        ("249del", "249d"),
        ("249DEL", "249d"),
        ("A263G", "263G"),
        ("523-524del", "523-524d"),
        ("524.1AC", "524.1AC"),
        ("573.XC", "573.1C"),
    ],
)
def test_spellings(text: str, canonical: str) -> None:
    assert str(parse_difference(text)) == canonical


@pytest.mark.parametrize(
    "text", ["", "OL", "263", "263J", "0A", "16570C", "G263A", "315.0C", "524-523d", "249dd", "12e3"]
)
def test_no_difference(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_difference(text)


@pytest.mark.parametrize("text", ["", "HV1", "0-10", "1-16570", "16024:16365", "73-"])
def test_no_range(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_ranges(text)


@pytest.mark.parametrize(
    ("differences", "severities"),
    [
        ("263G 309.1C 309.2C 315.1C", []),
        ("263A", [Severity.WARNING]),
        ("263G 263G", [Severity.WARNING]),
        ("263G 263R", [Severity.ERROR]),
        ("249d 249G", [Severity.ERROR]),
        ("309.2C", [Severity.ERROR]),
        ("309.2C 309.1C", []),
        ("16519C", [Severity.ERROR]),
        ("339-341d", [Severity.ERROR]),
        ("263J", [Severity.ERROR]),
    ],
)
def test_faults(differences: str, severities: list[Severity]) -> None:
    assert [severity for _, _, severity in check_differences(differences, "73-340")] == severities


def test_wrapping_range_covers_both_ends() -> None:
    assert check_differences("16519C 263G", "16024-576") == []
    assert len(check_differences("750G", "16024-576")) == 1
