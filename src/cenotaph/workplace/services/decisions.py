"""From an opinion over an independent review to the authority's ruling, and on to the family.

Each step is one transaction, entered in the ledger; none can be skipped, and nobody takes two of them in one case. The
database holds this too (see `Opinion`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count, islice
from typing import Any

from django.utils.translation import gettext as _

from cenotaph.dossier.cells import PARSERS
from cenotaph.workplace.access.cases import had_hand
from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.cells import Keyring
from cenotaph.workplace.ledger.context import acting, utc_now
from cenotaph.workplace.models import Contact, LedgerEntry, Opinion, Run, model_of
from cenotaph.workplace.privacy import CASE
from cenotaph.workplace.services import records
from cenotaph.workplace.services.contradictions import JOINED, TWO_MEN, Contradiction, Settled, contradiction
from cenotaph.workplace.services.records import Unsound

OUTCOMES = ("identification", "exclusion", "premature", "unlisted")
SIGNED, REVIEWED, DECIDED, TOLD = "opinion signed", "reviewed", "decided", "family told"
STATES = (SIGNED, REVIEWED, DECIDED, TOLD)
"""The way of a case, in order."""
SENT_BACK, REOPENED = "sent back", "re-opened"
ACCOUNTED = "accounted for"
NAMING_OUTCOMES = frozenset({"identification", "exclusion"})

PARTS = (
    "request",
    "recovery",
    "circumstances",
    "profile",
    "teeth",
    "films",
    "genetics",
    "objects",
    "isotopes",
    "contradictions",
    "alternatives",
    "conclusion",
    "limits",
    "lacking",
)
"""What an opinion says, in the order of the memorandum."""

CONCLUSIONS = ("established", "strongly supported", "supported", "not decided", "not supported", "excluded")
"""The fixed scale on which a conclusion is worded."""

CONTACT_KINDS = ("visit", "telephone", "letter", "message", "meeting")
LEAST_GROUNDS = 10
FAMILY_TOLD = "family told"


@dataclass(frozen=True, slots=True)
class Case:
    """What an opinion is about.

    Args:
        outcome: one of `OUTCOMES`.
        specimen_ids: the remains.
        missing_id: the missing person, where the outcome names one.
        run_id, individual_id: the run and its individual on which the opinion rests.
    """

    outcome: str
    specimen_ids: tuple[str, ...]
    missing_id: str | None = None
    run_id: int | None = None
    individual_id: str | None = None

    @property
    def missing(self) -> list[str]:
        """The missing person as a list of one or none."""
        return [self.missing_id] if self.missing_id else []


def case_of(opinion: Opinion) -> Case:
    """What a stored opinion is about."""
    return Case(
        opinion.outcome,
        tuple(opinion.specimen_ids.split()),
        opinion.missing_id,
        opinion.run_id,
        opinion.individual_id,
    )


def sign(viewer: Viewer, case: Case, text: Mapping[str, str]) -> int:
    """Signs an opinion; returns its ``id``. What is signed is never altered.

    Raises:
        Refused: the role may not.
        Unsound: the outcome, the remains or the person are not such as the registry has, or grounds are missing.
    """
    viewer.require("add", "opinions")
    _require_case(case)
    filled = {part: text.get(part, "").strip() for part in PARTS if text.get(part, "").strip()}
    problems = {}
    if filled.get("conclusion") not in CONCLUSIONS:
        problems["conclusion"] = "one of the words of the scale"
    if not any(len(v) >= LEAST_GROUNDS for k, v in filled.items() if k not in {"conclusion", "request"}):
        problems["circumstances"] = "an opinion needs grounds: fill at least one part"
    if problems:
        raise Unsound(problems)
    subject = f"missing:{case.missing_id}" if case.missing_id else CASE
    with acting(viewer.name, "opinion signed"):
        _require_undecided(case)
        row = Opinion.objects.create(
            run_id=case.run_id,
            individual_id=case.individual_id,
            outcome=case.outcome,
            specimen_ids=" ".join(case.specimen_ids),
            missing_id=case.missing_id,
            subject=subject,
            opinion=_closed(subject, "opinion", filled),
            signed_by=viewer.name,
            signed_at=utc_now(),
            state=SIGNED,
        )
    return int(row.pk)


def why_not_review(viewer: Viewer, opinion: Opinion) -> str | None:
    """Why the viewer may not review this opinion; None where he may."""
    if not viewer.may("change", "opinions", "review"):
        return "your role does not review"
    if opinion.state != SIGNED:
        return f"it is not waiting for a review: {opinion.state}"
    if opinion.signed_by == viewer.name:
        return "nobody reviews what he wrote"
    case = case_of(opinion)
    if had_hand(viewer.name, case.specimen_ids, case.missing):
        return "you worked on this case"
    return None


def review(viewer: Viewer, id_: int, agrees: bool, text: str) -> None:
    """Agrees with an opinion, or sends it back with reasons.

    Raises:
        Refused: see `why_not_review`, or there is no reason.
    """
    require_reason(text)
    with acting(viewer.name, "review: " + ("agrees" if agrees else "sent back")):
        row = _locked_for(viewer, id_, why_not_review)
        row.review = _closed(row.subject, "review", {"agrees": "yes" if agrees else "no", "text": text.strip()})
        row.reviewed_by, row.reviewed_at = viewer.name, utc_now()
        row.state = REVIEWED if agrees else SENT_BACK
        row.save()


def why_not_rule(viewer: Viewer, opinion: Opinion) -> str | None:
    """Why the viewer may not rule on this opinion; None where he may."""
    if not viewer.may("change", "opinions", "ruling"):
        return "your role does not decide"
    if opinion.state != REVIEWED:
        return f"it is not waiting for a decision: {opinion.state}"
    if viewer.name in {opinion.signed_by, opinion.reviewed_by}:
        return "nobody decides on what he wrote or reviewed"
    return None


def rule(viewer: Viewer, id_: int, confirms: bool, text: str) -> str | None:
    """Signs the decision, which the next identification takes as settled, or sends the opinion back.

    Returns:
        the ``decision_id``; None where it was sent back.

    Raises:
        Refused: see `why_not_rule`, or there is no reason.
        Unsound: the remains or the person were decided otherwise meanwhile.
    """
    require_reason(text)
    with acting(viewer.name, "decision" if confirms else "sent back by the authority"):
        row = _locked_for(viewer, id_, why_not_rule)
        row.ruling = _closed(row.subject, "ruling", {"confirms": "yes" if confirms else "no", "text": text.strip()})
        row.decided_by, row.decided_at = viewer.name, utc_now()
        row.state = DECIDED if confirms else SENT_BACK
        if confirms:
            _require_undecided(case_of(row))
            [row.decision_id] = free_decision_ids(1)
            records.settle(viewer.name, _decision_row(row), "decision on opinion")
        row.save()
        decided: str | None = row.decision_id
    return decided


def reopen(viewer: Viewer, id_: int, cause: str) -> None:
    """Takes a decision out of force, with cause; the ledger keeps it, and what the family was told.

    Raises:
        Refused: the role may not, there is no cause, or nothing is decided.
    """
    viewer.require("change", "opinions", ["ruling"])
    require_reason(cause)
    with acting(viewer.name, f"re-opened: {cause.strip()}"):
        row = _locked(id_)
        if row.state not in {DECIDED, TOLD}:
            raise Refused("only a decision can be re-opened")
        model_of("decisions").objects.filter(decision_id=row.decision_id).delete()
        if row.outcome == "identification" and row.told_at:
            _take_back_accounted(row.missing_id)
        row.state = REOPENED
        row.save()


def tell_family(
    viewer: Viewer, id_: int, person_id: str | None, kind: str, on_date: str, note: str, due_on: str = ""
) -> None:
    """Notes that the family was told, which closes the case: only now does the man count as accounted for.

    They may be spoken to again, of a burial or of parts found later: *due_on* says by which day.

    Raises:
        Refused: the role may not, or nothing is decided.
        Unsound: the day, the kind or the relative is not such as the record has.
    """
    with acting(viewer.name, FAMILY_TOLD):
        row = _locked(id_)
        if row.state != DECIDED or not row.missing_id:
            raise Refused("there is nothing to tell a family: no decision on a missing person waits")
        _note_contact(viewer, row.missing_id, person_id, kind, on_date, note, row, due_on)
        row.told_at, row.state = utc_now(), TOLD
        row.save()
        if row.outcome == "identification":
            _mark_accounted(row.missing_id)


def note_contact(
    viewer: Viewer, missing_id: str, person_id: str | None, kind: str, on_date: str, note: str, due_on: str = ""
) -> None:
    """Notes any other contact with a family, and by which day the next is due.

    Raises:
        Refused: the role may not.
        Unsound: see `tell_family`.
    """
    with acting(viewer.name, "contact"):
        _note_contact(viewer, missing_id, person_id, kind, on_date, note, None, due_on)


def opened(opinion: Opinion, part: str) -> dict[str, str]:
    """What an opinion, its review or its ruling says; nothing where the person was erased."""
    text = Keyring().open(opinion.subject, part, getattr(opinion, part))
    return json.loads(text) if text else {}


def contacts(viewer: Viewer, missing_id: str) -> list[dict[str, Any]]:
    """What was said to a family, newest first.

    Raises:
        Refused: the role may not see it.
    """
    viewer.require("see", "contacts")
    keys = Keyring()
    return [
        {
            "person_id": c.person_id,
            "kind": c.kind,
            "on_date": c.on_date,
            "by": c.by,
            "note": keys.open(c.subject, "contact", c.note),
            "due_on": c.due_on,
            "opinion": c.opinion_id,
        }
        for c in Contact.objects.filter(missing_id=missing_id).order_by("-on_date", "-id")
    ]


def _note_contact(
    viewer: Viewer,
    missing_id: str,
    person_id: str | None,
    kind: str,
    on_date: str,
    note: str,
    opinion: Opinion | None,
    due_on: str = "",
) -> None:
    viewer.require("add", "contacts")
    person = (person_id or "").strip() or None
    problems = {}
    if kind not in CONTACT_KINDS:
        problems["kind"] = f"one of {', '.join(CONTACT_KINDS)}"
    if not on_date.strip():
        problems["on_date"] = "a day, as 2019-05-17"
    elif found := PARSERS["date"](on_date.strip()):
        problems["on_date"] = f"{found[0]}: {found[1]}"
    if due_on.strip() and not _is_day(due_on.strip()):
        problems["due_on"] = "a whole day, as 2019-05-17"
    if len(note.strip()) < LEAST_GROUNDS:
        problems["note"] = "say in a sentence what was said"
    relatives = model_of("relatives").objects
    families = relatives.filter(missing_id=missing_id).values("family_id")
    if person and not relatives.filter(person_id=person, family_id__in=families).exists():
        problems["person_id"] = "no relative of this family"
    if problems:
        raise Unsound(problems)
    subject = f"relative:{person}" if person else f"missing:{missing_id}"
    keys = Keyring()
    sealed = keys.close(subject, "contact", note.strip())
    keys.save()
    Contact.objects.create(
        opinion=opinion,
        missing_id=missing_id,
        person_id=person,
        kind=kind,
        on_date=on_date.strip(),
        subject=subject,
        note=sealed,
        by=viewer.name,
        due_on=due_on.strip() or None,
    )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def contacts_due() -> dict[str, str]:
    """Missing persons with the day by which their family is to be spoken to again, the earliest first.

    What the newest contact says counts, so a contact that was due is done once the next is noted.
    """
    newest: dict[str, str | None] = dict(Contact.objects.order_by("id").values_list("missing_id", "due_on"))
    return dict(sorted(((m, day) for m, day in newest.items() if day), key=lambda one: (one[1], one[0])))


def _require_case(case: Case) -> None:
    problems = {}
    if case.outcome not in OUTCOMES:
        problems["outcome"] = f"one of {', '.join(OUTCOMES)}"
    if not case.specimen_ids:
        problems["specimen_ids"] = "which remains?"
    bones = model_of("specimens").objects.filter(specimen_id__in=case.specimen_ids)
    known = set(bones.values_list("specimen_id", flat=True))
    if unknown := [s for s in case.specimen_ids if s not in known]:
        problems["specimen_ids"] = f"not in the record: {' '.join(unknown[:5])}"
    if case.outcome in NAMING_OUTCOMES and not case.missing_id:
        problems["missing_id"] = f"{case.outcome} of whom?"
    if case.missing_id and not model_of("missing").objects.filter(missing_id=case.missing_id).exists():
        problems["missing_id"] = "not in the record"
    if case.run_id is not None and not Run.objects.filter(pk=case.run_id).exists():
        problems["run"] = "no such run"
    if problems:
        raise Unsound(problems)


def _require_undecided(case: Case) -> None:
    """No bone is two men's: a decision stands until it is re-opened."""
    require_no_contradiction([Settled("", case.outcome, case.specimen_ids, case.missing_id)])


