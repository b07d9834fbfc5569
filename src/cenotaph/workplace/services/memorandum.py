"""The identification memorandum of an opinion: every slot that such a paper needs, from the record as it stands."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from cenotaph.reports.memorandum import Memorandum, Slot, Table
from cenotaph.reports.words import likelier, line_name, signed
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.ledger.verify import head
from cenotaph.workplace.models import Event, LedgerEntry, Opinion, model_of
from cenotaph.workplace.services import runs
from cenotaph.workplace.services.decisions import opened

OUTCOME_WORDS = {
    "identification": "Identification",
    "exclusion": "Exclusion",
    "premature": "Premature: not to be decided yet",
    "unlisted": "Of nobody on the roster",
}
_WRITTEN_SLOTS = (
    ("request", "Request and legal basis"),
    ("recovery", "Recovery, and what was said of it"),
    ("circumstances", "Historical and circumstantial association"),
    ("profile", "Biological profile"),
    ("teeth", "Teeth"),
    ("films", "Radiographs"),
    ("genetics", "DNA"),
    ("objects", "Material evidence"),
    ("isotopes", "Isotopes"),
)
_CLOSING_SLOTS = (
    ("contradictions", "Contradictions"),
    ("alternatives", "Alternatives considered"),
    ("conclusion", "Conclusion"),
    ("limits", "Limits"),
    ("lacking", "Elements still missing, and wishes for parts found later"),
)
MOST_CANDIDATES = 10


def memorandum(viewer: Viewer, opinion: Opinion) -> Memorandum:
    """The memorandum of *opinion*; making it is an event of the ledger.

    Raises:
        Refused: the viewer may not read opinions.
    """
    viewer.require("see", "opinions", ["opinion", "review", "ruling"])
    with acting(viewer.name, "memorandum written"):
        Event.objects.create(kind="memorandum", subject=f"opinion {opinion.pk}", detail=opinion.state)
    count, root = head()
    said = opened(opinion, "opinion")
    digest = _digest(opinion)
    bones = _bones(opinion)
    return Memorandum(
        title=f"Memorandum {opinion.pk}",
        subtitle=f"{OUTCOME_WORDS[opinion.outcome]}" + (f", {_man(opinion)}" if opinion.missing_id else ""),
        facts=(
            ("Case", f"opinion {opinion.pk}, {opinion.state}"),
            ("Decision", opinion.decision_id or "none yet"),
            ("Accessions", ", ".join(sorted({row[4] for row in bones if row[4]})) or "not recorded"),
            ("Individual", f"{opinion.individual_id} of run {opinion.run_id}" if opinion.run_id else "without a run"),
            ("Digest of what was signed", digest),
        ),
        slots=(
            Slot("Remains", table=Table(("Specimen", "Element", "Side", "Completeness", "Box"), tuple(bones))),
            *(Slot(words, _lines_of(said.get(part))) for part, words in _WRITTEN_SLOTS),
            *_run_slots(opinion),
            *(Slot(words, _lines_of(said.get(part))) for part, words in _CLOSING_SLOTS),
            Slot("Amendments", table=_amendments(opinion)),
            Slot("Digests (SHA-256) of what the run read", table=_inputs(opinion)),
            Slot("Family", _family(opinion)),
        ),
        signatures=_signatures(opinion),
        foot=f"Memorandum {opinion.pk}. Ledger after entry {count}: {root}",
        issued=datetime.now(UTC).replace(microsecond=0),
    )


def _digest(opinion: Opinion) -> str:
    """SHA-256 of what the examiner, the reviewer and the authority wrote and of what it is about."""
    told: list[Any] = [opinion.outcome, opinion.specimen_ids, opinion.missing_id]
    told += [[opened(opinion, part), by, at] for part, by, at in _steps(opinion)]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _steps(opinion: Any) -> list[tuple[str, str | None, str | None]]:
    return [
        ("opinion", opinion.signed_by, opinion.signed_at),
        ("review", opinion.reviewed_by, opinion.reviewed_at),
        ("ruling", opinion.decided_by, opinion.decided_at),
    ]


def _man(opinion: Opinion) -> str:
    from cenotaph.workplace.cells import Keyring

    row = model_of("missing").objects.filter(missing_id=opinion.missing_id).values().first()
    if row is None:
        return str(opinion.missing_id)
    keys = Keyring()
    name = [keys.open(row["subject"], part, row[part]) for part in ("given_names", "family_name")]
    return " ".join([*(n for n in name if n), f"({opinion.missing_id})"])


def _bones(opinion: Any) -> list[tuple[str, str, str, str, str]]:
    rows = model_of("specimens").objects.filter(specimen_id__in=opinion.specimen_ids.split()).order_by("specimen_id")
    fields = ("specimen_id", "element", "side", "completeness", "container_id")
    return [tuple((v or "").replace("_", " ") for v in row) for row in rows.values_list(*fields)]  # type: ignore[misc]


def _lines_of(text: str | None) -> tuple[str, ...]:
    return tuple(line for line in (text or "").splitlines() if line.strip())


def _run_slots(opinion: Any) -> list[Slot]:
    """What the run says: program, parameters and inputs; the lines of the candidate; the other candidates."""
    if opinion.run is None or not opinion.individual_id:
        return [Slot("Computation"), Slot("Lines of evidence"), Slot("Candidates considered")]
    run = opinion.run
    record = json.loads(run.record)
    individual = runs.individual(run, opinion.individual_id) or {}
    rows = runs.candidates(run, opinion.individual_id)
    him = next((row for row in rows if row["missing_id"] == opinion.missing_id), None)
    computed = (
        f"{record.get('program', 'cenotaph')} {record.get('version', '')}, seed {record.get('seed', '')}; "
        f"record read up to ledger entry {run.ledger_count} ({run.ledger_head}).",
        f"Probability that these remains are of the first candidate, all evidence and the roster's prior together: "
        f"{individual.get('probability') or 'not given'}; runner-up {individual.get('runner_up_id') or 'none'} "
        f"({individual.get('runner_up_probability') or '0'}). Verdict of the run: {individual.get('verdict', 'none')}.",
        *([f"Reason: {individual['reason']}"] if individual.get("reason") else []),
        *([f"Conflicts that the run found: {individual['conflicts']}"] if individual.get("conflicts") else []),
    )
    weighed: tuple[tuple[str, str, str], ...] = ()
    if him is not None:
        weighed = tuple((line_name(n), signed(v), likelier(v)) for n, v in runs.line_weights(him))
        weighed += (("Total", signed(float(him["log10_lr_total"])), likelier(float(him["log10_lr_total"]))),)
    considered = tuple(
        (row["rank"], row["missing_id"], row["probability"], signed(float(row["log10_lr_total"])))
        for row in rows[:MOST_CANDIDATES]
    )
    hypotheses = (
        f"Each line weighs two hypotheses: the remains are of {opinion.missing_id}, or of somebody else on whom "
        "nothing is known but the origin. A positive figure speaks for the first."
    )
    return [
        Slot("Computation", computed),
        Slot(
            "Lines of evidence",
            (hypotheses,) if weighed else (),
            Table(("Line", "log10 of the likelihood ratio", "In words"), weighed),
        ),
        Slot("Candidates considered", (), Table(("Rank", "Missing person", "Probability", "log10 total"), considered)),
    ]


def _inputs(opinion: Any) -> Table:
    read = json.loads(opinion.run.record).get("inputs", {}) if opinion.run else {}
    return Table(("File", "Digest"), tuple((name, str(digest)) for name, digest in sorted(read.items())))


def _amendments(opinion: Opinion) -> Table:
    entries = LedgerEntry.objects.filter(table="opinions", row=str(opinion.pk)).order_by("seq")
    rows = tuple((str(e.seq), e.at[:16].replace("T", " "), e.actor, e.reason) for e in entries)
    return Table(("Entry", "When (UTC)", "Who", "Why"), rows)


def _family(opinion: Any) -> tuple[str, ...]:
    if not opinion.missing_id:
        return ("No missing person is named.",)
    return (f"The family was told; entered {opinion.told_at[:10]}.",) if opinion.told_at else ("Not told yet.",)


def _signatures(opinion: Any) -> tuple[tuple[str, str, str, str], ...]:
    words = {"opinion": "Examiner's opinion", "review": "Independent review", "ruling": "Authority's decision"}
    found = []
    for part, by, at in _steps(opinion):
        said = opened(opinion, part) if by else {}
        what = said.get("text") or said.get("conclusion") or ""
        found.append((words[part], by or "not yet", (at or "")[:16].replace("T", " "), what))
    return tuple(found)
