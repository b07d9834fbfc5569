#!/usr/bin/env python3
"""Walks the chain of a ledger and names the first bad entry. Needs nothing but Python's standard library.

    python chain.py cenotaph.sqlite3 [--root HEX --count N]
    python chain.py ledger.jsonl     [--root HEX --count N]

The ledger is read from an SQLite database, or from a file with one JSON list per line, as `cenotaph verify --write`
writes it. Every entry is the list ``[seq, at, actor, reason, table, row, action, before, after, previous]`` in JSON
without spaces; its digest is the SHA-256 of that text in UTF-8, and ``previous`` is the digest of the entry before it
(64 zeros before the first). An outside root, printed on a report, tells whether the tail was cut off.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

GENESIS = "0" * 64

Entry = tuple[int, str, str, str, str, str, str, "str | None", "str | None", str, str]
"""seq, at, actor, reason, table, row, action, before, after, previous, digest; before and after are JSON text."""

COLUMNS = "seq, at, actor, reason, table_name, row, action, before, after, previous, digest"


@dataclass(frozen=True)
class Walk:
    """What a walk along the chain found.

    Args:
        count: entries that are sound, from the first on.
        head: digest of the last of them.
        fault: what is wrong with the entry after it; None where the whole chain is sound.
    """

    count: int
    head: str
    fault: str | None


def digest_of(entry: Entry) -> str:
    """The digest that an entry should carry.

    >>> digest_of((1, "2018", "a", "", "t", "1", "insert", None, "{}", GENESIS, ""))[:8]
    '68efda0f'
    """
    seq, at, actor, reason, table, row, action, before, after, previous, _ = entry
    quoted = ",".join(_json(text) for text in (at, actor, reason, table, row, action))
    text = f"[{seq},{quoted},{before or 'null'},{after or 'null'},{_json(previous)}]"
    return hashlib.sha256(text.encode()).hexdigest()


def walk(
    entries: Iterable[Entry],
    *,
    root: str | None = None,
    count: int | None = None,
    see: Callable[[Entry], None] = lambda _: None,
) -> Walk:
    """Follows the chain from its first entry.

    Args:
        entries: in their order.
        root, count: digest and number of an entry as printed on paper, which must be there still.
        see: called with every sound entry.
    """
    done, head, is_root_seen = 0, GENESIS, root is None
    for entry in entries:
        fault = _fault(entry, done + 1, head)
        if fault:
            return Walk(done, head, fault)
        done, head = done + 1, entry[-1]
        is_root_seen = is_root_seen or (head == root and count in (None, done))
        see(entry)
    if count is not None and done < count:
        return Walk(done, head, f"entry {done + 1}: the ledger ends before it; {count} entries were there once")
    if not is_root_seen:
        where = f"entry {count}" if count is not None else f"after entry {done}"
        return Walk(done, head, f"{where}: the root {root} is not in the chain")
    return Walk(done, head, None)


def _fault(entry: Entry, number: int, head: str) -> str | None:
    seq, *_, table, row, _, before, after, previous, digest = entry
    name = f"entry {seq} ({table} row {row})"
    if seq != number:
        return f"entry {number}: it is not there, the next is entry {seq}"
    if previous != head:
        return f"{name}: it does not follow the entry before it"
    if not (_is_canonical(before) and _is_canonical(after)):
        return f"{name}: not in canonical form"
    if digest_of(entry) != digest:
        return f"{name}: its digest is not that of its text"
    return None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _is_canonical(text: str | None) -> bool:
    """Whether the text is one JSON object, written the one way: else words could move from one field to the next."""
    if text is None:
        return True
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, dict) and text == json.dumps(
        value, ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )


def read_sqlite(path: Path) -> Iterator[Entry]:
    """Entries of a ledger in an SQLite database, which is opened for reading only."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        yield from connection.execute(f"SELECT {COLUMNS} FROM ledger ORDER BY seq")
    finally:
        connection.close()


def read_lines(path: Path) -> Iterator[Entry]:
    """Entries of a ledger in a file of JSON lines."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield tuple(json.loads(line))


def main() -> int:
    """The program. Exit status: 0 the chain is sound, 1 it is not, 2 there is no ledger to read."""
    parser = argparse.ArgumentParser(description="Walk the chain of a ledger.")
    parser.add_argument("ledger", type=Path, help="SQLite database, or file of JSON lines")
    parser.add_argument("--root", help="digest of an entry, as printed on a report")
    parser.add_argument("--count", type=int, help="number of that entry")
    asked = parser.parse_args()
    try:
        with asked.ledger.open("rb") as stream:
            is_database = stream.read(16) == b"SQLite format 3\x00"
        found = walk((read_sqlite if is_database else read_lines)(asked.ledger), root=asked.root, count=asked.count)
    except (OSError, ValueError, sqlite3.Error) as error:
        print(f"Error: {asked.ledger}: {error}", file=sys.stderr)
        return 2
    print(f"{found.count} entries, head {found.head}" if found.fault is None else f"BAD {found.fault}")
    return 0 if found.fault is None else 1


if __name__ == "__main__":
    sys.exit(main())
