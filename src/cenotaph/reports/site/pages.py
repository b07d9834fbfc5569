"""Writes the site: one function a page that gathers what its template shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cenotaph.accounting import appraisal, commitments, cost, missing, talks, timeline, transfers
from cenotaph.accounting.claims import RELIABILITY, conflicts, grade_words, hedged, shown
from cenotaph.accounting.figures import figure, series_names
from cenotaph.accounting.record import number
from cenotaph.accounting.timeline import Asked, date_words, day, listed, long_date, rows, span_words
from cenotaph.errors import InvalidInput, Unsupported
from cenotaph.reports import style
from cenotaph.reports.drawings.svg import mark, picture
from cenotaph.reports.site import drawings

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from cenotaph.accounting.record import Claim, Record

SILENCE_DAYS: Final = 1000
"""A gap between direct meetings that the timeline draws as a silence."""

PAGES: Final = (
    ("index", "Home"),
    ("talks", "Talks"),
    ("timeline", "Timeline"),
    ("commitments", "Promises"),
    ("handovers", "Handovers"),
    ("sites", "Map and sites"),
    ("missing", "Missing"),
    ("money", "Money"),
    ("appraisal", "What next"),
    ("figures", "Figures"),
    ("sources", "Sources"),
)
"""Pages of the rail: file name and word."""

SERIES_SHOWN: Final = ("unaccounted_total", "unaccounted_north_of_38")

OPTIONS: Final = ("50 boxes from Sinhung-ni", "6 team-months at Unsan", "disinterment of 100 caskets at Punchbowl")


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages share.

    Args:
        record, when: the record and the day of the site.
    """

    record: Record
    when: Asked


def write_site(record: Record, when: Asked, folder: Path) -> int:
    """Writes every page to *folder*, which is there; the same record and day give the same bytes.

    Returns:
        the number of pages.
    """
    site, environment = Site(record, when), _environment()
    shared = {
        "pages": PAGES,
        "as_of": long_date(when.as_of),
        "known_on": long_date(when.known_on),
        "tokens": _safe(style.css_variables()),
        "sheet": _safe(_template_text("site.css")),
    }
    written = 0
    for name, title in PAGES:
        context = CONTEXTS[name](site)
        page = environment.get_template(f"{name}.html.j2").render(**shared, here=name, title=title, **context)
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
        written += 1
    for one in transfers.handovers(record, when):
        page = environment.get_template("handover.html.j2").render(
            **shared, here="handovers", title=f"Handover {date_words(one.when)}", **_handover(site, one)
        )
        (folder / f"handover-{one.transfer_id.lower()}.html").write_text(page, encoding="utf-8")
        written += 1
    return written


def page_names(record: Record, when: Asked) -> list[str]:
    """Names of all pages, those of single handovers among them; what links between them call ``NAME.html``."""
    single = [f"handover-{one.transfer_id.lower()}" for one in transfers.handovers(record, when)]
    return [*(name for name, _ in PAGES), *single]


def page_body(record: Record, when: Asked, name: str) -> str:
    """What stands between head and foot of a page, to be shown in another frame.

    Args:
        record, when: the record and the day of the page.
        name: one of `page_names`.

    Raises:
        InvalidInput: there is no such page.
    """
    site, environment = Site(record, when), _environment()
    shared = {"as_of": long_date(when.as_of), "known_on": long_date(when.known_on)}
    if name in CONTEXTS:
        template, context = environment.get_template(f"{name}.html.j2"), CONTEXTS[name](site)
    else:
        one = {f"handover-{h.transfer_id.lower()}": h for h in transfers.handovers(record, when)}.get(name)
        if one is None:
            raise InvalidInput("no such page", found=name, valid=", ".join(CONTEXTS))
        template, context = environment.get_template("handover.html.j2"), _handover(site, one)
    return "".join(template.blocks["main"](template.new_context({**shared, **context})))


