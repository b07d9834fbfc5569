"""Pictures of the site: the lanes of the timeline, the map, and numbers over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, radians
from typing import Final

from cenotaph.accounting.geography import KM_PER_DEGREE, coast, load_line
from cenotaph.accounting.timeline import LANES, Moment
from cenotaph.accounting.transfers import Point
from cenotaph.reports.drawings.svg import element, mark, picture, text

LANE_WORDS: Final = {
    "remains": "Talks on remains",
    "nuclear": "Nuclear talks",
    "armistice": "Armistice",
    "humanitarian": "Humanitarian",
    "other": "Other",
    "handovers": "Handovers",
    "ground": "Work on the ground",
    "money": "Money",
}
LANE_MARKS: Final = {
    "remains": ("series-1", "disc"),
    "nuclear": ("series-5", "diamond"),
    "armistice": ("series-8", "square"),
    "humanitarian": ("series-4", "triangle"),
    "other": ("series-6", "plus"),
    "handovers": ("series-3", "square"),
    "ground": ("series-2", "bar"),
    "money": ("series-7", "triangle"),
}
WIDTH: Final = 960.0


def lanes(moments: Sequence[Moment], first: date, last: date, silences: Sequence[tuple[date, date, str]]) -> str:
    """A lane for each track, with what was missed or cancelled struck through, and silences as hatched spans."""
    used = [lane for lane in LANES if any(m.lane == lane and m.last >= first and m.first <= last for m in moments)]
    height, left, top = 46.0, 150.0, 26.0
    bottom = top + height * len(used)

    def x(day: date) -> float:
        share = (min(max(day, first), last) - first).days / max((last - first).days, 1)
        return left + share * (WIDTH - left - 24)

    drawn = [_hatch()]
    for year, label in _ticks(first, last):
        drawn.append(element("line", x1=x(year), x2=x(year), y1=top, y2=bottom, class_="grid"))
        drawn.append(element("text", text(label), x=x(year), y=bottom + 18, text_anchor="middle", class_="soft"))
    for begin, end, words in silences:
        if end <= first or begin >= last or "remains" not in used:
            continue
        y = top + height * used.index("remains")
        span = max(x(end) - x(begin), 2.0)
        drawn.append(
            element(
                "rect",
                element("title", text(words)),
                x=x(begin),
                y=y + 8,
                width=span,
                height=height - 16,
                class_="silence",
            )
        )
        if span > 60:
            said = words if span > 200 else words.rsplit(", ", 1)[-1]
            drawn.append(
                element("text", text(said), x=x(begin) + span / 2, y=y + 6, text_anchor="middle", class_="soft small")
            )
    for k, lane in enumerate(used):
        y = top + height * (k + 0.5)
        drawn.append(element("line", x1=left, x2=WIDTH - 12, y1=y, y2=y, class_="axis"))
        drawn.append(element("text", text(LANE_WORDS[lane]), x=0, y=y + 5, class_="label"))
        for moment in (m for m in moments if m.lane == lane and m.last >= first and m.first <= last):
            drawn.append(_moment(moment, x(moment.first), x(moment.last), y))
    title = f"Timeline from {first.year} to {last.year} in {len(used)} lanes; every mark is in the table below"
    return picture("".join(drawn), title=title, width=WIDTH, height=bottom + 30)


def _moment(moment: Moment, start: float, end: float, y: float) -> str:
    colour, shape = LANE_MARKS[moment.lane]
    told = f"{moment.when}: {moment.title}"
    bar = element("line", x1=start, x2=end, y1=y, y2=y, class_=f"span {colour}") if end - start > 3 else ""
    if not moment.happened:
        size = 7.0
        cross = (
            f"M{start - size} {y - size}L{start + size} {y + size}M{start - size} {y + size}L{start + size} {y - size}"
        )
        return bar + element(
            "g",
            element("title", text(f"Did not happen. {told}")),
            mark("ring", start, y, 8.0, "brick"),
            element("path", d=cross, class_="struck"),
        )
    if moment.planned:
        return element("g", element("title", text(f"Planned. {told}")), mark("ring", start, y, 6.0, colour))
    return bar + mark(shape, start, y, 6.0, colour, told)


def _hatch() -> str:
    line = element("path", d="M0 6L6 0", class_="hatch")
    return element("defs", element("pattern", line, id="hatch", width=6, height=6, patternUnits="userSpaceOnUse"))


def _ticks(first: date, last: date) -> list[tuple[date, str]]:
    if (last - first).days > 900:
        step = 5 if last.year - first.year > 15 else 1
        return [
            (date(y, 1, 1), str(y))
            for y in range(first.year, last.year + 1)
            if y % step == 0 and date(y, 1, 1) >= first
        ]
    return [
        (date(first.year + m // 12, m % 12 + 1, 1), f"{date(2000, m % 12 + 1, 1):%b}")
        for m in range((last.year - first.year + 1) * 12)
        if first <= date(first.year + m // 12, m % 12 + 1, 1) <= last
    ]


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the map with the circle that holds it."""

    number: int
    name: str
    kind: str
    latitude: float
    longitude: float
    radius_km: float


