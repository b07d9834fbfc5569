"""Writing a dossier: canonical CSV and its descriptor, all of it or nothing."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cenotaph.dossier.descriptor import describe
from cenotaph.dossier.read import Dossier
from cenotaph.dossier.tables import DESCRIPTOR_FILE, SNP_FILE, TABLES
from cenotaph.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl


def write_dossier(dossier: Dossier, folder: Path, *, replace: bool = False) -> None:
    """Writes *dossier* to *folder*, which must not hold anything unless *replace* says so.

    Columns stand in the registry's order, extra ones last; every cell as it was read. ``datapackage.json`` is
    always written. The folder is made beside its place and moved there when it is complete.

    Raises:
        InvalidInput: *folder* is there, is not empty, and is not to be replaced.
    """
    with new_folder(folder, replace=replace) as work:
        columns = {}
        for name, text in dossier.texts.items():
            ordered = canonical_columns(name, text)
            columns[name] = ordered.columns
            write_csv(ordered, work / f"{name}.csv")
        if dossier.snp_path is not None:
            shutil.copyfile(dossier.snp_path, work / SNP_FILE)
        descriptor = describe(columns, dossier.descriptor, has_snp=dossier.snp_path is not None)
        text_of = json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n"
        (work / DESCRIPTOR_FILE).write_text(text_of, encoding="utf-8")


def canonical_columns(name: str, text: pl.DataFrame) -> pl.DataFrame:
    """Columns in the registry's order, extra ones last in the order they had."""
    if name not in TABLES:
        return text
    known = [c.name for c in TABLES[name].columns if c.name in text.columns]
    return text.select(*known, *(c for c in text.columns if c not in TABLES[name].by_name))


def write_csv(text: pl.DataFrame, path: Path) -> None:
    """Writes a table of text as CSV."""
    single = text.width == 1 and text.get_column(text.columns[0]).null_count() > 0
    text.write_csv(path, quote_style="always" if single else "necessary", null_value="", line_terminator="\n")


@contextmanager
def new_folder(folder: Path, *, replace: bool = False) -> Iterator[Path]:
    """A folder to write to that becomes *folder* when the block ends well, and vanishes when it does not.

    Raises:
        InvalidInput: *folder* is a file, or holds something and is not to be replaced.
    """
    if folder.exists() and not folder.is_dir():
        raise InvalidInput("not a folder", found=str(folder), valid="a folder that is empty or not there yet")
    if folder.is_dir() and any(folder.iterdir()) and not replace:
        raise InvalidInput(
            "the folder is not empty", found=str(folder), valid="a folder that is empty or not there yet"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield work
        os.chmod(work, 0o777 & ~_umask())
        if folder.is_dir():
            _swap(work, folder)
        else:
            os.replace(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _swap(work: Path, folder: Path) -> None:
    """Puts *work* in the place of *folder*; the old one is there again should that fail."""
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
    os.replace(folder, old)
    try:
        os.replace(work, folder)
    except OSError:
        os.replace(old, folder)
        raise
    shutil.rmtree(old)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_file(text: str, path: Path, *, replace: bool = False) -> None:
    """Writes a text file whole or not at all.

    Raises:
        InvalidInput: *path* is there and is not to be replaced.
    """
    if path.exists() and not replace:
        raise InvalidInput("the file is there already", found=str(path), valid="a new file")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    work = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(text)
        os.chmod(work, 0o666 & ~_umask())
        os.replace(work, path)
    finally:
        work.unlink(missing_ok=True)
