"""A backup, restored elsewhere, is the same record to the last byte; an altered one is refused and leaves nothing."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cenotaph.errors import FormatError, InvalidInput
from cenotaph.workplace.database import open_database
from cenotaph.workplace.services.backup import MANIFEST, back_up, key_beside, proof_of_record, restore
from cenotaph.workplace.services.export import export_record
from tests.workplace.conftest import load, make_person
from tests.workplace.test_load_export import contents


def test_restored_it_is_the_same(url: str, case_folder: Path, tmp_path: Path) -> None:
    open_database(url)
    load(case_folder)
    make_person("authority")
    proof = back_up(tmp_path / "backup")
    export_record(tmp_path / "one", "command line", "test")
    restored = restore(tmp_path / "backup", f"sqlite:///{tmp_path / 'new' / 'record.sqlite3'}")
    assert restored == proof == proof_of_record()
    export_record(tmp_path / "two", "command line", "test")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_from_one_database_to_the_other(
    case: str, tmp_path: Path, postgresql_url: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = back_up(tmp_path / "backup")
    target = postgresql_url()
    assert restore(tmp_path / "backup", target) == proof
    open_database(target)
    load(tmp_path / "case")  # The record goes on: identity counters stand where they should.
    make_person("authority")
    assert proof_of_record().ledger_count == proof.ledger_count + 1


def test_the_key_is_apart(case: str, tmp_path: Path) -> None:
    back_up(tmp_path / "backup")
    key = key_beside(tmp_path / "backup")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with zipfile.ZipFile(tmp_path / "backup") as archive:
        inside = b"".join(archive.read(name) for name in archive.namelist())
    assert key.read_bytes().strip() not in inside
    assert b"CANARY-NAME" not in inside
    key.unlink()
    with pytest.raises(InvalidInput, match="key of the backup is missing"):
        restore(tmp_path / "backup", f"sqlite:///{tmp_path / 'new.sqlite3'}")
    assert not (tmp_path / "new.sqlite3").exists()


def test_another_key_is_refused(case: str, tmp_path: Path) -> None:
    from cenotaph.workplace.keys import new_key, write_key_file

    back_up(tmp_path / "backup")
    write_key_file(tmp_path / "other.key", new_key())
    with pytest.raises(InvalidInput, match="not the key"):
        restore(tmp_path / "backup", f"sqlite:///{tmp_path / 'new.sqlite3'}", key=tmp_path / "other.key")


@pytest.mark.parametrize("name", ["specimens.jsonl", "ledger.jsonl", MANIFEST])
def test_an_altered_backup_is_refused(case: str, tmp_path: Path, name: str) -> None:
    back_up(tmp_path / "backup")
    altered = io.BytesIO()
    with zipfile.ZipFile(tmp_path / "backup") as old, zipfile.ZipFile(altered, "w") as new:
        for item in old.namelist():
            data = old.read(item)
            if item == name == MANIFEST:
                manifest = json.loads(data)
                manifest["ledger_head"] = "0" * 64
                data = json.dumps(manifest).encode()
            elif item == name:
                data = data.replace(b'"femur"', b'"tibia"').replace(b"femur", b"tibia")
            new.writestr(item, data)
    (tmp_path / "backup").write_bytes(altered.getvalue())
    with pytest.raises(FormatError, match="altered"):
        restore(tmp_path / "backup", f"sqlite:///{tmp_path / 'new.sqlite3'}")
    assert not (tmp_path / "new.sqlite3").exists()


def test_a_record_is_never_overwritten(case: str, tmp_path: Path) -> None:
    back_up(tmp_path / "backup")
    with pytest.raises(InvalidInput, match="not empty"):
        restore(tmp_path / "backup", case)
    with pytest.raises(InvalidInput, match="there already"):
        back_up(tmp_path / "backup")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no zip", b"plain"])
def test_what_is_no_backup_is_refused(record: str, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "backup").write_bytes(data)
    with pytest.raises(FormatError, match="not a backup"):
        restore(tmp_path / "backup", f"sqlite:///{tmp_path / 'new.sqlite3'}")
