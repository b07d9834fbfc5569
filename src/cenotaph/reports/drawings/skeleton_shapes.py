"""Outlines of the bones of a skeleton seen from the front, as points: our own drawing.

The middle of the body is x = 0, y grows downwards, 5.5 units are a centimetre. Paired bones are given for the left side
of the skeleton, which is on the viewer's right (x > 0); the right side is their mirror image. Hands and feet have their
own origin at wrist and ankle, and are drawn twice: small in place, and large beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from types import MappingProxyType

Point = tuple[float, float]
Outline = Sequence[Point]

SAMPLES = 2
"""Points between two points of a centre line."""

ROUNDNESS = 0.7
"""How far a band is rounded beyond its ends, in half widths."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One bone.

    Args:
        outlines: closed curves, filled by the even-odd rule: a second one inside the first is a hole.
        details: open lines within the bone.
        hollows: closed curves that show the ground (an orbit).
        number: of several alike: rib 1 to 12, vertebra C1 to L5.
        is_behind: drawn before the rest, fainter.
    """

    outlines: tuple[str, ...]
    details: tuple[str, ...] = ()
    hollows: tuple[str, ...] = ()
    number: str = ""
    is_behind: bool = False

    def mirrored(self) -> Shape:
        """The same on the other side of x = 0."""
        return Shape(
            tuple(map(mirror, self.outlines)),
            tuple(map(mirror, self.details)),
            tuple(map(mirror, self.hollows)),
            self.number,
            self.is_behind,
        )


def closed(points: Outline) -> str:
    """A smooth closed curve through points (Catmull–Rom, as Bézier curves).

    >>> closed([(0, 0), (6, 0), (6, 6), (0, 6)])[:28]
    'M0 0C1 -1 5 -1 6 0C7 1 7 5 6'
    """
    n = len(points)
    parts = [f"M{_pair(points[0])}"]
    for k in range(n):
        before, start, end, after = (points[(k + d) % n] for d in (-1, 0, 1, 2))
        parts.append(_curve(before, start, end, after))
    return "".join(parts) + "Z"


def line(points: Outline) -> str:
    """A smooth open curve through points."""
    last = len(points) - 1
    parts = [f"M{_pair(points[0])}"]
    for k in range(last):
        parts.append(_curve(points[max(k - 1, 0)], points[k], points[k + 1], points[min(k + 2, last)]))
    return "".join(parts)


def symmetric(half: Outline) -> str:
    """A closed curve from its half x ≥ 0, given from the upper middle to the lower middle."""
    other = [(-x, y) for x, y in reversed(half) if x > 0]
    return closed([*half, *other])


def ribbon(points: Outline, widths: Sequence[float]) -> str:
    """A closed band around a smooth centre line; widths stand at the points."""
    centre, wide = _sampled(points, widths)
    left, right, caps = [], [], []
    for k, (x, y) in enumerate(centre):
        (x0, y0), (x1, y1) = centre[max(k - 1, 0)], centre[min(k + 1, len(centre) - 1)]
        length = hypot(x1 - x0, y1 - y0) or 1.0
        along = ((x1 - x0) / length * wide[k] / 2, (y1 - y0) / length * wide[k] / 2)
        left.append((x - along[1], y + along[0]))
        right.append((x + along[1], y - along[0]))
        caps.append((along[0] * ROUNDNESS, along[1] * ROUNDNESS))
    first, last = centre[0], centre[-1]
    start = (first[0] - caps[0][0], first[1] - caps[0][1])
    end = (last[0] + caps[-1][0], last[1] + caps[-1][1])
    return closed([start, *left, end, *reversed(right)])


def mirror(path: str) -> str:
    """A path of M, C and Z with its x turned round.

    >>> mirror("M1 2C3 4 -5 6 7 8Z")
    'M-1 2C-3 4 5 6 -7 8Z'
    """
    out, is_x = [], True
    for word in path.replace("M", " M ").replace("C", " C ").replace("Z", " Z ").split():
        if word in "MCZ":
            out.append(word)
            is_x = True
        else:
            out.append(_number(-float(word)) if is_x else word)
            is_x = not is_x
    text = " ".join(out)
    for letter in "MCZ":
        text = text.replace(f" {letter}", letter).replace(f"{letter} ", letter)
    return text


def _sampled(points: Outline, widths: Sequence[float]) -> tuple[list[Point], list[float]]:
    centre, wide = [], []
    last = len(points) - 1
    for k in range(last):
        p0, p1, p2, p3 = points[max(k - 1, 0)], points[k], points[k + 1], points[min(k + 2, last)]
        for s in range(SAMPLES):
            t = s / SAMPLES
            weights = (
                (-t + 2 * t * t - t**3) / 2,
                (2 - 5 * t * t + 3 * t**3) / 2,
                (t + 4 * t * t - 3 * t**3) / 2,
                (-t * t + t**3) / 2,
            )
            corners = (p0, p1, p2, p3)
            centre.append(
                (
                    sum(w * c[0] for w, c in zip(weights, corners, strict=True)),
                    sum(w * c[1] for w, c in zip(weights, corners, strict=True)),
                )
            )
            wide.append(widths[k] + (widths[k + 1] - widths[k]) * t)
    return [*centre, points[-1]], [*wide, widths[-1]]


def _curve(before: Point, start: Point, end: Point, after: Point) -> str:
    first = (start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6)
    second = (end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6)
    return f"C{_pair(first)} {_pair(second)} {_pair(end)}"


def _pair(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: float) -> str:
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _teeth() -> Shape:
    """Upper and lower teeth of one side, from the middle outwards."""
    outlines = []
    for top, bottom, widths in ((131.0, 138.2, (4.6, 3.8, 3.8, 3.4, 3.0)), (138.8, 145.0, (3.4, 3.4, 3.6, 3.4, 3.2))):
        x = 0.3
        for k, width in enumerate(widths):
            lift = 0.35 * k * k
            low, high = top - lift * 0.8, bottom - lift
            outlines.append(
                closed([(x + 0.5, low), (x + width - 0.5, low), (x + width, (low + high) / 2),
                 (x + width - 0.5, high),
                        (x + 0.5, high), (x, (low + high) / 2)])
            )  # fmt: skip
            x += width + 0.25
    return Shape(tuple(outlines))


def _vertebrae() -> tuple[Shape, ...]:
    """C1 to L5, from above."""
    shapes = []
    top = 139.0
    for k in range(7):
        height, half = 7.5, 9.0 + 0.6 * k
        shapes.append(_vertebra(f"C{k + 1}", top, height, half, half + 5.0, 0.45))
        top += height
    for k in range(12):
        height, half = 12.6, 9.5 + 0.35 * k
        shapes.append(_vertebra(f"T{k + 1}", top, height, half, 20.0 - 0.5 * k, 0.3))
        top += height
    for k in range(5):
        height, half = 18.4 + 0.3 * k, 14.5 + 0.8 * k
        shapes.append(_vertebra(f"L{k + 1}", top, height, half, (27.0, 29.0, 31.0, 29.0, 28.0)[k], 0.42))
        top += height
    return tuple(shapes)


def _vertebra(name: str, top: float, height: float, half: float, reach: float, at: float) -> Shape:
    """A body with a waist, and transverse processes that reach so far."""
    low = top + height - 1.4
    middle = top + height * at
    thick = min(height * 0.16, 2.6)
    outline = [
        (0.0, top + 0.6), (half * 0.9, top + 0.4), (half * 1.02, top + height * 0.16), (half * 0.88, middle - thick),
        (reach - 1.5, middle - thick * 0.9), (reach, middle), (reach - 1.5, middle + thick * 0.8),
        (half * 0.86, middle + thick * 1.1), (half * 1.02, low - height * 0.1), (half * 0.92, low), (0.0, low - 0.2),
    ]  # fmt: skip
    return Shape((symmetric(outline),), number=name)


RIB_SIDE = (29.0, 43.0, 53.0, 60.0, 65.5, 69.5, 72.5, 74.0, 74.0, 71.0, 60.0, 44.0)
RIB_DROP = (3.0, 9.0, 13.0, 17.0, 20.0, 24.0, 28.0, 32.0, 35.0, 36.0, 28.0, 20.0)
RIB_FORWARD = (6.0, 10.0, 14.0, 17.0, 19.0, 21.0, 22.0, 22.0, 18.0, 12.0)
RIB_END = (14.0, 19.0, 22.0, 26.0, 30.0, 36.0, 43.0, 51.0, 57.5, 62.0)
FIRST_RIB, RIB_STEP = 197.0, 12.6


def _ribs() -> tuple[Shape, ...]:
    """Back and front part of the ribs of one side; ribs 11 and 12 end free."""
    behind, front = [], []
    for k in range(12):
        start, side = FIRST_RIB + RIB_STEP * k, RIB_SIDE[k]
        turn = start + RIB_DROP[k]
        rise = 2.5 if k else 1.0
        width = 6.4 if 0 < k < 10 else 5.2
        back = [(11.0, start), (side * 0.42, start - rise), (side * 0.8, start + RIB_DROP[k] * 0.35)]
        if k < 10:
            back.append((side, turn))
            end = (RIB_END[k], turn + RIB_FORWARD[k])
            around = [
                (side * 0.93, start + RIB_DROP[k] * 0.62), (side, turn + 1.0),
                (side * 0.86 + end[0] * 0.14, turn + RIB_FORWARD[k] * 0.62),
                (side * 0.42 + end[0] * 0.58, turn + RIB_FORWARD[k] * 0.98), end,
            ]  # fmt: skip
            front.append(Shape((ribbon(around, (3.0, 4.6, width, width, width * 0.95)),), number=str(k + 1)))
        else:
            back += [(side, turn), (side * 1.04, turn + 7.0)]
        widths = (4.4, width * 0.9, width * 0.8, 3.6, 3.0)[: len(back)]
        behind.append(Shape((ribbon(back, widths),), number=str(k + 1), is_behind=True))
    return (*behind, *front)


def _digit(points: Outline, width: float) -> tuple[str, ...]:
    """Phalanges between joints: each a band, thick at the ends."""
    bones = []
    for k, (start, end) in enumerate(pairwise(points)):
        w = width * 0.9**k
        inner = [
            (start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t) for t in (0.06, 0.3, 0.7, 0.95)
        ]
        last = k == len(points) - 2
        bones.append(ribbon(inner, (w, w * 0.72, w * 0.6, w * (0.55 if last else 0.86))))
    return tuple(bones)


def _shaft(start: Point, end: Point, base: float, head: float) -> str:
    """A metacarpal or metatarsal from its base to its head."""
    points = [(start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t) for t in (0, 0.12, 0.5, 0.84, 1)]
    waist = min(base, head) * 0.62
    return ribbon(points, (base, base * 0.95, waist, head * 0.98, head * 0.8))


def _bone(outline: Outline, *details: Outline) -> Shape:
    return Shape((closed(outline),), tuple(map(line, details)))


CRANIUM = Shape(
    (
        symmetric(
            [(0, 20), (16, 21.5), (30, 29.5), (39, 43), (42.5, 58), (41.5, 70), (37.6, 79), (36.8, 86.5), (40.4, 91),
             (41, 97.5), (37.6, 103.6), (30, 108), (25, 112.4), (21.6, 118), (20.6, 126), (16.5, 131.4), (8, 133),
             (0, 133)]
        ),
    ),
    (
        *(
            path
            for points in (
                [(31.4, 78), (35.4, 68), (36, 54), (31, 41)],
                [(23, 98.6), (26, 104), (30, 108)],
                [(3.6, 76.4), (11, 72.6), (22, 72), (30, 75.4)],
                [(37.4, 88), (34, 91), (30.6, 91.6)],
                [(12, 118), (15, 124), (14.4, 130)],
            )
            for path in (line(points), line([(-x, y) for x, y in points]))
        ),
        line([(0, 113.6), (0, 119)]),
        line([(-29, 36), (-15, 31.4), (0, 33.4), (15, 31.4), (29, 36)]),
    ),
    (
        *(
            closed([(s * x, y) for x, y in ((6.8, 85), (9.6, 79), (17.6, 76.8), (26, 78.4), (30.2, 84.6), (29, 92.6),
                                            (21.6, 97.4), (12.8, 96.2), (7.8, 91.4))])
            for s in (1, -1)
        ),
        symmetric([(0, 90.6), (2.4, 94), (6, 101.6), (8, 107.8), (5.6, 112), (1.4, 110.2), (0, 112)]),
    ),
)  # fmt: skip

MANDIBLE = Shape(
    (
        symmetric(
            [(0, 145.4), (8, 145), (15.5, 142.4), (20.6, 137), (23, 128), (24.6, 116), (26.4, 109), (29, 106.6),
             (32, 111),
             (34, 105.6), (37.4, 106.6), (37, 117), (35, 130), (31, 139), (24, 147), (15, 154.4), (8, 157.4),
             (0, 157)]
        ),
    ),
    (line([(9, 153), (4, 150.6), (0, 151.4), (-4, 150.6), (-9, 153)]),),
    tuple(
        closed([(s * (x - 1.3), y), (s * x, y - 1), (s * (x + 1.3), y),
         (s * x, y + 1)]) for s in (1, -1) for x, y in ((14, 149),)
    ),
)  # fmt: skip

HYOID = Shape(
    (
        symmetric(
            [(0, 163.5), (5.5, 163), (10.5, 160.5), (14.5, 156.8), (15.6, 158.4), (12, 164), (6.5, 168), (0, 168.8)]
        ),
    )
)

STERNUM = Shape(
    (
        symmetric([(0, 200.5), (7, 198.6), (12, 199.4), (14.6, 203.5), (13, 209), (9.6, 217), (8.4, 225),
         (5, 227.4), (0, 227.8)]),
        symmetric([(0, 229), (6, 229), (7.6, 233), (7.6, 245), (9, 258), (9.4, 270), (7.6, 280), (4, 285.4),
         (0, 286)]),
        symmetric([(0, 287), (3, 287.6), (3.4, 292), (2.2, 299), (0, 303)]),
    )
)  # fmt: skip

SACRUM = Shape(
    (symmetric([(0, 437.5), (13, 438), (25, 441), (32, 447), (30, 457), (25.5, 470), (18, 485), (9, 498),
    (0, 501)]),),
    (
        line([(-15, 455), (0, 457), (15, 455)]), line([(-13, 468), (0, 470), (13, 468)]),
        line([(-10, 480.5), (0, 482), (10, 480.5)]),
    ),
    tuple(
        closed([(s * (x - 2), y), (s * x, y - 1.9), (s * (x + 2), y), (s * x, y + 1.9)])
        for s in (1, -1)
        for x, y in ((14.5, 456.5), (12.5, 469.5), (10, 481.5), (7, 491.5))
    ),
)  # fmt: skip

CLAVICLE = Shape(
    (ribbon([(10.5, 203), (18, 198.5), (32, 196), (48, 196.4), (63, 191.6), (77, 186.4), (90, 188.6)],
            (8.4, 8.6, 6.2, 5.6, 6.0, 7.4, 7.6)),)
)  # fmt: skip

SCAPULA = Shape(
    (
        closed([(51, 209), (57, 201), (65, 203.5), (73, 206), (80, 207), (88, 210), (90.6, 217), (90, 226),
         (85.5, 231.5),
                (80, 243), (73, 262), (66, 283), (61.5, 291), (57.5, 287), (54, 266), (51, 242), (49.5, 222)]),
        closed([(80, 198), (86, 192.4), (96, 190.6), (103.6, 194), (105, 200), (99, 202.4), (90, 201.6),
         (84, 203.4)]),
        closed([(70, 206), (74.5, 202.6), (80, 204.6), (84.6, 210), (85.4, 216.4), (81.6, 217.4), (78.4, 211.4),
         (73.4, 209.6)]),
    ),
    (line([(56, 214), (63, 222), (72, 222), (82, 219)]), line([(80, 236), (71, 256), (62, 281)])),
)  # fmt: skip

HUMERUS = _bone(
    [(94, 203.6), (101, 202), (106, 203.6), (111.6, 206), (114.4, 213), (113, 223), (110.6, 236), (110.4, 256),
     (112.6, 278),
     (114, 300), (114.6, 325), (116.4, 348), (120.6, 363), (127.4, 374), (128.6, 381), (125.4, 386), (121.5, 390.4),
     (116.5, 388.4), (113, 387.6), (109, 391), (104, 390), (101.6, 384.6), (97.4, 380.4), (97.6, 374.6),
     (103.4, 366.4),
     (106, 352), (105, 326), (103, 300), (101, 276), (99, 252), (97, 236), (92.6, 227.6), (88.4, 221.4),
     (87.4, 212.4)],
    [(104.4, 205), (103, 214), (105.4, 226)], [(96, 229.6), (103, 224), (104.4, 215)], [(105, 377), (112, 381.4),
     (120, 377)],
    [(113, 387.6), (113.6, 382.6)],
)  # fmt: skip

ULNA = _bone(
    [(104.4, 391.6), (108, 394.4), (113.4, 391.4), (117.4, 394.4), (118, 401), (116.4, 408), (117.4, 425),
     (119.6, 455),
     (121.4, 485), (122.6, 508), (125, 517.6), (125, 524.6), (121.4, 528.4), (118, 525), (117.4, 516), (116, 500),
     (113.4, 470), (110, 436), (106.4, 413), (103.6, 402), (102.6, 396)],
    [(108, 398.4), (113, 398.6), (117, 396.4)],
)  # fmt: skip

RADIUS = _bone(
    [(119.6, 395.4), (124.4, 394), (129.4, 395.6), (130, 401), (127.4, 405.6), (127.8, 412), (128.4, 424),
     (131.6, 448),
     (134.4, 476), (135.4, 498), (138.4, 513), (141.6, 524), (140.4, 531.4), (134, 532), (128.4, 528.6), (126.6, 520),
     (127.6, 504), (126.6, 476), (124, 450), (121.4, 428), (119, 418), (120, 411), (121.6, 405.6), (119, 401)],
    [(121.6, 405.6), (124.6, 406.8), (127.4, 405.6)], [(129, 519), (133, 522), (139.4, 521)],
)  # fmt: skip

OS_COXA = Shape(
    (
        closed([(23.6, 448), (30, 436), (42, 427.4), (57, 424), (70, 427.4), (80, 436.4), (85, 448.6), (83.6, 457),
         (78.4, 463.6),
                (74.4, 471.4), (72, 477.4), (70.6, 486), (70.6, 497), (66.4, 507), (59.4, 513), (56, 521),
                (54.4, 532),
                (49, 543), (40.6, 547.4), (34.4, 542), (28, 533), (18, 527.6), (8, 528.4), (3, 527), (2.6, 515),
                (4.4, 507.4),
                (12, 504.4), (24, 502), (35, 497), (40.4, 489.6), (38.4, 479), (32, 469.6), (26.6, 460)]),
        closed([(29, 514), (37, 510.4), (46, 513), (48.4, 521), (43.4, 531.6), (37, 534), (30, 527), (26.6, 519.4)]),
    ),
    (
        line([(29, 449), (37, 464), (48, 474), (58, 477)]), line([(78, 438), (68, 433), (54, 430.6), (41, 434)]),
        line([(70, 485), (61, 480.4), (52, 483), (47.6, 492), (50, 502), (58, 507.6)]),
    ),
)  # fmt: skip

FEMUR = _bone(
    [(53, 481.6), (60.6, 483), (65.6, 488.6), (70, 494.6), (74, 494), (78, 490.6), (83, 494), (85.4, 503),
     (83.4, 516), (80.6, 530),
     (78.6, 552), (75, 586), (70, 624), (65, 660), (61.6, 686), (60.6, 702), (61, 718), (59, 731), (53.6, 739),
     (46.4, 739.4),
     (41.4, 733.4), (38.4, 731.6), (35, 734.4), (29, 740.4), (21.6, 738.4), (17.6, 729), (19, 715), (25.6, 704),
     (35.6, 691),
     (44, 670), (50.6, 636), (56.4, 598), (60.6, 562), (62.4, 544), (60, 534.6), (62, 526), (63.6, 517),
     (60.6, 509.6),
     (54, 506), (45.6, 503.4), (41, 496), (42.4, 487.4)],
    [(70, 494.6), (66, 503), (63.6, 513)], [(78, 505), (72, 517), (66, 528)], [(31, 713), (38, 719.6), (48, 713)],
)  # fmt: skip

PATELLA = _bone(
    [(39.6, 700), (47, 702.6), (50.6, 709.4), (48, 717.6), (43, 724), (39.4, 726.4), (35, 723.4), (30.6, 717),
     (28.4, 709),
     (32, 702.4)],
    [(34, 708), (39.6, 706), (45.4, 708)],
)  # fmt: skip

TIBIA = _bone(
    [(18.6, 746.4), (27, 743.4), (35.6, 744.6), (38.6, 741.6), (42, 744.6), (51, 743.4), (59.6, 746.4), (60, 753.6),
     (55, 761.6),
     (48.6, 771), (46.6, 786), (45.4, 812), (43.4, 846), (41.6, 880), (42.4, 902), (45.4, 916), (46, 925),
     (40, 928), (33, 927.6),
     (30.4, 933.6), (26, 936.6), (22.6, 931), (23.4, 918), (26.6, 900), (28, 876), (28.4, 846), (28, 812),
     (27, 786), (24.6, 771),
     (20, 761.6), (17.6, 753.6)],
    [(34, 761), (39.4, 770), (44.6, 761)], [(39.6, 771), (37.4, 800), (34.6, 850), (33, 896)], [(22, 751.4),
     (38, 754.6), (56, 751.4)],
)  # fmt: skip

FIBULA = Shape(
    (ribbon([(61.4, 755.4), (61, 764), (58.6, 784), (57, 830), (53.6, 880), (51.6, 912), (51.6, 928), (50.4, 940)],
            (8.4, 9.4, 5.6, 5.4, 5.6, 7.0, 9.4, 4.6)),)
)  # fmt: skip

FRAGMENT = Shape(
    (closed([(-20, -6), (-12, -13), (-2, -10), (6, -15), (17, -9), (21, 2), (13, 7), (9, 14), (-3, 11), (-11, 14),
    (-17, 6)]),),
    (line([(-11, -3), (-3, 0), (5, -5)]), line([(-4, 6), (4, 3), (11, 1)])),
)  # fmt: skip
"""What nobody could determine."""

MIDLINE: Mapping[str, tuple[Shape, ...]] = MappingProxyType(
    {
        "vertebra": _vertebrae(),
        "sacrum": (SACRUM,),
        "sternum": (STERNUM,),
        "hyoid": (HYOID,),
        "mandible": (MANDIBLE,),
        "cranium": (CRANIUM,),
    }
)

PAIRED: Mapping[str, tuple[Shape, ...]] = MappingProxyType(
    {
        "scapula": (SCAPULA,),
        "rib": _ribs(),
        "clavicle": (CLAVICLE,),
        "humerus": (HUMERUS,),
        "ulna": (ULNA,),
        "radius": (RADIUS,),
        "os_coxa": (OS_COXA,),
        "fibula": (FIBULA,),
        "tibia": (TIBIA,),
        "femur": (FEMUR,),
        "patella": (PATELLA,),
        "tooth": (_teeth(),),
    }
)

HAND: Mapping[str, tuple[Shape, ...]] = MappingProxyType(
    {
        "scaphoid": (_bone([(9, 6), (16, 2.6), (25, 7), (29.6, 16), (25.4, 21.6), (18, 19.4), (13, 15.4),
         (8.6, 13)]),),
        "lunate": (_bone([(-7.6, 4.6), (-1, 0.8), (6, 3.4), (7, 11.4), (2, 15.4), (-5, 14.4)]),),
        "triquetral": (_bone([(-25.6, 10), (-19, 4.4), (-10.4, 5.6), (-8.4, 14.4), (-13, 20), (-21.6, 19.6)]),),
        "trapezium": (_bone([(24.4, 24), (31, 20), (38, 25), (39, 33.6), (33, 38.6), (25.6, 36), (23, 30)]),),
        "trapezoid": (_bone([(11.4, 21.6), (19, 23.6), (22, 32), (20, 39.6), (13, 40.4), (10, 31)]),),
        "capitate": (_bone([(-5.6, 18.6), (1, 16.6), (7.6, 19.6), (8.4, 30), (8, 41), (1.6, 45.4), (-5.6, 43.6),
         (-7.4, 30)]),),
        "hamate": (_bone([(-12, 20.6), (-8.6, 27), (-8, 40.6), (-13.6, 45.6), (-22.6, 43), (-26.4, 34),
         (-21.6, 25.6)],
                         [(-19, 33), (-16, 37), (-13, 33)]),),
        "pisiform": (_bone([(-29.6, 20), (-26, 15.6), (-21, 17.4), (-20, 23), (-24.4, 26.6), (-29, 25)]),),
        "metacarpal_1": (Shape((_shaft((35, 43), (55, 79), 13.6, 12.6),)),),
        "metacarpal_2": (Shape((_shaft((16.4, 45), (22.6, 104), 12.6, 12.4),)),),
        "metacarpal_3": (Shape((_shaft((2.6, 49.4), (4.6, 108), 12.4, 12.6),)),),
        "metacarpal_4": (Shape((_shaft((-10.4, 49), (-13.4, 101), 10.6, 11.4),)),),
        "metacarpal_5": (Shape((_shaft((-21.6, 47.6), (-29.6, 92), 11.4, 10.8),)),),
    }
)  # fmt: skip

FINGERS = (
    *_digit([(57, 84), (70, 108), (78.6, 127)], 11.0),
    *_digit([(23.4, 111), (27.6, 144), (29.4, 165), (30, 181)], 11.0),
    *_digit([(5, 115), (6, 152), (6.6, 177), (6.6, 195)], 11.4),
    *_digit([(-14, 108), (-17.6, 142), (-19.6, 166), (-20.6, 183)], 10.6),
    *_digit([(-31, 98), (-37.6, 125), (-41, 142), (-43, 157)], 9.6),
)

FOOT: Mapping[str, tuple[Shape, ...]] = MappingProxyType(
    {
        "calcaneus": (_bone([(4, 0), (14, -2.6), (22.6, 4), (25, 22), (26, 44), (30, 58), (28, 69), (20, 73),
         (10, 71), (4, 58),
                             (-1, 40), (-4, 20), (-2.6, 6)], [(2, 10), (11, 6), (20, 11)]),),
        "talus": (_bone([(-12, 33), (-4, 27), (7, 27), (14.6, 33), (16, 44), (11.6, 55), (5, 64), (5, 74), (1, 81),
         (-8, 84),
                         (-16, 79), (-16.4, 70), (-11.4, 61), (-12.6, 47)], [(-11, 47), (1, 52), (14, 48)]),),
        "navicular": (_bone([(-23.4, 87), (-17, 84), (-8, 87.6), (2, 84.6), (8, 86.4), (8, 93), (-1, 97.4),
         (-13, 99.6), (-23, 97)]),),
        "cuboid": (_bone([(12, 77), (21, 75.6), (30, 79), (35, 93), (36, 108), (30, 115), (20, 117.6), (12.4, 114),
         (11.6, 96)]),),
        "cuneiform_1": (_bone([(-26, 101), (-18, 102.6), (-12.6, 104), (-12, 117), (-13, 128), (-20, 131),
         (-29, 127), (-30, 113)]),),
        "cuneiform_2": (_bone([(-10, 103), (-1.6, 100.4), (0, 110), (-1.6, 119.4), (-8, 120.6), (-10, 112)]),),
        "cuneiform_3": (_bone([(1.6, 99.6), (9, 96), (10, 108), (11, 119), (9, 125), (2.4, 124.6), (2, 112)]),),
        "metatarsal_1": (Shape((_shaft((-22, 135), (-29, 190), 18.6, 18.0),)),),
        "metatarsal_2": (Shape((_shaft((-6, 125), (-10, 198), 11.4, 10.8),)),),
        "metatarsal_3": (Shape((_shaft((6, 130), (6.6, 195), 10.8, 10.0),)),),
        "metatarsal_4": (Shape((_shaft((18, 122), (21.6, 188), 10.8, 9.8),)),),
        "metatarsal_5": (Shape((_shaft((31, 119), (35.6, 180), 13.4, 9.6),)),),
    }
)  # fmt: skip

TOES = (
    *_digit([(-30, 195), (-33, 217), (-34.6, 235)], 15.0),
    *_digit([(-10.6, 205), (-11.4, 223), (-11.6, 232), (-11.6, 240)], 8.6),
    *_digit([(7, 202), (7.6, 218), (8, 226), (8, 233)], 8.2),
    *_digit([(22.6, 195), (24, 209), (24.6, 217), (24.8, 223)], 8.0),
    *_digit([(37, 186), (39.4, 199), (40.4, 206), (40.6, 212)], 8.0),
)

CARTILAGE = tuple(
    line(points)
    for points in (
        [(14, 206), (9, 207.5)],
        [(19, 228), (13, 229), (8, 228)],
        [(22, 249), (14, 249), (8, 240)],
        [(26, 269), (17, 268), (8.6, 252)],
        [(30, 286), (20, 284), (9, 263)],
        [(36, 305), (24, 302), (12, 285), (9, 272)],
        [(43, 322), (29, 318), (15, 296), (7.6, 281)],
        [(51, 339), (38, 336), (27, 316)],
        [(57.5, 352), (46, 350), (35, 333)],
        [(62, 360), (54, 361), (43, 349)],
    )
)
"""Costal cartilages: no bone, drawn faintly so that the ribs reach the sternum."""

COCCYX = symmetric([(0, 503), (5, 504), (4, 511), (2.6, 518), (0, 523)])
