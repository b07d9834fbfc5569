"""The tables of the house itself: people who work here, keys, events, jobs, runs, and the ledger."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from cenotaph.workplace.models.fields import Cell, EntryNumber


class Recorded(models.Model):
    """A table whose changes are entered in the ledger; see `DossierRow` for the attributes."""

    recorded: ClassVar[bool] = True
    digested: ClassVar[tuple[str, ...]] = ()
    unrecorded: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True


class Unrecorded(models.Model):
    """A table that holds no case data and would drown the ledger."""

    recorded: ClassVar[bool] = False

    class Meta:
        abstract = True


class LedgerEntry(Unrecorded):
    """One change of one row: who, when, why, before, after; chained to the entry before it."""

    seq = EntryNumber(primary_key=True)
    at = models.TextField()
    actor = models.TextField()
    reason = models.TextField()
    table = models.TextField(db_column="table_name")
    row = models.TextField()
    action = models.TextField()
    before = models.TextField(null=True)
    after = models.TextField(null=True)
    previous = models.TextField()
    digest = models.TextField()

    class Meta:
        db_table = "ledger"
        indexes = (models.Index(fields=["table", "row"], name="ledger_row_i"),)


class SubjectKey(Recorded):
    """The key of a data subject, itself encrypted under the master key. Without it the subject's cells are noise."""

    subject = models.TextField()
    wrapped = models.TextField()

    digested = ("wrapped",)

    class Meta:
        db_table = "subject_keys"
        constraints = (models.UniqueConstraint(fields=["subject"], name="subject_keys_key"),)


class Gram(Unrecorded):
    """A keyed trace of three letters of a secret cell, by which a row is found without its text being stored.

    It is made from the row and goes with the subject's key.
    """

    subject = models.TextField(db_index=True)
    table = models.TextField(db_column="table_name")
    row = models.BigIntegerField()
    gram = models.TextField()

    class Meta:
        db_table = "grams"
        indexes = (models.Index(fields=["gram"], name="grams_gram_i"),)


class Sheet(Recorded):
    """A table that a dossier had, with the header of its file as a JSON list."""

    name = models.TextField()
    columns = models.TextField()

    class Meta:
        db_table = "sheets"
        constraints = (models.UniqueConstraint(fields=["name"], name="sheets_key"),)


class ForeignRow(Recorded):
    """A row of a table that the registry does not know, kept as an encrypted JSON list of its cells."""

    table = models.TextField(db_column="table_name", db_index=True)
    cells = models.TextField()

    class Meta:
        db_table = "foreign_rows"


class FilePart(Recorded):
    """An encrypted part of a file that came with a dossier; a VCF is kept by sample, each under its subject's key."""

    file = models.TextField()
    part = models.TextField()
    subject = models.TextField()
    content = models.TextField()

    digested = ("content",)

    class Meta:
        db_table = "file_parts"
        constraints = (models.UniqueConstraint(fields=["file", "part"], name="file_parts_key"),)


class Event(Recorded):
    """Something that happened and changed no row: an export, an unmasking, a signing in. Never altered."""

    kind = models.TextField()
    subject = models.TextField()
    detail = models.TextField()

    class Meta:
        db_table = "events"


class Run(Recorded):
    """A finished identification, frozen: the ledger's head names the exact state of the record that it read.

    Attributes:
        ledger_count, ledger_head: number and digest of the last ledger entry that the run saw.
        record: the run's ``run.json``.
    """

    name = models.TextField()
    ledger_count = models.BigIntegerField()
    ledger_head = models.TextField()
    record = models.TextField()

    class Meta:
        db_table = "runs"


class RunTable(Recorded):
    """A table of a run's answer, as CSV."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="tables")
    name = models.TextField()
    csv = models.TextField()

    digested = ("csv",)

    class Meta:
        db_table = "run_tables"
        constraints = (models.UniqueConstraint(fields=["run", "name"], name="run_tables_key"),)


class Job(Unrecorded):
    """Work for the worker: queued, running, done, failed or cancelled. What it brings forth is in the ledger."""

    kind = models.TextField()
    parameters = models.TextField(default="{}")
    asked_by = models.TextField()
    asked_at = models.TextField()
    state = models.TextField(default="queued", db_index=True)
    step = models.TextField(default="")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    attempts = models.IntegerField(default=0)
    message = models.TextField(default="")
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL)

    class Meta:
        db_table = "jobs"


class UserManager(BaseUserManager["User"]):
    """Makes users; nobody is there from the beginning."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(name=username)


class User(AbstractBaseUser):
    """Someone who works here.

    Attributes:
        roles: names of roles, space separated.
        state: ``active`` or ``closed``; a closed account keeps its history.
        session_epoch: a change of it ends all sessions of the user.
        second_factor: secret of the user's code generator, encrypted; nothing where there is none.
        second_factor_step: time step of the last code that was taken, so that none is taken twice.
    """

    name = models.TextField()
    full_name = models.TextField(default="")
    roles = models.TextField(default="")
    state = models.TextField(default="active")
    language = Cell()
    session_epoch = models.TextField(default="0")
    second_factor = Cell()
    second_factor_step = models.BigIntegerField(default=0)

    recorded: ClassVar[bool] = True
    digested = ("second_factor",)
    unrecorded = ("password", "last_login", "second_factor_step")

    USERNAME_FIELD = "name"
    objects = UserManager()

    class Meta:
        db_table = "users"
        constraints = (models.UniqueConstraint(fields=["name"], name="users_key"),)

    @property
    def is_active(self) -> bool:
        """Whether the account may sign in."""
        return self.state == "active"

    def get_session_auth_hash(self) -> str:
        """Changes with the password and with ``session_epoch``, which ends every session of the user at once."""
        return f"{super().get_session_auth_hash()}{self.session_epoch}"
