"""Opinions with their review and ruling, and what was said to families."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cenotaph.workplace.models.casework import Recorded, Run
from cenotaph.workplace.models.fields import Cell, SecretCell


class Opinion(Recorded):
    """An examiner's opinion on some remains, with the independent review and the authority's ruling on it.

    The three stand in one row so that the database itself holds them to four eyes; the ledger keeps each step.

    Attributes:
        run: the run on which it rests.
        individual_id: the individual of that run.
        subject: whose key opens the secret cells.
        opinion, review, ruling: what was written, a JSON object of text, encrypted.
        state: one word of `STATES`, or how it ended otherwise.
        decision_id: the row of ``decisions`` that it became.
    """

    run = models.ForeignKey(Run, null=True, on_delete=models.PROTECT)
    individual_id = Cell()
    outcome = models.TextField()
    specimen_ids = models.TextField()
    missing_id = Cell()
    subject = models.TextField()
    opinion = SecretCell()
    signed_by = models.TextField()
    signed_at = models.TextField()
    review = SecretCell()
    reviewed_by = Cell()
    reviewed_at = Cell()
    ruling = SecretCell()
    decided_by = Cell()
    decided_at = Cell()
    decision_id = Cell()
    told_at = Cell()
    state = models.TextField(db_index=True)

    class Meta:
        db_table = "opinions"
        constraints = (
            models.CheckConstraint(
                name="opinions_four_eyes", condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("signed_by"))
            ),
            models.CheckConstraint(
                name="opinions_authority_apart",
                condition=Q(decided_by=None)
                | (Q(reviewed_by__isnull=False) & ~Q(decided_by=F("signed_by")) & ~Q(decided_by=F("reviewed_by"))),
            ),
            models.CheckConstraint(
                name="opinions_decided", condition=Q(decision_id=None) | Q(decided_by__isnull=False)
            ),
        )


class Contact(Recorded):
    """Something said to or heard from a family.

    Attributes:
        opinion: the opinion whose outcome was told, if it was that.
        person_id: the relative.
        note: what was said, encrypted under the key of *subject*.
        due_on: the day by which the next contact is due; what the newest contact says counts.
    """

    opinion = models.ForeignKey(Opinion, null=True, on_delete=models.PROTECT, related_name="contacts")
    missing_id = models.TextField(db_index=True)
    person_id = Cell()
    kind = models.TextField()
    on_date = models.TextField()
    subject = models.TextField()
    note = SecretCell()
    by = models.TextField()
    due_on = Cell()

    class Meta:
        db_table = "contacts"
