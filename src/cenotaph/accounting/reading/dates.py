"""Dates as reporters write them, resolved against the day of publication, as EDTF."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan\.|Feb\.|Mar\.|Apr\.|Jun\.|Jul\.|Aug\.|Sept?\.|Oct\.|Nov\.|Dec\."
)
_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_WEEKDAY = {name: number for number, name in enumerate(_DAYS.split("|"))}
_NUMBER = {
    "a": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_DAY = rf"(?:{_MONTHS})\s+\d{{1,2}}(?!\d)(?:,\s+\d{{4}})?"
_EXPRESSION = re.compile(
    rf"(?P<between>(?:[Bb]etween|[Ff]rom)\s+(?P<b1>{_DAY})\s+(?:and|to|until|through)\s+(?P<b2>{_DAY}|\d{{1,2}}\b))"
    rf"|(?P<span>(?P<s1>{_DAY})\s*(?:-|–|to)\s*(?P<s2>\d{{1,2}})\b)"
    r"|(?P<years>\b(?P<y1>1[89]\d\d|20\d\d)\s*(?:-|–|to)\s*(?P<y2>1[89]\d\d|20\d\d)\b)"
    rf"|(?P<day>\b{_DAY})"
    rf"|(?P<dmy>\b\d{{1,2}}\s+(?:{_MONTHS})(?:\s+\d{{4}})?)"
    rf"|(?P<part>\b(?P<which>[Ee]arly|[Mm]id|[Ll]ate|[Tt]he end of|[Tt]he beginning of)[\s-]+"
    rf"(?P<pm>{_MONTHS})(?:\s+(?P<py>\d{{4}}))?)"
    rf"|(?P<month>\b(?:[Ii]n|[Ss]ince|[Uu]ntil|of|[Bb]y|[Ll]ast|[Nn]ext)\s+(?P<mm>{_MONTHS})(?!\s+\d{{1,2}}\b)(?:,?\s+(?P<my>\d{{4}}))?(?![\w]))"
    rf"|(?P<weekday>\b(?:(?P<wq>[Ll]ast|[Nn]ext|[Tt]his)\s+)?(?P<wd>{_DAYS})\b)"
    r"|(?P<relative>\b(?P<rq>[Ll]ast|[Tt]his|[Nn]ext)\s+(?P<unit>week|month|year)\b)"
    r"|(?P<ago>\b(?P<n>[Aa]|[Oo]ne|[Tt]wo|[Tt]hree|[Ff]our|[Ff]ive|[Ss]ix|seven|eight|nine|ten|\d+)\s+(?P<au>days?|weeks?|months?|years?)\s+ago\b)"
    r"|(?P<near>\b(?:[Tt]oday|[Yy]esterday|[Tt]omorrow)\b(?!['’]s coverage))"
    r"|(?P<year>\b(?:[Ii]n|[Ss]ince|[Uu]ntil|of|[Ff]rom)\s+(?P<yy>1[89]\d\d|20\d\d)\b(?![-–]))"
)
_FUTURE = re.compile(
    r"\b(?:will|would|plans? to|planned to|due to|scheduled|set to|set for|expected to"
    r"|is to|are to|agreed to|promised to|pledged to|offered to)\b"
)


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date expression: where it stands in its sentence, its words, its EDTF, and its first and last day."""

    start: int
    end: int
    text: str
    edtf: str
    first: date
    last: date


def find_dates(sentence: str, published: date) -> list[DateMention]:
    """Date expressions of a sentence, each resolved against the day of publication.

    A weekday or a day without a year is the latest one not after publication, or, behind *will* or *plans to* in the
    same clause, the first one not before. A week runs from Monday; *next Thursday* is that of the week to come; *this
    week* in the past ends with publication.
    Thirds of a month (early, mid, late) are days 1–10, 11–20, 21–end.

    >>> [(d.text, d.edtf) for d in find_dates("They met Friday and in late July.", date(2018, 9, 7))]
    [('Friday', '2018-09-07'), ('late July', '2018-07-21/2018-07-31')]
    """
    found = []
    for match in _EXPRESSION.finditer(sentence):
        resolved = _resolve(match, published, _speaks_of_future(sentence, match))
        if resolved:
            start, end = match.span()
            words = match.group()
            lead = re.match(r"(?:in|since|until|of|by|from)\s+", words, re.IGNORECASE)
            if lead and not match["between"]:
                start += lead.end()
            found.append(DateMention(start, end, sentence[start:end], *resolved))
    return found


def _speaks_of_future(sentence: str, match: re.Match[str]) -> bool:
    """Whether the clause about the expression speaks of what is to come."""
    clause = re.split(r"[;]|\b(?:although|while|after|but|since)\b", sentence[: match.start()])[-1]
    if re.search(r"\b(?:announced|said|told|reported)\s+(?:on\s+)?$", clause):
        return False
    return bool(_FUTURE.search(clause)) and not re.search(r"\b(?:had been|was|were) (?:set|due|scheduled)\b", clause)


def _resolve(match: re.Match[str], published: date, future: bool) -> tuple[str, date, date] | None:
    """EDTF, first and last day of a matched expression."""
    kind = match.lastgroup if match.lastgroup in _RESOLVERS else next(k for k in _RESOLVERS if match[k])
    try:
        return _RESOLVERS[kind](match, published, future)
    except ValueError:
        return None


