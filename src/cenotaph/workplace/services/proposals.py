"""Proposals to move a bone into an individual of a run or out of it: made at the bench, decided by the authority.

An accepted proposal becomes rows of ``decisions``, which the next run obeys: one link with a bone of the individual, or
one separation from each of its other bones. The proposer never decides on his own (see `Proposal`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.cells import Keyring
from cenotaph.workplace.ledger.context import acting, utc_now
from cenotaph.workplace.models import LedgerEntry, Proposal, Run, model_of
from cenotaph.workplace.models.proposals import ACCEPTED, DIRECTIONS, OPEN, REFUSED, REOPENED, WITHDRAWN
from cenotaph.workplace.services import answers, records, runs, segregation
from cenotaph.workplace.services.contradictions import Settled
from cenotaph.workplace.services.decisions import (
    LEAST_GROUNDS,
    free_decision_ids,
    require_no_contradiction,
    require_reason,
)
from cenotaph.workplace.services.records import Unsound
from cenotaph.workplace.services.segregation import Said

STATES = (OPEN, ACCEPTED, REFUSED, WITHDRAWN, REOPENED)
IN, OUT = DIRECTIONS


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody would have moved.

    Args:
        run, individual_id: where.
        specimen_id: the bone.
        direction: ``in`` or ``out``.
    """

    run: Run
    individual_id: str
    specimen_id: str
    direction: str


@dataclass(frozen=True, slots=True)
class Became:
    """What the latest run that knows an accepted proposal made of it.

    Args:
        run: that run.
        is_obeyed: whether the bone is with the other bones, or without them, as was decided.
        owner: the individual that has the bone now.
    """

    run: Run
    is_obeyed: bool
    owner: str | None


def propose(viewer: Viewer, asked: Asked, reason: str) -> int:
    """Makes a proposal; returns its ``id``. What the run says of the two at this moment is kept with it.

    Raises:
        Refused: the role may not, or the run or its individual is not open to it.
        Unsound: the bone is there already, or is not, or such a proposal waits, or no reason is given.
    """
    viewer.require("add", "proposals")
    members = segregation.members_of(asked.run, asked.individual_id)
    if not segregation.sees(viewer, asked.run) or not members:
        raise Refused("no such individual is open to your role")
    problems = _problems(viewer, asked, members)
    if len(reason.strip()) < LEAST_GROUNDS:
        problems["reason"] = _("say why, in ten letters or more")
    if problems:
        raise Unsound(problems)
    subject = f"specimen:{asked.specimen_id}"
    with acting(viewer.name, "a bone is proposed"):
        _require_none_open(asked)
        row = Proposal.objects.create(
            run=asked.run,
            individual_id=asked.individual_id,
            specimen_id=asked.specimen_id,
            direction=asked.direction,
            said=segregation.said_of(asked.run, members, asked.specimen_id).to_json(),
            subject=subject,
            reason=_closed(subject, "reason", reason),
            proposed_by=viewer.name,
            proposed_at=utc_now(),
            state=OPEN,
        )
    return int(row.pk)


def _problems(viewer: Viewer, asked: Asked, members: Sequence[str]) -> dict[str, str]:
    if asked.direction not in DIRECTIONS:
        return {"direction": _("in or out")}
    if not selectors.query(viewer, "specimens").filter(specimen_id=asked.specimen_id).exists():
        return {"specimen_id": _("no such bone is open to you")}
    is_inside = asked.specimen_id in members
    if is_inside == (asked.direction == IN):
        return {"specimen_id": _("the run has it here already") if is_inside else _("the run does not have it here")}
    if asked.direction == OUT and len(members) == 1:
        return {"specimen_id": _("it is the only bone")}
    return {}


def _require_none_open(asked: Asked) -> None:
    same = of_individual(asked.run, asked.individual_id).filter(specimen_id=asked.specimen_id, state=OPEN).first()
    if same is not None:
        raise Unsound({"specimen_id": _("proposal %(number)s on it is open") % {"number": same.pk}})


def of_individual(run: Run, individual_id: str) -> QuerySet[Proposal]:
    """Proposals on one individual of a run, newest first."""
    return Proposal.objects.filter(run=run, individual_id=individual_id).order_by("-id")


def visible(viewer: Viewer) -> QuerySet[Proposal]:
    """Proposals, newest first.

    Raises:
        Refused: the role sees none.
    """
    viewer.require("see", "proposals")
    return Proposal.objects.select_related("run").order_by("-id")


def to_decide(viewer: Viewer) -> QuerySet[Proposal]:
    """Open proposals on which the viewer may decide, oldest first."""
    if not viewer.may("change", "proposals"):
        return Proposal.objects.none()
    return Proposal.objects.filter(state=OPEN).exclude(proposed_by=viewer.name).order_by("id")


def why_not_decide(viewer: Viewer, proposal: Proposal) -> str | None:
    """Why the viewer may not accept or refuse a proposal; None where he may."""
    if not viewer.may("change", "proposals", "answer"):
        return "your role does not decide"
    if proposal.state != OPEN:
        return f"it is not open: {proposal.state}"
    if proposal.proposed_by == viewer.name:
        return "nobody decides on what he proposed"
    return None


