"""Handovers: declared, received, assessed, identified, each with its day; custody; and what the bones show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from cenotaph.accounting.record import last_day
from cenotaph.accounting.timeline import Asked, Row, day, rows

if TYPE_CHECKING:
    import polars as pl

    from cenotaph.accounting.record import Record
    from cenotaph.dossier.read import Dossier


@dataclass(frozen=True, slots=True)
class Point:
    """A number on a day, with its upper bound and the row it comes from."""

    on: date
    value: float
    high: float
    row_id: str


@dataclass(frozen=True, slots=True)
class Leg:
    """A leg of the way; custody passes at each."""

    leg: int
    from_place: str
    to_place: str
    on: str
    by: str


@dataclass(frozen=True, slots=True)
class Handover:
    """A transfer as it stood on a day.

    Args:
        claimed: individuals that the giver declared; containers: what was received.
        assessed_low, assessed_high: individuals by the laboratory, if known on the day.
        identified_own, identified_other: by the day asked, from the series of figures or the row.
        over_time: own identifications by day; others_over_time: others.
        legs: movements.
        part_of, alternative_to: rows with which it must not be added.
    """

    transfer_id: str
    title: str
    from_party: str
    to_party: str
    on: date
    when: str
    place: str
    mechanism: str
    series: str
    containers: int | None
    claimed: int | None
    assessed_low: int | None
    assessed_high: int | None
    identified_own: int | None
    identified_other: int | None
    identified_on: date | None
    over_time: tuple[Point, ...]
    others_over_time: tuple[Point, ...]
    legs: tuple[Leg, ...]
    part_of: str
    alternative_to: str
    engagement_id: str
    note: str


def handovers(record: Record, when: Asked) -> tuple[Handover, ...]:
    """Every handover by the day asked, with the numbers known on that day, in order of days."""
    labels = {row["series"] for row in rows(record, "transfers")}
    wanted = [name for x in sorted(labels) for name in (f"identified_{x}", f"identified_{x}_other", f"mni_{x}")]
    figures = figures_known(record, when, wanted)
    legs = _legs(record)
    found = []
    for row in rows(record, "transfers"):
        on = day(row["on_date"])
        if on is None or on > min(when.as_of, when.known_on):
            continue
        found.append(_handover(row, on, when, figures, legs.get(row["transfer_id"], ())))
    return tuple(sorted(found, key=lambda one: (one.on, one.transfer_id)))


def _handover(
    row: Row, on: date, when: Asked, figures: dict[str, tuple[Point, ...]], legs: tuple[Leg, ...]
) -> Handover:
    whole = not row["part_of"] and not row["alternative_to"] and row["identified_own"] != ""
    own = figures.get(f"identified_{row['series']}", ()) if whole else ()
    others = figures.get(f"identified_{row['series']}_other", ()) if whole else ()
    counted = figures.get(f"mni_{row['series']}", ()) if whole else ()
    now = min(when.as_of, when.known_on)
    identified_on = day(row["identified_as_of"])
    said = identified_on is not None and identified_on <= now
    assessed_on = day(row.get("assessed_as_of", "")) or identified_on
    assessed = assessed_on is not None and assessed_on <= now
    low = _int(row["assessed_low"]) if assessed else (int(counted[-1].value) if counted else None)
    high = _int(row["assessed_high"]) if assessed else (round(counted[-1].high) if counted else None)
    return Handover(
        row["transfer_id"],
        f"{row['from_party']} to {row['to_party']}",
        row["from_party"],
        row["to_party"],
        on,
        row["on_date"],
        row["place"],
        row["mechanism"],
        row["series"],
        _int(row["containers"]),
        _int(row["claimed_individuals"]),
        low,
        high if high is not None else low,
        int(own[-1].value) if own else (_int(row["identified_own"]) if said else None),
        int(others[-1].value) if others else (_int(row["identified_other"]) if said else None),
        own[-1].on if own else (identified_on if said else None),
        own,
        others,
        legs,
        row.get("part_of", ""),
        row.get("alternative_to", ""),
        row["engagement_id"],
        row["note"],
    )


def _int(text: str) -> int | None:
    return int(text) if text else None


def figures_known(record: Record, when: Asked, series: Iterable[str]) -> dict[str, tuple[Point, ...]]:
    """Series → its figures known on the day asked, in order of days; alternative counts and empty series left out."""
    import polars as pl

    wanted = list(series)
    frame = record.table("figures").filter(pl.col("series").is_in(wanted) & pl.col("alternative_to").is_null())
    frame = frame.with_columns(
        pl.coalesce("known_from", "as_of").alias("known"), pl.coalesce("value", "low").alias("is")
    )
    texts = pl.concat([frame["as_of"], frame["known"]]).unique().drop_nulls().to_list()
    days = {text: last_day(text) for text in texts}
    found: dict[str, list[Point]] = {name: [] for name in wanted}
    columns = (frame[name].to_list() for name in ("series", "as_of", "known", "is", "high", "figure_id"))
    for name, on, known, value, high, figure_id in zip(*columns, strict=True):
        if value is not None and days[on] <= when.as_of and days[known] <= when.known_on:
            found[name].append(Point(days[on], value, value if high is None else high, figure_id))
    return {name: tuple(sorted(counted, key=lambda p: p.on)) for name, counted in found.items() if counted}


def _legs(record: Record) -> dict[str, tuple[Leg, ...]]:
    found: dict[str, list[Leg]] = {}
    for row in rows(record, "movements"):
        leg = Leg(int(row["leg"]), row["from_place"], row["to_place"], row["on_date"], row["by"])
        found.setdefault(row["transfer_id"], []).append(leg)
    return {transfer: tuple(sorted(legs, key=lambda leg: leg.leg)) for transfer, legs in found.items()}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A number of the record beside the number that the dossier and its result show.

    Args:
        what: containers, individuals, identified as own.
        claimed: what the record says, in words; shown: what the dossier shows, in words.
        agrees: whether the two can both be true; None where one of them says nothing.
    """

    what: str
    claimed: str
    shown: str
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class RollUp:
    """What the bones of a transfer show.

    Args:
        containers, specimens: boxes and bones.
        groups: of bones, single bones among them, so that one person may be several; identified, shortlisted, unlisted,
            unresolved: groups by verdict.
        people: how many people the bones are of, an interval; None where the result also has bones of other transfers.
        closed: missing persons whom the identifications account for.
        comparisons: with the record.
    """

    transfer_id: str
    containers: int
    specimens: int
    groups: int
    people: tuple[int, int] | None
    identified: int
    shortlisted: int
    unlisted: int
    unresolved: int
    closed: tuple[str, ...]
    comparisons: tuple[Comparison, ...]


