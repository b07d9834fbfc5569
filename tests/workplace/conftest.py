"""A record for each test, made from a template, on SQLite and, where a server can be started, on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.django_setup import set_up

set_up()
# A browser test of the same worker leaves an event loop behind, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

from django.contrib.auth.hashers import make_password

from cenotaph.workplace.access.rights import ROLES
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.database import open_database
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import User
from tests.unit.dossiers import write_tables

SERVER_USER = "postgres"
SERVER_PROGRAMS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin")

CASE = {
    "missing": "missing_id,family_name,given_names,sex,population,stature_cm,service_number,home_of_record,note,nick\n"
    "M1,CANARY-NAME-1,CANARY-GIVEN,M,white,170.50,CANARY-NUMBER,CANARY-HOME,CANARY-NOTE,CANARY-NICK\n"
    'M2,"CANARY-NAME-2, Jr.",,M,black,,,,,\n',
    "incidents": None,
    "effects": "effect_id,container_id,kind,inscription,missing_id,note\n"
    "E1,BOX1,identification_tag,CANARY-TAG,M1,CANARY-EFFECT\n",
    "relatives": "family_id,person_id,father_id,mother_id,sex,missing_id,note\n"
    "F1,F1.F,,,M,,CANARY-FATHER\nF1,F1.M,,,F,,CANARY-PHONE\nF1,F1.C,F1.F,F1.M,M,M1,\nF1,F1.S,F1.F,F1.M,F,,\n",
    "containers": "container_id,label,note\nBOX1,1,CANARY-BOX-NOTE\n",
    "decisions": "decision_id,kind,specimen_ids,missing_id,by,note\n"
    "D1,exclusion,S1,M2,CANARY-EXAMINER,CANARY-DECISION\n",
    "rumours": "who,what\nCANARY-WHO,CANARY-WHAT\nnobody,\n",
}
"""Changes to the sound dossier: names, contacts and notes that can be told apart wherever they turn up."""


def _server_programs() -> Path | None:
    for pattern in SERVER_PROGRAMS:
        for folder in sorted(Path("/").glob(pattern.lstrip("/")), reverse=True):
            if (folder / "initdb").exists():
                return folder
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Folder of the socket of a throw-away PostgreSQL server; the test is skipped where none can be started."""
    programs = _server_programs()
    user = SERVER_USER if os.getuid() == 0 else None
    if programs is None:
        pytest.skip("no PostgreSQL server is installed")
    folder = Path(tempfile.mkdtemp(prefix="cenotaph-pg-"))
    if user:
        shutil.chown(folder, user)

    def run(*words: str) -> None:
        subprocess.run(words, user=user, cwd=folder, check=True, capture_output=True, timeout=60)

    data = str(folder / "data")
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    try:
        run(str(programs / "initdb"), "-D", data, "-U", "cenotaph", "--auth=trust", "-E", "UTF8", "--locale=C")
        run(str(programs / "pg_ctl"), "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
    except (subprocess.SubprocessError, OSError, LookupError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"no PostgreSQL server can be started: {error}")
    yield str(folder)
    run(str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite record."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    open_database(f"sqlite:///{path}")
    _close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Address of a new, empty SQLite record of its own."""
    path = tmp_path / "record.sqlite3"
    shutil.copyfile(sqlite_template, path)
    shutil.copyfile(f"{sqlite_template}.key", f"{path}.key")
    os.chmod(f"{path}.key", 0o600)
    return f"sqlite:///{path}"


_databases = iter(range(1, 10_000))


@pytest.fixture
def postgresql_url(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """Makes addresses of empty PostgreSQL databases."""
    import psycopg

    monkeypatch.setenv("CENOTAPH_DATA", str(tmp_path / "data"))

    def make() -> str:
        name = f"record_{next(_databases)}"
        with psycopg.connect(host=server, user="cenotaph", dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://cenotaph@/{name}?host={server}"

    yield make
    _close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Address of an empty record, once on each database."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    return str(request.getfixturevalue("postgresql_url")())


@pytest.fixture
def record(sqlite_url: str) -> Iterator[str]:
    """This process at work on a new SQLite record."""
    open_database(sqlite_url)
    yield sqlite_url
    _close()


@pytest.fixture
def case_folder(tmp_path: Path) -> Path:
    """A small dossier full of names that can be told apart."""
    return write_tables(tmp_path / "case", **CASE)


@pytest.fixture
def case(record: str, case_folder: Path) -> str:
    """A record that holds the small dossier."""
    load(case_folder)
    return record


def load(folder: Path) -> int:
    """Loads a dossier as the command line does."""
    from cenotaph.workplace.services.load import apply_load, plan_load

    plan = plan_load(folder)
    assert plan.is_possible, [str(f) for f in plan.faults]
    return apply_load(plan, "command line", "test")


@pytest.fixture
def viewers() -> dict[str, Viewer]:
    """A viewer for each role."""
    return {role: Viewer(f"the {role}", (role,)) for role in ROLES}


PASSWORD = "a long enough sentence"


@cache
def _hashed() -> str:
    return make_password(PASSWORD)


def make_person(role: str, name: str | None = None) -> User:
    """Someone with one role, who signs with `PASSWORD`."""
    user = User(name=name or role, full_name=role, roles=role, password=_hashed())
    with acting("test"):
        user.save()
    return user


def _close() -> None:
    from django.db import connections

    connections["default"].close()
