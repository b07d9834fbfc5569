"""Small pieces of SVG: elements with escaped text, and the shapes that stand beside colours."""

from __future__ import annotations

from html import escape
from math import sqrt

from cenotaph.reports.style import DARK, LIGHT

SHAPES = ("disc", "square", "triangle", "diamond", "ring", "cross", "bar", "plus")


def element(name: str, *content: str, **attributes: object) -> str:
    """An element around content that is SVG already; underscores in attribute names become hyphens.

    >>> element("text", text("R & D"), x=1.50, text_anchor="end", class_="soft")
    '<text x="1.5" text-anchor="end" class="soft">R &amp; D</text>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{''.join(content)}</{name}>" if content else f"<{name}{written}/>"


def text(words: str) -> str:
    """Words with the characters that SVG and HTML reserve written out.

    >>> text("<b>")
    '&lt;b&gt;'
    """
    return escape(words, quote=False)


def _value(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else escape(str(value), quote=True)


def picture(content: str, *, title: str, width: float, height: float, class_: str = "") -> str:
    """A drawing of fixed shape, with its meaning for those who do not see it."""
    return element(
        "svg",
        element("title", text(title)),
        content,
        role="img",
        aria_label=title,
        viewBox=f"0 0 {_value(float(width))} {_value(float(height))}",
        width=float(width),
        height=float(height),
        class_=class_ or None,
    )


def set_down(drawn: str, x: float, y: float) -> str:
    """A drawing around the origin, moved to a place."""
    return element("g", drawn, transform=f"translate({_value(x)} {_value(y)})")


class Stamps:
    """Drawings that recur on a page: each is kept once, and every place where it stands only points at it.

    Args:
        prefix: of the ids, so that a page can hold several sets.
        class_: under which the style of the drawings stands; a copy knows no ancestor beyond its own.

    >>> stamps = Stamps("t", "teeth")
    >>> stamps.place("<path/>", 1.0, 2.0), stamps.place("<path/>", 3.0, 0.0)
    ('<use href="#t0" x="1" y="2"/>', '<use href="#t0" x="3" y="0"/>')
    >>> stamps.kept().partition("<defs>")[2]
    '<g id="t0" class="teeth"><path/></g></defs></svg>'
    """

    def __init__(self, prefix: str, class_: str) -> None:
        self._prefix, self._class = prefix, class_
        self._ids: dict[str, str] = {}

    def place(self, drawn: str, x: float, y: float) -> str:
        """A drawing around the origin, at a place."""
        name = self._ids.setdefault(drawn, f"{self._prefix}{len(self._ids)}")
        return element("use", href=f"#{name}", x=x, y=y)

    def kept(self) -> str:
        """All drawings kept, for the page to hold once; empty where there are none."""
        if not self._ids:
            return ""
        return hidden("".join(element("g", one, id=name, class_=self._class) for one, name in self._ids.items()))


def hidden(definitions: str) -> str:
    """Definitions that take no place on the page."""
    return element("svg", element("defs", definitions), aria_hidden="true", width=0, height=0, class_="hidden")


def mark(shape: str, x: float, y: float, size: float, class_: str, title: str = "") -> str:
    """One of `SHAPES`, centred, of about equal weight; *size* is half its width.

    >>> mark("disc", 1.0, 2.0, 3.0, "teal")
    '<circle cx="1" cy="2" r="3" class="mark teal"/>'
    """
    inside = (element("title", text(title)),) if title else ()
    filled, open_ = f"mark {class_}", f"mark open {class_}"
    r = size
    if shape == "disc":
        return element("circle", *inside, cx=x, cy=y, r=r, class_=filled)
    if shape == "ring":
        return element("circle", *inside, cx=x, cy=y, r=r * 0.85, class_=open_)
    if shape == "square":
        return element("rect", *inside, x=x - r * 0.9, y=y - r * 0.9, width=r * 1.8, height=r * 1.8, class_=filled)
    if shape == "bar":
        return element("rect", *inside, x=x - r * 0.4, y=y - r, width=r * 0.8, height=r * 2, class_=filled)
    outline = {
        "triangle": [(0.0, -1.15), (1.0, 0.75), (-1.0, 0.75)],
        "diamond": [(0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)],
    }
    if shape in outline:
        points = " ".join(f"{_value(x + a * r)},{_value(y + b * r)}" for a, b in outline[shape])
        return element("polygon", *inside, points=points, class_=filled)
    reach = r / sqrt(2) if shape == "cross" else r
    ends = [(-1, -1, 1, 1), (-1, 1, 1, -1)] if shape == "cross" else [(-1, 0, 1, 0), (0, -1, 0, 1)]
    path = "".join(
        f"M{_value(x + a * reach)} {_value(y + b * reach)}L{_value(x + c * reach)} {_value(y + d * reach)}"
        for a, b, c, d in ends
    )
    return element("path", *inside, d=path, class_=open_)


def standalone(drawing: str, rules: str) -> str:
    """A drawing as a file of its own: with its style, by day and at night.

    Args:
        drawing: an ``svg`` element.
        rules: its CSS.
    """
    day, night = ("".join(f"--{k}: {v}; " for k, v in theme.items()) for theme in (LIGHT, DARK))
    style = (
        f"svg {{ {day}background: var(--paper); max-width: 100%; height: auto; }}\n"
        f"@media (prefers-color-scheme: dark) {{ svg {{ {night}}} }}\n{rules}"
    )
    head, rest = drawing.split(">", 1)
    return f'{head} xmlns="http://www.w3.org/2000/svg">{element("style", style)}{rest}\n'
