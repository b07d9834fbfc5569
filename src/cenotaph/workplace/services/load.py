"""``load``: a dossier into the record, all of it or nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.dossier.check import Files, faults_of, read_files
from cenotaph.dossier.faults import Fault, has_errors
from cenotaph.dossier.sheets import Sheet as FileSheet
from cenotaph.dossier.tables import DESCRIPTOR_FILE, TABLES
from cenotaph.dossier.write import canonical_columns
from cenotaph.errors import InvalidInput
from cenotaph.workplace.cells import EXTRA, Keyring, extra_text, insert_rows, secret_columns
from cenotaph.workplace.grams import TRACED, trace_rows
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import FilePart, Sheet, model_of
from cenotaph.workplace.privacy import CASE, SECRETS, Origins, subject_of_sample
from cenotaph.workplace.services import consents, custody, vcf_parts
from cenotaph.workplace.services.texts import stored_texts

if TYPE_CHECKING:
    import polars as pl

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a load would do.

    Args:
        new: rows to add, by table, as text with the columns of the file.
        there: how many rows of each table the record has already, word for word.
        faults: faults of the dossier, and of the record as it would become; nothing is done where one is an error.
        snp_path, descriptor: what comes beside the tables.
    """

    new: dict[str, pl.DataFrame]
    there: dict[str, int]
    faults: list[Fault]
    snp_path: Path | None
    descriptor: dict[str, object]

    @property
    def is_possible(self) -> bool:
        """Whether the load can be done."""
        return not has_errors(self.faults)


def plan_load(folder: Path) -> Plan:
    """What loading the dossier in *folder* would add.

    A row that the record has word for word is not added again, so loading a dossier twice changes nothing. A row with
    the key of a stored one that says something else is an error: a load adds, it never changes.

    Raises:
        InvalidInput: *folder* is no folder.
    """
    files = read_files(folder)
    faults = faults_of(files)
    stored = stored_texts(Keyring()) if Sheet.objects.exists() else {}
    if has_errors(faults) or not stored:
        new = {n: s.frame for n, s in files.sheets.items()}
        return Plan(new, {}, faults, files.snp_path, files.descriptor)
    new, there = {}, {}
    for name, sheet in files.sheets.items():
        fresh = _fresh(sheet, stored.get(name))
        new[name], there[name] = sheet.frame.filter(fresh), int((~fresh).sum())
        faults += _changed(sheet, fresh, stored.get(name))
    if not has_errors(faults):
        faults = [*faults, *(f for f in faults_of(_together(files, new, stored)) if f.severity == "error")]
    snp_path = None if FilePart.objects.exclude(file=DESCRIPTOR_FILE).exists() else files.snp_path
    return Plan(new, there, faults, snp_path, files.descriptor)


def _cells(frame: pl.DataFrame) -> list[tuple[tuple[str, str], ...]]:
    """Each row as its filled cells, so that a column more or less makes no difference."""
    names = sorted(frame.columns)
    return [
        tuple((n, v) for n, v in zip(names, row, strict=True) if v is not None)
        for row in frame.select(names).iter_rows()
    ]


def _fresh(sheet: FileSheet, stored: pl.DataFrame | None) -> pl.Series:
    """Which rows of the file the record does not have; of equal rows, those beyond the number that it has."""
    import polars as pl

    have = Counter(_cells(stored)) if stored is not None else Counter()
    fresh = []
    for cells in _cells(sheet.frame):
        fresh.append(have[cells] == 0)
        have[cells] -= have[cells] > 0
    return pl.Series(fresh, dtype=pl.Boolean)


def _changed(sheet: FileSheet, fresh: pl.Series, stored: pl.DataFrame | None) -> Iterable[Fault]:
    table = sheet.table
    if table is None or stored is None or len(table.key) != 1:
        return
    [key] = table.key
    known = set(stored.get_column(key))
    for row in fresh.arg_true():
        if (value := sheet.frame.get_column(key)[row]) in known:
            yield sheet.fault(
                row, key, "the record has this row with other words", found=value, valid="the same row, or a new key"
            )


def _together(files: Files, new: dict[str, pl.DataFrame], stored: dict[str, pl.DataFrame]) -> Files:
    """The record as it would become, as files, so that the same rules judge it."""
    import polars as pl

    sheets = {}
    for name in {**stored, **new}:
        frame = pl.concat([f[name] for f in (stored, new) if name in f], how="diagonal")
        path = files.sheets[name].path if name in files.sheets else Path(f"{name}.csv")
        sheets[name] = FileSheet(name, path, frame, np.arange(frame.height, dtype=np.int64) + 2)
    return Files(sheets, frozenset(), files.descriptor, None, [])


