"""``cenotaph stature``: stature from bones, and bones against a recorded stature."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from cenotaph.osteology.moments import SkeletonModel
    from cenotaph.osteology.resemblance import SetStatistics
    from cenotaph.osteology.stature import RecordError, StatureEquation


def stature(
    dossier: Annotated[Path | None, typer.Argument(help="Folder of a dossier.", show_default=False)] = None,
    bone: Annotated[
        list[str] | None,
        typer.Option("--bone", help="A measurement of one person: CODE=MM, or CODE:L=MM with its side. Repeatable."),
    ] = None,
    population: Annotated[
        str | None, typer.Option("--population", help="One population of the model; all where not given.")
    ] = None,
    record: Annotated[float | None, typer.Option("--record", help="Recorded stature, cm.")] = None,
    record_sd: Annotated[float, typer.Option("--record-sd", help="Standard deviation of records, cm.")] = 3.0,
    equation: Annotated[
        list[str] | None,
        typer.Option("--equation", help="Your own equation: NAME;CODES;SLOPE;INTERCEPT;SEE[;N], slope in cm per cm."),
    ] = None,
    model_file: Annotated[
        Path | None,
        typer.Option("--model", help="A model of cenotaph moments fit; the shipped one if not given."),
    ] = None,
    level: Annotated[float, typer.Option("--level", help="Level of intervals.", min=0.01, max=0.999)] = 0.95,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Stature with prediction intervals: by the joint model of the skeleton, and by Trotter & Gleser's equations.

    With --record: log10 LR of a man of that record to any man of the population, all bones at once.

    Example: cenotaph stature --bone Fem_01=472 --bone Hum_01=335 --record 175.3
    """
    from cenotaph.dossier.skeleton_files import read_skeleton_model
    from cenotaph.dossier.skeleton_tables import load_skeleton_model, load_stature_equations
    from cenotaph.errors import InvalidInput
    from cenotaph.osteology.stature import RecordError

    if (dossier is None) == (not bone):
        raise InvalidInput("what is to be estimated", valid="a dossier, or --bone CODE=MM")
    model = load_skeleton_model() if model_file is None else read_skeleton_model(model_file)
    names = model.populations if population is None else (population,)
    for name in names:
        model.population_index(name)
    own = [("", _own_equation(text)) for text in equation or ()]
    published = [(p, e) for p, sex, e in load_stature_equations() if sex == "M" and population in (None, p)]
    given = _of_dossier(dossier, model) if dossier is not None else _of_bones(bone or [], model)
    error = RecordError(sd_cm=record_sd)
    subjects = [
        _subject(model, subject, names, own + published, record, error, level) for subject in given if subject.lengths
    ]
    if json:
        typer.echo(json_text.dumps({"level": level, "record_cm": record, "subjects": subjects}, ensure_ascii=False))
    else:
        _print(subjects, level)


class _Given:
    """What was measured on one person or specimen."""

    def __init__(self, name: str, statistics: SetStatistics, lengths: dict[str, float]) -> None:
        self.name, self.statistics, self.lengths = name, statistics, lengths


def _of_bones(texts: list[str], model: SkeletonModel) -> list[_Given]:
    import numpy as np

    from cenotaph.errors import InvalidInput
    from cenotaph.osteology.resemblance import set_statistics

    codes, sides, values = [], [], []
    for text in texts:
        name, _, value = text.partition("=")
        code, _, side = name.partition(":")
        try:
            values.append(float(value))
        except ValueError as error:
            raise InvalidInput(
                "not a measurement", found=text, valid="CODE=MM as Fem_01=472", where="--bone"
            ) from error
        if model.code_index(code) < 0:
            raise InvalidInput("unknown measurement", found=code, valid="a code as Fem_01", where="--bone")
        codes.append(code)
        sides.append(side or "U")
    statistics = set_statistics(model, [0] * len(codes), sides, codes, np.array(values), 1)
    return [_Given("bones", statistics, dict(zip(codes, values, strict=True)))]


