"""What donors consented to, and what they took back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cenotaph.workplace.models.casework import Recorded
from cenotaph.workplace.models.fields import Cell, SecretCell


class Consent(Recorded):
    """A donor's consent; a withdrawal is written into the same row, which stays.

    Attributes:
        person_id: the relative.
        subject: whose key opens the secret cells.
        scope: what it covers, words of `services.consents.SCOPES`, space separated.
        given_on: the day on the paper.
        paper: where the signed paper lies, encrypted.
        by, at: who entered it, and when.
        withdrawn_on: the day on which it was taken back.
        withdrawal: what was said then, encrypted.
        withdrawn_by, withdrawn_at: who entered the withdrawal, and when.
    """

    person_id = models.TextField(db_index=True)
    subject = models.TextField()
    scope = models.TextField()
    given_on = models.TextField()
    paper = SecretCell()
    by = models.TextField()
    at = models.TextField()
    withdrawn_on = Cell()
    withdrawal = SecretCell()
    withdrawn_by = Cell()
    withdrawn_at = Cell()

    class Meta:
        db_table = "consents"
        constraints = (
            models.CheckConstraint(
                name="consents_withdrawn",
                condition=Q(withdrawn_on=None, withdrawn_by=None, withdrawn_at=None)
                | Q(withdrawn_on__isnull=False, withdrawn_by__isnull=False, withdrawn_at__isnull=False),
            ),
        )
