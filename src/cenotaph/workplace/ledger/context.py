"""Who is writing and why: the context that every change of the record needs, and that the triggers read."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

COMMAND_LINE = "command line"

LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class Act:
    """A change under way: who makes it, why, and when it began (UTC)."""

    actor: str
    reason: str
    at: str


_act: ContextVar[Act | None] = ContextVar("cenotaph_act", default=None)
_maintaining: ContextVar[bool] = ContextVar("cenotaph_maintaining", default=False)


def utc_now() -> str:
    """The time, to the microsecond, as the ledger writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@contextmanager
def acting(actor: str, reason: str = "") -> Iterator[None]:
    """A block that may change the record: one transaction, entered in the ledger under *actor* and *reason*.

    Outside such a block the database refuses every change of a recorded table. Blocks nest; the inner reason holds
    inside, the time is that of the outermost.
    """
    outer = _act.get()
    act = Act(actor, reason, outer.at if outer else utc_now())
    with transaction.atomic():
        token = _act.set(act)
        try:
            _tell_database(act)
            yield
        finally:
            _act.reset(token)
        if outer is not None:
            _tell_database(outer)


@contextmanager
def reading() -> Iterator[None]:
    """A block that sees the record as it is at one moment, while others go on writing; it writes nothing itself."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        # Django's own transactions take the write lock at once; to read, none is needed.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


@contextmanager
def maintaining() -> Iterator[None]:
    """A block in which tables and triggers may be made and removed: migrations and restoring."""
    token = _maintaining.set(True)
    try:
        yield
    finally:
        _maintaining.reset(token)


def _tell_database(act: Act) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('cenotaph.actor', %s, true), set_config('cenotaph.reason', %s, true)",
                [act.actor, act.reason],
            )


def prepare_connection(sender: object, connection: Any, **_: object) -> None:
    """Gives an SQLite connection what the triggers call. A connection without it cannot write."""
    if connection.vendor != "sqlite":
        return
    raw = connection.connection
    # Nothing instead of an error where nobody acts: the ledger's NOT NULL then says which column is missing.
    raw.create_function("cenotaph_actor", 0, lambda: act.actor if (act := _act.get()) else None)
    raw.create_function("cenotaph_reason", 0, lambda: act.reason if (act := _act.get()) else None)
    raw.create_function("cenotaph_at", 0, lambda: act.at if (act := _act.get()) else None)
    raw.create_function("cenotaph_sha256", 1, _sha256, deterministic=True)
    raw.set_authorizer(_authorize)


def _sha256(text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


def _authorize(action: int, first: str | None, second: str | None, _: str | None, trigger: str | None) -> int:
    """Only triggers write the ledger, and nobody removes triggers while the house is at work."""
    if action in _WRITES and first == LEDGER and trigger is None and not _maintaining.get():
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_DROP_TRIGGER and not _maintaining.get():
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


_WRITES = frozenset({sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE})
