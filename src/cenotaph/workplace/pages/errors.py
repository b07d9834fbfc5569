"""What a visitor sees when something is not there or went wrong: never more than that."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

_NOT_HERE = {"title": _("Not here"), "text": _("This page is not there, or not for your role.")}
_FAILED = {
    "title": _("Something went wrong"),
    "text": _("Nothing was changed. The place of the fault is in the log."),
}
_FORGED = {
    "title": _("Not taken"),
    "text": _("This form was open for too long. Go back, load the page again, and send it."),
}
_BAD = {"title": _("Not understood"), "text": _("The request was not one that this page takes.")}


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """No such page."""
    return render(request, "message.html", _NOT_HERE, status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """An error of the program."""
    return render(request, "message.html", _FAILED, status=500)


def bad(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A request that makes no sense."""
    return render(request, "message.html", _BAD, status=400)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from one of our pages, or from one that was open for too long."""
    return render(request, "message.html", _FORGED, status=403)
