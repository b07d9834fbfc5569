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
            not chosen does not enter; what hangs on a refused proposal does not enter either.
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
    tables: dict[str, list[Columns]] = {"sources": [dict(source)]}
    for proposal in proposals:
        if proposal.proposal_id not in taken or not set(proposal.needs) <= taken | {""}:
            continue
        choice = choices[proposal.proposal_id]
        changes = {} if isinstance(choice, str) else dict(choice)
        for table, row in proposal.rows:
            changed = {**row, **{name: new for name, new in changes.items() if name in row}}
            if table == "claims":
                _add_claim(tables, changed, proposal, voices, source)
                continue
            _add_row(tables, table, changed)
            for name, value in _claimed(table, changed, proposal):
                subject = {"subject_table": table, "subject_id": _subject_id(changed), "field": name, **value}
                _add_claim(tables, subject, proposal, voices, source)
    return tables


_NO_VOICE: Columns = {"attribution": "none", "attributed_to": "", "via": ""}
_CLAIMED = {
    "engagements": ("from_date", "to_date", "place", "parties", "status"),
    "transfers": ("claimed_individuals", "containers"),
    "figures": ("value",),
    "commitments": ("text", "due"),
    "itinerary": ("place",),
}


def _claimed(table: str, row: Columns, proposal: Proposal) -> list[tuple[str, Columns]]:
    """Fields of a row that get a claim each; ``*`` covers a row of other tables."""
    names = [name for name in _CLAIMED.get(table, ()) if row.get(name) not in (None, "")]
    bounds = {"value_low": proposal.value.get("low"), "value_high": proposal.value.get("high")}
    hedged = bounds if proposal.kind == "figure" else {}
    return [(name, {"value": row[name], **hedged}) for name in names] or [("*", {"value": ""})]


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
