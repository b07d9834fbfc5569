"""Who said what of a field: grades, voices, the value that is shown, and where claims disagree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TypeVar

from cenotaph.accounting.geography import DMZ_HALF_WIDTH_KM, load_line, side
from cenotaph.accounting.record import ALWAYS, Claim, Record, days, last_day, number
from cenotaph.dossier.tables import TABLES

T = TypeVar("T", date, float)

RELIABILITY = MappingProxyType(
    {
        "A": "completely reliable",
        "B": "usually reliable",
        "C": "fairly reliable",
        "D": "not usually reliable",
        "E": "unreliable",
        "F": "reliability cannot be judged",
    }
)
"""Admiralty grade of a source, in words."""

CREDIBILITY = MappingProxyType(
    {
        1: "confirmed by other sources",
        2: "probably true",
        3: "possibly true",
        4: "doubtful",
        5: "improbable",
        6: "truth cannot be judged",
    }
)
"""Admiralty grade of a claim, in words."""

STANDINGS = ("official on the record", "agency", "unnamed")
"""How a claim stands, best first: the first criterion of the rule by which a value is chosen."""

DEVELOPING = frozenset(
    {"assessed_low", "assessed_high", "identified_own", "identified_other", "status", "estimated_missing_low",
     "estimated_missing_high"}
)  # fmt: skip
"""Fields that change with time: values that were true at different dates do not disagree."""


def grade_words(reliability: str, credibility: int) -> str:
    """An Admiralty grade in words.

    >>> grade_words("B", 2)
    'B2: usually reliable, probably true'
    """
    return f"{reliability}{credibility}: {RELIABILITY[reliability]}, {CREDIBILITY[credibility]}"


def hedged(value: float, low: float | None, high: float | None) -> str:
    """A number as its words bound it.

    >>> hedged(50, 51, None), hedged(7700, None, 7700), hedged(55, 50, 55), hedged(208, None, None)
    ('more than 50', 'up to 7,700', '50 to 55', '208')
    """
    if (low is None and high is None) or low == high:
        return f"{value:,.0f}"
    if low is None:
        return f"up to {high:,.0f}"
    if high is None:
        return f"more than {value:,.0f}" if low > value else f"at least {low:,.0f}"
    return f"{low:,.0f} to {high:,.0f}"


def standing(record: Record, claim: Claim) -> int:
    """Index into `STANDINGS`: on the record, or a document of an official source; unnamed; all else is agency."""
    if claim.attribution in ("unnamed_official", "unnamed_source"):
        return 2
    official = record.source(claim.source_id).kind == "official"
    return 0 if claim.attribution == "on_record" or (official and claim.attribution == "document") else 1


def preference(record: Record, claim: Claim) -> tuple[int, int, int, str, str]:
    """Sort key of the stated rule: standing, credibility, latest said; then reliability, then identifier."""
    said = last_day(claim.stated_on).toordinal() if claim.stated_on else 0
    return standing(record, claim), claim.credibility, -said, record.source(claim.source_id).reliability, claim.claim_id


def voices(claims: Iterable[Claim]) -> tuple[tuple[Claim, ...], ...]:
    """Claims grouped by the voice that they go back to; two reports of one voice count once.

    Unnamed voices are one where the first who reported them is the same or they are described alike: nothing shows
    that they are two. Named voices are one where the name is the same; a document or an unattributed statement is the
    voice of the first in its chain, or of its source.
    """
    groups: list[tuple[set[tuple[str, str]], list[Claim]]] = []
    for claim in claims:
        marks, members = _marks(claim), [claim]
        apart = []
        for found in groups:
            if found[0] & marks:
                marks, members = marks | found[0], [*found[1], *members]
            else:
                apart.append(found)
        groups = [*apart, (marks, members)]
    return tuple(tuple(members) for _, members in groups)


def _marks(claim: Claim) -> set[tuple[str, str]]:
    """What two claims of one voice have in common."""
    voice, first = _plain(claim.attributed_to), _plain(claim.chain[0]) if claim.chain else ""
    if claim.attribution.startswith("unnamed"):
        return {("unnamed", voice)} - {("unnamed", "")} | {("reporter", first or claim.source_id)}
    if voice:
        return {("named", voice)}
    return {("named", first or claim.source_id)}


def _plain(text: str) -> str:
    words = text.casefold().removeprefix("an ").removeprefix("a ").removeprefix("the ").split()
    return " ".join(word for word in words if word != "unnamed")


@dataclass(frozen=True, slots=True)
class Shown:
    """The value that the record shows for a field.

    Args:
        value: as claimed, text.
        claim: the claim that it is chosen from.
        standing: why it stands first, in words of the rule.
        voices: how many independent voices say it.
        runner_up: the best claim of another value, None where there is none.
    """

    value: str
    claim: Claim
    standing: str
    voices: int
    runner_up: Claim | None


def shown(
    record: Record, table: str, row_id: str, field: str, *, as_of: date = ALWAYS, known_on: date = ALWAYS
) -> Shown | None:
    """The value of a field, chosen from its claims by the stated rule; None where nothing was known.

    Official on the record before agency before unnamed; then credibility; then the latest said.

    Args:
        as_of: claims of what came true later are left out.
        known_on: claims that were said later are left out.

    >>> found = shown(Record.shipped_korea(), "transfers", "TRF-31", "containers", known_on=date(2018, 9, 7))
    >>> found.value, found.standing, found.runner_up.value
    ('55', 'official on the record', '200')
    """
    known = [
        claim
        for claim in record.claims(table, row_id)
        if claim.field == field and claim.value and claim.is_known(known_on) and days(claim.as_of)[0] <= as_of
    ]
    if not known:
        return None
    ranked = sorted(known, key=lambda claim: preference(record, claim))
    best = ranked[0]
    same = [claim for claim in known if _same(claim.value, best.value)]
    other = next((claim for claim in ranked if not _same(claim.value, best.value)), None)
    return Shown(best.value, best, STANDINGS[standing(record, best)], len(voices(same)), other)


def _same(one: str, other: str) -> bool:
    a, b = number(one), number(other)
    return one == other if a is None or b is None else a == b


@dataclass(frozen=True, slots=True)
class Side:
    """One of the values that are claimed for a field."""

    value: str
    voices: int
    claim_ids: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Values of one field that cannot all be true; the first is the one that is shown.

    >>> sides = Side("5", 1, ("C1",), ("x",)), Side("7", 1, ("C2",), ("y",))
    >>> print(Conflict("transfers", "TRF-03", "containers", sides))
    transfers TRF-03 containers: 5 (x) against 7 (y)
    """

    table: str
    row_id: str
    field: str
    sides: tuple[Side, ...]

    def __str__(self) -> str:
        sides = " against ".join(f"{side.value} ({'; '.join(side.sources)})" for side in self.sides)
        return f"{self.table} {self.row_id} {self.field}: {sides}"


