"""Small simulated handovers, made once per test run."""

from __future__ import annotations

from functools import cache

from cenotaph.simulation.handover import Handover, simulate_handover
from cenotaph.simulation.plan import HandoverPlan, preset

SMALL = preset("small", individuals=20, boxes=5, missing=120, seed=5)


@cache
def handover(plan: HandoverPlan) -> Handover:
    """The handover of a plan."""
    return simulate_handover(plan)
