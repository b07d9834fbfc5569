"""Rules about the missing and their families that need more than one cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.dates import parse_date
from cenotaph.dossier.faults import Fault
from cenotaph.dossier.sheets import Sheet
from cenotaph.dossier.shipped import load_affinities
from cenotaph.dossier.tables import AFFINITIES
from cenotaph.dossier.vocabulary import nearest
from cenotaph.errors import InvalidInput

SERVICE_AGES = (14, 70)
"""Plausible ages at loss, in years."""


def missing_faults(sheets: Mapping[str, Sheet], populations: frozenset[str]) -> Iterator[Fault]:
    """A population that no table carries; an age at loss that is not plausible.

    Args:
        sheets: tables by name.
        populations: names that frequency tables carry, beside those of the shipped map.
    """
    sheet = sheets.get("missing")
    if sheet is None:
        return
    cells = sheet.text("population")
    known = {*AFFINITIES, *load_affinities(), *populations}
    for value in cells.unique(maintain_order=True).drop_nulls():
        if value not in known:
            guess = nearest(value, known)
            valid = f"{guess}?" if guess else " ".join(AFFINITIES) + ", or a population of a frequency table"
            for row in (cells == value).fill_null(False).arg_true():
                yield sheet.fault(
                    row, "population", "no frequency table carries the population", found=value, valid=valid
                )
    yield from _age_faults(sheet)


def _age_faults(sheet: Sheet) -> Iterator[Fault]:
    born, lost = sheet.text("birth_date"), sheet.text("loss_date")
    years = {text: _year(text) for text in {*born.drop_nulls(), *lost.drop_nulls()}}
    for row in (born.is_not_null() & lost.is_not_null()).arg_true():
        start, end = years[born[row]], years[lost[row]]
        if start is not None and end is not None and not SERVICE_AGES[0] <= end - start <= SERVICE_AGES[1]:
            yield sheet.warning(
                row,
                "birth_date",
                "the age at loss is not plausible",
                found=f"born {born[row]}, lost {lost[row]}",
                valid=f"{SERVICE_AGES[0]} to {SERVICE_AGES[1]} years",
            )


def _year(text: str) -> int | None:
    try:
        day = parse_date(text).earliest
    except InvalidInput:
        return None
    return day.year if day else None


def pedigree_faults(sheets: Mapping[str, Sheet]) -> Iterator[Fault]:
    """Pedigrees that cannot be: one parent alone, a mother who is male, a loop in time, a man at two nodes."""
    sheet = sheets.get("relatives")
    if sheet is None:
        return
    persons = sheet.text("person_id").to_list()
    fathers, mothers = sheet.text("father_id").to_list(), sheet.text("mother_id").to_list()
    families, sexes = sheet.text("family_id").to_list(), sheet.text("sex").to_list()
    index = {person: row for row, person in reversed(list(enumerate(persons))) if person is not None}
    for row, (father, mother) in enumerate(zip(fathers, mothers, strict=True)):
        if (father is None) != (mother is None):
            column = "father_id" if father is None else "mother_id"
            yield sheet.fault(
                row, column, "one parent without the other", found=f"only {father or mother}",
                valid="both parents or neither; an unknown parent is a row of its own",
            )  # fmt: skip
        if father is not None and father == mother:
            yield sheet.fault(row, "mother_id", "father and mother are one person", found=father, valid="two persons")
            continue
        for column, parent, wrong, right in (("father_id", father, "F", "M"), ("mother_id", mother, "M", "F")):
            at = index.get(parent) if parent is not None else None
            if at is None:
                continue
            if sexes[at] == wrong:
                what = "the father is female" if wrong == "F" else "the mother is male"
                yield sheet.fault(
                    row, column, what, found=f"{parent}, sex {wrong}", valid=f"a person of sex {right} or U"
                )
            if families[at] != families[row]:
                yield sheet.fault(
                    row, column, "the parent is in another family", found=f"{parent} of {families[at]}",
                    valid=f"a person of {families[row]}",
                )  # fmt: skip
    yield from _both_roles(sheet, fathers, mothers)
    yield from _loops(sheet, persons, index, fathers, mothers)
    yield from _node_faults(sheet, sexes, sheets.get("missing"))


def _both_roles(sheet: Sheet, fathers: list[str | None], mothers: list[str | None]) -> Iterator[Fault]:
    seen = {father for father in fathers if father is not None}
    told: set[str] = set()
    for row, mother in enumerate(mothers):
        if mother is not None and mother in seen and mother not in told and fathers[row] != mother:
            told.add(mother)
            yield sheet.fault(row, "mother_id", "a father elsewhere is a mother here", found=mother, valid="one sex")


def _loops(
    sheet: Sheet,
    persons: list[str],
    index: dict[str, int],
    fathers: list[str | None],
    mothers: list[str | None],
) -> Iterator[Fault]:
    """Persons who are their own ancestors."""
    count = len(persons)
    parents = np.array(
        [[index.get(p, -1) if p is not None else -1 for p in pair] for pair in zip(fathers, mothers, strict=True)],
        dtype=np.int64,
    ).reshape(count, 2)
    for row in _on_cycles(parents):
        yield sheet.fault(
            int(row),
            "person_id",
            "the person is an ancestor of themselves",
            found=persons[row],
            valid="parents born before",
        )


def _on_cycles(parents: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows on a cycle, or between two: what is left when founders and childless persons are taken away for good."""
    count = len(parents)
    left = np.ones(count, dtype=bool)
    while True:
        padded = np.append(left, False)
        has_parent = padded[parents].any(axis=1)
        is_parent = np.zeros(count + 1, dtype=bool)
        is_parent[parents[left]] = True
        keep = left & has_parent & is_parent[:count]
        if keep.sum() == left.sum():
            return np.flatnonzero(left)
        left = keep


def _node_faults(sheet: Sheet, sexes: list[str | None], missing: Sheet | None) -> Iterator[Fault]:
    """One missing person at one node; the sexes of the two records agree."""
    cells = sheet.text("missing_id")
    sex_of: dict[str, str | None] = {}
    if missing is not None:
        sex_of = dict(zip(missing.text("missing_id").to_list(), missing.text("sex").to_list(), strict=True))
    first: dict[str, int] = {}
    for row in cells.is_not_null().arg_true():
        name = cells[row]
        if name in first:
            yield sheet.fault(
                row, "missing_id", "the missing person is at two nodes", found=name,
                valid=f"one node; first on line {sheet.lines[first[name]]}",
            )  # fmt: skip
        first.setdefault(name, row)
        pair = {sexes[row], sex_of.get(name)}
        if pair == {"M", "F"}:
            yield sheet.fault(
                row, "sex", "the sex differs from the missing person's", found=f"{sexes[row]}",
                valid=f"{sex_of[name]}, as in missing.csv for {name}",
            )  # fmt: skip
