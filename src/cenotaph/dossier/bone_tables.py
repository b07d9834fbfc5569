"""Shipped vocabulary of bones, read into records of the osteology room."""

from __future__ import annotations

from functools import cache

from cenotaph.dossier.shipped import shipped_rows
from cenotaph.dossier.vocabulary import element_sides
from cenotaph.osteology.elements import Element, Skeleton, Zone
from cenotaph.osteology.measurements import Measurement, MeasurementCodes


@cache
def load_skeleton() -> Skeleton:
    """Every element with its sides, copies, zones and other spellings.

    >>> skeleton = load_skeleton()
    >>> len(skeleton.elements), len(skeleton.zones)
    (44, 152)
    >>> [getattr(skeleton.find(x), "name", None) for x in ("Os coxae", "1st Metacarpal", "innominate", "wing")]
    ['os_coxa', 'metacarpal_1', 'os_coxa', None]
    """
    sides = element_sides()
    elements = [
        Element(
            row["element"],
            sides[row["element"]],
            row["group"],
            int(row["copies"]) if row["copies"] else None,
            tuple(filter(None, row["spellings"].split("; "))),
        )
        for row in shipped_rows("osteology", "elements.csv")
    ]
    zones = [
        Zone(tuple(row["elements"].split()), row["part"], int(row["zone"]), row["meaning"])
        for row in shipped_rows("osteology", "zones.csv")
    ]
    return Skeleton.of(elements, zones)


@cache
def load_measurements() -> MeasurementCodes:
    """Every measurement code.

    >>> codes = load_measurements()
    >>> len(codes.by_code), codes.by_code["Fem_01"].element, codes.by_code["Fem_01"].is_plausible(45.1)
    (181, 'femur', False)
    """
    return MeasurementCodes.of(
        Measurement(
            row["code"],
            row["element"],
            row["meaning"],
            row["unit"],
            float(row["least"]),
            float(row["most"]),
            "model" if row["basis"] == "model" else "assumption",
        )
        for row in shipped_rows("osteology", "measurements.csv")
    )
