"""Opening the record: the database, its tables, its triggers and its key file are made where they are absent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cenotaph.errors import CenotaphError, InvalidInput
from cenotaph.workplace.keys import ensure_key_file
from cenotaph.workplace.place import Place, place_of


def open_database(url: str | None = None, *, altered: bool = False) -> Place:
    """Connects this process to the record at *url* (by default as `place_of` says), ready for work.

    Args:
        url: address of the database.
        altered: open it even where its triggers are not in place, to find out what was done to it.

    Raises:
        InvalidInput: the address is wrong, the file is no database, or its key file is gone.
        CenotaphError: the server cannot be reached.
    """
    return open_place(place_of(url), altered=altered)


def open_place(place: Place, *, altered: bool = False) -> Place:
    """As `open_database`, at a place that is worked out already."""
    _refuse_lost_key(place)
    ensure_key_file(place.key)
    connect(place)
    if place.sqlite is not None:
        place.sqlite.parent.mkdir(parents=True, exist_ok=True)
        if not place.sqlite.exists():
            _make_sqlite(place)
    _upgrade(place, altered)
    return place


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turns what the database says into an error of the program, its first line only: the rest may hold cells."""
    from django.db.utils import DatabaseError

    try:
        yield
    except DatabaseError as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CenotaphError(f"the database refused: {first}") from error


def connect(place: Place) -> None:
    """Sets Django up, or turns one that is set up to another place."""
    import django
    from django.apps import apps
    from django.conf import settings

    if not apps.ready:
        os.environ["DATABASE_URL"] = place.url
        os.environ["CENOTAPH_KEY_FILE"] = str(place.key)
        os.environ["DJANGO_SETTINGS_MODULE"] = "cenotaph.workplace.settings"
        django.setup()
        return
    from django.db import connections

    connections["default"].close()
    settings.DATABASES["default"] = connections.settings["default"] = _complete(dict(place.database))
    del connections["default"]
    settings.KEY_FILE = place.key
    settings.DATA_FOLDER = place.data


def _complete(database: dict[str, Any]) -> dict[str, Any]:
    from django.db.utils import ConnectionHandler

    return ConnectionHandler({"default": database}).settings["default"]


def _refuse_lost_key(place: Place) -> None:
    if place.sqlite is not None and place.sqlite.exists() and place.sqlite.stat().st_size and not place.key.exists():
        raise InvalidInput(
            "the key file of the database is not there",
            found=str(place.key),
            valid="the key file that was made with it",
        )


def _make_sqlite(place: Place) -> None:
    """Makes the tables in a file beside the place and links it there: a database is whole or absent."""
    assert place.sqlite is not None
    work = place.sqlite.with_name(f".{place.sqlite.name}.{os.getpid()}")
    work.touch(mode=0o600)  # Readable by its owner alone from the first byte on.
    try:
        connect(replace(place_of(f"sqlite:///{quote(str(work))}"), key=place.key))
        _migrate()
        _close()
        with suppress(FileExistsError):  # Another program made it at the same moment.
            os.link(work, place.sqlite)
    finally:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{work}{suffix}").unlink(missing_ok=True)
        connect(place)


def _upgrade(place: Place, altered: bool) -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.db.utils import DatabaseError

    from cenotaph.workplace.ledger.triggers import missing_triggers

    try:
        executor = MigrationExecutor(connection)
        is_old = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        _close()
        if place.sqlite is not None:
            raise InvalidInput("not a database of Cenotaph", found=str(place.sqlite), valid="an SQLite file") from error
        raise CenotaphError(f"the database server does not answer: {str(error).strip().splitlines()[0]}") from error
    if is_old:
        _migrate()
    elif not altered and (missing := missing_triggers()):
        raise CenotaphError(
            f"the ledger's triggers are not all in place ({missing[0]}, {len(missing)} in all): "
            "the database was altered from outside; `cenotaph verify` says more"
        )


def _migrate() -> None:
    """Brings the tables up to date and puts the triggers in place, in one transaction: whole or not at all."""
    from django.core.management import call_command
    from django.db import connection, transaction

    from cenotaph.workplace.ledger import triggers
    from cenotaph.workplace.ledger.context import maintaining

    # SQLite rebuilds tables only where foreign keys are off, and turns them off only outside a transaction.
    connection.disable_constraint_checking()
    try:
        with maintaining(), transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [triggers.ADVISORY_LOCK])
            triggers.remove()
            call_command("migrate", verbosity=0, interactive=False)
            triggers.install()
    finally:
        connection.enable_constraint_checking()


def _close() -> None:
    from django.db import connections

    connections["default"].close()
