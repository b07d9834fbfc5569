"""What the importers of measured bones share: elements, sides and codes in any spelling, values that look wrong."""

from __future__ import annotations

from math import isfinite

from cenotaph.dossier.bone_tables import load_measurements, load_skeleton
from cenotaph.errors import FormatError
from cenotaph.osteology.elements import find_side


def element_and_side(element_word: str, side_word: str, where: str) -> tuple[str, str]:
    """Our element, and its side; an unstated side of an unpaired element is the midline.

    Raises:
        FormatError: an unknown element or side.

    >>> element_and_side("Os coxae", "Left", "x.csv:2"), element_and_side("Sacrum", "", "x.csv:3")
    (('os_coxa', 'L'), ('sacrum', 'M'))
    """
    element = load_skeleton().find(element_word)
    if element is None:
        raise FormatError("unknown element", found=element_word, valid="an element such as humerus", where=where)
    side = find_side(side_word)
    if side is None:
        raise FormatError("unknown side", found=side_word, valid="left or right", where=where)
    if side == "U" and "M" in element.sides:
        side = "M"
    return element.name, side if side in element.sides else "U"


def code_of(header: str) -> str:
    """Our spelling of a measurement code; one that the vocabulary does not have stays as it is.

    >>> code_of("hum_01"), code_of("Mc1_01"), code_of("Custom")
    ('Hum_01', 'MC1_01', 'Custom')
    """
    found = load_measurements().find(header)
    return found.code if found else header.strip()


def value_of(cell: str, code: str, where: str) -> tuple[str | None, str | None]:
    """A measurement as written, and what to say of it; None where it was not taken.

    Blank, ``NA``, nought and less mean that it was not taken.

    >>> value_of("45.1", "Fem_01", "x.csv:2")
    ('45.1', 'x.csv:2: Fem_01 of 45.1 is outside 310 to 636 mm')
    >>> value_of("NA", "Fem_01", "x.csv:2"), value_of("long", "Fem_01", "x.csv:2")
    ((None, None), (None, 'x.csv:2: Fem_01 is not a number (long) and was left out'))
    """
    text = cell.strip()
    if not text or text.upper() == "NA":
        return None, None
    try:
        number = float(text)
    except ValueError:
        return None, f"{where}: {code} is not a number ({text[:20]}) and was left out"
    if not isfinite(number) or number <= 0:
        return None, None
    known = load_measurements().find(code)
    if known is not None and not known.is_plausible(number):
        return text, f"{where}: {code} of {text} is outside {known.least:g} to {known.most:g} {known.unit}"
    return text, None
