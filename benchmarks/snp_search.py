"""Speed and memory of a search by SNPs: ``benchmarks/snp_search.py --bones 2000 --families 2800 --snps 10000``.

Families, donors and bones are invented; every bone is of the missing member of the family of its number and has one
read a SNP on average. The time contains the reduction of the families. What is compiled is compiled before the clock
starts.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from cenotaph.evidence.combine import ErrorSettings
from cenotaph.evidence.line import States
from cenotaph.evidence.snp_data import SnpSettings
from cenotaph.identification.cluster import cluster_workers
from cenotaph.identification.search import key_of
from cenotaph.identification.snp_search import LineOfBones, SnpProblem, matches
from cenotaph.identification.tiles import in_this_process, search_in_tiles
from invented_snps import invented
from search import GB, watched


def problem_of(bones: int, families: int, snps: int, tile: int) -> SnpProblem:
    """Bones against families, the ten best from log10 LR 2."""
    case, data = invented(bones, families, snps)
    line = LineOfBones(data, case, States.of(case), SnpSettings())
    key = key_of({}, bones=bones, families=families, snps=snps, tile=tile)
    return SnpProblem(line, case.samples_of, ErrorSettings(), 2.0, 10, tile, key)


def main() -> None:
    """Search once and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bones", type=int, default=500)
    parser.add_argument("--families", type=int, default=700)
    parser.add_argument("--snps", type=int, default=10_000)
    parser.add_argument("--tile", type=int, default=1_024)
    parser.add_argument("--cluster", help="local:N or the address of a scheduler; default this process")
    asked = parser.parse_args()
    small = problem_of(16, 16, 500, 16)
    problem = problem_of(asked.bones, asked.families, asked.snps, asked.tile)
    with (
        tempfile.TemporaryDirectory() as folder,
        watched() as peaks,
        cluster_workers(asked.cluster) if asked.cluster else nullcontext(in_this_process) as workers,
    ):
        search_in_tiles(small, Path(folder), workers, lambda step, done, total: None)
        sum(1 for _ in matches(small.line, small.sets, 2.0))
        begin = time.perf_counter()
        hits, _ = search_in_tiles(problem, Path(folder), workers, lambda step, done, total: None)
        families_s = time.perf_counter() - begin
        begin = time.perf_counter()
        pairs = sum(1 for _ in matches(problem.line, problem.sets, 2.0))
        bones_s = time.perf_counter() - begin
    first = dict(zip(hits.bone[::-1].tolist(), hits.man[::-1].tolist(), strict=True))
    right = sum(bone == man for bone, man in first.items())
    print(f"{asked.bones:,} bones x {asked.families:,} families x {asked.snps:,} SNPs: {families_s:.0f} s")
    print(f"bones against bones: {bones_s:.0f} s, {pairs} pairs")
    print(
        f"{len(hits.bone):,} hits; the first is the right family for {right:,} of {min(asked.bones, asked.families):,}"
    )
    print(f"greatest memory: {max(peaks.values()) / GB:.1f} GB in one process, {len(peaks)} processes")


if __name__ == "__main__":
    main()
