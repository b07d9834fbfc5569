"""What is on its way into the record: files to import, and reports that are being read."""

from __future__ import annotations

from django.db import models

from cenotaph.workplace.models.casework import Recorded
from cenotaph.workplace.models.fields import Cell, SecretCell


class Import(Recorded):
    """Tables that somebody brought: uploaded, mapped to columns of the registry, taken in, perhaps undone.

    Attributes:
        content: the tables and their mapping as JSON, encrypted; gone once the import is taken in or given up.
        state: ``open``, ``applied``, ``undone`` or ``given up``.
        first_entry, last_entry: ledger entries that it made, by which it is undone.
    """

    file = models.TextField()
    by = models.TextField()
    at = models.TextField()
    content = SecretCell()
    state = models.TextField(default="open")
    rows = models.BigIntegerField(default=0)
    first_entry = models.BigIntegerField(null=True)
    last_entry = models.BigIntegerField(null=True)

    digested = ("content",)

    class Meta:
        db_table = "imports"


class ColumnMapping(Recorded):
    """A mapping of a file's columns that is remembered for the next file with the same header.

    Attributes:
        header: the file's header as a JSON list.
        columns: column of the registry for each column of the file, as a JSON object.
    """

    table = models.TextField(db_column="table_name")
    header = models.TextField()
    columns = models.TextField()

    class Meta:
        db_table = "column_mappings"
        constraints = (models.UniqueConstraint(fields=["table", "header"], name="column_mappings_key"),)


class Report(Recorded):
    """A press report at the reading desk.

    Attributes:
        source_id: its row of ``sources``, there once something of it was accepted.
        choices: proposal to ``accept``, ``refuse`` or changed columns, as JSON.
        state: ``open`` or ``entered``.
    """

    source_id = models.TextField()
    title = models.TextField()
    published_on = models.TextField()
    reliability = models.TextField(default="F")
    url = Cell()
    text = models.TextField()
    choices = models.TextField(default="{}")
    state = models.TextField(default="open")

    class Meta:
        db_table = "reports"
        constraints = (models.UniqueConstraint(fields=["source_id"], name="reports_key"),)
