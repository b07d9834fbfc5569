"""Two dental charts as one drawing: antemortem over postmortem, and between them a sign for what each tooth shows.

The mouth is drawn as an examiner faces it, the man's right on the left. A tooth is seen from its biting side with five
surfaces: facial outside (above in the upper jaw, below in the lower), lingual inside, mesial towards the midline.
Restored surfaces are filled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from cenotaph.odontology.chart import ANTERIOR, LOST, SURFACES, TEETH, UNERUPTED, code_words, state_of, tooth_words
from cenotaph.odontology.comparison import Finding
from cenotaph.reports.drawings.svg import element, mark, picture, set_down, text

if TYPE_CHECKING:
    from cenotaph.odontology.comparison import Comparison

Place = Callable[[str, float, float], str]
"""How a drawing around the origin comes to stand at x and y: drawn there, or pointed at."""

LONG_CODE: Final = 5
CELL: Final = 44.0
HEIGHT: Final = 28.0
CORNER: Final = 9.0
LABEL: Final = 92.0
MIDLINE: Final = 14.0
MARGIN: Final = 16.0
BLOCK_GAP: Final = 34.0

JAWS: Final = (range(16), range(31, 15, -1))
QUARTERS: Final = (range(8), range(8, 16), range(31, 23, -1), range(23, 15, -1))
"""Rows of teeth as drawn, by index into `cenotaph.odontology.chart.TEETH`."""

KEY_SIGN, KEY_LETTER, KEY_GAP, KEY_LINE = 24.0, 6.6, 18.0, 24.0
"""Widths in the key, and the height of its lines."""

NUMBER_AT, ANTE_CODE_AT, ANTE_AT, SIGN_AT, POST_AT, POST_CODE_AT, BLOCK = 12.0, 31.0, 37.0, 77.0, 89.0, 129.0, 137.0
"""Heights within a block of teeth: base lines of text, tops of teeth, middle of the signs, all of it."""

WIDTHS: Final = (20.0, 19.0, 22.0, 26.0, 26.0, 33.0, 32.0, 30.0)
"""Of a tooth, from central incisor to third molar."""

LOOKS: Final[Mapping[str, str]] = {"there": "", "lost": "X", "socket": "J", "unerupted": "U", "unknown": "/"}
"""Looks of a tooth that is entered, each with the code that is drawn so; one that is there has filled surfaces."""

SIGN_OF: Final[Mapping[int, tuple[str, str]]] = {
    Finding.AGREES: ("disc", "teal"),
    Finding.EXPLAINABLE: ("triangle", "ochre"),
    Finding.UNEXPLAINABLE: ("cross", "brick"),
}
"""Shape and colour of what was found; a short line where nothing was compared."""

SIGN_WORDS: Final[Mapping[int, str]] = {
    Finding.AGREES: "in agreement",
    Finding.EXPLAINABLE: "explained by later treatment",
    Finding.UNEXPLAINABLE: "not explained",
    Finding.NOT_COMPARED: "not compared",
}

TOOTH_KEY: Final = (
    ("MOD", "restored surfaces"),
    ("X", "lost in life"),
    ("J", "crown or tooth lost after death"),
    ("U", "not erupted"),
    ("/", "not recorded"),
)


def draw_mouths(comparison: Comparison, *, narrow: bool = False, place: Place = set_down) -> str:
    """The comparison as SVG.

    Args:
        comparison: of two charts.
        narrow: a quarter of the mouth is a row, for pages under `NARROW_PAGE` pixels; otherwise a jaw is.
        place: the `place` of `cenotaph.reports.drawings.svg.Stamps`, where a page holds many charts.
    """
    label, midline = (0.0, 0.0) if narrow else (LABEL, MIDLINE)
    rows = QUARTERS if narrow else JAWS
    width = 2 * MARGIN + label + len(rows[0]) * CELL + midline
    parts = [_heading(comparison, narrow)]
    y = 130.0 if narrow else 78.0
    for row in rows:
        parts.append(_block(comparison, row, label, y, narrow, place))
        y += BLOCK + BLOCK_GAP
    key, y = _key(comparison, y, width, place)
    parts.append(key)
    class_ = "mouth narrow" if narrow else "mouth wide"
    return picture("".join(parts), title=_title(comparison), width=width, height=y + MARGIN, class_=class_)


def _title(comparison: Comparison) -> str:
    """The drawing in words, for those who do not see it."""
    differences = "; ".join(comparison.differences()) or "none"
    return (
        f"Dental charts: {comparison.ante.subject_id}, antemortem, over {comparison.post.subject_id}, postmortem. "
        f"{comparison.words()}. Differences: {differences}."
    )


def _heading(comparison: Comparison, narrow: bool) -> str:
    names = f"{comparison.ante.subject_id} against {comparison.post.subject_id}"
    c = comparison
    lines = [
        f"{c.compared} teeth compared",
        f"{c.agreements} in agreement, {c.features} of them restored or lost",
        "antemortem above, postmortem below",
        "his right is on the left",
    ]
    found = lines if narrow else [" · ".join(lines[:2]), "; ".join(lines[2:])]
    parts = [element("text", text(names), x=MARGIN, y=26.0, class_="names")]
    parts += [element("text", text(w), x=MARGIN, y=46.0 + 16 * k, class_="soft") for k, w in enumerate(found)]
    return "".join(parts)


def _block(comparison: Comparison, row: Sequence[int], label: float, top: float, narrow: bool, place: Place) -> str:
    """A row of teeth, twice, with its numbers and signs."""
    parts = []
    if narrow:
        quarter = " ".join(tooth_words(TEETH[row[0]]).split()[:2])
        parts.append(element("text", text(quarter), x=MARGIN, y=top - 9, class_="label"))
    else:
        jaw = "upper jaw" if row[0] < 16 else "lower jaw"
        for words, y, class_ in (
            (jaw, NUMBER_AT, "soft"),
            ("antemortem", ANTE_AT + 19, ""),
            ("postmortem", POST_AT + 19, ""),
        ):
            parts.append(element("text", text(words), x=MARGIN, y=top + y, class_=f"label {class_}".strip()))
        x = MARGIN + label + 8 * CELL + MIDLINE / 2
        parts.append(element("line", x1=x, x2=x, y1=top - 2, y2=top + BLOCK, class_="midline"))
    for k, tooth in enumerate(row):
        x = MARGIN + label + k * CELL + (MIDLINE if not narrow and k >= 8 else 0.0)
        parts.append(place(_column(comparison, tooth, place), x, top))
    return element("g", *parts)


def _column(comparison: Comparison, tooth: int, place: Place) -> str:
    """One tooth in both charts, its sign between them; the origin is its upper left."""
    finding, fdi = int(comparison.findings[tooth]), TEETH[tooth]
    ante, post = comparison.ante.codes[tooth], comparison.post.codes[tooth]
    words = (
        f"Tooth {fdi}, {tooth_words(fdi)}: antemortem {code_words(ante)}, postmortem {code_words(post)}; "
        f"{comparison.reason(tooth)}"
    )
    middle = CELL / 2
    parts = [element("title", text(words))]
    if finding in (Finding.EXPLAINABLE, Finding.UNEXPLAINABLE):
        wash = f"wash {SIGN_OF[finding][1]}"
        parts.append(element("rect", x=1.5, y=-2.0, width=CELL - 3, height=BLOCK, rx=4.0, class_=wash))
    parts.append(element("text", text(fdi), x=middle, y=NUMBER_AT, class_="number"))
    for code, y, at in ((ante, ANTE_CODE_AT, ANTE_AT), (post, POST_CODE_AT, POST_AT)):
        parts.append(_code(code, middle, y))
        parts.append(place(_tooth(tooth, code), middle, at))
    telling = finding != Finding.AGREES or comparison.post.states[tooth] > 0
    parts.append(_sign(finding, middle, SIGN_AT, large=telling))
    return element("g", *parts, class_="column apart" if fdi[1] == "8" else "column")


def _code(code: str, middle: float, y: float) -> str:
    """A code under or over its tooth, pressed together where it is longer than the tooth is wide."""
    telling = code.partition("-")[0] not in ("", "/", "V", "J")
    long = len(code) > LONG_CODE
    pressed = {"textLength": CELL - 5, "lengthAdjust": "spacingAndGlyphs"} if len(code) > LONG_CODE + 1 else {}
    class_ = "code" + (" long" if long else "") + ("" if telling else " soft")
    return element("text", text(code or "/"), x=middle, y=y, class_=class_, **pressed)


def _sign(finding: int, x: float, y: float, *, large: bool = True) -> str:
    if finding == Finding.NOT_COMPARED:
        return element("line", x1=x - 3, x2=x + 3, y1=y, y2=y, class_="none")
    shape, colour = SIGN_OF[finding]
    return mark(shape, x, y, 5.5 if large else 2.4, colour)


def _tooth(tooth: int, code: str) -> str:
    """A tooth as its code says; the origin is the middle of its upper edge."""
    width = WIDTHS[int(TEETH[tooth][1]) - 1]
    left, top = -width / 2, 0.0
    if code.startswith("J"):
        return element("circle", cx=0.0, cy=HEIGHT / 2, r=5.0, class_="socket")
    state = state_of(code) if code else -1
    if state in (-1, LOST, UNERUPTED):
        ghost = element(
            "rect", x=left, y=top, width=width, height=HEIGHT, rx=CORNER, class_="ghost" if state < 0 else "absent"
        )
        if state == LOST:
            x, y, reach = 0.0, HEIGHT / 2, 8.0
            cross = f"M{x - reach} {y - reach}L{x + reach} {y + reach}M{x - reach} {y + reach}L{x + reach} {y - reach}"
            return ghost + element("path", d=cross, class_="lost")
        return ghost + (element("text", "U", x=0.0, y=HEIGHT / 2 + 4, class_="number") if state == UNERUPTED else "")
    return _crown(tooth, "".join(s for k, s in enumerate(SURFACES) if state >> k & 1))


def _crown(tooth: int, restored: str = "", *, named: bool = False) -> str:
    """A tooth that is there, its restored surfaces filled; surfaces are *named* where a script fills them."""
    width = WIDTHS[int(TEETH[tooth][1]) - 1]
    faces = [
        element("path", d=d, class_="face restored" if s in restored else "face", data_surface=s if named else None)
        for s, d in _faces(tooth, -width / 2, 0.0, width)
    ]
    rim = element("rect", x=-width / 2, y=0.0, width=width, height=HEIGHT, rx=CORNER * 0.8, class_="rim")
    return "".join(faces) + rim


def draw_tooth(fdi: str) -> str:
    """One tooth with every look that it can have, named as in `LOOKS`, of which the page shows one: for entry.

    >>> drawn = draw_tooth("36")
    >>> all(f'class="look {look}"' in drawn for look in LOOKS)
    True
    """
    tooth = TEETH.index(fdi)
    looks = {"there": _crown(tooth, named=True), **{look: _tooth(tooth, code) for look, code in LOOKS.items() if code}}
    parts = [element("g", drawn, class_=f"look {look}") for look, drawn in looks.items()]
    middle = element("g", *parts, transform=f"translate({CELL / 2:g} 1)")
    return element("svg", middle, viewBox=f"0 0 {CELL:g} {HEIGHT + 2:g}", class_="mouth", aria_hidden="true")


def _faces(tooth: int, x: float, y: float, w: float) -> Iterator[tuple[str, str]]:
    """Surfaces and their outlines: the biting surface within, four around it."""
    h, c, q = HEIGHT, CORNER, CORNER / 4
    x0, x1 = (x + w * 0.22, x + w * 0.78) if ANTERIOR[tooth] else (x + w * 0.29, x + w * 0.71)
    y0, y1 = (y + h * 0.40, y + h * 0.60) if ANTERIOR[tooth] else (y + h * 0.30, y + h * 0.70)
    r, b = x + w, y + h
    above = (
        f"M{x + q} {y + q}Q{x + c / 2} {y} {x + c} {y}L{r - c} {y}Q{r - c / 2} {y} {r - q} {y + q}L{x1} {y0}L{x0} {y0}Z"
    )
    below = (
        f"M{x + q} {b - q}Q{x + c / 2} {b} {x + c} {b}L{r - c} {b}Q{r - c / 2} {b} {r - q} {b - q}L{x1} {y1}L{x0} {y1}Z"
    )
    left = (
        f"M{x + q} {y + q}Q{x} {y + c / 2} {x} {y + c}L{x} {b - c}Q{x} {b - c / 2} {x + q} {b - q}L{x0} {y1}L{x0} {y0}Z"
    )
    right = (
        f"M{r - q} {y + q}Q{r} {y + c / 2} {r} {y + c}L{r} {b - c}Q{r} {b - c / 2} {r - q} {b - q}L{x1} {y1}L{x1} {y0}Z"
    )
    upper, on_the_left = tooth < 16, TEETH[tooth][0] in "14"
    yield "F", above if upper else below
    yield "L", below if upper else above
    yield "M", right if on_the_left else left
    yield "D", left if on_the_left else right
    yield "O", f"M{x0} {y0}L{x1} {y0}L{x1} {y1}L{x0} {y1}Z"


def _key(comparison: Comparison, top: float, width: float, place: Place) -> tuple[str, float]:
    """What the signs and the teeth mean, with counts; and where the last line of it stands."""
    counts = {f: int((comparison.findings == f).sum()) for f in SIGN_WORDS}
    signs = [(_sign(f, 0.0, 0.0), f"{counts[f]} {words}") for f, words in SIGN_WORDS.items()]
    teeth = [
        (element("g", place(_tooth(2, code), 0.0, -HEIGHT / 2), transform="scale(0.62)"), words)
        for code, words in TOOTH_KEY
    ]
    parts, y = [], top
    for group in (signs, teeth):
        x = MARGIN + KEY_SIGN / 2
        for drawn, words in group:
            room = KEY_SIGN + KEY_LETTER * len(words)
            if x > MARGIN + KEY_SIGN and x + room > width - MARGIN:
                x, y = MARGIN + KEY_SIGN / 2, y + KEY_LINE
            parts.append(element("g", drawn, transform=f"translate({x:g} {y:g})"))
            parts.append(element("text", text(words), x=x + KEY_SIGN / 2 + 3, y=y + 4, class_="key"))
            x += room + KEY_GAP
        y += KEY_LINE
    return element("g", *parts), y - KEY_LINE


RULES: Final = """\
.mouth { font-family: system-ui, sans-serif; font-size: 12px; font-variant-numeric: tabular-nums; }
.mouth text { fill: var(--ink); font-size: 12px; }
.mouth .names { font-size: 17px; font-weight: 600; }
.mouth text.soft, .mouth .label.soft { fill: var(--soft); }
.mouth .number, .mouth .code { text-anchor: middle; }
.mouth .number { fill: var(--soft); }
.mouth .code { font-size: 10.5px; font-weight: 600; }
.mouth .code.soft { font-weight: 400; }
.mouth .code.long { font-size: 9px; }
.mouth .wash.ochre { fill: var(--ochre-wash); }
.mouth .wash.brick { fill: var(--brick-wash); }
.mouth .face { fill: var(--surface); stroke: var(--soft); stroke-width: 1; stroke-linejoin: round; }
.mouth .face.restored { fill: var(--ink); stroke: var(--surface); }
.mouth .rim { fill: none; stroke: var(--soft); stroke-width: 1.2; }
.mouth .absent { fill: none; stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 2.5; }
.mouth .ghost { fill: var(--sunken); stroke: none; }
.mouth .lost { fill: none; stroke: var(--ink); stroke-width: 2.2; stroke-linecap: round; }
.mouth .socket { fill: none; stroke: var(--soft); stroke-width: 1.2; }
.mouth .none { stroke: var(--line); stroke-width: 1.6; }
.mouth .midline { stroke: var(--line); }
.mouth .apart { opacity: .55; }
.mouth .mark { stroke: none; }
.mouth .mark.teal { fill: var(--teal); }
.mouth .mark.ochre { fill: var(--ochre); }
.mouth .mark.open { fill: none; stroke-width: 2.6; stroke-linecap: round; }
.mouth .mark.brick { stroke: var(--brick); }
"""
"""Style of the drawing, on the colours of `cenotaph.reports.style`."""

NARROW_PAGE: Final = 700


WIDTH_RULES: Final = f"""\
.mouth.wide, .mouth.narrow {{ max-width: 100%; height: auto; }}
.mouth.narrow {{ display: none; }}
@media (max-width: {NARROW_PAGE}px) {{ .mouth.wide {{ display: none; }} .mouth.narrow {{ display: block; }} }}
"""
"""Which of two drawings, wide and narrow, a page shows."""


def both_widths(comparison: Comparison) -> str:
    """The drawing for wide and for narrow pages, of which the page shows the one that fits; with its style."""
    return element("style", RULES + WIDTH_RULES) + draw_mouths(comparison) + draw_mouths(comparison, narrow=True)
