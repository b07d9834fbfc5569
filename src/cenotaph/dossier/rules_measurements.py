"""Rules about measurements of bones: each value against the plausible range of its code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cenotaph.dossier.bone_tables import load_measurements
from cenotaph.dossier.faults import Fault
from cenotaph.dossier.sheets import Sheet

ANY_CODE = (1.0, 650.0)
"""Millimetres of a bone, for a code that the vocabulary lacks."""
ADULT_YEARS = 18
"""Ranges are of adults: a specimen that the inventory has as younger is not judged by them."""


def measurement_faults(sheets: Mapping[str, Sheet]) -> Iterator[Fault]:
    """A value outside the range of its code: most often a slip of the keyboard, or centimetres."""
    import polars as pl

    sheet = sheets.get("measurements")
    if sheet is None:
        return
    codes = load_measurements()
    spelled = sheet.text("code")
    known = {word: m for word in spelled.unique().drop_nulls() if (m := codes.find(word)) is not None}
    values = sheet.text("value_mm").cast(pl.Float64, strict=False)
    least, most = (
        spelled.replace_strict({w: getattr(m, end) for w, m in known.items()}, default=of_any, return_dtype=pl.Float64)
        for end, of_any in zip(("least", "most"), ANY_CODE, strict=True)
    )
    outside = values.is_finite() & (values >= 0) & ((values < least) | (values > most))
    young = sheet.text("specimen_id").is_in(_young_specimens(sheets.get("specimens")))
    for row in (outside & ~young).fill_null(False).arg_true():
        measurement = known.get(spelled[row])
        yield sheet.warning(
            row,
            "value_mm",
            f"outside the plausible range of {measurement.code if measurement else 'a bone'} in adults",
            found=sheet.text("value_mm")[row],
            valid=f"{least[row]:g} to {most[row]:g} {measurement.unit if measurement else 'mm'}",
        )


def _young_specimens(sheet: Sheet | None) -> list[str]:
    """Specimens whose inventory has them as no older than `ADULT_YEARS`."""
    import polars as pl

    if sheet is None:
        return []
    oldest = sheet.text("age_to").cast(pl.Float64, strict=False)
    return sheet.text("specimen_id").filter((oldest <= ADULT_YEARS).fill_null(False)).drop_nulls().to_list()
