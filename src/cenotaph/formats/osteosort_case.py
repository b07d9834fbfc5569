"""OsteoSort case files: one row for each bone, one column for each measurement code.

Version 1 has the columns ``id,Side,Element``, version 2 ``accession,side,element``; measurements follow. A cell that is
blank, ``NA``, not a number or not above zero means that the measurement was not taken.
"""

from __future__ import annotations

import csv
import io
import math
import re
from pathlib import Path

from cenotaph.dossier.files import read_foreign_text
from cenotaph.dossier.read import Dossier
from cenotaph.dossier.vocabulary import element_sides
from cenotaph.errors import FormatError
from cenotaph.formats.profiles import Exported, Imported, Row, csv_rows, dossier_of

HEADERS = {1: ("id", "Side", "Element"), 2: ("accession", "side", "element")}

_ALIASES = {
    "os_coxae": "os_coxa",
    "innominate": "os_coxa",
    "hip": "os_coxa",
    "pelvis": "os_coxa",
    "triquetrum": "triquetral",
}
_ORDINAL = re.compile(r"(\d)(?:st|nd|rd|th)_(metacarpal|metatarsal|cuneiform)|(metacarpal|metatarsal|cuneiform)_?(\d)")
_SIDES = {"left": "L", "l": "L", "right": "R", "r": "R", "midline": "M", "m": "M", "axial": "M"}
_SIDE_WORDS = {"L": "left", "R": "right", "M": "midline", "U": ""}


def looks_like(text: str) -> bool:
    """Whether the header is that of either version.

    >>> looks_like("id,Side,Element,Hum_01"), looks_like("accession,side,element,Hum_01"), looks_like("id,sex")
    (True, True, False)
    """
    return _version(text.partition("\n")[0]) is not None


def _version(header: str) -> int | None:
    words = [cell.strip().strip('"').lower() for cell in header.split(",")[:3]]
    for version, columns in HEADERS.items():
        if words == [c.lower() for c in columns]:
            return version
    return None


def element_of(text: str) -> str | None:
    """Our name of an element, or None.

    >>> [element_of(x) for x in ("Humerus", "Os coxa", "1st Metacarpal", "Metatarsal 3", "wing")]
    ['humerus', 'os_coxa', 'metacarpal_1', 'metatarsal_3', None]
    """
    word = re.sub(r"[\s-]+", "_", text.strip().lower())
    word = _ALIASES.get(word, word)
    if match := _ORDINAL.fullmatch(word):
        word = f"{match[2] or match[3]}_{match[1] or match[4]}"
    return word if word in element_sides() else None


def read_osteosort(path: Path) -> Imported:
    """An OsteoSort case as a dossier of specimens and measurements.

    Raises:
        FormatError: no such header, a row of the wrong length, an unknown element or side.
    """
    text = read_foreign_text(path)
    name = path.name
    if not looks_like(text):
        raise FormatError(
            "not an OsteoSort case", found=text.partition("\n")[0][:60], valid="id,Side,Element,... or accession,...",
            where=f"{name}:1",
        )  # fmt: skip
    rows = csv_rows(text, name)
    codes = [cell.strip() for cell in next(rows)[1]][3:]
    specimens: list[Row] = []
    measurements: list[Row] = []
    messages: list[str] = []
    for where, row in rows:
        if len(row) != len(codes) + 3:
            raise FormatError(
                "wrong number of cells", found=len(row), valid=f"{len(codes) + 3}, as in the header", where=where
            )
        identifier, side_word, element_word = (cell.strip() for cell in row[:3])
        element = element_of(element_word)
        if element is None:
            raise FormatError("unknown element", found=element_word, valid="an element such as humerus", where=where)
        sides = element_sides()[element]
        side = _SIDES.get(side_word.lower(), "") or ("M" if "M" in sides else "U")
        if side_word and side_word.lower() not in _SIDES:
            raise FormatError("unknown side", found=side_word, valid="left or right", where=where)
        specimens.append({"specimen_id": identifier, "element": element, "side": side if side in sides else "U"})
        for code, cell in zip(codes, row[3:], strict=True):
            value = cell.strip()
            if _is_taken(value):
                measurements.append({"specimen_id": identifier, "code": code, "value_mm": value})
            elif value and value.upper() != "NA" and not value.startswith(("0", "-")):
                messages.append(f"{where}: {code} is not a number ({value[:20]}) and was left out")
    return Imported(dossier_of({"specimens": specimens, "measurements": measurements}), tuple(messages))


def _is_taken(value: str) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return math.isfinite(number) and number > 0


def format_osteosort(dossier: Dossier, *, version: int = 2) -> Exported:
    """The measured specimens of a dossier as an OsteoSort case of the given version.

    Of repeated measurements the first is taken.
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
            word = _SIDE_WORDS[side].capitalize() if version == 1 else _SIDE_WORDS[side]
            name = element.capitalize() if version == 1 else element
            writer.writerow([specimen, word, name, *(values[specimen].get(code, "") for code in codes)])
    messages = [f"{repeated} repeated measurements were left out: the first of each was taken"] if repeated else []
    bare = dossier.table("specimens").height - len(values)
    if bare > 0:
        messages.append(f"{bare} specimens without measurements were left out")
    return Exported(out.getvalue(), tuple(messages))
