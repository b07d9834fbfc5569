"""Precision and recall of reading, per kind, against labels made by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cenotaph.accounting.reading.proposals import Proposal
from cenotaph.accounting.reading.reader import read_report

_KEYS = {
    "engagement": ("kind", "from_date", "to_date", "status"),
    "itinerary": ("places",),
    "movement": ("to_place",),
    "person": ("name", "rank", "office"),
    "topic": ("topic",),
    "figure": ("value", "hedge", "unit", "series"),
    "commitment": ("kind", "made_by"),
    "comparative": ("text",),
    "place": ("name",),
    "date": ("text", "edtf"),
    "voice": ("attributed_to", "via"),
}


@dataclass(frozen=True, slots=True)
class Score:
    """Right, wrong and missed proposals of one kind, with the wrong and missed ones spelled out."""

    right: int
    wrong: tuple[str, ...]
    missed: tuple[str, ...]

    @property
    def precision(self) -> float:
        """Share of the proposals that are right; one when nothing was proposed."""
        proposed = self.right + len(self.wrong)
        return self.right / proposed if proposed else 1.0

    @property
    def recall(self) -> float:
        """Share of the labels that were proposed; one when there is nothing to propose."""
        labels = self.right + len(self.missed)
        return self.right / labels if labels else 1.0


def evaluate(texts: Iterable[tuple[str, str, Mapping[str, Any]]]) -> dict[str, Score]:
    """Score per kind, and ``all``, over labelled texts.

    A proposal is right when the columns that identify its kind (of an engagement: kind, dates, status; of a person:
    name, rank, office; of a figure: value, hedge, unit, series) equal those of a label, each label used once.

    Args:
        texts: name, text, and labels ``{"published": "YYYY-MM-DD", kind: [columns, …]}``.
    """
    right = dict.fromkeys(_KEYS, 0)
    wrong: dict[str, list[str]] = {kind: [] for kind in _KEYS}
    missed: dict[str, list[str]] = {kind: [] for kind in _KEYS}
    for name, text, labels in texts:
        reading = read_report(text, date.fromisoformat(labels["published"]))
        for kind in _KEYS:
            open_labels = [_key(kind, label) for label in labels.get(kind, [])]
            for proposal in _once(kind, reading.of(kind)):
                key = _key(kind, proposal.value)
                if key in open_labels:
                    open_labels.remove(key)
                    right[kind] += 1
                else:
                    wrong[kind].append(f"{name}: {key}")
            missed[kind].extend(f"{name}: {key}" for key in open_labels)
    scores = {kind: Score(right[kind], tuple(wrong[kind]), tuple(missed[kind])) for kind in _KEYS}
    scores["all"] = Score(
        sum(right.values()),
        tuple(w for ws in wrong.values() for w in ws),
        tuple(m for ms in missed.values() for m in ms),
    )
    return scores


def _key(kind: str, value: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(" > ".join(v) if isinstance(v := value.get(name, ""), list) else v for name in _KEYS[kind])


def _once(kind: str, proposals: list[Proposal]) -> list[Proposal]:
    """Places and dates once each: a text that says Seoul thrice names one place."""
    if kind not in {"place", "date"}:
        return proposals
    return list({_key(kind, proposal.value): proposal for proposal in proposals}.values())
