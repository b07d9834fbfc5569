"""A writer that is killed at any moment loses nothing that was acknowledged, and leaves nothing half done.

Twenty kills in the suite; ``make verify`` sets CENOTAPH_KILLS to a thousand.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cenotaph.workplace.database import open_database
from cenotaph.workplace.ledger.verify import head, verify
from cenotaph.workplace.models import model_of
from tests.unit.dossiers import write_tables

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("CENOTAPH_KILLS", "20"))
ACTS_KILLED = KILLS * 3 // 5
LOADS_KILLED = KILLS - ACTS_KILLED


def start(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.workplace.writer", *words]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def go(process: subprocess.Popen[str], number: int = 0) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.write(f"{number}\n")
    process.stdin.flush()


def kill(process: subprocess.Popen[str]) -> list[str]:
    """Kills without warning; returns what the process had said."""
    process.kill()
    said, _ = process.communicate(timeout=30)
    return said.split()


@pytest.mark.slow
def test_no_acknowledged_write_is_lost(record: str) -> None:
    chance = random.Random(1950)
    acknowledged: set[int] = set()
    waiting = start("acts", record)
    for kills in range(ACTS_KILLED):
        writer, waiting = waiting, start("acts", record)
        go(writer, 10_000 * kills)
        time.sleep(chance.uniform(0.02, 0.4))
        acknowledged |= {int(word) for word in kill(writer)}
    waiting.kill()
    waiting.communicate(timeout=30)
    open_database(record)
    stored = set(model_of("containers").objects.values_list("container_id", flat=True))
    assert len(acknowledged) > ACTS_KILLED
    assert [n for n in acknowledged if not {f"A{n}", f"B{n}"} <= stored] == []
    assert {name[1:] for name in stored if name[0] == "A"} == {name[1:] for name in stored if name[0] == "B"}
    assert len(stored) <= 2 * (len(acknowledged) + ACTS_KILLED)
    assert verify().faults == ()


@pytest.mark.slow
def test_a_killed_load_leaves_all_or_nothing(sqlite_url: str, tmp_path: Path) -> None:
    chance = random.Random(2018)
    bones = "".join(f"S{i},BOX1,rib,U\n" for i in range(3, 8_000))
    folder = write_tables(
        tmp_path / "large",
        specimens="specimen_id,container_id,element,side\nS1,BOX1,femur,L\nS2,BOX1,cranium,M\n" + bones,
    )
    template = Path(sqlite_url.removeprefix("sqlite:///"))

    def fresh(number: int) -> str:
        copy = tmp_path / f"copy-{number}.sqlite3"
        shutil.copyfile(template, copy)
        shutil.copyfile(f"{template}.key", f"{copy}.key")
        return f"sqlite:///{copy}"

    waiting_url = fresh(0)
    waiting = start("load", waiting_url, str(folder))
    found = []
    for number in range(LOADS_KILLED):
        writer, url = waiting, waiting_url
        waiting_url = fresh(number + 1)
        waiting = start("load", waiting_url, str(folder))
        go(writer)
        time.sleep(chance.uniform(0.0, 0.5))
        said = kill(writer)
        open_database(url)
        rows = model_of("specimens").objects.count()
        assert rows in {0, 7_999}
        assert rows or "acknowledged" not in said
        assert rows or head()[0] == 0
        assert verify().faults == ()
        found.append(rows)
        for path in tmp_path.glob(f"copy-{number}.sqlite3*"):
            path.unlink()
    waiting.kill()
    waiting.communicate(timeout=30)
    assert 0 in found


@pytest.mark.slow
def test_a_database_that_was_killed_while_it_was_made_is_absent(tmp_path: Path) -> None:
    chance = random.Random(38)
    for number in range(4):
        path = tmp_path / f"{number}.sqlite3"
        process = start("acts", f"sqlite:///{path}")
        time.sleep(chance.uniform(0.5, 2.0))
        kill(process)
        open_database(f"sqlite:///{path}")
        assert verify().faults == ()
