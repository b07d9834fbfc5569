"""``cenotaph power``: how many names a roster and its references could give, and what SNPs could show for one man."""

from __future__ import annotations

import json as json_text
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import numpy as np

    from cenotaph.accounting.roster_power import ExpectedNames, RosterPower
    from cenotaph.dossier.read import Dossier
    from cenotaph.simulation.family_power import FamilyPower, Outlook
    from cenotaph.simulation.snp_power import Panel, Ratios

DRAWS = 2000
COVERAGES = (0.1, 0.3, 1.0, 3.0, 10.0)
LEAST_SNPS, MOST_SNPS = 50, 200_000
MOST_COVERAGE = 100.0


def power(
    dossier: Annotated[Path, typer.Argument(help="Folder of the dossier.", show_default=False)],
    boxes: Annotated[int, typer.Option("--boxes", help="Boxes of each handover to come.", min=1)] = 50,
    handovers: Annotated[int, typer.Option("--handovers", help="Handovers to come.", min=1)] = 1,
    missing: Annotated[
        str | None, typer.Option("--missing", help="One missing person: what SNPs could show for him.")
    ] = None,
    snps: Annotated[
        str, typer.Option("--snps", help="With --missing: a shipped panel, or a number of SNPs anywhere.")
    ] = "force",
    coverage: Annotated[
        list[float] | None,
        typer.Option("--coverage", help="With --missing: reads a SNP of the bone; may be given several times."),
    ] = None,
    draws: Annotated[int, typer.Option("--draws", help="With --missing: families drawn.", min=2)] = 50,
    donors: Annotated[
        int, typer.Option("--donors", help="With --missing: people whom frequencies are estimated from.", min=20)
    ] = 200,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the draws.", min=0)] = 1,
    each: Annotated[bool, typer.Option("--each", help="Print every missing person too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Given this roster and these references: how many names can be expected of so many boxes.

    Each man's chance to be named if his bones come back follows from what his own family gave. Individuals a box are
    those of past handovers on record. With --missing: what SNPs could show for one man by coverage, and which relative
    to type next, on STRs or SNPs.

    Examples: cenotaph power handover-2018 --boxes 50; cenotaph power handover-2018 --missing M00003 --snps force
    """
    import numpy as np

    from cenotaph.dossier.faults import has_errors
    from cenotaph.dossier.read import examine_dossier
    from cenotaph.errors import InvalidInput

    asked = _coverages(coverage)
    rng = np.random.default_rng(seed)
    panel = _panel(snps, rng) if missing is not None else None
    examination = examine_dossier(dossier)
    if examination.dossier is None or has_errors(examination.faults):
        for fault in examination.faults:
            typer.echo(str(fault), err=True)
        raise InvalidInput("the dossier has errors", found=str(dossier))
    if missing is not None and panel is not None:
        _of_man(examination.dossier, missing, panel, asked, draws, donors, rng, json, quiet)
    else:
        _of_roster(examination.dossier, boxes, handovers, rng, each, json)


def _coverages(given: list[float] | None) -> tuple[float, ...]:
    from cenotaph.errors import InvalidInput

    for x in given or ():
        if not 0 < x <= MOST_COVERAGE:
            raise InvalidInput("--coverage", found=x, valid=f"reads a SNP, over 0 and at most {MOST_COVERAGE:g}")
    return tuple(sorted(set(given or COVERAGES)))


def _panel(snps: str, rng: np.random.Generator) -> Panel:
    """What --snps asks for."""
    from cenotaph.dossier.snp_panels import PANELS
    from cenotaph.errors import InvalidInput
    from cenotaph.simulation.snp_power import Panel

    if snps in PANELS:
        return Panel.shipped(snps, rng)
    if snps.isascii() and snps.isdigit() and LEAST_SNPS <= int(snps) <= MOST_SNPS:
        return Panel.invented(int(snps), rng)
    raise InvalidInput("--snps", found=snps, valid=f"{', '.join(PANELS)}, or {LEAST_SNPS} to {MOST_SNPS:,} SNPs")


def _of_man(
    dossier: Dossier,
    missing: str,
    panel: Panel,
    coverages: tuple[float, ...],
    draws: int,
    donors: int,
    rng: np.random.Generator,
    json: bool,
    quiet: bool,
) -> None:
    from cenotaph.cli import progress
    from cenotaph.evidence.snp_data import SnpSettings
    from cenotaph.simulation.family_power import power_of_man

    believed = panel.estimated(donors, rng, SnpSettings())
    with progress.shown(quiet or json) as show:
        found = power_of_man(dossier, missing, believed, coverages, draws, rng, show)
    if json:
        typer.echo(json_text.dumps(_document_of_man(found, draws, donors), ensure_ascii=False, indent=2))
    else:
        _print_of_man(found, draws, donors)


def _document_of_man(found: FamilyPower, draws: int, donors: int) -> dict[str, object]:
    def outlook(one: Outlook | None) -> dict[str, float] | None:
        return None if one is None else {k: round(v, 3) for k, v in asdict(one).items()}

    return {
        "missing_id": found.missing_id,
        "panel": found.panel,
        "draws": draws,
        "frequency_donors": donors,
        "donors": [{"relative_id": r, "relation": word} for r, word in found.donors],
        "needed_log10": round(found.needed, 3),
        "coverages": [
            {"coverage": r.coverage, "he": outlook(found.outlook(r)), "not_he": _strangers(r)} for r in found.ratios
        ],
        "next_coverage": found.ratios[0].coverage,
        "next": [
            {
                "relative_id": c.relative_id or None,
                "relation": c.relation or None,
                "str": outlook(c.str_),
                "snp": outlook(c.snp),
            }
            for c in found.choices
        ],
    }


def _strangers(ratios: Ratios) -> dict[str, float]:
    import numpy as np

    median, high = np.quantile(ratios.stranger, (0.5, 0.95))
    return {
        "median": round(float(median), 3),
        "high": round(float(high), 3),
        "over_0": round(float((ratios.stranger > 0).mean()), 4),
    }


def _print_of_man(found: FamilyPower, draws: int, donors: int) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    family = ", ".join(f"{r} ({word})" for r, word in found.donors) or "nobody"
    console.print(f"{found.missing_id}; donors of his family: {family}", highlight=False)
    named = f"≥ {found.needed:.1f}"
    table = Table(title=f"log10 LR of a bone, {found.panel}", title_justify="left")
    table.add_column("reads a SNP", justify="right")
    for column in ("he: median", "5 %", named, "not he: median", "95 %", "over 0"):
        table.add_column(column, justify="right")
    for ratios in found.ratios:
        he, other = found.outlook(ratios), _strangers(ratios)
        table.add_row(
            f"{ratios.coverage:g}", f"{he.median:.1f}", f"{he.low:.1f}", f"{he.named:.0%}",
            f"{other['median']:.1f}", f"{other['high']:.1f}", f"{other['over_0']:.1%}",
        )  # fmt: skip
    console.print(table)
    choices = Table(
        title=f"Whom to type next, {found.ratios[0].coverage:g} reads a SNP of the bone", title_justify="left"
    )
    for column in ("relative", "STR: median", "5 %", named, "SNP: median", "5 %", named):
        choices.add_column(column, justify="left" if column == "relative" else "right")
    for c in found.choices:
        name = f"{c.relative_id} ({c.relation})" if c.relative_id else "donors as they are"
        choices.add_row(name, *_cells(c.str_), *_cells(c.snp))
    console.print(choices)
    console.print(
        f"{draws} families drawn, frequencies estimated from {donors} people. From log10 LR {found.needed:.1f} on the "
        "ratio alone gives a man of this roster P 0.9995. Not in it: wrong pedigrees, linkage disequilibrium.",
        highlight=False,
    )


def _cells(one: Outlook | None) -> tuple[str, str, str]:
    return ("–", "–", "–") if one is None else (f"{one.median:.1f}", f"{one.low:.1f}", f"{one.named:.0%}")


def _of_roster(dossier: Dossier, boxes: int, handovers: int, rng: np.random.Generator, each: bool, json: bool) -> None:
    import datetime

    from cenotaph.accounting.appraisal.rates import individuals_a_unit, past_yields
    from cenotaph.accounting.record import Record
    from cenotaph.accounting.roster_power import expected_names, power_of_roster
    from cenotaph.accounting.timeline import asked
    from cenotaph.identification.settings import Settings

    settings = Settings()
    found = power_of_roster(dossier, settings)
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
