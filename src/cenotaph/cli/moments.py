"""``cenotaph moments``: fits the joint model of a skeleton to a reference of measured people."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="The joint model of a skeleton, fitted to your own reference.", no_args_is_help=True)


@app.callback()
def moments() -> None:
    """The joint model of a skeleton, fitted to your own reference."""


@app.command()
def fit(
    table: Annotated[Path, typer.Argument(help="CSV of measured people.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", help="Where the model is written (JSON).", show_default=False)],
    factors: Annotated[int, typer.Option("--factors", help="Size-and-shape factors.", min=1)] = 8,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Fit means, factors, what both sides share, noise and the weight of the tails.

    The table is long (individual_id, population, side, code, value_mm) or wide (individual_id, population, side, and
    one column for each code). Sides are L and R; stature_cm may stand beside. Empty cells are not measured.

    Example: cenotaph moments fit reference.csv --out model.json --factors 6
    """
    from cenotaph.cli.progress import shown
    from cenotaph.dossier.skeleton_files import read_reference, write_skeleton_model
    from cenotaph.osteology.fit import fit_moments

    reference = read_reference(table)
    with shown(json) as progress:
        model = fit_moments(reference, factors, progress)
    write_skeleton_model(model, out)
    people = dict(zip(model.populations, (int(n) for n in model.individuals), strict=True))
    summary: dict[str, Any] = {"model": str(out), "individuals": people, "measurements": len(model.codes)}
    summary |= {"factors": factors, "tail_df": model.tail_df, "predictive_df": round(model.df, 2)}
    summary["stature_individuals"] = 0 if model.stature is None else model.stature.individuals
    if json:
        typer.echo(json_text.dumps(summary, ensure_ascii=False))
        return
    listed = ", ".join(f"{n} {name}" for name, n in people.items())
    typer.echo(f"{out}: {len(model.codes)} measurements of {model.reference_size} people ({listed}), {factors} factors")
    typer.echo(f"tails {model.tail_df:g}, predictive {model.df:.1f} degrees of freedom")
