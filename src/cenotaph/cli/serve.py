"""``cenotaph serve``: the casework application."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cenotaph.cli.record import Database


def serve(
    database: Database = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port to listen on.")] = 8000,
    https: Annotated[bool, typer.Option("--https", help="A proxy in front speaks TLS.")] = False,
    certificate: Annotated[Path | None, typer.Option("--certificate", help="PEM file, to speak TLS itself.")] = None,
    private_key: Annotated[Path | None, typer.Option("--private-key", help="PEM file of its key.")] = None,
    name: Annotated[list[str] | None, typer.Option("--name", help="A further host name (may be repeated).")] = None,
) -> None:
    """Start the workplace: the pages, and the worker that runs identifications.

    The database is made where it is absent. Where nobody works there yet, the address at which the first administrator
    is set up is printed; it holds a word that is good for this start only.

    Example: cenotaph serve --port 8000
    """
    from cenotaph.workplace.database import open_database

    place = open_database(database)
    from cenotaph.workplace.server import serve as start

    start(
        place,
        host,
        port,
        https=https,
        certificate=certificate,
        private_key=private_key,
        names=tuple(name or ()),
    )
