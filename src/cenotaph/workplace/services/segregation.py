"""Which bones a run put together, without whose they are, and what it says of one more or one fewer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cenotaph.workplace.access.rights import FROZEN
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.models import Run, model_of
from cenotaph.workplace.services import answers, runs

PARTS = ("specimen_id", "element", "side", "zones", "completeness")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What a run says of a bone and an individual.

    Args:
        probability: the greatest probability that the bone is of one person with another bone of the individual; None
            where the run does not say.
        partner: that other bone.
        owner: the individual to which the run gave the bone.
        same_part: bones of the individual that are the same part of the same side, so that one person has not both.
    """

    probability: float | None
    partner: str | None
    owner: str | None
    same_part: tuple[str, ...]

    def to_json(self) -> str:
        """As one JSON object."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Said:
        """From what `to_json` wrote."""
        told = json.loads(text)
        return cls(**told | {"same_part": tuple(told["same_part"])})


def sees(viewer: Viewer, run: Run) -> bool:
    """Whether the viewer may see the bones of every individual of a run without seeing whose they are.

    The bench may once the run is frozen: until then each science works without the conclusions of the others.
    """
    return FROZEN in viewer.fields_by_rows("see", "segregation") and runs.frozen(run) is not None


def latest_seen(viewer: Viewer) -> Run | None:
    """The latest run of which the viewer `sees` the bones."""
    return next((run for run in answers.answered_runs() if sees(viewer, run)), None)


def members_of(run: Run, individual_id: str) -> list[str]:
    """Bones that a run gave to an individual, in its order."""
    return [row["specimen_id"] for row in runs.table(run, "assignments") if row["individual_id"] == individual_id]


def said_of(run: Run, members: Sequence[str], specimen_id: str) -> Said:
    """What a run says of a bone and the individual with the bones *members*."""
    others = [s for s in members if s != specimen_id]
    found = {r["specimen_id"]: r for r in model_of("specimens").objects.filter(specimen_id__in=members).values(*PARTS)}
    bone = model_of("specimens").objects.filter(specimen_id=specimen_id).values(*PARTS).first()
    links = answers.links_of(run, [specimen_id])
    partners = sorted((-p, other) for pair, p in links.items() for other in pair & set(others))
    return Said(
        -partners[0][0] if partners else None,
        partners[0][1] if partners else None,
        answers.whose_bone(run, specimen_id),
        tuple(s for s in others if bone and s in found and answers.is_same_part(bone, found[s])),
    )
