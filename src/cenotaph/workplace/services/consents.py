"""What donors consented to and what they took back. Without consent to identification, no later run reads a sample."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cenotaph.dossier.cells import PARSERS
from cenotaph.errors import InvalidInput
from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.selectors import query
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.cells import Keyring
from cenotaph.workplace.ledger.context import acting, utc_now
from cenotaph.workplace.models import Consent, model_of
from cenotaph.workplace.services.records import Unsound

IDENTIFICATION = "identification"
SCOPES = (IDENTIFICATION, "storage", "research", "sharing")
"""What a consent may cover: comparing the profile with remains, keeping sample and profile after the case is closed,
statistics without a name, handing the profile to others."""

TABLE = "consents"
"""Name of the table in which consents leave with a dossier."""

COLUMNS = (
    *("person_id", "scope", "given_on", "paper", "by", "at"),
    *("withdrawn_on", "withdrawal", "withdrawn_by", "withdrawn_at"),
)
_SECRET = ("paper", "withdrawal")


@dataclass(frozen=True, slots=True)
class Given:
    """A consent as a page shows it; ``withdrawn_on`` is empty while it is in force."""

    id: int
    person_id: str
    scope: tuple[str, ...]
    given_on: str
    paper: str
    by: str
    withdrawn_on: str
    withdrawal: str
    withdrawn_by: str


def give(viewer: Viewer, person_id: str, scope: Collection[str], given_on: str, paper: str) -> int:
    """Enters a donor's consent; returns its number.

    Raises:
        Refused: the role may not.
        Unsound: no such relative, no scope, no day, or no paper.
    """
    viewer.require("add", "consents")
    problems = {}
    if not query(viewer, "relatives").filter(person_id=person_id).exists():
        problems["person_id"] = _("no such relative")
    if not scope or not set(scope) <= set(SCOPES):
        problems["scope"] = _("one or more of: %(scopes)s") % {"scopes": ", ".join(SCOPES)}
    if problem := _problem_of_day(given_on):
        problems["given_on"] = problem
    if not paper.strip():
        problems["paper"] = _("where the signed paper lies")
    if problems:
        raise Unsound(problems)
    subject = f"relative:{person_id}"
    with acting(viewer.name, "consent"):
        keys = Keyring()
        sealed = keys.close(subject, "paper", paper.strip())
        keys.save()
        row = Consent.objects.create(
            person_id=person_id,
            subject=subject,
            scope=" ".join(s for s in SCOPES if s in scope),
            given_on=given_on.strip(),
            paper=sealed,
            by=viewer.name,
            at=utc_now(),
        )
    return int(row.pk)


def withdraw(viewer: Viewer, id_: int, on_date: str, said: str) -> None:
    """Enters that a consent was taken back; runs that are started from now on do not rest on it.

    Raises:
        Refused: the role may not, or there is none in force.
        Unsound: no day, or it is not said how it was taken back.
    """
    viewer.require("change", "consents")
    problems = {}
    if problem := _problem_of_day(on_date):
        problems["withdrawn_on"] = problem
    if not said.strip():
        problems["withdrawal"] = _("say how it was taken back")
    if problems:
        raise Unsound(problems)
    with acting(viewer.name, "consent withdrawn"):
        row = Consent.objects.select_for_update().filter(pk=id_, withdrawn_on=None).first()
        if row is None or not query(viewer, "relatives").filter(person_id=row.person_id).exists():
            raise Refused("no such consent is in force")
        keys = Keyring()
        row.withdrawal = keys.close(row.subject, "withdrawal", said.strip())
        keys.save()
        row.withdrawn_on, row.withdrawn_by, row.withdrawn_at = on_date.strip(), viewer.name, utc_now()
        row.save()


def consents_of(viewer: Viewer, people: Collection[str]) -> dict[str, list[Given]]:
    """Consents of relatives, oldest first.

    Raises:
        Refused: the role may not see them.
    """
    viewer.require("see", "consents")
    keys = Keyring()
    found: dict[str, list[Given]] = defaultdict(list)
    for row in Consent.objects.filter(person_id__in=people).order_by("id"):
        paper, withdrawal = (keys.open(row.subject, c, getattr(row, c)) or "" for c in _SECRET)
        found[row.person_id].append(
            Given(
                id=row.pk,
                person_id=row.person_id,
                scope=tuple(row.scope.split()),
                given_on=row.given_on,
                paper=paper,
                by=row.by,
                withdrawn_on=row.withdrawn_on or "",
                withdrawal=withdrawal,
                withdrawn_by=row.withdrawn_by or "",
            )
        )
    return dict(found)


def in_force(consents: Iterable[Given]) -> tuple[str, ...]:
    """What consents cover that were not taken back."""
    covered = {s for one in consents if not one.withdrawn_on for s in one.scope}
    return tuple(s for s in SCOPES if s in covered)


def unwilling() -> frozenset[str]:
    """Relatives who said what they consent to, but of whom no consent in force covers identification.

    Of whom no consent is recorded, nothing is assumed: samples from before consents were kept here stay in use.
    """
    asked: set[str] = set()
    willing: set[str] = set()
    for person, scope, withdrawn_on in Consent.objects.values_list("person_id", "scope", "withdrawn_on"):
        asked.add(person)
        if withdrawn_on is None and IDENTIFICATION in scope.split():
            willing.add(person)
    return frozenset(asked - willing)


def withheld_samples() -> dict[str, str]:
    """Samples that no run may read, each with the relative who gave it."""
    people = unwilling()
    given = model_of("samples").objects.filter(origin="relative").order_by("sample_id")
    return {s: p for s, p in given.values_list("sample_id", "origin_id") if p in people}


def record(keys: Keyring) -> list[dict[str, str | None]]:
    """Every consent, oldest first, with the cells of `COLUMNS`: how consents leave in a dossier."""
    return [
        {c: keys.open(row.subject, c, getattr(row, c)) if c in _SECRET else getattr(row, c) for c in COLUMNS}
        for row in Consent.objects.order_by("id")
    ]


def take_in(rows: Sequence[Mapping[str, str | None]], keys: Keyring) -> None:
    """Enters consents of another record, within a block of `acting`; one that this record knows stays as it is here."""
    for number, row in enumerate(rows, 2):
        _require_consent(row, f"{TABLE}.csv:{number}")
    known = set(Consent.objects.values_list("person_id", "at"))
    for row in rows:
        if (row["person_id"], row["at"]) in known:
            continue
        subject = f"relative:{row['person_id']}"
        cells = {c: keys.close(subject, c, row[c]) if c in _SECRET else row[c] for c in COLUMNS}
        Consent.objects.create(subject=subject, **cells)


def _require_consent(row: Mapping[str, str | None], where: str) -> None:
    scope = (row["scope"] or "").split()
    if not scope or not set(scope) <= set(SCOPES):
        raise InvalidInput("not what a consent covers", found=row["scope"], valid=" ".join(SCOPES), where=where)
    if empty := [c for c in ("person_id", "given_on", "by", "at") if not row[c]]:
        raise InvalidInput("a consent without this cell", found=", ".join(empty), valid="filled", where=where)
    if len({row[c] is None for c in ("withdrawn_on", "withdrawn_by", "withdrawn_at")}) > 1:
        valid = "withdrawn_on, withdrawn_by and withdrawn_at all filled, or none"
        raise InvalidInput("half a withdrawal", found=row["withdrawn_on"], valid=valid, where=where)


def _problem_of_day(text: str) -> str | None:
    if not text.strip():
        return _("a day, as 2019-05-17")
    found = PARSERS["date"](text.strip())
    return f"{found[0]}: {found[1]}" if found else None
