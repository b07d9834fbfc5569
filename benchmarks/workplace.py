"""Thirty people at work at once: ``benchmarks/workplace.py --seconds 60``, through the command that serves the pages.

A simulated handover is loaded into SQLite. Examiners enter bones, measurements and moves; managers note what they
learnt; others read lists, families, talks and the ledger. Each waits for an answer, thinks for some seconds, and goes
on. Afterwards every write that was acknowledged is looked for in the record and in the ledger.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import numpy as np

STAFF = {
    "anthropologist": 12, "case_manager": 7, "geneticist": 4, "planner": 3, "liaison": 2, "authority": 1, "oversight": 1
}  # fmt: skip
THINK_S = 3.0
"""Mean time between an answer and the next request."""

LIST_ROWS = 10_000

BEGIN = """
import json, sys, time
from cenotaph.workplace.database import open_database
open_database(sys.argv[1])
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import User
store = import_module(settings.SESSION_ENGINE).SessionStore
sessions = {}
for role, number in json.loads(sys.argv[2]).items():
    for i in range(number):
        with acting("benchmark"):
            user = User(name=f"{role}-{i}", full_name=role, roles=role)
            user.set_unusable_password()
            user.save()
        session = store()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session["began"] = session["seen"] = time.time()
        session.save()
        sessions[user.name] = session.session_key
print(json.dumps(sessions))
"""
"""Makes the people, signed in: thirty sign-ins from one address in a minute would be refused."""


@dataclass
class Told:
    """What everybody was told: how long each answer took, what was acknowledged, and what failed."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    bones: dict[str, str] = field(default_factory=dict)
    measurements: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    moves: list[tuple[str, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


class Person:
    """Somebody with a browser."""

    def __init__(self, port: int, name: str, session: str, told: Told) -> None:
        self.name, self.role = name, name.rpartition("-")[0]
        self.chance = random.Random(name)
        self.told = told
        self._to = HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies = {"sessionid": session}
        self._number = 0

    def asks(self, kind: str, path: str, form: dict[str, str] | None = None) -> str | None:
        """The answer to a page, or to a form that is sent; None where it failed."""
        if form is None:
            return self._ask(kind, "GET", path, None, "")
        return self._ask(kind, "POST", path, urlencode(form), "application/x-www-form-urlencoded")

    def sends(self, kind: str, method: str, path: str, sent: object) -> str | None:
        """The answer of the API; None where it failed."""
        return self._ask(kind, method, path, json.dumps(sent), "application/json")

    def _ask(self, kind: str, method: str, path: str, body: str | None, content: str) -> str | None:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())}
        if body is not None:
            headers |= {"X-CSRFToken": self._cookies["csrftoken"], "Content-Type": content}
        began = time.perf_counter()
        self._to.request(method, path, body, headers)
        answer = self._to.getresponse()
        text = answer.read().decode()
        self.told.seconds[kind].append(time.perf_counter() - began)
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        if answer.status not in {200, 201, 302}:
            self.told.failures.append(f"{self.name} {method} {path}: {answer.status}")
            return None
        return text

    def next_name(self) -> str:
        """A name that nobody else gives."""
        self._number += 1
        return f"{self.name}-{self._number}"

    def measures(self, boxes: list[str]) -> None:
        """Enters a bone, measures it, and lays it elsewhere."""
        box, bone = self.chance.choice(boxes), self.next_name()
        self.asks("box", f"/handovers/boxes/{box}/")
        self._thinks()
        entry = {"specimen_id": bone, "element": "femur", "side": "L", "completeness": "0.9"}
        if self.asks("bone entered", f"/handovers/boxes/{box}/", entry) is None:
            return
        self.told.bones[bone] = box
        self._thinks()
        self.asks("bone", f"/bench/{bone}/")
        value = f"{self.chance.uniform(400, 480):.1f}"
        sent = {"values": {"specimen_id": bone, "code": "Fem_01", "value_mm": value}, "reason": "measured"}
        if self.sends("measurement", "POST", "/api/tables/measurements", sent) is not None:
            self.told.measurements[bone] = value
        self._thinks()
        to = self.chance.choice(boxes)
        move = {"codes": bone, "received_by": self.name, "reason": "laid out"}
        if to != box and self.asks("move", f"/handovers/boxes/{to}/", move) is not None:
            self.told.moves.append((bone, to))

    def manages(self, men: list[tuple[int, str]]) -> None:
        """Looks a man up and notes what was learnt."""
        self.asks("missing", f"/missing/?page={self.chance.randint(1, 20)}")
        self._thinks()
        row, man = self.chance.choice(men)
        self.asks("man", f"/missing/{man}/")
        self._thinks()
        note = self.next_name()
        sent = {"values": {"note": note}, "reason": "a letter"}
        if self.sends("note", "PATCH", f"/api/tables/missing/{row}", sent) is not None:
            self.told.notes[note] = man

    def reads(self, pages: list[tuple[str, str]]) -> None:
        """Looks at a page."""
        self.asks(*self.chance.choice(pages))

    def _thinks(self) -> None:
        time.sleep(self.chance.expovariate(1 / THINK_S))


