"""What becomes of the proposals a person accepts: rows, and claims of the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cenotaph.accounting.reading.proposals import Columns, Proposal
from cenotaph.errors import InvalidInput


def accept(
    proposals: Sequence[Proposal], choices: Mapping[str, str | Mapping[str, Any]], source: Mapping[str, Any]
) -> dict[str, list[Columns]]:
    """Rows per table of what a person accepted, with one claim of the source for each field that the report states.

    Args:
        proposals: what was read.
        choices: proposal id → ``"accept"``, ``"refuse"``, or changed columns (which accepts with the change). What is
            not chosen does not enter; what hangs on a refused proposal does not enter either. A changed id (of an
            engagement, a person) says that the record holds this row already: only the claims enter, under that id.
        source: the row of ``sources.csv``; needs ``source_id`` and ``published_on``.

    Raises:
        InvalidInput: a choice for an unknown proposal, another word, a changed column that the proposal does not
            have, or a source without its id.
    """
    known = {p.proposal_id: p for p in proposals}
    for key in ("source_id", "published_on"):
        if not source.get(key):
            raise InvalidInput("a source that cannot be cited", found=f"no {key}", valid="source_id and published_on")
    for number, choice in choices.items():
        if number not in known:
            raise InvalidInput("a choice for no proposal", found=number, valid=f"one of {', '.join(known)}")
        if isinstance(choice, str) and choice not in {"accept", "refuse"}:
            raise InvalidInput("not a choice", found=choice, valid="accept, refuse, or changed columns", where=number)
        columns = {name for _, row in known[number].rows for name in row}
        if not isinstance(choice, str) and not set(choice) <= columns:
            raise InvalidInput(
                "no such column",
                found=", ".join(sorted(set(choice) - columns)),
                valid=", ".join(sorted(columns)),
                where=number,
            )
    taken = {number for number, choice in choices.items() if choice != "refuse"}
    voices = {p.proposal_id: p.value for p in proposals if p.kind == "voice"}
    entering = [p for p in proposals if p.proposal_id in taken and set(p.needs) <= taken]
    held = dict(pair for p in entering for pair in _held_as(p, choices[p.proposal_id]))
    tables: dict[str, list[Columns]] = {"sources": [dict(source)]}
    for proposal in entering:
        choice = choices[proposal.proposal_id]
        changes = {} if isinstance(choice, str) else dict(choice)
        for table, row in proposal.rows:
            changed = {**row, **{name: new for name, new in changes.items() if name in row}}
            changed = {name: _named(name, value, held, str(source["source_id"])) for name, value in changed.items()}
            if table == "figures":
                changed["source_id"] = source["source_id"]
            if table == "claims":
                _add_claim(tables, changed, proposal, voices, source)
                continue
            if table in _PARTS or _subject_id(row) not in held:
                _add_row(tables, table, changed)
            for name, value in _claimed(table, changed, proposal):
                subject = {"subject_table": table, "subject_id": _subject_id(changed), "field": name, **value}
                if table in _PARTS:
                    subject |= _part(table, changed, proposal)
                _add_claim(tables, subject, proposal, voices, source)
    return tables


def _held_as(proposal: Proposal, choice: str | Mapping[str, Any]) -> list[tuple[str, str]]:
    """Ids of the reading that a person said are rows of the record, with the ids they have there."""
    if isinstance(choice, str):
        return []
    own = [next(iter(row.items())) for table, row in proposal.rows if table not in _PARTS and table != "claims"]
    return [(value, str(choice[name])) for name, value in own if name in choice]


def _named(column: str, value: Any, held: Mapping[str, str], source_id: str) -> Any:
    """An id of the reading as it enters: that of the row it was said to be, or a new one that carries the source's."""
    if not (column.endswith("_id") and column != "source_id" and value) or value in held.values():
        return value
    return held.get(value) or f"{source_id}-{value}"


_NO_VOICE: Columns = {"attribution": "none", "attributed_to": "", "via": ""}
# Rows that are parts of another: the table and field a claim about them names.
_PARTS = {
    "offices": ("people", "offices"),
    "participants": ("engagements", "participants"),
    "topics": ("engagements", "topics"),
    "itinerary": ("engagements", "itinerary"),
    "movements": ("transfers", "movements"),
}
_CLAIMED = {
    "engagements": ("from_date", "to_date", "place", "parties", "status"),
    "transfers": ("claimed_individuals", "containers"),
    "figures": ("value",),
    "commitments": ("text", "due"),
}


def _claimed(table: str, row: Columns, proposal: Proposal) -> list[tuple[str, Columns]]:
    """Fields of a row that get a claim each; ``*`` covers a row of other tables."""
    names = [name for name in _CLAIMED.get(table, ()) if row.get(name) not in (None, "")]
    bounds = {"value_low": proposal.value.get("low"), "value_high": proposal.value.get("high")}
    hedged = bounds if proposal.kind == "figure" else {}
    return [(name, {"value": row[name], **hedged}) for name in names] or [("*", {"value": ""})]


def _part(table: str, row: Columns, proposal: Proposal) -> Columns:
    """Subject, field and value of a claim about a part: an office of a person, a stop of a journey."""
    whole, name = _PARTS[table]
    value = (
        row.get("office")
        or row.get("topic")
        or row.get("place")
        or row.get("to_place")
        or proposal.value.get("name", "")
    )
    return {"subject_table": whole, "field": name, "value": value}


def _subject_id(row: Columns) -> Any:
    """The row's own id: its first column."""
    return next(iter(row.values()))


def _add_row(tables: dict[str, list[Columns]], table: str, row: Columns) -> None:
    """A row once; figures of one handover fill one row, the first value stays and the other is a claim only."""
    held = tables.setdefault(table, [])
    if table == "transfers":
        same = next((r for r in held if r["transfer_id"] == row["transfer_id"]), None)
        if same is not None:
            for name, value in row.items():
                same.setdefault(name, value)
            return
    held.append(row)


def _add_claim(
    tables: dict[str, list[Columns]],
    subject: Columns,
    proposal: Proposal,
    voices: Mapping[str, Columns],
    source: Mapping[str, Any],
) -> None:
    claims = tables.setdefault("claims", [])
    name = {"from_date": "date", "to_date": "date"}.get(subject["field"], subject["field"])
    spoken = next((s for s in proposal.spoken if s.field == name), None)
    sentence, passage = (spoken.sentence, spoken.passage) if spoken else (proposal.sentence, proposal.passage)
    voice = voices.get(spoken.voice if spoken else proposal.voice, _NO_VOICE)
    claims.append(
        {
            "claim_id": f"{source['source_id']}-{len(claims) + 1}",
            "source_id": source["source_id"],
            **{key: voice[key] for key in ("attribution", "attributed_to", "via")},
            **subject,
            "stated_on": source["published_on"],
            "passage": passage,
            "note": "; ".join(filter(None, (f"sentence {sentence}", proposal.value.get("hedge"), proposal.doubt))),
        }
    )