def _of_dossier(folder: Path, model: SkeletonModel) -> list[_Given]:
    from cenotaph.dossier.read import examine_dossier
    from cenotaph.dossier.skeleton_tables import specimen_statistics
    from cenotaph.errors import InvalidInput

    examination = examine_dossier(folder)
    if examination.dossier is None:
        for fault in examination.faults:
            typer.echo(str(fault), err=True)
        raise InvalidInput("the dossier has errors", found=str(folder))
    statistics = specimen_statistics(examination.dossier, model)
    lengths: dict[str, dict[str, float]] = {}
    for specimen, code, value in (
        examination.dossier.table("measurements").select("specimen_id", "code", "value_mm").iter_rows()
    ):
        if model.code_index(code) >= 0:
            lengths.setdefault(specimen, {})[code] = value
    ids = examination.dossier.table("specimens")["specimen_id"].to_list()
    return [_Given(name, statistics.take([i]), lengths.get(name, {})) for i, name in enumerate(ids)]


def _own_equation(text: str) -> StatureEquation:
    from cenotaph.errors import InvalidInput
    from cenotaph.osteology.stature import StatureEquation

    parts = text.split(";")
    try:
        numbers = [float(x) for x in parts[2:5]]
        individuals = int(parts[5]) if len(parts) == 6 else 0
        return StatureEquation(parts[0], tuple(parts[1].split()), numbers[0], numbers[1], numbers[2], individuals)
    except (ValueError, IndexError) as error:
        valid = "NAME;CODES;SLOPE;INTERCEPT;SEE[;N]"
        raise InvalidInput("not a stature equation", found=text, valid=valid, where="--equation") from error


def _subject(
    model: SkeletonModel,
    given: _Given,
    populations: tuple[str, ...],
    equations: list[tuple[str, StatureEquation]],
    record: float | None,
    error: RecordError,
    level: float,
) -> dict[str, Any]:
    import numpy as np

    from cenotaph.osteology.stature import estimate_stature, log_lr_records, stature_posterior

    joint = []
    for name in populations:
        found = stature_posterior(model, given.statistics, name)
        low, high = found.interval(level)[0]
        row = {"population": name, "stature_cm": round(float(found.mean_cm[0]), 2)}
        row |= {"low_cm": round(float(low), 2), "high_cm": round(float(high), 2)}
        if record is not None:
            ratio = log_lr_records(model, given.statistics, np.array([record]), name, error)
            row["log10_lr_record"] = round(float(ratio[0, 0] / np.log(10)), 4)
        joint.append(row)
    rows = []
    for population, equation in equations:
        estimate = estimate_stature(equation, given.lengths, level)
        if estimate is not None:
            rows.append(
                {"equation": equation.name, "population": population, "codes": list(equation.codes)}
                | {"stature_cm": round(estimate.stature_cm, 2)}
                | {"low_cm": round(estimate.low_cm, 2), "high_cm": round(estimate.high_cm, 2)}
                | {"caution": equation.caution}
            )
    return {"subject": given.name, "measurements": given.lengths, "joint": joint, "equations": rows}


def _print(subjects: list[dict[str, Any]], level: float) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"Stature, cm, with {level:.0%} intervals", title_justify="left")
    for name in ("subject", "by", "stature", "from", "to", "log10 LR of the record", "note"):
        table.add_column(name)
    for subject in subjects:
        for row in subject["joint"]:
            ratio = f"{row['log10_lr_record']:+.2f}" if "log10_lr_record" in row else ""
            table.add_row(subject["subject"], f"joint model, {row['population']}", *_numbers(row), ratio, "")
        for row in subject["equations"]:
            by = f"{row['equation']}: {' + '.join(row['codes'])}"
            table.add_row(subject["subject"], by, *_numbers(row), "", row["caution"])
    Console().print(table)


def _numbers(row: dict[str, Any]) -> tuple[str, str, str]:
    return f"{row['stature_cm']:.1f}", f"{row['low_cm']:.1f}", f"{row['high_cm']:.1f}"
