"""``cenotaph sort``: classical osteometric sorting, as the versions of OsteoSort define it."""

from __future__ import annotations

import csv
import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cenotaph.dossier.read import Dossier
    from cenotaph.osteology.classical import BoneTable, Method, Sorted

COLUMNS = (
    "specimen_a", "element_a", "side_a", "specimen_b", "element_b", "side_b", "measurements", "n", "mean", "sd", "r2",
    "p", "result", "reason",
)  # fmt: skip
SHOWN = 20


def sort(
    dossier: Annotated[Path, typer.Argument(help="Folder of the dossier.", show_default=False)],
    reference: Annotated[
        Path | None,
        typer.Option(help="Table of reference bones: individual,element,side,Hum_01,…", show_default=False),
    ] = None,
    method: Annotated[str, typer.Option(help="osteosort-1.2.6, osteosort-1.4 or osteosort-2.0.")] = "osteosort-2.0",
    test: Annotated[str, typer.Option(help="pair, articulation or size.")] = "pair",
    element: Annotated[
        list[str] | None,
        typer.Option("--element", help="Only this element; for size, predictor and response.", show_default=False),
    ] = None,
    code: Annotated[list[str] | None, typer.Option("--code", help="Only this measurement.", show_default=False)] = None,
    alpha: Annotated[float | None, typer.Option(help="Level of exclusion.", show_default="of the method")] = None,
    tails: Annotated[int | None, typer.Option(help="1 or 2.", show_default="of the method")] = None,
    absolute: Annotated[
        bool | None,
        typer.Option("--absolute/--signed", help="Sum of absolute differences.", show_default="of the method"),
    ] = None,
    transform: Annotated[
        str | None, typer.Option(help="none, power or yeo-johnson.", show_default="of the method")
    ] = None,
    zero_mean: Annotated[
        bool | None,
        typer.Option("--zero-mean/--reference-mean", help="What is tested against.", show_default="of the method"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="New CSV file for every comparison.", show_default=False)] = None,
    cora: Annotated[
        Path | None,
        typer.Option(help="New CSV file of what was not excluded, as CoRA imports it.", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, every comparison.")] = False,
) -> None:
    """Exclude pairs of bones by a published test against a reference of known individuals.

    No reference of individuals ships with the program: --reference names one. A comparison ends as Excluded, Cannot
    Exclude, or Rejected with the reason; Cannot Exclude is no support. `cenotaph identify` weighs the same measurements
    as likelihood ratios.

    Example: cenotaph sort handover-2018 --method osteosort-2.0 --reference pairs.csv --element humerus
    """
    from cenotaph.dossier.bones import measured_bones
    from cenotaph.dossier.read import examine_dossier
    from cenotaph.errors import InvalidInput
    from cenotaph.formats.osteometric_reference import EXAMPLE, read_reference

    if reference is None:
        raise InvalidInput("classical sorting needs a reference", valid=f"--reference TABLE.csv, {EXAMPLE}")
    if not reference.is_file():
        raise InvalidInput("no such file", found=str(reference), valid=EXAMPLE)
    for path in (out, cora):
        if path is not None and path.exists():
            raise InvalidInput("the file is there already", found=str(path), valid="a new file")
    rule = _method(method, alpha, tails, absolute, transform, zero_mean)
    examination = examine_dossier(dossier)
    if examination.dossier is None:
        for fault in examination.faults:
            typer.echo(str(fault), err=True)
        raise InvalidInput("the dossier has errors", found=str(dossier))
    case = measured_bones(examination.dossier)
    found = _run(test, case, read_reference(reference), rule, element or [], code)
    if out is not None:
        with out.open("x", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(["" if v is None else v for v in row.values()] for row in _rows(found, case))
    if cora is not None:
        _write_cora(cora, examination.dossier, found, case, rule)
    if json:
        document = {"method": rule.name, "about": rule.about, "test": found.test, "comparisons": [*_rows(found, case)]}
        typer.echo(json_text.dumps(document, ensure_ascii=False, allow_nan=False))
    else:
        _print(found, case, rule)


def _write_cora(path: Path, dossier: Dossier, found: Sorted, case: BoneTable, method: Method) -> None:
    from cenotaph.dossier.write import write_file
    from cenotaph.formats.cora import CoraPair, bones_of, format_cora_pairs

    settings = f"{{'alpha': {method.size.alpha:g}}}"
    if found.test != "size":
        rule = method.pair if found.test == "pair" else method.articulation
        settings = f"{{'alpha': {rule.alpha:g}, 'tails': {rule.tails}, 'absolute': {rule.absolute}}}"

    def cell(value: object) -> str:
        return "" if value is None else str(value)

    pairs = (
        CoraPair(
            row["specimen_a"], row["specimen_b"], f"{method.name} rules, cenotaph", settings, cell(row["n"]),
            cell(row["p"]), cell(row["mean"]), cell(row["sd"]), tuple(row["measurements"].split()),
        )
        for row in _rows(found, case)
        if row["result"] == "Cannot Exclude"
    )  # fmt: skip
    exported = format_cora_pairs(pairs, bones_of(dossier))
    write_file(exported.text, path)
    for message in exported.messages:
        typer.echo(message, err=True)


def _method(
    name: str, alpha: float | None, tails: int | None, absolute: bool | None, transform: str | None,
    zero_mean: bool | None,
) -> Method:  # fmt: skip
    from dataclasses import replace

    from cenotaph.errors import InvalidInput
    from cenotaph.osteology.classical import find_method

    if transform not in (None, "none", "power", "yeo-johnson"):
        raise InvalidInput("no such transform", found=transform, valid="none power yeo-johnson")
    method = find_method(name)
    asked = {"alpha": alpha, "tails": tails, "absolute": absolute, "transform": transform, "zero_mean": zero_mean}
    changed: dict[str, Any] = {key: value for key, value in asked.items() if value is not None}
    size = method.size if alpha is None else replace(method.size, alpha=alpha)
    return replace(
        method, pair=replace(method.pair, **changed), articulation=replace(method.articulation, **changed), size=size
    )


def _run(
    test: str, case: BoneTable, reference: BoneTable, method: Method, elements: list[str], codes: list[str] | None
) -> Sorted:
    from cenotaph.dossier.bone_tables import load_measurements, load_skeleton
    from cenotaph.errors import InvalidInput
    from cenotaph.osteology.classical import sort_articulations, sort_pairs, sort_sizes
    from cenotaph.osteology.measurements import ARTICULATIONS

    vocabulary = load_measurements()
    names = []
    for word in elements:
        known = load_skeleton().find(word)
        if known is None:
            raise InvalidInput("unknown element", found=word, valid="an element such as humerus")
        names.append(known.name)
    for code in codes or []:
        if vocabulary.find(code) is None:
            raise InvalidInput("unknown measurement", found=code, valid="a code such as Hum_01")
    chosen = None if codes is None else {m.code for c in codes if (m := vocabulary.find(c))}
    if test == "pair":
        return sort_pairs(case, reference, method, names or None, chosen)
    if test == "articulation":
        joints = [tuple((vocabulary.by_code[c].element, c) for c in joint) for joint in ARTICULATIONS]
        wanted = [(a, b) for a, b in joints if not names or {a[0], b[0]} <= set(names)]
        return sort_articulations(case, reference, method, wanted)
    if test == "size":
        if len(names) != 2:
            raise InvalidInput("size needs two elements", found=len(names), valid="--element humerus --element femur")
        return sort_sizes(case, reference, method, names[0], names[1], chosen)
    raise InvalidInput("no such test", found=test, valid="pair articulation size")


def _rows(found: Sorted, case: BoneTable) -> Iterator[dict[str, Any]]:
    from math import isnan

    from cenotaph.osteology.classical.sorting import REASONS

    def number(value: float, places: int) -> float | None:
        return None if isnan(value) else round(float(value), places)

    for k in range(len(found)):
        a, b = int(found.a[k]), int(found.b[k])
        used = found.used[found.which[k]] if found.which[k] >= 0 else ()
        values = (
            case.ids[a], case.elements[a], case.sides[a], case.ids[b], case.elements[b], case.sides[b], " ".join(used),
            int(found.n[k]), number(found.mean[k], 4), number(found.sd[k], 4), number(found.r2[k], 4),
            number(found.p[k], 5), found.result(k), REASONS[found.reason[k]],
        )  # fmt: skip
        yield dict(zip(COLUMNS, values, strict=True))


def _print(found: Sorted, case: BoneTable, method: Method) -> None:
    from itertools import islice

    from rich.console import Console
    from rich.table import Table

    from cenotaph.osteology.classical.sorting import REASONS

    console = Console()
    excluded, rejected = int(found.is_excluded.sum()), int((found.reason > 0).sum())
    kept = len(found) - excluded - rejected
    console.print(method.about, highlight=False)
    console.print(
        f"{len(found):,} comparisons ({found.test}): {excluded:,} excluded, {kept:,} not, {rejected:,} rejected.",
        highlight=False,
    )
    for k, words in enumerate(REASONS[1:], start=1):
        if number := int((found.reason == k).sum()):
            console.print(f"Rejected, {words}: {number:,}.", highlight=False)
    if not kept:
        return
    table = Table(title="Not excluded", title_justify="left")
    for name in ("specimen", "element", "specimen", "element", "measurements", "n", "p"):
        table.add_column(name)
    open_ = (row for row in _rows(found, case) if row["result"] == "Cannot Exclude")
    for row in islice(open_, SHOWN):
        table.add_row(
            row["specimen_a"], f"{row['element_a']} {row['side_a']}", row["specimen_b"],
            f"{row['element_b']} {row['side_b']}", row["measurements"], str(row["n"]), f"{row['p']:.5f}",
        )  # fmt: skip
    console.print(table)
    if kept > SHOWN:
        console.print(f"{kept - SHOWN:,} more: --out FILE.csv writes all.", highlight=False)
