"""Searches that somebody keeps: everybody his own, seen by nobody else."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.cells import Keyring
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import SavedSearch, User
from cenotaph.workplace.privacy import CASE
from cenotaph.workplace.services.records import Unsound, is_text

LONGEST_NAME = 80
LONGEST_TEXT = 200
MOST = 50


@dataclass(frozen=True, slots=True)
class Kept:
    """A search as its owner sees it: its number, its name, and the words that are looked for."""

    id: int
    name: str
    text: str


def kept(user: User) -> list[Kept]:
    """Searches of a user, by name."""
    keys = Keyring()
    found = []
    for row in SavedSearch.objects.filter(user=user).order_by("id"):
        if text := keys.open(CASE, "search", row.content):
            found.append(Kept(row.pk, **json.loads(text)))
    return sorted(found, key=lambda one: (one.name.lower(), one.id))


def keep(user: User, name: str, text: str) -> None:
    """Keeps a search; one of the same name is replaced.

    Raises:
        Unsound: there is nothing to look for or no name, one of them is too long, or there are `MOST` already.
    """
    name, text = " ".join(name.split()), text.strip()
    problems = {}
    if not 0 < len(name) <= LONGEST_NAME or not is_text(name):
        problems["name"] = _("a name of %(most)d letters at most") % {"most": LONGEST_NAME}
    if not 0 < len(text) <= LONGEST_TEXT or not is_text(text):
        problems["q"] = _("something to look for, of %(most)d letters at most") % {"most": LONGEST_TEXT}
    if problems:
        raise Unsound(problems)
    with acting(user.name, "a search kept"):
        mine = kept(user)
        same = [one.id for one in mine if one.name == name]
        if not same and len(mine) >= MOST:
            raise Unsound({"name": _("there are %(most)d searches already") % {"most": MOST}})
        keys = Keyring()
        content = keys.close(CASE, "search", json.dumps({"name": name, "text": text}, ensure_ascii=False))
        keys.save()
        if same:
            SavedSearch.objects.filter(pk=same[0]).update(content=content)
        else:
            SavedSearch.objects.create(user=user, content=content)


def forget(user: User, id_: int) -> None:
    """Removes a search of one's own.

    Raises:
        Refused: there is none.
    """
    with acting(user.name, "a search removed"):
        gone, _rows = SavedSearch.objects.filter(user=user, pk=id_).delete()
        if not gone:
            raise Refused("no such search")