@dataclass(frozen=True, slots=True)
class Route:
    """A leg of a handover; an end outside the map has no position."""

    name: str
    start: tuple[float, float]
    end: tuple[float, float] | None
    end_name: str


NORTH_EDGE, SOUTH_EDGE, WEST_EDGE, EAST_EDGE = 43.2, 34.2, 123.6, 131.2
SCALE: Final = 88.0
KIND_MARKS: Final = {
    "battlefield": ("series-1", "disc"),
    "camp": ("series-5", "diamond"),
    "cemetery": ("series-3", "square"),
    "march_route": ("series-4", "triangle"),
    "laboratory": ("series-8", "plus"),
    "negotiation_site": ("series-2", "cross"),
    "transfer_site": ("series-6", "bar"),
    "isolated_burial": ("series-7", "triangle"),
}


def _at(latitude: float, longitude: float) -> tuple[float, float]:
    return (longitude - WEST_EDGE) * SCALE * cos(radians(38.5)), (NORTH_EDGE - latitude) * SCALE


def korea_map(places: Sequence[Place], routes: Sequence[Route]) -> str:
    """The peninsula with both lines, the sites with their circles and the routes of handovers; nothing is fetched."""
    width, height = _at(SOUTH_EDGE, EAST_EDGE)
    outline = "".join("M" + "L".join("{:.1f} {:.1f}".format(*_at(a, b)) for a, b in ring) + "Z" for ring in coast())
    drawn = [element("path", d=outline, class_="land"), _hatch()]
    west, east = _at(38.0, WEST_EDGE), _at(38.0, EAST_EDGE)
    drawn.append(element("line", x1=west[0], y1=west[1], x2=east[0], y2=east[1], class_="parallel"))
    drawn.append(element("text", text("38th parallel"), x=width - 8, y=west[1] + 16, text_anchor="end", class_="label"))
    line = load_line("demarcation")
    for continuation in (False, True):
        inside = [
            k
            for k in range(len(line.latitude))
            if 124.5 <= line.longitude[k] <= 128.5 and bool(line.continuation[k]) == continuation
        ]
        if continuation:
            inside = [k for k in inside if line.longitude[k] < 127] + [max(inside) + 1]
        points = " ".join(
            f"{x:.1f},{y:.1f}"
            for x, y in (_at(float(line.latitude[k]), float(line.longitude[k])) for k in sorted(set(inside)))
        )
        drawn.append(element("polyline", points=points, class_="demarcation ours" if continuation else "demarcation"))
    x, y = _at(38.62, 128.42)
    drawn.append(element("text", text("Military Demarcation Line"), x=x + 4, y=y, class_="label"))
    drawn += [_route(route) for route in routes]
    for place in places:
        x, y = _at(place.latitude, place.longitude)
        colour, _ = KIND_MARKS[place.kind]
        drawn.append(
            element("circle", cx=x, cy=y, r=max(place.radius_km / KM_PER_DEGREE * SCALE, 1.0), class_=f"doubt {colour}")
        )
    taken: list[tuple[float, float]] = []
    for place in places:
        x, y = _at(place.latitude, place.longitude)
        colour, shape = KIND_MARKS[place.kind]
        drawn.append(mark(shape, x, y, 4.5, colour, f"{place.number}. {place.name}, within {place.radius_km:g} km"))
        spot = _free(x + 7, y - 4, taken)
        taken.append(spot)
        if abs(spot[1] - y) > 14 or spot[0] - x > 14:
            drawn.append(element("line", x1=x, y1=y, x2=spot[0] - 1, y2=spot[1] - 4, class_="leader"))
        drawn.append(element("text", text(str(place.number)), x=spot[0], y=spot[1], class_="small"))
    scale = 100 / KM_PER_DEGREE * SCALE
    drawn.append(element("path", d=f"M16 {height - 24}h{scale:.1f}", class_="scale"))
    drawn.append(element("text", text("100 km"), x=16, y=height - 32, class_="soft"))
    title = (
        f"Map of the peninsula with the 38th parallel, the Military Demarcation Line and {len(places)} numbered sites"
    )
    return picture("".join(drawn), title=title, width=round(width), height=round(height))