def conflicts(record: Record, as_of: date = ALWAYS, known_on: date = ALWAYS) -> tuple[Conflict, ...]:
    """Where claims of a count, a date or a status disagree, and where figures of one thing do.

    Numbers disagree where the ranges that their words allow do not meet; dates where no day is common. Counts that
    grow with time are compared only where they were true at the same time.
    """
    found = []
    for table, row_id in record.claimed_rows():
        fields: dict[str, list[Claim]] = {}
        for claim in record.claims(table, row_id):
            if claim.value and claim.is_known(known_on) and days(claim.as_of)[0] <= as_of:
                fields.setdefault(claim.field, []).append(claim)
        for field, claims in fields.items():
            if len(claims) > 1 and _is_comparable(table, field) and _disagree(table, field, claims):
                found.append(Conflict(table, row_id, field, _sides(record, claims)))
    return (*found, *_alternatives(record, as_of, known_on), *_wrong_sides(record))


def _is_comparable(table: str, field: str) -> bool:
    column = TABLES[table].by_name.get(field)
    return column is not None and (column.type in ("number", "integer", "date") or bool(column.vocabulary))


def _disagree(table: str, field: str, claims: Sequence[Claim]) -> bool:
    date_type = TABLES[table].by_name[field].type == "date"
    for n, one in enumerate(claims):
        for other in claims[:n]:
            if field in DEVELOPING and not _meet(days(one.as_of), days(other.as_of)):
                continue
            if date_type:
                if not _meet(days(one.value), days(other.value)):
                    return True
            elif not _agree(one, other):
                return True
    return False


