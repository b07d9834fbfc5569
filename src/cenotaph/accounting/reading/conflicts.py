"""Figures that disagree, within a report and with the record."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cenotaph.accounting.reading.proposals import Proposal, Reading


def conflicts_within(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Figures of one report that speak of one thing and do not say the same.

    Two counts of persons or remains for one handover, two values of one series, or a count of boxes that is given
    elsewhere as a count of persons.
    """
    figures = [p for p in proposals if p.kind == "figure" and p.value["series"] != "other"]
    found: list[Proposal] = []
    for i, first in enumerate(figures):
        for second in figures[i + 1 :]:
            why = _disagreement(first, second)
            if why:
                found.append(
                    Proposal(
                        f"K{len(found) + 1}",
                        "conflict",
                        {"between": [first.proposal_id, second.proposal_id], "why": why},
                        (),
                        second.sentence,
                        second.start,
                        second.end,
                        second.passage,
                        second.voice,
                        needs=(first.proposal_id, second.proposal_id),
                    )
                )
    return found


_BOUNDARY = re.compile(
    r"\b(?:follows|marks|forms|divides|is|separates)\s+(?:the\s+)?(?:\w+\s+){0,2}?(?:boundary|border|frontier)\b"
)


def lines_confused(proposals: Sequence[Proposal], first: int) -> list[Proposal]:
    """Sentences that give a parallel for the boundary: the two are different lines.

    Args:
        first: number of the first conflict found here.
    """
    found: list[Proposal] = []
    for place in proposals:
        words = _BOUNDARY.search(place.passage) if place.kind == "place" and "parallel" in place.value["name"] else None
        if words:
            why = (
                f"“{place.value['name']}” for “{words.group()}”: the parallel and the demarcation line are different "
                "lines, and a place can lie between them"
            )
            found.append(
                Proposal(
                    f"K{first + len(found)}",
                    "conflict",
                    {"between": [place.proposal_id, "demarcation line"], "why": why},
                    (),
                    place.sentence,
                    place.start,
                    place.end,
                    place.passage,
                    needs=(place.proposal_id,),
                )
            )
    return found


def _disagreement(first: Proposal, second: Proposal) -> str:
    a, b = first.value, second.value
    same_handover = "engagement" in a and a.get("engagement") == b.get("engagement")
    units = {a["unit"], b["unit"]}
    if same_handover and "containers" in units and len(units) == 2:
        if a["value"] == b["value"]:
            return f"“{a['text']}” and “{b['text']}”: a number of boxes is not a number of persons"
        return ""
    if (
        a["series"] != b["series"]
        or ("engagement" in a) != ("engagement" in b)
        or ("engagement" in a and not same_handover)
    ):
        return ""
    if ("containers" in units and len(units) == 2) or (a["value"], a["hedge"]) == (b["value"], b["hedge"]):
        return ""
    return f"“{a['text']}” ({a['part']}) against “{b['text']}” ({b['part']}) for one thing ({a['series']})"


def conflicts_with_record(reading: Reading, transfers: Sequence[Mapping[str, Any]]) -> list[Proposal]:
    """Counts of persons in the report that the record holds as boxes, or as another number, for the same handover.

    Args:
        reading: the report as read.
        transfers: rows of ``transfers.csv`` (``transfer_id``, ``on_date``, ``containers``, ``claimed_individuals``).
    """
    found: list[Proposal] = []
    held = {p.proposal_id: p.value for p in reading.of("engagement")}
    for figure in reading.of("figure"):
        event = held.get(figure.value.get("engagement", ""))
        if not event or figure.value["unit"] == "containers":
            continue
        for row in transfers:
            day = str(row.get("on_date") or "")
            if not (len(day) == 10 and event["from_date"] <= day <= event["to_date"]):
                continue
            boxes = row.get("containers")
            if boxes not in (None, "") and float(boxes) == figure.value["value"]:
                why = (
                    f"“{figure.value['text']}” against {row['transfer_id']} of {day}: {int(float(boxes))} boxes; "
                    "a number of boxes is not a number of persons"
                )
            elif boxes not in (None, ""):
                why = f"“{figure.value['text']}” against {row['transfer_id']} of {day}: {int(float(boxes))} boxes"
            else:
                continue
            found.append(
                Proposal(
                    f"R{len(found) + 1}",
                    "conflict",
                    {"between": [figure.proposal_id, str(row["transfer_id"])], "why": why},
                    (),
                    figure.sentence,
                    figure.start,
                    figure.end,
                    figure.passage,
                    figure.voice,
                    needs=(figure.proposal_id,),
                )
            )
    return found