def _interval(first: date, last: date) -> tuple[str, date, date]:
    return (first.isoformat() if first == last else f"{first}/{last}", first, last)


def _parse(words: str, published: date, future: bool) -> date:
    """One day, by the date library."""
    import dateparser

    text = words.replace("Sept.", "Sep.")
    parsed = dateparser.parse(
        text if re.search(r"\d{4}", text) else f"{text} {published.year}",
        languages=["en"],
        settings={"DATE_ORDER": "MDY", "REQUIRE_PARTS": ["day", "month"]},
    )
    if parsed is None:
        raise ValueError(words)
    day = date(parsed.year, parsed.month, parsed.day)
    if re.search(r"\d{4}", words):
        return day
    if future and (published - day).days > 60:
        return _in_year(day, day.year + 1)
    if not future and day > published:
        return _in_year(day, day.year - 1)
    return day


def _in_year(day: date, year: int) -> date:
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))


def _span(match: re.Match[str], published: date, future: bool) -> tuple[str, date, date]:
    begin, end = (match["b1"], match["b2"]) if match["between"] else (match["s1"], match["s2"])
    year = re.search(r"\d{4}", end)
    first = _parse(begin if not year or re.search(r"\d{4}", begin) else f"{begin}, {year.group()}", published, future)
    last = first.replace(day=int(end)) if end.isdigit() else _parse(end, published, future)
    return _interval(first, _in_year(last, first.year) if last < first else last)


def _month_number(name: str) -> int:
    return [m[:3] for m in calendar.month_name].index(name[:3])


def _month(match: re.Match[str], published: date, future: bool) -> tuple[str, date, date]:
    month = _month_number(match["mm"])
    year = int(match["my"]) if match["my"] else _year_of(month, published, future)
    return f"{year}-{month:02d}", date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _year_of(month: int, published: date, future: bool) -> int:
    if future:
        return published.year + (month < published.month)
    return published.year - (month > published.month)


def _third(match: re.Match[str], published: date, future: bool) -> tuple[str, date, date]:
    month = _month_number(match["pm"])
    year = int(match["py"]) if match["py"] else _year_of(month, published, future)
    end = calendar.monthrange(year, month)[1]
    thirds = {
        "early": (1, 10),
        "the beginning of": (1, 10),
        "mid": (11, 20),
        "late": (21, end),
        "the end of": (21, end),
    }
    first, last = thirds[match["which"].lower()]
    return _interval(date(year, month, first), date(year, month, last))


def _weekday(match: re.Match[str], published: date, future: bool) -> tuple[str, date, date]:
    ahead = (_WEEKDAY[match["wd"]] - published.weekday()) % 7
    if (match["wq"] or "").lower() == "next":
        day = published + timedelta(7 - published.weekday() + _WEEKDAY[match["wd"]])
        return _interval(day, day)
    day = published + timedelta(ahead if future else ahead - 7 if ahead else 0)
    if (match["wq"] or "").lower() == "last" and day == published:
        day -= timedelta(7)
    return _interval(day, day)


def _relative(match: re.Match[str], published: date, future: bool) -> tuple[str, date, date]:
    step = {"last": -1, "this": 0, "next": 1}[match["rq"].lower()]
    if match["unit"] == "week":
        monday = published - timedelta(published.weekday()) + timedelta(7 * step)
        return _interval(monday, published if step == 0 and not future else monday + timedelta(6))
    if match["unit"] == "month":
        months = published.year * 12 + published.month - 1 + step
        year, month = months // 12, months % 12 + 1
        return f"{year}-{month:02d}", date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    year = published.year + step
    return str(year), date(year, 1, 1), date(year, 12, 31)


def _ago(match: re.Match[str], published: date, future: bool) -> tuple[str, date, date]:
    count, unit = _NUMBER.get(match["n"].lower()) or int(match["n"]), match["au"].rstrip("s")
    if unit in {"day", "week"}:
        day = published - timedelta(count * (7 if unit == "week" else 1))
        return (day.isoformat() + ("~" if unit == "week" else ""), day, day)
    if unit == "month":
        months = published.year * 12 + published.month - 1 - count
        year, month = months // 12, months % 12 + 1
        return f"{year}-{month:02d}~", date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    year = published.year - count
    return f"{year}~", date(year, 1, 1), date(year, 12, 31)


def _near(match: re.Match[str], published: date, future: bool) -> tuple[str, date, date]:
    day = published + timedelta({"yesterday": -1, "today": 0, "tomorrow": 1}[match.group().lower()])
    return _interval(day, day)


def _one_day(match: re.Match[str], published: date, future: bool) -> tuple[str, date, date]:
    day = _parse(match.group(), published, future)
    return _interval(day, day)


def _years(match: re.Match[str], published: date, future: bool) -> tuple[str, date, date]:
    low, high = (match["y1"], match["y2"]) if match["years"] else (match["yy"], match["yy"])
    return low if low == high else f"{low}/{high}", date(int(low), 1, 1), date(int(high), 12, 31)


_RESOLVERS = {
    "between": _span,
    "span": _span,
    "years": _years,
    "day": _one_day,
    "dmy": _one_day,
    "part": _third,
    "month": _month,
    "weekday": _weekday,
    "relative": _relative,
    "ago": _ago,
    "near": _near,
    "year": _years,
}