def _meet(one: tuple[T, T], other: tuple[T, T]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _agree(one: Claim, other: Claim) -> bool:
    a, b = number(one.value), number(other.value)
    if a is None or b is None:
        return one.value == other.value
    return _meet(_range(one, a), _range(other, b))


def _range(claim: Claim, value: float) -> tuple[float, float]:
    """The numbers that a claim allows: a bound that it gives alone is open on the other side."""
    if claim.low is None and claim.high is None:
        return value, value
    return (
        -float("inf") if claim.low is None else claim.low,
        float("inf") if claim.high is None else claim.high,
    )


def _sides(record: Record, claims: Sequence[Claim]) -> tuple[Side, ...]:
    by_value: dict[str, list[Claim]] = {}
    for claim in sorted(claims, key=lambda claim: preference(record, claim)):
        value = next((v for v in by_value if _same(v, claim.value)), claim.value)
        by_value.setdefault(value, []).append(claim)
    return tuple(
        Side(
            value,
            len(voices(held)),
            tuple(claim.claim_id for claim in held),
            tuple(dict.fromkeys(record.source(claim.source_id).title for claim in held)),
        )
        for value, held in by_value.items()
    )


_COUNTED = MappingProxyType({"transfers": "containers", "operations": "remains_recovered", "figures": "value"})


def _alternatives(record: Record, as_of: date, known_on: date) -> Iterator[Conflict]:
    """Rows that give another count of the same thing."""
    for table, field in _COUNTED.items():
        frame = record.table(table)
        for keys in frame.drop_nulls("alternative_to").select("alternative_to", TABLES[table].key[0]).iter_rows():
            pair = [shown(record, table, key, field, as_of=as_of, known_on=known_on) for key in keys]
            held = [one.claim for one in pair if one is not None]
            if len(held) < 2 or _agree(*held):
                continue
            yield Conflict(table, keys[0], field, tuple(side for claim in held for side in _sides(record, [claim])))


def _wrong_sides(record: Record) -> Iterator[Conflict]:
    """Sites whose stated side of a line is not where their coordinates lie."""
    stated = {"parallel_38": "side_of_parallel_38", "demarcation": "side_of_demarcation_line"}
    for row in record.rows("sites"):
        if not row["latitude"] or not 124.0 <= float(row["longitude"]) <= 132.0:
            continue
        radius = float(row["radius_km"]) if row["radius_km"] else None
        for line, field in stated.items():
            found = side(float(row["latitude"]), float(row["longitude"]), radius, load_line(line))
            if _contradicts(row[field], found.name, abs(found.distance_km) - found.spread_km):
                told = f"{found.name}, {abs(found.distance_km):.0f} km off the line"
                sides = (Side(row[field], 1, (), ("as stated",)), Side(told, 1, (), ("by its coordinates",)))
                yield Conflict("sites", row["site_id"], field, sides)


def _contradicts(stated: str, found: str, surely_off_km: float) -> bool:
    if stated == "within_dmz":
        return surely_off_km > DMZ_HALF_WIDTH_KM
    return {stated, found} == {"north", "south"}
