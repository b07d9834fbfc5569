"""Individuals: cards of the latest run, and one of any run with its bones, its lines of evidence and candidates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cenotaph.reports import sections, words
from cenotaph.reports.casebook import Casebook
from cenotaph.reports.drawings.evidence import Axis, Step, waterfall
from cenotaph.reports.drawings.skeleton import draw_on_stencils, draw_stencils
from cenotaph.reports.result import VERDICTS, IndividualRow, ResultView
from cenotaph.workplace.access.selectors import rows
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.models import Opinion, Run
from cenotaph.workplace.pages.boxes import skeleton_of
from cenotaph.workplace.pages.decisions import opinion_row, visible_opinions
from cenotaph.workplace.pages.endpoint import page
from cenotaph.workplace.services import answers

CARDS = 24
VERDICT_WORDS = {
    "identification": gettext_lazy("Identification proposed"),
    "shortlist": gettext_lazy("Shortlist"),
    "unlisted": gettext_lazy("Nobody on the roster"),
    "unresolved": gettext_lazy("Unresolved"),
}


@page("see", "individuals")
@require_safe
def individuals(request: Any) -> HttpResponse:
    """Cards of a verdict's individuals, those with most bones first."""
    run = answers.latest_run()
    if run is None:
        return render(request, "individuals.html", {"run": None})
    result = _open_part(request.viewer, run)
    verdict = request.GET.get("verdict", "")
    if verdict not in VERDICTS:
        verdict = next((v for v in VERDICTS if result.with_verdict(v)), VERDICTS[0])
    chosen = sorted(result.with_verdict(verdict), key=lambda one: (-one.specimens, -one.probability, one.individual_id))
    text = request.GET.get("page", "")
    number = max(
        1, min(int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1, -(-len(chosen) // CARDS))
    )
    shown = chosen[(number - 1) * CARDS : number * CARDS]
    result = _open_part(request.viewer, run, [one.individual_id for one in shown])
    book = _book(request.viewer, result, shown)
    context = {
        "run": run,
        "verdict": verdict,
        "verdicts": [(v, VERDICT_WORDS[v], len(result.with_verdict(v))) for v in VERDICTS],
        "cards": [_small_card(one, result, book) for one in shown],
        "stencils": mark_safe(draw_stencils()),
        "before": number - 1,
        "after": number + 1 if number * CARDS < len(chosen) else 0,
    }
    return render(request, "individuals.html", context)


@page("see", "individuals")
@require_safe
def latest_individual(request: Any, key: str) -> HttpResponse:
    """The way to an individual of the latest run; its page says whether the viewer may see it."""
    run = answers.latest_run()
    if run is None:
        raise Http404
    return redirect("run_individual", run.pk, key)


@page("see", "individuals")
@require_safe
def run_individual(request: Any, id_: int, individual_id: str) -> HttpResponse:
    """One individual: bones on the skeleton, what each line says of the first candidate, candidates, opinions."""
    viewer: Viewer = request.viewer
    run = get_object_or_404(answers.answered_runs(), pk=id_)
    result = _open_part(viewer, run, [individual_id])
    one = next((i for i in result.individuals if i.individual_id == individual_id), None)
    if one is None:
        raise Http404
    members = [m.specimen_id for m in result.members.get(individual_id, ())]
    result = replace(result, individuals=(one,), same=answers.links_of(run, members))
    book = _book(viewer, result, [one])
    prior = sections.prior_log10_odds(result)
    card = sections.cards(result, book, one.verdict)[0]
    lines = sections.line_rows(card.candidates[0].row, prior) if card.candidates else ()
    total = prior + card.candidates[0].row.log10_lr_total if card.candidates else prior
    bones = [
        {"specimen_id": r.bone.specimen_id, "element": r.bone.element, "side": r.bone.side, "row": r}
        for r in card.bones
    ]
    outside = answers.near_bones(result.same, members)
    near = answers.casebook_of(viewer, [s for s, _p in outside], ())
    context = {
        "run": run,
        "is_latest": run == answers.latest_run(),
        "card": card,
        "turns": sections.turns([c.row for c in card.candidates], book, prior),
        "verdict_words": VERDICT_WORDS[one.verdict],
        "probability": words.probability(one.probability),
        "drawing": skeleton_of(bones, _("Bones of %(individual)s") % {"individual": individual_id}),
        "lines": [(row, words.signed(row.log10_lr)) for row in lines],
        "total": (words.signed(total), words.likelier(total)),
        "waterfall": _waterfall(card, lines, total, sections.needed_log10_odds(result)),
        "candidates": [
            (c, words.probability(c.row.probability), words.signed(c.row.log10_lr_total)) for c in card.candidates
        ],
        "bones": [(r, words.probability(r.same) if r.same is not None else "") for r in card.bones],
        "boxes": Counter(r.bone.container_id for r in card.bones if r.bone.container_id).most_common(),
        "asked": _asked_bone(viewer, run, individual_id, members, request.GET.get("bone", "").strip()),
        "near": [(near.bones[s], words.probability(p)) for s, p in outside if s in near.bones],
        "sees_candidates": viewer.may("see", "candidates"),
        "sees_people": viewer.may("see", "missing"),
        "opinions": [opinion_row(o) for o in visible_opinions(viewer) if _is_about(o, run, individual_id)],
        "may_sign": viewer.may("add", "opinions"),
    }
    return render(request, "individual.html", context)


def _asked_bone(
    viewer: Viewer, run: Run, individual_id: str, members: Sequence[str], specimen_id: str
) -> dict[str, Any] | None:
    """What a run says of a bone and an individual; nothing where no bone was asked for."""
    if not specimen_id:
        return None
    fields = ["specimen_id", "element", "side", "zones", "completeness"]
    found = rows(viewer, "specimens", where={"specimen_id__in": [specimen_id, *members]}, fields=fields)
    bone = next((row for row in found if row["specimen_id"] == specimen_id), None)
    if bone is None:
        return {"specimen_id": specimen_id}
    others = [row for row in found if row["specimen_id"] != specimen_id]
    inside = {row["specimen_id"] for row in others}
    links = answers.links_of(run, [specimen_id])
    partners = sorted((-p, other) for pair, p in links.items() for other in pair & inside)
    owner = answers.whose_bone(run, specimen_id)
    may = answers.open_individuals(viewer, run)
    return {
        "specimen_id": specimen_id,
        "bone": words.bone(bone["element"] or "", bone["side"] or ""),
        "same": (words.probability(-partners[0][0]), partners[0][1]) if partners else None,
        "is_inside": owner == individual_id,
        "owner": owner if may is None or owner in may else None,
        "clashes": [row["specimen_id"] for row in others if answers.is_same_part(bone, row)],
    }


def _open_part(viewer: Viewer, run: Run, only: Sequence[str] = ()) -> ResultView:
    """The part of an answer that the viewer may see; bones and candidates of *only* some individuals."""
    result = answers.answer_of(run, only)
    may = answers.open_individuals(viewer, run)
    if may is not None:
        result = replace(result, individuals=tuple(i for i in result.individuals if i.individual_id in may))
    return result if viewer.may("see", "candidates") else replace(result, candidates={})


def _book(viewer: Viewer, result: ResultView, shown: list[IndividualRow]) -> Casebook:
    keys = [one.individual_id for one in shown]
    specimens = [m.specimen_id for key in keys for m in result.members.get(key, ())]
    missing = {c.missing_id for key in keys for c in result.candidates.get(key, ())}
    return answers.casebook_of(viewer, specimens, missing | {one.missing_id for one in shown if one.missing_id})


def _small_card(one: IndividualRow, result: ResultView, book: Casebook) -> dict[str, Any]:
    bones = [book.bone(m.specimen_id) for m in result.members.get(one.individual_id, ())]
    present = {(b.element, b.side): f"{b.name} {b.specimen_id}" for b in bones}
    best = one.missing_id or next((c.missing_id for c in result.candidates.get(one.individual_id, ())), None)
    title = _("Bones of %(individual)s") % {"individual": one.individual_id}
    return {
        "row": one,
        "person": book.person(best) if best else None,
        "probability": words.probability(one.probability),
        "boxes": sorted(Counter(b.container_id for b in bones if b.container_id).items()),
        "drawing": mark_safe(draw_on_stencils(present, title=title)),
    }


def _waterfall(
    card: sections.Card, lines: tuple[sections.LineRow, ...], total: float, needed: float
) -> SafeString | str:
    if not lines or card.best is None:
        return ""
    steps = tuple(Step(row.name, row.log10_lr) for row in lines)
    reached = [sum(s.log10_lr for s in steps[: k + 1]) for k in range(len(steps))]
    title = _("From the prior over each line to the log10 odds of %(man)s") % {"man": card.best.missing_id}
    drawn = waterfall(steps, total, Axis.over([total, needed, *reached]), title=title, threshold=needed)
    return mark_safe(drawn)


def _is_about(opinion: Opinion, run: Run, individual_id: str) -> bool:
    return (opinion.run_id, opinion.individual_id) == (run.pk, individual_id)