def apply_load(plan: Plan, actor: str, reason: str, progress: Progress = lambda *_: None) -> int:
    """Adds what *plan* says in one transaction, entered in the ledger.

    Returns:
        the number of rows added.
    """
    with acting(actor, reason):
        keys = Keyring()
        keys.load()
        origins = _origins(plan.new)
        added = 0
        for done, (name, frame) in enumerate(plan.new.items()):
            progress("rows into the record", done, len(plan.new))
            added += frame.height
            if name == custody.TABLE:
                _require_columns(name, frame, custody.COLUMNS, "moves")
                custody.take_in(frame.iter_rows(named=True))
                continue
            if name == consents.TABLE:
                _require_columns(name, frame, consents.COLUMNS, "consents")
                consents.take_in(frame.rows(named=True), keys)
                continue
            _note_header(name, frame)
            add = _add_known if name in TABLES else _add_foreign
            add(name, frame, keys, origins)
        if plan.snp_path is not None:
            vcf_parts.store(plan.snp_path, keys, origins)
        _keep_descriptor(plan.descriptor, keys)
        keys.save()
    return added


def _require_columns(name: str, frame: pl.DataFrame, columns: Sequence[str], what: str) -> None:
    """What another record exported beside its dossier has the columns that it writes."""
    if set(frame.columns) != set(columns):
        found, valid = ", ".join(frame.columns), ", ".join(columns)
        raise InvalidInput(f"not the columns of {what}", found=found, valid=valid, where=f"{name}.csv:1")


def _origins(new: dict[str, pl.DataFrame]) -> Origins:
    """Where each sample came from: those of the record, then those that are coming."""
    rows = list(model_of("samples").objects.values("sample_id", "origin", "origin_id"))
    if "samples" in new:
        rows += new["samples"].iter_rows(named=True)
    return {row["sample_id"]: subject_of_sample(row) for row in rows}


def _note_header(name: str, frame: pl.DataFrame) -> None:
    columns = canonical_columns(name, frame).columns
    sheet = Sheet.objects.filter(name=name).first()
    if sheet is None:
        Sheet.objects.create(name=name, columns=json.dumps(columns, ensure_ascii=False))
        return
    have = json.loads(sheet.columns)
    if more := [c for c in columns if c not in have]:
        sheet.columns = json.dumps([*have, *more], ensure_ascii=False)
        sheet.save()


def _add_known(name: str, frame: pl.DataFrame, keys: Keyring, origins: Origins) -> None:
    known = [c for c in frame.columns if c in TABLES[name].by_name]
    extra = [c for c in frame.columns if c not in TABLES[name].by_name]
    secret = secret_columns(name)
    columns = [*(["subject"] if secret else []), *known, *([EXTRA] if extra else [])]
    rows = model_of(name).objects
    last = (rows.order_by("-id").values_list("id", flat=True).first() or 0) if name in TRACED else 0
    insert_rows(name, columns, (_stored(name, row, known, extra, keys, origins) for row in frame.iter_rows(named=True)))
    if name in TRACED:
        added = rows.filter(id__gt=last).order_by("id").values_list("id", "subject")
        trace_rows(name, ((i, s, row) for (i, s), row in zip(added, frame.iter_rows(named=True), strict=True)))


def _stored(
    name: str, row: dict[str, str | None], known: Sequence[str], extra: Sequence[str], keys: Keyring, origins: Origins
) -> list[str | None]:
    cells = [(c, row[c]) for c in known]
    if extra:
        cells.append((EXTRA, extra_text({c: row[c] for c in extra})))
    secret = secret_columns(name)
    if not secret:
        return [text for _, text in cells]
    subject = SECRETS[name].subject(row, origins)
    return [subject, *(keys.close(subject, c, text) if c in secret else text for c, text in cells)]


def _add_foreign(name: str, frame: pl.DataFrame, keys: Keyring, _: Origins) -> None:
    header = json.loads(Sheet.objects.get(name=name).columns)
    rows = ([row.get(c) for c in header] for row in frame.iter_rows(named=True))
    insert_rows(
        "foreign_rows",
        ("table_name", "cells"),
        [(name, keys.close(CASE, name, json.dumps(row, ensure_ascii=False))) for row in rows],
    )


def _keep_descriptor(descriptor: dict[str, object], keys: Keyring) -> None:
    about = {key: value for key, value in descriptor.items() if key != "resources"}
    if about and not FilePart.objects.filter(file=DESCRIPTOR_FILE).exists():
        content = keys.close(CASE, DESCRIPTOR_FILE, json.dumps(about, ensure_ascii=False))
        insert_rows("file_parts", ("file", "part", "subject", "content"), [(DESCRIPTOR_FILE, "", CASE, content)])
