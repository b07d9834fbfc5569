"""Fills a workplace to look at: ``python tools/demo.py HANDOVER RESULT FOLDER``.

FOLDER gets a record with the handover, the run that RESULT holds, the Korean programme, and a person for each role,
whose passwords are drawn here and written to ``people.txt``. A filled folder is made anew.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

from cenotaph.workplace.database import open_database

ACTOR = "demonstration"
SYLLABLES = [c + v for c in "bdfghklmnprstvz" for v in "aeiou"]


def main(handover: Path, result: Path, folder: Path) -> None:
    """Fills *folder*."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    open_database(f"sqlite:///{folder.resolve()}/record.sqlite3")
    load(handover)
    keep_run(result)
    with resources.as_file(resources.files("cenotaph.data").joinpath("korea")) as korea:
        load(Path(korea))
    speak_to_families()
    write_people(folder / "people.txt")


def load(dossier: Path) -> None:
    """A dossier into the record."""
    from cenotaph.workplace.services.load import apply_load, plan_load

    plan = plan_load(dossier)
    if not plan.is_possible:
        raise SystemExit(f"{dossier}: {next(f for f in plan.faults if f.severity == 'error')}")
    apply_load(plan, ACTOR, f"{dossier.name} of the demonstration")


def keep_run(result: Path) -> None:
    """The answer in *result*, made from the record as it stands now, as a frozen run of the workplace."""
    from cenotaph.workplace.access.viewer import Viewer
    from cenotaph.workplace.ledger.context import acting
    from cenotaph.workplace.ledger.verify import head
    from cenotaph.workplace.models import Run, RunTable
    from cenotaph.workplace.services import runs

    count, digest = head()
    record = json.loads((result / "run.json").read_text(encoding="utf-8"))
    with acting(ACTOR, "identification run"):
        run = Run.objects.create(
            name="The whole handover",
            ledger_count=count,
            ledger_head=digest,
            record=json.dumps(record, ensure_ascii=False),
        )
        for table in sorted(result.glob("*.csv")):
            RunTable.objects.create(run=run, name=table.stem, csv=table.read_text(encoding="utf-8"))
    runs.freeze(Viewer(ACTOR, ("authority",)), run, "what is proposed and decided rests on this run")


def speak_to_families() -> None:
    """Consent of the donors of two families, taken back in the second, and a contact with each that is due."""
    from cenotaph.workplace.access.viewer import Viewer
    from cenotaph.workplace.ledger.context import utc_now
    from cenotaph.workplace.models import model_of
    from cenotaph.workplace.services import consents, decisions

    liaison, today = Viewer(ACTOR, ("liaison",)), date.fromisoformat(utc_now()[:10])
    donors = model_of("samples").objects.filter(origin="relative").order_by("id").values("origin_id")
    people = model_of("relatives").objects
    families = list(dict.fromkeys(people.filter(person_id__in=donors).values_list("family_id", flat=True)))
    for family, days in zip(families, (-7, 7), strict=False):
        members = people.filter(family_id=family)
        given = [
            consents.give(liaison, person, ("identification", "storage"), "2019-05-17", f"folder {family}")
            for person in members.filter(person_id__in=donors).values_list("person_id", flat=True)
        ]
        man = members.exclude(missing_id=None).values_list("missing_id", flat=True).first()
        due = (today + timedelta(days=days)).isoformat()
        decisions.note_contact(liaison, man, None, "letter", "2019-05-17", "They asked what was found.", due)
        if days > 0:
            consents.withdraw(liaison, given[0], "2020-03-02", "by letter")


def write_people(path: Path) -> None:
    """A person for each role, with a password of six drawn words."""
    from cenotaph.workplace.access.rights import ROLES
    from cenotaph.workplace.ledger.context import acting
    from cenotaph.workplace.models import User

    told = []
    with acting(ACTOR, "people of the demonstration"):
        for role in ROLES.values():
            password = "-".join("".join(secrets.choice(SYLLABLES) for _ in range(2)) for _ in range(6))
            user = User(name=role.name, full_name=f"{role.title} (demonstration)", roles=role.name)
            user.set_password(password)
            user.save()
            told.append(f"{role.name:15} {password}")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(
            "\n".join(["Names and passwords of this demonstration; nobody has them anywhere else.", "", *told, ""])
        )


if __name__ == "__main__":
    main(*(Path(word) for word in sys.argv[1:4]))
