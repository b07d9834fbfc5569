"""Dates that may be uncertain: the part of EDTF (ISO 8601-2) that records of loss need."""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass

from cenotaph.errors import InvalidInput

_POINT = re.compile(r"(\d{4}|\d{3}X|\d{2}XX)(?:-(\d{2}|XX)(?:-(\d{2}|XX))?)?[?~%]?")
VALID_DATE = "a date such as 1950-11-28, 1950-11, 195X, 1950-11-28?, 1950-11-27/1950-12-12 or ../1951"


@dataclass(frozen=True, slots=True)
class DateRange:
    """First and last day that a date may mean; None is an open end."""

    earliest: datetime.date | None
    latest: datetime.date | None


def parse_date(text: str) -> DateRange:
    """Days that an EDTF date may mean.

    Read are years, months and days; ``X`` for unknown digits; ``?``, ``~`` and ``%`` after a date (the doubt does
    not widen the range); intervals ``a/b``; an open or unknown end ``..`` or nothing.

    Raises:
        InvalidInput: the text is no such date, the day does not exist, or the interval runs backwards.

    >>> parse_date("1950-11")
    DateRange(earliest=datetime.date(1950, 11, 1), latest=datetime.date(1950, 11, 30))
    >>> parse_date("195X~").latest
    datetime.date(1959, 12, 31)
    >>> parse_date("1950-11-27/..").latest is None
    True
    """
    first, slash, last = text.partition("/")
    if not slash:
        return _parse_point(first, text)
    if {first, last} <= {"", ".."}:
        raise InvalidInput("not a date", found=text, valid=VALID_DATE)
    start = None if first in {"", ".."} else _parse_point(first, text).earliest
    end = None if last in {"", ".."} else _parse_point(last, text).latest
    if start is not None and end is not None and start > end:
        raise InvalidInput("the interval runs backwards", found=text, valid="the earlier date first")
    return DateRange(start, end)


def _parse_point(point: str, text: str) -> DateRange:
    match = _POINT.fullmatch(point)
    if match is None:
        raise InvalidInput("not a date", found=text, valid=VALID_DATE)
    year, month, day = match[1], match[2] or "XX", match[3] or "XX"
    if month == "XX" and day != "XX":
        raise InvalidInput("a day without its month", found=text, valid=VALID_DATE)
    first_year, last_year = int(year.replace("X", "0")), int(year.replace("X", "9"))
    first_month, last_month = (1, 12) if month == "XX" else (int(month), int(month))
    if not (first_year >= 1 and 1 <= first_month <= 12):
        raise InvalidInput("no such month or year", found=text, valid=VALID_DATE)
    last_day = calendar.monthrange(last_year, last_month)[1]
    first_day = 1
    if day != "XX":
        first_day = int(day)
        if not 1 <= first_day <= last_day:
            raise InvalidInput("no such day", found=text, valid=VALID_DATE)
        last_day = first_day
    return DateRange(datetime.date(first_year, first_month, first_day), datetime.date(last_year, last_month, last_day))
