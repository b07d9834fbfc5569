"""Errors that Cenotaph raises. Each says what is wrong, what was found and what would be valid."""

from __future__ import annotations


class CenotaphError(Exception):
    """Root of every error that Cenotaph raises on purpose."""


class InvalidInput(CenotaphError):
    """Input that breaks a stated rule.

    Args:
        what: what is wrong, in words.
        found: what stood there.
        valid: what would be valid.
        where: ``file:row:column`` or as much of it as is known.

    >>> str(InvalidInput("not a number", found="OL", valid="an allele such as 9.3", where="str.csv:4:allele_1"))
    'str.csv:4:allele_1: not a number, found OL, valid: an allele such as 9.3'
    """

    def __init__(self, what: str, *, found: object = None, valid: str | None = None, where: str | None = None) -> None:
        self.what, self.found, self.valid, self.where = what, found, valid, where
        text = f"{where}: {what}" if where else what
        if found is not None:
            text += f", found {found}"
        if valid is not None:
            text += f", valid: {valid}"
        super().__init__(text)


class InvalidPedigree(InvalidInput):
    """A pedigree that cannot be: a loop in time, a mother who is male, one parent without the other."""


class UnknownMarker(InvalidInput):
    """A marker, allele or population that no loaded table carries."""


class FormatError(InvalidInput):
    """A file that is not in the format it claims."""


class Unsupported(CenotaphError):
    """The model does not cover this request; no number is given."""


class ProblemTooLarge(CenotaphError):
    """The exact method would not finish; says what size would."""


class NotConverged(CenotaphError):
    """An iterative method stopped before its criterion held."""
