"""Finding a name that is stored encrypted: keyed traces of its letters, which say nothing without the key file."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable, Mapping

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


class Tracer:
    """Makes traces under the house's key."""

    def __init__(self) -> None:
        self._key = bytes.fromhex(derived(read_key_file(settings.KEY_FILE), "traces of names"))

    def traces(self, table: str, texts: Iterable[str | None]) -> set[str]:
        """Traces of the texts of one row."""
        grams = {g for text in texts if text for word in words_of(text) for g in grams_of(word)}
        return {self._trace(table, gram) for gram in grams}

    def asked(self, table: str, text: str) -> set[str]:
        """Traces that a row must have to be an answer to *text*."""
        return {self._trace(table, g) for word in words_of(text) for g in asked_grams(word)}

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
    """``id`` of the rows that have every trace of *text*; their cells must still be compared with it."""
    asked = Tracer().asked(table, text)
    if not asked:
        return []
    rows = Gram.objects.filter(table=table, gram__in=asked).values("row").annotate(n=Count("gram", distinct=True))
    return list(rows.filter(n=len(asked)).order_by("row").values_list("row", flat=True)[:most])
