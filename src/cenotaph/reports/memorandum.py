"""An identification memorandum on paper: the same slots as PDF and as a Word file.

What is written goes into both as data, never as markup: a name with a hash sign in it stays a name.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources

from cenotaph.reports import style

NOTHING = "Nothing recorded."
"""What a slot says that has no content: a reader must not wonder whether it was forgotten."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text.

    Args:
        header: words above the columns.
        rows: cells, one for each column.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of the memorandum that must be there, filled or not.

    Args:
        heading: what it is.
        paragraphs: text.
        table: a table below the text.
    """

    heading: str
    paragraphs: tuple[str, ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Memorandum:
    """A memorandum.

    Args:
        title, subtitle: at its head.
        facts: short facts as pairs of name and value.
        slots: the parts in their order.
        signatures: what was signed: step, name, day and what it says.
        foot: printed on every page, such as the root of the ledger.
        issued: when it was made (UTC); the file says so.
    """

    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    slots: tuple[Slot, ...]
    signatures: tuple[tuple[str, str, str, str], ...]
    foot: str
    issued: datetime


def to_pdf(memo: Memorandum) -> bytes:
    """The memorandum as a PDF file."""
    import typst

    template = (resources.files("cenotaph.reports") / "templates" / "memorandum.typ").read_bytes()
    colours = style.PRINT
    content = {
        "title": memo.title,
        "subtitle": memo.subtitle,
        "facts": memo.facts,
        "slots": [_slot(slot) for slot in memo.slots],
        "signatures": memo.signatures,
        "foot": memo.foot,
        "ink": colours["ink"],
        "soft": colours["soft"],
        "line": colours["line"],
    }
    return bytes(
        typst.compile(template, sys_inputs={"memo": json.dumps(content)}, timestamp=int(memo.issued.timestamp()))
    )


def _slot(slot: Slot) -> dict[str, object]:
    table = {"header": slot.table.header, "rows": slot.table.rows} if slot.table and slot.table.rows else None
    return {"heading": slot.heading, "paragraphs": _paragraphs(slot), "table": table}


def _paragraphs(slot: Slot) -> Sequence[str]:
    is_empty = not slot.paragraphs and (slot.table is None or not slot.table.rows)
    return [NOTHING] if is_empty else [_printable(text) for text in slot.paragraphs]


def _printable(text: str) -> str:
    """Text without control characters, which a Word file cannot hold."""
    return "".join(c for c in text if c.isprintable() or c == "\n")


def to_docx(memo: Memorandum) -> bytes:
    """The memorandum as a Word file."""
    from docx import Document
    from docx.shared import Pt

    document = Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Georgia", Pt(10.5)
    core = document.core_properties
    core.title, core.author, core.comments = _printable(memo.title), "", _printable(memo.foot)
    core.created = core.modified = memo.issued
    document.add_heading(_printable(memo.title), 0)
    document.add_paragraph(_printable(memo.subtitle))
    _docx_table(document, Table((), memo.facts))
    for slot in memo.slots:
        document.add_heading(_printable(slot.heading), 2)
        for text in _paragraphs(slot):
            document.add_paragraph(text)
        if slot.table and slot.table.rows:
            _docx_table(document, slot.table)
    document.add_heading("Signatures", 2)
    _docx_table(document, Table(("Step", "Who", "When", "What"), memo.signatures))
    document.sections[0].footer.paragraphs[0].text = _printable(memo.foot)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _docx_table(document: object, table: Table) -> None:
    rows = [*([table.header] if table.header else []), *table.rows]
    if not rows:
        return
    made = document.add_table(rows=0, cols=len(rows[0]))  # type: ignore[attr-defined]
    made.style = "Table Grid"
    for number, cells in enumerate(rows):
        for cell, text in zip(made.add_row().cells, cells, strict=True):
            cell.text = _printable(text)
            if table.header and number == 0:
                cell.paragraphs[0].runs[0].bold = True
