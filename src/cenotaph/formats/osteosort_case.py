"""OsteoSort case files: one row for each bone, one column for each measurement code.

Version 1 has the columns ``id,Side,Element``, version 2 ``accession,side,element``; measurements follow. A cell that is
blank, ``NA``, not a number or not above nought means that the measurement was not taken.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from cenotaph.dossier.files import read_foreign_text
from cenotaph.dossier.read import Dossier
from cenotaph.errors import FormatError
from cenotaph.formats.bones import code_of, element_and_side, value_of
from cenotaph.formats.profiles import Exported, Imported, Row, csv_rows, dossier_of

HEADERS = {1: ("id", "Side", "Element"), 2: ("accession", "side", "element")}

_SIDE_WORDS = {"L": "left", "R": "right", "M": "midline", "U": ""}


def looks_like(text: str) -> bool:
    """Whether the header is that of either version.

    >>> looks_like("id,Side,Element,Hum_01"), looks_like("accession,side,element,Hum_01"), looks_like("id,sex")
    (True, True, False)
    """
    return version_of(text) is not None


def version_of(text: str) -> int | None:
    """The version whose columns the header has, or None.

    >>> version_of("id,Side,Element,Hum_01"), version_of("id,sex")
    (1, None)
    """
    words = [cell.strip().strip('"').lower() for cell in text.partition("\n")[0].split(",")[:3]]
    for version, columns in HEADERS.items():
        if words == [c.lower() for c in columns]:
            return version
    return None


def read_osteosort(path: Path) -> Imported:
    """An OsteoSort case of either version as a dossier of specimens and measurements.

    Raises:
        FormatError: no such header, a row of the wrong length, an unknown element or side, a bone or code twice.
    """
    text = read_foreign_text(path)
    name = path.name
    if not looks_like(text):
        raise FormatError(
            "not an OsteoSort case", found=text.partition("\n")[0][:60], valid="id,Side,Element,... or accession,...",
            where=f"{name}:1",
        )  # fmt: skip
    rows = csv_rows(text, name)
    codes = [code_of(cell) for cell in next(rows)[1][3:]]
    if len(set(codes)) != len(codes):
        twice = next(c for c in codes if codes.count(c) > 1)
        raise FormatError("a measurement twice in the header", found=twice, valid="one column", where=f"{name}:1")
    specimens: list[Row] = []
    measurements: list[Row] = []
    messages: list[str] = []
    seen: set[str] = set()
    for where, row in rows:
        if len(row) != len(codes) + 3:
            raise FormatError(
                "wrong number of cells", found=len(row), valid=f"{len(codes) + 3}, as in the header", where=where
            )
        identifier = row[0].strip()
        if identifier in seen:
            raise FormatError("the same bone twice", found=identifier, valid="one row for each bone", where=where)
        seen.add(identifier)
        element, side = element_and_side(row[2], row[1], where)
        specimens.append({"specimen_id": identifier, "element": element, "side": side})
        for code, cell in zip(codes, row[3:], strict=True):
            value, message = value_of(cell, code, where)
            if value is not None:
                measurements.append({"specimen_id": identifier, "code": code, "value_mm": value})
            if message is not None:
                messages.append(message)
    return Imported(dossier_of({"specimens": specimens, "measurements": measurements}), tuple(messages))


def format_osteosort(dossier: Dossier, *, version: int = 2) -> Exported:
    """The measured specimens of a dossier as an OsteoSort case of the given version.

    Of repeated measurements the first is taken. Elements and sides are written in lower case, as both versions read
    them.
    """
    values: dict[str, dict[str, str]] = {}
    repeated = 0
    text = dossier.texts.get("measurements")
    if text is not None:
        for specimen, code, value in text.select("specimen_id", "code", "value_mm").iter_rows():
            taken = values.setdefault(specimen, {})
            repeated += code in taken
            taken.setdefault(code, value)
    codes = sorted({code for taken in values.values() for code in taken})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*HEADERS[version], *codes])
    for specimen, side, element in dossier.table("specimens").select("specimen_id", "side", "element").iter_rows():
        if specimen in values:
            cells = (values[specimen].get(code, "") for code in codes)
            writer.writerow([specimen, _SIDE_WORDS[side], element, *cells])
    messages = [f"{repeated} repeated measurements were left out: the first of each was taken"] if repeated else []
    bare = dossier.table("specimens").height - len(values)
    if bare > 0:
        messages.append(f"{bare} specimens without measurements were left out")
    return Exported(out.getvalue(), tuple(messages))


def format_osteosort_1(dossier: Dossier) -> Exported:
    """The same in the columns of version 1."""
    return format_osteosort(dossier, version=1)
