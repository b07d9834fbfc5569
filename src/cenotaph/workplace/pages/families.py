"""Families: who can still give a reference, the pedigree that grows by a click, donors, and what was said to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from cenotaph.reports.drawings.pedigree import SYSTEM_WORDS, SYSTEMS, draw_pedigree
from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.rights import ALL, Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import acting, utc_now
from cenotaph.workplace.pages.endpoint import page
from cenotaph.workplace.pages.listing import PAGE
from cenotaph.workplace.pages.words import CONTACT_WORDS, contacts_shown
from cenotaph.workplace.services import answers, consents, decisions, kin, records
from cenotaph.workplace.services.runs import table

Row = dict[str, Any]
MATERIALS = (
    ("buccal swab", gettext_lazy("buccal swab")),
    ("blood", gettext_lazy("blood")),
    ("saliva", gettext_lazy("saliva")),
    ("hair", gettext_lazy("hair")),
)
KIN_WORDS = {
    "brother": gettext_lazy("brother"),
    "sister": gettext_lazy("sister"),
    "son": gettext_lazy("son"),
    "daughter": gettext_lazy("daughter"),
    "nephew by a sister": gettext_lazy("nephew by a sister"),
    "niece by a sister": gettext_lazy("niece by a sister"),
    "nephew by a brother": gettext_lazy("nephew by a brother"),
    "niece by a brother": gettext_lazy("niece by a brother"),
    "mother's sister": gettext_lazy("mother's sister"),
    "father's brother": gettext_lazy("father's brother"),
}
"""What `kin.KIN` is called on the page."""

SCOPE_WORDS = {
    "identification": gettext_lazy("identification"),
    "storage": gettext_lazy("storage after the case"),
    "research": gettext_lazy("research without a name"),
    "sharing": gettext_lazy("sharing with others"),
}
"""What `consents.SCOPES` are called on the page."""


@page("see", "relatives")
@require_safe
def families(request: Any) -> HttpResponse:
    """Every family with the men it misses and its donors; those without a donor, or due a contact, can be alone."""
    viewer: Viewer = request.viewer
    members = selectors.query(viewer, "relatives").order_by("family_id", "id")
    rows = list(members.values_list("family_id", "person_id", "missing_id"))
    donors = _donors(viewer)
    sees_contacts = viewer.may("see", "contacts")
    due = decisions.contacts_due() if sees_contacts else {}
    found: dict[str, Row] = {}
    for family_id, person_id, missing_id in rows:
        one = found.setdefault(family_id, {"family_id": family_id, "members": 0, "missing": [], "donors": 0, "due": ""})
        one["members"] += 1
        one["missing"] += [missing_id] if missing_id else []
        one["due"] = min(filter(None, (one["due"], due.get(missing_id or ""))), default="")
        one["donors"] += person_id in donors
    wanted = request.GET.get("donors", "")
    is_due = sees_contacts and request.GET.get("contact") == "due"
    text = request.GET.get("family_id", "").strip().lower()
    chosen = [
        one
        for one in found.values()
        if not (wanted == "none" and one["donors"])
        and not (is_due and not one["due"])
        and text in " ".join([one["family_id"], *one["missing"]]).lower()
    ]
    if is_due:
        chosen.sort(key=lambda one: str(one["due"]))
    number = request.GET.get("page", "")
    start = PAGE * (max(1, int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1) - 1)
    shown = chosen[start : start + PAGE]
    people = answers.people_of(viewer, [m for one in shown for m in one["missing"]])
    for one in shown:
        one["names"] = [people[m].name for m in one["missing"] if m in people]
    context = {
        "families": shown,
        "total": len(chosen),
        "without": sum(not one["donors"] for one in found.values()),
        "all": len(found),
        "wanted": wanted,
        "sees_contacts": sees_contacts,
        "is_due": is_due,
        "today": utc_now()[:10],
        "text": request.GET.get("family_id", ""),
        "first": start + 1,
        "last": start + len(shown),
        "before": start // PAGE,
        "after": start // PAGE + 2 if start + len(shown) < len(chosen) else 0,
    }
    return render(request, "families.html", context)


@page("see", "relatives")
@require_http_methods(["GET", "HEAD", "POST"])
def family(request: Any, key: str) -> HttpResponse:
    """One family; relatives, samples and contacts are added here."""
    viewer: Viewer = request.viewer
    members = answers.families_of(viewer, [key]).get(key, ())
    if not members:
        raise Http404
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            _act(viewer, key, request.POST)
            return redirect("family", key)
        except records.Unsound as error:
            problems = error.problems
    missing = [r.missing_id for r in members if r.missing_id]
    book = answers.casebook_of(viewer, (), missing)
    view = book.family(missing) if missing else None
    notes = {r["person_id"]: r for r in selectors.rows(viewer, "relatives", where={"family_id": key})}
    sampled = _donors(viewer, [r.person_id for r in members])
    given = consents.consents_of(viewer, [r.person_id for r in members]) if viewer.may("see", "consents") else {}
    left_out = [p for p, found in given.items() if consents.IDENTIFICATION not in consents.in_force(found)]
    relations = {d.label: d for d in view.donors} if view else {}
    due = decisions.contacts_due() if viewer.may("see", "contacts") else {}
    context = {
        "family_id": key,
        "due": min((due[m] for m in missing if m in due), default=""),
        "today": utc_now()[:10],
        "people": [book.person(m) for m in missing],
        "pedigree": mark_safe(draw_pedigree(view.drawing)) if view else "",
        "donors": tuple(relations.values()),
        "systems": [(SYSTEMS[s], SYSTEM_WORDS[s]) for s in SYSTEMS],
        "members": [
            {
                "row": r,
                "note": notes[r.person_id].get("note"),
                "samples": sampled[r.person_id],
                "consent": _standing(given.get(r.person_id, ())),
            }
            for r in members
        ],
        "sees_consents": viewer.may("see", "consents"),
        "may_consent": viewer.may("add", "consents"),
        "consents": [
            {"told": one, "number": str(one.id), "scope": _scope_words(one.scope)}
            for person in given.values()
            for one in reversed(person)
        ],
        "left_out": left_out,
        "donors_left_out": [p.removeprefix(key).lstrip(".-_:/") for p in left_out],
        "scopes": tuple(SCOPE_WORDS.items()),
        "scope_typed": request.POST.getlist("scope"),
        "kin": [(word, KIN_WORDS[word]) for word in kin.KIN],
        "asked": missing[0] if missing else "",
        "of": next((r.person_id for r in members if r.missing_id), members[0].person_id),
        "materials": MATERIALS,
        "may_add": viewer.may("add", "relatives"),
        "may_remove": viewer.may("remove", "relatives"),
        "may_sample": viewer.may("add", "samples"),
        "sees_samples": viewer.may("see", "samples"),
        "sees_people": viewer.may("see", "missing"),
        "contact_kinds": tuple(CONTACT_WORDS.items()) if viewer.may("add", "contacts") else (),
        "contacts": _contacts(viewer, missing),
        "sees_contacts": viewer.may("see", "contacts"),
        "next_donors": _next_donors(viewer, {r.person_id for r in members}),
        "problems": problems,
        "typed": request.POST,
    }
    return render(request, "family.html", context, status=422 if problems else 200)


def _act(viewer: Viewer, family_id: str, typed: Any) -> None:
    """What a form of the page asks for."""
    act = typed.get("act")
    if act == "relative":
        kin.add_relative(viewer, family_id, typed.get("of", ""), typed.get("kin", ""))
    elif act == "sample":
        _add_sample(viewer, family_id, typed)
    elif act == "remove":
        kin.remove_relative(viewer, family_id, typed.get("person_id", ""), typed.get("reason", ""))
    elif act == "consent":
        _require_member(viewer, family_id, typed.get("person_id", ""))
        day_and_paper = (typed.get(name, "") for name in ("given_on", "paper"))
        consents.give(viewer, typed.get("person_id", ""), typed.getlist("scope"), *day_and_paper)
    elif act == "withdraw":
        number = typed.get("consent", "")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise Refused("no such consent")
        consents.withdraw(viewer, int(number), typed.get("withdrawn_on", ""), typed.get("withdrawal", ""))
    elif act == "contact":
        man, person = typed.get("missing_id", ""), typed.get("person_id") or None
        mine = {r.missing_id for r in answers.families_of(viewer, [family_id]).get(family_id, ())}
        if not man or man not in mine:
            raise records.Unsound({"missing_id": _("not a member of this family")})
        said = (typed.get(name, "") for name in ("kind", "on_date", "note", "due_on"))
        decisions.note_contact(viewer, man, person, *said)


def _add_sample(viewer: Viewer, family_id: str, typed: Any) -> None:
    person = typed.get("person_id", "")
    _require_member(viewer, family_id, person)
    values = {name: typed.get(name, "").strip() for name in ("sample_id", "material", "laboratory", "collected_on")}
    if not values["sample_id"]:
        raise records.Unsound({"sample_id": _("the number on the tube")})
    filled = {name: text for name, text in values.items() if text}
    with acting(viewer.name, "reference sample"):
        records.add(viewer, "samples", filled | {"origin": "relative", "origin_id": person}, "reference sample")


def _require_member(viewer: Viewer, family_id: str, person: str) -> None:
    if person not in {r.person_id for r in answers.families_of(viewer, [family_id]).get(family_id, ())}:
        raise records.Unsound({"person_id": _("not a member of this family")})


def _standing(given: Sequence[consents.Given]) -> str:
    """What a member consents to, as a row of the table says it; empty where nothing is recorded."""
    covered = consents.in_force(given)
    if covered:
        return ", ".join(_scope_words(covered))
    return _("withdrawn") if given else ""


def _scope_words(scope: Sequence[str]) -> list[str]:
    return [str(SCOPE_WORDS[s]) for s in scope]


def _donors(viewer: Viewer, people: Sequence[str] | None = None) -> Counter[str]:
    """Samples by relative."""
    if not viewer.may("see", "samples"):
        return Counter()
    taken = selectors.query(viewer, "samples").filter(origin="relative")
    if people is not None:
        taken = taken.filter(origin_id__in=people)
    return Counter(taken.values_list("origin_id", flat=True))


def _next_donors(viewer: Viewer, people: Collection[str]) -> list[Row]:
    """Members whose sample would help most, as the latest run reckons."""
    run = answers.latest_run()
    if run is None or ALL not in viewer.fields_by_rows("see", "next_tests"):
        return []
    willing = set(people) - consents.unwilling()
    return [row for row in table(run, "next_tests") if row["subject_id"] in willing]


def _contacts(viewer: Viewer, missing: Sequence[str]) -> list[Row]:
    return contacts_shown(viewer, missing) if viewer.may("see", "contacts") else []
