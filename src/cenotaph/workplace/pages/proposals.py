"""Proposals of bones: the list, one with what the run said of it, and the answer of the authority."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from cenotaph.reports import words
from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.selectors import rows
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.models import Proposal
from cenotaph.workplace.models.proposals import ACCEPTED, OPEN, REFUSED, REOPENED, WITHDRAWN
from cenotaph.workplace.pages.decisions import ReasonForm
from cenotaph.workplace.pages.endpoint import page
from cenotaph.workplace.services import proposals, segregation
from cenotaph.workplace.services.records import Unsound
from cenotaph.workplace.services.segregation import Said
from cenotaph.workplace.services.words import bone_words

STATE_LABELS = {
    OPEN: _("open"),
    ACCEPTED: _("accepted"),
    REFUSED: _("refused"),
    WITHDRAWN: _("withdrawn"),
    REOPENED: _("re-opened"),
}
TITLES = {proposals.IN: _("%(bone)s into %(individual)s"), proposals.OUT: _("%(bone)s out of %(individual)s")}
MOST_CLOSED = 100


def said_shown(said: Said) -> dict[str, Any]:
    """What a run said, with its probability in words."""
    return {
        "probability": words.probability(said.probability) if said.probability is not None else "",
        "partner": said.partner,
        "owner": said.owner,
        "same_part": said.same_part,
    }


def proposals_shown(viewer: Viewer, found: Iterable[Proposal]) -> list[dict[str, Any]]:
    """What a list or a page shows of proposals."""
    found = list(found)
    fields = ["specimen_id", "element", "side"]
    bones = rows(viewer, "specimens", where={"specimen_id__in": [p.specimen_id for p in found]}, fields=fields)
    names = {b["specimen_id"]: bone_words(b["element"] or "", b["side"] or "") for b in bones}
    return [
        {
            "row": one,
            "bone": names.get(one.specimen_id, ""),
            "title": str(TITLES[one.direction]) % {"bone": one.specimen_id, "individual": one.individual_id},
            "state": STATE_LABELS[one.state],
            "said": said_shown(Said.from_json(one.said)),
            "reason": proposals.opened(viewer, one, "reason"),
            "answer": proposals.opened(viewer, one, "answer"),
        }
        for one in found
    ]


@page("see", "proposals")
@require_safe
def proposals_list(request: Any) -> HttpResponse:
    """Proposals: what waits for the viewer first, then the open ones, then what became of the others."""
    viewer: Viewer = request.viewer
    waiting = list(proposals.to_decide(viewer).select_related("run"))
    seen = proposals.visible(viewer).exclude(pk__in=[p.pk for p in waiting])
    context = {
        "may_decide": viewer.may("change", "proposals"),
        "waiting": proposals_shown(viewer, waiting),
        "open": proposals_shown(viewer, seen.filter(state=OPEN)),
        "closed": proposals_shown(viewer, seen.exclude(state=OPEN)[:MOST_CLOSED]),
    }
    return render(request, "proposals.html", context)


@page("see", "proposals")
@require_safe
def proposal(request: Any, id_: int) -> HttpResponse:
    """One proposal, with the step that waits for the viewer."""
    return _page(request, id_)


def _page(request: Any, id_: int, form: forms.Form | None = None, status: int = 200) -> HttpResponse:
    viewer: Viewer = request.viewer
    found = get_object_or_404(proposals.visible(viewer), pk=id_)
    became = proposals.became(found)
    may_decide = proposals.why_not_decide(viewer, found) is None
    may_see = became and (viewer.may("see", "individuals") or segregation.sees(viewer, became.run))
    context = {
        "one": proposals_shown(viewer, [found])[0],
        "form": form or ReasonForm(request),
        "may_decide": may_decide,
        "would": _would(found) if may_decide else None,
        "may_withdraw": found.state == OPEN and found.proposed_by == viewer.name,
        "may_reopen": found.state == ACCEPTED and viewer.may("change", "proposals"),
        "became": became if may_see else None,
    }
    return render(request, "proposal.html", context, status=status)


def _would(found: Proposal) -> dict[str, Any]:
    """What accepting a proposal would mean, and what it would contradict."""
    _kind, pairs = proposals.decisions_of(found)
    try:
        proposals.require_agreement(found)
        against = ""
    except Unsound as error:
        against = "; ".join(error.problems.values())
    return {"other": pairs[0][1] if found.direction == proposals.IN else "", "n": len(pairs), "against": against}


@page("change", "proposals")
@require_POST
def decide_proposal(request: Any, id_: int) -> HttpResponse:
    """Accepts a proposal, or refuses it."""
    accepts = request.POST.get("answer") == "accept"
    return _step(request, id_, lambda text: proposals.decide(request.viewer, id_, accepts, text))


@page("change", "proposals")
@require_POST
def reopen_proposal(request: Any, id_: int) -> HttpResponse:
    """Takes the decisions of an accepted proposal out of force, with cause."""
    return _step(request, id_, lambda text: proposals.reopen(request.viewer, id_, text))


def _step(request: Any, id_: int, take: Callable[[str], None]) -> HttpResponse:
    """Takes a step that needs reasons and the password, or shows the page again with what is wrong."""
    form = ReasonForm(request, request.POST)
    if not form.is_valid():
        return _page(request, id_, form, 422)
    try:
        take(form.cleaned_data["text"])
    except Refused as error:
        form.add_error(None, str(error))
    except Unsound as error:
        for problem in error.problems.values():
            form.add_error(None, problem)
    else:
        return redirect("proposal", id_)
    return _page(request, id_, form, 409)


@page("add", "proposals")
@require_POST
def withdraw_proposal(request: Any, id_: int) -> HttpResponse:
    """Takes one's own proposal back."""
    proposals.withdraw(request.viewer, id_)
    return redirect("proposal", id_)
