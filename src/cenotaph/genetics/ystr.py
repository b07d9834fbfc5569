"""Y-STR haplotypes: comparison over shared markers and mutation along the paternal path.

Mutation model. At a marker with rate mu each transmission leaves the allele with probability 1 - mu, or moves it up or
down by s repeats with probability ``mu/2 * (1 - r) * r**(s - 1)``, r = 0.05; *m* transmissions are the m-fold
convolution, so to first order P(0) = 1 - m mu and P(+-1) = m mu/2. A change between a whole and a partial repeat (9
and 9.3) counts as the step that encloses it, times :data:`MICROVARIANT`. Gaining or losing the marker has the rate
:data:`NULL_RATE`. On top, a typed allele is wrong with probability :data:`CALL_ERROR` (then any of twenty), and one
copy of a several-copy marker drops out with probability :data:`LOST_COPY`; so no marker can exclude by itself.

DYS389II contains DYS389I: where both were typed, the difference takes the place of DYS389II.

Source: rates per marker from the mutation counts collected by YHRD (Willuweit & Roewer 2015, FSI:Genetics 15:43);
single-step share after Gusmao et al. (2005). NULL_RATE, MICROVARIANT, CALL_ERROR and LOST_COPY are assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput

Alleles = tuple[int, ...]
"""Tenths of repeats (13.2 is 132), sorted; empty for a marker that is absent from the chromosome."""

COPIES = {"DYS385": 2, "DYF387S1": 2}
DEFAULT_RATE = 0.003
MULTI_STEP = 0.05
MICROVARIANT = 0.001
NULL_RATE = 1e-4
CALL_ERROR = 0.001
LOST_COPY = 0.02
_OTHER_ALLELES = 20
_REACH = 64
_LESS_389 = "DYS389II-I"


def parse_alleles(text: str) -> Alleles:
    """Read one cell of ``ystr_profiles.csv``.

    ``14``, two copies ``11-14``, a partial repeat ``13.2``; ``0`` or ``absent`` where the chromosome lacks the marker.

    Raises:
        InvalidInput: not an allele.

    >>> parse_alleles("14-11"), parse_alleles("13.2"), parse_alleles("absent")
    ((110, 140), (132,), ())
    """
    text = text.strip()
    if text.lower() in ("0", "absent"):
        return ()
    try:
        return tuple(sorted(_tenths(part) for part in text.split("-")))
    except ValueError:
        raise InvalidInput("not a Y-STR allele", found=text or "nothing", valid="14, 13.2, 11-14 or absent") from None


def _tenths(text: str) -> int:
    whole, _, part = text.strip().partition(".")
    if not (whole.isdigit() and (part == "" or (part.isdigit() and len(part) == 1))) or int(whole) > 99:
        raise ValueError(text)
    return 10 * int(whole) + int(part or 0)


@dataclass(frozen=True, slots=True)
class YProfile:
    """Alleles of one sample at the markers that were typed.

    >>> YProfile.from_text({"DYS385a": "11", "DYS385b": "14", "DYS19": "14"}).alleles
    {'DYS385': (110, 140), 'DYS19': (140,)}
    """

    alleles: Mapping[str, Alleles]

    @classmethod
    def from_text(cls, cells: Mapping[str, str]) -> YProfile:
        """From marker names and cells; ``DYS385a`` and ``DYS385b`` become one marker."""
        found: dict[str, Alleles] = {}
        for marker, cell in cells.items():
            name = marker[:-1] if marker[-1:] in "ab" and marker[:-1] in COPIES else marker
            found[name] = tuple(sorted(found.get(name, ()) + parse_alleles(cell)))
        return cls(found)

    @property
    def comparable(self) -> dict[str, Alleles]:
        """Alleles by marker, with DYS389II less DYS389I where both are single.

        >>> YProfile.from_text({"DYS389I": "13", "DYS389II": "29"}).comparable
        {'DYS389I': (130,), 'DYS389II-I': (160,)}
        """
        alleles = dict(self.alleles)
        shorter, longer = alleles.get("DYS389I", ()), alleles.get("DYS389II", ())
        if len(shorter) == 1 and len(longer) == 1:
            del alleles["DYS389II"]
            alleles[_LESS_389] = (longer[0] - shorter[0],)
        return alleles


@dataclass(frozen=True, slots=True)
class YComparison:
    """Two profiles at their shared markers.

    Args:
        shared: number of markers typed in both.
        differing: markers whose alleles are not equal.
        steps: repeats between them, summed; markers without a repeat distance count one.
    """

    shared: int
    differing: tuple[str, ...]
    steps: float


def compare_ystr(a: YProfile, b: YProfile) -> YComparison:
    """Compare two profiles for a reader.

    >>> compare_ystr(YProfile.from_text({"DYS19": "14", "DYS390": "24"}), YProfile.from_text({"DYS19": "16"}))
    YComparison(shared=1, differing=('DYS19',), steps=2.0)
    """
    one, other = a.comparable, b.comparable
    shared = [marker for marker in one if marker in other]
    differing = tuple(marker for marker in shared if one[marker] != other[marker])
    steps = sum(_steps_between(one[marker], other[marker]) for marker in differing)
    return YComparison(len(shared), differing, steps)


def _steps_between(a: Alleles, b: Alleles) -> float:
    if len(a) != len(b) or not a:
        return 1.0
    return sum(abs(x - y) for x, y in zip(a, b, strict=True)) / 10


@lru_cache(maxsize=4096)
def step_probabilities(rate: float, meioses: int) -> NDArray[np.float64]:
    """Probability of a net change by 0, 1, 2, … repeats in one given direction after *meioses* transmissions.

    >>> one = step_probabilities(0.002, 1)
    >>> [round(float(p), 10) for p in one[:3]]
    [0.998, 0.00095, 4.75e-05]
    >>> round(float(step_probabilities(0.01, 4).sum() * 2 - step_probabilities(0.01, 4)[0]), 12)
    1.0
    """
    size = np.abs(np.arange(-_REACH, _REACH + 1))
    single = np.where(size > 0, 0.5 * rate * (1 - MULTI_STEP) * MULTI_STEP ** (size - 1.0), 1.0 - rate)
    total = (size == 0).astype(np.float64)
    for _ in range(meioses):
        total = np.convolve(total, single, mode="same")
    result: NDArray[np.float64] = total[_REACH:]
    return result


@lru_cache(maxsize=262144)
def locus_log_likelihood(observed: Alleles, origin: Alleles, rate: float, meioses: int, copies: int = 1) -> float:
    """Natural log of P(observed alleles | the relative's alleles, *meioses* paternal transmissions between them).

    Args:
        observed, origin: of the bone and of the relative.
        rate: mutations per transmission and copy.
        meioses: paternal transmissions.
        copies: copies that the marker usually has; a single allele may then stand for several equal ones.

    >>> import math
    >>> round(math.exp(locus_log_likelihood((140,), (140,), 0.002, 3)) / 0.999 / 0.9997, 3)
    0.994
    """
    kept = (1.0 - NULL_RATE) ** meioses
    wide = tuple(_filled(alleles, copies) for alleles in (observed, origin))
    if len(wide[0]) == len(wide[1]):
        probability = kept * _copies_likelihood(wide[0], wide[1], rate, meioses)
    else:
        probability = (1.0 - kept) / _OTHER_ALLELES
    if len(observed) == 1 and len(wide[1]) > 1 and len(set(wide[1])) > 1:
        one_left = [_copies_likelihood(observed, (copy,), rate, meioses) for copy in wide[1]]
        probability = (1.0 - LOST_COPY) * probability + LOST_COPY * float(np.mean(one_left))
    wrong = 1.0 / _OTHER_ALLELES ** max(len(observed), 1)
    return float(np.log((1.0 - CALL_ERROR) * probability + CALL_ERROR * wrong))


def _filled(alleles: Alleles, copies: int) -> Alleles:
    """A single allele of a several-copy marker stands for all its copies."""
    return alleles * copies if len(alleles) == 1 else alleles


def _copies_likelihood(observed: Alleles, origin: Alleles, rate: float, meioses: int) -> float:
    """Sum over the ways in which the copies of the relative can have become the unordered copies observed."""
    ways = set(permutations(observed))
    return float(
        sum(np.prod([_copy_likelihood(b, a, rate, meioses) for a, b in zip(origin, way, strict=True)]) for way in ways)
    )


def _copy_likelihood(observed: int, origin: int, rate: float, meioses: int) -> float:
    steps, rest = divmod(abs(observed - origin), 10)
    if steps >= _REACH:
        return 0.0
    whole = step_probabilities(rate, meioses)
    return float(whole[steps]) if rest == 0 else MICROVARIANT * float(whole[steps + 1])


@dataclass(frozen=True, slots=True)
class EncodedYProfiles:
    """Many profiles as one table of codes.

    Args:
        markers: columns (``DYS389II-I`` for the difference).
        code: (n, markers) row in the marker's *values*, -1 where it was not typed.
        values: for each marker the distinct alleles.
    """

    markers: tuple[str, ...]
    code: NDArray[np.int64]
    values: tuple[tuple[Alleles, ...], ...]

    def __len__(self) -> int:
        return len(self.code)


def encode_ystr(profiles: Sequence[YProfile], like: EncodedYProfiles | None = None) -> EncodedYProfiles:
    """Profiles as codes. With *like*, the markers of *like* are used and its codes are kept and added to.

    >>> encode_ystr([YProfile.from_text({"DYS19": "14"}), YProfile.from_text({"DYS19": "15"})]).code.ravel().tolist()
    [0, 1]
    """
    rows = [profile.comparable for profile in profiles]
    names = sorted({marker for row in rows for marker in row}) if like is None else list(like.markers)
    values: list[list[Alleles]] = [[] for _ in names] if like is None else [list(v) for v in like.values]
    code = np.full((len(rows), len(names)), -1, np.int64)
    for column, name in enumerate(names):
        number = {alleles: k for k, alleles in enumerate(values[column])}
        for row, alleles in enumerate(rows):
            if name in alleles:
                code[row, column] = number.setdefault(alleles[name], len(number))
        values[column] = list(number)
    return EncodedYProfiles(tuple(names), code, tuple(tuple(v) for v in values))


def rate_of(marker: str, rates: Mapping[str, float]) -> float:
    """Rate of a marker; one that was never counted gets :data:`DEFAULT_RATE`.

    >>> rate_of("DYS389II-I", {"DYS389II": 0.004}), rate_of("DYS999", {})
    (0.004, 0.003)
    """
    return rates.get("DYS389II" if marker == _LESS_389 else marker, DEFAULT_RATE)


def ystr_loglik_matrix(
    bones: EncodedYProfiles, donors: EncodedYProfiles, rates: Mapping[str, float], meioses: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Natural log of P(bone | donor, paternal path) over the markers that both show.

    Args:
        bones: encoded; donors: encoded with ``like=bones`` or the other way round (same markers).
        rates: mutations per transmission.
        meioses: (donors,) paternal transmissions, -1 where there is no paternal path: 0 then.

    Returns:
        (bones, donors).

    Cost: pairs x markers look-ups; 2,000 x 5,000 x 23 in two seconds.
    """
    result = np.zeros((len(bones), len(donors)))
    for count in np.unique(meioses[meioses >= 0]):
        columns = np.flatnonzero(meioses == count)
        part = np.zeros((len(bones), len(columns)))
        for k, marker in enumerate(bones.markers):
            table = _table(bones.values[k], donors.values[k], rate_of(marker, rates), int(count), COPIES.get(marker, 1))
            part += table[bones.code[:, k][:, None], donors.code[columns, k][None, :]]
        result[:, columns] = part
    return result


def _table(
    observed: Sequence[Alleles], origin: Sequence[Alleles], rate: float, meioses: int, copies: int
) -> NDArray[np.float64]:
    """Log-likelihoods by code; the last row and column, code -1, are a marker that was not typed."""
    table = np.zeros((len(observed) + 1, len(origin) + 1))
    for i, seen in enumerate(observed):
        for j, from_ in enumerate(origin):
            table[i, j] = locus_log_likelihood(seen, from_, rate, meioses, copies)
    return table


def ystr_distance_matrix(a: EncodedYProfiles, b: EncodedYProfiles) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Differing markers and shared markers of all pairs, two (na, nb) arrays.

    Args:
        a, b: encoded together (one of them with ``like=`` the other).
    """
    differing = np.zeros((len(a), len(b)), np.int16)
    shared = np.zeros((len(a), len(b)), np.int16)
    for k in range(len(a.markers)):
        one, other = a.code[:, k][:, None], b.code[:, k][None, :]
        both = (one >= 0) & (other >= 0)
        shared += both
        differing += both & (one != other)
    return differing, shared


def consensus_ystr(profiles: Sequence[YProfile]) -> tuple[YProfile, tuple[str, ...]]:
    """Several samples of one person as one profile, and the markers at which they disagree (left out).

    A single allele agrees with several of which it is one: a copy may have dropped out.

    >>> one = YProfile.from_text({"DYS385": "11", "DYS19": "14"})
    >>> two = YProfile.from_text({"DYS385": "11-14", "DYS19": "15"})
    >>> together, conflicts = consensus_ystr([one, two])
    >>> together.alleles, conflicts
    ({'DYS385': (110, 140)}, ('DYS19',))
    """
    kept: dict[str, Alleles] = {}
    conflicts: list[str] = []
    for marker in dict.fromkeys(marker for profile in profiles for marker in profile.alleles):
        seen = {profile.alleles[marker] for profile in profiles if marker in profile.alleles}
        fullest = max(seen, key=len)
        if all(_is_part(alleles, fullest) for alleles in seen):
            kept[marker] = fullest
        else:
            conflicts.append(marker)
    return YProfile(kept), tuple(conflicts)


def _is_part(few: Alleles, many: Alleles) -> bool:
    return few == many or (len(few) > 0 and few in combinations(many, len(few)))


def repeat_matrix(profiles: EncodedYProfiles) -> NDArray[np.int64]:
    """Whole repeats of the single-copy markers, for :mod:`cenotaph.genetics.discrete_laplace`.

    Returns:
        (n, single-copy markers); -1 where not typed, absent, a partial repeat or several copies. DYS389II by itself is
        left out where some profile shows its difference to DYS389I.

    >>> repeat_matrix(encode_ystr([YProfile.from_text({"DYS19": "14", "DYS385": "11-14", "DYS390": "24.2"})])).tolist()
    [[14, -1]]
    """
    columns = []
    for k, marker in enumerate(profiles.markers):
        if marker not in COPIES and not (marker == "DYS389II" and _LESS_389 in profiles.markers):
            whole = [v[0] // 10 if len(v) == 1 and v[0] % 10 == 0 else -1 for v in profiles.values[k]]
            columns.append(np.array([*whole, -1], np.int64)[profiles.code[:, k]])
    return np.stack(columns, axis=1)