def day_of(person: Person, boxes: list[str], men: list[tuple[int, str]]) -> Callable[[], None]:
    """What somebody of this role does again and again."""
    home = ("home", "/")
    reading = {
        "geneticist": [
            ("samples", "/api/tables/samples?limit=100"),
            ("bench", "/bench/"),
            ("search", "/search/?q=S00"),
        ],
        "planner": [("talks", "/talks/"), ("handovers", "/handovers/"), ("sites", "/sites/")],
        "liaison": [("families", "/families/"), ("missing", "/missing/"), ("search", "/search/?q=ann")],
        "authority": [("decisions", "/decisions/"), ("ledger", "/ledger/"), ("individuals", "/individuals/")],
        "oversight": [("ledger", "/ledger/")],
    }
    if person.role == "anthropologist":
        return lambda: person.measures(boxes)
    if person.role == "case_manager":
        return lambda: person.manages(men)
    return lambda: person.reads([home, *reading[person.role]])


def work(person: Person, day: Callable[[], None], until: float) -> None:
    """Comes within the first ten seconds and goes on until the time is over."""
    time.sleep(person.chance.uniform(0, 10))
    person.asks("home", "/")
    person.asks("second page", "/own/")  # Its form brings the token that changes need.
    while time.monotonic() < until:
        time.sleep(person.chance.expovariate(1 / THINK_S))
        day()


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """The port at which the record is served."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    log = folder / "log"
    with log.open("w") as out:
        server = subprocess.Popen([program(), "serve", "--port", str(port)], stdout=out, stderr=out, env=place(folder))
    try:
        while "Started worker" not in log.read_text():
            if server.poll() is not None:
                raise SystemExit(log.read_text())
            time.sleep(0.2)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def program() -> str:
    """The command."""
    return str(Path(sys.executable).with_name("cenotaph"))


def place(folder: Path) -> dict[str, str]:
    """The environment in which the record is in *folder*."""
    return os.environ | {"DATABASE_URL": f"sqlite:///{folder}/record.sqlite3", "CENOTAPH_DATA": str(folder)}


def run(folder: Path, *words: str) -> str:
    """Runs a program on the record; what it said."""
    return subprocess.run(words, env=place(folder), check=True, stdout=subprocess.PIPE, text=True).stdout


def more_men(folder: Path, there: int) -> Path:
    """A dossier with so many invented men that the roster has `LIST_ROWS`."""
    folder.mkdir()
    rows = "".join(f"Z{i:05d},Invented{i},M,white\n" for i in range(LIST_ROWS - there))
    (folder / "missing.csv").write_text("missing_id,family_name,sex,population\n" + rows)
    return folder


def first_answers(port: int, session: str) -> dict[str, float]:
    """Median time, in seconds, of a list of `LIST_ROWS` men: as it is, sorted, filtered, and its last page."""
    person = Person(port, "case_manager-0", session, Told())
    found = {}
    asked = (("", ""), (", sorted", "?sort=-loss_date"), (", filtered", "?unit=1"), (", last page", "?page=100"))
    for words, query in asked:
        times = []
        for _ in range(7):
            began = time.perf_counter()
            person.asks("list", f"/missing/{query}")
            times.append(time.perf_counter() - began)
        found[f"list of {LIST_ROWS:,} men{words}"] = float(np.median(times))
    return found


def lost_writes(folder: Path, told: Told) -> list[str]:
    """Acknowledged writes that the record or its ledger does not have."""
    os.environ |= place(folder)
    from cenotaph.workplace.database import open_database

    open_database()
    from cenotaph.workplace.models import LedgerEntry, model_of
    from cenotaph.workplace.services import custody

    lost = []
    entered = set(LedgerEntry.objects.filter(table="specimens", action="insert").values_list("row", flat=True))
    bones = dict(model_of("specimens").objects.values_list("specimen_id", "pk"))
    lost += [f"bone {b}" for b in told.bones if b not in bones or str(bones[b]) not in entered]
    measured = dict(model_of("measurements").objects.values_list("specimen_id", "value_mm"))
    lost += [f"measurement of {b}" for b, value in told.measurements.items() if measured.get(b) != value]
    at = custody.places(dict(model_of("specimens").objects.values_list("specimen_id", "container_id")))
    lost += [f"move of {b}" for b, to in told.moves if at.get(b) != to]
    notes = LedgerEntry.objects.filter(table="missing", action="update", reason="a letter").count()
    if notes != len(told.notes):
        lost.append(f"{len(told.notes)} notes were acknowledged, the ledger has {notes}")
    return lost


def main() -> None:
    """Prints a table; status 1 where a write was lost or an answer was too slow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--dossier", type=Path, help="A handover; simulated where none is given.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cenotaph-load-") as work_:
        raise SystemExit(measure(Path(work_), options.dossier, options.seconds))


