"""``export``: the record as a dossier again, cell for cell as it was loaded."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from cenotaph.dossier.read import Dossier
from cenotaph.dossier.tables import SNP_FILE, TABLES
from cenotaph.dossier.write import new_folder, write_dossier
from cenotaph.workplace.cells import Keyring
from cenotaph.workplace.ledger.context import acting, reading
from cenotaph.workplace.models import Event
from cenotaph.workplace.services import vcf_parts
from cenotaph.workplace.services.texts import stored_descriptor, stored_texts

if TYPE_CHECKING:
    import polars as pl


def write_record(folder: Path, without: Collection[str] = ()) -> Dossier:
    """Writes the whole record to *folder* as a dossier, and returns it. No event is entered; see `export_record`.

    Args:
        folder: absent or empty.
        without: samples that are left out, with their profiles.

    Raises:
        InvalidInput: *folder* is not empty.
    """
    keys = Keyring()
    keys.load()
    with tempfile.TemporaryDirectory(prefix="cenotaph-") as work:
        snp = Path(work) / SNP_FILE
        dossier = Dossier.from_texts(
            _without(stored_texts(keys), without),
            descriptor=stored_descriptor(keys),
            snp_path=snp if vcf_parts.restore(snp, keys, without) else None,
        )
        write_dossier(dossier, folder)
    return dossier


def _without(texts: dict[str, pl.DataFrame], samples: Collection[str]) -> dict[str, pl.DataFrame]:
    """The tables without the rows of some samples."""
    import polars as pl

    return {
        name: frame.filter(~pl.col("sample_id").is_in(list(samples)))
        if samples and name in TABLES and "sample_id" in frame.columns
        else frame
        for name, frame in texts.items()
    }


def export_record(folder: Path, actor: str, reason: str) -> int:
    """Writes the record to *folder*, which must be empty or absent; an export is an event of the ledger.

    Returns:
        the number of rows written.
    """
    with new_folder(folder) as work:
        with reading():
            dossier = write_record(work)
        rows = sum(frame.height for frame in dossier.texts.values())
        with acting(actor, reason):
            Event.objects.create(kind="export", subject="dossier", detail=f"{len(dossier.texts)} tables, {rows} rows")
    return rows
