"""The records of reading: a proposal tied to its sentence, and the reading of one report."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cenotaph.accounting.reading.sentences import Sentence

KINDS = (
    "engagement",
    "itinerary",
    "movement",
    "person",
    "participant",
    "topic",
    "figure",
    "commitment",
    "comparative",
    "place",
    "date",
    "voice",
    "conflict",
)
Columns = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spoken:
    """The sentence and the voice that gave one field."""

    field: str
    sentence: int
    passage: str
    voice: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing the report may add to the record.

    ``value`` says what was read; ``rows`` are the rows of tables it would become; ``needs`` are proposals it hangs on.
    ``start`` and ``end`` are characters of the text, ``passage`` is the sentence; ``spoken`` says which sentence and
    voice gave single fields, where they differ. Nothing enters the record as *proposed*.
    """

    proposal_id: str
    kind: str
    value: Columns
    rows: tuple[tuple[str, Columns], ...]
    sentence: int
    start: int
    end: int
    passage: str
    voice: str = ""
    doubt: str = ""
    needs: tuple[str, ...] = ()
    mentions: tuple[tuple[int, int, int], ...] = ()
    spoken: tuple[Spoken, ...] = ()
    status: str = field(default="proposed")


@dataclass(frozen=True, slots=True)
class Reading:
    """All proposals of one report, its sentences and its day of publication."""

    published: date
    sentences: tuple[Sentence, ...]
    proposals: tuple[Proposal, ...]

    def of(self, kind: str) -> list[Proposal]:
        """Proposals of one kind."""
        return [proposal for proposal in self.proposals if proposal.kind == kind]
