"""HaploGrep ``.hsd`` files: identifier, range, haplogroup and differences from the rCRS, tab separated."""

from __future__ import annotations

import re
from pathlib import Path

from cenotaph.dossier.files import read_foreign_text
from cenotaph.dossier.read import Dossier
from cenotaph.errors import FormatError
from cenotaph.formats.profiles import Exported, Imported, Row, dossier_of

_RANGES = re.compile(r'"?\s*\d+(\s*-\s*\d+)?([\s;,]+\d+(\s*-\s*\d+)?)*[\s;,]*"?')


def looks_like(text: str) -> bool:
    """Whether the first line that is no header holds an identifier and ranges.

    >>> looks_like("Sample1\\t1-16569\\t?\\t263G\\t315.1C"), looks_like("a,b,c")
    (True, False)
    """
    for line in text.split("\n")[:2]:
        cells = line.split("\t")
        if len(cells) >= 3 and _RANGES.fullmatch(cells[1]):
            return True
    return False


def parse_haplogrep(text: str, name: str = "profiles.hsd") -> list[tuple[str, str, str]]:
    """Identifier, ranges and differences of each profile, ranges and differences separated by single blanks.

    Raises:
        FormatError: a line without an identifier or without ranges.

    >>> parse_haplogrep('S1\\t"16024-16569 ; 1-576 ;"\\t\\t263G\\t315.1C\\n')
    [('S1', '16024-16569 1-576', '263G 315.1C')]
    """
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        cells = [cell.strip().strip('"').strip() for cell in line.split("\t")]
        if number == 1 and len(cells) > 1 and cells[1].lower() == "range":
            continue
        if len(cells) < 2 or not cells[0] or not _RANGES.fullmatch(cells[1]):
            raise FormatError(
                "not a profile", found=line.strip()[:60], valid="identifier, ranges, haplogroup, differences",
                where=f"{name}:{number}",
            )  # fmt: skip
        ranges = " ".join(re.sub(r"\s*-\s*", "-", cells[1]).replace(";", " ").replace(",", " ").split())
        found.append((cells[0], ranges, " ".join(" ".join(cells[3:]).split())))
    return found


def read_haplogrep(path: Path) -> Imported:
    """An ``.hsd`` file as a dossier; every profile is taken to be of a specimen, haplogroups are left out."""
    rows: dict[str, list[Row]] = {"specimens": [], "samples": [], "mtdna_profiles": []}
    seen: set[str] = set()
    for identifier, ranges, differences in parse_haplogrep(read_foreign_text(path), path.name):
        if identifier not in seen:
            seen.add(identifier)
            rows["specimens"].append({"specimen_id": identifier, "element": "unknown", "side": "U"})
            rows["samples"].append({"sample_id": identifier, "origin": "specimen", "origin_id": identifier})
        rows["mtdna_profiles"].append({"sample_id": identifier, "ranges": ranges, "differences": differences})
    message = "every sample was taken from a specimen of unknown element: the file does not say"
    return Imported(dossier_of(rows), (message,))


def format_haplogrep(dossier: Dossier) -> Exported:
    """The mitochondrial profiles of a dossier as ``.hsd``; the haplogroup is ``?``."""
    lines = ["ID\tRange\tHaplogroup\tPolymorphisms"]
    for sample, ranges, differences in (
        dossier.table("mtdna_profiles").select("sample_id", "ranges", "differences").iter_rows()
    ):
        parts = (differences or "").replace(",", " ").split()
        lines.append("\t".join([sample, "; ".join(ranges.split()), "?", *parts]))
    return Exported("\n".join(lines) + "\n")
