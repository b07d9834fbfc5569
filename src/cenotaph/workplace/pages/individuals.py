"""Individuals: cards of the latest run, and one of any run with its bones, its lines of evidence and candidates.

The bench gets the same with the bones alone: nothing of whose they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from cenotaph.reports import sections, words
from cenotaph.reports.casebook import Casebook
from cenotaph.reports.drawings.evidence import Axis, Step, waterfall
from cenotaph.reports.drawings.skeleton import draw_on_stencils, draw_stencils
from cenotaph.reports.result import VERDICTS, IndividualRow, ResultView
from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.selectors import rows
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.models import Opinion, Run
from cenotaph.workplace.models.proposals import ACCEPTED
from cenotaph.workplace.pages.boxes import skeleton_of
from cenotaph.workplace.pages.decisions import opinion_row, visible_opinions
from cenotaph.workplace.pages.endpoint import page
from cenotaph.workplace.pages.proposals import proposals_shown, said_shown
from cenotaph.workplace.services import answers, proposals, segregation
from cenotaph.workplace.services.proposals import Asked
from cenotaph.workplace.services.records import Unsound
from cenotaph.workplace.services.words import bone_words

CARDS = 24
VERDICT_WORDS = {
    "identification": gettext_lazy("Identification proposed"),
    "shortlist": gettext_lazy("Shortlist"),
    "unlisted": gettext_lazy("Nobody on the roster"),
    "unresolved": gettext_lazy("Unresolved"),
}


@page("see", "individuals", "segregation")
@require_safe
def individuals(request: Any) -> HttpResponse:
    """Cards of a verdict's individuals, or of all before the bench, those with most bones first."""
    viewer: Viewer = request.viewer
    is_blind = not viewer.may("see", "individuals")
    run = segregation.latest_seen(viewer) if is_blind else answers.latest_run()
    if run is None:
        return render(request, "individuals.html", {"run": None, "is_blind": is_blind})
    result = _open_part(viewer, run)
    verdict = request.GET.get("verdict", "")
    if verdict not in VERDICTS:
        verdict = next((v for v in VERDICTS if result.with_verdict(v)), VERDICTS[0])
    chosen = sorted(result.with_verdict(verdict), key=lambda one: (-one.specimens, -one.probability, one.individual_id))
    text = request.GET.get("page", "")
    number = max(
        1, min(int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1, -(-len(chosen) // CARDS))
    )
    shown = chosen[(number - 1) * CARDS : number * CARDS]
    result = _open_part(viewer, run, [one.individual_id for one in shown])
    book = _book(viewer, result, shown)
    context = {
        "run": run,
        "is_blind": is_blind,
        "sees_proposals": viewer.may("see", "proposals"),
        "verdict": verdict,
        "verdicts": [(v, VERDICT_WORDS[v], len(result.with_verdict(v))) for v in VERDICTS],
        "cards": [_small_card(one, result, book) for one in shown],
        "stencils": mark_safe(draw_stencils()),
        "before": number - 1,
        "after": number + 1 if number * CARDS < len(chosen) else 0,
    }
    return render(request, "individuals.html", context)


@page("see", "individuals", "segregation")
@require_safe
def latest_individual(request: Any, key: str) -> HttpResponse:
    """The way to an individual of the latest run; its page says whether the viewer may see it."""
    viewer: Viewer = request.viewer
    run = answers.latest_run() if viewer.may("see", "individuals") else segregation.latest_seen(viewer)
    if run is None:
        raise Http404
    return redirect("run_individual", run.pk, key)


@page("see", "individuals", "segregation")
@require_safe
def run_individual(request: Any, id_: int, individual_id: str) -> HttpResponse:
    """One individual: bones on the skeleton, what each line says of the first candidate, candidates, opinions."""
    return individual_page(request, id_, individual_id, Question(request.GET.get("bone", "").strip()))


@page("add", "proposals")
@require_POST
def propose(request: Any, id_: int, individual_id: str) -> HttpResponse:
    """Proposes a bone into an individual or out of it."""
    run = get_object_or_404(answers.answered_runs(), pk=id_)
    bone, reason = (request.POST.get(name, "").strip() for name in ("bone", "reason"))
    try:
        number = proposals.propose(
            request.viewer, Asked(run, individual_id, bone, request.POST.get("direction", "")), reason
        )
    except Unsound as error:
        question = Question(bone, reason, "; ".join(error.problems.values()))
        return individual_page(request, id_, individual_id, question)
    return redirect(f"{reverse('run_individual', args=(id_, individual_id))}#proposal-{number}")


@dataclass(frozen=True, slots=True)
class Question:
    """A bone of which an individual's page is asked.

    Args:
        bone: the specimen; empty where none is asked for.
        reason: why it is proposed, as it was typed.
        problem: why the proposal was not taken.
    """

    bone: str = ""
    reason: str = ""
    problem: str = ""


def individual_page(request: Any, id_: int, individual_id: str, question: Question) -> HttpResponse:
    """The page of an individual, with the answer to a question."""
    viewer: Viewer = request.viewer
    run = get_object_or_404(answers.answered_runs(), pk=id_)
    result = _open_part(viewer, run, [individual_id])
    one = next((i for i in result.individuals if i.individual_id == individual_id), None)
    if one is None:
        raise Http404
    members = [m.specimen_id for m in result.members.get(individual_id, ())]
    result = replace(result, individuals=(one,), same=answers.links_of(run, members))
    book = _book(viewer, result, [one])
    card = sections.cards(result, book, one.verdict)[0]
    is_blind = not viewer.may("see", "individuals")
    latest = segregation.latest_seen(viewer) if is_blind else answers.latest_run()
    context = {
        "run": run,
        "is_latest": run == latest,
        "is_blind": is_blind,
        "card": card,
        "verdict_words": VERDICT_WORDS[one.verdict],
        "probability": words.probability(one.probability),
        "opinions": [opinion_row(o) for o in visible_opinions(viewer) if _is_about(o, run, individual_id)],
        "may_sign": viewer.may("add", "opinions"),
        **_bones_shown(viewer, run, card, result),
        **_evidence_shown(viewer, card, result, book),
        **_proposals_shown(viewer, run, individual_id, members),
        "asked": _asked_bone(viewer, run, individual_id, members, question),
    }
    return render(request, "individual.html", context, status=422 if question.problem else 200)


def _bones_shown(viewer: Viewer, run: Run, card: sections.Card, result: ResultView) -> dict[str, Any]:
    """The bones of an individual, drawn and listed, and those outside that may be of the same person."""
    name = card.row.individual_id
    bones = [
        {"specimen_id": r.bone.specimen_id, "element": r.bone.element, "side": r.bone.side, "row": r}
        for r in card.bones
    ]
    outside = answers.near_bones(result.same, [r.bone.specimen_id for r in card.bones])
    near = answers.casebook_of(viewer, [s for s, _p in outside], ())
    return {
        "drawing": skeleton_of(bones, _("Bones of %(individual)s") % {"individual": name}),
        "bones": [(r, words.probability(r.same) if r.same is not None else "") for r in card.bones],
        "boxes": Counter(r.bone.container_id for r in card.bones if r.bone.container_id).most_common(),
        "near": [(near.bones[s], words.probability(p)) for s, p in outside if s in near.bones],
    }


def _evidence_shown(viewer: Viewer, card: sections.Card, result: ResultView, book: Casebook) -> dict[str, Any]:
    """Candidates, and what each line says of the first."""
    prior = sections.prior_log10_odds(result)
    lines = sections.line_rows(card.candidates[0].row, prior) if card.candidates else ()
    total = prior + card.candidates[0].row.log10_lr_total if card.candidates else prior
    return {
        "turns": sections.turns([c.row for c in card.candidates], book, prior),
        "lines": [(row, words.signed(row.log10_lr)) for row in lines],
        "total": (words.signed(total), words.likelier(total)),
        "waterfall": _waterfall(card, lines, total, sections.needed_log10_odds(result)),
        "candidates": [
            (c, words.probability(c.row.probability), words.signed(c.row.log10_lr_total)) for c in card.candidates
        ],
        "sees_candidates": viewer.may("see", "candidates"),
        "sees_people": viewer.may("see", "missing"),
    }


def _proposals_shown(viewer: Viewer, run: Run, individual_id: str, members: Sequence[str]) -> dict[str, Any]:
    """Proposals on this individual, and those on its bones that were accepted on other runs."""
    if not viewer.may("see", "proposals"):
        return {}
    seen = proposals.visible(viewer)
    return {
        "sees_proposals": True,
        "may_propose": viewer.may("add", "proposals") and segregation.sees(viewer, run),
        "proposals": proposals_shown(viewer, seen.filter(run=run, individual_id=individual_id)),
        "accepted": proposals_shown(viewer, seen.filter(specimen_id__in=members, state=ACCEPTED).exclude(run=run)),
    }


def _asked_bone(
    viewer: Viewer, run: Run, individual_id: str, members: Sequence[str], question: Question
) -> dict[str, Any] | None:
    """What a run says of a bone and an individual; nothing where no bone was asked for."""
    if not question.bone:
        return None
    fields = ["specimen_id", "element", "side"]
    bone = next(iter(rows(viewer, "specimens", where={"specimen_id": question.bone}, fields=fields)), None)
    if bone is None:
        return {"specimen_id": question.bone}
    said = segregation.said_of(run, members, question.bone)
    may = None if segregation.sees(viewer, run) else answers.open_individuals(viewer, run)
    return {
        "specimen_id": question.bone,
        "bone": bone_words(bone["element"] or "", bone["side"] or ""),
        "said": said_shown(said if may is None or said.owner in may else replace(said, owner=None)),
        "direction": "out" if said.owner == individual_id else "in",
        "reason": question.reason,
        "problem": question.problem,
    }


def _open_part(viewer: Viewer, run: Run, only: Sequence[str] = ()) -> ResultView:
    """The part of an answer that the viewer may see; bones and candidates of *only* some individuals."""
    if not viewer.may("see", "individuals"):
        return _blinded(viewer, run, only)
    result = answers.answer_of(run, only)
    may = answers.open_individuals(viewer, run)
    if may is not None:
        result = replace(result, individuals=tuple(i for i in result.individuals if i.individual_id in may))
    return result if viewer.may("see", "candidates") else replace(result, candidates={})


def _blinded(viewer: Viewer, run: Run, only: Sequence[str]) -> ResultView:
    """The bones that a run put together, all individuals under one verdict: which they have tells of names."""
    if not segregation.sees(viewer, run):
        raise Refused("the bones of this run are not for your role, or not yet")
    result = answers.answer_of(run, only)
    bare = [
        IndividualRow(i.individual_id, i.specimens, None, 0.0, None, None, None, VERDICTS[0], (), None, None)
        for i in result.individuals
    ]
    return replace(result, individuals=tuple(bare), candidates={})


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
