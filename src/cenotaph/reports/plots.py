"""The pictures of a whole run: how sure it is, by how much, and whose bones lay in which box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from cenotaph.reports.drawings.evidence import Axis, Strip, strips
from cenotaph.reports.drawings.svg import element, mark, picture, text
from cenotaph.reports.result import VERDICTS, IndividualRow, ResultView
from cenotaph.reports.style import VERDICT_MARKS
from cenotaph.reports.words import NOTHING_LOG10, count, line_name, probability, signed

BINS = (0.0, 0.5, 0.9, 0.99, 0.999, 0.9995, 1.0)
CELL = 13
MOST_ROWS = 400


def bin_of(p: float) -> int:
    """Index of the bin of a probability.

    >>> [bin_of(p) for p in (0.0, 0.5, 0.9994, 0.9995, 1.0)]
    [0, 1, 4, 5, 5]
    """
    return sum(p >= edge for edge in BINS[1:-1])


def bin_names() -> list[str]:
    """Words for the bins.

    >>> bin_names()[0], bin_names()[-1]
    ('under 0.5', '0.9995 and over')
    """
    inner = [f"{low:g} to {high:g}" for low, high in pairwise(BINS[1:-1])]
    return [f"under {BINS[1]:g}", *inner, f"{BINS[-2]:g} and over"]


def probability_bars(individuals: Sequence[IndividualRow]) -> str:
    """How many individuals have an answer of which probability, by verdict."""
    counts = [[0] * len(VERDICTS) for _ in bin_names()]
    for one in individuals:
        counts[bin_of(one.probability)][VERDICTS.index(one.verdict)] += 1
    most = max((sum(row) for row in counts), default=0) or 1
    left, right, height = 24.0, 90.0, 30
    parts = []
    for k, (name, row) in enumerate(zip(bin_names(), counts, strict=True)):
        y = k * height
        parts.append(element("text", text(name), x="0", y=y + 19, class_="name"))
        x = left
        for verdict, number in zip(VERDICTS, row, strict=True):
            width = number / most * (right - left)
            if number:
                words = element("title", text(f"{number} {verdict}, probability {name}"))
                parts.append(
                    element(
                        "rect", words, x=f"{x:.2f}%", y=y + 6, width=f"{width:.2f}%", height=18, class_=f"seg {verdict}"
                    )
                )
            x += width
        parts.append(element("text", text(f"{sum(row):,}"), x="100%", y=y + 19, class_="figure"))
    title = "Individuals by the probability of their answer: " + "; ".join(
        f"{name} {sum(row)}" for name, row in zip(bin_names(), counts, strict=True)
    )
    content = element("title", text(title)) + "".join(parts)
    total_height = height * len(counts)
    return element("svg", content, role="img", aria_label=title, width="100%", height=total_height, class_="bars")


def best_and_runner_up(result: ResultView) -> str:
    """log10 LR of the best candidate (across) and of the second (up), one mark per individual."""
    pairs = [
        (one, rows[0], rows[1])
        for one in result.individuals
        if len(rows := result.candidates.get(one.individual_id, ())) > 1
    ]
    values = [c.log10_lr_total for _, first, second in pairs for c in (first, second)]
    axis = Axis.over(values, 0.0, 100.0)
    size, left, top = 400.0, 64.0, 12.0

    def across(v: float) -> float:
        return left + axis.place(v) / 100 * size

    def up(v: float) -> float:
        return top + size - axis.place(v) / 100 * size

    parts = []
    for tick in axis.ticks():
        label = "0" if tick == 0 else f"{tick:+d}".replace("-", "−")
        kind = "nothing" if tick == 0 else "tick"
        parts.append(element("line", x1=across(tick), x2=across(tick), y1=top, y2=top + size, class_=kind))
        parts.append(element("line", x1=left, x2=left + size, y1=up(tick), y2=up(tick), class_=kind))
        parts.append(element("text", text(label), x=across(tick), y=top + size + 17, class_="tick-label"))
        parts.append(element("text", text(label), x=left - 8, y=up(tick) + 4, class_="figure"))
    low, high = axis.low, axis.high
    parts.append(element("line", x1=across(low), y1=up(low), x2=across(high), y2=up(high), class_="equal"))
    for one, first, second in sorted(pairs, key=lambda p: VERDICTS.index(p[0].verdict), reverse=True):
        colour, shape = VERDICT_MARKS[one.verdict]
        words = (
            f"{one.individual_id}, {one.verdict}: {first.missing_id} {signed(first.log10_lr_total)}, "
            f"{second.missing_id} {signed(second.log10_lr_total)}"
        )
        spot = (across(first.log10_lr_total), up(second.log10_lr_total))
        parts.append(mark(shape, *spot, 3.6, colour, words))
    parts.append(element("text", text("best candidate, log10 LR"), x=left + size / 2, y=top + size + 36, class_="axis"))
    turned = f"rotate(-90 12 {top + size / 2:g})"
    parts.append(element("text", text("runner-up"), x=12.0, y=top + size / 2, transform=turned, class_="axis"))
    title = f"log10 LR of best candidate against runner-up of {count(len(pairs), 'individual')}"
    return picture("".join(parts), title=title, width=left + size + 20, height=top + size + 44, class_="scatter")


def line_strips(result: ResultView) -> str:
    """What each line says of the best candidate of every individual."""
    best = [(one, rows[0]) for one in result.individuals if (rows := result.candidates.get(one.individual_id, ()))]
    names = [name for name, _ in best[0][1].parts] if best else []
    lines = [_strip(name, [(one, candidate.parts[k][1]) for one, candidate in best]) for k, name in enumerate(names)]
    axis = Axis.over([value for strip in lines for value, *_ in strip.marks])
    return strips(lines, axis, title=f"Weight of each line for the best candidate of {count(len(best), 'individual')}")


def _strip(name: str, values: Sequence[tuple[IndividualRow, float]]) -> Strip:
    """A mark for everybody of whom the line says something; the others are counted."""
    marks = []
    for one, value in values:
        if abs(value) >= NOTHING_LOG10:
            colour, shape = VERDICT_MARKS[one.verdict]
            marks.append((value, shape, colour, f"{one.individual_id}: {signed(value)}"))
    return Strip(line_name(name), tuple(marks), len(values) - len(marks))


def box_matrix(
    individuals: Sequence[IndividualRow], boxes_of: Mapping[str, Mapping[str, int]], names: Mapping[str, str]
) -> str:
    """Individuals (rows) by boxes (columns); a square for bones, larger for more, with their number in words.

    Args:
        individuals: rows, at most `MOST_ROWS` of them are drawn.
        boxes_of: individual → box → number of bones.
        names: individual → what its row is called.
    """
    shown = list(individuals)[:MOST_ROWS]
    boxes = sorted({box for one in shown for box in boxes_of[one.individual_id]})
    left, top = 190.0, 74.0
    column = {box: left + CELL * (k + 0.5) for k, box in enumerate(boxes)}
    height = top + CELL * len(shown) + 8
    width = left + CELL * len(boxes) + 12
    parts = []
    for box, x in column.items():
        turned = f"rotate(-60 {x + 3:g} {top - 8:g})"
        parts.append(element("text", text(box or "no box"), x=x + 3, y=top - 8, transform=turned, class_="box-name"))
        parts.append(element("line", x1=x, x2=x, y1=top, y2=height - 8, class_="tick"))
    for k, one in enumerate(shown):
        y = top + CELL * (k + 0.5)
        colour, _ = VERDICT_MARKS[one.verdict]
        parts.append(element("text", text(names[one.individual_id]), x=left - 10, y=y + 4, class_="row-name"))
        parts.append(element("line", x1=left, x2=width - 12, y1=y, y2=y, class_="tick"))
        for box, number in sorted(boxes_of[one.individual_id].items()):
            half = min(2.0 + 1.1 * (number - 1), 5.5)
            words = f"{names[one.individual_id]}: {count(number, 'bone')} in {box or 'no box'}"
            parts.append(mark("square", column[box], y, half, colour, words))
    title = f"Bones of {count(len(shown), 'individual')} in {count(len(boxes), 'box', 'boxes')}"
    return picture("".join(parts), title=title, width=width, height=height, class_="matrix")


def shares(rows: Sequence[tuple[str, float, float | None]]) -> str:
    """Shares before the evidence (ring) and as learned (disc) on an axis from 0 to 1."""
    left, right, height, top = 27.0, 84.0, 30, 26

    def at(share: float) -> str:
        return f"{left + share * (right - left):.2f}%"

    parts = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        bottom = top + height * len(rows)
        parts.append(element("line", x1=at(tick), x2=at(tick), y1=top - 4, y2=bottom, class_="tick"))
        parts.append(element("text", text(f"{tick:g}"), x=at(tick), y=14, class_="tick-label"))
    for k, (name, before, after) in enumerate(rows):
        y = top + height * (k + 0.5)
        parts.append(element("text", text(name), x="0", y=y + 4, class_="name"))
        if after is not None:
            parts.append(element("line", x1=at(before), x2=at(after), y1=y, y2=y, class_="moved"))
        ring = mark("ring", 0.0, y, 4.5, "soft", f"{name} before the evidence: {probability(before)}")
        parts.append(element("svg", ring, x=at(before), overflow="visible"))
        if after is not None:
            disc = mark("disc", 0.0, y, 4.0, "teal", f"{name} as learned: {probability(after)}")
            parts.append(element("svg", disc, x=at(after), overflow="visible"))
        figure = f"{before:.2f}" + (f" → {after:.2f}" if after is not None else "")
        parts.append(element("text", text(figure), x="100%", y=y + 4, class_="figure"))
    title = "Shares before the evidence and as learned: " + "; ".join(
        f"{name} {before:.2f}" + (f" to {after:.2f}" if after is not None else "") for name, before, after in rows
    )
    content = element("title", text(title)) + "".join(parts)
    height_all = top + height * len(rows) + 4
    return element("svg", content, role="img", aria_label=title, width="100%", height=height_all, class_="strips")