def measure(folder: Path, dossier: Path | None, seconds: float) -> int:
    """Loads, serves, lets everybody work, and looks for what was acknowledged."""
    if dossier is None:
        dossier = folder / "handover"
        run(folder, program(), "simulate", "handover", str(dossier), "--preset", "k55", "--seed", "2018")
    began = time.perf_counter()
    run(folder, program(), "load", str(dossier))
    print(f"load of the handover                {time.perf_counter() - began:8.1f} s   (at most 60)")
    ids = re.findall(r"^(\w+),", (dossier / "missing.csv").read_text(), re.M)[1:]
    boxes = re.findall(r"^([^,\n]+),", (dossier / "containers.csv").read_text(), re.M)[1:]
    run(folder, program(), "load", str(more_men(folder / "more", len(ids))))
    url = f"sqlite:///{folder}/record.sqlite3"
    sessions = json.loads(run(folder, sys.executable, "-c", BEGIN, url, json.dumps(STAFF)))
    told = Told()
    with served(folder) as port:
        lists = first_answers(port, sessions["case_manager-0"])
        for words, median in lists.items():
            print(f"{words:36}{1000 * median:8.0f} ms  (at most 300)")
        people = [Person(port, name, session, told) for name, session in sessions.items()]
        until = time.monotonic() + seconds
        men = list(enumerate(ids, start=1))
        threads = [threading.Thread(target=work, args=(p, day_of(p, boxes, men), until)) for p in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for kind, times in sorted(told.seconds.items(), key=lambda item: -np.quantile(item[1], 0.95)):
        median, p95, longest = (1000 * np.quantile(times, q) for q in (0.5, 0.95, 1.0))
        print(f"  {kind:14} {len(times):5}   median {median:5.0f} ms   p95 {p95:5.0f} ms   longest {longest:5.0f} ms")
    every = np.concatenate([np.array(t) for t in told.seconds.values()])
    p95 = 1000 * float(np.quantile(every, 0.95))
    print(f"{len(people)} people, {seconds:.0f} s: {len(every)} answers, p95 {p95:.0f} ms  (at most 500)")
    written = len(told.bones) + len(told.measurements) + len(told.moves) + len(told.notes)
    lost = lost_writes(folder, told)
    print(f"acknowledged writes: {written}, lost: {len(lost)}; requests that failed: {len(told.failures)}")
    for line in [*lost, *told.failures][:10]:
        print("  ", line)
    print(run(folder, program(), "verify").strip())
    return int(bool(lost or told.failures or not written or p95 > 500 or max(lists.values()) > 0.3))


if __name__ == "__main__":
    main()
