"""Tokens by which programs speak for somebody at the API."""

from __future__ import annotations

from django.db import models

from cenotaph.workplace.models.casework import Recorded, User
from cenotaph.workplace.models.fields import Cell


class Token(Recorded):
    """A word that lets a program act as a user, with that user's rights and no others.

    Attributes:
        label: what it is for.
        digest: SHA-256 of the word, which itself is shown once and kept nowhere.
        epoch: the user's ``session_epoch`` when it was made; closing the account ends the token for good.
        made_at, ends_at, revoked_at: times (UTC).
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    label = models.TextField()
    digest = models.TextField()
    epoch = models.TextField()
    made_at = models.TextField()
    ends_at = models.TextField()
    revoked_at = Cell()

    digested = ("digest",)

    class Meta:
        db_table = "tokens"
        constraints = (models.UniqueConstraint(fields=["digest"], name="tokens_key"),)
