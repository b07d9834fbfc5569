"""The shipped model of the skeleton, read into records of the osteology room."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from cenotaph.dossier.shipped import shipped_rows
from cenotaph.osteology.moments import Floats, SkeletonModel, StatureVariable

FOLDER = "osteology"
SHIPPED_TAIL_DF = 8.0
"""Degrees of freedom of the tails: the greatest likelihood on published left–right pairs of nine elements."""


@dataclass(frozen=True, slots=True)
class MeasurementSpans:
    """Where on its bone each measurement of the shipped model is taken.

    Args:
        codes, elements: shape (C,).
        spans: shape (C, 2), from 0 (proximal or upper end) to 1.
    """

    codes: tuple[str, ...]
    elements: tuple[str, ...]
    spans: Floats


@cache
def load_skeleton_model() -> SkeletonModel:
    """The shipped model of a male skeleton with stature.

    >>> model = load_skeleton_model()
    >>> len(model.codes), model.populations, model.reference_size
    (99, ('white', 'black', 'asian'), 309)
    """
    rows = shipped_rows(FOLDER, "skeleton_model.csv")
    people = shipped_rows(FOLDER, "skeleton_populations.csv")
    stature = shipped_rows(FOLDER, "skeleton_stature.csv")[0]
    populations = tuple(r["population"] for r in people)
    factors = [c for c in rows[0] if c.startswith("factor_")]

    def column(name: str) -> Floats:
        return np.array([float(r[name]) for r in rows])

    return SkeletonModel(
        populations=populations,
        codes=tuple(r["code"] for r in rows),
        elements=tuple(r["element"] for r in rows),
        mean=np.stack([column(f"mean_{p}") for p in populations]),
        asymmetry=column("asymmetry"),
        loadings=np.stack([column(f) for f in factors], axis=1),
        shared=column("shared"),
        bone=column("bone"),
        noise_sd=column("noise_sd"),
        individuals=np.array([int(r["individuals"]) for r in people]),
        bones=np.array([int(r["bones"]) for r in rows]),
        tail_df=SHIPPED_TAIL_DF,
        stature=StatureVariable(
            np.array([float(stature[f"mean_{p}"]) for p in populations]),
            np.array([float(stature[f]) for f in factors]),
            float(stature["residual_sd_cm"]),
            int(stature["individuals"]),
        ),
    )


@cache
def load_measurement_spans() -> MeasurementSpans:
    """Where the measurements are taken.

    >>> load_measurement_spans().codes[0]
    'Cal_01'
    """
    rows = shipped_rows(FOLDER, "skeleton_model.csv")
    spans = np.array([[float(r["from_share"]), float(r["to_share"])] for r in rows])
    return MeasurementSpans(tuple(r["code"] for r in rows), tuple(r["element"] for r in rows), spans)
