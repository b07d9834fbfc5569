"""The row that a page is about."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.viewer import Viewer


def row_or_404(viewer: Viewer, resource: str, key: str) -> dict[str, Any]:
    """The row with the key *key*, with the fields that the viewer may see.

    Raises:
        Http404: there is none that the viewer may see.
    """
    found = selectors.one(viewer, resource, key)
    if found is None:
        raise Http404
    return found
