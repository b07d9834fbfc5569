"""What a simulated handover shall contain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType

from cenotaph.errors import InvalidInput
from cenotaph.simulation.circumstances import K208, PUNCHBOWL, SITE, Circumstances
from cenotaph.simulation.difficulty import Difficulty


@dataclass(frozen=True, slots=True)
class IncidentShare:
    """An incident of the shipped table and how much of the roster and of the boxes is of it.

    Args:
        incident_id: key of ``data/simulation/incidents.csv``.
        missing: share of the missing, relative to the others.
        boxes: share of the boxes that claim it, relative to the others; 0 where no box does.
    """

    incident_id: str
    missing: float
    boxes: float = 0.0


KOREA = (
    IncidentShare("UNSAN", 1250, 20),
    IncidentShare("CHOSIN", 1200, 35),
    IncidentShare("KUNURI", 350),
    IncidentShare("CAMP5", 550),
    IncidentShare("DEATHVALLEY", 350),
    IncidentShare("SUAN", 225),
)
"""Losses by area as published, and the labels of the 55 boxes of 2018."""

LEAST_INDIVIDUALS, LEAST_BOXES = 20, 2


@dataclass(frozen=True, slots=True)
class HandoverPlan:
    """Size, incidents, difficulty, circumstances and seed of a handover.

    Args:
        individuals: people in the boxes; animal bones come on top.
        boxes: containers.
        missing: men on the roster.
        seed: decides every random draw: the same plan gives the same bytes.
        incidents: where the missing were lost and what the boxes claim.
        difficulty: rates of errors.
        circumstances: how people came into the boxes, and what is left of them.
        snps: SNPs that a part of the bones and donors is typed for; 0 for none.

    Raises:
        InvalidInput: a size that cannot be, or an incident twice.

    >>> preset("small").individuals
    30
    """

    individuals: int
    boxes: int
    missing: int
    seed: int = 1
    incidents: tuple[IncidentShare, ...] = KOREA
    difficulty: Difficulty = field(default_factory=Difficulty)
    circumstances: Circumstances = field(default_factory=Circumstances)
    snps: int = 0

    def __post_init__(self) -> None:
        # Fewer people leave no room for both kinds of brothers that every handover holds.
        if self.individuals < LEAST_INDIVIDUALS:
            raise InvalidInput("too few individuals", found=self.individuals, valid=f"at least {LEAST_INDIVIDUALS}")
        if self.boxes < LEAST_BOXES:
            raise InvalidInput("too few boxes", found=self.boxes, valid=f"at least {LEAST_BOXES}")
        if self.missing < 2 * self.individuals:
            raise InvalidInput(
                "too few missing", found=self.missing, valid=f"at least twice the individuals: {2 * self.individuals}"
            )
        if self.snps < 0:
            raise InvalidInput("the number of SNPs is negative", found=self.snps, valid="0 or more")
        if self.seed < 0:
            raise InvalidInput("the seed is negative", found=self.seed, valid="0 or more")
        ids = [i.incident_id for i in self.incidents]
        if len(ids) < 2 or len(set(ids)) < len(ids):
            raise InvalidInput("incidents must be two or more, each once", found=" ".join(ids) or "none")
        if min(min(i.missing, i.boxes) for i in self.incidents) < 0 or not any(i.boxes for i in self.incidents):
            raise InvalidInput("shares of incidents", valid="0 or more, and a claim by some box")


PRESETS: Mapping[str, HandoverPlan] = MappingProxyType(
    {
        "site": HandoverPlan(20, 3, 60, circumstances=SITE),
        "small": HandoverPlan(30, 8, 300),
        "k55": HandoverPlan(250, 55, 2800),
        "k208": HandoverPlan(650, 230, 7700, circumstances=K208),
        "punchbowl": HandoverPlan(100, 92, 1500, difficulty=Difficulty(foreign=0.2), circumstances=PUNCHBOWL),
    }
)
"""Named plans. k55 has the size of the handover of 27 July 2018; k208 that of the boxes of 1990 to 1994 with the graves
of joint recoveries; punchbowl is coffins of unknowns; site is one dig."""

SCENARIOS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "brothers": {"brothers": 0.10, "brothers_both": 0.20, "brothers_one": 0.20},
        "mitotypes": {"common_mitotypes": 0.4},
        "labels": {"label_truth": 0.35},
        "records": {"swapped_charts": 0.15, "swapped_films": 0.15, "misread_stages": 0.15},
        "samples": {"swapped_samples": 0.02, "contaminated": 0.08, "wrong_pedigrees": 0.05},
        "strangers": {"unlisted": 0.20, "foreign": 0.50, "same_build": 1.0},
        "animals": {"animals": 0.12, "animals_mistaken": 0.6},
    }
)
"""What is made worse, in `Difficulty` or in `Circumstances`, to mislead."""


def preset(
    name: str,
    *,
    individuals: int | None = None,
    boxes: int | None = None,
    missing: int | None = None,
    scenario: str | None = None,
    snps: int = 0,
    seed: int = 1,
) -> HandoverPlan:
    """A named plan, any part of its size replaced, made worse by a named scenario.

    Raises:
        InvalidInput: no such preset or scenario.

    >>> preset("small", scenario="labels").difficulty.label_truth
    0.35
    """
    if name not in PRESETS:
        raise InvalidInput("no such preset", found=name, valid=", ".join(PRESETS))
    if scenario is not None and scenario not in SCENARIOS:
        raise InvalidInput("no such scenario", found=scenario, valid=", ".join(SCENARIOS))
    usual = PRESETS[name]
    worse = SCENARIOS[scenario] if scenario is not None else {}
    rates = {f.name for f in fields(Difficulty)}
    return replace(
        usual,
        individuals=usual.individuals if individuals is None else individuals,
        boxes=usual.boxes if boxes is None else boxes,
        missing=usual.missing if missing is None else missing,
        seed=seed,
        snps=snps,
        difficulty=replace(usual.difficulty, **{k: v for k, v in worse.items() if k in rates}),
        circumstances=replace(usual.circumstances, **{k: v for k, v in worse.items() if k not in rates}),
    )
