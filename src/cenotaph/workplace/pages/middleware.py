"""What every request passes: limits of a sign-in, how often one may ask, and the rights that the page asks."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.pages.endpoint import endpoint_of

Next = Callable[[HttpRequest], HttpResponse]
_SEEN_EVERY_S = 60


class SessionLimits:
    """A sign-in ends after half an hour without a request and after half a day in any case."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = time.time()
            began, seen = request.session.get("began", 0), request.session.get("seen", 0)
            if now - began > settings.SESSION_LIFE_SECONDS or now - seen > settings.SESSION_IDLE_SECONDS:
                logout(request)
            elif now - seen > _SEEN_EVERY_S:
                request.session["seen"] = now
        return self.get_response(request)


class RateLimit:
    """So many requests a minute from one address, and far fewer attempts to sign in."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self._lock = threading.Lock()
        self._minute = 0
        self._asked: Counter[tuple[str, str]] = Counter()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        kind, most = ("all", settings.REQUESTS_PER_MINUTE)
        if request.method == "POST" and not request.user.is_authenticated:
            kind, most = ("sign in", settings.SIGN_INS_PER_MINUTE)
        if self._count(str(request.META.get("REMOTE_ADDR")), kind) > most:
            return render(request, "message.html", {"title": "Too many requests", "text": "Wait a minute."}, status=429)
        return self.get_response(request)

    def _count(self, address: str, kind: str) -> int:
        minute = int(time.time() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._asked.clear()
            self._asked[address, kind] += 1
            return self._asked[address, kind]


class Rights:
    """Serves a page only to those who have the right that it asks; a page that asks nothing is not served at all."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = Viewer.of(request.user)
        response = self.get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        return response

    def process_view(self, request: Any, view: object, args: Any, kwargs: Any) -> HttpResponse | None:
        asked = endpoint_of(view)
        if asked is None:
            raise Http404
        if asked.public:
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if asked.signed_in or any(request.viewer.may(asked.verb, resource) for resource in asked.resources):
            return None
        return _refusal(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return _refusal(request) if isinstance(error, Refused) else None


def _refusal(request: HttpRequest) -> HttpResponse:
    # One answer for all: which of a row, a page or a right is missing would itself tell something.
    text = "This page is not there, or not for your role."
    return render(request, "message.html", {"title": "Not here", "text": text}, status=403)
