"""Bitemporal figures: what was true on a day, as known on a day; derived figures recompute from their arithmetic."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from cenotaph.accounting.record import ALWAYS, Record, days, last_day, number
from cenotaph.dossier.vocabulary import nearest
from cenotaph.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

_KINDS = ("official", "interview", "academic", "reference", "news")
"""Kinds of sources, best first, where two figures of one series hold for one day."""


@dataclass(frozen=True, slots=True)
class Point:
    """One figure as it was published.

    Args:
        low, high: bounds where the words give them (more than, nearly), else None.
        as_of: when it was true; known_from: when the source said so.
    """

    figure_id: str
    value: float | None
    low: float | None
    high: float | None
    as_of: str
    known_from: str
    source: str
    reliability: str
    alternative_to: str


@dataclass(frozen=True, slots=True)
class Figure:
    """The answer to "what was the figure?".

    Args:
        series, definition, unit: what is counted.
        value, low, high: the number and its bounds.
        as_of: when it was true; known_from: since when it was known.
        point: the published figure, None for a derived one.
        runner_up: the next figure by the rule that gives another value, None where there is none.
        arithmetic, inputs: of a derived figure: how it follows, and from what.
        recomputed: what the arithmetic of a published figure gives, None where it has none.
    """

    series: str
    definition: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    as_of: str
    known_from: str
    point: Point | None
    runner_up: Point | None
    arithmetic: str
    inputs: tuple[tuple[str, float], ...]
    recomputed: float | None


def series_names(record: Record) -> tuple[str, ...]:
    """Every series that has a figure or an arithmetic."""
    stated = record.table("figures")["series"].drop_nulls().unique(maintain_order=True).to_list()
    derived = [row["series"] for row in record.rows("series") if row["arithmetic"]]
    return tuple(dict.fromkeys([*stated, *derived]))


def points(record: Record, series: str, as_of: date = ALWAYS, known_on: date = ALWAYS) -> tuple[Point, ...]:
    """Published figures of a series that were true by *as_of* and known by *known_on*, oldest first.

    Of a date known to the month only its last day counts: before, it was not surely so.
    """
    return tuple(_point(record, row) for row in _known(record, series, as_of, known_on).iter_rows(named=True))


def _known(record: Record, series: str, as_of: date, known_on: date) -> pl.DataFrame:
    """Rows of a series by the days asked, with ``true_by`` and ``known_by`` as ordinals, in that order."""
    import polars as pl

    frame = record.table("figures")
    frame = frame.filter(pl.col("series") == series)
    known_from = frame["known_from"].fill_null(frame["as_of"])
    frame = frame.with_columns(_ordinals(frame["as_of"]).alias("true_by"), _ordinals(known_from).alias("known_by"))
    asked = (pl.col("true_by") <= as_of.toordinal()) & (pl.col("known_by") <= known_on.toordinal())
    return frame.filter(asked).sort("true_by", "known_by", maintain_order=True)


def _ordinals(cells: pl.Series) -> pl.Series:
    """Ordinal of the last day that each date may mean; every distinct text is read once."""
    import polars as pl

    texts = cells.unique().drop_nulls().to_list()
    ordinals = [last_day(text).toordinal() for text in texts]
    return cells.replace_strict(texts, ordinals, return_dtype=pl.Int64).cast(pl.Int64)


def _point(record: Record, row: Mapping[str, object]) -> Point:
    source = record.source(str(row["source_id"])) if row["source_id"] else None
    return Point(
        str(row["figure_id"]),
        _float(row["value"]),
        _float(row["low"]),
        _float(row["high"]),
        str(row["as_of"]),
        str(row["known_from"] or row["as_of"]),
        source.title if source else "",
        source.reliability if source else "F",
        str(row["alternative_to"] or ""),
    )


def _float(value: object) -> float | None:
    return value if isinstance(value, float) else None


def figure(record: Record, series: str, as_of: date = ALWAYS, known_on: date = ALWAYS) -> Figure:
    """The figure of a series that was true on a day, as known on a day.

    The latest true figure that is no alternative to another known one; of two for one day the better source (official
    first, then by reliability), then the later known. A series without figures of its own is computed from its
    arithmetic.

    Args:
        series: name of the series.
        as_of: the day that is asked about.
        known_on: nothing that was published later is used.

    Raises:
        InvalidInput: no such series; nothing of it was known then.

    >>> found = figure(Record.shipped_korea(), "unaccounted_total", date(2018, 9, 7), date(2018, 9, 7))
    >>> found.value, found.as_of, found.runner_up.value
    (7699.0, '2018-06-18', 7700.0)
    """
    import polars as pl

    about = {row["series"]: row for row in record.rows("series")}
    if series not in about and series not in series_names(record):
        guess = nearest(series, series_names(record))
        raise InvalidInput(
            "no such series", found=series, valid=f"{guess}?" if guess else " ".join(series_names(record))
        )
    arithmetic = about[series]["arithmetic"] if series in about else ""
    definition = about[series]["definition"] if series in about else ""
    known = _known(record, series, as_of, known_on)
    if known.is_empty():
        if arithmetic:
            return _derived(record, series, definition, about[series]["unit"], arithmetic, as_of, known_on)
        raise InvalidInput(
            "no figure of the series was known then", found=f"{series} as of {as_of}, known on {known_on}",
            valid="a later day",
        )  # fmt: skip
    ids = known.select(pl.col("figure_id").implode())
    primary = known.filter(~pl.col("alternative_to").is_in(ids["figure_id"]).fill_null(False))
    latest = primary.filter(pl.col("true_by") == primary["true_by"].max())
    ranked = sorted(latest.iter_rows(named=True), key=lambda row: _rank(record, row))
    best = ranked[0]
    runner_up = _runner_up(record, known, best, ranked[1:])
    unit = str(best["unit"] or (about[series]["unit"] if series in about else ""))
    point = _point(record, best)
    how = str(best["arithmetic"] or "")
    inputs = _inputs(record, how) if how else ()
    return Figure(
        series, definition, unit, point.value, point.low, point.high, point.as_of, point.known_from, point, runner_up,
        how, inputs, evaluate(how, dict(inputs).__getitem__) if how else None,
    )  # fmt: skip


def _rank(record: Record, row: Mapping[str, object]) -> tuple[int, str, int, str]:
    source = record.source(str(row["source_id"])) if row["source_id"] else None
    known = row["known_by"]
    kind = _KINDS.index(source.kind) if source else len(_KINDS)
    return kind, source.reliability if source else "F", -(known if isinstance(known, int) else 0), str(row["figure_id"])


def _runner_up(
    record: Record, known: pl.DataFrame, best: Mapping[str, object], ties: list[dict[str, object]]
) -> Point | None:
    """An alternative to the best, another for the same day, or else the figure before it; with another value."""
    import polars as pl

    rivals = known.filter(pl.col("alternative_to") == best["figure_id"]).iter_rows(named=True)
    before = reversed(known.filter(pl.col("true_by") < pl.lit(best["true_by"])).tail(20).rows(named=True))
    for row in (*rivals, *ties, *before):
        if row["value"] != best["value"]:
            return _point(record, row)
    return None


def _derived(
    record: Record, series: str, definition: str, unit: str, arithmetic: str, as_of: date, known_on: date
) -> Figure:
    parts = {name: figure(record, name, as_of, known_on) for name in _names(arithmetic)}
    inputs = tuple((name, part.value) for name, part in parts.items() if part.value is not None)
    return Figure(
        series, definition, unit, evaluate(arithmetic, dict(inputs).__getitem__), None, None,
        max((p.as_of for p in parts.values()), key=days), max((p.known_from for p in parts.values()), key=last_day),
        None, None, arithmetic, inputs, None,
    )  # fmt: skip


def _inputs(record: Record, arithmetic: str) -> tuple[tuple[str, float], ...]:
    return tuple((name, lookup(record, name)) for name in _names(arithmetic))


def lookup(record: Record, name: str) -> float:
    """The number that a name in an arithmetic stands for: a figure, or a row's field as ``OPS-1996.remains_recovered``.

    Raises:
        InvalidInput: no such row, or no number there.
    """
    row_id, _, field = name.rpartition(".") if "." in name else (name, "", "value")
    found = record.find(row_id)
    value = number(found[1].get(field, "")) if found else None
    if value is None:
        raise InvalidInput("no number of that name", found=name, valid="a figure, or row.field of the record")
    return value


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A derived number beside what its arithmetic gives."""

    table: str
    row_id: str
    arithmetic: str
    inputs: tuple[tuple[str, float], ...]
    stated: float | None
    computed: float


