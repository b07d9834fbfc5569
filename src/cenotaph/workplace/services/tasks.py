"""What waits for somebody, and the counts of the record, each with what it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from cenotaph.workplace.access.cases import open_to_review
from cenotaph.workplace.access.rights import ALL
from cenotaph.workplace.access.selectors import query
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import utc_now
from cenotaph.workplace.ledger.verify import head
from cenotaph.workplace.models import Job, Opinion, User, model_of
from cenotaph.workplace.services import custody
from cenotaph.workplace.services.decisions import contacts_due
from cenotaph.workplace.services.proposals import to_decide
from cenotaph.workplace.services.undone import UNDONE, untyped_samples

SOON_DAYS = 14
_DUE = ("families", "?contact=due")


@dataclass(frozen=True, slots=True)
class Count:
    """A number with what it counts.

    Args:
        number: how many.
        words: its name.
        meaning: its definition.
        page, query: name of the page behind it, and what follows the address.
    """

    number: int
    words: str
    meaning: str
    page: str = ""
    query: str = ""


def waiting(viewer: Viewer) -> list[Count]:
    """What waits for a viewer, by all roles held; nothing of which there is none."""
    found = [one for role in viewer.roles for one in _TASKS.get(role, _nothing)(viewer)]
    return [one for one in [*_handed(viewer), *found] if one.number]


def _handed(viewer: Viewer) -> Iterator[Count]:
    if viewer.may("see", "specimens", "container_id"):
        number = len(custody.handed_over(viewer)[0])
        yield Count(number, _("Bones handed to you"), _("moves that count once you say that you have them"), "receipts")


def _nothing(viewer: Viewer) -> Iterator[Count]:
    return iter(())


def _ids(resource: str, field: str, **where: Any) -> Any:
    return model_of(resource).objects.filter(**where).exclude(**{field: None}).values(field)


def _undone(viewer: Viewer, word: str, words: str, page: str) -> Count:
    one = UNDONE[word]
    return Count(one.rows(viewer).count(), words, str(one.meaning), page, f"?todo={word}")


def _anthropologist(viewer: Viewer) -> Iterator[Count]:
    yield _undone(viewer, "begin", _("Boxes to begin"), "boxes")
    yield _undone(viewer, "measure", _("Bones to measure"), "bench")


def _odontologist(viewer: Viewer) -> Iterator[Count]:
    yield _undone(viewer, "chart", _("Jaws to chart"), "bench")


def _geneticist(viewer: Viewer) -> Iterator[Count]:
    bare = untyped_samples(viewer).count()
    yield Count(bare, _("Samples to type"), _("samples of remains without any profile"), "bench", "?todo=type")


def _case_manager(viewer: Viewer) -> Iterator[Count]:
    yield from _contacts(viewer)
    yield _undone(viewer, "family", _("Men without a family"), "missing")
    yield _without_reference(viewer)
    mine = Opinion.objects.filter(signed_by=viewer.name, state__in=("sent back", "re-opened")).count()
    yield Count(mine, _("Opinions that came back"), _("your opinions, sent back or re-opened"), "decisions")


def _without_reference(viewer: Viewer) -> Count:
    donors = _ids("samples", "origin_id", origin="relative")
    given = model_of("relatives").objects.filter(person_id__in=donors).values("family_id")
    number = query(viewer, "relatives").exclude(family_id__in=given).values("family_id").distinct().count()
    meaning = _("families of which nobody gave a sample yet")
    return Count(number, _("Families without a reference"), meaning, "families", "?donors=none")


def _contacts(viewer: Viewer) -> Iterator[Count]:
    """Families to speak to again: those whose day has passed, and those whose day is near."""
    today = date.fromisoformat(utc_now()[:10])
    soon = (today + timedelta(days=SOON_DAYS)).isoformat()
    days = contacts_due().values()
    overdue, near = sum(day < today.isoformat() for day in days), sum(today.isoformat() <= day <= soon for day in days)
    yield Count(overdue, _("Contacts overdue"), _("families whose day for the next contact has passed"), *_DUE)
    yield Count(near, _("Contacts due soon"), _("families to be spoken to again within two weeks"), *_DUE)


def _liaison(viewer: Viewer) -> Iterator[Count]:
    yield from _contacts(viewer)
    number = Opinion.objects.filter(state="decided", outcome="identification").count()
    yield Count(number, _("Families to tell"), _("identifications that are decided and not told yet"), "decisions")
    yield _without_reference(viewer)


def _reviewer(viewer: Viewer) -> Iterator[Count]:
    number = sum(o.state == "opinion signed" for o in open_to_review(viewer.name))
    yield Count(number, _("Opinions to review"), _("signed opinions on cases in which you had no hand"), "decisions")


def _authority(viewer: Viewer) -> Iterator[Count]:
    number = Opinion.objects.filter(state="reviewed").exclude(signed_by=viewer.name).exclude(reviewed_by=viewer.name)
    yield Count(number.count(), _("Cases to decide"), _("opinions that were reviewed and agreed with"), "decisions")
    yield Count(
        to_decide(viewer).count(), _("Bones proposed"), _("bones proposed into an individual or out of it"), "proposals"
    )


def _administrator(viewer: Viewer) -> Iterator[Count]:
    yield Count(Job.objects.filter(state="failed").count(), _("Jobs that failed"), _("work that ended with an error"))
    bare = User.objects.filter(state="active", second_factor=None).count()
    yield Count(bare, _("Accounts without a second factor"), _("open accounts that a password alone opens"), "users")


_TASKS: dict[str, Callable[[Viewer], Iterator[Count]]] = {
    "anthropologist": _anthropologist,
    "odontologist": _odontologist,
    "geneticist": _geneticist,
    "case_manager": _case_manager,
    "liaison": _liaison,
    "reviewer": _reviewer,
    "authority": _authority,
    "administrator": _administrator,
}


def counts(viewer: Viewer) -> list[Count]:
    """How much of what there is: of everything for those who may see counts, else of what the viewer sees whole."""
    told = (
        ("transfers", _("Handovers"), _("transfers of remains between parties"), "handovers"),
        ("containers", _("Boxes"), _("containers received"), "boxes"),
        ("specimens", _("Bones"), _("specimens inventoried, whole bones and fragments alike"), "bench"),
        ("samples", _("Samples"), _("samples of remains and of relatives"), ""),
        ("missing", _("Missing"), _("persons on the roster, accounted for or not"), "missing"),
        ("decisions", _("Decisions"), _("what an authority has decided, exclusions too"), "decisions"),
        ("engagements", _("Talks"), _("meetings, messages and statements, held or not"), "talks"),
    )
    found = []
    for resource, words, meaning, page in told:
        sees_all = ALL in viewer.fields_by_rows("see", resource)
        if sees_all or viewer.may("see", "counts"):
            found.append(Count(model_of(resource).objects.count(), words, meaning, page if sees_all else ""))
    if viewer.may("see", "ledger"):
        found.append(Count(head()[0], _("Ledger entries"), _("changes of the record since it began"), "ledger"))
    return found
