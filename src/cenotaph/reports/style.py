"""The visual language as data: colours, series and type, from which style sheets and plots are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

LIGHT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "paper": "#FBFAF7",
        "surface": "#FFFFFF",
        "sunken": "#F3F1EB",
        "line": "#DEDAD2",
        "ink": "#1C2321",
        "soft": "#5B6461",
        "teal": "#1F5C6B",
        "ochre": "#B7791F",
        "ochre-ink": "#84560F",
        "brick": "#9B2C2C",
        "moss": "#3F6B4A",
        "teal-wash": "#E6EEF0",
        "ochre-wash": "#F8F0E0",
        "brick-wash": "#F7E9E7",
        "moss-wash": "#E8F0E9",
    }
)
"""Colours on paper. Ochre is for marks; its darker ink is for words."""

DARK: Final[Mapping[str, str]] = MappingProxyType(
    {
        "paper": "#151A19",
        "surface": "#1C2221",
        "sunken": "#232A29",
        "line": "#3A4341",
        "ink": "#E9E7E1",
        "soft": "#A7AFAB",
        "teal": "#7DBECB",
        "ochre": "#D39B4A",
        "ochre-ink": "#E0B06A",
        "brick": "#E58F88",
        "moss": "#8FC29B",
        "teal-wash": "#20353A",
        "ochre-wash": "#352B1A",
        "brick-wash": "#3A2523",
        "moss-wash": "#22332A",
    }
)
"""The same colours at night."""

PRINT: Final[Mapping[str, str]] = MappingProxyType(
    {**LIGHT, "paper": "#FFFFFF", "sunken": "#FFFFFF", "ink": "#000000", "soft": "#3D4442"}
)
"""Ink on white."""

TEXT_PAIRS: Final = tuple(
    (text, ground)
    for ground in ("paper", "surface", "sunken")
    for text in ("ink", "soft", "teal", "ochre-ink", "brick", "moss")
) + tuple((text, wash) for wash in ("teal-wash", "ochre-wash", "brick-wash", "moss-wash") for text in ("ink", "soft"))
"""Every pair (text, ground) that a page may use, with the four washes below their own colour besides."""

WASHED_PAIRS: Final = (
    ("teal", "teal-wash"),
    ("ochre-ink", "ochre-wash"),
    ("brick", "brick-wash"),
    ("moss", "moss-wash"),
    ("surface", "teal"),
)

LEAST_TEXT_CONTRAST: Final = 4.5


@dataclass(frozen=True, slots=True)
class Series:
    """One of the eight colours of series and individuals, never without its shape.

    Args:
        name: of the colour.
        light, dark: on paper and at night.
        shape: second sign, a shape that `cenotaph.reports.drawings.svg.mark` draws.
    """

    name: str
    light: str
    dark: str
    shape: str


SERIES: Final = (
    Series("blue", "#2F6D9E", "#6FA8D3", "disc"),
    Series("orange", "#C98A2B", "#DDA451", "square"),
    Series("green", "#2F8268", "#5FB597", "triangle"),
    Series("rose", "#B0708F", "#CF97B2", "diamond"),
    Series("vermilion", "#B9582A", "#DE8A5E", "ring"),
    Series("sky", "#5B9CBF", "#8CC3DF", "cross"),
    Series("gold", "#A39628", "#CFC35C", "bar"),
    Series("grey", "#6A706E", "#A0A6A4", "plus"),
)
"""Okabe and Ito's colour-blind-safe set, toned down."""

VERDICT_MARKS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "identification": ("teal", "disc"),
        "shortlist": ("ochre", "diamond"),
        "unlisted": ("soft", "square"),
        "unresolved": ("soft", "ring"),
    }
)
"""Verdict → (colour token, shape)."""


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21: (L1 + 0.05) / (L2 + 0.05) with relative luminances L.

    Source: Web Content Accessibility Guidelines 2.2, "contrast ratio".

    >>> contrast("#000000", "#FFFFFF")
    21.0
    >>> contrast("#1F5C6B", "#1F5C6B")
    1.0
    """
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return round((bright + 0.05) / (dim + 0.05), 6)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def css_variables() -> str:
    """The tokens as custom properties: by day, at night and in print.

    >>> css_variables().splitlines()[1].strip()
    '--paper: #FBFAF7;'
    """
    day = _block(":root", {**LIGHT, **{f"series-{i}": s.light for i, s in enumerate(SERIES, 1)}})
    night = _block(":root", {**DARK, **{f"series-{i}": s.dark for i, s in enumerate(SERIES, 1)}})
    page = _block(":root", {**PRINT, **{f"series-{i}": s.light for i, s in enumerate(SERIES, 1)}})
    return f"{day}\n@media screen and (prefers-color-scheme: dark) {{\n{night}\n}}\n@media print {{\n{page}\n}}"


def _block(selector: str, tokens: Mapping[str, str]) -> str:
    return "\n".join([f"{selector} {{", *(f"  --{name}: {value};" for name, value in tokens.items()), "}"])
