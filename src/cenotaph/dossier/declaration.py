"""How a table and its columns are declared, and the columns that many tables share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Args:
        name: header of the column.
        type: one of `TYPES`.
        meaning: plain words for a reader.
        key: part of the table's key; implies *required* and *filled*.
        required: the column must be there.
        filled: every cell must say something.
        references: ``table.column`` that every value must be found in; several, space separated, where a value may
            be found in any of them.
        references_by: ``(column, {value: table.column})``: a column of the same row decides where to look.
        vocabulary: the values allowed, where they are few.
        least, most: bounds; a number outside is an error.
        plausible: bounds; a number outside is a warning.
        unit: unit of a number.
        default: value that an empty cell means in the typed table.
        missing: what an empty cell means, in words.
    """

    name: str
    type: str
    meaning: str
    key: bool = False
    required: bool = False
    filled: bool = False
    references: str | None = None
    references_by: tuple[str, Mapping[str, str]] | None = None
    vocabulary: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    plausible: tuple[float, float] | None = None
    unit: str = ""
    default: str | None = None
    missing: str = "not recorded"


TYPES = MappingProxyType(
    {
        "text": "any text",
        "id": "an identifier: no space at either end",
        "ids": "identifiers, space separated",
        "number": "a number with a decimal point",
        "integer": "a whole number",
        "date": "an ISO 8601 date, or EDTF where it is uncertain (1950, 1950-11, 1950-11-28?, 1950-11-27/1950-12-12)",
        "marker": "a marker of the marker table, in any of its spellings",
        "allele": "an allele: 9, 9.3, <6, >15; X or Y at Amelogenin",
        "alleles": "one allele, or the copies of a multi-copy marker joined by hyphens: 14, 11-14",
        "more_alleles": "alleles, space separated",
        "element": "a skeletal element of the element table",
        "zones": "zone numbers, space separated, or complete",
        "tooth": "a tooth in FDI notation: 11 to 48",
        "dental_code": "a WinID code: V, X, J, U, / or surfaces of M O D F L I, then -secondary",
        "mtdna_ranges": "ranges of the rCRS, space separated: 16024-16365 73-340",
        "mtdna_differences": "differences from the rCRS, space separated: 16126C 263G 315.1C 249d",
    }
)
"""Types of columns and what a cell of each holds."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    Args:
        name: file name without ``.csv``.
        group: heading under which the reference page shows it.
        meaning: one sentence: what a row is.
        columns: in canonical order.
        unique: columns that together may occur once, beside the key.
        open_columns: prefix of further columns that belong to the table, as ``log10_lr_``.
    """

    name: str
    group: str
    meaning: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()
    open_columns: str | None = None
    by_name: Mapping[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", MappingProxyType({c.name: c for c in self.columns}))

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the key columns."""
        return tuple(c.name for c in self.columns if c.key)

    @property
    def file(self) -> str:
        """Name of the file."""
        return f"{self.name}.csv"


def key(name: str, meaning: str) -> Column:
    """The key column of a table."""
    return Column(name, "id", meaning, key=True, required=True, filled=True, missing="not allowed")


def reference(name: str, target: str, meaning: str, *, gives_meaning: bool = False) -> Column:
    """A column whose values are found in *target*; *gives_meaning*: a row without it says nothing."""
    missing = "not allowed" if gives_meaning else "none, or not known"
    return Column(name, "id", meaning, references=target, required=gives_meaning, filled=gives_meaning, missing=missing)


def filled(name: str, type_: str, meaning: str, vocabulary: tuple[str, ...] = ()) -> Column:
    """A column that must be there, with no empty cell."""
    return Column(name, type_, meaning, required=True, filled=True, vocabulary=vocabulary, missing="not allowed")


def latitude() -> Column:
    """The latitude of a place."""
    return Column("latitude", "number", "WGS 84 latitude, north positive", least=-90, most=90, unit="degree")


def longitude() -> Column:
    """The longitude of a place."""
    return Column("longitude", "number", "WGS 84 longitude, east positive", least=-180, most=180, unit="degree")


def radius() -> Column:
    """How well a place is known."""
    return Column(
        "radius_km", "number", "radius within which the place is known", least=0, plausible=(0, 500), unit="km"
    )


def note() -> Column:
    """Anything else."""
    return Column("note", "text", "anything else")
