"""Decisions: an opinion is signed, reviewed, decided, and the family told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from cenotaph.reports.memorandum import to_docx, to_pdf
from cenotaph.reports.words import line_name, signed
from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.cases import open_to_review
from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.models import Opinion, Run
from cenotaph.workplace.pages.accounts import form_page
from cenotaph.workplace.pages.endpoint import page
from cenotaph.workplace.pages.signature import SignatureForm
from cenotaph.workplace.pages.words import CONTACT_WORDS, contacts_shown
from cenotaph.workplace.services import decisions, runs
from cenotaph.workplace.services.decisions import Case
from cenotaph.workplace.services.memorandum import memorandum
from cenotaph.workplace.services.records import Unsound

OUTCOME_LABELS = {
    "identification": _("Identification: these remains are his"),
    "exclusion": _("Exclusion: these remains are not his"),
    "premature": _("Premature: it cannot be decided yet"),
    "unlisted": _("Unlisted: of nobody on the roster"),
}
STATE_LABELS = {
    decisions.SIGNED: _("opinion signed"),
    decisions.REVIEWED: _("reviewed"),
    decisions.DECIDED: _("decided"),
    decisions.TOLD: _("family told"),
    decisions.SENT_BACK: _("sent back"),
    decisions.REOPENED: _("re-opened"),
}
COUNT_LABELS = STATE_LABELS | {decisions.ACCOUNTED: _("accounted for")}
PART_LABELS = {
    "request": _("Request and legal basis"),
    "recovery": _("Recovery, and what was said of it"),
    "circumstances": _("Historical and circumstantial association"),
    "profile": _("Biological profile"),
    "teeth": _("Teeth"),
    "films": _("Radiographs"),
    "genetics": _("DNA"),
    "objects": _("Material evidence"),
    "isotopes": _("Isotopes"),
    "contradictions": _("Contradictions"),
    "alternatives": _("Alternatives considered"),
    "conclusion": _("Conclusion"),
    "limits": _("Limits"),
    "lacking": _("Elements still missing, and wishes for parts found later"),
}
CONCLUSION_LABELS = {
    "established": _("established"),
    "strongly supported": _("strongly supported"),
    "supported": _("supported"),
    "not decided": _("not decided"),
    "not supported": _("not supported"),
    "excluded": _("excluded"),
}
COUNT_MEANINGS = {
    decisions.SIGNED: _("opinions that wait for an independent review"),
    decisions.REVIEWED: _("cases that wait for the authority"),
    decisions.DECIDED: _("decisions that the family does not know yet"),
    decisions.TOLD: _("cases that are closed"),
    decisions.ACCOUNTED: _("of the roster; a man counts once his family was told"),
}
LONGEST_TEXT = 20_000


def _text(part: str) -> forms.CharField:
    rows = 2 if part == "request" else 4
    return forms.CharField(
        label=PART_LABELS[part], required=False, max_length=LONGEST_TEXT, widget=forms.Textarea({"rows": rows})
    )


class OpinionForm(SignatureForm):
    """What an examiner signs."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=list(OUTCOME_LABELS.items()), widget=forms.RadioSelect)
    missing_id = forms.CharField(
        label=_("Missing person"),
        required=False,
        help_text=_("Identifier of the missing person; empty for premature and unlisted."),
    )
    specimen_ids = forms.CharField(
        label=_("Remains"), widget=forms.Textarea({"rows": 3}), help_text=_("Specimens, space separated.")
    )
    conclusion = forms.ChoiceField(
        label=_("Conclusion"),
        choices=[("", "–"), *CONCLUSION_LABELS.items()],
        help_text=_("A word of the fixed scale."),
    )

    def __init__(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in decisions.PARTS:
            self.fields.setdefault(part, _text(part))
        self.ask_password(request)

    def take(self, error: Unsound) -> None:
        """Puts the problems that the service found beside their fields."""
        for name, problem in error.problems.items():
            self.add_error(name if name in self.fields else None, problem)


class ReasonForm(SignatureForm):
    """A step with its reasons, signed."""

    text = forms.CharField(
        label=_("Reasons"),
        min_length=decisions.LEAST_GROUNDS,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea({"rows": 5}),
    )

    def __init__(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask_password(request)


class ContactForm(forms.Form):
    """Something said to a family."""

    person_id = forms.ChoiceField(label=_("Whom"), required=False)
    kind = forms.ChoiceField(label=_("How"), choices=list(CONTACT_WORDS.items()))
    on_date = forms.CharField(label=_("When"), help_text=_("A day, as 2019-05-17."))
    note = forms.CharField(
        label=_("What was said"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("It is stored encrypted under the key of the one who was told."),
    )
    due_on = forms.CharField(
        label=_("Next contact due on"), required=False, help_text=_("A day, as 2019-05-17; empty where none is due.")
    )

    def __init__(self, viewer: Viewer, missing_id: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = _relatives(viewer, missing_id)
        self.fields["person_id"].choices = [("", _("the family")), *((p, p) for p in people)]

    take = OpinionForm.take


def _relatives(viewer: Viewer, missing_id: str) -> list[str]:
    if not viewer.may("see", "relatives"):
        return []
    own = selectors.rows(viewer, "relatives", where={"missing_id": missing_id}, fields=["family_id"])
    families = [row["family_id"] for row in own]
    found = selectors.rows(
        viewer, "relatives", where={"family_id__in": families}, fields=["person_id", "missing_id"], order=["person_id"]
    )
    return [row["person_id"] for row in found if not row["missing_id"]]


@page("see", "opinions", "decisions")
def decisions_list(request: Any) -> HttpResponse:
    """Cases by their state: what waits for the viewer first."""
    viewer: Viewer = request.viewer
    seen = visible_opinions(viewer)
    waiting = [o for o in seen if _waits_for(viewer, o)]
    state = request.GET.get("state", "")
    rest = [o for o in seen if o not in waiting and (not state or o.state == state)]
    context = {
        "waiting": [opinion_row(o) for o in waiting],
        "rest": [opinion_row(o) for o in rest],
        "counts": [(w, COUNT_LABELS[w], n, COUNT_MEANINGS[w]) for w, n in decisions.counts()],
        "settled": selectors.rows(viewer, "decisions", order=["decision_id"]) if viewer.may("see", "decisions") else [],
        "may_sign": viewer.may("add", "opinions"),
    }
    return render(request, "decisions.html", context)


def visible_opinions(viewer: Viewer) -> list[Opinion]:
    """Opinions that the viewer may see, newest first; a reviewer sees those that he may review or has reviewed."""
    if not viewer.may("see", "opinions"):
        return []
    if _only_reviews(viewer):
        return open_to_review(viewer.name)[::-1]
    found = list(Opinion.objects.order_by("-id"))
    if not viewer.may("see", "opinions", "opinion"):
        return [o for o in found if o.state in {decisions.DECIDED, decisions.TOLD}]
    return found


def _only_reviews(viewer: Viewer) -> bool:
    others = (("add", "opinions", None), ("change", "opinions", "ruling"), ("add", "contacts", None))
    return viewer.may("change", "opinions", "review") and not any(viewer.may(*right) for right in others)


def _waits_for(viewer: Viewer, opinion: Opinion) -> bool:
    is_telling = viewer.may("change", "missing") and viewer.may("add", "contacts") and not viewer.may("add", "opinions")
    return (
        decisions.why_not_review(viewer, opinion) is None
        or decisions.why_not_rule(viewer, opinion) is None
        or (is_telling and opinion.state == decisions.DECIDED and bool(opinion.missing_id))
    )


def opinion_row(opinion: Any) -> dict[str, Any]:
    """What a list of opinions shows of one."""
    return {
        "opinion": opinion,
        "state": STATE_LABELS[opinion.state],
        "outcome": OUTCOME_LABELS[opinion.outcome].partition(":")[0],
        "bones": len(opinion.specimen_ids.split()),
        "last": (opinion.told_at or opinion.decided_at or opinion.reviewed_at or opinion.signed_at)[:10],
    }


@page("add", "opinions")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_opinion(request: Any, id_: int | None = None, individual_id: str | None = None) -> HttpResponse:
    """Writes and signs an opinion, on an individual of a run or on remains that one names."""
    run = get_object_or_404(Run, pk=id_) if id_ is not None else None
    form = OpinionForm(request, request.POST or None, initial=_from_run(run, individual_id))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        case = Case(
            data["outcome"],
            tuple(dict.fromkeys(data["specimen_ids"].split())),
            data["missing_id"].strip() or None,
            run.pk if run else None,
            individual_id,
        )
        try:
            return redirect("opinion", decisions.sign(request.viewer, case, data))
        except Unsound as error:
            form.take(error)
    return form_page(
        request, form, _("An opinion"), _("Sign the opinion"), "sign_opinion.html", run=run, individual=individual_id
    )


def _from_run(run: Run | None, individual_id: str | None) -> dict[str, str]:
    """What the run says of the individual, as a beginning; the examiner changes what he does not share."""
    row = runs.individual(run, individual_id) if run and individual_id else None
    if row is None or run is None or individual_id is None:
        return {}
    candidates = runs.candidates(run, individual_id)
    lines = [f"{line_name(n)} {signed(v)}" for n, v in runs.line_weights(candidates[0])] if candidates else []
    others = [f"{c['missing_id']}: probability {c['probability']}" for c in candidates[1:4]]
    return {
        "outcome": row["verdict"] if row["verdict"] in {"identification", "unlisted"} else "premature",
        "missing_id": row["missing_id"] if row["verdict"] == "identification" else "",
        "specimen_ids": row["specimens"],
        "genetics": f"log10 likelihood ratios of the run: {', '.join(lines)}." if lines else "",
        "contradictions": row.get("conflicts") or "",
        "alternatives": "; ".join(others),
    }


@page("see", "opinions")
def opinion(request: Any, id_: int) -> HttpResponse:
    """A case with its steps, and the step that waits for the viewer."""
    return _opinion_page(request, _visible(request.viewer, id_))


def _visible(viewer: Viewer, id_: int) -> Opinion:
    found = next((o for o in visible_opinions(viewer) if o.pk == id_), None)
    if found is None:
        raise Refused("no such opinion")
    return found


def _opinion_page(
    request: Any, found: Any, form: forms.Form | None = None, telling: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    viewer: Viewer = request.viewer
    said = decisions.opened(found, "opinion") if viewer.may("see", "opinions", "opinion") else {}
    may_tell = viewer.may("add", "contacts") and found.state == decisions.DECIDED and bool(found.missing_id)
    may_see_contacts = viewer.may("see", "contacts") and bool(found.missing_id)
    context = {
        **opinion_row(found),
        "outcome": OUTCOME_LABELS[found.outcome],
        "specimens": found.specimen_ids.split() if viewer.may("see", "opinions", "specimen_ids") else [],
        "parts": [(PART_LABELS[p], said[p]) for p in decisions.PARTS if p in said and p != "conclusion"],
        "conclusion": CONCLUSION_LABELS.get(said.get("conclusion", ""), ""),
        "steps": _steps(viewer, found),
        "name": _name(viewer, found.missing_id),
        "form": form or ReasonForm(request),
        "may_review": decisions.why_not_review(viewer, found) is None,
        "why_not_review": decisions.why_not_review(viewer, found) if found.state == decisions.SIGNED else None,
        "may_rule": decisions.why_not_rule(viewer, found) is None,
        "may_reopen": viewer.may("change", "opinions", "ruling") and found.state in {decisions.DECIDED, decisions.TOLD},
        "may_tell": may_tell,
        "telling": telling or (ContactForm(viewer, found.missing_id) if may_tell else None),
        "contacts": contacts_shown(viewer, [found.missing_id]) if may_see_contacts else [],
        "may_read": bool(said),
    }
    return render(request, "opinion.html", context, status=status)


def _name(viewer: Viewer, missing_id: str | None) -> str:
    if not missing_id or not viewer.may("see", "missing", "family_name"):
        return ""
    man = selectors.one(viewer, "missing", missing_id)
    return " ".join(n for n in (man["given_names"], man["family_name"]) if n) if man else ""


def _steps(viewer: Viewer, found: Any) -> list[dict[str, Any]]:
    """The four steps in their order, done or not, with who and when."""
    may_read = viewer.may("see", "opinions", "review")
    review = decisions.opened(found, "review") if may_read else {}
    ruling = decisions.opened(found, "ruling") if viewer.may("see", "opinions", "ruling") else {}
    return [
        {"word": STATE_LABELS[decisions.SIGNED], "by": found.signed_by, "at": found.signed_at, "text": ""},
        {
            "word": _("sent back") if review.get("agrees") == "no" else STATE_LABELS[decisions.REVIEWED],
            "by": found.reviewed_by,
            "at": found.reviewed_at,
            "text": review.get("text", ""),
        },
        {
            "word": _("sent back") if ruling.get("confirms") == "no" else STATE_LABELS[decisions.DECIDED],
            "by": found.decided_by,
            "at": found.decided_at,
            "text": ruling.get("text", ""),
        },
        {"word": STATE_LABELS[decisions.TOLD], "by": "", "at": found.told_at, "text": ""},
    ]


def _step(request: Any, id_: int, take: Any) -> HttpResponse:
    """Takes a step that needs reasons, or shows the page again with what is wrong."""
    found = _visible(request.viewer, id_)
    form = ReasonForm(request, request.POST)
    if not form.is_valid():
        return _opinion_page(request, found, form, status=422)
    try:
        take(form.cleaned_data["text"])
    except (Refused, Unsound) as error:
        form.add_error(None, str(error))
        return _opinion_page(request, found, form, status=409)
    return redirect("decisions") if _only_reviews(request.viewer) else redirect("opinion", id_)


@page("change", "opinions")
@require_POST
def review_opinion(request: Any, id_: int) -> HttpResponse:
    """Agrees with an opinion, or sends it back."""
    agrees = request.POST.get("answer") == "agree"
    return _step(request, id_, lambda text: decisions.review(request.viewer, id_, agrees, text))


@page("change", "opinions")
@require_POST
def rule_opinion(request: Any, id_: int) -> HttpResponse:
    """Decides, or sends the opinion back."""
    confirms = request.POST.get("answer") == "confirm"
    return _step(request, id_, lambda text: decisions.rule(request.viewer, id_, confirms, text))


@page("change", "opinions")
@require_POST
def reopen_opinion(request: Any, id_: int) -> HttpResponse:
    """Takes a decision out of force, with cause."""
    return _step(request, id_, lambda text: decisions.reopen(request.viewer, id_, text))


@page("add", "contacts")
@require_POST
def tell_family(request: Any, id_: int) -> HttpResponse:
    """Notes that the family was told."""
    found: Any = _visible(request.viewer, id_)
    form = ContactForm(request.viewer, found.missing_id or "", request.POST)
    if form.is_valid():
        try:
            decisions.tell_family(request.viewer, id_, **form.cleaned_data)
        except Unsound as error:
            form.take(error)
        else:
            return redirect("opinion", id_)
    return _opinion_page(request, found, telling=form, status=422)


@page("see", "opinions")
def memorandum_file(request: Any, id_: int, kind: str) -> HttpResponse:
    """The memorandum as PDF or as a Word file."""
    memo = memorandum(request.viewer, _visible(request.viewer, id_))
    content, mime = (
        (to_pdf(memo), "application/pdf")
        if kind == "pdf"
        else (to_docx(memo), "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
    )
    response = HttpResponse(content, content_type=mime)
    response["Content-Disposition"] = f'attachment; filename="memorandum-{id_}.{kind}"'
    return response
