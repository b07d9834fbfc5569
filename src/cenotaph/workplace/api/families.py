"""Families: what donors have consented to, and what was said to whom."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import NinjaAPI, Query, Schema, Status
from pydantic import Field

from cenotaph.workplace.api.answers import answers_with
from cenotaph.workplace.api.doors import viewer_of
from cenotaph.workplace.api.tables import Added, Done, Id, Strict, Text
from cenotaph.workplace.services import consents, decisions


class ConsentSent(Strict):
    """What a donor has signed."""

    person_id: Text
    scope: list[Text] = Field(min_length=1, max_length=10, description=f"of {', '.join(consents.SCOPES)}")
    given_on: Text = Field(description="day of the signature")
    paper: Text = Field(description="where the signed paper lies")


class WithdrawalSent(Strict):
    """That a consent was taken back."""

    withdrawn_on: Text = Field(description="day")
    withdrawal: Text = Field(description="how it was taken back")


class ConsentShown(Schema):
    """A consent; ``withdrawn_on`` is empty while it is in force."""

    id: int
    person_id: str
    scope: list[str]
    given_on: str
    paper: str
    by: str
    withdrawn_on: str
    withdrawal: str
    withdrawn_by: str


class ContactSent(Strict):
    """Something that was said to a family; results are told on the page of the case."""

    missing_id: Text
    person_id: Text = Field("", description="relative, empty where it was the family as a whole")
    kind: Text = Field(description=f"one of {', '.join(decisions.CONTACT_KINDS)}")
    on_date: Text
    note: Text = Field(description="what was said, in a sentence")
    due_on: Text = Field("", description="day by which the next contact is due")


class ContactShown(Schema):
    """A contact with a family."""

    person_id: str | None
    kind: str
    on_date: str
    by: str
    note: str | None = Field(description="nothing where the person was erased")
    due_on: str | None
    opinion: int | None = Field(description="case whose result was told")


def add_families(api: NinjaAPI) -> None:
    """Registers consents and contacts."""

    @api.get(
        "/consents",
        response=answers_with(list[ConsentShown]),
        tags=["families"],
        summary="Consents of one donor, oldest first",
        operation_id="list_consents",
    )
    def list_consents(request: HttpRequest, person_id: Annotated[Text, Query()]) -> Any:
        return [asdict(one) for one in consents.consents_of(viewer_of(request), [person_id]).get(person_id, [])]

    @api.post(
        "/consents",
        response=answers_with(Added, 201),
        tags=["families"],
        summary="Enter what a donor has consented to",
        operation_id="give_consent",
    )
    def give(request: HttpRequest, sent: ConsentSent) -> Any:
        return Status(
            201, {"id": consents.give(viewer_of(request), sent.person_id, sent.scope, sent.given_on, sent.paper)}
        )

    @api.post(
        "/consents/{id_}/withdraw",
        response=answers_with(Done),
        tags=["families"],
        summary="Enter that a consent was taken back: no later run rests on it",
        operation_id="withdraw_consent",
    )
    def withdraw(request: HttpRequest, id_: Id, sent: WithdrawalSent) -> Any:
        consents.withdraw(viewer_of(request), id_, sent.withdrawn_on, sent.withdrawal)
        return {"rows": 1}

    @api.get(
        "/contacts",
        response=answers_with(list[ContactShown]),
        tags=["families"],
        summary="What was said to the family of a missing person, newest first",
        operation_id="list_contacts",
    )
    def list_contacts(request: HttpRequest, missing_id: Annotated[Text, Query()]) -> Any:
        return decisions.contacts(viewer_of(request), missing_id)

    @api.post(
        "/contacts",
        response=answers_with(Done),
        tags=["families"],
        summary="Note a contact with a family",
        operation_id="note_contact",
    )
    def note(request: HttpRequest, sent: ContactSent) -> Any:
        decisions.note_contact(
            viewer_of(request), sent.missing_id, sent.person_id, sent.kind, sent.on_date, sent.note, sent.due_on
        )
        return {"rows": 1}
