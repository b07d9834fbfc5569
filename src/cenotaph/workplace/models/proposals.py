"""Proposals to move a bone into an individual of a run, or out of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cenotaph.workplace.models.casework import Recorded, Run
from cenotaph.workplace.models.fields import Cell, SecretCell

DIRECTIONS = ("in", "out")
OPEN, ACCEPTED, REFUSED, WITHDRAWN, REOPENED = "open", "accepted", "refused", "withdrawn", "re-opened"


class Proposal(Recorded):
    """A bone that somebody at the bench would move into an individual or out of it, and what became of that.

    Attributes:
        run, individual_id: the run and its individual on which it was made.
        specimen_id: the bone.
        direction: one word of `DIRECTIONS`.
        said: what the run said of the two, a JSON object; see `services.segregation.Said`.
        subject: whose key opens the secret cells.
        reason, answer: why it was made and why it was decided so, encrypted.
        state: open, accepted, refused, withdrawn, or re-opened after it had been accepted.
        decision_ids: the rows of ``decisions`` that it became, space separated.
    """

    run = models.ForeignKey(Run, on_delete=models.PROTECT)
    individual_id = models.TextField()
    specimen_id = models.TextField(db_index=True)
    direction = models.TextField()
    said = models.TextField()
    subject = models.TextField()
    reason = SecretCell()
    proposed_by = models.TextField()
    proposed_at = models.TextField()
    state = models.TextField(db_index=True)
    answer = SecretCell()
    decided_by = Cell()
    decided_at = Cell()
    decision_ids = Cell()

    class Meta:
        db_table = "proposals"
        constraints = (
            models.CheckConstraint(name="proposals_direction", condition=Q(direction__in=DIRECTIONS)),
            models.CheckConstraint(
                name="proposals_four_eyes", condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by"))
            ),
            models.CheckConstraint(
                name="proposals_decided",
                condition=Q(decided_by=None, state__in=(OPEN, WITHDRAWN), decision_ids=None)
                | Q(decided_by__isnull=False, state__in=(ACCEPTED, REFUSED, REOPENED)),
            ),
            models.UniqueConstraint(
                name="proposals_one_open", fields=("run", "individual_id", "specimen_id"), condition=Q(state=OPEN)
            ),
        )
