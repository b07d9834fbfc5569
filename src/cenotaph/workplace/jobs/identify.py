"""Identification as a job: the record as it stands, frozen by its place in the ledger, to a run with its answer."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cenotaph.errors import InvalidInput
from cenotaph.workplace.ledger.context import acting, reading
from cenotaph.workplace.ledger.verify import head
from cenotaph.workplace.models import Run, RunTable
from cenotaph.workplace.services.consents import withheld_samples
from cenotaph.workplace.services.export import write_record

Show = Callable[[str, int, int], None]


def identify(parameters: Mapping[str, Any], asked_by: str, show: Show) -> int:
    """Runs an identification of the whole record; returns the ``id`` of its `Run`.

    Args:
        parameters: ``seed``, ``without`` (lines of evidence to leave out) and ``name`` of the run; all may be absent.
        asked_by: whose run it is.
        show: told the step, how much of it is done, and of how much.

    Raises:
        InvalidInput: the record has errors, or is empty.
    """
    from cenotaph.dossier.faults import has_errors
    from cenotaph.dossier.read import examine_dossier, files_of
    from cenotaph.identification.answer import answer
    from cenotaph.identification.settings import Settings
    from cenotaph.provenance import Run as Record

    seed = int(parameters.get("seed", 1))
    settings = Settings(seed=seed, without=frozenset(parameters.get("without", ())))
    with tempfile.TemporaryDirectory(prefix="cenotaph-run-") as work:
        folder = Path(work) / "dossier"
        show("reading the record", 0, 1)
        with reading():
            count, digest = head()
            withheld = withheld_samples()
            write_record(folder, withheld)
        # No consent in force covers identification; which samples these are belongs to what makes the answer.
        unread = {"withheld_samples": list(withheld)} if withheld else {}
        record = Record("identify", seed, settings.parameters() | unread)
        examination = examine_dossier(folder)
        if examination.dossier is None or has_errors(examination.faults):
            first = next(f for f in examination.faults if f.severity == "error")
            raise InvalidInput("the record has errors; `cenotaph check` on an export lists them", where=str(first))
        record.warnings += [str(fault) for fault in examination.faults]
        record.add_inputs(folder, files_of(folder))
        tables = answer(examination.dossier, settings, record, show)
        show("writing", 0, 1)
        with acting(asked_by, "identification run"):
            run = Run.objects.create(
                name=str(parameters.get("name") or f"Run of {count} entries"),
                ledger_count=count,
                ledger_head=digest,
                record=json.dumps(record.as_dict(), ensure_ascii=False, default=list),
            )
            for name, table in tables.items():
                out = io.BytesIO()
                table.write_csv(out, null_value="")
                RunTable.objects.create(run=run, name=name, csv=out.getvalue().decode())
    return int(run.pk)
