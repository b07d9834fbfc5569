"""Searches that somebody keeps."""

from __future__ import annotations

from django.db import models

from cenotaph.workplace.models.casework import Recorded, User
from cenotaph.workplace.models.fields import SecretCell


class SavedSearch(Recorded):
    """A search that a user keeps, with a name of its own.

    Attributes:
        content: name and words as JSON, encrypted: who looks for somebody may type the name.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="searches")
    content = SecretCell()

    class Meta:
        db_table = "saved_searches"