def require_no_contradiction(new: Sequence[Settled]) -> None:
    """Nothing where *new* decisions agree with those in force.

    Raises:
        Unsound: they do not; the words name what they contradict.
    """
    found = contradiction(_settled(), new)
    if found is not None:
        raise Unsound({"specimen_ids": _against(found)})


def _settled() -> list[Settled]:
    rows = model_of("decisions").objects.order_by("id").values_list("decision_id", "kind", "specimen_ids", "missing_id")
    return [Settled(number, kind, tuple((bones or "").split()), man) for number, kind, bones, man in rows]


def _against(found: Contradiction) -> str:
    told = {"one": found.one, "other": found.other, "id": found.decision_id}
    if found.why == JOINED:
        return _("decision %(id)s joins %(one)s and %(other)s; re-open that first") % told
    if found.why == TWO_MEN:
        return _("by decision %(id)s they would be both %(one)s and %(other)s; re-open that first") % told
    return _("decision %(id)s keeps %(one)s and %(other)s apart; re-open that first") % told


def require_reason(text: str) -> None:
    """Nothing where a reason is given.

    Raises:
        Refused: it is not, or too short to say anything.
    """
    if len(text.strip()) < LEAST_GROUNDS:
        raise Refused(f"say why, in {LEAST_GROUNDS} letters or more")


