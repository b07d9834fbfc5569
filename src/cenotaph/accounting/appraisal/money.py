"""What an option costs: what was paid before, which figure is missing, and what an assumption would give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cenotaph.accounting.appraisal.options import UNITS, Option
from cenotaph.accounting.appraisal.rates import TOGETHER, Floats, names_of, predictive, series_points
from cenotaph.accounting.cost import costs
from cenotaph.accounting.timeline import Asked, rows

if TYPE_CHECKING:
    from cenotaph.accounting.record import Record

PAID_WORD: Final = {"turnover": "unilateral", "joint_recovery": "joint", "disinterment": "disinterment"}
NOT_ON_RECORD: Final = {
    "turnover": "flights, laboratory and own staff; the payment alone is counted",
    "joint_recovery": "own teams, flights and laboratory; the payment alone is counted",
    "disinterment": "dollars a grave opened, moved and examined",
}
"""The figure that the record lacks, by mechanism."""


@dataclass(frozen=True, slots=True)
class AssumedCost:
    """A cost that does not come from the record of payments.

    Args:
        most_per_name_usd: no name costs more, if the assumption holds.
        told: the assumption.
    """

    most_per_name_usd: float
    told: str


def paid_before(
    record: Record, when: Asked, option: Option, rng: np.random.Generator, told: list[str]
) -> Floats | None:
    """Draws of the dollars paid to the other side, by what was paid a set or an operation; None where nothing was.

    Each payment is a precedent: the next price differs from them as they do from each other.
    """
    joint = option.mechanism == "joint_recovery"
    alike = [c for c in costs(record, when) if c.mechanism.startswith(PAID_WORD[option.mechanism])]
    told += [
        f"{c.payment_id}: nothing is said to have been paid ({c.status.replace('_', ' ')}); not taken as a price"
        for c in alike
        if c.usd_high == 0.0
    ]
    counted = [c for c in alike if c.counted]
    paid = [each for c in counted if (each := c.per_operation if joint else c.per_set) is not None and each[0] > 0]
    if not paid:
        return None
    told.append("dollars of the year in which they were paid")
    low, high = np.array(paid).T
    price: Floats = np.exp(predictive(np.log(low * high) / 2, np.maximum(np.log(high / low) / 2.56, 0.02), rng))
    return option.amount * price


def assumed_cost(record: Record, when: Asked, mechanism: str) -> AssumedCost | None:
    """A bound on the cost of a name from the agency's budget, where the record has no cost of the mechanism.

    The whole budget asked for all conflicts, over the names of this one in a year: more than any name costs.
    """
    budgets = [
        (point[0], point[1], row["series"])
        for row in rows(record, "series")
        if row["series"].startswith("budget_request_")
        for point in series_points(record, when, row["series"])
    ]
    named = next((series_points(record, when, name) for name in names_of(record, TOGETHER)), [])
    if not budgets or len(named) < 2:
        return None
    (before, fewer), (after, more) = named[-2:]
    year = (more - fewer) / ((after - before).days / 365.25)
    _, dollars, series = max(budgets)
    told = (
        f"{series} ({dollars / 1e6:,.0f} million USD, all conflicts) over {year:.0f} names a year of this one alone; "
        f"stands in for {UNITS[mechanism]}, of which no price is on record"
    )
    return AssumedCost(dollars / year, told)
