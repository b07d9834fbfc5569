"""Objects that name a man: how probable an inscription is if it is his, and what that says of the bones beside it.

An inscription is a noisy copy of what was written. Each character of the original is stamped right, as another one, or
is lost, and others creep in; what cannot be read is taken as any character. Names are written in several ways (family
name first or last, initials or given names); all of them are summed. A service number is compared digit by digit.

An object moves: it is a boost to a box, not to a bone. See `box_log_lr`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ILLEGIBLE = "?"
"""One character that cannot be read."""

LETTERS, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ ", "0123456789"
LEAST_DIGITS = 5
"""A group of at least so many digits or unreadable signs, one of them a digit, is a service number."""

NUMBER = re.compile(rf"(?<![A-Z])[0-9?]{{{LEAST_DIGITS},}}")

GRADES = frozenset(
    ("PVT", "PV1", "PV2", "PFC", "CPL", "SGT", "SSGT", "SFC", "MSGT", "SP4", "RCT", "LT", "1LT", "2LT", "CPT", "CAPT")
) | {"MAJ", "COL", "LTC"}
SUFFIXES = frozenset(("JR", "SR", "II", "III", "IV"))
NUMBER_PREFIXES = frozenset(("RA", "US", "ER", "NG", "AF"))
LOOK_ALIKES = str.maketrans("0158234679", "OISB??????")
"""Digits read within a name, as the letters that they were; the others as unreadable."""


@dataclass(frozen=True, slots=True)
class Stamping:
    """How inscriptions go wrong; all assumptions, by character but for the last two.

    Args:
        wrong: another character stands there.
        lost: the character is gone.
        added: a character that was not written.
        misrecorded: the record of the man has another name or number.
        unlisted: the object belonged to nobody on the roster.
    """

    wrong: float = 0.02
    lost: float = 0.02
    added: float = 0.01
    misrecorded: float = 0.01
    unlisted: float = 0.1


@dataclass(frozen=True, slots=True)
class Inscription:
    """What can be read.

    Args:
        name: letters, single spaces and `ILLEGIBLE`; empty where no name was read.
        family_first: the name has a comma behind the family name.
        number: digits and `ILLEGIBLE`; empty where no service number was read.
    """

    name: str
    family_first: bool
    number: str


def plain(text: str) -> str:
    """Capital letters without accents, hyphens as spaces, other signs dropped.

    >>> plain("O'Brien-Núñez, W.")
    'OBRIEN NUNEZ W'
    """
    letters = unicodedata.normalize("NFKD", text.upper().replace("-", " "))
    return " ".join("".join(c for c in letters if c in LETTERS).split())


def read_inscription(text: str) -> Inscription:
    """Name and service number of an inscription.

    A name stands before the number, or is all of the text that has letters where none stands there. Grades and suffixes
    are dropped, so is what follows the number: dates of injections, blood group, religion.

    >>> read_inscription("MERRIMAN, W")
    Inscription(name='MERRIMAN W', family_first=True, number='')
    >>> read_inscription("Sgt. W. Merr?man  RA 1234?678 T50 O P")
    Inscription(name='W MERR?MAN', family_first=False, number='1234?678')
    """
    upper = text.upper().replace("_", ILLEGIBLE)
    found = next(
        (m for m in re.finditer(rf"[0-9?]{{{LEAST_DIGITS},}}", upper) if any(c.isdigit() for c in m.group())), None
    )
    number = found.group() if found else ""
    before = upper[: found.start()] if found else upper
    words = _words(before) or (_words(upper[found.end() :]) if found else [])
    return Inscription(" ".join(words), "," in before, number)


def _words(text: str) -> list[str]:
    letters = unicodedata.normalize("NFKD", text.replace("-", " ").replace(",", " ").replace(".", " "))
    words = "".join(c for c in letters if c in LETTERS or c == ILLEGIBLE or c.isdigit()).split()
    dropped = GRADES | SUFFIXES | NUMBER_PREFIXES
    return [w.translate(LOOK_ALIKES) for w in words if w not in dropped and 2 * sum(map(str.isdigit, w)) < len(w)]


@dataclass(frozen=True, slots=True)
class Roster:
    """What may be written on an object of each man.

    Args:
        men: number of men.
        forms: shape (f, longest), ways of writing names as indices into `LETTERS`, −1 behind the end.
        man: shape (f,), whose it is.
        family_first: shape (f,), whether the family name comes first.
        log_share: shape (f,), how often he writes it so.
        numbers: shape (men, longest), digits of the service number, −1 behind the end and where it is not known.
    """

    men: int
    forms: Ints
    man: Ints
    family_first: NDArray[np.bool_]
    log_share: Floats
    numbers: Ints

    @classmethod
    def of(
        cls,
        family_names: Sequence[str | None],
        given_names: Sequence[str | None],
        service_numbers: Sequence[str | None] | None = None,
    ) -> Roster:
        """The roster from names as recorded; an unknown name is empty or None.

        >>> roster = Roster.of(["Merriman"], ["Walter J"], ["RA 12345678"])
        >>> len(roster.forms), roster.numbers.tolist()
        (10, [[1, 2, 3, 4, 5, 6, 7, 8]])
        """
        forms: list[tuple[int, str, bool, float]] = []
        for k, (family, given) in enumerate(zip(family_names, given_names, strict=True)):
            written = _forms(plain(family or ""), plain(given or "").split())
            forms += [(k, text, first, 1 / len(written)) for text, first in written]
        numbers = [re.sub(r"\D", "", n or "") for n in service_numbers or [""] * len(family_names)]
        return cls(
            len(family_names),
            _indices([text for _, text, _, _ in forms], LETTERS),
            np.array([k for k, _, _, _ in forms], dtype=np.int64),
            np.array([first for _, _, first, _ in forms], dtype=np.bool_),
            np.log(np.array([share for _, _, _, share in forms], dtype=np.float64)),
            _indices(numbers, DIGITS),
        )


def _forms(family: str, given: list[str]) -> list[tuple[str, bool]]:
    """Ways of writing a name, and whether the family name comes first; each as often as the other."""
    family = " ".join(w for w in family.split() if w not in SUFFIXES)
    if not family:
        return []
    styles = {" ".join(style) for style in _given_styles(given)}
    ordered = sorted(styles)
    return [
        *((f"{family} {g}".strip(), True) for g in ordered),
        *((f"{g} {family}".strip(), False) for g in ordered),
    ]


def _given_styles(given: list[str]) -> list[list[str]]:
    """Nothing, the first initial, all initials, the first name, the first name and the other initials."""
    initials = [g[0] for g in given]
    return [[], initials[:1], initials, given[:1], [*given[:1], *initials[1:]]]


def _indices(texts: Sequence[str], alphabet: str) -> Ints:
    place = {c: k for k, c in enumerate(alphabet)}
    out = np.full((len(texts), max((len(t) for t in texts), default=0)), -1, dtype=np.int64)
    for row, text in enumerate(texts):
        out[row, : len(text)] = [place[c] for c in text]
    return out


def copy_likelihood(seen: str, written: Ints, alphabet: str, stamping: Stamping) -> Floats:
    """Shape (n,): probability that a text is seen, given what was written, over all ways in which it may go wrong.

    Before each character and at the end others creep in (each with probability *added*); a character is lost, or stands
    there rightly or wrongly. Over all texts the probabilities sum to one. An unreadable character counts as any.

    Args:
        seen: what can be read.
        written: shape (n, longest), indices into *alphabet*, −1 behind the end.

    Cost: length of *seen* times the longest, for all n at once.

    >>> p = copy_likelihood("A", _indices(["A", "B"], "AB"), "AB", Stamping(wrong=0.1, lost=0.2, added=0.0))
    >>> p.round(4).tolist()
    [0.72, 0.08]
    """
    n, longest = written.shape
    letters = len(alphabet)
    length = np.count_nonzero(written >= 0, axis=1)
    lost, stands = (1 - stamping.added) * stamping.lost, (1 - stamping.added) * (1 - stamping.lost)
    state = np.zeros((longest + 1, n))
    state[0] = 1.0
    _lose(state, lost)
    for character in seen:
        unreadable = character == ILLEGIBLE
        code = alphabet.find(character)
        crept_in = stamping.added if unreadable else stamping.added / letters
        following = state * crept_in
        for k in range(longest):
            right = written[:, k] == code
            emitted = 1.0 if unreadable else np.where(right, 1 - stamping.wrong, stamping.wrong / (letters - 1))
            following[k + 1] += state[k] * stands * emitted
        state = following
        _lose(state, lost)
    result: Floats = state[length, np.arange(n)] * (1 - stamping.added)
    return result


def _lose(state: Floats, lost: float) -> None:
    """Characters of the original that left nothing."""
    for k in range(1, len(state)):
        state[k] += state[k - 1] * lost


def inscription_loglik(text: str, men: Roster, stamping: Stamping | None = None) -> Floats:
    """Shape (men,): natural log of p(inscription | his) / p(inscription | of a man drawn at random).

    The man drawn at random is one of the roster, or with probability *unlisted* somebody whose name is any text. So no
    ratio exceeds men/(1 − unlisted), and a text that fits nobody fits everybody alike. 0 for a text without name or
    number.

    Args:
        text: as it stands in ``effects.csv``; ``?`` or ``_`` for what cannot be read.
        men: the roster.
        stamping: how inscriptions go wrong.

    >>> men = Roster.of(["Merriman", "Peyton"], ["Walter", "Roosevelt"])
    >>> np.exp(inscription_loglik("MERRIMAN, W", men)).round(2).tolist()
    [2.22, 0.0]
    """
    stamping = stamping or Stamping()
    read = read_inscription(text)
    if not men.men or not (read.name or read.number):
        return np.zeros(men.men)
    own = np.ones(men.men)
    anybody = 1.0
    if read.name:
        chance = _by_chance(read.name, LETTERS)
        each = copy_likelihood(read.name, men.forms, LETTERS, stamping) * np.exp(men.log_share)
        if read.family_first:
            # A comma tells which half of his ways of writing it was.
            each = np.where(men.family_first, 2 * each, 0.0)
        names: Floats = np.bincount(men.man, each, minlength=men.men).astype(np.float64)
        named = np.bincount(men.man, minlength=men.men) > 0
        names = (1 - stamping.misrecorded) * names + stamping.misrecorded * chance
        # A man whose name is not on record has a name like the others'.
        own *= np.where(named, names, names[named].mean() if named.any() else chance)
        anybody *= chance
    if read.number:
        chance = _by_chance(read.number, DIGITS)
        unnumbered = ~np.any(men.numbers >= 0, axis=1)
        digits = copy_likelihood(read.number, men.numbers, DIGITS, stamping)
        own *= np.where(unnumbered, chance, (1 - stamping.misrecorded) * digits + stamping.misrecorded * chance)
        anybody *= chance
    average = (1 - stamping.unlisted) * own.mean() + stamping.unlisted * anybody
    result: Floats = np.log(own) - log(average)
    return result


def _by_chance(seen: str, alphabet: str) -> float:
    """Probability of what can be read if every character is as likely as another."""
    return float(len(alphabet)) ** -sum(c != ILLEGIBLE for c in seen)


def named_log_lr(man: int, men: int, right: float = 0.98) -> Floats:
    """Shape (men,): natural log of p(the laboratory names *man* | his) / p(… | of a man drawn at random).

    The laboratory is right with probability *right* and otherwise names anybody else.

    Raises:
        InvalidInput: the man is not on the roster.

    >>> np.exp(named_log_lr(0, 3, 0.9)).round(2).tolist()
    [2.7, 0.15, 0.15]
    """
    if not 0 <= man < men:
        raise InvalidInput("not a man of the roster", found=man, valid=f"0 to {men - 1}")
    result = np.full(men, (1 - right) / max(men - 1, 1))
    result[man] = right
    log_lr: Floats = np.log(result * men)
    return log_lr


STAYS_IN_BOX, STAYS_WITH_SPECIMEN = 0.5, 0.7
"""Probability that the owner of an object is among the individuals of its container, or is the one it lay with."""


def box_log_lr(inscription_log_lr: Floats, individuals: float, stays: float = STAYS_IN_BOX) -> Floats:
    """Shape (men,): natural log of the ratio that an individual with bones in the container is each man, against
    somebody drawn at random.

    With probability s the owner is among the K individuals of the container, each as likely as another; otherwise the
    object came from elsewhere and says nothing. If the individual is man j, the object is his with probability s/K, and
    else somebody's at random::

        LR_j = (1 − s/K) + (s/K) · p(inscription | j) / p(inscription | at random)

    So a tag that names j raises him for every individual of the box by at most s/K times its own ratio, and lowers the
    others by no more than 1 − s/K. An object found *with a specimen* is one of an individual alone: K = 1 and
    s = `STAYS_WITH_SPECIMEN`; the other individuals of the box get nothing from it.

    Args:
        inscription_log_lr: shape (men,), from `inscription_loglik` or `named_log_lr`.
        individuals: K, number of individuals with bones in the container, expected or counted; 1 or more.
        stays: s.

    Raises:
        InvalidInput: fewer than one individual, or a probability outside of 0 to 1.

    >>> np.exp(box_log_lr(np.log([1000.0, 1e-9]), 5, 0.5)).round(2).tolist()
    [100.9, 0.9]
    """
    if not individuals >= 1:
        raise InvalidInput("individuals of a container", found=individuals, valid="1 or more")
    if not 0 <= stays <= 1:
        raise InvalidInput("not a probability", found=stays, valid="0 to 1")
    share = stays / individuals
    if share == 0:
        return np.zeros_like(inscription_log_lr)
    moved = log(1 - share) if share < 1 else -np.inf
    result: Floats = np.logaddexp(moved, log(share) + inscription_log_lr)
    return result


def nobody_log_lr(individuals: float, stays: float = STAYS_IN_BOX) -> float:
    """The same for an individual who had no such object, such as a Korean beside an American tag: log(1 − s/K).

    >>> round(nobody_log_lr(5, 0.5), 4) == round(log(0.9), 4)
    True
    """
    return float(box_log_lr(np.array([-np.inf]), individuals, stays)[0])
