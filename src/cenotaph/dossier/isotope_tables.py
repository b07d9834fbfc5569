"""Isotope ratios of a dossier and the shipped classes of origin, read into records of the geochemistry room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.shipped import shipped_rows
from cenotaph.geochemistry.isotopes import (
    IsotopeModel,
    IsotopeStatistics,
    isotope_statistics,
    sd_from_mean_difference,
)

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

Rows = Iterable[Mapping[str, str]]


def isotope_model(diets: Rows, classes: Rows, correlations: Rows, within: Rows) -> IsotopeModel:
    """A model from rows of the tables ``diets``, ``origin_classes``, ``correlations`` and ``within_skeleton``."""
    noise = {
        f"{r['tissue']} {r['ratio']}": float(r["sd"])
        if r["sd"]
        else sd_from_mean_difference(float(r["mean_difference"]))
        for r in within
    }
    variables = tuple(noise)
    place = {name: k for k, name in enumerate(variables)}
    values = {(r["diet"], f"{r['tissue']} {r['ratio']}"): (float(r["mean"]), float(r["sd"])) for r in diets}
    names = tuple(dict.fromkeys(diet for diet, _ in values))
    moments = np.array([[values[diet, v] for v in variables] for diet in names])
    correlation = np.eye(len(variables))
    for r in correlations:
        i, j = place[f"{r['tissue_1']} {r['ratio_1']}"], place[f"{r['tissue_2']} {r['ratio_2']}"]
        correlation[i, j] = correlation[j, i] = float(r["correlation"])
    origins: dict[str, str] = {}
    weights: dict[tuple[str, str], float] = {}
    for r in classes:
        origins[r["class"]] = r["raised"]
        weights[r["class"], r["diet"]] = float(r["weight"])
    return IsotopeModel(
        variables,
        names,
        moments[:, :, 0],
        moments[:, :, 1],
        correlation,
        np.array(list(noise.values())),
        tuple(origins),
        tuple(origins.values()),
        np.array([[weights.get((c, diet), 0.0) for diet in names] for c in origins]),
    )


@cache
def load_isotope_model() -> IsotopeModel:
    """The shipped model; most of its numbers are labelled assumptions.

    >>> model = load_isotope_model()
    >>> model.raised[model.classes.index("black")], round(float(model.within_sd[0]), 2)
    ('us', 0.29)
    """
    names = ("diets", "origin_classes", "correlations", "within_skeleton")
    return isotope_model(*(shipped_rows("geochemistry", f"{name}.csv") for name in names))


@dataclass(frozen=True, slots=True)
class IsotopeValues:
    """Isotope values of the specimens of a dossier, repeats of one specimen averaged.

    Args:
        specimens: identifiers of those that have a value, in the order of the table of specimens.
        specimen: shape (n,), index into *specimens*.
        variables: n names such as ``collagen d13C``.
        values: shape (n,).
    """

    specimens: tuple[str, ...]
    specimen: NDArray[np.int64]
    variables: tuple[str, ...]
    values: NDArray[np.float64]

    def statistics(self, model: IsotopeModel) -> IsotopeStatistics:
        """One set for each specimen."""
        return isotope_statistics(model, self.specimen, self.variables, self.values, len(self.specimens))

    def of(self, specimen_id: str) -> dict[str, float]:
        """The values of one specimen by variable."""
        k = self.specimens.index(specimen_id)
        rows = np.flatnonzero(self.specimen == k)
        return {self.variables[r]: float(self.values[r]) for r in rows}


def isotope_values(dossier: Dossier) -> IsotopeValues:
    """The isotope values of a dossier."""
    table = dossier.table("isotopes")
    found: dict[tuple[str, str], list[float]] = {}
    columns = (table.get_column(c).to_list() for c in ("specimen_id", "tissue", "ratio", "value"))
    for specimen, tissue, ratio, value in zip(*columns, strict=True):
        found.setdefault((specimen, f"{tissue} {ratio}"), []).append(float(value))
    measured = {specimen for specimen, _ in found}
    specimens = tuple(s for s in dossier.table("specimens").get_column("specimen_id").to_list() if s in measured)
    place = {name: k for k, name in enumerate(specimens)}
    found = {key: values for key, values in found.items() if key[0] in place}
    return IsotopeValues(
        specimens,
        np.array([place[s] for s, _ in found], dtype=np.int64),
        tuple(v for _, v in found),
        np.array([np.mean(v) for v in found.values()], dtype=np.float64),
    )
