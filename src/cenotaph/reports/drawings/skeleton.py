"""The skeleton from the front, every element a shape that says what is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Literal

from cenotaph.errors import InvalidInput
from cenotaph.reports.drawings.skeleton_shapes import (
    CARTILAGE,
    COCCYX,
    FINGERS,
    FOOT,
    FRAGMENT,
    HAND,
    MIDLINE,
    PAIRED,
    TOES,
    Shape,
    mirror,
)
from cenotaph.reports.drawings.svg import element, hidden, text
from cenotaph.reports.style import SERIES, css_variables

Look = Literal["plain", "present", "absent", "unobserved", "individual", "probability"]
Key = tuple[str, str]

WIDTH, HEIGHT = 720.0, 1010.0
MIDDLE = 360.0
WRIST, ANKLE = (132.0, 534.0), (36.0, 934.0)
HAND_IN_PLACE, FOOT_IN_PLACE = "rotate(-6) scale(.47)", "rotate(-9) scale(.4 .3)"
HAND_BESIDE, FOOT_BESIDE = (250.0, 430.0), (258.0, 722.0)
FRAGMENT_AT = (285.0, 80.0)
LINE, LETTERS = 20.0, 84
"""Height of a line of words below the drawing, and letters in it."""

STEPS = (0.05, 0.5, 0.95)
"""Probabilities at which the hatch of a bone changes."""

SIDE_WORDS = {"L": "left ", "R": "right ", "M": "", "U": ""}
LOOK_WORDS: Mapping[str, str] = {
    "present": "present",
    "absent": "absent",
    "unobserved": "not observed",
    "plain": "",
}


@dataclass(frozen=True, slots=True)
class BoneLook:
    """How one element of one side is drawn.

    Args:
        look: ``present``, ``absent``, ``unobserved``; ``individual`` (colour and hatch of a series);
            ``probability`` (hatch by size); ``plain``: nothing is said.
        series: which individual, counted from nought.
        probability: for ``probability``.
        words: what a pointer resting on the bone shows after its name, and a screen reader says; made of the look if
            empty.
        link: where a click leads.

    Raises:
        InvalidInput: a probability outside 0 to 1, or a negative series.
    """

    look: Look = "plain"
    series: int = 0
    probability: float = 0.0
    words: str = ""
    link: str = ""

    def __post_init__(self) -> None:
        if not 0.0 <= self.probability <= 1.0:
            raise InvalidInput("probability", found=self.probability, valid="0 to 1")
        if self.series < 0:
            raise InvalidInput("series of an individual", found=self.series, valid="0 or more")

    @property
    def said(self) -> str:
        """What is said of the bone, in words."""
        if self.words:
            return self.words
        if self.look == "individual":
            return f"individual {self.series + 1}"
        if self.look == "probability":
            return f"probability {self.probability:.2f}"
        return LOOK_WORDS[self.look]

    @property
    def pattern(self) -> str:
        """Name of the pattern that fills the bone, empty for a plain colour."""
        if self.look == "individual":
            return f"individual-{self.series % len(SERIES)}"
        if self.look == "probability":
            step = sum(self.probability >= s for s in STEPS)
            return f"likely-{step}" if 0 < step < len(STEPS) else ""
        return "dots" if self.look == "unobserved" else ""

    @property
    def colour(self) -> str:
        """Class of the fill where there is no pattern."""
        if self.look == "probability":
            return "present" if self.probability >= STEPS[-1] else "absent"
        return self.look


PLAIN = BoneLook()


def elements_drawn() -> tuple[Key, ...]:
    """Every element and side that has a shape, and the fragment for what nobody could determine.

    >>> ("femur", "L") in elements_drawn(), ("vertebra", "M") in elements_drawn(), ("unknown", "U") in elements_drawn()
    (True, True, True)
    """
    paired = [*PAIRED, *HAND, *FOOT]
    return (*((e, "M") for e in MIDLINE), *((e, s) for e in paired for s in "RL"), ("unknown", "U"))


def draw_skeleton(
    looks: Mapping[Key, BoneLook], *, title: str, prefix: str = "skeleton", standalone: bool = False
) -> str:
    """The skeleton as SVG: its right side on the viewer's left; hands and feet again, large, beside it.

    Each element and side is a group ``id="PREFIX-femur-L"`` with ``data-element``, ``data-side``, a title and the role
    of an image. Colours come from the page's custom properties; beside every colour stands a hatch.

    Args:
        looks: element and side (L, R, M; unknown with U) → look; an element that is not named is drawn plain. Elements
            of unknown side (U) have no place in the body: they are named in words below it.
        title: the drawing in words.
        prefix: of the ids, so that a page can hold several.
        standalone: with its own style, for a file of its own.

    Raises:
        InvalidInput: an element and side that is not drawn.
    """
    drawn = set(elements_drawn())
    unplaced = {key: look for key, look in looks.items() if key not in drawn}
    for name, side in unplaced:
        if side != "U" or not any(name == e for e, _ in drawn):
            raise InvalidInput("no such bone in the drawing", found=f"{name} {side}", valid="an element with its side")
    pen = _Pen(looks, prefix)
    below = _lines(sorted(unplaced.items()))
    style = element("style", css_variables() + "\n" + SKELETON_CSS) if standalone else ""
    return element(
        "svg",
        element("title", text(title)),
        style,
        element("defs", "".join(_patterns(prefix, looks.values()))),
        element("g", pen.body(), transform=f"translate({MIDDLE:g} 0)"),
        _words_beside(below),
        xmlns="http://www.w3.org/2000/svg",
        role="group",
        aria_label=title,
        viewBox=f"0 0 {WIDTH:g} {HEIGHT + LINE * len(below):g}",
        class_="skeleton",
    )


def draw_stencils(prefix: str = "body") -> str:
    """A hidden skeleton, drawn once on a page, on which `draw_on_stencils` marks the bones of any number of people."""
    pen = _StencilPen({}, prefix)
    body = element("g", pen.body(), transform=f"translate({MIDDLE:g} 0)")
    return hidden(element("g", body, _words_beside(()), id=prefix, class_="skeleton"))


def draw_on_stencils(present: Mapping[Key, str], *, title: str, prefix: str = "body") -> str:
    """A skeleton of which some bones are present, as SVG of a few hundred bytes; needs `draw_stencils` on its page.

    Args:
        present: element and side → what a pointer resting on the bone shows. What has no place in the body (an element
            of unknown side) is named in words below it.
        title: the drawing in words.
        prefix: of the stencils.
    """
    drawn = elements_drawn()
    marked = []
    for name, side in drawn:
        if (name, side) in present:
            words = element("title", text(present[name, side]))
            behind = [f"{name}-{side}-behind"] if name == "rib" else []
            marked += [
                element("use", words, href=f"#{prefix}-{stencil}", transform=transform)
                for stencil in (*behind, f"{name}-{side}")
                for transform in _places(name, side)
            ]
    below = _lines([((name, side), PLAIN) for name, side in sorted(present) if (name, side) not in drawn])
    said = [element("text", text(words), x=MIDDLE, y=HEIGHT + LINE * k + 10) for k, words in enumerate(below)]
    return element(
        "svg",
        element("title", text(title)),
        element("use", href=f"#{prefix}"),
        element("g", *marked, transform=f"translate({MIDDLE:g} 0)", class_="sk-on"),
        *said,
        role="img",
        aria_label=title,
        viewBox=f"0 0 {WIDTH:g} {HEIGHT + LINE * len(below):g}",
        class_="skeleton",
    )


def _places(name: str, side: str) -> tuple[str | None, ...]:
    """Where the stencil of a bone stands, from the middle of the body: bones of hands and feet stand twice."""
    sign = -1 if side == "R" else 1
    if name in HAND:
        return _beside(HAND_BESIDE, sign), _in_place(WRIST, HAND_IN_PLACE, sign)
    if name in FOOT:
        return _beside(FOOT_BESIDE, sign), _in_place(ANKLE, FOOT_IN_PLACE, sign)
    return (_beside(FRAGMENT_AT, 1) if name == "unknown" else None,)


def _beside(place: tuple[float, float], sign: int) -> str:
    return f"translate({sign * place[0]:g} {place[1]:g})"


def _in_place(place: tuple[float, float], turned: str, sign: int) -> str:
    turn = turned if sign > 0 else turned.replace("rotate(-", "rotate(")
    return f"{_beside(place, sign)} {turn}"


class _Pen:
    """Draws the parts of one skeleton."""

    def __init__(self, looks: Mapping[Key, BoneLook], prefix: str) -> None:
        self.looks, self.prefix = looks, prefix

    def body(self) -> str:
        """Everything around the middle of the body, from behind to the front."""
        sides = ("R", "L")
        parts = [self.pair("scapula", part="all")]
        parts += [self.pair("rib", part="behind")]
        parts += [self.bone("vertebra", "M", MIDLINE["vertebra"])]
        parts += [element("path", d=COCCYX, class_="sk-context")]
        parts += [self.bone("sacrum", "M", MIDLINE["sacrum"]), self.pair("os_coxa")]
        faint = [d for path in CARTILAGE for d in (path, mirror(path))]
        parts += [element("g", *(element("path", d=d) for d in faint), class_="sk-cartilage")]
        parts += [self.pair("rib", part="front"), self.bone("sternum", "M", MIDLINE["sternum"])]
        for name in ("clavicle", "humerus", "ulna", "radius", "fibula", "tibia", "femur", "patella"):
            parts.append(self.pair(name))
        parts += [self.bone(name, "M", MIDLINE[name]) for name in ("hyoid", "mandible", "cranium")]
        parts.append(self.pair("tooth"))
        for side in sides:
            sign = -1 if side == "R" else 1
            parts.append(self.extremity("hand", HAND, FINGERS, side, HAND_BESIDE, sign))
            parts.append(self.extremity("foot", FOOT, TOES, side, FOOT_BESIDE, sign))
            parts.append(self.in_place("hand", side, WRIST, HAND_IN_PLACE, sign))
            parts.append(self.in_place("foot", side, ANKLE, FOOT_IN_PLACE, sign))
        parts.append(element("g", self.bone("unknown", "U", (FRAGMENT,)), transform=_beside(FRAGMENT_AT, 1)))
        return "".join(parts)

    def pair(self, name: str, *, part: str = "all") -> str:
        """Both sides of a paired element; of the ribs, what lies behind or in front."""
        drawn = []
        for side in ("R", "L"):
            shapes = PAIRED[name] if side == "L" else tuple(s.mirrored() for s in PAIRED[name])
            if part != "all" and name == "rib":
                shapes = tuple(s for s in shapes if s.is_behind == (part == "behind"))
            drawn.append(self.bone(name, side, shapes, echo=part == "behind"))
        return "".join(drawn)

    def bone(self, name: str, side: str, shapes: Sequence[Shape], *, echo: bool = False) -> str:
        """One element of one side; an echo is a second part of it, without a name of its own."""
        look = self.looks.get((name, side), PLAIN)
        called = f"{SIDE_WORDS[side]}{_words(name)}" + (f": {look.said}" if look.said else "")
        inside = [self._shape(s) for s in shapes]
        fill = f"url(#{self.prefix}-{look.pattern})" if look.pattern else None
        named: dict[str, object] = {"aria_hidden": "true"} if echo else {
            "id": f"{self.prefix}-{name}-{side}", "role": "img", "aria_label": called,
        }  # fmt: skip
        group = element(
            "g", element("title", text(called)), *inside, **named, data_element=name, data_side=side,
            class_=f"sk-bone sk-{'patterned' if look.pattern else look.colour}", fill=fill,
        )  # fmt: skip
        return element("a", group, href=look.link) if look.link and not echo else group

    def _shape(self, shape: Shape) -> str:
        outline = element("path", d="".join(shape.outlines), fill_rule="evenodd", data_number=shape.number or None,
                          class_="sk-behind" if shape.is_behind else None)  # fmt: skip
        hollow = element("path", d="".join(shape.hollows), class_="sk-hollow") if shape.hollows else ""
        detail = element("path", d="".join(shape.details), class_="sk-detail") if shape.details else ""
        return outline + hollow + detail

    def extremity(
        self, name: str, bones: Mapping[str, tuple[Shape, ...]], digits: Sequence[str], side: str,
        place: tuple[float, float], sign: int,
    ) -> str:  # fmt: skip
        """A hand or foot, large, beside the body."""
        turned = [mirror(d) for d in digits] if side == "R" else list(digits)
        parts = [element("path", d=d) for d in turned]
        drawn = [element("g", *parts, class_="sk-context")]
        for bone, shapes in bones.items():
            drawn.append(self.bone(bone, side, [s.mirrored() for s in shapes] if side == "R" else shapes))
        group = element("g", *drawn, id=f"{self.prefix}-{name}-{side}")
        return element("g", group, transform=_beside(place, sign))

    def in_place(self, name: str, side: str, place: tuple[float, float], transform: str, sign: int) -> str:
        """The same hand or foot, small, at the end of its limb."""
        return element(
            "use", href=f"#{self.prefix}-{name}-{side}", aria_hidden="true", class_="sk-small",
            transform=_in_place(place, transform, sign),
        )  # fmt: skip


class _StencilPen(_Pen):
    """Draws bones without a look of their own: each takes the style of the place that points at it."""

    def bone(self, name: str, side: str, shapes: Sequence[Shape], *, echo: bool = False) -> str:
        """One element of one side, or the part of it that lies behind others."""
        named = f"{self.prefix}-{name}-{side}" + ("-behind" if echo else "")
        return element("g", *map(self._shape, shapes), id=named, class_="sk-stencil")


def _words_beside(below: Sequence[str]) -> str:
    """Names of what stands beside the body, its sides, and lines below it."""
    hand, foot = HAND_BESIDE, FOOT_BESIDE
    labels = [
        (MIDDLE - hand[0] - 10, hand[1] - 16, "right hand"), (MIDDLE + hand[0] + 10, hand[1] - 16, "left hand"),
        (MIDDLE - foot[0], foot[1] - 18, "right foot"), (MIDDLE + foot[0], foot[1] - 18, "left foot"),
        (MIDDLE + FRAGMENT_AT[0], FRAGMENT_AT[1] + 38, "undetermined"),
        *((MIDDLE, HEIGHT + LINE * k + 10, words) for k, words in enumerate(below)),
    ]  # fmt: skip
    drawn = [element("text", text(word), x=x, y=y) for x, y, word in labels]
    for x, word in ((60.0, "Right"), (WIDTH - 60.0, "Left")):
        drawn.append(element("text", text(word), x=x, y=30.0, class_="sk-side"))
    return element("g", *drawn)


def _lines(unplaced: Sequence[tuple[Key, BoneLook]]) -> list[str]:
    """Elements of unknown side in words, in lines that fit below the drawing."""
    if not unplaced:
        return []
    said = [f"{_words(name)} ({look.said})" if look.said else _words(name) for (name, _), look in unplaced]
    return wrap("Side unknown: " + ", ".join(said), LETTERS)


def draw_key(looks: Sequence[tuple[BoneLook, str]], *, prefix: str = "skeleton") -> str:
    """What the looks of a drawing mean: a swatch and words for each, one below the other.

    Args:
        looks: look and its meaning.
        prefix: of the drawing whose patterns are used.
    """
    rows = []
    for k, (look, words) in enumerate(looks):
        fill = f"url(#{prefix}-{look.pattern})" if look.pattern else None
        swatch = element("rect", x=1.0, y=k * 24.0 + 3, width=26.0, height=16.0, rx=3.0)
        kind = f"sk-bone sk-{'patterned' if look.pattern else look.colour}"
        rows.append(element("g", swatch, class_=kind, fill=fill))
        rows.append(element("text", text(words), x=38.0, y=k * 24.0 + 16))
    height = 24.0 * len(looks) + 2
    return element("svg", *rows, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 320 {height:g}", width=320.0,
                   height=height, class_="sk-legend", role="img", aria_label="Key of the skeleton")  # fmt: skip


def _words(name: str) -> str:
    """The name of an element as people say it.

    >>> _words("os_coxa"), _words("metacarpal_1"), _words("unknown"), _words("tooth")
    ('os coxa', 'metacarpal 1', 'undetermined fragment', 'teeth')
    """
    said = {"unknown": "undetermined fragment", "tooth": "teeth", "rib": "ribs", "vertebra": "vertebrae"}
    return said.get(name, name.replace("_", " "))


_HATCHES = (
    "M-2 2L2 -2M0 8L8 0M6 10L10 6", "M-2 6L2 10M0 0L8 8M6 -2L10 2", "M0 2H8M0 6H8", "M2 0V8M6 0V8",
    "M0 0L8 8M8 0L0 8", "M4 0V8M0 4H8", "M1 2H3M5 6H7", "M2 1V3M6 5V7",
)  # fmt: skip
"""Second sign of each series: strokes on a tile of 8."""


def _patterns(prefix: str, looks: Iterable[BoneLook]) -> list[str]:
    """The patterns that are used, each on a ground of its own."""
    used = sorted({look.pattern for look in looks if look.pattern})
    made = []
    for name in used:
        kind, _, number = name.partition("-")
        if kind == "individual":
            ground, strokes = f"sk-ground-{int(number) + 1}", _HATCHES[int(number)]
            drawn = element("path", d=strokes, class_=f"sk-hatch sk-hatch-{int(number) + 1}")
            size = 8
        elif kind == "likely":
            ground, size = "sk-ground", 8 if number == "1" else 5
            drawn = element("path", d=f"M0 {size}L{size} 0M-1 1L1 -1M{size - 1} {size + 1}L{size + 1} {size - 1}",
                            class_="sk-hatch sk-likely")  # fmt: skip
        else:
            ground, size = "sk-dots", 5
            drawn = element("circle", cx=2.5, cy=2.5, r=0.8, class_="sk-dot")
        tile = element("rect", width=size, height=size, class_=ground)
        made.append(
            element(
                "pattern", tile, drawn, id=f"{prefix}-{name}", width=size, height=size, patternUnits="userSpaceOnUse"
            )
        )
    return made


SKELETON_CSS = "\n".join(
    [
        ".skeleton { display: block; width: 100%; height: auto; max-width: 900px; }",
        ".sk-bone path, .sk-bone rect { stroke: var(--soft); stroke-linejoin: round; }",
        ".sk-bone path, .sk-bone rect { stroke-width: var(--sk-line, .9); }",
        ".sk-plain { fill: var(--surface); }",
        ".sk-present { fill: color-mix(in srgb, var(--teal) 26%, var(--surface)); }",
        ".sk-present path, .sk-present rect { stroke: var(--teal); }",
        ".sk-absent { fill: none; }",
        ".sk-absent path, .sk-absent rect { stroke-dasharray: 2.2 2.2; }",
        ".sk-absent .sk-detail, .sk-absent .sk-hollow { display: none; }",
        ".sk-bone .sk-detail { fill: none; stroke-width: .6; opacity: .7; stroke-linecap: round; }",
        ".sk-bone .sk-hollow { fill: color-mix(in srgb, var(--soft) 30%, var(--paper)); stroke-width: .7; }",
        ".sk-bone .sk-behind { stroke-width: .6; opacity: .75; }",
        ".sk-stencil { fill: var(--sk-fill, none); stroke-linejoin: round; }",
        ".sk-stencil path { stroke: var(--sk-stroke, var(--soft)); stroke-width: var(--sk-line, .8); }",
        ".sk-stencil path { stroke-dasharray: var(--sk-dash, 2.2 2.2); }",
        ".sk-stencil .sk-hollow { fill: var(--sk-ground, none); display: var(--sk-shown, none); }",
        ".sk-stencil .sk-detail { fill: none; stroke-width: .6; opacity: .7; display: var(--sk-shown, none); }",
        ".sk-on { --sk-fill: color-mix(in srgb, var(--teal) 34%, var(--surface)); --sk-ground: var(--surface); }",
        ".sk-on { --sk-stroke: var(--teal); --sk-dash: none; --sk-shown: inline; --sk-line: 1.2; }",
        ".sk-context { fill: var(--paper); stroke: color-mix(in srgb, var(--soft) 40%, var(--line)); }",
        ".sk-context, .sk-context path { stroke-width: var(--sk-line, .8); }",
        ".sk-cartilage { fill: none; stroke: var(--line); stroke-width: 3.4; stroke-linecap: round; }",
        ".sk-small { pointer-events: none; --sk-line: 1.9; }",
        '[data-element="tooth"] path { --sk-line: .6; }',
        ".skeleton a:focus-visible path, .skeleton a:hover path { stroke: var(--ochre); stroke-width: 1.8; }",
        ".sk-ground { fill: var(--surface); } .sk-dots { fill: var(--sunken); } .sk-dot { fill: var(--soft); }",
        ".sk-hatch { fill: none; stroke-width: 1.3; } .sk-likely { stroke: var(--teal); stroke-width: .9; }",
        *(
            f".sk-ground-{k} {{ fill: color-mix(in srgb, var(--series-{k}) 34%, var(--surface)); }} "
            f".sk-hatch-{k} {{ stroke: var(--series-{k}); }}"
            for k in range(1, len(SERIES) + 1)
        ),
        ".skeleton text { fill: var(--soft); font: 15px system-ui, sans-serif; text-anchor: middle; }",
        ".skeleton text.sk-side { fill: var(--ink); font-size: 17px; font-weight: 600; }",
        ".sk-legend text { fill: var(--ink); font: 14px system-ui, sans-serif; }",
    ]
)
"""Style of the drawing, for a page that has the colour tokens.

Classes carry the prefix ``sk-`` and do not lean on an ancestor: the small hands and feet are copies, which the style
reaches by their own classes only.
"""
