"""``cenotaph moments``: fits the joint model of a skeleton to a reference of measured people."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated, Any

import typer

BILATERAL_TOLERANCE = 0.15
"""A left–right spread farther than this from the published one is named."""

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
    from cenotaph.dossier.skeleton_tables import load_bilateral_differences
    from cenotaph.osteology.fit import fit_moments
    from cenotaph.osteology.moments import bilateral_ratios

    reference = read_reference(table)
    with shown(json) as progress:
        model = fit_moments(reference, factors, progress)
    write_skeleton_model(model, out)
    people = dict(zip(model.populations, (int(n) for n in model.individuals), strict=True))
    summary: dict[str, Any] = {"model": str(out), "individuals": people, "measurements": len(model.codes)}
    summary |= {"factors": factors, "tail_df": model.tail_df, "predictive_df": round(model.df, 2)}
    summary["stature_individuals"] = 0 if model.stature is None else model.stature.individuals
    ratios = bilateral_ratios(model, load_bilateral_differences())
    unlike = {code: round(ratio, 2) for code, ratio in ratios.items() if abs(ratio - 1.0) > BILATERAL_TOLERANCE}
    summary["left_right_spread"] = {"compared": len(ratios), "unlike_published": unlike}
    if json:
        typer.echo(json_text.dumps(summary, ensure_ascii=False))
        return
    listed = ", ".join(f"{n} {name}" for name, n in people.items())
    typer.echo(f"{out}: {len(model.codes)} measurements of {model.reference_size} people ({listed}), {factors} factors")
    typer.echo(f"tails {model.tail_df:g}, predictive {model.df:.1f} degrees of freedom")
    if ratios:
        near = f"{len(ratios) - len(unlike)} of {len(ratios)}"
        listed = "; not " + ", ".join(f"{code} (× {ratio:g})" for code, ratio in unlike.items()) if unlike else ""
        typer.echo(f"left–right spread within {BILATERAL_TOLERANCE:.0%} of the published one: {near}{listed}")
