"""Who one is, where bones are, runs with their answers, and the ledger."""

from __future__ import annotations

import json
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import NinjaAPI, Path, Query, Schema, Status
from pydantic import Field

from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.rights import RESOURCES, VERBS, Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.api.answers import answers_with
from cenotaph.workplace.api.doors import viewer_of
from cenotaph.workplace.api.tables import LARGEST, MOST_ROWS, Added, Done, Id, Reason, Strict, Text
from cenotaph.workplace.jobs import queue
from cenotaph.workplace.models import Job, Run
from cenotaph.workplace.services import custody, records, runs

Limit = Annotated[int, Query(ge=1, le=MOST_ROWS)]
TableName = Annotated[str, Path(pattern=r"^[a-z_]{1,40}$", description="name of a table of the answer")]


class Me(Schema):
    """For whom the request speaks, and what that person may do."""

    name: str
    roles: list[str]
    rights: dict[str, dict[str, list[str]]] = Field(description="table, then verb, then the fields open to it")


class MoveSent(Strict):
    """Bones that change their place."""

    specimen_ids: list[Text] = Field(min_length=1, max_length=MOST_ROWS)
    to_box: Text = Field(description="container_id of the box they go to")
    received_by: Text = Field(description="who takes them")
    reason: Reason = ""


class MoveShown(Schema):
    """One change of place of a bone."""

    number: int = Field(description="by which a receipt names it")
    specimen_id: str
    from_box: str | None
    to_box: str
    received_by: str
    by: str
    at: str
    reason: str
    state: str = Field(description="counts; waits, until the receiver says that he has it; or declined")


class Receipts(Schema):
    """Moves that wait for a word."""

    to_me: list[MoveShown] = Field(description="handed to you: say whether you have the bones")
    from_me: list[MoveShown] = Field(description="handed over by you: until they are received you may take them back")


class ReceiptSent(Strict):
    """What the receiver says, or the giver who takes bones back."""

    numbers: list[Annotated[int, Field(ge=1, le=LARGEST)]] = Field(min_length=1, max_length=MOST_ROWS)
    received: bool = Field(description="whether you have the bones; false also takes back what you handed over")
    reason: Reason = ""


class RunSent(Strict):
    """What is asked of an identification."""

    name: Annotated[Text, Field(max_length=100)] = ""
    seed: Annotated[int, Field(ge=0, le=999_999_999)] = 1
    without: list[Text] = Field([], max_length=50, description="lines of evidence to leave out")


class RunShown(Schema):
    """A finished run, with the fields that are open to the role."""

    id: int
    name: str | None = None
    ledger_count: int | None = None
    ledger_head: str | None = None
    record: dict[str, Any] | None = Field(None, description="program, seed, parameters, digests of the input, results")
    tables: list[str] | None = Field(None, description="names of the tables of its answer")


class JobShown(Schema):
    """Work that is waiting, under way or done, with the fields that are open to the role."""

    id: int
    kind: str | None = None
    asked_by: str | None = None
    asked_at: str | None = None
    state: str | None = None
    step: str | None = None
    done: int | None = None
    total: int | None = None
    message: str | None = None
    run: int | None = None


class EntryShown(Schema):
    """An entry of the ledger, with the fields that are open to the role."""

    seq: int | None = None
    at: str | None = None
    actor: str | None = None
    reason: str | None = None
    table: str | None = None
    row: str | None = None
    action: str | None = None
    before: str | None = None
    after: str | None = None
    previous: str | None = None
    digest: str | None = None


def add_casework(api: NinjaAPI) -> None:
    """Registers what is not a table of a dossier."""

    @api.get("/me", response=answers_with(Me), tags=["me"], summary="For whom the request speaks", operation_id="me")
    def me(request: HttpRequest) -> Any:
        viewer = viewer_of(request)
        rights = {r: {v: fields for v in VERBS if (fields := viewer.fields(v, r))} for r in RESOURCES}
        return {
            "name": viewer.name,
            "roles": viewer.roles,
            "rights": {r: verbs for r, verbs in rights.items() if verbs},
        }

    _add_custody(api)
    _add_runs(api)

    @api.get(
        "/ledger",
        response=answers_with(list[EntryShown]),
        exclude_unset=True,
        tags=["ledger"],
        summary="Entries of the ledger, newest first",
        operation_id="list_ledger",
    )
    def ledger(
        request: HttpRequest, before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None, limit: Limit = 100
    ) -> Any:
        return selectors.ledger(viewer_of(request), before=before, limit=limit)


