"""The language of the pages, kept in a cookie of the browser."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from cenotaph.workplace.pages.endpoint import open_to_all

_A_YEAR_S = 365 * 24 * 60 * 60


@open_to_all()
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Turns the pages to another language and goes back to the page that was shown."""
    back = request.headers.get("Referer", "/")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = redirect(back if is_ours else "/")
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=_A_YEAR_S,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Strict",
        )
    return response