def _locked(id_: int) -> Any:
    row = Opinion.objects.select_for_update().filter(pk=id_).first()
    if row is None:
        raise Refused("no such opinion")
    return row


def _locked_for(viewer: Viewer, id_: int, why_not: Callable[[Viewer, Opinion], str | None]) -> Any:
    """The opinion, locked for the step that *why_not* judges."""
    row = _locked(id_)
    if why := why_not(viewer, row):
        raise Refused(why)
    return row


def _closed(subject: str, part: str, text: Mapping[str, str]) -> str | None:
    keys = Keyring()
    sealed = keys.close(subject, part, json.dumps(dict(text), ensure_ascii=False, sort_keys=True))
    keys.save()
    return sealed


def free_decision_ids(wanted: int) -> list[str]:
    """Numbers for new rows of ``decisions``; none that another ever had, so that a number on paper means one thing."""
    taken = set(model_of("decisions").objects.values_list("decision_id", flat=True))
    gone = LedgerEntry.objects.filter(table="decisions", action="delete").values_list("before", flat=True)
    taken |= {json.loads(before)["decision_id"] for before in gone if before}
    free = (name for n in count(len(taken) + 1) if (name := f"D{n:05d}") not in taken)
    return list(islice(free, wanted))


def _decision_row(row: Opinion) -> dict[str, str | None]:
    return {
        "decision_id": row.decision_id,
        "kind": row.outcome,
        "specimen_ids": row.specimen_ids,
        "missing_id": row.missing_id,
        "decided_on": row.decided_at[:10],
        "by": row.decided_by,
        "note": f"opinion {row.pk}: signed by {row.signed_by}, reviewed by {row.reviewed_by}",
    }


def _mark_accounted(missing_id: str | None) -> None:
    for man in model_of("missing").objects.filter(missing_id=missing_id):
        man.status = "accounted"
        man.save()


def _take_back_accounted(missing_id: str | None) -> None:
    """Makes the man missing again, unless another told decision or an older count stands."""
    if Opinion.objects.filter(missing_id=missing_id, outcome="identification", state=TOLD).count() > 1:
        return
    for man in model_of("missing").objects.filter(missing_id=missing_id, status="accounted"):
        if LedgerEntry.objects.filter(table="missing", row=str(man.pk), reason=FAMILY_TOLD).exists():
            man.status = "unaccounted"
            man.save()


def counts() -> Sequence[tuple[str, int]]:
    """How many cases stand at each step, and how many missing are accounted for."""
    cases = [(state, Opinion.objects.filter(state=state).count()) for state in STATES]
    return [*cases, (ACCOUNTED, model_of("missing").objects.filter(status="accounted").count())]


def is_waiting(state: str) -> Any:
    """Opinions at a step, oldest first."""
    return Opinion.objects.filter(state=state).order_by("id")
