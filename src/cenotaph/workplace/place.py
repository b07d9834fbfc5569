"""Where the record is: the database, the key file, the data folder. Read from the environment, no Django."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from cenotaph.errors import InvalidInput

VALID_URL = "sqlite:///relative.sqlite3, sqlite:////absolute/path.sqlite3 or postgresql://user@host:5432/name"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the record is.

    Args:
        url: address of the database.
        database: what Django needs to connect.
        sqlite: file of the database, None on PostgreSQL.
        key: the key file.
        data: folder of what is not in the database, such as uploads under way.
    """

    url: str
    database: Mapping[str, Any]
    sqlite: Path | None
    key: Path
    data: Path


def place_of(url: str | None = None, environment: Mapping[str, str] = os.environ) -> Place:
    """The place that *url*, or else ``DATABASE_URL``, names; by default an SQLite file in the data folder.

    The data folder is ``CENOTAPH_DATA``, or the user's own. The key file is beside an SQLite file; for PostgreSQL it is
    ``cenotaph.key`` in the data folder. ``CENOTAPH_KEY_FILE`` names another.

    Raises:
        InvalidInput: the address is of neither kind.

    >>> place_of("sqlite:////srv/case.sqlite3", {}).key.as_posix()
    '/srv/case.sqlite3.key'
    >>> place_of("postgresql://lab@db.example:5433/case?sslmode=require", {}).database["OPTIONS"]
    {'sslmode': 'require'}
    """
    data = Path(environment.get("CENOTAPH_DATA") or _user_folder(environment)).absolute()
    url = url or environment.get("DATABASE_URL") or f"sqlite:///{data / 'cenotaph.sqlite3'}"
    scheme = url.partition(":")[0]
    if scheme in {"postgresql", "postgres"}:
        return Place(url, _postgresql(url), None, _key(environment, data / "cenotaph.key"), data)
    path = url.removeprefix("sqlite:///")
    if scheme != "sqlite" or path == url or not path:
        raise InvalidInput("not the address of a database", found=_without_password(url), valid=VALID_URL)
    file = Path(unquote(path)).absolute()
    if file.is_dir():
        raise InvalidInput("the database is a folder", found=str(file), valid="a file")
    return Place(
        f"sqlite:///{quote(str(file))}",
        _sqlite(file),
        file,
        _key(environment, file.with_name(f"{file.name}.key")),
        data,
    )


def _user_folder(environment: Mapping[str, str]) -> Path:
    if os.name == "nt":
        return Path(environment.get("LOCALAPPDATA", Path.home())) / "cenotaph"
    return Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "cenotaph"


def _key(environment: Mapping[str, str], usual: Path) -> Path:
    named = environment.get("CENOTAPH_KEY_FILE")
    return Path(named).absolute() if named else usual


def _sqlite(file: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": {
            # FULL: a write that was acknowledged survives a power cut. Without recursive triggers a REPLACE would
            # remove a row and tell no trigger.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
            "PRAGMA recursive_triggers=ON;",
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise InvalidInput("not the address of a database", found=_without_password(url), valid=VALID_URL) from error
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "cenotaph",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    return f"{head.rpartition(':')[0]}:…@{tail}" if at and head.count(":") > 1 else url
