"""Mitochondrial profiles: differences from the rCRS over interpreted ranges, compared as rebuilt sequences.

A profile says what was read (*ranges*) and how it differs there from the rCRS (*differences*). Outside its ranges
nothing is known. One sequence can be written in several ways, so differences are never compared as written: the
sequence is rebuilt and aligned to the rCRS again by one rule (:func:`canonical_differences`).

Assumptions, all stated here and nowhere else:

* Length is ignored in :data:`TRACTS` (C-tracts, the AC repeat): it changes within a family and within a person.
  A C in place of A at 16180-16183 is the same C-tract grown into the A-run, and is ignored too.
* Hot spots (16519, 152, 16311, ...) are counted as differences; how little they mean is left to the site rates.
* Point heteroplasmy (IUPAC) is a set of bases; only sets without a common base differ.

Source: Parson et al. (2014), FSI:Genetics 13:134 (ISFG); SWGDAM mtDNA guidelines (2019); Parson & Bandelt (2007).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from cenotaph.errors import InvalidInput
from cenotaph.genetics.mtdna_reference import LENGTH, RCRS

IUPAC_MASK = {
    "A": 1, "C": 2, "G": 4, "T": 8, "R": 5, "Y": 10, "S": 6, "W": 9,
    "K": 12, "M": 3, "B": 14, "H": 11, "V": 7, "N": 15,
}  # fmt: skip
"""Bases as sets of bits: A 1, C 2, G 4, T 8. ``D`` is not here: laboratories write it for a deletion."""

DELETED = "-"

_DIFFERENCE = re.compile(
    r"^(?P<reference>[ACGTN])?(?P<position>\d{1,5})"
    r"(?:-(?P<last>\d{1,5})(?P<run>DEL|D|-)|(?P<gone>DEL|D|-)|\.(?P<index>\d{1,3}|X)(?P<added>[ACGTRYSWKMBHVN]+)"
    r"|(?P<base>[ACGTRYSWKMBHVN]))$",
    re.IGNORECASE,
)
_VALID = "a difference such as 263G, 152Y, 315.1C, 249d, 249- or 523-524d"


class Severity(StrEnum):
    """How bad a fault is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One difference from the rCRS.

    Args:
        position: rCRS position, 1 to 16,569.
        index: 0 for a substitution or deletion, k for the k-th base inserted after *position*.
        bases: IUPAC letter, inserted letters, or ``-`` for a deletion.
        last: last deleted position of a run, otherwise *position*.

    >>> str(parse_difference("T310C")), str(parse_difference("523-524del")), str(parse_difference("315.1c"))
    ('310C', '523-524d', '315.1C')
    """

    position: int
    index: int
    bases: str
    last: int

    @property
    def is_insertion(self) -> bool:
        """Whether bases are added after the position."""
        return self.index > 0

    @property
    def is_deletion(self) -> bool:
        """Whether the position, or the run up to ``last``, is absent."""
        return self.bases == DELETED

    def __str__(self) -> str:
        if self.is_deletion:
            return f"{self.position}d" if self.last == self.position else f"{self.position}-{self.last}d"
        return f"{self.position}.{self.index}{self.bases}" if self.is_insertion else f"{self.position}{self.bases}"


@lru_cache(maxsize=65536)
def parse_difference(text: str) -> Difference:
    """Read one difference in rCRS notation.

    Deletions are ``249d``, ``249D``, ``249del``, ``249-`` or a run ``523-524d``; insertions ``315.1C`` or
    ``524.1AC``; ``573.XC`` (number not determined) is read as one base. A leading rCRS base (``A263G``) is allowed.
    ``D`` always means a deletion, never the three-base code.

    Raises:
        InvalidInput: *text* is no difference, or its position is outside the molecule.

    >>> parse_difference("16126C")
    Difference(position=16126, index=0, bases='C', last=16126)
    """
    match = _DIFFERENCE.match(text.strip())
    if match is None:
        raise InvalidInput("not a difference from the rCRS", found=text, valid=_VALID)
    position, last = int(match["position"]), int(match["last"] or match["position"])
    if not 1 <= position <= last <= LENGTH:
        raise InvalidInput("position outside the mitochondrial genome", found=text, valid=f"1 to {LENGTH}")
    reference = match["reference"]
    if reference and reference.upper() != RCRS[position - 1]:
        raise InvalidInput(
            f"the rCRS has {RCRS[position - 1]} at {position}",
            found=text,
            valid=f"{RCRS[position - 1]}{position}…",
        )
    if match["run"] or match["gone"]:
        return Difference(position, 0, DELETED, last)
    if match["index"]:
        index = 1 if match["index"].upper() == "X" else int(match["index"])
        if index == 0:
            raise InvalidInput("inserted bases are numbered from 1", found=text, valid=_VALID)
        return Difference(position, index, match["added"].upper(), position)
    return Difference(position, 0, match["base"].upper(), position)


def parse_differences(text: str) -> tuple[Difference, ...]:
    """Read a list of differences separated by blanks or commas; empty text is the rCRS itself.

    >>> [str(d) for d in parse_differences("263G 315.1C, 249del")]
    ['263G', '315.1C', '249d']
    """
    return tuple(parse_difference(item) for item in text.replace(",", " ").split())


@lru_cache(maxsize=4096)
def parse_ranges(text: str) -> tuple[tuple[int, int], ...]:
    """Read interpreted ranges; ``16024-576`` runs over the origin and is split there. Sorted, merged, inclusive.

    Raises:
        InvalidInput: no range, or a position outside 1 to 16,569.

    >>> parse_ranges("16024-16365 73-340"), parse_ranges("16024-576")
    (((73, 340), (16024, 16365)), ((1, 576), (16024, 16569)))
    """
    pieces: list[tuple[int, int]] = []
    for item in re.split(r"[\s;,]+", text.strip()):
        match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", item)
        if match is None:
            raise InvalidInput("not a range of positions", found=item or "nothing", valid="16024-16365 73-340")
        first, last = int(match[1]), int(match[2] or match[1])
        if not (1 <= first <= LENGTH and 1 <= last <= LENGTH):
            raise InvalidInput("range outside the mitochondrial genome", found=item, valid=f"1 to {LENGTH}")
        pieces += [(first, last)] if first <= last else [(first, LENGTH), (1, last)]
    return merge_ranges(pieces)


def merge_ranges(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Sorted ranges in which overlapping or touching ones are joined.

    >>> merge_ranges([(300, 400), (73, 299), (1000, 1001)])
    ((73, 400), (1000, 1001))
    """
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return tuple(merged)


