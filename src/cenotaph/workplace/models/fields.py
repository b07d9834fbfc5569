"""Columns of the database: text as it stood in the dossier, secret text, and the number of a ledger entry."""

from __future__ import annotations

from typing import Any

from django.db import models


class Cell(models.TextField):
    """A cell of a dossier: its text as it was read, or nothing. Numbers and dates keep the text they came in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)


class SecretCell(Cell):
    """A cell stored encrypted under the key of the row's subject."""


class EntryNumber(models.BigIntegerField):
    """Number of a ledger entry; on SQLite the row's own number, so that the last entry is found at once."""

    def db_type(self, connection: Any) -> str:
        return "integer" if connection.vendor == "sqlite" else "bigint"
