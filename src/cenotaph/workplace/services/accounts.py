"""The accounting tables of the record, as far as a viewer may see them, for the questions of the accounting wing."""

from __future__ import annotations

from functools import lru_cache

from cenotaph.accounting.record import Record
from cenotaph.dossier.read import Dossier
from cenotaph.dossier.tables import TABLES
from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.rights import ACCOUNTS, ALL
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.models import LedgerEntry


def record_for(viewer: Viewer) -> Record:
    """The record as it stands, without the tables that the viewer may not see."""
    newest = LedgerEntry.objects.order_by("-seq").values_list("seq", flat=True).first()
    return _record(viewer.roles, newest or 0)


@lru_cache(maxsize=8)
def _record(roles: tuple[str, ...], newest: int) -> Record:
    """The same record for everybody with the same roles, until something is written."""
    import polars as pl

    viewer = Viewer("", roles)
    texts = {}
    for name in ACCOUNTS:
        columns = [c.name for c in TABLES[name].columns]
        if not set(columns) <= viewer.fields_by_rows("see", name).get(ALL, frozenset()):
            continue
        rows = selectors.rows(viewer, name, fields=columns)
        if rows:
            texts[name] = pl.DataFrame(
                [[row[c] for c in columns] for row in rows], dict.fromkeys(columns, pl.String), orient="row"
            )
    return Record.from_dossier(Dossier.from_texts(texts))
