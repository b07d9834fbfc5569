"""Genotype tables as GeneMapper and GlobalFiler software export them: one row for each sample and marker.

Headers are ``Sample Name``, ``Marker``, ``Allele 1``, ``Allele 2``, ... (with blanks, dots or nothing between the
words), separated by tabs, commas or semicolons. Sizes, heights, dyes and remarks are left out.
"""

from __future__ import annotations

import re
from pathlib import Path

from cenotaph.dossier.files import read_foreign_text
from cenotaph.dossier.read import Dossier
from cenotaph.errors import FormatError
from cenotaph.formats.profiles import Exported, Imported, Profile, csv_rows, dossier_of, profile_rows, profiles_of

NO_CALL = frozenset({"", "NA", "N/A", "-", "0", "?"})
MAX_ALLELES = 30


def looks_like(text: str) -> bool:
    """Whether the first line is the header of such a table.

    >>> looks_like("SampleName,Marker,Allele1,Allele2"), looks_like("sample,TH01_1,TH01_2")
    (True, False)
    """
    words = [_word(cell) for cell in re.split(r"[\t,;]", text.partition("\n")[0])]
    return "samplename" in words and "marker" in words and "allele1" in words


def _word(header: str) -> str:
    return re.sub(r"[^a-z0-9]", "", header.lower())


def parse_genemapper(text: str, name: str = "genotypes.txt") -> list[Profile]:
    """Profiles of a genotype table.

    A single allele stays single (the second was not called); a sample that has a marker twice was typed twice.

    Raises:
        FormatError: no header, a row without sample or marker, a row that is too long.

    >>> parse_genemapper("Sample Name\\tMarker\\tAllele 1\\tAllele 2\\nS1\\tTH01\\t6\\t9.3\\n")[0].genotypes
    {'TH01': ('6', '9.3')}
    """
    rows = csv_rows(text, name, "\t,;")
    header = [_word(cell) for cell in next(rows, ("", []))[1]]
    if not {"samplename", "marker", "allele1"} <= set(header):
        raise FormatError(
            "not a genotype table", found=text.partition("\n")[0][:60], valid="Sample Name, Marker, Allele 1, ...",
            where=f"{name}:1",
        )  # fmt: skip
    sample_at, marker_at = header.index("samplename"), header.index("marker")
    allele_at = [header.index(f"allele{i}") for i in range(1, MAX_ALLELES + 1) if f"allele{i}" in header]
    found: dict[tuple[str, int], dict[str, tuple[str, ...]]] = {}
    times: dict[tuple[str, str], int] = {}
    for where, row in rows:
        if len(row) <= max(sample_at, marker_at):
            raise FormatError(
                "the row is too short", found=f"{len(row)} cells", valid="sample, marker, alleles", where=where
            )
        sample, marker = row[sample_at].strip(), row[marker_at].strip()
        if not sample or not marker:
            raise FormatError("a row without sample or marker", found=" ".join(row)[:60], valid="both", where=where)
        alleles = tuple(a for at in allele_at if at < len(row) and (a := row[at].strip()) not in NO_CALL)
        times[sample, marker] = times.get((sample, marker), 0) + 1
        profile = found.setdefault((sample, times[sample, marker]), {})
        if alleles:
            profile[marker] = alleles
    return [Profile(sample, genotypes, replicate=time) for (sample, time), genotypes in found.items() if genotypes]


def read_genemapper(path: Path) -> Imported:
    """A genotype table as a dossier; every sample is taken for a specimen, as the table does not say."""
    profiles = parse_genemapper(read_foreign_text(path), path.name)
    message = "every sample was taken from a specimen of unknown element: the table does not say"
    return Imported(dossier_of(profile_rows(profiles)), (message,))


def format_genemapper(dossier: Dossier) -> Exported:
    """The STR profiles of a dossier as a genotype table; replicates follow each other."""
    profiles = profiles_of(dossier)
    width = max((len(a) for p in profiles for a in p.genotypes.values()), default=2)
    width = max(width, 2)
    lines = ["\t".join(["Sample Name", "Marker", *(f"Allele {i}" for i in range(1, width + 1))])]
    for profile in profiles:
        for marker, alleles in profile.genotypes.items():
            lines.append("\t".join([profile.sample, marker, *alleles, *[""] * (width - len(alleles))]))
    return Exported("\n".join(lines) + "\n")
