"""Secret cells: encrypted on their way into the database, opened on their way out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.db import connection

from cenotaph.workplace.keys import new_key, open_sealed, read_key_file, seal
from cenotaph.workplace.models import SubjectKey
from cenotaph.workplace.privacy import SECRETS

EXTRA = "extra"
ERASED = None
"""What a secret cell shows whose subject was erased: nothing."""


class Keyring:
    """Keys of data subjects, unwrapped as they are needed.

    Secret cells are bound to their subject and column: a cell that someone moves to another row does not open.
    """

    def __init__(self) -> None:
        self._master = read_key_file(settings.KEY_FILE)
        self._keys: dict[str, bytes | None] = {}
        self._fresh: dict[str, bytes] = {}

    def load(self, subjects: Iterable[str] | None = None) -> None:
        """Reads the keys of *subjects* (all, by default) at once."""
        wanted = None if subjects is None else set(subjects) - self._keys.keys()
        if wanted is not None and not wanted:
            return
        rows = SubjectKey.objects.values_list("subject", "wrapped")
        if wanted is not None:
            self._keys.update(dict.fromkeys(wanted))
            if len(wanted) <= _MOST_IN_A_QUERY:
                rows = rows.filter(subject__in=wanted)
        for subject, wrapped in rows.iterator(10_000):
            if wanted is None or subject in wanted:
                self._keys[subject] = _unwrap(self._master, subject, wrapped)

    def key(self, subject: str) -> bytes | None:
        """The key of *subject*; None where there is none (any more)."""
        if subject not in self._keys:
            self.load([subject])
        return self._keys[subject]

    def key_to_write(self, subject: str) -> bytes:
        """The key of *subject*, made now where there is none; `save` must follow."""
        key = self.key(subject)
        if key is None:
            key = self._keys[subject] = self._fresh[subject] = new_key()
        return key

    def save(self) -> None:
        """Writes the keys that were made."""
        rows = [(s, seal(self._master, key.hex(), f"key of {s}")) for s, key in self._fresh.items()]
        insert_rows("subject_keys", ("subject", "wrapped"), rows)
        self._fresh.clear()

    def close(self, subject: str, column: str, text: str | None) -> str | None:
        """The encrypted form of a cell."""
        return None if text is None else seal(self.key_to_write(subject), text, f"{subject} {column}")

    def open(self, subject: str, column: str, stored: str | None) -> str | None:
        """The text of an encrypted cell; `ERASED` where its key was destroyed."""
        if stored is None:
            return None
        key = self.key(subject)
        return ERASED if key is None else open_sealed(key, stored, f"{subject} {column}")


_MOST_IN_A_QUERY = 500


def _unwrap(master: bytes, subject: str, wrapped: str) -> bytes:
    return bytes.fromhex(open_sealed(master, wrapped, f"key of {subject}"))


def secret_columns(table: str) -> tuple[str, ...]:
    """Columns of *table* that are stored encrypted, the unknown ones among them."""
    return (*SECRETS[table].columns, EXTRA) if table in SECRETS else ()


def extra_text(cells: Mapping[str, str | None]) -> str | None:
    """Columns that the registry does not know, as they are stored.

    >>> extra_text({"b": "1", "a": None})
    '{"b":"1"}'
    """
    filled = {name: text for name, text in sorted(cells.items()) if text is not None}
    return json.dumps(filled, ensure_ascii=False, separators=(",", ":")) if filled else None


def insert_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> None:
    """Inserts many rows with one statement; the ORM would take ten times as long."""
    rows = list(rows)
    if not rows:
        return
    names = ", ".join(f'"{c}"' for c in columns)
    with connection.cursor() as cursor:
        cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(["%s"] * len(columns))})', rows)
