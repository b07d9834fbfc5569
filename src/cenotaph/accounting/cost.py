"""What a set of remains and a name have cost, by mechanism; money that overlaps is never added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cenotaph.accounting.timeline import Asked, Row, day, rows
from cenotaph.accounting.transfers import handovers

if TYPE_CHECKING:
    from cenotaph.accounting.record import Record


@dataclass(frozen=True, slots=True)
class Cost:
    """One payment against what it bought.

    Args:
        payment_id: the row; status: paid, agreed, demanded, refused, disputed, not_verified.
        usd_low, usd_high: dollars; equal where one sum is stated; None where none is.
        sets: sets, boxes or caskets that it was for.
        operations: operations that it was for, None where it names none.
        names: identified as the payer's own by the day asked, None where not on record.
        arithmetic: how *sets* follows from the record.
        counted: whether it may be added to the other counted rows of the table.
    """

    payment_id: str
    mechanism: str
    payer: str
    payee: str
    on: str
    kind: str
    status: str
    usd_low: float | None
    usd_high: float | None
    sets: int | None
    operations: int | None
    names: int | None
    arithmetic: str
    counted: bool

    @property
    def per_set(self) -> tuple[float, float] | None:
        """Dollars a set, least and most.

        >>> Cost("P", "m", "a", "b", "", "reimbursement", "paid", 20e6, 22e6, 200, 33, 100, "", True).per_set
        (100000.0, 110000.0)
        """
        return _each(self.usd_low, self.usd_high, self.sets)

    @property
    def per_operation(self) -> tuple[float, float] | None:
        """Dollars an operation, least and most."""
        return _each(self.usd_low, self.usd_high, self.operations)

    @property
    def per_name(self) -> tuple[float, float] | None:
        """Dollars a name, least and most."""
        return _each(self.usd_low, self.usd_high, self.names)


def _each(low: float | None, high: float | None, count: int | None) -> tuple[float, float] | None:
    return None if low is None or high is None or not count else (low / count, high / count)


def costs(record: Record, when: Asked) -> tuple[Cost, ...]:
    """Every payment known by the day asked, with what it bought and what that costs a set and a name.

    Where a payment names several transfers, the parts are added; an alternative count or a part of another named
    transfer is not. A payment that overlaps one already counted stands beside it and is not counted.
    """
    ledger = {one.transfer_id: one for one in handovers(record, when)}
    plain = {row["transfer_id"]: row for row in rows(record, "transfers")}
    operations = {row["operation_id"]: int(row["operations_count"] or 0) for row in rows(record, "operations")}
    found: list[Cost] = []
    counted: set[str] = set()
    for row in sorted(rows(record, "payments"), key=_order):
        on = day(row["on_date"], last=True)
        if on is None or on > min(when.as_of, when.known_on):
            continue
        ids = [i for i in row["for_transfer"].split() if i in plain]
        ids = [i for i in ids if plain[i].get("part_of") not in ids and plain[i].get("alternative_to") not in ids]
        boxes = [int(plain[i]["containers"] or plain[i]["claimed_individuals"] or 0) for i in ids]
        named = [ledger[i].identified_own for i in ids if i in ledger]
        names = sum(n for n in named if n is not None) if named and all(n is not None for n in named) else None
        each = sum(boxes) if "per-set" in row["note"] else 1
        stands = row["status"] == "paid" and not (set(row["overlaps"].split()) & counted)
        if stands:
            counted.add(row["payment_id"])
        found.append(
            Cost(
                row["payment_id"],
                listed_mechanism([plain[i]["mechanism"] for i in ids]),
                row["payer"],
                row["payee"],
                row["on_date"],
                row["kind"],
                row["status"],
                _times(row["amount_usd"] or row["low"] or row["high"], each),
                _times(row["amount_usd"] or row["high"] or row["low"], each),
                sum(boxes) or None,
                sum(operations.get(i, 0) for i in row["for_operation"].split()) or None,
                names,
                " + ".join(f"{i} {n}" for i, n in zip(ids, boxes, strict=True)),
                stands,
            )
        )
    return tuple(sorted(found, key=lambda cost: (cost.on, cost.payment_id)))


def total_paid(found: tuple[Cost, ...]) -> tuple[float, float]:
    """Dollars paid, least and most, without money that is counted twice."""
    paid = [cost for cost in found if cost.counted and cost.usd_low is not None]
    return sum(c.usd_low or 0.0 for c in paid), sum(c.usd_high or 0.0 for c in paid)


def listed_mechanism(mechanisms: list[str]) -> str:
    """The mechanism of several transfers: theirs where it is one, else all of them."""
    return ", ".join(dict.fromkeys(word.split(",")[0] for word in mechanisms)) or "not tied to a transfer"


def _order(row: Row) -> tuple[int, str]:
    """Payments for something named come first, so that a sweeping total overlaps them and not they it."""
    return (0 if row["for_transfer"] or row["for_operation"] else 1, row["on_date"])


def _times(text: str, sets: int) -> float | None:
    """A sum; one that is a price a set, times the sets it is for."""
    return float(text) * sets if text else None
