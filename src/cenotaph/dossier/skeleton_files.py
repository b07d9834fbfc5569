"""A reference table of measured people, and a skeleton model as a document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cenotaph.dossier.shipped import shipped_rows
from cenotaph.errors import FormatError, InvalidInput
from cenotaph.osteology.fit import LEAST_BONES, Reference
from cenotaph.osteology.moments import SkeletonModel, StatureVariable

if TYPE_CHECKING:
    import polars as pl

FORMAT = "cenotaph-skeleton-model/1"
KEYS = ("individual_id", "population", "side", "stature_cm")
ARRAYS = ("mean", "asymmetry", "loadings", "shared", "bone", "noise_sd", "individuals", "bones")


def read_reference(path: Path) -> Reference:
    """Reads a table of measured people.

    Long: ``individual_id, population, side, code, value_mm``. Wide: ``individual_id, population, side`` and one column
    a code. Sides are L and R; ``stature_cm`` may stand beside. Repeated values of one cell are averaged; codes on fewer
    than ten bones are left out.

    Raises:
        InvalidInput: no such file, a missing column, an unknown side or code, a value that is no positive number, a
            person in two populations.
    """
    import polars as pl

    if not path.is_file():
        raise InvalidInput("no such table", found=path.name, valid="a CSV file")
    try:
        text = pl.read_csv(path, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise FormatError("not a table", found=str(error).splitlines()[0], valid="CSV", where=path.name) from error
    for name in KEYS[:3]:
        if name not in text.columns:
            raise InvalidInput("a column is missing", found=", ".join(text.columns), valid=name, where=f"{path.name}:1")
    if "code" not in text.columns:
        wide = [c for c in text.columns if c not in KEYS]
        keys = [c for c in KEYS if c in text.columns]
        text = text.with_row_index("row", offset=2).unpivot(wide, index=["row", *keys], variable_name="code")
        text = text.rename({"value": "value_mm"}).filter(pl.col("value_mm").fill_null("").str.strip_chars() != "")
    else:
        if "value_mm" not in text.columns:
            found = ", ".join(text.columns)
            raise InvalidInput("a column is missing", found=found, valid="value_mm", where=f"{path.name}:1")
        text = text.with_row_index("row", offset=2)
    return _reference(text, path.name)


def _reference(text: pl.DataFrame, name: str) -> Reference:
    known = {
        row["code"].lower(): (row["code"], row["element"]) for row in shipped_rows("osteology", "measurements.csv")
    }
    cells: dict[tuple[str, int, str], list[float]] = {}
    population_of: dict[str, str] = {}
    stature_of: dict[str, float] = {}
    for row in text.iter_rows(named=True):
        where = f"{name}:{row['row']}"
        person, population = row["individual_id"], row["population"]
        for column_name in KEYS[:2]:
            if not row[column_name]:
                raise InvalidInput("an empty cell", valid="a name", where=f"{where}:{column_name}")
        if population_of.setdefault(person, population) != population:
            raise InvalidInput("one person in two populations", found=person, valid="one", where=f"{where}:population")
        side = {"L": 0, "R": 1}.get((row["side"] or "").strip().upper())
        if side is None:
            raise InvalidInput("unknown side", found=row["side"], valid="L or R", where=f"{where}:side")
        code = known.get((row["code"] or "").strip().lower())
        if code is None:
            raise InvalidInput(
                "unknown measurement", found=row["code"], valid="a code as Fem_01", where=f"{where}:code"
            )
        cells.setdefault((person, side, code[0]), []).append(np.log(_positive(row["value_mm"], f"{where}:value_mm")))
        if row.get("stature_cm"):
            stature_of[person] = _positive(row["stature_cm"], f"{where}:stature_cm")
    counts = _counts(cells)
    kept = sorted(code for code, count in counts.items() if count >= LEAST_BONES)
    if not kept:
        raise InvalidInput("no measurement on enough bones", found=len(counts), valid=f"{LEAST_BONES} bones or more")
    people, populations = sorted(population_of), sorted(set(population_of.values()))
    log_mm = np.full((len(people), 2, len(kept)), np.nan)
    at, column = {p: i for i, p in enumerate(people)}, {c: i for i, c in enumerate(kept)}
    for (person, side, code_name), logs in cells.items():
        if code_name in column:
            log_mm[at[person], side, column[code_name]] = sum(logs) / len(logs)
    return Reference(
        tuple(populations),
        np.array([populations.index(population_of[p]) for p in people]),
        tuple(kept),
        tuple(known[c.lower()][1] for c in kept),
        log_mm,
        np.array([stature_of.get(p, np.nan) for p in people]),
    )


def _counts(cells: Mapping[tuple[str, int, str], Sequence[float]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for _, _, code in cells:
        counts[code] = counts.get(code, 0) + 1
    return counts


def _positive(text: str | None, where: str) -> float:
    try:
        value = float(text or "")
    except ValueError as error:
        raise InvalidInput("not a number", found=text, valid="a number above 0", where=where) from error
    if not (value > 0 and np.isfinite(value)):
        raise InvalidInput("not a size", found=text, valid="a number above 0", where=where)
    return value


def model_document(model: SkeletonModel) -> dict[str, Any]:
    """The model as a document of plain values; `model_from_document` is the inverse."""
    document: dict[str, Any] = {"format": FORMAT, "unit": "natural logarithm of millimetres"}
    document |= {name: list(getattr(model, name)) for name in ("populations", "codes", "elements")}
    document |= {name: getattr(model, name).tolist() for name in ARRAYS}
    document |= {"tail_df": model.tail_df, "predictive_df": round(model.df, 3)}
    if model.stature is not None:
        document["stature"] = {
            "mean_cm": model.stature.mean_cm.tolist(),
            "loadings_cm": model.stature.loadings_cm.tolist(),
            "residual_sd_cm": model.stature.residual_sd_cm,
            "individuals": model.stature.individuals,
        }
    return document


def model_from_document(document: Mapping[str, Any]) -> SkeletonModel:
    """The model of a document.

    Raises:
        FormatError: another format, or a part is missing.
        InvalidInput: the parts do not fit each other.
    """
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise FormatError("not a skeleton model", found=str(document)[:60], valid=FORMAT)
    try:
        stature = document.get("stature")
        return SkeletonModel(
            populations=tuple(document["populations"]),
            codes=tuple(document["codes"]),
            elements=tuple(document["elements"]),
            mean=np.array(document["mean"], dtype=np.float64),
            asymmetry=np.array(document["asymmetry"], dtype=np.float64),
            loadings=np.array(document["loadings"], dtype=np.float64),
            shared=np.array(document["shared"], dtype=np.float64),
            bone=np.array(document["bone"], dtype=np.float64),
            noise_sd=np.array(document["noise_sd"], dtype=np.float64),
            individuals=np.array(document["individuals"], dtype=np.int64),
            bones=np.array(document["bones"], dtype=np.int64),
            tail_df=float(document["tail_df"]),
            stature=None
            if stature is None
            else StatureVariable(
                np.array(stature["mean_cm"]),
                np.array(stature["loadings_cm"]),
                float(stature["residual_sd_cm"]),
                int(stature["individuals"]),
            ),
        )
    except KeyError as error:
        raise FormatError("a part of the skeleton model is missing", found=error.args[0], valid=FORMAT) from error
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise FormatError("a part of the skeleton model is not numbers", found=error, valid=FORMAT) from error


def read_skeleton_model(path: Path) -> SkeletonModel:
    """Reads a model that `cenotaph moments fit` wrote.

    Raises:
        FormatError: the file is no such document.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise FormatError("cannot read the skeleton model", found=path.name, valid="a JSON document") from error
    return model_from_document(document)


def write_skeleton_model(model: SkeletonModel, path: Path) -> None:
    """Writes the model as a JSON document."""
    path.write_text(json.dumps(model_document(model), ensure_ascii=False) + "\n", encoding="utf-8")
