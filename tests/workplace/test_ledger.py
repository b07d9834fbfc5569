"""What is done to the record from outside is found, and the first bad place is named."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from cenotaph.workplace.database import open_database
from cenotaph.workplace.ledger import chain
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.ledger.verify import head, verify, write_ledger
from cenotaph.workplace.models import LedgerEntry, Sheet, User, model_of, recorded_models
from tests.workplace.conftest import load

SCRIPT = Path(chain.__file__)


CHARACTERS = "".join(
    map(chr, [*range(1, 0x30), *range(0x5A, 0x61), *range(0x7B, 0xA1), 0x2028, 0xFEFF, 0xFFFD, 0x1F480])
)
"""Whatever one of the three that write JSON might write another way: SQLite, PostgreSQL, Python."""


def work(folder: Path) -> None:
    """Some changes of all kinds."""
    load(folder)
    with acting("examiner", f"measured again {CHARACTERS} Ё 병사"):
        model_of("measurements").objects.filter(pk=1).update(value_mm="426.00")
        model_of("associations").objects.create(
            specimen_a="S1", specimen_b="S2", kind="refit", grade="certain", reason=CHARACTERS
        )
    with acting("examiner", "wrong bone"):
        model_of("associations").objects.all().delete()


def test_the_database_writes_what_the_program_checks(url: str, case_folder: Path, tmp_path: Path) -> None:
    open_database(url)
    work(case_folder)
    found = verify()
    assert found.faults == ()
    assert (found.count, found.head) == head()
    lines = tmp_path / "ledger.jsonl"
    assert write_ledger(lines) == found.count
    assert stand_alone(lines) == (0, f"{found.count} entries, head {found.head}\n")
    last = LedgerEntry.objects.order_by("-seq").first()
    assert (last.actor, last.reason, last.action, last.after) == ("examiner", "wrong bone", "delete", None)
    assert json.loads(last.before)["reason"] == CHARACTERS


def stand_alone(ledger: Path, *words: str) -> tuple[int, str]:
    """Exit status and output of the script, under a Python that sees no installed package."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), str(ledger), *words], capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout


def test_nothing_is_written_without_an_actor(url: str) -> None:
    open_database(url)
    with pytest.raises(DatabaseError, match=r"at|actor"), transaction.atomic():
        Sheet.objects.create(name="x", columns="[]")
    assert not Sheet.objects.exists()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger SET actor = 'nobody' WHERE seq = 1",
        "DELETE FROM ledger WHERE seq = 1",
        "INSERT INTO ledger SELECT seq + 1000, at, actor, reason, table_name, row, action, before, after, previous, "
        "digest FROM ledger WHERE seq = 1",
        "UPDATE specimens SET side = 'R'",
        "DELETE FROM specimens",
    ],
)
def test_the_program_itself_cannot_go_round_the_ledger(url: str, case_folder: Path, sql: str) -> None:
    open_database(url)
    load(case_folder)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert verify().faults == ()


def test_a_replaced_row_is_recorded(case: str) -> None:
    with acting("examiner"), connection.cursor() as cursor:
        cursor.execute("REPLACE INTO containers (id, container_id) VALUES (1, 'BOX7')")
    assert verify().faults == ()
    actions = list(LedgerEntry.objects.filter(table="containers").order_by("seq").values_list("action", flat=True))
    assert actions == ["insert", "delete", "insert"]


def test_nothing_is_truncated_on_postgresql(postgresql_url: Callable[[], str], case_folder: Path) -> None:
    open_database(postgresql_url())
    load(case_folder)
    for table in ("ledger", "specimens"):
        with (
            pytest.raises(DatabaseError, match="never altered"),
            acting("x"),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"TRUNCATE {table}")


