"""The commands as they are typed: no prompt, no administrator, a key that its owner alone may read."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from cenotaph.dossier.write import write_dossier
from cenotaph.simulation.handover import simulate_handover
from cenotaph.simulation.plan import preset
from cenotaph.workplace.jobs.queue import ask
from cenotaph.workplace.ledger.verify import verify
from cenotaph.workplace.models import Job, LedgerEntry, RunTable
from tests.unit.dossiers import SOUND, write_tables
from tests.workplace.conftest import load

PROGRAM = str(Path(sys.executable).with_name("cenotaph"))


def cenotaph(*words: object, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, *map(str, words)],
        env=clean(home) | environment,
        cwd=home,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


def clean(home: Path) -> dict[str, str]:
    """An environment in which nothing of the tests' own record is left."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CENOTAPH_", "DJANGO_", "DATABASE_"))}
    return kept | {"CENOTAPH_DATA": str(home / "data")}


def test_from_nothing_to_a_restored_record(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "dossier")
    loaded = cenotaph("load", folder, "--json", home=tmp_path)
    assert loaded.returncode == 0, loaded.stderr
    assert json.loads(loaded.stdout)["added"] == sum(text.count("\n") - 1 for text in SOUND.values())
    database = tmp_path / "data" / "cenotaph.sqlite3"
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(f"{database}.key").stat().st_mode) == 0o600
    assert cenotaph("verify", home=tmp_path).returncode == 0
    assert cenotaph("backup", "b", home=tmp_path).returncode == 0
    elsewhere = {"DATABASE_URL": "sqlite:///elsewhere/new.sqlite3"}
    assert cenotaph("restore", "b", home=tmp_path, **elsewhere).returncode == 0
    assert cenotaph("export", "out", home=tmp_path, **elsewhere).returncode == 0
    assert (tmp_path / "out" / "measurements.csv").read_text() == (folder / "measurements.csv").read_text()
    again = cenotaph("export", "out", home=tmp_path)
    assert (again.returncode, "not empty" in again.stderr) == (2, True)


def test_bad_input_is_said_in_a_line(tmp_path: Path) -> None:
    bad = write_tables(tmp_path / "bad", measurements="specimen_id,code,value_mm\nS1,Fem_01,OL\n")
    done = cenotaph("load", bad, "--quiet", home=tmp_path)
    assert done.returncode == 2
    assert "measurements:2:value_mm: not a number" in done.stderr
    assert "Traceback" not in done.stderr
    for url in ("mysql://x/y", "sqlite:///", f"sqlite:///{tmp_path}"):
        done = cenotaph("verify", "--database", url, home=tmp_path)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    (tmp_path / "text.sqlite3").write_text("this is no database, and long enough to look at as one\n" * 40)
    (tmp_path / "text.sqlite3.key").write_text("")
    done = cenotaph("verify", "--database", f"sqlite:///{tmp_path / 'text.sqlite3'}", home=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)


def test_a_lost_key_is_not_replaced(tmp_path: Path) -> None:
    cenotaph("load", write_tables(tmp_path / "dossier"), home=tmp_path)
    key = tmp_path / "data" / "cenotaph.sqlite3.key"
    key.unlink()
    done = cenotaph("export", "out", home=tmp_path)
    assert (done.returncode, "key file" in done.stderr) == (2, True)
    assert not key.exists()


def test_passwords_never_cross_the_network_in_the_clear(tmp_path: Path) -> None:
    done = cenotaph("serve", "--host", "0.0.0.0", home=tmp_path)
    assert (done.returncode, "in the clear" in done.stderr) == (2, True)


@pytest.mark.slow
def test_serve_asks_for_the_first_administrator(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [PROGRAM, "serve", "--port", str(port)],
        env=clean(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert server.stdout is not None
        lines = [server.stdout.readline() for _ in range(5)]
        address = next(line.strip() for line in lines if "setup" in line)
        page = _fetched(address)
        assert "The first administrator" in page
        assert "htmx" in page
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(address.partition("?")[0], timeout=10)
        script = page.partition('<script src="')[2].partition('"')[0]
        assert "htmx" in _fetched(f"http://127.0.0.1:{port}{script}")
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=30)


def _fetched(address: str) -> str:
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=10) as response:
                text: str = response.read().decode()
                return text
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(address)


@pytest.mark.slow
def test_a_killed_identification_is_taken_up_again(record: str, tmp_path: Path) -> None:
    plan = preset("small", individuals=20, boxes=5, missing=120, seed=5)
    write_dossier(simulate_handover(plan).dossier, tmp_path / "handover")
    load(tmp_path / "handover")
    job = ask("identify", {"seed": 7}, "authority")
    command = [sys.executable, "-m", "cenotaph.workplace.jobs.worker"]
    environment = os.environ | {"DATABASE_URL": record}
    worker = subprocess.Popen(command, env=environment)
    _wait_for(job, lambda: job.state == "running")
    worker.kill()
    worker.wait(30)
    job.refresh_from_db()
    assert job.state == "running"
    worker = subprocess.Popen(command, env=environment)
    try:
        _wait_for(job, lambda: job.state not in {"running", "queued"})
    finally:
        worker.terminate()
        worker.wait(30)
    assert (job.state, job.attempts, job.message) == ("done", 2, "")
    assert {t.name for t in RunTable.objects.all()} >= {"individuals", "assignments", "candidates"}
    assert job.run.ledger_count == LedgerEntry.objects.filter(table="runs").get().seq - 1
    assert verify().faults == ()


def _wait_for(job: Job, is_so: object) -> None:
    for _ in range(1200):
        job.refresh_from_db()
        if is_so():  # type: ignore[operator]
            return
        time.sleep(0.05)
    raise TimeoutError(job.state)
