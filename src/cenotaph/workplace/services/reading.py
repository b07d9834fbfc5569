"""The reading desk: a press report, what was read in it, and what a person says to each proposal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from cenotaph.dossier.tables import TABLES
from cenotaph.errors import InvalidInput
from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import Report, model_of
from cenotaph.workplace.services.intake import Columns, take_in
from cenotaph.workplace.services.records import Unsound

if TYPE_CHECKING:
    from cenotaph.accounting.reading import Reading

OPEN, ENTERED = "open", "entered"
LONGEST_REPORT = 200_000
RELIABILITY = "ABCDEF"
Choice = str | Mapping[str, str]


def start(viewer: Viewer, source_id: str, title: str, published_on: str, reliability: str, url: str, text: str) -> int:
    """Puts a report on the desk; returns its ``id``.

    Raises:
        Refused: the viewer may not.
        Unsound: something that a source needs is missing.
    """
    viewer.require("add", "reports")
    problems = {}
    taken = Report.objects.filter(source_id=source_id).exists()
    if not source_id.strip() or taken or model_of("sources").objects.filter(source_id=source_id).exists():
        problems["source_id"] = "a new identifier of the source"
    if not title.strip():
        problems["title"] = "the title of the report"
    if reliability not in RELIABILITY or len(reliability) != 1:
        problems["reliability"] = "a letter from A to F"
    if url and not url.startswith(("https://", "http://")):
        problems["url"] = "an address that begins with https://"
    if not text.strip() or len(text) > LONGEST_REPORT:
        problems["text"] = f"the text of the report, {LONGEST_REPORT:,} letters at most"
    try:
        date.fromisoformat(published_on)
    except ValueError:
        problems["published_on"] = "a day, as 2018-09-07"
    if problems:
        raise Unsound(problems)
    with acting(viewer.name, "report to read"):
        row = Report.objects.create(
            source_id=source_id.strip(),
            title=title.strip(),
            published_on=published_on,
            reliability=reliability,
            url=url or None,
            text=text.replace("\r\n", "\n"),
        )
    return int(row.pk)


def reading_of(report: Any) -> Reading:
    """What the reader found; the same text gives the same proposals."""
    from cenotaph.accounting.reading import read_report

    return read_report(report.text, date.fromisoformat(report.published_on))


def choices_of(report: Any) -> dict[str, Choice]:
    """What was said to each proposal so far."""
    return dict(json.loads(report.choices))


def choose(viewer: Viewer, report: Any, choices: Mapping[str, Choice]) -> None:
    """Keeps what a person says to proposals: accept, refuse, or changed columns.

    Raises:
        Refused: the viewer may not, or the report was entered.
        InvalidInput: there is no such proposal or column.
    """
    viewer.require("change", "reports", ["choices"])
    _require_open(report)
    _accepted(report, choices)
    with acting(viewer.name, "choices at the reading desk"):
        report.choices = json.dumps(dict(choices), ensure_ascii=False, sort_keys=True)
        report.save()


def enter(viewer: Viewer, report: Any) -> int:
    """Enters what was accepted into the record, with a claim of the source for each statement; all or nothing.

    Returns:
        the number of rows.

    Raises:
        Refused: the viewer may not, or nothing was accepted.
        InvalidInput: the record would have errors.
    """
    viewer.require("change", "reports", ["state"])
    _require_open(report)
    tables = _accepted(report, choices_of(report))
    if set(tables) <= {"sources"}:
        raise Refused("nothing was accepted yet")
    with acting(viewer.name, f"report {report.source_id}"):
        taken = take_in(
            viewer, {name: _columns(name, rows) for name, rows in tables.items()}, f"report {report.source_id}"
        )
        report.state = ENTERED
        report.save()
    return taken.rows


def _accepted(report: Any, choices: Mapping[str, Choice]) -> dict[str, list[dict[str, Any]]]:
    from cenotaph.accounting.reading import accept

    source = {
        "source_id": report.source_id,
        "title": report.title,
        "kind": "news",
        "url": report.url or "",
        "published_on": report.published_on,
        "reliability": report.reliability,
    }
    return accept(reading_of(report).proposals, choices, source)


def _columns(name: str, rows: list[dict[str, Any]]) -> Columns:
    names = tuple(c for c in TABLES[name].by_name if any(c in row for row in rows))
    return Columns(names, tuple(tuple(cell(row.get(c)) for c in names) for row in rows))


def cell(value: Any) -> str:
    """A value as the cell of a table.

    >>> cell(None), cell(55.0), cell(["talks", "visit"]), cell("x")
    ('', '55', 'talks visit', 'x')
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, (list, tuple)):
        return " ".join(cell(v) for v in value)
    return str(value)


def _require_open(report: Any) -> None:
    if report.state != OPEN:
        raise Refused("this report was entered already")


def find(viewer: Viewer, id_: int) -> Any:
    """A report on the desk.

    Raises:
        Refused: there is none that the viewer may see.
    """
    viewer.require("see", "reports")
    row = Report.objects.filter(pk=id_).first()
    if row is None:
        raise Refused("no such report")
    return row


def edited(report: Any, answers: Mapping[str, str], cells: Mapping[str, Mapping[str, str]]) -> dict[str, Choice]:
    """Choices from a form: an accepted proposal whose cells were typed over becomes its changed columns.

    Args:
        report: what is read.
        answers: ``accept`` or ``refuse`` by proposal.
        cells: the cells as sent, by proposal and column.

    Raises:
        InvalidInput: an answer to no proposal.
    """
    proposals = {p.proposal_id: p for p in reading_of(report).proposals}
    found: dict[str, Choice] = {}
    for number, answer in answers.items():
        if number not in proposals:
            raise InvalidInput("a choice for no proposal", found=number[:50], valid="a proposal of this report")
        if answer not in {"accept", "refuse"}:
            continue
        shown = {name: cell(value) for _, row in proposals[number].rows for name, value in row.items()}
        sent = cells.get(number, {})
        changed = {name: sent[name].strip() for name in shown if name in sent and sent[name].strip() != shown[name]}
        found[number] = changed if answer == "accept" and changed else answer
    return found
