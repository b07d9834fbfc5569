"""A forecast made on a past day, scored against what is known now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from cenotaph.accounting.appraisal.forecast import Appraisal, appraise
from cenotaph.accounting.appraisal.options import Option
from cenotaph.accounting.appraisal.rates import Estimate
from cenotaph.accounting.power import Power
from cenotaph.accounting.timeline import Asked, asked
from cenotaph.accounting.transfers import handovers
from cenotaph.errors import InvalidInput, Unsupported

if TYPE_CHECKING:
    from cenotaph.accounting.record import Record


@dataclass(frozen=True, slots=True)
class Score:
    """A forecast beside what came."""

    what: str
    forecast: Estimate
    actual: float
    actual_on: date

    @property
    def error(self) -> float:
        """Forecast less actual."""
        return self.forecast.mean - self.actual

    @property
    def within(self) -> bool:
        """Whether the 80 % interval holds the actual number."""
        return self.forecast.low <= self.actual <= self.forecast.high


@dataclass(frozen=True, slots=True)
class BackTest:
    """A forecast made on a past day, scored against what is known now."""

    transfer_id: str
    standing_on: Asked
    appraisal: Appraisal
    scores: tuple[Score, ...]


def back_test(
    record: Record,
    transfer_id: str = "TRF-31",
    standing_on: str = "2018-09-07",
    known: str = "2025-12-31",
    power: Power | None = None,
    seed: int = 1,
) -> BackTest:
    """Forecasts a handover's yield with what was known on a day, and scores it by what is known later.

    The handover itself gives the forecast nothing but its number of boxes.

    Raises:
        InvalidInput: no such transfer. Unsupported: nothing of it to score by.
    """
    then, now = asked(standing_on), asked(known)
    ledger = {one.transfer_id: one for one in handovers(record, now)}
    if transfer_id not in ledger:
        raise InvalidInput("no such transfer", found=transfer_id, valid=", ".join(ledger))
    actual = ledger[transfer_id]
    if actual.containers is None or actual.identified_on is None:
        raise Unsupported(f"{transfer_id} has no number of containers or no identifications to score by")
    years = (actual.identified_on - then.as_of).days / 365.25
    forecast = appraise(record, Option("turnover", actual.containers), then, years=years, power=power, seed=seed)
    pairs = (
        ("individuals", forecast.individuals, actual.assessed_low),
        ("own names", forecast.names, actual.identified_own),
        ("other nations' dead", forecast.others, actual.identified_other),
    )
    scores = tuple(Score(what, f, float(a), actual.identified_on) for what, f, a in pairs if a is not None)
    return BackTest(transfer_id, then, forecast, scores)
