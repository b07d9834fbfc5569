"""``cenotaph power``: how many names a roster and its references could give, of boxes to come."""

from __future__ import annotations

import json as json_text
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cenotaph.accounting.roster_power import ExpectedNames, RosterPower

DRAWS = 2000


def power(
    dossier: Annotated[Path, typer.Argument(help="Folder of the dossier.", show_default=False)],
    boxes: Annotated[int, typer.Option("--boxes", help="Boxes of each handover to come.", min=1)] = 50,
    handovers: Annotated[int, typer.Option("--handovers", help="Handovers to come.", min=1)] = 1,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the draws.", min=0)] = 1,
    each: Annotated[bool, typer.Option("--each", help="Print every missing person too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Given this roster and these references: how many names can be expected of so many boxes.

    Each man's chance to be named if his bones come back follows from what his own family gave. Individuals a box are
    those of past handovers on record.

    Example: cenotaph power handover-2018 --boxes 50
    """
    import datetime

    import numpy as np

    from cenotaph.accounting.appraisal.rates import individuals_a_unit, past_yields
    from cenotaph.accounting.record import Record
    from cenotaph.accounting.roster_power import expected_names, power_of_roster
    from cenotaph.accounting.timeline import asked
    from cenotaph.dossier.faults import has_errors
    from cenotaph.dossier.read import examine_dossier
    from cenotaph.errors import InvalidInput
    from cenotaph.identification.settings import Settings

    examination = examine_dossier(dossier)
    if examination.dossier is None or has_errors(examination.faults):
        for fault in examination.faults:
            typer.echo(str(fault), err=True)
        raise InvalidInput("the dossier has errors", found=str(dossier))
    settings, rng = Settings(), np.random.default_rng(seed)
    found = power_of_roster(examination.dossier, settings)
    past = past_yields(Record.shipped_korea(), asked(datetime.date.today(), None), "turnover")
    a_box = individuals_a_unit(past, rng)[:DRAWS]
    shares = (settings.prior.roster_alpha, settings.prior.roster_beta)
    coming = expected_names(found, a_box, shares, boxes, handovers, rng)
    if json:
        typer.echo(json_text.dumps(_document(found, coming, each), ensure_ascii=False, indent=2))
    else:
        _print(found, coming, boxes, handovers, each)


def _document(found: RosterPower, coming: ExpectedNames, each: bool) -> dict[str, object]:
    document: dict[str, object] = {
        "missing": len(found.missing_ids),
        "referenced": int(found.referenced.sum()),
        "power_complete": round(float(found.complete.mean()), 4),
        "power_cut": round(float(found.cut.mean()), 4),
        **asdict(coming),
    }
    if each:
        document["men"] = [
            {"missing_id": m, "power_complete": round(float(a), 4), "power_cut": round(float(b), 4)}
            for m, a, b in zip(found.missing_ids, found.complete, found.cut, strict=True)
        ]
    return document


def _print(found: RosterPower, coming: ExpectedNames, boxes: int, handovers: int, each: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    roster = Table(title="The roster", show_header=False, title_justify="left")
    roster.add_row("missing persons", f"{len(found.missing_ids):,}")
    roster.add_row("with a reference of the family", f"{int(found.referenced.sum()):,}")
    roster.add_row("named if three complete profiles of him come back, mean", f"{found.complete.mean():.2f}")
    roster.add_row("named if three bones of him are cut once each, mean", f"{found.cut.mean():.2f}")
    console.print(roster)
    times = f"{handovers} handovers of {boxes} boxes" if handovers > 1 else f"{boxes} boxes"
    table = Table(title=f"{times}, with 80 % intervals", title_justify="left")
    for column in ("", "median", "low", "high"):
        table.add_column(column, justify="right" if column else "left")
    for label, value in (
        ("individuals", coming.individuals),
        ("of the roster", coming.own),
        ("names", coming.names),
    ):
        table.add_row(label, f"{value.mean:,.0f}", f"{value.low:,.0f}", f"{value.high:,.0f}")
    console.print(table)
    if each:
        men = Table(title="Every missing person", title_justify="left")
        for column in ("missing person", "complete", "cut once"):
            men.add_column(column, justify="left" if column == "missing person" else "right")
        for man, complete, cut in zip(found.missing_ids, found.complete, found.cut, strict=True):
            men.add_row(man, f"{complete:.2f}", f"{cut:.2f}")
        console.print(men)
    console.print(
        "By DNA alone; individuals a box as in past handovers of the Korean programme; their share on the roster is "
        "open (Beta 2, 2).",
        highlight=False,
    )
