"""The record: the accounting tables of a dossier, or of the Korean programme that ships."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from cenotaph.dossier.accounting_tables import ACCOUNTING_TABLES
from cenotaph.dossier.dates import parse_date
from cenotaph.dossier.read import Dossier, read_dossier
from cenotaph.dossier.tables import TABLES
from cenotaph.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

Row = Mapping[str, str]
"""A row as text by column; an empty text is not recorded."""

ALWAYS = date.max
"""A day by which everything is known."""


@dataclass(frozen=True, slots=True)
class Source:
    """What was read. *reliability* is its Admiralty grade, A to F."""

    source_id: str
    title: str
    kind: str
    published_on: str
    reliability: str
    url: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement by one source about one field of one row; see the table ``claims``.

    Args:
        low, high: bounds that the words allow, None where they give none.
        credibility: 1 to 6; 6 (cannot be judged) where it is not recorded.
        chain: who reported whom, from the voice outward.
    """

    claim_id: str
    source_id: str
    attribution: str
    attributed_to: str
    chain: tuple[str, ...]
    table: str
    row_id: str
    field: str
    value: str
    low: float | None
    high: float | None
    as_of: str
    stated_on: str
    credibility: int
    note: str

    def is_known(self, known_on: date) -> bool:
        """Whether it was surely said by *known_on*; a claim without a date always was."""
        return not self.stated_on or last_day(self.stated_on) <= known_on


@dataclass(frozen=True)
class Record:
    """The accounting tables of a dossier.

    >>> record = Record.shipped_korea()
    >>> len(record.rows("engagements")), record.row("transfers", "TRF-31")["containers"]
    (62, '55')
    """

    dossier: Dossier
    _rows: dict[str, tuple[Row, ...]] = field(default_factory=dict, repr=False, compare=False)
    _cells: dict[tuple[str, str], list[tuple[str, ...]]] = field(default_factory=dict, repr=False, compare=False)
    _claims: dict[tuple[str, str], tuple[Claim, ...]] = field(default_factory=dict, repr=False, compare=False)
    _by_id: dict[str, dict[str, Row]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_dossier(cls, dossier: Dossier) -> Record:
        """The record of *dossier*; tables that it lacks are without rows."""
        return cls(dossier)

    @classmethod
    def shipped_korea(cls) -> Record:
        """The Korean programme, 1953 to 2025."""
        return _shipped("korea")

    def table(self, name: str) -> pl.DataFrame:
        """A table, typed, to compute with."""
        return self.dossier.table(name)

    def rows(self, name: str) -> tuple[Row, ...]:
        """Rows of a table as text with every column of the registry, in the order of the file."""
        if name not in self._rows:
            self._rows[name] = _text_rows(self.dossier, name)
        return self._rows[name]

    def row(self, name: str, row_id: str) -> Row:
        """The row of a table by its key.

        Raises:
            InvalidInput: no such row.
        """
        if name not in self._by_id:
            key = TABLES[name].key[0]
            self._by_id[name] = {row[key]: row for row in self.rows(name)}
        if row_id not in self._by_id[name]:
            raise InvalidInput(f"no such row in {name}", found=row_id, valid=f"a {TABLES[name].key[0]}")
        return self._by_id[name][row_id]

    def find(self, row_id: str) -> tuple[str, Row] | None:
        """Table and row of an identifier, whichever table of the wing it stands in."""
        for table in ACCOUNTING_TABLES:
            if table.key and table.name != "series":
                self.rows(table.name)
                try:
                    return table.name, self.row(table.name, row_id)
                except InvalidInput:
                    continue
        return None

    def source(self, source_id: str) -> Source:
        """A source by its identifier."""
        row = self.row("sources", source_id)
        return Source(source_id, row["title"], row["kind"], row["published_on"], row["reliability"] or "F", row["url"])

    def claims(self, table: str, row_id: str) -> tuple[Claim, ...]:
        """Every claim about a row, in the order of the file."""
        key = (table, row_id)
        if key not in self._claims:
            self._claims[key] = tuple(_claim(cells) for cells in self._claim_cells().get(key, ()))
        return self._claims[key]

    def _claim_cells(self) -> Mapping[tuple[str, str], Sequence[tuple[str, ...]]]:
        """Cells of the claims by the row that they are about; they become records when they are asked for."""
        if not self._cells:
            table = self.table("claims").select(_CLAIM_COLUMNS)
            for cells in table.cast(dict.fromkeys(table.columns, str)).fill_null("").iter_rows():
                self._cells.setdefault((cells[_TABLE], cells[_ROW]), []).append(cells)
        return self._cells

    def claimed_rows(self) -> tuple[tuple[str, str], ...]:
        """Table and identifier of every row that a claim is about."""
        return tuple(self._claim_cells())


_CLAIM_COLUMNS = (
    "claim_id", "source_id", "attribution", "attributed_to", "via", "subject_table", "subject_id", "field", "value",
    "value_low", "value_high", "as_of", "stated_on", "credibility", "note",
)  # fmt: skip
_TABLE, _ROW = _CLAIM_COLUMNS.index("subject_table"), _CLAIM_COLUMNS.index("subject_id")


def _claim(cells: tuple[str, ...]) -> Claim:
    claim_id, source_id, attribution, attributed_to, via, table, row_id, name, value, *rest = cells
    low, high, as_of, stated_on, credibility, note = rest
    chain = tuple(part.strip() for part in via.split(">") if part.strip())
    return Claim(
        claim_id, source_id, attribution, attributed_to, chain, table, row_id, name, value, number(low), number(high),
        as_of, stated_on, int(credibility or 6), note,
    )  # fmt: skip


def _text_rows(dossier: Dossier, name: str) -> tuple[Row, ...]:
    text = dossier.texts.get(name)
    if text is None:
        return ()
    empty = {column.name: column.default or "" for column in TABLES[name].columns}
    return tuple({**empty, **{k: v for k, v in row.items() if v is not None}} for row in text.iter_rows(named=True))


@cache
def _shipped(folder: str) -> Record:
    with resources.as_file(resources.files("cenotaph.data").joinpath(folder)) as path:
        dossier = read_dossier(path)
    return Record.from_dossier(dossier)


def number(text: str) -> float | None:
    """A recorded number; None for an empty cell or a text that is no number."""
    try:
        return float(text)
    except ValueError:
        return None


@lru_cache(maxsize=65536)
def days(text: str) -> tuple[date, date]:
    """First and last day that a recorded date may mean; an open or empty end is the first or last of all days.

    >>> days("1954-10")
    (datetime.date(1954, 10, 1), datetime.date(1954, 10, 31))
    """
    if not text:
        return date.min, date.max
    span = parse_date(text)
    return span.earliest or date.min, span.latest or date.max


def last_day(text: str) -> date:
    """Last day that a recorded date may mean: by then it surely was."""
    return days(text)[1]
