"""Weight of evidence drawn on one axis: log10 from exclusion over nothing to support."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cenotaph.reports.drawings.svg import element, mark, text
from cenotaph.reports.words import signed

LEAST_REACH = 6.0
FARTHEST_LEFT = -12.0
PLOT_LEFT, PLOT_RIGHT = 27.0, 87.0
ROW = 26
TOP = 30
BAR = 13


@dataclass(frozen=True, slots=True)
class Axis:
    """A log10 axis that always shows −6 to +6, and more where values lie beyond.

    Args:
        low, high: ends, even numbers.
        left, right: where these are drawn, in percent of the drawing's width.

    >>> axis = Axis.over([9.3, -1.0])
    >>> axis.low, axis.high, axis.ticks()
    (-6.0, 10.0, [-6, -4, -2, 0, 2, 4, 6, 8, 10])
    """

    low: float
    high: float
    left: float = PLOT_LEFT
    right: float = PLOT_RIGHT

    @classmethod
    def over(cls, values: Sequence[float], left: float = PLOT_LEFT, right: float = PLOT_RIGHT) -> Axis:
        """An axis for these values; far below −12 they are cut off and say so."""
        finite = [v for v in values if math.isfinite(v)]
        low = max(min([-LEAST_REACH, *finite]), FARTHEST_LEFT)
        high = max([LEAST_REACH, *finite])
        return cls(2.0 * math.floor(low / 2), 2.0 * math.ceil(high / 2), left, right)

    def place(self, value: float) -> float:
        """Percent of the width at which a value stands; values off the axis stand at its end."""
        inside = min(max(value, self.low), self.high)
        return self.left + (inside - self.low) / (self.high - self.low) * (self.right - self.left)

    def ticks(self) -> list[int]:
        """Even numbers, thinned where the axis is long; nought always among them."""
        span = self.high - self.low
        step = next(step for step, most in ((2, 20), (4, 44), (10, 90), (20, 180), (50, math.inf)) if span <= most)
        first = math.ceil(self.low / step) * step
        return list(range(first, math.floor(self.high) + 1, step))


@dataclass(frozen=True, slots=True)
class Step:
    """One line of evidence in a waterfall.

    Args:
        name: of the line, as written.
        log10_lr: what it adds.
    """

    name: str
    log10_lr: float


def waterfall(
    steps: Sequence[Step],
    total: float,
    axis: Axis,
    *,
    title: str,
    description: str = "",
    threshold: float | None = None,
) -> str:
    """Bars that start where the bar above ends and add up to the total; the threshold is a marked line.

    The drawing takes the width that it is given: places are percents, letters keep their size.

    Args:
        steps: what adds up, from the top.
        total: their sum.
        axis: on which they stand.
        title: what the drawing is.
        description: what it shows, for those who do not see it.
        threshold: what a total needs.
    """
    is_marked = threshold is not None and threshold <= axis.high
    height = TOP + ROW * (len(steps) + 1) + (24 if is_marked else 10)
    total_row = TOP + ROW * len(steps)
    parts = [_frame(axis, total_row + ROW + 10)]
    reached = 0.0
    for k, step in enumerate(steps):
        parts.append(_bar(step.name, step.log10_lr, reached, axis, TOP + ROW * k))
        reached += step.log10_lr
        parts.append(_line(axis.place(reached), TOP + ROW * k + 19, TOP + ROW * (k + 1) + 6, "joint"))
    parts.append(element("line", x1="0", x2="100%", y1=total_row + 0.5, y2=total_row + 0.5, class_="sum-line"))
    parts.append(_bar("Total", total, 0.0, axis, total_row, "sum"))
    if threshold is not None and is_marked:
        x = axis.place(threshold)
        parts.append(_line(x, total_row - 6, height - 16, "threshold"))
        parts.append(_wedge(x, total_row - 2))
        needed = text(f"{signed(threshold)} needed")
        parts.append(element("text", needed, x=f"{x:.2f}%", y=height - 4, class_="needed"))
    told = element("desc", text(description)) if description else ""
    return _svg("waterfall", height, title, told + "".join(parts))


@dataclass(frozen=True, slots=True)
class Strip:
    """What one line of evidence says of many.

    Args:
        name: of the line, as written.
        marks: value, shape, colour class and words of each.
        at_nothing: how many more stand at 0, without a mark of their own.
    """

    name: str
    marks: tuple[tuple[float, str, str, str], ...]
    at_nothing: int = 0


def strips(rows: Sequence[Strip], axis: Axis, *, title: str, row_height: int = 44) -> str:
    """One strip of marks per line of evidence; at its end the number of those at 0.

    Args:
        rows: the strips from the top.
        axis: shared by all strips.
        title: the drawing in words.
        row_height: pixels per strip.
    """
    height = TOP + row_height * len(rows) + 6
    parts = [_frame(axis, height)]
    for k, row in enumerate(rows):
        middle = TOP + row_height * k + row_height / 2
        parts.append(element("text", text(row.name), x="0", y=middle + 4, class_="name"))
        parts.append(element("line", x1=f"{axis.left}%", x2=f"{axis.right}%", y1=middle, y2=middle, class_="strip"))
        if row.at_nothing:
            parts.append(element("text", text(f"{row.at_nothing:,}"), x="100%", y=middle + 4, class_="figure"))
        for n, (value, shape, colour, words) in enumerate(row.marks):
            # A fixed pattern keeps equal values apart and a report reproducible.
            shift = ((n * 7) % 11 - 5) / 5 * (row_height / 2 - 8)
            drawn = mark(shape, 0.0, middle + shift, 3.2, colour, words)
            parts.append(element("svg", drawn, x=f"{axis.place(value):.2f}%", overflow="visible"))
    return _svg("strips", height, title, "".join(parts))


def _wedge(x: float, y: float) -> str:
    """A small wedge that points down at a threshold."""
    wedge = element("path", d=f"M-4 {y - 6}L4 {y - 6}L0 {y}Z", class_="wedge")
    return element("svg", wedge, x=f"{x:.2f}%", overflow="visible")


def _svg(class_: str, height: float, title: str, content: str) -> str:
    head = element("title", text(title))
    return element("svg", head, content, role="img", aria_label=title, width="100%", height=height, class_=class_)


def _frame(axis: Axis, height: float) -> str:
    """Ticks with their figures, exclusion and support named at the ends."""
    parts = []
    for tick in axis.ticks():
        x = axis.place(tick)
        parts.append(_line(x, TOP - 8, height - 6, "nothing" if tick == 0 else "tick"))
        label = "0" if tick == 0 else f"{tick:+d}".replace("-", "−")
        parts.append(element("text", text(label), x=f"{x:.2f}%", y=14, class_="tick-label"))
    return "".join(parts)


def _line(x: float, top: float, bottom: float, class_: str) -> str:
    return element("line", x1=f"{x:.2f}%", x2=f"{x:.2f}%", y1=top, y2=bottom, class_=class_)


def _bar(name: str, value: float, start: float, axis: Axis, top: float, extra: str = "") -> str:
    low, high = sorted((start, start + value))
    x, end = axis.place(low), axis.place(high)
    sign = "support" if value >= 0 else "exclusion"
    parts = [
        element("text", text(name), x="0", y=top + 17, class_=f"name {extra}".strip()),
        element(
            "rect",
            x=f"{x:.2f}%",
            y=top + (ROW - BAR) / 2,
            width=f"{max(end - x, 0.25):.2f}%",
            height=BAR,
            rx=1,
            class_=f"{sign} {extra}".strip(),
        ),
        element("text", text(signed(value)), x="100%", y=top + 17, class_=f"figure {extra}".strip()),
    ]
    if low < axis.low:
        cut = element("path", d=f"M7 {top + 7}L2 {top + 13}L7 {top + 19}", class_="cut")
        parts.append(element("svg", cut, x=f"{axis.left:.2f}%", overflow="visible"))
    return "".join(parts)
