"""Contacts and entries of the ledger in the language of the visitor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.services.decisions import contacts

CONTACT_WORDS = {
    "visit": _("visit"),
    "telephone": _("telephone"),
    "letter": _("letter"),
    "message": _("message"),
    "meeting": _("meeting"),
}
"""What `decisions.CONTACT_KINDS` are called on pages."""

ACTION_WORDS = {"insert": _("entered"), "update": _("changed"), "delete": _("removed")}
"""What an entry of the ledger did."""


def contacts_shown(viewer: Viewer, missing: Iterable[str]) -> list[dict[str, Any]]:
    """Contacts with the families of missing persons, newest first, their kind in words.

    Raises:
        Refused: the role may not see them.
    """
    found = [one for man in missing for one in contacts(viewer, man)]
    return [one | {"kind": CONTACT_WORDS.get(one["kind"], one["kind"])} for one in found]
