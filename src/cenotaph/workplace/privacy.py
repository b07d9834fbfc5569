"""What is secret and whose it is: the cells that are stored encrypted under the key of the person they speak of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

Row = Mapping[str, str | None]
Origins = Mapping[str, str]
"""Sample to the subject that it was taken from, as ``specimen:S1``."""

CASE = "case"
"""Subject of what speaks of nobody in particular, such as a table that the registry does not know."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Secret cells of a table.

    Args:
        columns: columns stored encrypted; so are all columns that the registry does not know.
        subject: the data subject of a row, as ``missing:M00001``.
    """

    columns: tuple[str, ...]
    subject: Callable[[Row, Origins], str]


def _missing(row: Row, _: Origins) -> str:
    return f"missing:{row['missing_id']}"


def _relative(row: Row, _: Origins) -> str:
    return f"relative:{row['person_id']}"


def _effect(row: Row, _: Origins) -> str:
    return f"missing:{row['missing_id']}" if row.get("missing_id") else f"effect:{row['effect_id']}"


def _sample(row: Row, origins: Origins) -> str:
    return origins.get(row["sample_id"] or "", f"sample:{row['sample_id']}")


SECRETS: Mapping[str, Secret] = MappingProxyType(
    {
        "missing": Secret(("family_name", "given_names", "service_number", "home_of_record", "note"), _missing),
        "relatives": Secret(("note",), _relative),
        "effects": Secret(("inscription", "note"), _effect),
        "str_profiles": Secret(("allele_1", "allele_2", "more_alleles"), _sample),
        "ystr_profiles": Secret(("alleles",), _sample),
        "mtdna_profiles": Secret(("differences",), _sample),
    }
)
"""Tables with secret cells: names, contacts, alleles, and free text about a person."""


def subject_of_sample(row: Row) -> str:
    """The subject that a row of ``samples`` was taken from.

    >>> subject_of_sample({"origin": "relative", "origin_id": "F1.S"})
    'relative:F1.S'
    """
    return f"{row['origin']}:{row['origin_id']}"
