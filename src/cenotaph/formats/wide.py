"""Wide genotype tables: one row for each sample, one or two columns for each marker.

A marker has one column with ``15/16`` (or ``15,16`` in quotes), or columns ``TH01_1`` and ``TH01_2`` (also ``TH01 1``,
``TH01.1``, ``TH01_a``). The columns ``origin``, ``origin_id`` and ``replicate`` are read where they are there.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from cenotaph.dossier.files import read_foreign_text
from cenotaph.dossier.read import Dossier
from cenotaph.dossier.vocabulary import canonical_marker
from cenotaph.errors import FormatError
from cenotaph.formats.genemapper import NO_CALL
from cenotaph.formats.profiles import Exported, Imported, Profile, csv_rows, dossier_of, profile_rows, profiles_of

SAMPLE_HEADERS = ("sample", "sample_id", "samplename", "sample name", "id", "name")
SEPARATORS = ",\t;"
ORIGINS = ("specimen", "relative", "missing")


def marker_of(header: str) -> str | None:
    """The marker that a column belongs to, or None.

    >>> [marker_of(x) for x in ("vWA", "D3S1358_1", "Penta D.2", "PENTAD", "remark")]
    ['vWA', 'D3S1358', 'Penta_D', 'Penta_D', None]
    """
    if (whole := canonical_marker(header)) is not None:
        return whole
    match = re.fullmatch(r"(.+?)[ ._-]?(?:[1-9]|[abAB])", header.strip())
    return canonical_marker(match[1]) if match else None


def looks_like(text: str) -> bool:
    """Whether the first line is a header with a sample column first and markers after it."""
    header = _header(text)
    return (
        len(header) > 1
        and header[0].strip().lower() in SAMPLE_HEADERS
        and any(marker_of(cell) is not None for cell in header[1:])
    )


def _header(text: str) -> list[str]:
    """Cells of the first row, none where it cannot be read."""
    try:
        return next(csv_rows(text, "", SEPARATORS), ("", []))[1]
    except FormatError:
        return []


def parse_wide(text: str, name: str = "genotypes.csv") -> list[Profile]:
    """Profiles of a wide table.

    Raises:
        FormatError: no sample column or no marker column, a row of the wrong length or without a sample.

    >>> parse_wide("sample,TH01_1,TH01_2,vWA\\nS1,6,9.3,15/16\\n")[0].genotypes
    {'TH01': ('6', '9.3'), 'vWA': ('15', '16')}
    """
    if not looks_like(text):
        raise FormatError(
            "not a wide genotype table", found=text.partition("\n")[0][:60],
            valid="a header that begins with sample and names markers", where=f"{name}:1",
        )  # fmt: skip
    rows = csv_rows(text, name, SEPARATORS)
    header = [cell.strip() for cell in next(rows)[1]]
    at = {cell.lower(): position for position, cell in enumerate(header)}
    marker_at = [(position, marker) for position, cell in enumerate(header) if position and (marker := marker_of(cell))]
    profiles = []
    for where, row in rows:
        if len(row) != len(header):
            raise FormatError(
                "wrong number of cells", found=len(row), valid=f"{len(header)}, as in the header", where=where
            )
        if not row[0].strip():
            raise FormatError("a row without a sample", found=",".join(row)[:60], valid="a name", where=where)
        genotypes: dict[str, tuple[str, ...]] = {}
        for position, marker in marker_at:
            alleles = [a for a in re.split(r"[/,;| ]+", row[position].strip()) if a not in NO_CALL]
            if alleles:
                genotypes[marker] = (*genotypes.get(marker, ()), *alleles)
        origin = row[at["origin"]].strip() if "origin" in at else "specimen"
        if origin not in ORIGINS:
            raise FormatError("no such origin", found=origin, valid=" ".join(ORIGINS), where=where)
        origin_id = row[at["origin_id"]].strip() if "origin_id" in at else ""
        replicate = row[at["replicate"]].strip() if "replicate" in at else "1"
        if not re.fullmatch(r"[1-9]\d{0,5}", replicate):
            raise FormatError("not a number of a replicate", found=replicate, valid="1, 2, ...", where=where)
        profiles.append(Profile(row[0].strip(), genotypes, origin, origin_id, int(replicate)))
    return profiles


def read_wide(path: Path) -> Imported:
    """A wide genotype table as a dossier."""
    text = read_foreign_text(path)
    left_out = [
        c for c in _header(text)[1:] if marker_of(c) is None and c.lower() not in {"origin", "origin_id", "replicate"}
    ]
    messages = [f"column {c} is no marker and was left out" for c in left_out]
    if "origin" not in [c.lower() for c in _header(text)]:
        messages.append("every sample was taken from a specimen of unknown element: the table does not say")
    return Imported(dossier_of(profile_rows(parse_wide(text, path.name))), tuple(messages))


def format_wide(dossier: Dossier) -> Exported:
    """The STR profiles of a dossier as a wide table with the columns origin, origin_id and replicate."""
    profiles = profiles_of(dossier)
    width: dict[str, int] = {}
    for profile in profiles:
        for marker, alleles in profile.genotypes.items():
            width[marker] = max(width.get(marker, 2), len(alleles))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = [f"{marker}_{i}" for marker, n in width.items() for i in range(1, n + 1)]
    writer.writerow(["sample_id", "origin", "origin_id", "replicate", *columns])
    for profile in profiles:
        cells: list[str] = []
        for marker, n in width.items():
            alleles = profile.genotypes.get(marker, ())
            cells += [*alleles, *[""] * (n - len(alleles))]
        writer.writerow([profile.sample, profile.origin, profile.origin_id, profile.replicate, *cells])
    return Exported(out.getvalue())
