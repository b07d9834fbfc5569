"""Proposals of bones: listing, making and withdrawing them. They are decided on the pages, signed with the password."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import NinjaAPI, Query, Schema, Status
from pydantic import Field

from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.api.answers import answers_with
from cenotaph.workplace.api.doors import viewer_of
from cenotaph.workplace.api.tables import LARGEST, MOST_ROWS, Added, Done, Id, Reason, Strict, Text
from cenotaph.workplace.models import Proposal
from cenotaph.workplace.services import answers, proposals
from cenotaph.workplace.services.proposals import Asked
from cenotaph.workplace.services.segregation import Said

State = Literal["open", "accepted", "refused", "withdrawn", "re-opened"]


class ProposalSent(Strict):
    """A bone that would be moved."""

    run: Annotated[int, Field(ge=1, le=LARGEST)]
    individual_id: Text = Field(description="an individual of the run")
    specimen_id: Text
    direction: Literal["in", "out"] = Field(description="into the individual, or out of it")
    reason: Reason


class SaidShown(Schema):
    """What the run said of the bone and the individual when the proposal was made."""

    probability: float | None = Field(description="the greatest of being of one person with another bone of it")
    partner: str | None = Field(description="that other bone")
    owner: str | None = Field(description="the individual to which the run gave the bone")
    same_part: list[str] = Field(description="bones of the individual that are the same part of the same side")


class ProposalShown(Schema):
    """A proposal, with the fields that are open to the role."""

    id: int
    run: int | None = None
    individual_id: str | None = None
    specimen_id: str | None = None
    direction: str | None = None
    said: SaidShown | None = None
    reason: str | None = None
    proposed_by: str | None = None
    proposed_at: str | None = None
    state: str | None = None
    answer: str | None = None
    decided_by: str | None = None
    decided_at: str | None = None
    decision_ids: str | None = Field(None, description="the decisions that it became, space separated")


def add_proposals(api: NinjaAPI) -> None:
    """Registers what may be done with proposals."""

    @api.get(
        "/proposals",
        response=answers_with(list[ProposalShown]),
        exclude_unset=True,
        tags=["proposals"],
        summary="Bones proposed into an individual or out of it, newest first",
        operation_id="list_proposals",
    )
    def list_proposals(
        request: HttpRequest, state: State | None = None, limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100
    ) -> Any:
        viewer = viewer_of(request)
        found = proposals.visible(viewer)
        return [_shown(viewer, one) for one in (found.filter(state=state) if state else found)[:limit]]

    @api.post(
        "/proposals",
        response=answers_with(Added, 201),
        tags=["proposals"],
        summary="Propose a bone into an individual of a run or out of it",
        operation_id="propose",
    )
    def propose(request: HttpRequest, sent: ProposalSent) -> Any:
        viewer = viewer_of(request)
        viewer.require("add", "proposals")
        run = get_object_or_404(answers.answered_runs(), pk=sent.run)
        asked = Asked(run, sent.individual_id, sent.specimen_id, sent.direction)
        return Status(201, {"id": proposals.propose(viewer, asked, sent.reason)})

    @api.post(
        "/proposals/{id_}/withdraw",
        response=answers_with(Done),
        tags=["proposals"],
        summary="Take back a proposal of one's own that is open",
        operation_id="withdraw_proposal",
    )
    def withdraw(request: HttpRequest, id_: Id) -> Any:
        proposals.withdraw(viewer_of(request), id_)
        return {"rows": 1}


def _shown(viewer: Viewer, row: Proposal) -> dict[str, Any]:
    cells = {f: getattr(row, f) for f in viewer.fields("see", "proposals") if f not in {"run", "reason", "answer"}}
    for part in ("reason", "answer"):
        if viewer.may("see", "proposals", part):
            cells[part] = proposals.opened(viewer, row, part) or None
    said = Said.from_json(row.said)
    return cells | {"id": row.pk, "run": row.run_id, "said": {f: getattr(said, f) for f in SaidShown.model_fields}}
