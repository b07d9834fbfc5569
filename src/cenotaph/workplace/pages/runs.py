"""Runs of identification: asking for one, watching it, reading what it wrote."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cenotaph.workplace.jobs import queue
from cenotaph.workplace.models import Job, Run
from cenotaph.workplace.pages.endpoint import page


@page("see", "jobs")
def runs(request: Any) -> HttpResponse:
    """Every run and every job, newest first."""
    may_start = request.viewer.may("add", "jobs")
    found = Run.objects.order_by("-id")[:50] if request.viewer.may("see", "runs") else []
    return render(request, "runs.html", {"jobs": Job.objects.order_by("-id")[:20], "runs": found, "may": may_start})


@page("add", "jobs")
@require_POST
def start(request: Any) -> HttpResponse:
    """Asks for an identification."""
    seed = request.POST.get("seed", "1")
    parameters = {"seed": int(seed) if seed.isascii() and seed.isdigit() and len(seed) < 10 else 1}
    job = queue.ask("identify", parameters, request.viewer.name)
    return redirect("job", job.pk)


@page("see", "jobs")
def job(request: Any, id_: int) -> HttpResponse:
    """How far a job is; htmx asks for the inner part again and again."""
    found = get_object_or_404(Job, pk=id_)
    share = round(100 * found.done / found.total) if found.total else 0
    if not request.viewer.may("see", "jobs", "message"):
        found.message, found.run_id = "", None
    template = "_job.html" if request.htmx else "job.html"
    return render(request, template, {"job": found, "share": share, "over": found.state not in {"queued", "running"}})


@page("see", "runs")
def run(request: Any, id_: int) -> HttpResponse:
    """What a run read, and what it found in numbers."""
    found = get_object_or_404(Run, pk=id_)
    record = json.loads(found.record) if request.viewer.may("see", "runs", "record") else {}
    tables = found.tables.values_list("name", flat=True) if record else []
    return render(request, "run.html", {"run": found, "record": record, "tables": tables})
