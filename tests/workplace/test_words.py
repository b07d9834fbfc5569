"""Words of the field: every element has one, in English as in the reports, and in Korean."""

from __future__ import annotations

import re

import pytest
from django.utils.translation import override

from cenotaph.dossier.bone_tables import load_skeleton
from cenotaph.reports import words
from cenotaph.workplace.pages.words import ACTION_WORDS, CONTACT_WORDS
from cenotaph.workplace.services.decisions import CONTACT_KINDS
from cenotaph.workplace.services.words import bone_words


@pytest.mark.parametrize("element", load_skeleton().elements)
def test_a_bone_has_its_words(element: str) -> None:
    for side in ("L", "R", "M", "U", None):
        with override("en"):
            assert bone_words(element, side) == words.bone(element, side)
        with override("ko"):
            assert re.fullmatch(r"[가-힣 ,\d]+", bone_words(element, side)), element


def test_what_nobody_named_is_said_as_it_is() -> None:
    with override("ko"):
        assert bone_words("tail_bone", "L") == "left tail bone"


def test_kinds_and_deeds_have_words() -> None:
    assert set(CONTACT_WORDS) == set(CONTACT_KINDS)
    assert set(ACTION_WORDS) == {"insert", "update", "delete"}
