"""The reading desk: bring a press report, accept, change or refuse what was read in it, enter the rest."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from cenotaph.errors import InvalidInput
from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.models import Report
from cenotaph.workplace.pages.endpoint import page
from cenotaph.workplace.services import reading
from cenotaph.workplace.services.records import Unsound


class ReportForm(forms.Form):
    """A report to read."""

    source_id = forms.CharField(label=_("Identifier"), max_length=50, help_text=_("A new identifier of the source."))
    title = forms.CharField(label=_("Title"), max_length=500)
    published_on = forms.CharField(
        label=_("Published on"), help_text=_("A day, as 2018-09-07; 'Friday' counts from it.")
    )
    reliability = forms.ChoiceField(
        label=_("Reliability of the source"),
        choices=[
            ("A", _("A: completely reliable")),
            ("B", _("B: usually reliable")),
            ("C", _("C: fairly reliable")),
            ("D", _("D: not usually reliable")),
            ("E", _("E: unreliable")),
            ("F", _("F: cannot be judged")),
        ],
        initial="F",
    )
    url = forms.CharField(label=_("Address"), required=False, max_length=1000)
    text = forms.CharField(
        label=_("Text"), max_length=reading.LONGEST_REPORT, widget=forms.Textarea({"rows": 12}), strip=False
    )


@page("see", "reports")
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: Any) -> HttpResponse:
    """Reports on the desk, and the place to bring one."""
    may_add = request.viewer.may("add", "reports")
    form = ReportForm(request.POST or None) if may_add else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            return redirect("report", reading.start(request.viewer, **form.cleaned_data))
        except Unsound as error:
            for name, problem in error.problems.items():
                form.add_error(name, problem)
    context = {"reports": Report.objects.order_by("-id")[:100], "form": form}
    return render(request, "reading.html", context, status=422 if form is not None and form.errors else 200)


@page("see", "reports")
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: Any, id_: int) -> HttpResponse:
    """A report with its proposals."""
    found = reading.find(request.viewer, id_)
    problem = None
    if request.method == "POST":
        try:
            reading.choose(request.viewer, found, _sent(request, found))
            return redirect("report", id_)
        except (InvalidInput, Refused) as error:
            problem = str(error)
    return _report_page(request, found, problem, 422 if problem else 200)


@page("change", "reports")
@require_POST
def enter_report(request: Any, id_: int) -> HttpResponse:
    """Enters what was accepted."""
    found = reading.find(request.viewer, id_)
    try:
        reading.enter(request.viewer, found)
    except (InvalidInput, Refused) as error:
        return _report_page(request, reading.find(request.viewer, id_), str(error), 409)
    return redirect("report", id_)


def _sent(request: Any, found: Any) -> dict[str, reading.Choice]:
    answers: dict[str, str] = {}
    cells: dict[str, dict[str, str]] = {}
    for name, value in request.POST.items():
        kind, _sep, rest = name.partition(":")
        if kind == "answer":
            answers[rest] = value
        elif kind == "cell":
            number, _sep, column = rest.partition(":")
            cells.setdefault(number, {})[column] = value
    return reading.edited(found, answers, cells)


def _report_page(request: Any, found: Any, problem: str | None, status: int) -> HttpResponse:
    choices = reading.choices_of(found)
    proposals = [_shown(p, choices.get(p.proposal_id, "")) for p in reading.reading_of(found).proposals]
    context = {
        "report": found,
        "problem": problem,
        "proposals": proposals,
        "accepted": sum(p["answer"] == "accept" for p in proposals),
        "refused": sum(p["answer"] == "refuse" for p in proposals),
        "may": request.viewer.may("change", "reports") and found.state == reading.OPEN,
    }
    return render(request, "report.html", context, status=status)


def _shown(proposal: Any, choice: reading.Choice) -> dict[str, Any]:
    changes = {} if isinstance(choice, str) else dict(choice)
    cells = {name: reading.cell(value) for _table, row in proposal.rows for name, value in row.items()}
    return {
        "id": proposal.proposal_id,
        "kind": proposal.kind,
        "value": [(n, reading.cell(v)) for n, v in proposal.value.items() if v not in (None, "", [], ())],
        "passage": proposal.passage,
        "doubt": proposal.doubt,
        "needs": proposal.needs,
        "cells": [(n, changes.get(n, v), n in changes) for n, v in cells.items()],
        "tables": sorted({table for table, _row in proposal.rows}),
        "answer": choice if isinstance(choice, str) else "accept",
        "changed": bool(changes),
    }
