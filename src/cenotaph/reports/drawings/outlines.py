"""Two outlines laid over each other: bone and film brought to one size, place and turn."""

from __future__ import annotations

from typing import Final

from cenotaph.radiography.outline import Shapes, draw_shape
from cenotaph.reports.drawings.svg import element, picture, text

WIDTH: Final = 720.0
MARGIN: Final = 24.0
HEAD: Final = 64.0
KEY: Final = 40.0
POINTS: Final = 240

RULES: Final = """
.outlines text { font: 14px system-ui, sans-serif; fill: var(--ink); }
.outlines .names { font-size: 16px; font-weight: 600; }
.outlines .soft { fill: var(--soft); }
.outlines path, .outlines line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
.outlines .bone { stroke: var(--teal); fill: var(--teal-wash); }
.outlines .film { stroke: var(--ochre); fill: none; stroke-dasharray: 7 4; }
"""


def draw_outlines(bone: Shapes, film: Shapes, *, bone_name: str, film_name: str, words: str) -> str:
    """The drawing as SVG: the bone filled, the film as a broken line; the differences of shape are to scale.

    Args:
        bone, film: one outline each, as a model reads them.
        bone_name, film_name: identifiers.
        words: what the comparison says.
    """
    curves = [draw_shape(shapes, 0, POINTS) * (1.0, -1.0) for shapes in (bone, film)]
    low = [min(float(c[:, k].min()) for c in curves) for k in (0, 1)]
    high = [max(float(c[:, k].max()) for c in curves) for k in (0, 1)]
    scale = (WIDTH - 2 * MARGIN) / (high[0] - low[0])
    bottom = HEAD + scale * (high[1] - low[1])
    drawn = [
        element("text", text(f"{bone_name} and {film_name}"), x=MARGIN, y=26.0, class_="names"),
        element("text", text(words), x=MARGIN, y=46.0, class_="soft"),
    ]
    for curve, class_ in zip(curves, ("bone", "film"), strict=True):
        path = "L".join(f"{MARGIN + scale * (x - low[0]):.1f} {HEAD + scale * (y - low[1]):.1f}" for x, y in curve)
        drawn.append(element("path", d=f"M{path}Z", class_=class_))
    y = bottom + KEY - 8
    for x, class_, meaning in ((MARGIN, "bone", "bone"), (MARGIN + 120, "film", "film, brought to the bone's size")):
        drawn.append(element("line", x1=x, x2=x + 32, y1=y - 5, y2=y - 5, class_=class_))
        drawn.append(element("text", text(meaning), x=x + 40, y=y, class_="soft"))
    title = f"Outlines of {bone_name} (bone) and {film_name} (film), laid over each other. {words}"
    return picture("".join(drawn), title=title, width=WIDTH, height=bottom + KEY + MARGIN / 2, class_="outlines")
