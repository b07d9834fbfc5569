"""Scans of bones in the Polygon File Format (PLY)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import FormatError


@dataclass(frozen=True, slots=True)
class Scan:
    """A surface.

    Args:
        vertices: shape (n, 3), in the file's unit, by custom millimetres.
        faces: shape (f, 3), triangles; None where the file holds points only.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64] | None


def read_ply(path: Path) -> Scan:
    """A scan from a PLY file, text or binary; polygons are cut into triangles that share their first corner.

    Raises:
        FormatError: not a PLY file, or without vertices.
    """
    from plyfile import PlyData, PlyParseError

    try:
        data = PlyData.read(str(path))
        vertex = data["vertex"]
        vertices = np.stack([np.asarray(vertex[axis], dtype=np.float64) for axis in "xyz"], axis=1)
    except (PlyParseError, KeyError, ValueError) as error:
        raise FormatError("not a scan", found=str(error), valid="PLY with vertices x, y, z", where=path.name) from error
    triangles: list[tuple[int, int, int]] = []
    if "face" in data:
        corners_of = data["face"].data[data["face"].properties[0].name]
        for corners in corners_of:
            triangles += [(corners[0], corners[k], corners[k + 1]) for k in range(1, len(corners) - 1)]
    return Scan(vertices, np.array(triangles, dtype=np.int64) if triangles else None)
