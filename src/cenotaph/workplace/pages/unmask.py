"""A blind role asks for a name: the reason is in the ledger before the name is on the page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.rights import NAMING, Refused
from cenotaph.workplace.cells import EXTRA
from cenotaph.workplace.pages.endpoint import page
from cenotaph.workplace.pages.signature import SignatureForm

LEAST_REASON = 10
WORDS = {
    "family_name": _("Family name"),
    "given_names": _("Given names"),
    "birth_date": _("Born"),
    "service_number": _("Service number"),
    "home_of_record": _("Home of record"),
    "note": _("Note"),
}


class UnmaskForm(SignatureForm):
    """Whose name, and why."""

    missing_id = forms.CharField(label=_("Number of the missing person"), max_length=200)
    reason = forms.CharField(
        label=_("Reason"),
        min_length=LEAST_REASON,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("What cannot be done without the name. The ledger keeps it, with yours."),
    )


@page("unmask", "missing")
@require_http_methods(["GET", "HEAD", "POST"])
def unmask(request: Any) -> HttpResponse:
    """Asks for a name; it is shown once and nowhere else."""
    form = UnmaskForm(request.POST or None)
    form.ask_password(request)
    found = None
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        fields = [f for f in NAMING["missing"] if f != EXTRA]
        try:
            row = selectors.unmask(request.viewer, "missing", asked["missing_id"].strip(), fields, asked["reason"])
            found = [(words, row[name]) for name, words in WORDS.items() if row.get(name)]
        except Refused as error:
            form.add_error("missing_id", str(error))
    context = {"form": form, "found": found, "key": request.POST.get("missing_id", "")}
    return render(request, "unmask.html", context, status=422 if form.errors else 200)
