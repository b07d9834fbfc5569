"""The shipped model of the skeleton, read into records of the osteology room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import log
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.dossier.shipped import shipped_rows
from cenotaph.osteology.age import StageModel
from cenotaph.osteology.moments import BilateralDifference, Floats, SkeletonModel, StatureVariable
from cenotaph.osteology.resemblance import SetStatistics, set_statistics
from cenotaph.osteology.stature import StatureEquation

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

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
def load_bilateral_differences() -> tuple[BilateralDifference, ...]:
    """Published left–right differences of men, of every code with 100 pairs or more.

    >>> differences = load_bilateral_differences()
    >>> len(differences), differences[0]
    (84, BilateralDifference(code='Cla_01', pairs=195, mean_mm=154.364, sd_mm=3.6416))
    """
    return tuple(
        BilateralDifference(r["code"], int(r["pairs"]), float(r["mean_mm"]), float(r["difference_sd_mm"]))
        for r in shipped_rows(FOLDER, "bilateral_differences.csv")
    )


TIBIA_CAUTION = "Trotter's tibiae were measured short: a whole tibia gives a stature 2.5 to 3 cm too tall"
SECONDHAND = "coefficients found in one source only"


@cache
def load_stature_equations() -> tuple[tuple[str, str, StatureEquation], ...]:
    """Stature equations of Trotter & Gleser: population, sex, equation.

    >>> rows = [e for p, s, e in load_stature_equations() if (p, s) == ("white", "M") and e.codes == ("Fem_01",)]
    >>> [(e.name, e.slope, e.intercept_cm) for e in rows]
    [('TG1952 White M', 2.38, 61.41), ('TG1958 White M', 2.32, 65.53)]
    """
    found = []
    for r in shipped_rows(FOLDER, "stature_equations.csv"):
        codes = tuple(r["codes"].split())
        cautions = [TIBIA_CAUTION] if "Tib_01" in codes else []
        cautions += [SECONDHAND] if r["coefficients"] == "one source" else []
        equation = StatureEquation(
            f"{r['source']} {r['published_as']} {r['sex']}",
            codes,
            float(r["slope"]),
            float(r["intercept_cm"]),
            float(r["see_cm"]),
            caution="; ".join(cautions),
        )
        found.append((r["population"], r["sex"], equation))
    return tuple(found)


@cache
def load_skeleton_populations() -> Mapping[str, str]:
    """Which population of the skeleton model stands for a population that a record states.

    >>> load_skeleton_populations()["korean"]
    'asian'
    """
    return {r["affinity"]: r["population"] for r in shipped_rows(FOLDER, "affinity.csv")}


@cache
def load_measurement_spans() -> MeasurementSpans:
    """Where the measurements are taken.

    >>> load_measurement_spans().codes[0]
    'Cal_01'
    """
    rows = shipped_rows(FOLDER, "skeleton_model.csv")
    spans = np.array([[float(r["from_share"]), float(r["to_share"])] for r in rows])
    return MeasurementSpans(tuple(r["code"] for r in rows), tuple(r["element"] for r in rows), spans)


def specimen_statistics(dossier: Dossier, model: SkeletonModel) -> SetStatistics:
    """Statistics of the measurements of each specimen of a dossier, in the order of ``specimens``.

    Replicates of one measurement are averaged in logarithms; codes are compared without regard to case; codes that the
    model lacks are left out.
    """
    order = {name: i for i, name in enumerate(dossier.table("specimens")["specimen_id"].to_list())}
    sides = dossier.table("specimens")["side"].fill_null("U").to_list()
    spelled = {code.lower(): code for code in model.codes}
    logs: dict[tuple[int, str], list[float]] = defaultdict(list)
    rows = dossier.table("measurements").select("specimen_id", "code", "value_mm").iter_rows()
    for specimen, code, value in rows:
        if specimen in order and code.lower() in spelled:
            logs[order[specimen], spelled[code.lower()]].append(log(value))
    sets, codes = zip(*logs, strict=True) if logs else ((), ())
    values = np.exp([sum(v) / len(v) for v in logs.values()])
    return set_statistics(model, list(sets), [sides[i] for i in sets], list(codes), values, len(order))


@cache
def load_age_models() -> Mapping[tuple[str, str, str], StageModel]:
    """The shipped age models by method, feature and sex.

    >>> load_age_models()["langley_shirley_jantz_5", "medial_clavicle", "M"].stages
    ('1', '2', '3', '4', '5')
    """
    rows: dict[tuple[str, str, str], list[dict[str, str]]] = defaultdict(list)
    for row in shipped_rows(FOLDER, "age_models.csv"):
        rows[row["method"], row["feature"], row["sex"]].append(row)
    return {
        key: StageModel(
            *key,
            tuple(r["stage"] for r in found),
            np.log([float(r["entered_at_years"]) for r in found[1:]]),
            float(found[0]["sd_log_age"]),
            found[0]["basis"],
        )
        for key, found in rows.items()
    }