def _index(site: Site) -> dict[str, Any]:
    state = talks.state_of_talks(site.record, site.when)
    people = missing.missing(site.record, site.when)
    ledger = transfers.handovers(site.record, site.when)
    return {
        "state": state,
        "paragraphs": talks.prose(state)[:1],
        "owed": state.open[::-1][:5],
        "missing": people,
        "published": _published(site),
        "last": next(
            (h for h in reversed(ledger) if h.containers and state.handover and h.transfer_id == state.handover.row_id),
            None,
        ),
        "paid": cost.total_paid(cost.costs(site.record, site.when)),
        "since": span_words((site.when.as_of - state.last.last).days) if state.last else "",
        "drawing": _timeline_drawing(site, date(1990, 1, 1), site.when.as_of),
    }


def _published(site: Site) -> dict[str, tuple[str, date]]:
    """The two counts of the missing in the words of their sources, with their days."""
    told = {}
    for series in (name for name in SERIES_SHOWN if name in series_names(site.record)):
        one = figure(site.record, series, site.when.as_of, site.when.known_on)
        on = day(one.as_of, last=True)
        if one.value is not None and on is not None:
            told[series] = (hedged(one.value, one.low, one.high), on)
    return told


def _talks(site: Site) -> dict[str, Any]:
    state = talks.state_of_talks(site.record, site.when)
    engagements = [m for m in timeline.timeline(site.record, site.when) if m.table == "engagements"]
    return {
        "state": state,
        "paragraphs": talks.prose(state),
        "meetings": [(m, talks.attendance(site.record, m.row_id)) for m in reversed(engagements)],
        "source": _source_words(site),
    }


def _timeline(site: Site) -> dict[str, Any]:
    moments = timeline.timeline(site.record, site.when)
    start = date(site.when.as_of.year, 1, 1)
    busiest = max(
        range(1990, site.when.as_of.year + 1), key=lambda y: sum(m.first.year == y for m in moments), default=start.year
    )
    return {
        "moments": moments[::-1],
        "whole": _timeline_drawing(site, date(1990, 1, 1), site.when.as_of),
        "close": _timeline_drawing(
            site, date(busiest, 1, 1), min(date(busiest, 12, 31), max(site.when.as_of, date(busiest, 6, 1)))
        ),
        "busiest": busiest,
        "lanes": [(drawings.LANE_WORDS[lane], _sign(*drawings.LANE_MARKS[lane])) for lane in drawings.LANE_MARKS],
        "lane_words": drawings.LANE_WORDS,
        "silences": _silences(site),
        "source": _source_words(site),
    }


def _timeline_drawing(site: Site, first: date, last: date) -> Markup:
    moments = timeline.timeline(site.record, site.when)
    ahead = max([last, *(m.last for m in moments if m.planned)])
    return _safe(drawings.lanes(moments, first, ahead, _silences(site)))


def _silences(site: Site) -> list[tuple[date, date, str]]:
    """Spans of nearly three years or more without a direct meeting on remains, up to the day asked."""
    engagements = {row["engagement_id"]: row for row in rows(site.record, "engagements")}
    met = [
        m
        for m in timeline.timeline(site.record, site.when)
        if m.table == "engagements" and m.happened and not m.planned and talks.is_direct(engagements[m.row_id])
    ]
    ends = [*met[1:], None] if met else []
    found = []
    for one, following in zip(met, ends, strict=True):
        until = following.first if following else site.when.as_of
        if (until - one.last).days >= SILENCE_DAYS:
            found.append((one.last, until, f"no direct meeting, {span_words((until - one.last).days)}"))
    return found


def _commitments(site: Site) -> dict[str, Any]:
    found = commitments.commitments(site.record, site.when)
    columns = (
        ("Open", [s for s in found if s.status == "open"]),
        ("Kept in part", [s for s in found if s.status == "fulfilled_in_part"]),
        ("Kept", [s for s in found if s.status == "fulfilled"]),
        ("Broken, lapsed or withdrawn", [s for s in found if s.status in ("broken", "lapsed", "withdrawn")]),
        ("Not verified", [s for s in found if s.status == "not_verified"]),
    )
    return {"columns": columns, "found": found, "source": _source_words(site)}


