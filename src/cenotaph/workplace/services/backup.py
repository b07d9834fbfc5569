"""``backup`` and ``restore``: the whole record in one file that either database takes, with proof that nothing changed.

A backup is a zip of one JSON-lines file per table, cells as they are stored: names and alleles stay encrypted, and the
key is not in it. Its manifest has the SHA-256 of every table and the ledger's head.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection, models, transaction

from cenotaph.errors import FormatError, InvalidInput
from cenotaph.provenance import program_version
from cenotaph.workplace.database import connect, open_database, open_place
from cenotaph.workplace.keys import derived, read_key_file, write_key_file
from cenotaph.workplace.ledger import triggers
from cenotaph.workplace.ledger.context import maintaining, reading, utc_now
from cenotaph.workplace.ledger.verify import head, verify
from cenotaph.workplace.models import all_models
from cenotaph.workplace.place import Place, place_of

FORMAT = "cenotaph backup 1"
MANIFEST = "manifest.json"
VALID_BACKUP = "a file made by `cenotaph backup`"
MAX_MANIFEST_BYTES = 1 << 20
Progress = Callable[[str, int, int], None]

_ROWS_AT_ONCE = 5_000
_FILES_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Proof:
    """What a record is, in digests: two records with the same proof are the same.

    Args:
        tables: SHA-256 of the rows of every table.
        rows: how many rows each has.
        ledger_count, ledger_head: number and digest of the last entry.
    """

    tables: dict[str, str]
    rows: dict[str, int]
    ledger_count: int
    ledger_head: str


def key_beside(path: Path) -> Path:
    """Where the copy of the key of a backup is written: beside it, to be kept apart from it."""
    return path.with_name(f"{path.name}.key")


def _columns(model: type[models.Model]) -> list[str]:
    return [f.column for f in model._meta.concrete_fields]


def _lines(model: type[models.Model]) -> Iterator[bytes]:
    """Rows of a table as canonical JSON lists of text, in order of their key."""
    key = model._meta.pk.column
    cells = ", ".join(f'"{c}"' for c in _columns(model))
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {cells} FROM "{model._meta.db_table}" ORDER BY "{key}"')
        while rows := cursor.fetchmany(_at_once(model)):
            for row in rows:
                text = [None if v is None else v if isinstance(v, str) else str(v) for v in row]
                yield (json.dumps(text, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _at_once(model: type[models.Model]) -> int:
    """How many rows are held in memory: few where a row may have a whole file."""
    return _FILES_AT_ONCE if getattr(model, "digested", ()) else _ROWS_AT_ONCE


def proof_of_record(keep: Callable[[str, Iterator[bytes]], None] | None = None) -> Proof:
    """The proof of the record as it stands; *keep* is given the lines of every table as they are read."""
    tables, rows = {}, {}
    with reading():
        for model in all_models():
            digest = hashlib.sha256()
            count = 0

            def counted(model: type[models.Model] = model, digest: Any = digest) -> Iterator[bytes]:
                nonlocal count
                for line in _lines(model):
                    digest.update(line)
                    count += 1
                    yield line

            name = model._meta.db_table
            if keep is None:
                for _ in counted():
                    pass
            else:
                keep(name, counted())
            tables[name], rows[name] = digest.hexdigest(), count
        return Proof(tables, rows, *head())


def back_up(path: Path) -> Proof:
    """Writes the record to *path* (whole, or not at all), and a copy of the key beside it (mode 600).

    Raises:
        InvalidInput: *path* is there already.
    """
    if path.exists() or key_beside(path).exists():
        raise InvalidInput("the file is there already", found=str(path), valid="a new file")
    path.parent.mkdir(parents=True, exist_ok=True)
    work = path.with_name(f".{path.name}.{os.getpid()}")
    master = read_key_file(settings.KEY_FILE)
    try:
        with zipfile.ZipFile(work, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:

            def keep(name: str, lines: Iterator[bytes]) -> None:
                with archive.open(f"{name}.jsonl", "w", force_zip64=True) as out:
                    for line in lines:
                        out.write(line)

            proof = proof_of_record(keep)
            manifest = {
                "format": FORMAT,
                "version": program_version(),
                "made_at": utc_now(),
                "key": derived(master, "fingerprint"),
                "columns": {m._meta.db_table: _columns(m) for m in all_models()},
                "tables": proof.tables,
                "rows": proof.rows,
                "ledger_count": proof.ledger_count,
                "ledger_head": proof.ledger_head,
            }
            archive.writestr(MANIFEST, json.dumps(manifest, indent=2) + "\n")
        os.chmod(work, 0o600)
        write_key_file(key_beside(path), master)
        os.link(work, path)
    finally:
        work.unlink(missing_ok=True)
    return proof


def restore(
    path: Path, url: str | None = None, *, key: Path | None = None, progress: Progress = lambda *_: None
) -> Proof:
    """Makes the record of the backup at *path* anew in an empty database, and proves that nothing changed.

    Args:
        path: the backup.
        url: where to, as for `place_of`; the database must be absent, or hold nothing.
        key: the key file; by default the one in place, else the copy beside the backup.

    Raises:
        InvalidInput: the database holds something, or the key is missing or another.
        FormatError: the file is no backup, or was altered.
    """
    place = place_of(url)
    manifest = _read_manifest(path)
    _bring_key(place, path, key, manifest["key"])
    if place.sqlite is None:
        open_database(place.url)
        with maintaining(), transaction.atomic():
            return _fill(path, manifest, progress)
    if place.sqlite.exists():
        open_database(place.url)
        _refuse_filled(str(place.sqlite))
        connection.close()
    work = place.sqlite.with_name(f".{place.sqlite.name}.{os.getpid()}")
    try:
        open_place(replace(place_of(f"sqlite:///{quote(str(work))}"), key=place.key))
        with maintaining(), transaction.atomic():
            proof = _fill(path, manifest, progress)
        connection.close()
        for suffix in ("-wal", "-shm"):
            Path(f"{place.sqlite}{suffix}").unlink(missing_ok=True)
        os.replace(work, place.sqlite)
        return proof
    finally:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{work}{suffix}").unlink(missing_ok=True)
        connect(place)


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(MANIFEST).file_size > MAX_MANIFEST_BYTES:
                raise KeyError(MANIFEST)
            manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
        if manifest["format"] != FORMAT:
            raise KeyError("format")
        return manifest
    except OSError as error:
        raise InvalidInput("the backup cannot be read", found=str(path), valid=VALID_BACKUP) from error
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise FormatError("not a backup", found=str(path), valid=VALID_BACKUP) from error


def _bring_key(place: Place, path: Path, key: Path | None, fingerprint: str) -> None:
    source = next((p for p in (key, place.key, key_beside(path)) if p is not None and p.exists()), None)
    if source is None:
        raise InvalidInput(
            "the key of the backup is missing", found=str(key or key_beside(path)), valid="--key and its key file"
        )
    master = read_key_file(source)
    if derived(master, "fingerprint") != fingerprint:
        raise InvalidInput("not the key of this backup", found=str(source), valid="the key file that was made with it")
    place.key.parent.mkdir(parents=True, exist_ok=True)
    write_key_file(place.key, master)
    if derived(read_key_file(place.key), "fingerprint") != fingerprint:
        raise InvalidInput("another key is in place", found=str(place.key), valid="a place without a key file")


def _refuse_filled(where: str) -> None:
    with connection.cursor() as cursor:
        for model in all_models():
            cursor.execute(f'SELECT 1 FROM "{model._meta.db_table}" LIMIT 1')
            if cursor.fetchone():
                raise InvalidInput("the database is not empty", found=where, valid="a database that is empty or absent")


def _fill(path: Path, manifest: dict[str, Any], progress: Progress) -> Proof:
    _refuse_filled(str(connection.settings_dict["NAME"]))
    triggers.remove()
    with zipfile.ZipFile(path) as archive:
        for done, model in enumerate(all_models()):
            progress("tables", done, len(all_models()))
            _fill_table(archive, model, manifest)
    triggers.install()
    progress("proof", 0, 1)
    proof = proof_of_record()
    promised = Proof(manifest["tables"], manifest["rows"], manifest["ledger_count"], manifest["ledger_head"])
    for name, digest in promised.tables.items():
        if proof.tables.get(name) != digest:
            raise FormatError("the backup was altered", found=f"table {name}", valid="rows with the manifest's digest")
    found = verify(root=proof.ledger_head if proof.ledger_count else None, count=proof.ledger_count or None)
    if proof != promised or found.faults:
        raise FormatError("the backup was altered", found="; ".join(found.faults[:1]) or "another ledger head")
    return proof


def _fill_table(archive: zipfile.ZipFile, model: type[models.Model], manifest: dict[str, Any]) -> None:
    name = model._meta.db_table
    columns = manifest["columns"].get(name, [])
    known = _columns(model)
    if not set(columns) <= set(known):
        raise FormatError("the backup is of another version", found=f"table {name}", valid=manifest["version"])
    fields = model._meta.concrete_fields
    integers = {f.column for f in fields if "Integer" in f.get_internal_type() or f.is_relation or f.primary_key}
    turn = [int if c in integers else str for c in columns]
    names = ", ".join(f'"{c}"' for c in columns)
    insert = f'INSERT INTO "{name}" ({names}) VALUES ({", ".join(["%s"] * len(columns))})'
    with connection.cursor() as cursor, archive.open(f"{name}.jsonl") as raw:
        batch = []
        for line in io.TextIOWrapper(raw, encoding="utf-8", newline="\n"):
            batch.append([None if v is None else t(v) for t, v in zip(turn, json.loads(line), strict=True)])
            if len(batch) == _at_once(model):
                cursor.executemany(insert, batch)
                batch.clear()
        if batch:
            cursor.executemany(insert, batch)
        if connection.vendor == "postgresql" and model._meta.pk.name == "id":
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), max(id)) FROM \"{name}\" HAVING max(id) > 0"
            )
