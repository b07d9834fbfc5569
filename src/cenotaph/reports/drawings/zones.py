"""The zones of a limb bone as a scheme: where each number lies, and which of them are there.

Our own shapes, not to scale: the left bone from the front, its lateral side on the right; a right bone is the mirror
image. The numbers are those of Knüsel & Outram (2004), Environ Archaeol 9:85, as `load_skeleton` has them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from cenotaph.reports.drawings.svg import element, picture, text

Points = tuple[tuple[int, int], ...]

WIDTH: Final = 120
HEIGHT: Final = 360

_FEMUR: Mapping[int, Points] = {
    4: ((18, 24), (36, 14), (50, 24), (52, 46), (38, 56), (20, 48)),
    5: ((50, 24), (76, 36), (76, 68), (60, 68), (52, 46)),
    1: ((76, 22), (92, 20), (98, 40), (96, 68), (76, 68)),
    2: ((60, 68), (76, 68), (74, 108), (56, 108), (52, 82)),
    3: ((76, 68), (96, 68), (90, 108), (74, 108)),
    6: ((56, 108), (90, 108), (84, 228), (58, 228)),
    8: ((58, 228), (71, 228), (71, 298), (44, 298)),
    7: ((71, 228), (84, 228), (98, 298), (71, 298)),
    10: ((44, 298), (60, 298), (60, 322), (54, 342), (38, 336), (36, 312)),
    11: ((60, 298), (82, 298), (82, 322), (60, 322)),
    9: ((82, 298), (98, 298), (106, 312), (104, 336), (88, 342), (82, 322)),
}
_TIBIA: Mapping[int, Points] = {
    1: ((24, 22), (54, 18), (54, 54), (36, 58)),
    2: ((54, 18), (60, 10), (68, 18), (68, 54), (54, 54)),
    3: ((68, 18), (98, 22), (90, 58), (68, 54)),
    4: ((54, 54), (68, 54), (70, 90), (61, 98), (52, 90)),
    7: ((36, 58), (54, 54), (52, 90), (61, 98), (70, 90), (68, 54), (90, 58), (80, 124), (44, 124)),
    8: ((44, 124), (80, 124), (77, 190), (47, 190)),
    9: ((47, 190), (77, 190), (75, 252), (49, 252)),
    10: ((49, 252), (75, 252), (84, 312), (42, 312)),
    5: ((42, 312), (62, 312), (62, 334), (56, 350), (40, 346)),
    6: ((62, 312), (84, 312), (86, 334), (62, 334)),
}
_FIBULA: Mapping[int, Points] = {
    1: ((48, 18), (66, 10), (76, 24), (72, 48), (50, 48)),
    6: ((50, 48), (72, 48), (69, 112), (52, 112)),
    5: ((52, 112), (69, 112), (69, 176), (52, 176)),
    4: ((52, 176), (69, 176), (70, 240), (52, 240)),
    3: ((52, 240), (70, 240), (74, 302), (48, 302)),
    2: ((48, 302), (74, 302), (76, 330), (62, 350), (46, 330)),
}
_HUMERUS: Mapping[int, Points] = {
    2: ((30, 36), (42, 14), (64, 14), (64, 60), (44, 64), (32, 54)),
    1: ((64, 14), (84, 16), (94, 32), (92, 64), (64, 60)),
    11: ((44, 64), (64, 60), (92, 64), (86, 124), (52, 124)),
    10: ((52, 124), (69, 124), (69, 212), (54, 212)),
    9: ((69, 124), (86, 124), (90, 164), (82, 212), (69, 212)),
    8: ((54, 212), (69, 212), (69, 296), (38, 296), (50, 256)),
    7: ((69, 212), (82, 212), (84, 256), (94, 296), (69, 296)),
    4: ((38, 296), (44, 296), (42, 318), (24, 318), (18, 302), (28, 294)),
    3: ((94, 296), (104, 304), (102, 320), (92, 320), (90, 296)),
    6: ((44, 296), (69, 296), (69, 332), (48, 342), (42, 330)),
    5: ((69, 296), (90, 296), (92, 322), (84, 336), (69, 332)),
}
_RADIUS: Mapping[int, Points] = {
    2: ((40, 14), (60, 10), (60, 38), (42, 38)),
    1: ((60, 10), (80, 14), (78, 38), (60, 38)),
    5: ((42, 38), (78, 38), (74, 60), (76, 104), (46, 104), (42, 78), (48, 60)),
    7: ((46, 104), (61, 104), (62, 190), (46, 190)),
    6: ((61, 104), (76, 104), (80, 150), (80, 190), (62, 190)),
    8: ((46, 190), (80, 190), (82, 244), (44, 244)),
    10: ((44, 244), (63, 244), (63, 312), (36, 312)),
    9: ((63, 244), (82, 244), (92, 312), (63, 312)),
    4: ((36, 312), (58, 312), (58, 334), (38, 332)),
    3: ((58, 312), (80, 312), (80, 336), (58, 334)),
    11: ((80, 312), (92, 312), (92, 350), (80, 336)),
}
_ULNA: Mapping[int, Points] = {
    1: ((42, 22), (58, 10), (76, 16), (78, 44), (42, 44)),
    2: ((42, 44), (62, 44), (62, 84), (46, 92), (34, 72)),
    3: ((62, 44), (78, 44), (80, 84), (62, 84)),
    4: ((46, 92), (62, 84), (80, 84), (72, 164), (50, 164)),
    5: ((50, 164), (72, 164), (70, 226), (51, 226)),
    6: ((51, 226), (70, 226), (69, 272), (52, 272)),
    7: ((52, 272), (69, 272), (70, 316), (51, 316)),
    8: ((51, 316), (70, 316), (74, 334), (64, 348), (46, 336)),
}

_SCHEMES: Mapping[str, Mapping[int, Points]] = MappingProxyType(
    {
        "femur": _FEMUR,
        "tibia": _TIBIA,
        "fibula": _FIBULA,
        "humerus": _HUMERUS,
        "radius": _RADIUS,
        "ulna": _ULNA,
    }
)
_NUMBER_AT: Mapping[tuple[str, int], tuple[int, int]] = MappingProxyType({("tibia", 7): (62, 110)})
"""Where the number of a zone stands whose middle is in another."""

DRAWN: Final = frozenset(_SCHEMES)
"""Elements that have a scheme."""


def draw_zones(name: str, side: str, there: Collection[int], *, title: str) -> str:
    """The scheme of an element, the zones that are there filled; empty where it has none.

    Args:
        name: of the element.
        side: ``R`` is the mirror image of ``L``; a bone whose side is not known is drawn as a left one.
        there: numbers of the zones that are there.
        title: for those who do not see it.

    >>> draw_zones("sternum", "M", [1], title="")
    ''
    >>> draw_zones("femur", "L", [4], title="zones").count('class="zone there"')
    1
    """
    parts = []
    for number, points in _SCHEMES.get(name, {}).items():
        placed = [(WIDTH - x if side == "R" else x, y) for x, y in points]
        outline = "M" + "L".join(f"{x} {y}" for x, y in placed) + "Z"
        x, y = _NUMBER_AT.get((name, number)) or _middle(placed)
        drawn = element("path", d=outline) + element("text", text(str(number)), x=float(x), y=y + 4.0)
        parts.append(element("g", drawn, class_="zone there" if number in there else "zone", data_zone=number))
    return picture("".join(parts), title=title, width=WIDTH, height=HEIGHT, class_="zone-map") if parts else ""


def _middle(points: Collection[tuple[int, int]]) -> tuple[float, float]:
    """The centre of gravity of a polygon.

    >>> _middle([(0, 0), (6, 0), (6, 3), (0, 3)])
    (3.0, 1.5)
    """
    corners = list(points)
    area = x = y = 0.0
    for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
        cross = x0 * y1 - x1 * y0
        area += cross
        x += (x0 + x1) * cross
        y += (y0 + y1) * cross
    return x / (3 * area), y / (3 * area)


RULES: Final = """\
.zone-map { width: 150px; height: auto; flex: none; }
.zone-map path { fill: var(--surface); stroke: var(--soft); stroke-width: 1.2; stroke-linejoin: round; }
.zone-map text { font: 11px system-ui, sans-serif; text-anchor: middle; fill: var(--soft); }
.zone-map .there path { fill: var(--teal-wash); stroke: var(--teal); stroke-width: 1.8; }
.zone-map .there text { font-weight: 700; fill: var(--ink); }
"""
"""Style of the drawing, on the colours of `cenotaph.reports.style`."""
