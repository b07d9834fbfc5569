"""Speed and memory of a search in tiles: ``benchmarks/search.py --bones 20000 --families 20000 --cluster local:2``.

Families and bones are invented; every bone is of the missing member of the family of its number. The time contains the
peeling of the families. What is compiled is compiled before the clock starts.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import psutil

from cenotaph.identification.cluster import cluster_workers
from cenotaph.identification.search import StrProblem, key_of
from cenotaph.identification.tiles import in_this_process, search_in_tiles
from invented_families import InventedFamilies

GB = 1 << 30


def problem_of(bones: int, families: int, tile: int) -> StrProblem:
    """Bones against families, the ten best from log10 LR 2."""
    invented = InventedFamilies(families)
    key = key_of({}, bones=bones, families=families, tile=tile)
    return StrProblem(invented.bones(bones), invented, 1e-4, 2.0, 10, tile, key)


@contextmanager
def watched() -> Iterator[dict[int, int]]:
    """Greatest resident memory, in bytes, that each process of this program was seen with, by process id."""
    peaks: dict[int, int] = {}
    done = threading.Event()

    def look() -> None:
        me = psutil.Process()
        while not done.wait(0.5):
            for process in (me, *me.children(recursive=True)):
                try:
                    peaks[process.pid] = max(peaks.get(process.pid, 0), process.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peaks
    finally:
        done.set()
        thread.join()


def main() -> None:
    """Search once and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bones", type=int, default=4_096)
    parser.add_argument("--families", type=int, default=4_096)
    parser.add_argument("--tile", type=int, default=1_024)
    parser.add_argument("--cluster", help="local:N or the address of a scheduler; default this process")
    asked = parser.parse_args()
    problem = problem_of(asked.bones, asked.families, asked.tile)
    with (
        tempfile.TemporaryDirectory() as folder,
        watched() as peaks,
        cluster_workers(asked.cluster) if asked.cluster else nullcontext(in_this_process) as workers,
    ):
        search_in_tiles(problem_of(8, 8, 8), Path(folder), workers, lambda step, done, total: None)
        begin = time.perf_counter()

        def show(_: str, done: int, total: int) -> None:
            if done % 10 == 0 or done == total:
                print(f"  {done} of {total} bands, {time.perf_counter() - begin:.0f} s", flush=True)

        hits, tiles = search_in_tiles(problem, Path(folder), workers, show)
        seconds = time.perf_counter() - begin
        others = [peak / GB for pid, peak in peaks.items() if pid != os.getpid()]
    pairs = asked.bones * asked.families
    first = np.append(True, hits.bone[1:] != hits.bone[:-1])
    right = int((hits.bone[first] == hits.man[first]).sum())
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    print(f"{asked.bones:,} bones × {asked.families:,} families, 22 markers, {tiles} tiles of {asked.tile} squared")
    print(
        f"workers: {asked.cluster or 'this process, all cores'}; {seconds:.1f} s; {pairs / seconds:.3g} pairs a second"
    )
    print(f"peak memory: this process {own:.2f} GB; greatest of the others {max(others, default=0.0):.2f} GB")
    print(
        f"{len(hits.bone):,} hits; the first is the right family for {right:,} of {min(asked.bones, asked.families):,}"
    )


if __name__ == "__main__":
    main()