def _free(x: float, y: float, taken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The nearest spot to write a number where none is written yet."""
    for dx, dy in (
        (0, 0),
        (0, 14),
        (-22, 0),
        (-22, 14),
        (12, -12),
        (12, 22),
        (-30, -12),
        (-30, 24),
        (24, 4),
        (-42, 6),
        (26, -22),
        (26, 30),
        (-44, 22),
        (0, 30),
        (0, -26),
        (40, 10),
    ):
        if all(abs(x + dx - a) > 16 or abs(y + dy - b) > 11 for a, b in taken):
            return x + dx, y + dy
    return x, y


def _route(route: Route) -> str:
    x1, y1 = _at(*route.start)
    if route.end is None:
        width, _ = _at(SOUTH_EDGE, EAST_EDGE)
        x2, y2 = width - 14, y1 + 110
        end = element("text", text(f"to {route.end_name}"), x=x2, y=y2 + 16, text_anchor="end", class_="soft small")
    else:
        (x2, y2), end = _at(*route.end), ""
    bend = f"M{x1:.1f} {y1:.1f}Q{(x1 + x2) / 2 + 24:.1f} {(y1 + y2) / 2 - 24:.1f} {x2:.1f} {y2:.1f}"
    return element("path", element("title", text(route.name)), d=bend, class_="route") + end


def over_time(
    series: Mapping[str, Sequence[Point]], title: str, *, levels: Sequence[tuple[str, float]] = (), zero: bool = True
) -> str:
    """Numbers by day as steps, one mark a count, with levels as named lines."""
    points = [point for one in series.values() for point in one]
    if not points:
        return ""
    left, right, top, bottom = 64.0, 190.0, 20.0, 260.0
    first, last = min(p.on for p in points), max(p.on for p in points)
    high = max([p.high for p in points] + [value for _, value in levels])
    low = 0.0 if zero else min(p.value for p in points)
    pad = 0.0 if zero else (high - low) * 0.1 or 1.0
    low, high = low - pad, high + pad if not zero else high * 1.06

    def x(day: date) -> float:
        return left + (day - first).days / max((last - first).days, 1) * (WIDTH - left - right)

    def y(value: float) -> float:
        return bottom - (value - low) / max(high - low, 1e-9) * (bottom - top)

    drawn = []
    for step in range(5):
        value = low + (high - low) * step / 4
        drawn.append(element("line", x1=left, x2=WIDTH - right, y1=y(value), y2=y(value), class_="grid"))
        drawn.append(
            element("text", text(f"{value:,.0f}"), x=left - 8, y=y(value) + 5, text_anchor="end", class_="soft")
        )
    for year in sorted({first.year, last.year} | {t for t in range(first.year, last.year) if t % 5 == 0}):
        at = x(min(max(date(year, 1, 1), first), last))
        if year == first.year or year == last.year or (at - left > 40 and WIDTH - right - at > 40):
            drawn.append(element("text", text(str(year)), x=at, y=bottom + 20, text_anchor="middle", class_="soft"))
    for words, value in levels:
        drawn.append(element("line", x1=left, x2=WIDTH - right, y1=y(value), y2=y(value), class_="level"))
        drawn.append(element("text", text(f"{words} {value:,.0f}"), x=WIDTH - right + 8, y=y(value) + 4, class_="soft"))
    written = [y(value) + 4 for _, value in levels]
    for k, (name, one) in enumerate(series.items()):
        colour, shape = list(LANE_MARKS.values())[k * 2 % 8]
        ordered = sorted(one, key=lambda p: p.on)
        path = "".join(f"{'L' if i else 'M'}{x(p.on):.1f} {y(p.value):.1f}" for i, p in enumerate(ordered))
        drawn.append(element("path", d=path, class_=f"line {colour}"))
        drawn += [mark(shape, x(p.on), y(p.value), 4.0, colour, f"{p.on}: {p.value:,.0f}") for p in ordered]
        end, at = ordered[-1], y(ordered[-1].value) + 5
        while any(abs(at - other) < 14 for other in written):
            at += 14
        written.append(at)
        drawn.append(element("text", text(f"{name} {end.value:,.0f}".strip()), x=x(end.on) + 10, y=at, class_="label"))
    return picture("".join(drawn), title=title, width=WIDTH, height=bottom + 34)
