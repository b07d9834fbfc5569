"""Every fault of a dossier, from the shape of its files to pedigrees that cannot be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cenotaph.dossier import (
    columns,
    rules_accounting,
    rules_age,
    rules_bone_samples,
    rules_bones,
    rules_dna,
    rules_measurements,
    rules_people,
)
from cenotaph.dossier.faults import Fault
from cenotaph.dossier.files import decode_utf8, read_bytes
from cenotaph.dossier.sheets import Sheet, read_sheet
from cenotaph.dossier.tables import DESCRIPTOR_FILE, SNP_FILE, TABLES
from cenotaph.dossier.vcf import vcf_faults
from cenotaph.dossier.vocabulary import nearest
from cenotaph.errors import FormatError, InvalidInput

MAX_DESCRIPTOR_BYTES = 16 << 20


@dataclass(frozen=True)
class Files:
    """The files of a dossier as read, before any rule was applied.

    Args:
        sheets: tables that could be read, by name; unknown extra tables among them.
        broken: tables of which something could not be read.
        descriptor: what ``datapackage.json`` says, empty where there is none.
        snp_path: the VCF file, None where there is none.
        faults: faults of the shape of the files.
    """

    sheets: dict[str, Sheet]
    broken: frozenset[str]
    descriptor: dict[str, object]
    snp_path: Path | None
    faults: list[Fault]


def read_files(folder: Path) -> Files:
    """Reads every table of *folder* as text.

    Raises:
        InvalidInput: *folder* is no folder.
    """
    if not folder.is_dir():
        raise InvalidInput("no such dossier", found=str(folder), valid="a folder that holds CSV tables")
    sheets: dict[str, Sheet] = {}
    broken: set[str] = set()
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.csv")):
        sheet, found = read_sheet(path)
        faults += found
        if found:
            broken.add(path.name.removesuffix(".csv"))
        if sheet is not None:
            sheets[sheet.name] = sheet
    if not any(name in TABLES for name in {*sheets, *broken}):
        faults.append(
            Fault(
                folder.name, None, None, "no table of a dossier in the folder", valid="missing.csv, specimens.csv, ..."
            )
        )
    snp_path = folder / SNP_FILE
    descriptor, found = _read_descriptor(folder / DESCRIPTOR_FILE)
    return Files(sheets, frozenset(broken), descriptor, snp_path if snp_path.exists() else None, faults + found)


def _read_descriptor(path: Path) -> tuple[dict[str, object], list[Fault]]:
    name = path.name
    if not path.exists():
        return {}, []
    try:
        text = decode_utf8(read_bytes(path, max_bytes=MAX_DESCRIPTOR_BYTES, max_line_bytes=MAX_DESCRIPTOR_BYTES), name)
        value = json.loads(text)
    except FormatError as error:
        return {}, [Fault(name, None, None, error.what, None, error.valid)]
    except (ValueError, RecursionError) as error:
        return {}, [Fault(name, getattr(error, "lineno", None), None, "not a JSON document", str(error)[:80], "JSON")]
    if not isinstance(value, dict):
        return {}, [Fault(name, 1, None, "not a Data Package descriptor", type(value).__name__, "a JSON object")]
    return value, []


def faults_of(files: Files) -> list[Fault]:
    """Every fault of the files of a dossier, table by table and line by line."""
    found = [*files.faults, *_table_faults(files), *_rule_faults(files)]
    if files.snp_path is not None:
        found += vcf_faults(files.snp_path, files.sheets.get("samples"))
    order = {name: position for position, name in enumerate(TABLES)}
    return sorted(found, key=lambda f: (order.get(f.table, len(order)), f.table, f.line or 0))


def _table_faults(files: Files) -> Iterator[Fault]:
    for sheet in files.sheets.values():
        if sheet.table is None:
            guess = nearest(sheet.name, [name for name in TABLES if name not in files.sheets])
            if guess and nearest(sheet.name, [guess]):
                yield Fault(
                    sheet.name,
                    None,
                    None,
                    "not a table of a dossier: kept, not used",
                    sheet.path.name,
                    f"{guess}.csv?",
                    "warning",
                )
            continue
        yield from columns.header_faults(sheet, sheet.table)
        yield from columns.cell_faults(sheet, sheet.table)
        yield from columns.key_faults(sheet, sheet.table)
        yield from columns.reference_faults(sheet, sheet.table, files.sheets, files.broken)


def _rule_faults(files: Files) -> Iterator[Fault]:
    sheets = files.sheets
    yield from rules_people.missing_faults(sheets, rules_dna.populations(sheets.get("frequencies")))
    yield from rules_people.pedigree_faults(sheets)
    yield from rules_bones.specimen_faults(sheets)
    yield from rules_measurements.measurement_faults(sheets)
    yield from rules_age.age_stage_faults(sheets)
    yield from rules_bones.dental_faults(sheets)
    yield from rules_bones.association_faults(sheets)
    yield from rules_bones.decision_faults(sheets)
    yield from rules_dna.str_faults(sheets)
    yield from rules_dna.ystr_faults(sheets)
    yield from rules_dna.mtdna_faults(sheets)
    yield from rules_bone_samples.bone_sample_faults(sheets)
    yield from rules_dna.haplotype_faults(sheets)
    yield from rules_dna.frequency_faults(sheets)
    yield from rules_accounting.accounting_faults(sheets, TABLES, files.descriptor)


def check_dossier(folder: Path) -> list[Fault]:
    """Every fault of the dossier in *folder*; empty when there is none.

    Errors come with severity ``error``: the dossier cannot be used as it is. Nothing is written.

    Raises:
        InvalidInput: *folder* is no folder.
    """
    return faults_of(read_files(folder))
