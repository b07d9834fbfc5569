"""The queue of long work. A job that was under way when the power went is taken up again."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.db import transaction

from cenotaph.workplace.ledger.context import utc_now
from cenotaph.workplace.models import Job

MOST_ATTEMPTS = 3


def ask(kind: str, parameters: Mapping[str, object], asked_by: str) -> Job:
    """Puts work into the queue."""
    return Job.objects.create(kind=kind, parameters=json.dumps(dict(parameters)), asked_by=asked_by, asked_at=utc_now())


def claim() -> Job | None:
    """The next job, now running; None where there is none."""
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(state="queued").order_by("id").first()
        if job is not None:
            job.state, job.attempts = "running", job.attempts + 1
            job.step, job.done, job.total = "", 0, 0
            job.save()
    return job


def take_up_again() -> int:
    """Puts jobs back whose worker died; those that killed it several times are given up. Returns how many go back."""
    lost = Job.objects.filter(state="running")
    lost.filter(attempts__gte=MOST_ATTEMPTS).update(state="failed", message="the worker died of it several times")
    return lost.filter(state="running").update(state="queued")


def cancel(id_: int) -> bool:
    """Takes a job that has not begun out of the queue; False where it has."""
    return bool(Job.objects.filter(pk=id_, state="queued").update(state="cancelled"))