def _handovers(site: Site) -> dict[str, Any]:
    return {"ledger": transfers.handovers(site.record, site.when)[::-1], "source": _source_words(site)}


def _handover(site: Site, one: transfers.Handover) -> dict[str, Any]:
    levels = [
        (words, float(value))
        for words, value in (("assessed", one.assessed_high), ("boxes", one.containers))
        if value is not None
    ]
    start = transfers.Point(one.on, 0.0, 0.0, one.transfer_id)
    series = {"own names": (start, *one.over_time)} if one.over_time else {}
    if one.others_over_time:
        series["others"] = (start, *one.others_over_time)
    promised = [
        s
        for s in commitments.commitments(site.record, site.when)
        if any(f.row_id == one.transfer_id for f in s.fulfilments)
    ]
    parts = [h for h in transfers.handovers(site.record, site.when) if h.part_of == one.transfer_id]
    return {
        "said": _said(site, one.transfer_id),
        "declared": _declared(site, one),
        "one": one,
        "drawing": _safe(drawings.over_time(series, f"Identifications of {one.title} over time", levels=levels)),
        "promised": promised,
        "parts": parts,
        "source": _source_words(site),
    }


def _declared(site: Site, one: transfers.Handover) -> str:
    """What the giver said that he gave, in his own bounds where a claim of it is on record."""
    said = [
        claim
        for claim in site.record.claims("transfers", one.transfer_id)
        if claim.field == "claimed_individuals" and claim.is_known(site.when.known_on)
    ]
    bounded = [claim for claim in said if number(claim.value) == one.claimed and (claim.low or claim.high)]
    return _claimed(bounded[0]) if bounded else _range(one.claimed, one.claimed)


SAID: Final = {
    "claimed_individuals": "declared",
    "containers": "boxes",
    "assessed_high": "assessed",
    "identified_own": "own identified",
    "identified_other": "others identified",
}


def _said(site: Site, transfer_id: str) -> list[tuple[str, str, str, int, str, str]]:
    """Each number of a handover as it is chosen from its claims: what, value, who, voices, runner-up and whose."""
    told = []
    for field, words in SAID.items():
        one = shown(site.record, "transfers", transfer_id, field, as_of=site.when.as_of, known_on=site.when.known_on)
        if one is None:
            continue
        other = one.runner_up
        told.append(
            (
                words,
                _claimed(one.claim),
                _voice(site, one.claim),
                one.voices,
                _claimed(other) if other else "",
                _voice(site, other) if other else "",
            )
        )
    return told


def _claimed(claim: Claim) -> str:
    value = number(claim.value)
    return claim.value if value is None else hedged(value, claim.low, claim.high)


def _voice(site: Site, claim: Claim) -> str:
    source = site.record.source(claim.source_id)
    said = f"{claim.attributed_to}, in " if claim.attributed_to else ""
    return f"{said}{source.title} ({grade_words(source.reliability, claim.credibility)})"


def _sites(site: Site) -> dict[str, Any]:
    counts = {one.site_id: one for one in missing.sites(site.record)}
    places: list[drawings.Place] = []
    listed_sites = []
    for row in rows(site.record, "sites"):
        inside = row["latitude"] and 34.2 < float(row["latitude"]) < 43.2 and 123.6 < float(row["longitude"]) < 131.2
        number = None
        if inside:
            number = len(places) + 1
            radius = float(row["radius_km"]) if row["radius_km"] else 20.0
            if radius < 100:
                places.append(
                    drawings.Place(
                        number, row["name"], row["kind"], float(row["latitude"]), float(row["longitude"]), radius
                    )
                )
            else:
                number = None
        listed_sites.append((number, row, counts.get(row["site_id"]), _sides(row)))
    years = range(1990, site.when.as_of.year + 1)
    return {
        "drawing": _safe(drawings.korea_map(places, _routes(site))),
        "sites": listed_sites,
        "marks": [(kind.replace("_", " "), _sign(*sign)) for kind, sign in drawings.KIND_MARKS.items()],
        "years": years,
        "access": _access(site, years),
        "routes": _routes(site),
        "source": _source_words(site),
    }


