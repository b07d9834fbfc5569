"""Photographs of bones and boxes."""

from __future__ import annotations

from django.db import models

from cenotaph.workplace.models.casework import Recorded
from cenotaph.workplace.models.fields import SecretCell


class Photo(Recorded):
    """A picture of a bone or a box, made anew from the file that was sent.

    Attributes:
        table, key: the row that it shows, as ``specimens`` and ``S1``.
        subject: whose key opens the secret cells.
        caption: what is to be seen, encrypted.
        picture, thumbnail: JPEG in base64, encrypted.
        by, at: who sent it, and when.
    """

    table = models.TextField(db_column="table_name")
    key = models.TextField()
    subject = models.TextField()
    caption = SecretCell()
    picture = SecretCell()
    thumbnail = SecretCell()
    by = models.TextField()
    at = models.TextField()

    digested = ("picture", "thumbnail")

    class Meta:
        db_table = "photos"
        indexes = (models.Index(fields=["table", "key"], name="photos_row_i"),)