def roll_up(
    handover: Handover,
    dossier: Dossier,
    individuals: pl.DataFrame,
    assignments: pl.DataFrame,
    people: tuple[int, int] | None = None,
) -> RollUp:
    """Containers, specimens, people and identifications of a result, beside what the record claims.

    A container that names no transfer is taken to have come by this one; one that names another is left out, with its
    specimens and the individuals none of whose specimens came by this transfer.

    Args:
        dossier: tables ``containers`` and ``specimens``.
        individuals: table ``individuals`` of the result: ``individual_id, missing_id, verdict``.
        assignments: table ``assignments`` of the result: ``specimen_id, individual_id``.
        people: interval of the number of people in the whole result.

    Returns:
        Counts, the missing persons whom the identifications close, and the comparison.
    """
    boxes = {
        row["container_id"]
        for row in dossier.table("containers").iter_rows(named=True)
        if row["transfer_id"] in (None, "", handover.transfer_id)
    }
    bones = {
        row["specimen_id"]
        for row in dossier.table("specimens").iter_rows(named=True)
        if row["container_id"] is None or row["container_id"] in boxes
    }
    named_here = {
        individual
        for specimen, individual in assignments.select("specimen_id", "individual_id").iter_rows()
        if specimen in bones
    }
    of_these = [row for row in individuals.iter_rows(named=True) if row["individual_id"] in named_here]
    verdicts = [row["verdict"] for row in of_these]
    closed = [row["missing_id"] for row in of_these if row["verdict"] == "identification"]
    containers, specimens = len(boxes), len(bones)
    named = verdicts.count("identification")
    people = people if len(of_these) == individuals.height else None
    return RollUp(
        handover.transfer_id,
        containers,
        specimens,
        len(verdicts),
        people,
        named,
        verdicts.count("shortlist"),
        verdicts.count("unlisted"),
        verdicts.count("unresolved"),
        tuple(sorted(str(one) for one in closed)),
        (
            _compared("containers", (handover.containers, handover.containers), (containers, containers)),
            _compared("individuals claimed", (handover.claimed, handover.claimed), people),
            _compared("individuals assessed", (handover.assessed_low, handover.assessed_high), people),
            _compared("identified as own", (handover.identified_own, handover.identified_own), (named, named)),
        ),
    )


def _compared(what: str, record: tuple[int | None, int | None], shown: tuple[int, int] | None) -> Comparison:
    low, high = record
    if low is None or high is None or shown is None:
        said = "not on record" if low is None or high is None else _range(low, high)
        return Comparison(what, said, _range(*shown) if shown else "not told", None)
    return Comparison(what, _range(low, high), _range(*shown), low <= shown[1] and shown[0] <= high)


def _range(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