def intersect_ranges(a: Sequence[tuple[int, int]], b: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Positions in both, as ranges.

    >>> intersect_ranges([(73, 340), (16024, 16365)], [(1, 100), (16100, 16569)])
    ((73, 100), (16100, 16365))
    """
    pairs = ((max(p, r), min(q, s)) for p, q in a for r, s in b)
    return tuple(sorted((first, last) for first, last in pairs if first <= last))


def covers(ranges: Sequence[tuple[int, int]], position: int) -> bool:
    """Whether *position* was read.

    >>> covers([(73, 340)], 263), covers([(73, 340)], 16519)
    (True, False)
    """
    # A plain loop: asked for hundreds of thousands of times.
    for first, last in ranges:  # noqa: SIM110
        if first <= position <= last:
            return True
    return False


def check_differences(differences: str | Sequence[str], ranges: str) -> list[tuple[str, str, Severity]]:
    """Every fault of a difference list against its ranges and the rCRS, in the order written.

    Args:
        differences: text or items as written, e.g. ``"263G 315.1C"``.
        ranges: e.g. ``"16024-16365 73-340"``.

    Returns:
        ``(difference, problem, severity)`` for each fault; empty when all is well.

    Raises:
        InvalidInput: the ranges themselves cannot be read.

    >>> check_differences("263A 16519C 309.2C", "73-340")[1]
    ('16519C', 'outside the interpreted ranges 73-340', <Severity.ERROR: 'error'>)
    >>> [problem for _, problem, _ in check_differences("263A 309.2C", "73-340")]
    ['equal to the rCRS, which has A at 263', 'inserted base 2 without inserted base 1 before it']
    """
    read = parse_ranges(ranges)
    items = differences.replace(",", " ").split() if isinstance(differences, str) else list(differences)
    faults: list[tuple[str, str, Severity]] = []
    seen: dict[tuple[int, int], int] = {}
    parsed: list[tuple[str, Difference]] = []
    for item in items:
        try:
            parsed.append((item, parse_difference(item)))
        except InvalidInput as fault:
            valid = f"; valid: {fault.valid}" if fault.valid else ""
            faults.append((item, f"{fault.what}{valid}", Severity.ERROR))
    inserted = {(d.position, d.index + step) for _, d in parsed if d.is_insertion for step in range(len(d.bases))}
    for row, (item, difference) in enumerate(parsed):
        if not (covers(read, difference.position) and covers(read, difference.last)):
            faults.append((item, f"outside the interpreted ranges {ranges}", Severity.ERROR))
        for position in range(difference.position, difference.last + 1):
            earlier = seen.setdefault((position, difference.index), row)
            if earlier != row:
                same = parsed[earlier][1] == difference
                problem = "written twice" if same else f"contradicts {parsed[earlier][0]} at the same place"
                faults.append((item, problem, Severity.WARNING if same else Severity.ERROR))
        if difference.index > 1 and (difference.position, difference.index - 1) not in inserted:
            problem = f"inserted base {difference.index} without inserted base {difference.index - 1} before it"
            faults.append((item, problem, Severity.ERROR))
        if difference.bases == RCRS[difference.position - 1] and not difference.is_insertion:
            problem = f"equal to the rCRS, which has {difference.bases} at {difference.position}"
            faults.append((item, problem, Severity.WARNING))
    return faults
