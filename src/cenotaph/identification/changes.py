"""What another run changed, and why: two results compared by their tables alone.

Numbers of individuals may change from run to run: individuals are matched by the bones they share.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from cenotaph.errors import FormatError

LEAST_CHANGE = 0.001
"""Smaller changes of a probability are not listed where bones, answer and verdict stay."""
NO_REASON = "nothing that is recorded changed"


@dataclass(frozen=True, slots=True)
class Found:
    """An individual as a result has it.

    Args:
        individual_id, missing_id, verdict, probability: of its row; an empty `missing_id` is nobody on the roster.
        specimens: its bones.
    """

    individual_id: str
    missing_id: str
    verdict: str
    probability: float
    specimens: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished result, as far as it is compared.

    Args:
        individuals: in the order of their numbers.
        version: of the program.
        inputs: file → SHA-256.
        parameters: path → value; the seed among them.
        decisions: number of a decision → its row.
    """

    individuals: tuple[Found, ...]
    version: str
    inputs: Mapping[str, str]
    parameters: Mapping[str, str]
    decisions: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Change:
    """One individual before and after; what is empty was not there.

    Args:
        individual_before, individual_after: numbers.
        missing_before, missing_after: missing person; empty for nobody on the roster.
        verdict_before, verdict_after: words.
        probability_before, probability_after: of the answer.
        joined, left: specimens that are of it now and were not, and the other way round.
        why: decisions that name its bones, then what else changed between the runs.
    """

    individual_before: str
    individual_after: str
    missing_before: str
    missing_after: str
    verdict_before: str
    verdict_after: str
    probability_before: str
    probability_after: str
    joined: str
    left: str
    why: str

    @property
    def touches_a_name(self) -> bool:
        """Whether an identification was made, taken back, or given to another man."""
        named = "identification" in (self.verdict_before, self.verdict_after)
        before, after = (self.verdict_before, self.missing_before), (self.verdict_after, self.missing_after)
        return named and before != after


COLUMNS = tuple(f.name for f in fields(Change))


