"""Rules about specimens, teeth and associations that need more than one cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cenotaph.dossier.faults import Fault
from cenotaph.dossier.sheets import Sheet
from cenotaph.dossier.vocabulary import element_sides

_DECIDED_SPECIMENS = {"link": 2, "separate": 2, "identification": 1, "exclusion": 1, "unlisted": 1}
_ANTERIOR = re.compile(r"[1-8][123]")


def specimen_faults(sheets: Mapping[str, Sheet]) -> Iterator[Fault]:
    """An element on a side it does not have; an age interval that runs backwards."""
    import polars as pl

    sheet = sheets.get("specimens")
    if sheet is None:
        return
    elements, sides = sheet.text("element"), sheet.text("side")
    known = element_sides()
    pairs = pl.DataFrame({"element": elements, "side": sides}).unique(maintain_order=True).drop_nulls()
    for element, side in pairs.iter_rows():
        if side in {"L", "R", "M", "U"} and side not in known.get(element, frozenset(side)):
            for row in ((elements == element) & (sides == side)).fill_null(False).arg_true():
                yield sheet.fault(
                    row, "side", f"{element} has no such side", found=side, valid=" ".join(sorted(known[element]))
                )
    low = sheet.text("age_from").cast(pl.Float64, strict=False)
    high = sheet.text("age_to").cast(pl.Float64, strict=False)
    for row in (low > high).fill_null(False).arg_true():
        yield sheet.fault(
            row,
            "age_to",
            "the age interval runs backwards",
            found=f"{low[row]:g} to {high[row]:g}",
            valid="age_from first",
        )


def dental_faults(sheets: Mapping[str, Sheet]) -> Iterator[Fault]:
    """A surface that the tooth does not usually have: biting edge behind, biting surface in front."""
    import polars as pl

    sheet = sheets.get("dental_charts")
    if sheet is None:
        return
    teeth, codes = sheet.text("tooth"), sheet.text("code")
    pairs = pl.DataFrame({"tooth": teeth, "code": codes}).unique(maintain_order=True).drop_nulls()
    for tooth, code in pairs.iter_rows():
        surfaces = code.partition("-")[0]
        if not re.fullmatch(r"[MODFLI]+", surfaces) or not re.fullmatch(r"[1-8][1-8]", tooth):
            continue
        wrong = "O" if _ANTERIOR.fullmatch(tooth) else "I"
        if wrong in surfaces:
            right = "I" if wrong == "O" else "O"
            for row in ((teeth == tooth) & (codes == code)).fill_null(False).arg_true():
                yield sheet.warning(
                    row,
                    "code",
                    f"an unusual surface on tooth {tooth}",
                    found=code,
                    valid=f"{right} rather than {wrong}",
                )


def association_faults(sheets: Mapping[str, Sheet]) -> Iterator[Fault]:
    """A specimen associated with itself; two judgements that contradict each other."""
    sheet = sheets.get("associations")
    if sheet is None:
        return
    first, second = sheet.text("specimen_a"), sheet.text("specimen_b")
    for row in (first == second).fill_null(False).arg_true():
        yield sheet.fault(row, "specimen_b", "a specimen with itself", found=second[row], valid="another specimen")
    yield from _contradictions(sheet, first.to_list(), second.to_list())


def _contradictions(sheet: Sheet, first: list[str | None], second: list[str | None]) -> Iterator[Fault]:
    """The same two specimens judged certainly one person, and excluded."""
    judged: dict[frozenset[str | None], tuple[bool, int]] = {}
    kinds, grades = sheet.text("kind"), sheet.text("grade")
    for row, pair in enumerate(map(frozenset, zip(first, second, strict=True))):
        excluded = grades[row] == "excluded" or kinds[row] == "exclusion"
        if not excluded and grades[row] != "certain":
            continue
        before = judged.setdefault(pair, (excluded, row))
        if before[0] != excluded:
            yield sheet.warning(
                row,
                "grade",
                "the two specimens are certainly of one person and excluded",
                found=f"{first[row]} {second[row]}",
                valid=f"one judgement; the other is on line {sheet.lines[before[1]]}",
            )


def decision_faults(sheets: Mapping[str, Sheet]) -> Iterator[Fault]:
    """Decisions that do not name what their kind is about."""
    sheet = sheets.get("decisions")
    if sheet is None:
        return
    kinds, specimens, missing = (sheet.text(c).to_list() for c in ("kind", "specimen_ids", "missing_id"))
    for row, kind in enumerate(kinds):
        named = len(set((specimens[row] or "").split()))
        least = _DECIDED_SPECIMENS.get(kind, 0)
        if named < least:
            yield sheet.fault(
                row, "specimen_ids", f"too few specimens for kind {kind}", found=f"{named}", valid=f"{least} or more"
            )
        if kind in {"identification", "exclusion"} and missing[row] is None:
            yield sheet.fault(row, "missing_id", f"the cell is empty, and kind is {kind}", valid="a missing_id")