def _sides(row: Mapping[str, str]) -> tuple[str, str]:
    """Side of both lines in words, with the probability where it is not sure; nothing outside Korea."""
    from cenotaph.accounting.geography import load_line, side, side_names

    if not row["latitude"] or not 124 <= float(row["longitude"]) <= 132:
        return "", ""
    place = (float(row["latitude"]), float(row["longitude"]), float(row["radius_km"]) if row["radius_km"] else None)
    names = side_names(*place)
    told = []
    for name, line in zip(names, ("parallel_38", "demarcation"), strict=True):
        p = side(*place, load_line(line)).p_north
        told.append(f"north with {p:.0%}" if name == "uncertain" else name.replace("_", " ").replace("dmz", "the zone"))
    return told[0], told[1]


def _access(site: Site, years: Sequence[int]) -> list[tuple[str, list[str]]]:
    names = {row["site_id"]: row["name"] for row in rows(site.record, "sites")}
    held: dict[str, list[str]] = {}
    for row in rows(site.record, "access"):
        first, last = day(row["from_date"]), day(row["to_date"], last=True)
        if first is None or row["status"] not in ("open", "surveyed_only"):
            continue
        cells = held.setdefault(names[row["site_id"]], [""] * len(years))
        for k, year in enumerate(years):
            if first.year <= year <= (last.year if last else year):
                cells[k] = row["status"]
    return [(name, cells) for name, cells in held.items() if any(cells)]


def _routes(site: Site) -> list[drawings.Route]:
    """Legs of handovers by the day asked that begin on the map, each pair of places once."""
    known: dict[str, tuple[float, float]] = {
        "Yokota AB": (35.75, 139.35),
        "Hickam": (21.32, -157.92),
        "Yongsan": (37.53, 126.98),
        "Osan AB": (37.09, 127.03),
    }
    for table in ("sites", "transfers", "engagements"):
        for row in rows(site.record, table):
            if row["latitude"]:
                known.setdefault(row.get("name") or row["place"], (float(row["latitude"]), float(row["longitude"])))
    found: dict[tuple[str, str], drawings.Route] = {}
    for one in transfers.handovers(site.record, site.when):
        for leg in one.legs:
            start, end = known.get(leg.from_place), known.get(leg.to_place)
            if start is None or not 123.6 < start[1] < 131.2:
                continue
            inside = end is not None and 123.6 < end[1] < 131.2
            told = f"{leg.from_place} to {leg.to_place}, {date_words(leg.on)}"
            key = (leg.from_place, leg.to_place if inside else "")
            if key not in found:
                found[key] = drawings.Route(told, start, end if inside else None, leg.to_place)
            elif leg.to_place not in found[key].end_name:
                before = found[key]
                name = f"{before.name}; {told}"
                found[key] = drawings.Route(name, start, before.end, f"{before.end_name}, {leg.to_place}")
    return list(found.values())


def _missing(site: Site) -> dict[str, Any]:
    found = missing.missing(site.record, site.when)
    return {
        "found": found,
        "services": missing.SERVICES,
        "bars": max(one.count for one in found.incidents),
        "dict": dict,
    }


def _money(site: Site) -> dict[str, Any]:
    found = cost.costs(site.record, site.when)
    return {"found": found, "paid": cost.total_paid(found), "source": _source_words(site)}


def _appraisal(site: Site) -> dict[str, Any]:
    compared, refused = [], []
    for text in OPTIONS:
        try:
            compared.append((text, appraisal.appraise(site.record, appraisal.parse_option(text), site.when)))
        except Unsupported as error:
            refused.append((text, str(error)))
    assumed: dict[str, list[str]] = {}
    for text, one in compared:
        for words in one.assumptions:
            assumed.setdefault(words, []).append(text)
    return {"compared": compared, "assumed": assumed, "refused": refused, "tested": appraisal.back_test(site.record)}


