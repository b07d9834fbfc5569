"""Runs of identification: asking for one, watching it, reading what it wrote, comparing two, freezing one."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cenotaph.reports.words import line_name
from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.jobs import queue
from cenotaph.workplace.models import Job, Run
from cenotaph.workplace.pages.endpoint import page
from cenotaph.workplace.pages.individuals import VERDICT_WORDS
from cenotaph.workplace.services import runs as answers

MOST_SHOWN = 500
LARGEST_SEED_DIGITS = 9
NAME_LENGTH = 100


@page("see", "jobs")
def runs(request: Any) -> HttpResponse:
    """Every run and every job, newest first."""
    from cenotaph.evidence.registry import LINES

    may_start = request.viewer.may("add", "jobs")
    found = list(Run.objects.order_by("-id")[:50]) if request.viewer.may("see", "runs") else []
    context = {
        "jobs": Job.objects.order_by("-id")[:20],
        "runs": [{"run": r, "frozen": answers.frozen(r), "settings": answers.settings_of(r)} for r in found],
        "may": may_start,
        "sees_runs": request.viewer.may("see", "runs"),
        "lines": [(name, line_name(name)) for name in LINES] if may_start else [],
        "sees_answers": answers.sees_answers(request.viewer),
    }
    return render(request, "runs.html", context)


@page("add", "jobs")
@require_POST
def start(request: Any) -> HttpResponse:
    """Asks for an identification."""
    from cenotaph.evidence.registry import LINES

    seed = request.POST.get("seed", "1")
    is_number = seed.isascii() and seed.isdigit() and len(seed) <= LARGEST_SEED_DIGITS
    parameters: dict[str, object] = {"seed": int(seed) if is_number else 1}
    if without := sorted(set(request.POST.getlist("without")) & set(LINES)):
        parameters["without"] = without
    if name := request.POST.get("name", "").strip()[:NAME_LENGTH]:
        parameters["name"] = name
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
    """What a run read, and what it found."""
    found = get_object_or_404(Run, pk=id_)
    may_freeze = request.viewer.may("add", "runs") and answers.frozen(found) is None
    context: dict[str, Any] = {"run": found, "may_freeze": may_freeze}
    if request.viewer.may("see", "runs", "record"):
        context |= _summary(found)
    if answers.sees_answers(request.viewer):
        verdict = request.GET.get("verdict", "")
        individuals = answers.individuals(found)
        chosen = [row for row in individuals if not verdict or row["verdict"] == verdict]
        context |= {
            "verdict": verdict,
            "counts": [
                (v, VERDICT_WORDS[v], sum(row["verdict"] == v for row in individuals)) for v in answers.VERDICTS
            ],
            "verdict_words": VERDICT_WORDS.get(verdict, verdict),
            "individuals": [_shown(row) for row in sorted(chosen, key=_strength)[:MOST_SHOWN]],
            "left_out": max(0, len(chosen) - MOST_SHOWN),
            "others": Run.objects.exclude(pk=id_).order_by("-id")[:20],
        }
    return render(request, "run.html", context)


@page("add", "runs")
@require_POST
def freeze(request: Any, id_: int) -> HttpResponse:
    """Declares a run to be one on which opinions may rest."""
    found = get_object_or_404(Run, pk=id_)
    try:
        answers.freeze(request.viewer, found, request.POST.get("reason", ""))
    except Refused as error:
        return render(request, "message.html", {"title": "Not frozen", "text": error}, status=409)
    return redirect("run", id_)


@page("see", "individuals")
def compare(request: Any) -> HttpResponse:
    """Two runs side by side: only what differs."""
    if not answers.sees_answers(request.viewer):
        raise Http404
    first, second = (_asked(request, name) for name in ("earlier", "later"))
    sides = [answers.individuals(r) for r in (first, second)]
    found = answers.compare(*sides)
    return render(
        request,
        "compare.html",
        {
            "first": first,
            "second": second,
            "settings": _settings_apart(first, second),
            "counts": [(v, *(sum(row["verdict"] == v for row in side) for side in sides)) for v in answers.VERDICTS],
            "differences": found[:MOST_SHOWN],
            "total": len(found),
            "same": len(sides[1]) - sum(d.later is not None for d in found),
        },
    )


def _asked(request: Any, name: str) -> Run:
    number = request.GET.get(name, "")
    if not (number.isascii() and number.isdigit() and len(number) <= LARGEST_SEED_DIGITS):
        raise Http404
    return get_object_or_404(Run, pk=int(number))


def _settings_apart(first: Run, second: Run) -> list[tuple[str, object, object]]:
    one, two = answers.settings_of(first), answers.settings_of(second)
    apart = [
        (name, _in_words(one.get(name)), _in_words(two.get(name)))
        for name in sorted({*one, *two})
        if one.get(name) != two.get(name)
    ]
    return [("ledger entries read", first.ledger_count, second.ledger_count), *apart]


def _in_words(value: object) -> object:
    """A parameter as a person reads it: lists and what is named within, one after the other."""
    if isinstance(value, list):
        return ", ".join(str(_in_words(v)) for v in value) or "nothing"
    if isinstance(value, dict):
        inner = ((str(name).replace("_", " "), _in_words(v), isinstance(v, dict)) for name, v in value.items())
        return ", ".join(f"{name} ({v})" if is_nested else f"{name} {v}" for name, v, is_nested in inner) or "nothing"
    return value


def _summary(run: Run) -> dict[str, Any]:
    record = json.loads(run.record)
    results = record.get("results", {})
    return {
        "record": record,
        "numbers": {n.replace("_", " "): v for n, v in results.items() if isinstance(v, (int, float, str))},
        "thresholds": results.get("names_by_threshold", []),
        "inputs": sorted(record.get("inputs", {}).items()),
        "tables": run.tables.order_by("name").values_list("name", flat=True),
        "frozen": answers.frozen(run),
        "withheld": answers.settings_of(run).get("withheld_samples", ()),
        "settings": [
            (name.replace("_", " "), _in_words(value)) for name, value in sorted(answers.settings_of(run).items())
        ],
    }


def _strength(row: dict[str, str]) -> tuple[int, float]:
    return answers.VERDICTS.index(row["verdict"]), -float(row["probability"] or 0)


def _shown(row: dict[str, str]) -> dict[str, Any]:
    p = float(row["probability"] or 0)
    words = VERDICT_WORDS.get(row["verdict"], row["verdict"])
    return row | {
        "bones": len(row["specimens"].split()),
        "verdict": words,
        "p": f"{p:.4f}" if p < 0.9999 else "> 0.9999",
    }