def decide(viewer: Viewer, id_: int, accepts: bool, text: str) -> None:
    """Accepts a proposal, which becomes decisions, or refuses it; once, and with reasons.

    Raises:
        Refused: see `why_not_decide`, or there is no reason.
        Unsound: it contradicts what is decided, or a bone is not there any more.
    """
    require_reason(text)
    with acting(viewer.name, "proposal accepted" if accepts else "proposal refused"):
        row = _locked(id_)
        if why := why_not_decide(viewer, row):
            raise Refused(why)
        row.answer = _closed(row.subject, "answer", text)
        row.decided_by, row.decided_at = viewer.name, utc_now()
        row.state = ACCEPTED if accepts else REFUSED
        if accepts:
            row.decision_ids = " ".join(_settle(viewer, row))
        row.save()


def _settle(viewer: Viewer, row: Any) -> list[str]:
    """Adds the decisions that an accepted proposal is; returns their numbers."""
    kind, pairs = decisions_of(row)
    require_agreement(row)
    numbers = free_decision_ids(len(pairs))
    told = {
        "kind": kind,
        "decided_on": row.decided_at[:10],
        "by": viewer.name,
        "note": f"proposal {row.pk} on {row.individual_id} of run {row.run_id}, made by {row.proposed_by}",
    }
    for number, pair in zip(numbers, pairs, strict=True):
        cells = {"decision_id": number, "specimen_ids": " ".join(pair)}
        records.settle(viewer.name, told | cells, "decision on a proposal")
    return numbers


def require_agreement(row: Proposal) -> None:
    """Nothing where the decisions that a proposal would be agree with those in force.

    Raises:
        Unsound: they do not; the words name what they contradict.
    """
    kind, pairs = decisions_of(row)
    require_no_contradiction([Settled("", kind, pair) for pair in pairs])


def decisions_of(row: Proposal) -> tuple[str, list[tuple[str, str]]]:
    """The kind and the pairs of bones of the decisions that a proposal would be.

    A bone comes in by a link with the bone inside that the run thinks the likeliest to be of one person with it, else
    with the first. It goes out by being kept apart from each other bone that is in the record still.
    """
    others = [s for s in segregation.members_of(row.run, row.individual_id) if s != row.specimen_id]
    if row.direction == IN:
        return "link", [(row.specimen_id, Said.from_json(row.said).partner or others[0])]
    there = set(model_of("specimens").objects.filter(specimen_id__in=others).values_list("specimen_id", flat=True))
    return "separate", [(row.specimen_id, other) for other in others if other in there]


def withdraw(viewer: Viewer, id_: int) -> None:
    """Takes one's own proposal back while it is open.

    Raises:
        Refused: it is another's, or not open.
    """
    viewer.require("add", "proposals")
    with acting(viewer.name, "proposal withdrawn"):
        row = _locked(id_)
        if row.proposed_by != viewer.name or row.state != OPEN:
            raise Refused("only one's own open proposal can be withdrawn")
        row.state = WITHDRAWN
        row.save()


def reopen(viewer: Viewer, id_: int, cause: str) -> None:
    """Takes the decisions of an accepted proposal out of force, with cause; the ledger keeps them.

    Raises:
        Refused: the role may not, there is no cause, or it is not accepted.
    """
    viewer.require("change", "proposals", ["answer"])
    require_reason(cause)
    with acting(viewer.name, f"re-opened: {cause.strip()}"):
        row = _locked(id_)
        if row.state != ACCEPTED:
            raise Refused("only an accepted proposal can be re-opened")
        model_of("decisions").objects.filter(decision_id__in=row.decision_ids.split()).delete()
        row.state = REOPENED
        row.save()


def opened(viewer: Viewer, proposal: Proposal, part: str) -> str:
    """The reason or the answer of a proposal; nothing where the viewer may not see it or it was erased."""
    if not viewer.may("see", "proposals", part):
        return ""
    return Keyring().open(proposal.subject, part, getattr(proposal, part)) or ""


def became(proposal: Proposal) -> Became | None:
    """What became of an accepted proposal in the latest run that read it; None where none has."""
    run = answers.latest_run()
    if proposal.state != ACCEPTED or run is None:
        return None
    entry = LedgerEntry.objects.filter(table="proposals", row=str(proposal.pk)).order_by("-seq").first()
    if entry is None or run.ledger_count < entry.seq:
        return None
    owners = {row["specimen_id"]: row["individual_id"] for row in runs.table(run, "assignments")}
    owner = owners.get(proposal.specimen_id) or None
    _kind, pairs = decisions_of(proposal)
    is_with = owner is not None and any(owners.get(other) == owner for _bone, other in pairs)
    return Became(run, is_with == (proposal.direction == IN), owner)


def _locked(id_: int) -> Any:
    row = Proposal.objects.select_for_update(of=("self",)).select_related("run").filter(pk=id_).first()
    if row is None:
        raise Refused("no such proposal")
    return row


def _closed(subject: str, part: str, text: str) -> str | None:
    keys = Keyring()
    sealed = keys.close(subject, part, text.strip())
    keys.save()
    return sealed
