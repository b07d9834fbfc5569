"""A real browser for the tests of pages, Debian's chromium driven by Playwright; and the workplace that it visits."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.unit.dossiers import SOUND, write_tables

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PASSWORD = "a long enough sentence"
START_S = 60.0
COMMAND = [str(Path(sys.executable).with_name("cenotaph"))]
BEGIN_RUN = """
import sys
import tests.workplace.conftest
from tests.workplace.test_pages import ANSWER
from cenotaph.workplace.database import open_database
open_database(sys.argv[1])
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import Run, RunTable
with acting("test"):
    run = Run.objects.create(name="a run", ledger_count=1, ledger_head="0" * 64, record="{}")
    for name, table in ANSWER.items():
        RunTable.objects.create(run=run, name=name, csv=table)
"""

CASE = {
    "containers": "container_id,label,received_on\nBOX1,1,2018-07-27\nBOX2,2,2018-07-27\n",
    "missing": SOUND["missing"],
    "dental_charts": "subject_type,subject_id,tooth,code\nmissing,M1,11,V\nmissing,M1,36,MO-S\nspecimen,S2,36,MOD-S\n",
}
"""Two boxes, the second empty; nobody in it exists."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser without a window; the test is skipped where none is installed."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("no chromium on this machine")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class House:
    """A workplace that is being served.

    Args:
        address: of its pages.
        setup: where the first administrator is set up; empty where there are accounts.
    """

    address: str
    setup: str


@contextmanager
def served(folder: Path, dossiers: Iterable[Path] = (), begin: str = "") -> Iterator[House]:
    """The small case and *dossiers* loaded, a run and what *begin* writes besides, and the workplace served."""
    environment = surroundings(folder)
    for dossier in (write_tables(folder / "case", **CASE), *dossiers):
        done([*COMMAND, "load", str(dossier)], environment)
    done([sys.executable, "-c", BEGIN_RUN + begin, environment["DATABASE_URL"]], environment)
    with opened(folder) as house:
        yield house


@contextmanager
def opened(folder: Path) -> Iterator[House]:
    """The workplace of the record in *folder* served; an empty one where there is none."""
    port, log = free_port(), folder / "log"
    with log.open("w") as out:
        command = [*COMMAND, "serve", "--port", port]
        server = subprocess.Popen(command, env=surroundings(folder), stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + START_S
        while "Started worker" not in log.read_text():
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        setup = re.search(r"http://\S+setup/\S+", log.read_text())
        yield House(f"http://127.0.0.1:{port}", setup[0] if setup else "")
    finally:
        server.terminate()
        server.wait(30)


def surroundings(folder: Path) -> dict[str, str]:
    """Environment in which the command works on the record in *folder*."""
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{folder}/record.sqlite3", "CENOTAPH_DATA": str(folder)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return environment


def done(words: list[str], environment: dict[str, str]) -> str:
    """What a command wrote; it must succeed."""
    root = Path(__file__).parents[2]
    ended = subprocess.run(words, env=environment, check=True, timeout=120, capture_output=True, cwd=root, text=True)
    return ended.stdout


def free_port() -> str:
    """A port on which nobody listens now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def sign_in(page: Page, house: House, name: str) -> None:
    """Signs somebody in; the page stands at home."""
    page.goto(f"{house.address}/sign-in/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{house.address}/")
