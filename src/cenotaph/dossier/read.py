"""A dossier in memory: typed tables to compute with, and the text they were read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cenotaph.dossier.check import Files, faults_of, read_files
from cenotaph.dossier.columns import cell_faults, header_faults
from cenotaph.dossier.faults import Fault, has_errors
from cenotaph.dossier.rules_dna import canonical, plain_allele
from cenotaph.dossier.tables import TABLES, Column, Table
from cenotaph.errors import FormatError

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Dossier:
    """A case: its tables, typed and as text.

    Args:
        tables: every table that is there, typed. A table of the registry has all columns of the registry, in
            its order, with the default of the column where a cell is empty, and its extra columns last. Numbers
            are floats or integers, markers are in Cenotaph's spelling, alleles in their shortest form.
        texts: the same tables as they stand in the files: only the columns that are there, every cell as text.
        descriptor: what ``datapackage.json`` said beside its resources.
        snp_path: the VCF file, None where there is none.
        paths: the file that each table came from.
    """

    tables: Mapping[str, pl.DataFrame]
    texts: Mapping[str, pl.DataFrame]
    descriptor: Mapping[str, object] = field(default_factory=dict)
    snp_path: Path | None = None
    paths: Mapping[str, Path] = field(default_factory=dict)

    def table(self, name: str) -> pl.DataFrame:
        """The typed table *name*; without rows where the dossier does not have it.

        >>> Dossier({}, {}).table("specimens").columns[:3]
        ['specimen_id', 'container_id', 'element']
        """
        return self.tables[name] if name in self.tables else empty_table(TABLES[name])

    def in_order(self) -> Dossier:
        """The same dossier with the rows of every table sorted, so that their order decides nothing."""
        tables = {n: t.sort(t.columns, nulls_last=False, maintain_order=True) for n, t in self.tables.items()}
        return replace(self, tables=MappingProxyType(tables))

    @classmethod
    def from_texts(
        cls,
        texts: Mapping[str, pl.DataFrame],
        *,
        descriptor: Mapping[str, object] | None = None,
        snp_path: Path | None = None,
        paths: Mapping[str, Path] | None = None,
    ) -> Dossier:
        """A dossier from tables of text."""
        tables = {name: typed_table(TABLES[name], frame) if name in TABLES else frame for name, frame in texts.items()}
        return cls(
            MappingProxyType(tables),
            MappingProxyType(dict(texts)),
            MappingProxyType(dict(descriptor or {})),
            snp_path,
            MappingProxyType(dict(paths or {})),
        )

    @classmethod
    def from_tables(cls, tables: Mapping[str, pl.DataFrame], *, snp_path: Path | None = None) -> Dossier:
        """A dossier from tables of any types; numbers are written in their shortest form."""
        return cls.from_texts({name: as_text(frame) for name, frame in tables.items()}, snp_path=snp_path)


@dataclass(frozen=True)
class Examination:
    """A dossier and its faults; there is no dossier where any fault is an error."""

    dossier: Dossier | None
    faults: list[Fault]


def files_of(folder: Path) -> list[Path]:
    """The files of a dossier's folder, sorted; what begins with a dot (caches) is none of them."""
    return sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))


def read_dossier(folder: Path) -> Dossier:
    """Reads the dossier in *folder*.

    Only what typed tables need is checked here: files that cannot be read, required columns, cells that are not
    of their column's type. `check_dossier` and `examine_dossier` apply every rule.

    Raises:
        InvalidInput: *folder* is no folder.
        FormatError: a file, a header or a cell cannot be read; the first such fault is named, with their number.
    """
    files = read_files(folder)
    faults = list(files.faults)
    for sheet in files.sheets.values():
        if sheet.table is not None:
            faults += [*header_faults(sheet, sheet.table), *cell_faults(sheet, sheet.table)]
    errors = [f for f in faults if f.severity == "error"]
    if errors:
        first = errors[0]
        more = f" (and {len(errors) - 1} more faults)" if len(errors) > 1 else ""
        raise FormatError(
            first.what + more,
            found=first.found,
            valid=first.valid,
            where=f"{first.table}:{first.line or ''}:{first.column or ''}",
        )
    return _dossier(files)


def examine_dossier(folder: Path) -> Examination:
    """Checks the dossier in *folder* by every rule and, where there is no error, reads it.

    Raises:
        InvalidInput: *folder* is no folder.
    """
    files = read_files(folder)
    faults = faults_of(files)
    return Examination(None if has_errors(faults) else _dossier(files), faults)


def _dossier(files: Files) -> Dossier:
    return Dossier.from_texts(
        {name: sheet.frame for name, sheet in files.sheets.items()},
        descriptor={key: value for key, value in files.descriptor.items() if key != "resources"},
        snp_path=files.snp_path,
        paths={name: sheet.path for name, sheet in files.sheets.items()},
    )


def empty_table(table: Table) -> pl.DataFrame:
    """A typed table without rows."""
    import polars as pl

    return typed_table(table, pl.DataFrame(schema={c.name: pl.String for c in table.columns}))


def typed_table(table: Table, text: pl.DataFrame) -> pl.DataFrame:
    """The typed form of a table of text; see `Dossier`. Cells that are not of their type become null."""
    import polars as pl

    absent = pl.Series([None] * text.height, dtype=pl.String)
    typed = [
        _typed_column(c, text.get_column(c.name) if c.name in text.columns else absent.alias(c.name))
        for c in table.columns
    ]
    extra = [text.get_column(name) for name in text.columns if name not in table.by_name]
    return pl.DataFrame([*typed, *extra])


def _typed_column(column: Column, cells: pl.Series) -> pl.Series:
    import polars as pl

    if column.default is not None:
        cells = cells.fill_null(column.default)
    if column.type == "number":
        return cells.cast(pl.Float64, strict=False)
    if column.type == "integer":
        return cells.str.strip_prefix("+").cast(pl.Int64, strict=False)
    if column.type == "marker":
        return canonical(cells)
    if column.type == "allele" or (column.type == "text" and column.name == "allele"):
        return plain_allele(cells)
    return cells


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Every column as text: whole numbers without a point, other numbers in their shortest form."""
    import polars as pl

    return frame.select(
        pl.col(name).cast(pl.String).str.strip_suffix(".0").replace("", None)
        if dtype.is_float()
        else pl.col(name).cast(pl.String).replace("", None)
        for name, dtype in frame.schema.items()
    )