def read_outcome(folder: Path) -> Outcome:
    """Reads ``individuals.csv``, ``assignments.csv`` and ``run.json`` of a result.

    Raises:
        FormatError: one of them is missing or is not what a result holds.
    """
    try:
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        members: dict[str, set[str]] = {}
        for row in _rows(folder / "assignments.csv"):
            members.setdefault(row["individual_id"], set()).add(row["specimen_id"])
        individuals = tuple(
            Found(
                row["individual_id"],
                row["missing_id"],
                row["verdict"],
                float(row["probability"]),
                frozenset(members.get(row["individual_id"], ())),
            )
            for row in _rows(folder / "individuals.csv")
        )
        return Outcome(
            tuple(sorted(individuals, key=lambda one: one.individual_id)),
            str(run["version"]),
            dict(run["inputs"]),
            dict(_flattened(run["parameters"])),
            {row["decision_id"]: row for row in run["results"].get("decisions", ())},
        )
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise FormatError("not a finished result", found=f"{type(fault).__name__}: {fault}", where=str(folder),
                          valid="a folder written by `cenotaph identify`") from fault  # fmt: skip


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _flattened(value: Any, path: str = "") -> Iterable[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flattened(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, json.dumps(value)


def changes(before: Outcome, after: Outcome) -> tuple[Change, ...]:
    """Every individual that changed, those with a name first.

    Args:
        before, after: two results, of one dossier or of its later state.
    """
    general = general_reasons(before, after)
    deciding = _changed_decisions(before, after)
    found = []
    for one, other in match(before.individuals, after.individuals):
        if _same(one, other):
            continue
        touched = (one.specimens if one else frozenset()) | (other.specimens if other else frozenset())
        own = [text for text, bones in deciding if bones & touched]
        found.append(_change(one, other, "; ".join([*own, *general]) or NO_REASON))
    return tuple(sorted(found, key=lambda c: (not c.touches_a_name, c.individual_after or c.individual_before)))


def match(before: Sequence[Found], after: Sequence[Found]) -> list[tuple[Found | None, Found | None]]:
    """Pairs of individuals by shared bones, the most shared first; what has no partner left stands alone.

    >>> a, b = (Found(n, "", "", 0.0, frozenset(s)) for n, s in (("I-1", "12"), ("I-3", "3")))
    >>> c = Found("I-2", "", "", 0.0, frozenset("123"))
    >>> [(x and x.individual_id, y and y.individual_id) for x, y in match([a, b], [c])]
    [('I-1', 'I-2'), ('I-3', None)]
    """
    owner = {s: k for k, one in enumerate(after) for s in one.specimens}
    shared = Counter((k, owner[s]) for k, one in enumerate(before) for s in one.specimens if s in owner)
    ranked = sorted(
        shared,
        key=lambda pair: (-shared[pair], before[pair[0]].individual_id != after[pair[1]].individual_id, pair),
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for k, j in ranked:
        if k not in partner and j not in taken:
            partner[k] = j
            taken.add(j)
    pairs: list[tuple[Found | None, Found | None]] = [
        (one, after[partner[k]] if k in partner else None) for k, one in enumerate(before)
    ]
    return pairs + [(None, one) for j, one in enumerate(after) if j not in taken]


def _same(one: Found | None, other: Found | None) -> bool:
    return (
        one is not None
        and other is not None
        and (one.specimens, one.missing_id, one.verdict) == (other.specimens, other.missing_id, other.verdict)
        and abs(one.probability - other.probability) < LEAST_CHANGE
    )


def _change(one: Found | None, other: Found | None, why: str) -> Change:
    had, has = (x.specimens if x else frozenset() for x in (one, other))
    return Change(
        one.individual_id if one else "",
        other.individual_id if other else "",
        one.missing_id if one else "",
        other.missing_id if other else "",
        one.verdict if one else "",
        other.verdict if other else "",
        f"{one.probability:.9g}" if one else "",
        f"{other.probability:.9g}" if other else "",
        " ".join(sorted(has - had)),
        " ".join(sorted(had - has)),
        why,
    )


def general_reasons(before: Outcome, after: Outcome) -> list[str]:
    """What differs between two runs and may touch every individual: inputs, parameters, program, in words."""
    reasons = []
    if before.version != after.version:
        reasons.append(f"program {before.version} → {after.version}")
    for word, names in (
        ("changed", [n for n in before.inputs if n in after.inputs and before.inputs[n] != after.inputs[n]]),
        ("new", [n for n in after.inputs if n not in before.inputs]),
        ("gone", [n for n in before.inputs if n not in after.inputs]),
    ):
        if names:
            reasons.append(f"input {word}: {', '.join(sorted(names))}")
    paths = sorted({*before.parameters, *after.parameters})
    altered = [
        f"{path} {before.parameters.get(path, 'not set')} → {after.parameters.get(path, 'not set')}"
        for path in paths
        if before.parameters.get(path) != after.parameters.get(path)
    ]
    return reasons + [f"parameter {text}" for text in altered]


def _changed_decisions(before: Outcome, after: Outcome) -> list[tuple[str, frozenset[str]]]:
    """Decisions that are new, altered or withdrawn, each in words and with the bones that it names."""
    found = []
    for number in sorted({*before.decisions, *after.decisions}):
        was, now = before.decisions.get(number), after.decisions.get(number)
        if was == now:
            continue
        word = "withdrawn" if now is None else "new" if was is None else "altered"
        rows = [row for row in (was, now) if row]
        kind = rows[-1].get("kind") or ""
        bones = frozenset(s for row in rows for s in (row.get("specimen_ids") or "").split())
        found.append((f"decision {number} ({kind}) {word}", bones))
    return found


def summary_of_changes(found: Sequence[Change], before: Outcome, after: Outcome) -> dict[str, object]:
    """Counts and reasons for the reader."""
    return {
        "individuals": len(found),
        "names_gained": sum(c.verdict_after == "identification" and c.touches_a_name for c in found),
        "names_lost": sum(c.verdict_before == "identification" and c.touches_a_name for c in found),
        "bones_moved": len({s for c in found for s in c.joined.split()}),
        "decisions": [text for text, _ in _changed_decisions(before, after)],
        "reasons": general_reasons(before, after),
    }


def write_changes(found: Sequence[Change], path: Path) -> None:
    """Writes ``changes.csv``."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([getattr(c, name) for name in COLUMNS] for c in found)