def _figures(site: Site) -> dict[str, Any]:
    known = transfers.figures_known(site.record, site.when, series_names(site.record))
    definitions = {row["series"]: row for row in rows(site.record, "series")}
    drawn = []
    for name in definitions:
        points = known.get(name, ())
        if points:
            zero = name not in SERIES_SHOWN
            picture_ = drawings.over_time({"": points}, f"{name} over time", zero=zero) if len(points) > 2 else ""
            drawn.append((name, definitions[name], points, _safe(picture_)))
    return {
        "drawn": drawn,
        "sources": {row["figure_id"]: row["source_id"] for row in rows(site.record, "figures")},
        "source": _source_words(site),
    }


def _sources(site: Site) -> dict[str, Any]:
    cited: dict[str, int] = {}
    for claim in rows(site.record, "claims"):
        cited[claim["source_id"]] = cited.get(claim["source_id"], 0) + 1
    found = conflicts(site.record, site.when.as_of, site.when.known_on)
    return {"sources": rows(site.record, "sources"), "cited": cited, "conflicts": found, "grades": RELIABILITY}


def _source_words(site: Site) -> Callable[[str, str], Markup]:
    """A function from (table, row) to a note: how good the best claim is, linked to its source."""
    by_row = timeline.sources_of(site.record)
    grades: dict[tuple[str, str], tuple[str, int]] = {}
    reliability = {row["source_id"]: row["reliability"] for row in rows(site.record, "sources")}
    for claim in rows(site.record, "claims"):
        key, grade = (
            (claim["subject_table"], claim["subject_id"]),
            (reliability[claim["source_id"]], int(claim["credibility"] or 6)),
        )
        grades[key] = min(grades.get(key, grade), grade)

    def told(table: str, row_id: str) -> Markup:
        ids = by_row.get((table, row_id), ())
        if not ids:
            return _safe('<span class="soft">no source</span>')
        letter, number = grades[table, row_id]
        link = _safe('<a href="sources.html#{}">{}</a>')
        links = _safe(" ").join(link.format(i.lower(), i) for i in ids[:2])
        more = f" and {len(ids) - 2} more" if len(ids) > 2 else ""
        grade = _safe('<span class="grade" title="{}">{}{}</span> {}{}')
        return grade.format(grade_words(letter, number), letter, number, links, more)

    return told


def _sign(colour: str, shape: str) -> Markup:
    return _safe(picture(mark(shape, 7.0, 7.0, 5.0, colour), title=shape, width=14, height=14, class_="sign"))


def _range(low: float | None, high: float | None, unit: str = "") -> str:
    if low is None or high is None:
        return "—"
    said = f"{low:,.0f}" if round(low) == round(high) else f"{low:,.0f} to {high:,.0f}"
    return f"{said} {unit}".strip()


CONTEXTS: Final[Mapping[str, Callable[[Site], dict[str, Any]]]] = {
    "index": _index,
    "talks": _talks,
    "timeline": _timeline,
    "commitments": _commitments,
    "handovers": _handovers,
    "sites": _sites,
    "missing": _missing,
    "money": _money,
    "appraisal": _appraisal,
    "figures": _figures,
    "sources": _sources,
}


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("cenotaph.reports.site", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        day=long_date, when=date_words, span=span_words, listed=listed, plain=_plain, spread=_spread, tenths=_tenths
    )
    environment.globals.update(range_of=_range)
    return environment


def _plain(words: str) -> str:
    """A word of the vocabulary as a reader writes it, without the grade that opens a note."""
    return re.sub(r"^[A-F]/[1-6][:;]? ?", "", words.replace("_", " "))


def _spread(estimate: appraisal.Estimate | None) -> str:
    if estimate is None:
        return "not on record"
    return f"{estimate.mean:,.0f} ({estimate.low:,.0f} to {estimate.high:,.0f})"


def _tenths(estimate: appraisal.Estimate) -> str:
    return f"{estimate.mean:.1f} ({estimate.low:.1f} to {estimate.high:.1f})"


def _template_text(name: str) -> str:
    from importlib import resources

    return resources.files("cenotaph.reports.site").joinpath("templates", name).read_text(encoding="utf-8")


def _safe(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(text)
