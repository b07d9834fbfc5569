"""Finding a name that is stored encrypted: keyed traces of its letters, which say nothing without the key file.

A name is also traced by its sound in Latin letters, so that 김 is found as Kim or Gim and Park as 박. The sound is a
coarse key: letters that romanisations of Korean use for one another are one letter.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Mapping

from anyascii import anyascii
from django.conf import settings
from django.db.models import Count

from cenotaph.workplace.cells import insert_rows
from cenotaph.workplace.keys import derived, read_key_file
from cenotaph.workplace.models import Gram

TRACED: Mapping[str, tuple[str, ...]] = {
    "missing": ("family_name", "given_names", "service_number"),
    "effects": ("inscription",),
}
"""Secret cells that can be searched."""

_LETTERS = 3
_SOUND = "~"
"""Before the grams of a sound, which are no letters of the name."""


def words_of(text: str) -> list[str]:
    """The words of a text without case, accents and punctuation.

    >>> words_of("Müller-Ruíz, 김철수")
    ['muller', 'ruiz', '김철수']
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = unicodedata.normalize("NFC", "".join(c for c in plain if not unicodedata.combining(c)))
    return "".join(c if c.isalnum() else " " for c in plain).split()


def grams_of(word: str) -> set[str]:
    """Three letters each, with marks for the beginning and the end.

    >>> sorted(grams_of("kim"))
    ['^ki', 'im$', 'kim']
    """
    marked = f"^{word}$"
    return {marked[i : i + _LETTERS] for i in range(len(marked) - _LETTERS + 1)} or {marked}


def asked_grams(word: str) -> set[str]:
    """Grams that every row with the word in it must have; a short word is looked for at the beginning of words.

    >>> sorted(asked_grams("mull")), sorted(asked_grams("ki"))
    (['mul', 'ull'], ['^ki'])
    """
    if len(word) < _LETTERS:
        return {f"^{word}"[:_LETTERS]} if len(word) == _LETTERS - 1 else set()
    return {word[i : i + _LETTERS] for i in range(len(word) - _LETTERS + 1)}


_ONE_SOUND = (
    ("eo", "o"), ("eu|oo", "u"), ("ee", "i"), ("ch", "c"), ("sh", "s"), ("ck", "k"), ("r(?=[^aeiouy]|$)", ""),
)  # fmt: skip
_ONE_LETTER = str.maketrans("gqdbjroey", "kktpcluii")


def sounds_of(text: str) -> set[str]:
    """The words of a text by their sound; syllables of other scripts by themselves and together.

    >>> sounds_of("김") == sounds_of("Kim") == sounds_of("Gim")
    True
    >>> sorted(sounds_of("철수")), sorted(sounds_of("Chul-Soo"))
    (['cul', 'culsu', 'su'], ['cul', 'su'])
    >>> [sounds_of(korean) == sounds_of(latin) for korean, latin in (("박", "Park"), ("정", "Chung"), ("이", "Lee"))]
    [True, True, True]
    """
    parts: set[str] = set()
    for word in words_of(text):
        latin = word if word.isascii() else anyascii(word)
        parts |= {latin.lower(), *(x.lower() for x in re.findall("[A-Z][a-z]*", latin))}
    return {sound for part in parts if (sound := _sound(part))}


def _sound(word: str) -> str:
    for pattern, letters in _ONE_SOUND:
        word = re.sub(pattern, letters, word)
    word = re.sub(r"(.)\1+", r"\1", word.translate(_ONE_LETTER))
    return re.sub("^l(?=i)", "", word)


def asked_sounds(text: str) -> list[str]:
    """The sound of each word that is asked for, syllables together.

    >>> asked_sounds("김철수 Lee")
    ['kimculsu', 'i']
    """
    return [max(sounds, key=len) for word in words_of(text) if (sounds := sounds_of(word))]


def sound_is_in(sound: str, sounds: Iterable[str]) -> bool:
    """Whether a sound that is asked for is part of one that is there; a short one must be the whole of it."""
    return any(sound == one or (len(sound) >= _LETTERS and sound in one) for one in sounds)


class Tracer:
    """Makes traces under the house's key."""

    def __init__(self) -> None:
        self._key = bytes.fromhex(derived(read_key_file(settings.KEY_FILE), "traces of names"))

    def traces(self, table: str, texts: Iterable[str | None]) -> set[str]:
        """Traces of the texts of one row."""
        there = [text for text in texts if text]
        grams = {g for text in there for word in words_of(text) for g in grams_of(word)}
        grams |= {_SOUND + g for text in there for sound in sounds_of(text) for g in grams_of(sound)}
        return {self._trace(table, gram) for gram in grams}

    def asked(self, table: str, text: str) -> set[str]:
        """Traces that a row must have to be an answer to the letters of *text*."""
        return {self._trace(table, g) for word in words_of(text) for g in asked_grams(word)}

    def asked_by_sound(self, table: str, text: str) -> set[str]:
        """Traces that a row must have to be an answer to the sound of *text*."""
        asked: set[str] = set()
        for sound in asked_sounds(text):
            asked |= asked_grams(sound) if len(sound) >= _LETTERS else grams_of(sound)
        return {self._trace(table, _SOUND + g) for g in asked}

    def _trace(self, table: str, gram: str) -> str:
        return hmac.new(self._key, f"{table} {gram}".encode(), hashlib.sha256).hexdigest()[:24]


def trace_rows(table: str, rows: Iterable[tuple[int, str, Mapping[str, str | None]]]) -> None:
    """Adds the traces of rows: ``id``, subject, and cells in the clear."""
    tracer = Tracer()
    found = [
        (subject, table, id_, trace)
        for id_, subject, cells in rows
        for trace in sorted(tracer.traces(table, (cells.get(f) for f in TRACED[table])))
    ]
    insert_rows("grams", ("subject", "table_name", "row", "gram"), found)


def forget_row(table: str, id_: int) -> None:
    """Removes the traces of a row."""
    Gram.objects.filter(table=table, row=id_).delete()


def candidates(table: str, text: str, most: int = 1000) -> list[int]:
    """``id`` of the rows that have every trace of *text*, by letters or by sound; cells must still be compared."""
    tracer = Tracer()
    found: dict[int, None] = {}
    for asked in (tracer.asked(table, text), tracer.asked_by_sound(table, text)):
        if asked:
            rows = Gram.objects.filter(table=table, gram__in=asked).values("row")
            rows = rows.annotate(n=Count("gram", distinct=True)).filter(n=len(asked)).order_by("row")
            found |= dict.fromkeys(rows.values_list("row", flat=True)[:most])
    return list(found)
