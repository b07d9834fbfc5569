"""A user's genetic map: text with one point a line."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np

from cenotaph.dossier.vcf_profiles import AUTOSOMES
from cenotaph.errors import FormatError
from cenotaph.genetics.snp_map import GeneticMap

VALID = "chromosome, position, rate and centimorgans (HapMap, with a header), or chromosome, name, centimorgans and \
position (PLINK, without)"
CELLS = 4


def read_genetic_map(path: Path) -> GeneticMap:
    """Read a map in one of the two usual forms; points of other chromosomes than the autosomes are passed over.

    Raises:
        FormatError: a line is not understood, or points are not in order.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError("the genetic map cannot be read", found=str(error), where=path.name) from error
    has_header = bool(lines) and "position" in lines[0].lower()
    points: dict[int, list[tuple[float, float]]] = {}
    for number, line in enumerate(lines[has_header:], start=1 + has_header):
        if not line.strip():
            continue
        chromosome, bases, cm = _point(line, has_header, f"{path.name}:{number}")
        if chromosome in AUTOSOMES:
            points.setdefault(AUTOSOMES[chromosome], []).append((bases, cm))
    if not points:
        raise FormatError("the genetic map has no points", valid=VALID, where=path.name)
    for number, own in points.items():
        if any(b[0] <= a[0] or b[1] < a[1] for a, b in pairwise(own)):
            raise FormatError(
                "the genetic map is not in order",
                found=f"chromosome {number}",
                valid="positions that increase, centimorgans that do not decrease",
                where=path.name,
            )
    arrays = {c: (np.array([p for p, _ in own]), np.array([cm for _, cm in own])) for c, own in points.items()}
    return GeneticMap(arrays, path.name)


def _point(line: str, has_header: bool, where: str) -> tuple[str, float, float]:
    """Chromosome, base position and centimorgans of a line."""
    cells = line.replace(",", " ").split()
    if len(cells) != CELLS:
        raise FormatError("a line of the genetic map", found=f"{len(cells)} cells", valid=VALID, where=where)
    try:
        bases, cm = (float(cells[1]), float(cells[3])) if has_header else (float(cells[3]), float(cells[2]))
    except ValueError:
        raise FormatError("a line of the genetic map", found=line.strip(), valid=VALID, where=where) from None
    if not (math.isfinite(bases) and math.isfinite(cm) and bases >= 0):
        raise FormatError("a line of the genetic map", found=line.strip(), valid=VALID, where=where)
    return cells[0], bases, cm
