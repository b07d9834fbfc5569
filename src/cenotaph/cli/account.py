"""``cenotaph account``: the record of talks, promises, handovers, ground and money, and what it answers."""

from __future__ import annotations

import datetime
import json as json_text
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cenotaph.cli.account_read import read

if TYPE_CHECKING:
    from cenotaph.accounting.record import Record
    from cenotaph.accounting.timeline import Asked

app = typer.Typer(
    help="The record of talks, promises, handovers, ground and money.", no_args_is_help=True, rich_markup_mode=None
)

AsOf = Annotated[str, typer.Option("--as-of", help="What was true on this day; today where none is given.")]
KnownOn = Annotated[str, typer.Option("--known-on", help="As known on this day; --as-of where none is given.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Folder = Annotated[
    Path | None, typer.Option("--dossier", help="Folder of a dossier; the Korean programme where none is given.")
]


def open_record(folder: Path | None) -> Record:
    """The record of a dossier, or the Korean programme that ships."""
    from cenotaph.accounting.record import Record

    if folder is None:
        return Record.shipped_korea()
    from cenotaph.dossier.read import examine_dossier
    from cenotaph.errors import InvalidInput

    examination = examine_dossier(folder)
    if examination.dossier is None:
        for fault in examination.faults:
            typer.echo(str(fault), err=True)
        raise InvalidInput("the dossier has errors", found=str(folder))
    return Record.from_dossier(examination.dossier)


def when_asked(as_of: str, known_on: str) -> Asked:
    """The day of the question."""
    from cenotaph.accounting.timeline import asked

    return asked(as_of or datetime.date.today(), known_on or None)


def tell(value: object) -> None:
    """Prints an answer as JSON."""
    typer.echo(json_text.dumps(_plain(value), ensure_ascii=False, indent=2))


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def print_table(title: str, header: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    """Prints a table; numbers stand to the right."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    cells = [["" if cell is None else str(cell) for cell in line] for line in lines]
    for k, name in enumerate(header):
        numeric = any(line[k] for line in cells) and all(
            not line[k] or line[k].replace(",", "").replace(".", "").lstrip("-").isdigit() for line in cells
        )
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for line in cells:
        table.add_row(*line)
    Console().print(table)


@app.command()
def timeline(as_of: AsOf = "", known_on: KnownOn = "", dossier: Folder = None, json: Json = False) -> None:
    """Talks, handovers, ground and money in order of days, and what was missed or cancelled.

    Example: cenotaph account timeline --as-of 2018-09-07
    """
    from cenotaph.accounting.timeline import timeline as timeline_of

    moments = timeline_of(open_record(dossier), when_asked(as_of, known_on))
    if json:
        tell(moments)
        return
    print_table(
        "Timeline",
        ("date", "lane", "what", "status", "row"),
        ((m.when, m.lane, m.title, m.status if m.happened else f"NOT: {m.status}", m.row_id) for m in moments),
    )


@app.command()
def talks(as_of: AsOf = "", known_on: KnownOn = "", dossier: Folder = None, json: Json = False) -> None:
    """The state of talks on a day, as known that day.

    Example: cenotaph account talks --as-of 2018-09-07
    """
    from cenotaph.accounting.talks import prose, state_of_talks

    state = state_of_talks(open_record(dossier), when_asked(as_of, known_on))
    if json:
        tell(state)
        return
    for heading, words in prose(state):
        typer.echo(f"{heading}\n  {words}\n")


@app.command()
def commitments(
    as_of: AsOf = "",
    known_on: KnownOn = "",
    open_only: Annotated[bool, typer.Option("--open", help="Only those on which something is owed.")] = False,
    dossier: Folder = None,
    json: Json = False,
) -> None:
    """Promises: whose, due when, how late, what fulfilled them and how much of it.

    Example: cenotaph account commitments --open --as-of 2018-09-07
    """
    from cenotaph.accounting.commitments import commitments as commitments_of

    found = commitments_of(open_record(dossier), when_asked(as_of, known_on))
    found = tuple(one for one in found if one.is_open) if open_only else found
    if json:
        tell(found)
        return
    print_table(
        "Commitments",
        ("made", "by", "to", "what", "due", "status", "days late", "fulfilled by", "share"),
        (
            (
                one.made_on,
                one.made_by,
                one.made_to,
                one.text,
                one.due,
                one.status,
                one.days_late,
                " ".join(f.row_id for f in one.fulfilments),
                None if one.share is None else f"{one.share:.0%}",
            )
            for one in found
        ),
    )


@app.command()
def transfers(
    as_of: AsOf = "",
    known_on: KnownOn = "",
    dossier: Folder = None,
    result: Annotated[Path | None, typer.Option("--result", help="What cenotaph identify wrote.")] = None,
    transfer: Annotated[str, typer.Option("--transfer", help="The transfer that the bones came by.")] = "",
    json: Json = False,
) -> None:
    """Handovers: declared, received, assessed, identified on a day; with a result, what the bones show beside it.

    Example: cenotaph account transfers --dossier handover-2018 --result out --transfer TRF-31
    """
    from cenotaph.accounting.transfers import handovers

    if result is not None:
        _rolled_up(dossier, result, transfer, when_asked(as_of, known_on), json)
        return
    found = handovers(open_record(dossier), when_asked(as_of, known_on))
    if json:
        tell(found)
        return
    print_table(
        "Handovers",
        ("date", "row", "from", "to", "mechanism", "boxes", "claimed", "assessed", "own", "other", "counted in"),
        (
            (
                one.when,
                one.transfer_id,
                one.from_party,
                one.to_party,
                one.mechanism,
                one.containers,
                one.claimed,
                span(one.assessed_low, one.assessed_high),
                one.identified_own,
                one.identified_other,
                one.part_of or one.alternative_to,
            )
            for one in found
        ),
    )


def span(low: float | None, high: float | None) -> str:
    """A number or a range of two; empty for none."""
    if low is None or high is None:
        return ""
    return f"{low:,.0f}" if low == high else f"{low:,.0f}–{high:,.0f}"


def _rolled_up(folder: Path | None, result: Path, transfer: str, when: Asked, json: bool) -> None:
    import polars as pl

    from cenotaph.accounting.record import Record
    from cenotaph.accounting.transfers import handovers, roll_up
    from cenotaph.dossier.read import read_dossier
    from cenotaph.errors import InvalidInput

    if folder is None:
        raise InvalidInput("--result needs the dossier that was identified", found="no --dossier", valid="--dossier D")
    sheets = [result / "individuals.csv", result / "assignments.csv"]
    if not all(path.is_file() for path in (*sheets, result / "run.json")):
        raise InvalidInput("not a result", found=str(result), valid="a folder that cenotaph identify wrote")
    dossier = read_dossier(folder)
    recorded = Record.from_dossier(dossier) if dossier.table("transfers").height else Record.shipped_korea()
    named = {t for t in dossier.table("containers")["transfer_id"].to_list() if t}
    wanted = transfer or (next(iter(named)) if len(named) == 1 else "")
    ledger = {one.transfer_id: one for one in handovers(recorded, when)}
    if wanted not in ledger:
        raise InvalidInput(
            "which transfer?", found=wanted or "none", valid="--transfer and one of the record's transfers"
        )
    results = json_text.loads((result / "run.json").read_text(encoding="utf-8")).get("results", {})
    people = (
        (int(results["individuals_low"]), int(results["individuals_high"])) if "individuals_low" in results else None
    )
    tables = [pl.read_csv(path, infer_schema=False) for path in sheets]
    rolled = roll_up(ledger[wanted], dossier, *tables, people=people)
    if json:
        tell(rolled)
        return
    typer.echo(
        f"{wanted}: {rolled.containers} containers, {rolled.specimens} specimens, {rolled.groups} groups of bones: "
        f"{rolled.identified} identified, {rolled.shortlisted} on a shortlist, {rolled.unlisted} of nobody on the "
        f"roster, {rolled.unresolved} unresolved"
    )
    agreed = {True: "agree", False: "differ", None: "nothing to compare"}
    print_table(
        "The record and the bones",
        ("what", "on record", "in the dossier", ""),
        ((c.what, c.claimed, c.shown, agreed[c.agrees]) for c in rolled.comparisons),
    )


@app.command()
def missing(as_of: AsOf = "", known_on: KnownOn = "", dossier: Folder = None, json: Json = False) -> None:
    """The missing by incident, by service and by side of the 38th parallel, beside the published counts.

    Example: cenotaph account missing --as-of 2018-09-07
    """
    from cenotaph.accounting.missing import SERVICES
    from cenotaph.accounting.missing import missing as missing_of

    found = missing_of(open_record(dossier), when_asked(as_of, known_on))
    if json:
        tell(found)
        return
    print_table(
        f"Not recovered in the casualty file of {found.as_of[:4]}",
        ("incident", "from", "to", *SERVICES, "all", "P(north of 38)"),
        (
            (
                one.name,
                one.first,
                one.last,
                *(dict(one.by_service).get(s) for s in SERVICES),
                one.count,
                f"{one.p_north:.2f}",
            )
            for one in found.incidents
        ),
    )
    for series, value, on in found.published:
        typer.echo(f"{series}: {value:,.0f} on {on}")
    for change in found.changes:
        typer.echo(
            f"{change.series}: {change.before:,.0f} on {change.before_on}, {change.after:,.0f} on {change.after_on}"
        )
    if found.references_percent:
        on, share = found.references_percent[-1]
        typer.echo(f"family references: {share:.0f} % of the missing on {on}")
    for words in found.explanation:
        typer.echo(words)


@app.command()
def cost(as_of: AsOf = "", known_on: KnownOn = "", dossier: Folder = None, json: Json = False) -> None:
    """What a set and a name have cost, by mechanism; money that overlaps is never added.

    Example: cenotaph account cost --as-of 2018-09-07
    """
    from cenotaph.accounting.cost import costs, total_paid

    found = costs(open_record(dossier), when_asked(as_of, known_on))
    if json:
        tell(found)
        return
    print_table(
        "Money",
        ("date", "row", "kind", "status", "USD", "sets", "USD a set", "USD a name", "counted"),
        (
            (
                one.on,
                one.payment_id,
                one.kind,
                one.status,
                span(one.usd_low, one.usd_high),
                one.sets,
                span(*(one.per_set or (None, None))),
                span(*(one.per_name or (None, None))),
                "yes" if one.counted else "no",
            )
            for one in found
        ),
    )
    typer.echo(f"Paid, nothing counted twice: {span(*total_paid(found))} USD")


@app.command()
def figures(
    series: Annotated[str, typer.Argument(help="Series of figures, as unaccounted_total.", show_default=False)],
    as_of: AsOf = "",
    known_on: KnownOn = "",
    dossier: Folder = None,
    json: Json = False,
) -> None:
    """The figure of a series that was true on a day, as known on a day, with the runner-up.

    Example: cenotaph account figures unaccounted_total --as-of 2018-09-07 --known-on 2018-09-07
    """
    from cenotaph.accounting.figures import figure

    when = when_asked(as_of, known_on)
    found = figure(open_record(dossier), series, when.as_of, when.known_on)
    if json:
        tell(found)
        return
    for key, value in _plain(found).items():
        typer.echo(f"{key}: {value}")


@app.command()
def conflicts(as_of: AsOf = "", known_on: KnownOn = "", dossier: Folder = None, json: Json = False) -> None:
    """Where claims of the record disagree.

    Example: cenotaph account conflicts --as-of 2018-09-07
    """
    from cenotaph.accounting.claims import conflicts as conflicts_of

    when = when_asked(as_of, known_on)
    found = conflicts_of(open_record(dossier), when.as_of, when.known_on)
    if json:
        tell(found)
        return
    for one in found:
        typer.echo(str(one))


@app.command("check-claim")
def check_claim(
    claim: Annotated[str, typer.Argument(help="The claim, in quotation marks.", show_default=False)],
    as_of: AsOf = "",
    known_on: KnownOn = "",
    dossier: Folder = None,
    json: Json = False,
) -> None:
    """Whether a comparative claim (first, none since, largest) holds on the record.

    Example: cenotaph account check-claim "first direct talks since 16 July 2018" --as-of 2018-09-07
    """
    from cenotaph.accounting.comparative import check_claim as check

    found = check(open_record(dossier), claim, when_asked(as_of, known_on))
    if json:
        tell(found)
        return
    typer.echo(f"{found.verdict}: {found.reason}\n  read as: {found.reading}")
    for row_id, on, title in found.evidence:
        typer.echo(f"  {on}  {row_id}  {title}")


@app.command()
def publish(
    out: Annotated[Path, typer.Argument(help="Folder to write the site to.", show_default=False)],
    as_of: AsOf = "",
    known_on: KnownOn = "",
    dossier: Folder = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is in the folder.")] = False,
) -> None:
    """A static site of the record: no server, no outside request.

    Example: cenotaph account publish site --as-of 2018-09-07
    """
    from cenotaph.dossier.write import new_folder
    from cenotaph.reports.site.pages import write_site

    record, when = open_record(dossier), when_asked(as_of, known_on)
    with new_folder(out, replace=force) as folder:
        count = write_site(record, when, folder)
    typer.echo(f"{count} pages in {out}; open {out / 'index.html'}")


app.command()(read)