def outside(url: str, *statements: str) -> None:
    """What someone does who opens the file with another program, and takes the triggers away first."""
    connection.close()
    file = sqlite3.connect(url.removeprefix("sqlite:///"))
    for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        file.execute(f'DROP TRIGGER "{name}"')
    for statement in statements:
        file.execute(statement)
    file.commit()
    file.close()


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (["UPDATE specimens SET side = 'R' WHERE id = 1"], r"specimens row 1: it is not as entry \d+ left it"),
        (["DELETE FROM specimens WHERE id = 2"], r"specimens row 2: it is gone, though entry \d+ left it there"),
        (["INSERT INTO specimens (id, specimen_id) VALUES (77, 'S77')"], "specimens row 77: it is not in the ledger"),
        (["DELETE FROM ledger WHERE seq = 5"], "entry 5: it is not there, the next is entry 6"),
        (["UPDATE ledger SET reason = 'another' WHERE seq = 5"], r"entry 5 \(.*\): its digest is not that of its text"),
        (["UPDATE ledger SET at = '2018' WHERE seq = 5"], r"entry 5 \(.*\): its digest is not that of its text"),
        (
            ["UPDATE ledger SET after = replace(after, '\"id\":\"', '\"id\":\"9') WHERE seq = 7"],
            r"entry 7 \(.*\): its digest is not that of its text",
        ),
        (
            ["UPDATE ledger SET seq = -1 WHERE seq = 5", "UPDATE ledger SET seq = 5 WHERE seq = 6",
             "UPDATE ledger SET seq = 6 WHERE seq = -1"],
            r"entry 5 \(.*\): it does not follow the entry before it",
        ),
        (["DELETE FROM ledger WHERE seq > 9"], r"\w+ row \d+: it is not in the ledger"),
        (["UPDATE ledger SET digest = 'f00d' WHERE seq = 4"], r"entry 4 \(.*\): its digest is not that of its text"),
    ],
)  # fmt: skip
def test_tampering_is_named(case: str, statements: list[str], named: str) -> None:
    outside(case, *statements)
    open_database(case, altered=True)
    faults = verify().faults
    assert re.fullmatch(named, faults[0]), faults[0]
    if named.startswith("entry"):
        status, text = stand_alone(Path(case.removeprefix("sqlite:///")))
        assert (status, text) == (1, f"BAD {faults[0]}\n")


def test_a_moved_boundary_between_before_and_after_is_found() -> None:
    """Two cells shifted by a comma give the same text to digest; the form of each gives it away."""
    entry = (1, "2018", "a", "", "t", "1", "update", '{"x":"1"', '"y":"2"}', chain.GENESIS, "")
    forged = (*entry[:-1], chain.digest_of(entry))
    assert "canonical" in (chain.walk([forged]).fault or "")


def test_a_cut_tail_is_found_against_a_printed_root(case: str) -> None:
    count, root = head()
    assert verify(root=root, count=count).faults == ()
    outside(case, f"DELETE FROM ledger WHERE seq > {count - 1}", "DELETE FROM file_parts", "DELETE FROM subject_keys")
    file = Path(case.removeprefix("sqlite:///"))
    assert stand_alone(file)[0] == 0
    assert stand_alone(file, "--root", root)[0] == 1
    assert stand_alone(file, "--count", str(count)) == (
        1,
        f"BAD entry {count}: the ledger ends before it; {count} entries were there once\n",
    )


def test_lost_triggers_are_noticed(case: str) -> None:
    from cenotaph.errors import CenotaphError

    outside(case)
    with pytest.raises(CenotaphError, match="triggers"):
        open_database(case)
    open_database(case, altered=True)
    assert all(f.startswith("trigger") for f in verify().faults)
    assert len(verify().faults) == 3 * len(recorded_models()) + 2


def test_writers_at_once_make_one_chain(url: str) -> None:
    import threading

    open_database(url)
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for i in range(20):
                with acting(f"writer {number}"):
                    Sheet.objects.create(name=f"{number}-{i}", columns="[]")
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert verify().faults == ()
    assert head()[0] == 80


def test_models_are_those_of_the_registry() -> None:
    from cenotaph.workplace.models.generate import TARGET, source

    assert TARGET.read_text(encoding="utf-8") == source()


def test_no_migration_is_missing() -> None:
    from django.core.management import call_command

    call_command("makemigrations", "workplace", check=True, dry_run=True, verbosity=0)


def test_a_column_that_came_later_is_no_tampering(url: str) -> None:
    """An older version of the program knew no second factor; its entries have no such column."""
    from cenotaph.workplace.ledger import triggers
    from cenotaph.workplace.ledger.context import maintaining
    from tests.workplace.conftest import make_person

    open_database(url)
    make_person("planner")
    entry = list(LedgerEntry.objects.values_list().get())
    after = json.loads(entry[8])
    del after["second_factor"], after["state"]
    entry[8] = json.dumps(after, separators=(",", ":"))
    entry[10] = chain.digest_of(tuple(entry))
    triggers.remove()
    with maintaining():
        LedgerEntry.objects.update(after=entry[8], digest=entry[10])
    triggers.install()
    assert verify().faults == ()
    triggers.remove()
    with maintaining():
        User.objects.update(state="closed")
    triggers.install()
    assert verify().faults == ("users row 1: it is not as entry 1 left it",)


def test_an_upgrade_is_whole_or_absent(sqlite_url: str, case_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cenotaph.workplace import database
    from cenotaph.workplace.ledger import triggers

    open_database(sqlite_url)
    load(case_folder)
    before = triggers.installed()

    def fail() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(triggers, "install", fail)
    with pytest.raises(KeyboardInterrupt):
        database._migrate()
    assert triggers.installed() == before
    monkeypatch.undo()
    database._migrate()
    assert verify().faults == ()
