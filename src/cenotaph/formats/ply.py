"""Scans of bones in the Polygon File Format (PLY)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    from plyfile import PlyData

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Of rows that are not there, NumPy only warns.
            data = PlyData.read(str(path))
            vertex = data["vertex"]
            vertices = np.stack([np.asarray(vertex[axis], dtype=np.float64) for axis in "xyz"], axis=1)
            faces = _triangles(data) if "face" in data else []
    except Exception as error:  # The library ends with whatever NumPy ends with.
        found = str(error)[:100]
        raise FormatError("not a scan", found=found, valid="PLY with vertices x, y, z", where=path.name) from error
    triangles = np.array(faces, dtype=np.int64) if faces else None
    if triangles is not None and not (triangles.min() >= 0 and triangles.max() < len(vertices)):
        raise FormatError("a face without its vertices", valid=f"numbers up to {len(vertices) - 1}", where=path.name)
    return Scan(vertices, triangles)


def _triangles(data: Any) -> list[tuple[int, int, int]]:
    """Faces, polygons cut into triangles that share their first corner."""
    corners_of = data["face"].data[data["face"].properties[0].name]
    return [
        (int(corners[0]), int(corners[k]), int(corners[k + 1]))
        for corners in corners_of
        for k in range(1, len(corners) - 1)
    ]
