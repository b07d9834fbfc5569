"""The record as Django models."""

from __future__ import annotations

from django.apps import apps
from django.db import models

from cenotaph.dossier.tables import TABLES
from cenotaph.workplace.models.casework import (
    Event,
    FilePart,
    ForeignRow,
    Gram,
    Job,
    LedgerEntry,
    Run,
    RunTable,
    Sheet,
    SubjectKey,
    User,
)
from cenotaph.workplace.models.consents import Consent
from cenotaph.workplace.models.decisions import Contact, Opinion
from cenotaph.workplace.models.dossier import *  # noqa: F403
from cenotaph.workplace.models.generate import class_name
from cenotaph.workplace.models.intake import ColumnMapping, Import, Report
from cenotaph.workplace.models.photos import Photo
from cenotaph.workplace.models.proposals import Proposal
from cenotaph.workplace.models.searches import SavedSearch
from cenotaph.workplace.models.tokens import Token

__all__ = [
    "ColumnMapping",
    "Consent",
    "Contact",
    "Event",
    "FilePart",
    "ForeignRow",
    "Gram",
    "Import",
    "Job",
    "LedgerEntry",
    "Opinion",
    "Photo",
    "Proposal",
    "Report",
    "Run",
    "RunTable",
    "SavedSearch",
    "Sheet",
    "SubjectKey",
    "Token",
    "User",
]


def model_of(table: str) -> type[models.Model]:
    """The model of a dossier's table, by the name of the table."""
    return apps.get_model("workplace", class_name(table))


def dossier_models() -> dict[str, type[models.Model]]:
    """Models of all tables of the registry, in its order."""
    return {name: model_of(name) for name in TABLES}


def all_models() -> list[type[models.Model]]:
    """Every model of the workplace; those that others refer to come first."""
    return sorted(apps.get_app_config("workplace").get_models(), key=_depth)


def _depth(model: type[models.Model]) -> int:
    """How many tables stand above a model's rows, one upon another."""
    above = [f.related_model for f in model._meta.concrete_fields if f.is_relation]
    return max((1 + _depth(m) for m in above), default=0)


def recorded_models() -> list[type[models.Model]]:
    """Models whose changes are entered in the ledger."""
    return [m for m in all_models() if m.recorded]
