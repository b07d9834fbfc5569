"""The rectangle of bones × missing persons, searched in tiles: small results in a work folder, merged at the end.

A *band* is a run of missing persons: whoever works on it makes their genotype tables once and goes through the tiles of
the band, one run of bones after the other. Every finished tile is a file whose name is a digest of the inputs and of
the tile's place, written under another name first. A band that is begun again, after the death of a worker or of the
whole search, makes the tiles that are missing and no others. Memory is that of one band's tables and one tile.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np

from cenotaph.errors import InvalidInput
from cenotaph.genetics.mixed_search import Hits, merge_hits

Show = Callable[[str, int, int], None]


Band = Callable[[int, int], Hits]
"""Searches the bones first … last − 1 against the missing persons of a band; both are numbered from the first."""


class Problem(Protocol):
    """What is searched and what is kept; it is pickled for the workers.

    Attributes:
        bones, men: how many there are.
        top: missing persons kept for each bone.
        tile: bones and missing persons of a tile.
        key: digest of everything that the result depends on but the tile's place.
    """

    @property
    def bones(self) -> int: ...
    @property
    def men(self) -> int: ...
    @property
    def top(self) -> int: ...
    @property
    def tile(self) -> int: ...
    @property
    def key(self) -> str: ...
    def band(self, first: int, last: int) -> Band:
        """Make ready the missing persons first … last − 1."""
        ...


@dataclass(frozen=True, slots=True)
class Work:
    """A band of a problem in a folder: all that a worker is told.

    Args:
        folder: work folder, seen by every worker under this path.
        key: of the problem.
        first: first missing person.
        threads: threads of the compiled kernels, 0 for as many as there are cores.
    """

    folder: str
    key: str
    first: int
    threads: int = 0


class Workers(Protocol):
    """Whoever does bands: gives back, in any order, the number of tiles that each band had to make."""

    def __call__(self, bands: Sequence[Work]) -> Iterable[int]: ...


def search_in_tiles(problem: Problem, folder: Path, workers: Workers, show: Show) -> tuple[Hits, int]:
    """All hits of the problem, and how many tiles had to be made: those that lie in *folder* are not made again.

    Raises:
        InvalidInput: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / f"{problem.key}.problem", pickle.dumps(problem))
    except OSError as error:
        raise InvalidInput("the work folder cannot be written", found=str(folder), where="--work") from error
    bands = [Work(str(folder.resolve()), problem.key, first) for first in _starts(problem.men, problem.tile)]
    made = 0
    show("search", 0, len(bands))
    for done, count in enumerate(workers(bands), start=1):
        made += count
        show("search", done, len(bands))
    tiles = [
        tile_path(folder, problem.key, bone, band.first)
        for band in bands
        for bone in _starts(problem.bones, problem.tile)
    ]
    return merge_hits([_read(path) for path in tiles], problem.top), made


def remove_work(problem: Problem, folder: Path) -> None:
    """Take the problem's own files out of *folder*, and the folder itself if nothing else lies there."""
    own = {
        tile_path(folder, problem.key, bone, man).stem
        for bone in _starts(problem.bones, problem.tile)
        for man in _starts(problem.men, problem.tile)
    }
    for path in list(folder.iterdir()):
        # By stem: what a killed writer left half done goes with the rest.
        if path.stem in own or path.stem == problem.key:
            path.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()


def in_this_process(bands: Sequence[Work]) -> Iterable[int]:
    """One band after the other, on all cores."""
    return map(search_band, bands)


def search_band(band: Work) -> int:
    """Make the tiles of a band that are missing; returns how many that were."""
    if band.threads:
        import numba

        numba.set_num_threads(band.threads)
    folder = Path(band.folder)
    problem = _problem(folder / f"{band.key}.problem")
    bones = _starts(problem.bones, problem.tile)
    missing = [bone for bone in bones if not tile_path(folder, band.key, bone, band.first).exists()]
    if not missing:
        return 0
    search = problem.band(band.first, min(band.first + problem.tile, problem.men))
    for bone in missing:
        found = search(bone, min(bone + problem.tile, problem.bones))
        found = Hits(found.bone + np.int32(bone), found.man + np.int32(band.first), found.log10_lr)
        _write(tile_path(folder, band.key, bone, band.first), _as_bytes(found))
    return len(missing)


def tile_path(folder: Path, key: str, bone: int, man: int) -> Path:
    """Where the tile that begins at this bone and this missing person lies."""
    return folder / f"{hashlib.sha256(f'{key} {bone} {man}'.encode()).hexdigest()[:32]}.tile"


def _starts(count: int, tile: int) -> range:
    return range(0, count, tile)


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, whoever else writes the same file."""
    beside = path.with_suffix(f".{os.getpid()}-{os.urandom(4).hex()}")
    beside.write_bytes(content)
    beside.replace(path)


def _read(path: Path) -> Hits:
    with np.load(path) as arrays:
        return Hits(arrays["bone"], arrays["man"], arrays["log10_lr"])


def _as_bytes(hits: Hits) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, bone=hits.bone, man=hits.man, log10_lr=hits.log10_lr)
    return stream.getvalue()


@lru_cache(maxsize=1)
def _problem(path: Path) -> Problem:
    problem: Problem = pickle.loads(path.read_bytes())
    return problem
