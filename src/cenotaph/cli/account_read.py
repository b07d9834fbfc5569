"""``cenotaph account read``: what a press report proposes to the record."""

from __future__ import annotations

import datetime
import json as json_text
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from cenotaph.accounting.reading import Proposal

_LINES = {
    "engagement": "{kind} {level} ({status}) {from_date}/{to_date} {place} [{parties}] {note}",
    "itinerary": "{engagement}: {places}",
    "movement": "{engagement}: to {to_place} {on_date}",
    "person": "{rank} {name}, {office} [{party}] {appointed}",
    "participant": "{engagement}: {name}",
    "topic": "{engagement}: {topic}",
    "figure": "{text} → {series} {value} ({hedge}; {low}–{high}) {unit}",
    "commitment": "{kind} by {made_by}: {text} {due}",
    "comparative": "{text}",
    "place": "{name}, {country} ({latitude}, {longitude} ± {radius_km} km; {role})",
    "date": "{text} → {edtf}",
    "voice": "{attributed_to} ({attribution}) {via}",
    "conflict": "{between}: {why}",
}


def read(
    file: Annotated[Path, typer.Argument(help="Press text, UTF-8; a line is a paragraph.", show_default=False)],
    published: Annotated[str, typer.Option("--published", help="Day of publication, YYYY-MM-DD.", show_default=False)],
    dossier: Annotated[
        Path | None, typer.Option("--dossier", help="Record to compare with; the Korean programme where none is given.")
    ] = None,
    accept: Annotated[
        Path | None,
        typer.Option(
            "--accept", help="JSON of choices: proposal id → accept, refuse, or changed columns.", show_default=False
        ),
    ] = None,
    source: Annotated[str, typer.Option("--source", help="Source id under which accepted rows enter.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Propose engagements, people, figures, claims and dates from a press report, each tied to its sentence.

    Nothing enters the record by itself: a person accepts, changes or refuses. With --accept and --source the rows that
    the accepted proposals become are printed, as claims of that source.

    Example: cenotaph account read report.txt --published 2018-09-07
    """
    from cenotaph.accounting.reading import accept as accepted
    from cenotaph.accounting.reading import conflicts_with_record, read_report

    text, day = _text_of(file), _day(published)
    reading = read_report(text, day)
    proposals = [*reading.proposals, *conflicts_with_record(reading, _transfers(dossier))]
    if accept is not None:
        origin = {"source_id": source, "title": file.name, "kind": "news", "published_on": published}
        rows = accepted(proposals, _choices(accept), origin)
        typer.echo(json_text.dumps(rows, ensure_ascii=False, indent=2))
    elif json:
        document = {"file": file.name, "published": published, "proposals": [asdict(p) for p in proposals]}
        typer.echo(json_text.dumps(document, ensure_ascii=False, indent=2))
    else:
        for line in _lines(proposals):
            typer.echo(line)


def _text_of(file: Path) -> str:
    from cenotaph.errors import InvalidInput

    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("the report cannot be read", found=str(error), valid="a UTF-8 text file") from error


def _day(published: str) -> datetime.date:
    from cenotaph.errors import InvalidInput

    try:
        return datetime.date.fromisoformat(published)
    except ValueError as error:
        raise InvalidInput(
            "not a day of publication", found=published, valid="YYYY-MM-DD", where="--published"
        ) from error


def _choices(file: Path) -> dict[str, Any]:
    from cenotaph.errors import InvalidInput

    try:
        found = json_text.loads(_text_of(file))
    except json_text.JSONDecodeError as error:
        raise InvalidInput("the choices are not JSON", found=str(error), valid="an object", where=file.name) from error
    if not isinstance(found, dict):
        raise InvalidInput("the choices are not an object", found=type(found).__name__, valid="proposal id → choice")
    return found


def _transfers(dossier: Path | None) -> list[dict[str, str]]:
    """Transfers of the record the report is compared with."""
    from cenotaph.cli.account import open_record

    return [dict(row) for row in open_record(dossier).rows("transfers")]


def _lines(proposals: list[Proposal]) -> Iterable[str]:
    """One line per proposal, kind by kind, with its voice, its sentence and its doubt."""
    from cenotaph.accounting.reading import KINDS

    voices = {p.proposal_id: p.value["attributed_to"] for p in proposals if p.kind == "voice"}
    for kind in KINDS:
        of_kind = [p for p in proposals if p.kind == kind]
        if of_kind:
            yield f"{kind} ({len(of_kind)})"
        for proposal in of_kind:
            told = {name: _shown(value) for name, value in proposal.value.items()}
            said = " ".join(_LINES[kind].format(**told).split()).replace(", [", " [")
            voice = f" — says {voices[proposal.voice]}" if proposal.voice and kind != "voice" else ""
            doubt = f" (doubt: {proposal.doubt})" if proposal.doubt else ""
            yield f"  {proposal.proposal_id:<6}{said}{voice}{doubt}"
            yield f"        sentence {proposal.sentence}, characters {proposal.start}–{proposal.end}"


def _shown(value: object) -> str:
    """A value of a proposal in print; an open bound is an ellipsis."""
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, float):
        return f"{value:.10g}"
    return "…" if value is None else str(value)