def _add_custody(api: NinjaAPI) -> None:
    @api.post(
        "/moves",
        response=answers_with(Done),
        tags=["moves"],
        summary="Move bones to a box, all of them or none",
        operation_id="move",
    )
    def move(request: HttpRequest, sent: MoveSent) -> Any:
        return {"rows": custody.move(viewer_of(request), sent.specimen_ids, sent.to_box, sent.received_by, sent.reason)}

    @api.get(
        "/moves",
        response=answers_with(list[MoveShown]),
        tags=["moves"],
        summary="Moves of one bone, oldest first",
        operation_id="list_moves",
    )
    def moves(request: HttpRequest, specimen_id: Annotated[Text, Query()]) -> Any:
        return custody.history(viewer_of(request), specimen_id)

    @api.get(
        "/receipts",
        response=answers_with(Receipts),
        tags=["moves"],
        summary="Moves that wait for a word, yours or another's",
        operation_id="list_receipts",
    )
    def receipts(request: HttpRequest) -> Any:
        viewer = viewer_of(request)
        viewer.require("see", "specimens", ["container_id"])
        to_me, from_me = custody.handed_over(viewer)
        return {"to_me": to_me, "from_me": from_me}

    @api.post(
        "/receipts",
        response=answers_with(Done),
        tags=["moves"],
        summary="Say of moves that wait that the bones were received, or that they were not",
        operation_id="receive",
    )
    def receive(request: HttpRequest, sent: ReceiptSent) -> Any:
        viewer = viewer_of(request)
        viewer.require("see", "specimens", ["container_id"])
        custody.answer(viewer, set(sent.numbers), received=sent.received, reason=sent.reason)
        return {"rows": len(set(sent.numbers))}


def _add_runs(api: NinjaAPI) -> None:
    @api.get(
        "/runs",
        response=answers_with(list[RunShown]),
        exclude_unset=True,
        tags=["runs"],
        summary="Finished runs, newest first",
        operation_id="list_runs",
    )
    def list_runs(request: HttpRequest, limit: Limit = 100) -> Any:
        viewer = viewer_of(request)
        viewer.require("see", "runs")
        return [_run(viewer, r) for r in Run.objects.order_by("-id")[:limit]]

    @api.post(
        "/runs",
        response=answers_with(Added, 201),
        tags=["runs"],
        summary="Ask for an identification; the answer is the number of the job",
        operation_id="start_run",
    )
    def start(request: HttpRequest, sent: RunSent) -> Any:
        from cenotaph.evidence.registry import LINES

        viewer = viewer_of(request)
        viewer.require("add", "jobs")
        if unknown := sorted(set(sent.without) - set(LINES)):
            raise records.Unsound({"without": f"no such line: {', '.join(unknown)}; there are {', '.join(LINES)}"})
        asked = {"seed": sent.seed, "without": sorted(set(sent.without)), "name": sent.name.strip()}
        job = queue.ask("identify", {k: v for k, v in asked.items() if v or k == "seed"}, viewer.name)
        return Status(201, {"id": job.pk})

    @api.get(
        "/jobs/{id_}",
        response=answers_with(JobShown),
        exclude_unset=True,
        tags=["runs"],
        summary="How far a job is",
        operation_id="get_job",
    )
    def job(request: HttpRequest, id_: Id) -> Any:
        viewer = viewer_of(request)
        viewer.require("see", "jobs")
        return _shown(viewer, "jobs", get_object_or_404(Job, pk=id_), {"run": "run_id"})

    @api.get(
        "/runs/{id_}",
        response=answers_with(RunShown),
        exclude_unset=True,
        tags=["runs"],
        summary="One run",
        operation_id="get_run",
    )
    def one_run(request: HttpRequest, id_: Id) -> Any:
        viewer = viewer_of(request)
        viewer.require("see", "runs")
        return _run(viewer, get_object_or_404(Run, pk=id_))

    @api.get(
        "/runs/{id_}/tables/{name}",
        response=answers_with(list[dict[str, str]]),
        tags=["runs"],
        summary="A table of a run's answer",
        operation_id="get_run_table",
    )
    def run_table(request: HttpRequest, id_: Id, name: TableName) -> Any:
        viewer = viewer_of(request)
        viewer.require("see", "runs", ["tables"])
        if not runs.sees_answers(viewer):
            raise Refused("this run's answer is not for your role")
        run = get_object_or_404(Run, pk=id_)
        get_object_or_404(run.tables, name=name)
        return runs.table(run, name)


def _run(viewer: Viewer, run: Run) -> dict[str, Any]:
    shown = _shown(viewer, "runs", run, {"tables": "pk"})
    if "record" in shown:
        shown["record"] = json.loads(run.record)
    if "tables" in shown:
        sees = runs.sees_answers(viewer)
        shown["tables"] = list(run.tables.order_by("name").values_list("name", flat=True)) if sees else []
    return shown


def _shown(viewer: Viewer, resource: str, row: Any, stored: dict[str, str]) -> dict[str, Any]:
    """The open fields of a row of the house's own tables; *stored* names attributes that are called otherwise."""
    return {"id": row.pk} | {f: getattr(row, stored.get(f, f)) for f in viewer.fields("see", resource)}
