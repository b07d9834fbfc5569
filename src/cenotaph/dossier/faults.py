"""What is wrong with a dossier: one record per fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]

_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a dossier.

    Args:
        table: table, or name of the file where it is no table.
        line: physical line of the file (the header is line 1), None where the fault is not on a line.
        column: column, None where the fault is not in a column.
        what: what is wrong.
        found: what stood there.
        valid: what would be valid.
        severity: ``error`` (the dossier cannot be used) or ``warning``.

    >>> print(Fault("str_profiles", 4, "allele_1", "not an allele", "OL", "an allele such as 9.3"))
    str_profiles:4:allele_1: not an allele, found OL, valid: an allele such as 9.3
    """

    table: str
    line: int | None
    column: str | None
    what: str
    found: str | None = None
    valid: str | None = None
    severity: Severity = "error"

    def __str__(self) -> str:
        place = f"{self.table}:{'' if self.line is None else self.line}:{self.column or ''}"
        text = f"{place}: {'warning: ' if self.severity == 'warning' else ''}{self.what}"
        if self.found is not None:
            text += f", found {shown(self.found)}"
        if self.valid is not None:
            text += f", valid: {self.valid}"
        return text


def shown(value: str) -> str:
    """A cell as it can be printed: shortened, in quotes where its ends or its breaks would not be seen.

    >>> shown("OL"), shown(" M"), shown("a" * 200)[-3:]
    ('OL', "' M'", '...')
    """
    if len(value) > _SHOWN:
        value = value[: _SHOWN - 3] + "..."
    return value if value and value.isprintable() and value.strip() == value else repr(value)


def has_errors(faults: list[Fault]) -> bool:
    """Whether any fault is an error."""
    return any(f.severity == "error" for f in faults)
