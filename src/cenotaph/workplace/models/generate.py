"""Writes ``models/dossier.py`` from the registry of tables; a test says when it was forgotten.

Run ``python -m cenotaph.workplace.models.generate`` after a change of the registry, then ``makemigrations``.
"""

from __future__ import annotations

from pathlib import Path

from cenotaph.dossier.tables import TABLES, Table
from cenotaph.workplace.privacy import SECRETS

TARGET = Path(__file__).with_name("dossier.py")

_HEAD = '''"""The tables of a dossier as models. Made from the registry by `models/generate.py`; do not edit."""

from __future__ import annotations

from django.db import models

from cenotaph.workplace.models.base import DossierRow, SubjectRow
from cenotaph.workplace.models.fields import Cell, SecretCell
'''


def class_name(table: str) -> str:
    """Name of the model of a table.

    >>> class_name("str_profiles")
    'StrProfiles'
    """
    return "".join(part.capitalize() for part in table.split("_"))


def source() -> str:
    """The module as text."""
    return _HEAD + "".join(_model(table) for table in TABLES.values())


def _model(table: Table) -> str:
    secret = SECRETS[table.name].columns if table.name in SECRETS else ()
    lines = ["", "", f"class {class_name(table.name)}({'SubjectRow' if secret else 'DossierRow'}):"]
    lines += [f'    """{table.meaning.split(". ")[0].rstrip(".")}."""', ""]
    lines += [f"    {c.name} = {'SecretCell' if c.name in secret else 'Cell'}()" for c in table.columns]
    lines += ["", "    class Meta:", f'        db_table = "{table.name}"']
    if table.key:
        fields = ", ".join(f'"{c}"' for c in table.key)
        lines.append(f'        constraints = (models.UniqueConstraint(fields=[{fields}], name="{table.name}_key"),)')
    looked_up = [c.name for c in table.columns if (c.references or c.references_by) and c.type == "id"]
    indexes = [f'models.Index(fields=["{c}"], name="{_index_name(table.name, c)}"),' for c in looked_up]
    if len(indexes) == 1:
        lines.append(f"        indexes = ({indexes[0]})")
    elif indexes:
        lines += ["        indexes = (", *(f"            {index}" for index in indexes), "        )"]
    return "\n".join(lines) + "\n"


def _index_name(table: str, column: str) -> str:
    """At most 30 characters, as Django asks."""
    return f"{table[:12]}_{column[:16]}_i"


if __name__ == "__main__":
    TARGET.write_text(source(), encoding="utf-8")
