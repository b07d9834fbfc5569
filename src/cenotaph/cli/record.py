"""``cenotaph load``, ``export``, ``verify``, ``backup``, ``restore``: the record in its database, without a browser."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated

import typer

from cenotaph.cli import progress

Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar="DATABASE_URL",
        help="sqlite:///PATH or postgresql://USER@HOST/NAME; by default a file in the data folder.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; entered in the ledger.")]


def load(
    dossier: Annotated[Path, typer.Argument(help="Folder of the dossier.", show_default=False)],
    database: Database = None,
    reason: Reason = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be added; change nothing.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Add a dossier to the record, all of it or nothing. The database is made where it is absent.

    The dossier is checked first; nothing is added when it has errors. Rows that the record has already are not added
    again. Names, contacts and alleles are stored encrypted; every row is entered in the ledger.

    Example: cenotaph load handover-2018
    """
    from cenotaph.errors import InvalidInput
    from cenotaph.workplace.database import open_database, plain_errors

    open_database(database)
    from cenotaph.workplace.ledger.context import COMMAND_LINE
    from cenotaph.workplace.services.load import apply_load, plan_load

    with progress.shown(quiet) as show:
        show("check", 0, 1)
        plan = plan_load(dossier)
        if not plan.is_possible:
            for fault in plan.faults:
                typer.echo(str(fault), err=True)
            raise InvalidInput("the dossier has errors; nothing was added", found=str(dossier))
        with plain_errors():
            added = 0 if dry_run else apply_load(plan, COMMAND_LINE, reason or f"load {dossier.name}", show)
    new = {name: frame.height for name, frame in plan.new.items() if frame.height}
    if json:
        document = {"added": added, "new": new, "there": plan.there, "dry_run": dry_run}
        typer.echo(json_text.dumps(document, ensure_ascii=False, indent=2))
        return
    words = "would be added" if dry_run else "added"
    typer.echo(f"{sum(new.values())} rows {words}, {sum(plan.there.values())} were there already")


def export(
    out: Annotated[Path, typer.Argument(help="Folder for the dossier; empty or absent.", show_default=False)],
    database: Database = None,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Write the record as a dossier, cell for cell as it was loaded. An export is entered in the ledger.

    Example: cenotaph export handover-2018-out
    """
    from cenotaph.workplace.database import open_database, plain_errors

    open_database(database)
    from cenotaph.workplace.ledger.context import COMMAND_LINE
    from cenotaph.workplace.services.export import export_record

    with plain_errors():
        rows = export_record(out, COMMAND_LINE, reason or f"export {out.name}")
    typer.echo(json_text.dumps({"rows": rows, "out": str(out)}, ensure_ascii=False) if json else f"{rows} rows: {out}")


def verify(
    database: Database = None,
    root: Annotated[str | None, typer.Option("--root", help="Digest of an entry, as printed on a report.")] = None,
    count: Annotated[int | None, typer.Option("--count", help="Number of that entry.")] = None,
    write: Annotated[Path | None, typer.Option("--write", help="Write the ledger as JSON lines.")] = None,
    json: Json = False,
) -> None:
    """Walk the ledger, compare it with the record, and name the first bad entry or row. Exit status 1 if there is one.

    Example: cenotaph verify --root 0fc639… --count 215838
    """
    from cenotaph.errors import InvalidInput
    from cenotaph.workplace.database import open_database, plain_errors

    open_database(database, altered=True)
    from cenotaph.workplace.ledger import verify as ledger

    with plain_errors():
        found = ledger.verify(root=root, count=count)
    if write is not None:
        try:
            ledger.write_ledger(write)
        except OSError as error:
            raise InvalidInput("the file cannot be written", found=str(write), valid="a new file") from error
    if json:
        document = {"count": found.count, "head": found.head, "faults": list(found.faults)}
        typer.echo(json_text.dumps(document, ensure_ascii=False, indent=2))
    elif found.faults:
        for fault in found.faults[:20]:
            typer.echo(f"BAD {fault}")
        if len(found.faults) > 20:
            typer.echo(f"… and {len(found.faults) - 20} more")
    else:
        typer.echo(f"{found.count} entries, head {found.head}")
    if found.faults:
        raise typer.Exit(1)


def backup(
    out: Annotated[Path, typer.Argument(help="File for the backup; a new one.", show_default=False)],
    database: Database = None,
    json: Json = False,
) -> None:
    """Write the whole record to one file. Names and alleles stay encrypted in it.

    A copy of the key is written beside it as OUT.key: keep the two apart. One without the other tells nothing.

    Example: cenotaph backup monday.cenotaph
    """
    from cenotaph.workplace.database import open_database, plain_errors

    open_database(database)
    from cenotaph.workplace.services.backup import back_up, key_beside

    with plain_errors():
        proof = back_up(out)
    if json:
        typer.echo(json_text.dumps(_proof(proof), indent=2))
        return
    typer.echo(f"{sum(proof.rows.values())} rows, ledger {proof.ledger_count} entries, head {proof.ledger_head}")
    typer.echo(f"The key is in {key_beside(out)}: keep it elsewhere than {out}.")


def restore(
    backup: Annotated[Path, typer.Argument(help="A file made by `cenotaph backup`.", show_default=False)],
    database: Database = None,
    key: Annotated[Path | None, typer.Option("--key", help="The key file; by default the one beside.")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make the record of a backup anew in an absent or empty database, and prove that nothing changed.

    Example: cenotaph restore monday.cenotaph --database sqlite:///new.sqlite3
    """
    from cenotaph.workplace.database import connect, plain_errors
    from cenotaph.workplace.place import place_of

    connect(place_of(database))
    from cenotaph.workplace.services.backup import restore as restore_backup

    with progress.shown(quiet) as show, plain_errors():
        proof = restore_backup(backup, database, key=key, progress=show)
    if json:
        typer.echo(json_text.dumps(_proof(proof), indent=2))
        return
    typer.echo(
        f"{sum(proof.rows.values())} rows in {len(proof.tables)} tables, every digest as in the backup; "
        f"ledger {proof.ledger_count} entries, head {proof.ledger_head}"
    )


def _proof(proof: object) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(proof)  # type: ignore[call-overload, no-any-return]