def recompute(record: Record) -> tuple[Recomputed, ...]:
    """Every derived figure and operation with what its arithmetic gives.

    >>> all(one.stated == one.computed for one in recompute(Record.shipped_korea()))
    True
    """
    found = []
    for table, key, field in (("figures", "figure_id", "value"), ("operations", "operation_id", "remains_recovered")):
        derived = record.table(table)
        for row_id in derived.filter(derived["arithmetic"].is_not_null())[key]:
            row = record.row(table, row_id)
            inputs = _inputs(record, row["arithmetic"])
            computed = evaluate(row["arithmetic"], dict(inputs).__getitem__)
            found.append(Recomputed(table, row_id, row["arithmetic"], inputs, number(row[field]), computed))
    return tuple(found)


_OPERATORS: Mapping[str, tuple[int, Callable[[float, float], float]]] = MappingProxyType(
    {
        "+": (1, operator.add),
        "-": (1, operator.sub),
        "*": (2, operator.mul),
        "/": (2, operator.truediv),
    }
)
_NO_ARITHMETIC = "names, numbers and + - * / ( ), separated by spaces"


def _names(arithmetic: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            t for t in arithmetic.split() if t not in _OPERATORS and t not in ("(", ")") and number(t) is None
        )
    )


def evaluate(arithmetic: str, value_of: Callable[[str], float]) -> float:
    """The value of an arithmetic by precedence climbing.

    Args:
        arithmetic: names, numbers and ``+ - * / ( )``, separated by spaces.
        value_of: name → number.

    Raises:
        InvalidInput: not an arithmetic, or a division by zero.

    >>> evaluate("( a + b ) / 2 - 1", {"a": 3.0, "b": 5.0}.__getitem__)
    3.0
    """
    tokens = arithmetic.split()
    position = 0

    def wrong() -> InvalidInput:
        return InvalidInput("not an arithmetic", found=arithmetic, valid=_NO_ARITHMETIC)

    def atom() -> float:
        nonlocal position
        if position >= len(tokens):
            raise wrong()
        token = tokens[position]
        position += 1
        if token == "(":
            inner = climb(1)
            if position >= len(tokens) or tokens[position] != ")":
                raise wrong()
            position += 1
            return inner
        if token in _OPERATORS or token == ")":
            raise wrong()
        stated = number(token)
        return value_of(token) if stated is None else stated

    def climb(least: int) -> float:
        nonlocal position
        left = atom()
        while position < len(tokens) and tokens[position] in _OPERATORS:
            rank, apply = _OPERATORS[tokens[position]]
            if rank < least:
                break
            position += 1
            right = climb(rank + 1)
            if apply is operator.truediv and right == 0:
                raise InvalidInput("a division by zero", found=arithmetic, valid="a divisor that is not zero")
            left = apply(left, right)
        return left

    result = climb(1)
    if position != len(tokens):
        raise wrong()
    return result
