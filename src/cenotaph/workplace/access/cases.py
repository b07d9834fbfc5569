"""Which rows belong to a case: the remains and the man that an opinion is about, and all that hangs on them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q

from cenotaph.workplace.access.rights import CASE
from cenotaph.workplace.models import LedgerEntry, Opinion, Photo, model_of

BY_SPECIMEN = ("measurements", "age_stages", "isotopes", "assignments")
PAIRS = ("associations", "links")
PROFILES = ("str_profiles", "ystr_profiles", "mtdna_profiles")


def rows_of_case(resource: str, specimens: Collection[str], missing: Collection[str]) -> Q:
    """Rows of *resource* that speak of the specimens, of the missing persons, or of the families of these."""
    is_bone, is_man = Q(specimen_id__in=specimens), Q(missing_id__in=missing)
    if resource in BY_SPECIMEN or resource == "specimens":
        return is_bone
    if resource in {"missing", "decisions"}:
        return is_man
    if resource == "effects":
        return is_bone | is_man
    if resource in PAIRS:
        return Q(specimen_a__in=specimens) & Q(specimen_b__in=specimens)
    if resource in {"individuals", "candidates"}:
        return Q(individual_id__in=_values("assignments", "individual_id", is_bone))
    if resource == "containers":
        return Q(container_id__in=_values("specimens", "container_id", is_bone))
    if resource == "incidents":
        return Q(incident_id__in=_values("missing", "incident_id", is_man))
    families = _values("relatives", "family_id", is_man)
    if resource == "relatives":
        return Q(family_id__in=families)
    if resource in {"dental_charts", "outlines"}:
        return _subject("subject_type", "subject_id", specimens, missing, families)
    is_sample = _subject("origin", "origin_id", specimens, missing, families)
    if resource == "samples":
        return is_sample
    if resource in PROFILES:
        return Q(sample_id__in=_values("samples", "sample_id", is_sample))
    return Q(pk__in=())


def _values(resource: str, field: str, which: Q) -> Any:
    return model_of(resource).objects.filter(which).values(field)


def _subject(kind: str, key: str, specimens: Collection[str], missing: Collection[str], families: Any) -> Q:
    people = _values("relatives", "person_id", Q(family_id__in=families))
    return (
        Q(**{kind: "specimen", f"{key}__in": specimens})
        | Q(**{kind: "missing", f"{key}__in": missing})
        | Q(**{kind: "relative", f"{key}__in": people})
    )


def had_hand(name: str, specimens: Collection[str], missing: Collection[str]) -> bool:
    """Whether somebody wrote any row of a case, as the ledger tells, or photographed its bones."""
    if Photo.objects.filter(by=name, table="specimens", key__in=specimens).exists():
        return True
    mine = LedgerEntry.objects.filter(actor=name, table__in=CASE)
    if not mine.exists():
        return False
    for resource in CASE:
        rows = model_of(resource).objects.filter(rows_of_case(resource, specimens, missing))
        ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
        if ids and mine.filter(table=resource, row__in=ids).exists():
            return True
    return False


def open_to_review(name: str) -> list[Opinion]:
    """Signed opinions that wait for *name*'s review or had it: others wrote them, and he had no hand in the case."""
    his = Q(state="opinion signed") | Q(reviewed_by=name)
    found = Opinion.objects.filter(his).exclude(signed_by=name).order_by("id")
    return [o for o in found if not had_hand(name, o.specimen_ids.split(), [o.missing_id] if o.missing_id else [])]


def reviewed_rows(resource: str, name: str) -> Q:
    """Rows of *resource* in the cases of `open_to_review`."""
    opinions = open_to_review(name)
    specimens = {s for o in opinions for s in o.specimen_ids.split()}
    return rows_of_case(resource, specimens, {o.missing_id for o in opinions if o.missing_id})
