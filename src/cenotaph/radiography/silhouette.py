"""Outlines of a scanned bone from several sides: what a film would show in other poses.

Projection is parallel: a film's perspective changes shape by a few per cent near its edge and is left to the spread
within a person. The outline of a scan with faces is that of the union of its projected triangles, exact for a closed
surface; of points alone it is a concave hull, which closes gaps narrower than the spacing of the points demands.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cenotaph.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CONCAVITY = 0.1
"""Of the concave hull: 0 the tightest, 1 the convex hull."""


def turn(pitch: float, yaw: float, roll: float) -> Floats:
    """Rotation by degrees about the first axis (across), the second (up) and the third (towards the viewer), in turn.

    >>> turn(0, 0, 90).round(6).tolist()
    [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    (cp, sp), (cy, sy), (cr, sr) = ((np.cos(np.radians(a)), np.sin(np.radians(a))) for a in (pitch, yaw, roll))
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    result: Floats = about_z @ about_y @ about_x
    return result


def pose_grid(greatest: float = 15.0, steps: int = 3) -> tuple[tuple[float, float, float], ...]:
    """Poses (pitch, yaw, roll 0) in equal steps from −*greatest* to *greatest* degrees; roll drops out of a shape.

    >>> len(pose_grid()), pose_grid(steps=1)
    (9, ((0.0, 0.0, 0.0),))
    """
    angles = np.linspace(-greatest, greatest, steps) if steps > 1 else np.zeros(1)
    return tuple((float(p), float(y), 0.0) for p, y in product(angles, angles))


def silhouette(vertices: ArrayLike, faces: ArrayLike | None = None, pose: Sequence[float] = (0, 0, 0)) -> Floats:
    """Outline of a scan seen along its third axis after a turn, shape (points, 2).

    Args:
        vertices: shape (n, 3), in millimetres; the bone's length across, its upper side up, its front to the viewer.
        faces: shape (f, 3), vertices of triangles; without them a concave hull is drawn around the points.
        pose: pitch, yaw and roll in degrees.

    Raises:
        InvalidInput: not points in space, or faces that refer to none.

    >>> corners = [[0, 0, 0], [4, 0, 0], [4, 2, 0], [0, 2, 0]]
    >>> outline = silhouette(corners, [[0, 1, 2], [0, 2, 3]])
    >>> sorted(outline.tolist())
    [[0.0, 0.0], [0.0, 2.0], [4.0, 0.0], [4.0, 2.0]]
    """
    import shapely

    points = np.asarray(vertices, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 3 or len(points) < 3 or not np.isfinite(points).all():
        raise InvalidInput("not a scan", found=f"array of shape {points.shape}", valid="(vertices, 3), all finite")
    flat = (points @ turn(*pose).T)[:, :2]
    if faces is None:
        shape = shapely.concave_hull(shapely.MultiPoint(flat), ratio=CONCAVITY)
    else:
        corners = np.asarray(faces, dtype=np.int64)
        if corners.ndim != 2 or corners.shape[1] != 3 or corners.min() < 0 or corners.max() >= len(points):
            raise InvalidInput("not faces of this scan", found=f"shape {corners.shape}", valid="(faces, 3), vertices")
        triangles = shapely.polygons(flat[corners])
        shape = shapely.union_all(triangles[shapely.area(triangles) > 0])
    if shape.geom_type == "MultiPolygon":
        shape = max(shape.geoms, key=lambda part: part.area)
    if shape.geom_type != "Polygon":
        raise InvalidInput("not a scan", found="no area when projected", valid="a surface")
    result: Floats = np.asarray(shape.exterior.coords, dtype=np.float64)[:-1]
    return result
