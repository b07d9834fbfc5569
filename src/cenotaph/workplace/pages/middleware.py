"""What every request passes: limits of a sign-in, how often one may ask, and the rights that the page asks."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.pages.endpoint import endpoint_of
from cenotaph.workplace.services.tokens import user_of

API = "/api/"
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


class TokenSignIn:
    """At the API a token signs somebody in for one request; what else the browser sends along counts for nothing."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        kind, _, word = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer" and is_for_programs(request):
            user = user_of(word.strip())
            request.user, request.by_token = user or AnonymousUser(), user is not None
        return self.get_response(request)


def is_for_programs(request: HttpRequest) -> bool:
    """Whether a request is one to the API."""
    return request.path.startswith(API)


class RateLimit:
    """So many requests a minute by one person or from one address, and far fewer attempts to sign in."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self._lock = threading.Lock()
        self._minute = 0
        self._asked: Counter[tuple[str, str]] = Counter()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        kind, who, most = "all", str(request.META.get("REMOTE_ADDR")), settings.REQUESTS_PER_MINUTE
        if request.user.is_authenticated:
            kind, who = "person", str(request.user.pk)
        elif request.method == "POST" or "Authorization" in request.headers:
            kind, most = "sign in", settings.SIGN_INS_PER_MINUTE
        if self._count(who, kind) > most:
            return _too_many(request)
        return self.get_response(request)

    def _count(self, who: str, kind: str) -> int:
        minute = int(time.time() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._asked.clear()
            self._asked[who, kind] += 1
            return self._asked[who, kind]


def _too_many(request: HttpRequest) -> HttpResponse:
    if is_for_programs(request):
        return JsonResponse({"error": "Too many requests: wait a minute.", "problems": {}}, status=429)
    return render(request, "message.html", {"title": "Too many requests", "text": "Wait a minute."}, status=429)


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
        if asked.public or asked.own_door:
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
