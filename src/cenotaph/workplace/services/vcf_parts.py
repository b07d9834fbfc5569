"""A VCF taken apart by sample, so that each person's genotypes lie under that person's key, and put together again."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from cenotaph.dossier.tables import SNP_FILE
from cenotaph.workplace.cells import Keyring, insert_rows
from cenotaph.workplace.models import FilePart
from cenotaph.workplace.privacy import CASE, Origins

_FIXED = 9
_SITES = ""
"""Name of the part that holds the header and the nine fixed columns."""


def split(text: str) -> tuple[str, dict[str, str]]:
    """The header with the fixed columns, and the column of each sample.

    >>> split("##x\\n#C\\tP\\tI\\tR\\tA\\tQ\\tF\\tI\\tO\\tB1\\n1\\t2\\t.\\tA\\tG\\t.\\t.\\t.\\tGT\\t0/1\\n")[1]
    {'B1': '0/1'}
    """
    fixed: list[str] = []
    columns: list[list[str]] = []
    names: list[str] = []
    for line in text.splitlines():
        cells = line.split("\t")
        if line.startswith("##") or len(cells) <= _FIXED:
            fixed.append(line)
            continue
        fixed.append("\t".join(cells[:_FIXED]))
        if not names:
            names = cells[_FIXED:]
            columns = [[] for _ in names]
        else:
            for column, cell in zip(columns, cells[_FIXED:], strict=True):
                column.append(cell)
    return "\n".join(fixed), {name: "\n".join(column) for name, column in zip(names, columns, strict=True)}


def join(fixed: str, samples: Mapping[str, str]) -> str:
    """The file again; the samples in the order given."""
    columns = [column.split("\n") for column in samples.values()]
    lines, row = [], -1
    for line in fixed.split("\n"):
        if line.startswith("##") or not line.strip():
            lines.append(line)
            continue
        cells = list(samples) if row < 0 else [column[row] for column in columns]
        lines.append("\t".join([line, *cells]))
        row += 1
    return "\n".join(lines) + "\n"


def store(path: Path, keys: Keyring, origins: Origins) -> None:
    """Adds the VCF to the record."""
    fixed, samples = split(gzip.decompress(path.read_bytes()).decode())
    parts = [(_SITES, CASE, fixed), *((n, origins.get(n, f"sample:{n}"), column) for n, column in samples.items())]
    insert_rows("file_parts", ("file", "part", "subject", "content"), _sealed(parts, keys))


def _sealed(parts: Iterable[tuple[str, str, str]], keys: Keyring) -> Iterable[tuple[str, str, str, str | None]]:
    for name, subject, text in parts:
        packed = base64.b64encode(zlib.compress(text.encode())).decode()
        yield SNP_FILE, name, subject, keys.close(subject, f"{SNP_FILE} {name}", packed)


def restore(path: Path, keys: Keyring, without: Collection[str] = ()) -> bool:
    """Writes the VCF of the record to *path*; False where there is none.

    Samples of erased persons are left out, and those that *without* names; a file of which none is left is not written.
    """
    fixed, samples, left_out = "", {}, False
    for part in FilePart.objects.filter(file=SNP_FILE).order_by("id").iterator():
        packed = keys.open(part.subject, f"{SNP_FILE} {part.part}", part.content)
        if packed is None or part.part in without:
            left_out = True
            continue
        text = zlib.decompress(base64.b64decode(packed)).decode()
        if part.part == _SITES:
            fixed = text
        else:
            samples[part.part] = text
    if not fixed or (left_out and not samples):
        return False
    path.write_bytes(gzip.compress(join(fixed, samples).encode(), compresslevel=6, mtime=0))
    return True


def samples_with_snps(samples: Collection[str]) -> set[str]:
    """Those of the samples that the VCF of the record has; who may ask is for the caller."""
    return set(FilePart.objects.filter(file=SNP_FILE, part__in=samples).values_list("part", flat=True))
