"""Decisions in force: where each came from, and the end of one that came with a load."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import Opinion, Proposal, model_of
from cenotaph.workplace.models.proposals import ACCEPTED
from cenotaph.workplace.services.decisions import DECIDED, TOLD, require_reason

OPINION, PROPOSAL = "opinion", "proposal"
Origin = tuple[str, int]
"""`OPINION` or `PROPOSAL`, and its number."""


def origins() -> dict[str, Origin]:
    """Decisions that were made here and stand, each with the opinion or proposal that it was; others were loaded."""
    opinions = Opinion.objects.filter(state__in=(DECIDED, TOLD)).values_list("decision_id", "pk")
    made: dict[str, Origin] = {number: (OPINION, pk) for number, pk in opinions}
    for numbers, pk in Proposal.objects.filter(state=ACCEPTED).values_list("decision_ids", "pk"):
        made |= dict.fromkeys(numbers.split(), (PROPOSAL, pk))
    return made


def may_reopen(viewer: Viewer, decision_id: str) -> bool:
    """Whether the viewer may take this decision out of force by itself."""
    return viewer.may("change", "opinions", "ruling") and decision_id not in origins()


def reopen(viewer: Viewer, decision_id: str, cause: str) -> None:
    """Takes a decision that came with a load out of force, with cause; the ledger keeps it.

    What the roster says of the man stays as it is: it came from elsewhere, too.

    Raises:
        Refused: the role may not, there is no cause, or no such decision; or it was made here and is re-opened there.
    """
    viewer.require("change", "opinions", ["ruling"])
    require_reason(cause)
    with acting(viewer.name, f"re-opened: {cause.strip()}"):
        row = model_of("decisions").objects.select_for_update().filter(decision_id=decision_id).first()
        if row is None:
            raise Refused(_("no such decision is in force"))
        if decision_id in origins():
            raise Refused(_("it was made here: re-open the opinion or the proposal that it was"))
        row.delete()
