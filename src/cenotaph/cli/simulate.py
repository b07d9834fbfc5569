"""``cenotaph simulate``: dossiers about people who do not exist, with the truth beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Make synthetic dossiers with known truth.", no_args_is_help=True)


@app.callback()
def simulate() -> None:
    """Make synthetic dossiers with known truth."""


@app.command()
def handover(
    out: Annotated[Path, typer.Argument(help="Folder of the new dossier; empty or not there yet.", show_default=False)],
    preset: Annotated[str, typer.Option(help="site, small, k55, k208 or punchbowl.")] = "small",
    individuals: Annotated[int | None, typer.Option(help="People in the boxes.", show_default="preset")] = None,
    boxes: Annotated[int | None, typer.Option(help="Boxes.", show_default="preset")] = None,
    missing: Annotated[int | None, typer.Option(help="Men on the roster.", show_default="preset")] = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            help="Made worse: brothers, mitotypes, labels, records, samples, strangers or animals.", show_default="none"
        ),
    ] = None,
    snps: Annotated[int, typer.Option(help="SNPs that a part of the bones and donors is typed for.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
) -> None:
    """Make the dossier of a handover of commingled remains, and OUT.truth/truth.csv beside it.

    Example: cenotaph simulate handover trial --preset small --seed 7
    """
    from cenotaph.errors import CenotaphError
    from cenotaph.simulation.handover import refuse_occupied, simulate_handover, write_handover
    from cenotaph.simulation.plan import preset as preset_of

    try:
        plan = preset_of(
            preset,
            individuals=individuals,
            boxes=boxes,
            missing=missing,
            scenario=scenario,
            snps=snps,
            seed=seed,
        )
        refuse_occupied(out)
        made = simulate_handover(plan)
        truth = write_handover(made, out)
    except (CenotaphError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(2) from error
    rows = {name: frame.height for name, frame in made.dossier.texts.items()}
    typer.echo(f"{out}: synthetic handover, seed {seed}; nobody in it exists")
    typer.echo(f"{plan.individuals} individuals, {plan.boxes} boxes, {plan.missing} missing")
    for name, count in rows.items():
        typer.echo(f"{count:>9,} {name}")
    typer.echo(f"{truth / 'truth.csv'}: who every specimen was")
