"""Who is asking: by a token, or by the session of the browser. Both see what that person sees, and nothing else."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from cenotaph.workplace.access.viewer import Viewer


class ByToken(HttpBearer):
    """A token made on the page *Programs*; `pages.middleware.TokenSignIn` has looked it up."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return _viewer(request) if getattr(request, "by_token", False) else None


class BySession(SessionAuth):
    """A signed-in browser; a change needs the token of its forms in the header ``X-CSRFToken``."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        return _viewer(request) if request.user.is_authenticated else None


DOORS = (ByToken(), BySession())


def viewer_of(request: Any) -> Viewer:
    """For whom a request speaks that came in by one of the doors."""
    found: Viewer = request.auth
    return found


def _viewer(request: Any) -> Viewer:
    found: Viewer = request.viewer
    return found
