"""Outlines of a dossier and the shipped model of clavicles, read into records of the radiography room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.shipped import shipped_rows
from cenotaph.radiography.clavicle import ClavicleModel, Readings
from cenotaph.radiography.outline import SIDES

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier


@cache
def load_clavicle_model() -> ClavicleModel:
    """The shipped model, made from invented outlines.

    >>> model = load_clavicle_model()
    >>> model.pairs, model.harmonics, model.basis.split(":")[0]
    (1000, 12, 'invented outlines')
    """
    cells: dict[str, dict[tuple[int, int], float]] = {}
    for row in shipped_rows("radiography", "clavicle_model.csv"):
        cells.setdefault(row["name"], {})[int(row["row"]), int(row["column"])] = float(row["value"])

    def vector(name: str) -> NDArray[np.float64]:
        return np.array([cells[name][k, 0] for k in range(len(cells[name]))])

    def matrix(name: str, *, symmetric: bool) -> NDArray[np.float64]:
        result = np.zeros((len(cells["mean_bone"]), len(cells["mean_film"])))
        for (i, j), value in cells[name].items():
            result[i, j] = value
            if symmetric:
                result[j, i] = value
        return result

    def number(name: str) -> float:
        return cells[name][0, 0]

    return ClavicleModel(
        vector("mean_bone"),
        vector("mean_film"),
        matrix("total_bone", symmetric=True),
        matrix("total_film", symmetric=True),
        matrix("shared", symmetric=False),
        number("slope"),
        number("intercept"),
        number("size_mean_bone"),
        number("size_between"),
        number("size_within"),
        int(number("pairs")),
        "invented outlines: no real film or scan is behind this model",
    )


@dataclass(frozen=True, slots=True)
class Outlines:
    """Outlines of one structure; one of unknown side stands here twice, once as each side.

    Args:
        ids: identifiers of the missing persons or specimens that have an outline, sorted.
        subject: shape (outlines,), index into *ids*.
        sides: L or R.
        points: each of shape (points, 2).
    """

    ids: tuple[str, ...]
    subject: NDArray[np.int64]
    sides: tuple[str, ...]
    points: tuple[NDArray[np.float64], ...]

    def read(self, model: ClavicleModel) -> Readings:
        """The outlines as shapes that a model can judge."""
        right = np.array([side == "R" for side in self.sides], dtype=np.bool_)
        return Readings(model.read(self.points, self.sides), right, self.subject, len(self.ids))

    def of(self, wanted: Sequence[str]) -> Outlines:
        """The outlines of some subjects, in the given order."""
        place = {name: k for k, name in enumerate(wanted)}
        rows = [r for r, s in enumerate(self.subject) if self.ids[s] in place]
        return Outlines(
            tuple(wanted),
            np.array([place[self.ids[self.subject[r]]] for r in rows], dtype=np.int64),
            tuple(self.sides[r] for r in rows),
            tuple(self.points[r] for r in rows),
        )


def outlines(dossier: Dossier, subject_type: Literal["missing", "specimen"], structure: str = "clavicle") -> Outlines:
    """Outlines of the missing or of the specimens of a dossier.

    Args:
        dossier: with ``outlines``, and ``specimens`` for a side that is stated there only.
        subject_type: whose outlines.
    """
    table = dossier.table("outlines")
    rows = table.filter(
        (table.get_column("subject_type") == subject_type) & (table.get_column("structure") == structure)
    )
    known = dossier.table("specimens")
    side_of = dict(zip(known.get_column("specimen_id"), known.get_column("side"), strict=True))
    found: dict[tuple[str, str, str], list[tuple[int, float, float]]] = {}
    columns = (rows.get_column(c).to_list() for c in ("subject_id", "side", "view", "point", "x", "y"))
    for subject, side, view, point, x, y in zip(*columns, strict=True):
        stated = side if side in SIDES else side_of.get(subject)
        for reading in (stated,) if stated in SIDES else SIDES:
            found.setdefault((subject, reading, view or ""), []).append((point, x, y))
    keys = sorted(found)
    ids = tuple(dict.fromkeys(k[0] for k in keys))
    place = {name: k for k, name in enumerate(ids)}
    return Outlines(
        ids,
        np.array([place[k[0]] for k in keys], dtype=np.int64),
        tuple(k[1] for k in keys),
        tuple(np.array(sorted(found[k]), dtype=np.float64)[:, 1:] for k in keys),
    )
