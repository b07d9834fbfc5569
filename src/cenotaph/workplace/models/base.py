"""What the models of a dossier's tables share."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from cenotaph.workplace.models.fields import Cell, SecretCell


class DossierRow(models.Model):
    """A row of a dossier's table. Rows keep their order by ``id``.

    Attributes:
        extra: columns that the registry does not know, as one JSON object of text.
        recorded: whether changes are entered in the ledger.
        digested: columns that the ledger shows as their SHA-256 only.
        unrecorded: columns that the ledger leaves out.
    """

    extra = Cell()

    recorded: ClassVar[bool] = True
    digested: ClassVar[tuple[str, ...]] = ()
    unrecorded: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True


class SubjectRow(DossierRow):
    """A row that speaks of a person, with cells encrypted under that person's key.

    Attributes:
        subject: whose key opens the secret cells, as ``missing:M00001``.
    """

    extra = SecretCell()
    subject = models.TextField(db_index=True)

    class Meta:
        abstract = True
