"""Growing a family: a relative is named by what he or she is to a member, and those who connect the two come along."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from cenotaph.workplace.access.selectors import Row, rows
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import Consent, model_of
from cenotaph.workplace.services import records
from cenotaph.workplace.services.records import Unsound

MALE, FEMALE = "M", "F"


class _Family:
    """One family while it grows."""

    def __init__(self, viewer: Viewer, family_id: str, reason: str) -> None:
        self.viewer, self.family_id, self.reason = viewer, family_id, reason
        found = rows(viewer, "relatives", where={"family_id": family_id})
        self.members: dict[str, Row] = {row["person_id"]: row for row in found}

    def add(self, sex: str, father: str | None = None, mother: str | None = None) -> str:
        """A new member; returns the number."""
        taken = {
            int(m[1]) for p in self.members if (m := re.fullmatch(rf"{re.escape(self.family_id)}\.N(\d{{1,6}})", p))
        }
        person = f"{self.family_id}.N{max(taken, default=0) + 1}"
        values = {"family_id": self.family_id, "person_id": person, "sex": sex}
        values |= {"father_id": father or "", "mother_id": mother or ""}
        id_ = records.add(self.viewer, "relatives", values, self.reason)
        self.members[person] = values | {"id": id_, "father_id": father, "mother_id": mother}
        return person

    def parents(self, person: str) -> tuple[str, str]:
        """Father and mother of a member, added where they are not there."""
        row = self.members[person]
        father = row["father_id"] or self.add(MALE)
        mother = row["mother_id"] or self.add(FEMALE)
        if (father, mother) != (row["father_id"], row["mother_id"]):
            values = {"father_id": father, "mother_id": mother}
            records.change(self.viewer, "relatives", row["id"], values, self.reason)
            row |= values
        return father, mother

    def sibling(self, person: str, sex: str) -> str:
        """A full brother or sister."""
        return self.add(sex, *self.parents(person))

    def child(self, person: str, sex: str) -> str:
        """A child with a partner who is there already, or with a new one."""
        is_man = self.members[person].get("sex") != FEMALE
        mine, theirs = ("father_id", "mother_id") if is_man else ("mother_id", "father_id")
        known = [r[theirs] for r in self.members.values() if r[mine] == person and r[theirs]]
        partner = known[0] if known else self.add(FEMALE if is_man else MALE)
        return self.add(sex, *((person, partner) if is_man else (partner, person)))


KIN: Mapping[str, Callable[[_Family, str], str]] = {
    "brother": lambda f, p: f.sibling(p, MALE),
    "sister": lambda f, p: f.sibling(p, FEMALE),
    "son": lambda f, p: f.child(p, MALE),
    "daughter": lambda f, p: f.child(p, FEMALE),
    "nephew by a sister": lambda f, p: f.child(f.sibling(p, FEMALE), MALE),
    "niece by a sister": lambda f, p: f.child(f.sibling(p, FEMALE), FEMALE),
    "nephew by a brother": lambda f, p: f.child(f.sibling(p, MALE), MALE),
    "niece by a brother": lambda f, p: f.child(f.sibling(p, MALE), FEMALE),
    "mother's sister": lambda f, p: f.sibling(f.parents(p)[1], FEMALE),
    "father's brother": lambda f, p: f.sibling(f.parents(p)[0], MALE),
}
"""What a new relative can be to somebody; a nephew's mother is a sister of her own, not one who is there."""


def add_relative(viewer: Viewer, family_id: str, of: str, kin: str) -> str:
    """Adds a relative to a family, with those who connect the two; returns the number of the new one.

    Args:
        viewer: who adds.
        family_id: the family.
        of: a member of it.
        kin: what the new one is to *of*, a key of `KIN`.

    Raises:
        Refused: the role may not.
        Unsound: no such member or kin.
    """
    viewer.require("add", "relatives")
    with acting(viewer.name, f"{kin} of {of}"):
        family = _Family(viewer, family_id, f"{kin} of {of}")
        problems = {}
        if of not in family.members:
            problems["of"] = _("not a member of this family")
        if kin not in KIN:
            problems["kin"] = _("one of: %(kin)s") % {"kin": ", ".join(KIN)}
        if problems:
            raise Unsound(problems)
        return KIN[kin](family, of)


def remove_relative(viewer: Viewer, family_id: str, person: str, reason: str) -> None:
    """Takes a relative out of a family; one on whom others hang stays.

    Raises:
        Refused: the role may not.
        Unsound: no such member, no reason, it is the missing one, or a child, a sample or a consent hangs on it.
    """
    viewer.require("remove", "relatives")
    with acting(viewer.name, reason.strip()):
        members = {r["person_id"]: r for r in rows(viewer, "relatives", where={"family_id": family_id})}
        problem = None
        if person not in members:
            problem = _("not a member of this family")
        elif members[person].get("missing_id"):
            problem = _("the missing one stays")
        elif any(person in (r["father_id"], r["mother_id"]) for r in members.values()):
            problem = _("there are children; they go first")
        elif model_of("samples").objects.filter(origin="relative", origin_id=person).exists():
            problem = _("there is a sample of this person")
        elif Consent.objects.filter(person_id=person).exists():
            problem = _("there is a consent of this person")
        elif not reason.strip():
            problem = _("removing needs a reason")
        if problem:
            raise Unsound({"person_id": problem})
        records.remove(viewer, "relatives", members[person]["id"], reason)
