"""Speed beside what other programs need: ``make bench``.

Each measurement runs in a process of its own, so that its peak memory is its own. What has to be compiled is
compiled before the clock starts. Inputs that lie beside the project are used where they are present.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import osteology

if TYPE_CHECKING:
    from cenotaph.genetics.pedigree import Pedigree

SHARED = Path(__file__).resolve().parents[2] / "shared"
ORACLE = SHARED / "oracle" / "dna"
PROGRAM = Path(sys.executable).with_name("cenotaph")

ELSEWHERE = "measured elsewhere on R 4.2.2, see oracle baseline"
PEER_PAIR_S = 5.0e-3
PEER_FAMILY_TABLE_S = 0.66
PEER_STEPWISE_PAIR_S = 0.47
PEER_JOINT_STOPPED_S = 200.0
PEER_SNP_S = {"fullsibs": 1.7, "cousins": 2.4}
"""CPU seconds of dvir, forrel and pedprobr; medians of the runs."""

PROFILES = FAMILIES = 10_000
MARKERS, ALLELES = 22, 20
GENOTYPES = ALLELES * (ALLELES + 1) // 2


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured time, its bar and the peer's time for the same work.

    Args:
        peer_s: seconds; None if there is no peer.
        note: what the reader must know beside the numbers.
        preparation_s: seconds spent before, which the peer's time has and the bar does not ask for.
        peer_unfinished: the peer was stopped on a smaller problem, so that it needs more than its time.
    """

    what: str
    seconds: float
    bar_s: float
    peer_s: float | None = None
    note: str = ""
    preparation_s: float = 0.0
    peer_unfinished: bool = False

    @property
    def times_faster(self) -> str:
        """The peer's time divided by ours, preparation included."""
        if self.peer_s is None:
            return "–"
        return f"{'> ' if self.peer_unfinished else ''}{self.peer_s / (self.seconds + self.preparation_s):,.0f}"


def best_of(runs: int, work: Callable[[], object]) -> float:
    """Least seconds of several runs, after one that compiles."""
    work()
    return min(timed(work) for _ in range(runs))


def timed(work: Callable[[], object]) -> float:
    """Seconds of one run."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


# Look-up


def observation_types(rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """Per marker: every called genotype with a little error, then every allele whose partner is open."""
    first, second = zip(*[(a, b) for b in range(ALLELES) for a in range(b + 1)], strict=True)
    called = 0.98 * np.eye(GENOTYPES) + 1e-4
    opened = np.array(
        [[0.5 if a in (x, y) else 1e-4 for x, y in zip(first, second, strict=True)] for a in range(ALLELES)]
    )
    return [np.vstack([called, opened * rng.uniform(0.9, 1.0)]) for _ in range(MARKERS)]


def lookup() -> Iterator[Figure]:
    """10,000 profiles against 10,000 families; tables of families are random, as speed does not depend on them."""
    from cenotaph.genetics.search import build_lookup, top_hits

    rng = np.random.default_rng(1)
    offsets = np.arange(MARKERS + 1) * GENOTYPES
    tables = np.empty((FAMILIES, MARKERS * GENOTYPES), dtype=np.float32)
    for block in np.split(tables, 20):
        block[:] = rng.random(block.shape, dtype=np.float32)
    for m in range(MARKERS):
        part = tables[:, offsets[m] : offsets[m + 1]]
        part /= part.sum(axis=1, keepdims=True)
    baseline = tables.mean(axis=0, dtype=np.float64)
    types = observation_types(rng)
    begin = time.perf_counter()
    table = build_lookup(tables, offsets, types, baseline)
    built = time.perf_counter() - begin
    called = rng.integers(0, GENOTYPES, (PROFILES, MARKERS))
    some_open = np.where(rng.random(called.shape) < 0.3, GENOTYPES + rng.integers(0, ALLELES, called.shape), called)
    peer = PEER_PAIR_S * PROFILES * FAMILIES
    note = f"{built:.1f} s to build the table are in the ratio, the families' own tables (below) are not"
    for name, kinds, bar in (("called", called, 2.0), ("30 % of second alleles open", some_open, 10.0)):
        codes = (table.type_offsets + kinds).astype(np.int32)
        top_hits(table, codes[:10])
        seconds = best_of(2, lambda codes=codes: top_hits(table, codes, 10))
        yield Figure(f"look-up 10,000 × 10,000 × 22, top 10, {name}", seconds, bar, peer, note, preparation_s=built)


# Family tables


def family_tables_each() -> Iterator[Figure]:
    """A missing man, his typed brother and his typed niece, at 22 markers of 20 alleles."""
    from cenotaph.genetics.family_table import MarkerModel, family_tables, plan_peeling
    from cenotaph.genetics.mutation import stepwise

    rng = np.random.default_rng(1)
    names = tuple(str(10 + i) for i in range(ALLELES))
    frequencies = rng.dirichlet(np.ones(ALLELES), size=MARKERS)[None]
    father, mother = np.array([-1, -1, 0, 0, 0, -1, 4]), np.array([-1, -1, 1, 1, 1, -1, 5])
    typed = np.isin(np.arange(7), (3, 6))
    plan = plan_peeling(father, mother, typed, 2)
    for name, matrix, families, bar, peer, note in (
        ("no mutation", np.eye(ALLELES), 1000, 0.3e-3, PEER_FAMILY_TABLE_S, "peer: one family's distribution"),
        ("stepwise", stepwise(names, 0.002), 200, 10e-3, PEER_STEPWISE_PAIR_S, "peer: one pair"),
    ):
        matrices = np.broadcast_to(matrix, (1, MARKERS, ALLELES, ALLELES)).copy()
        model = MarkerModel(tuple(map(str, range(MARKERS))), (names,) * MARKERS, frequencies, matrices, matrices)
        genotypes = []
        for _ in range(families):
            seen = np.full((7, MARKERS, 2), -1, dtype=np.int16)
            seen[typed] = rng.integers(0, ALLELES, (2, MARKERS, 2))
            genotypes.append(seen)
        args = (model, [plan] * families, np.zeros(families, dtype=np.int64), genotypes)
        errors = [np.full(7, 0.001)] * families
        seconds = best_of(2, lambda args=args, errors=errors: family_tables(*args, call_errors=errors))
        yield Figure(f"family table, 22 markers, sib + niece, {name}", seconds / families, bar, peer, note)


# Joint identification and SNP pairs


def joint() -> Iterator[Figure]:
    """100 victims and 100 missing, one a family."""
    from cenotaph.formats.joint_document import read_joint_problem
    from cenotaph.genetics.dvi import solve

    path = needed(ORACLE / "baseline_inputs_dvi100.json")
    problem = read_joint_problem(path)
    begin = time.perf_counter()
    solution = solve(problem, rng=np.random.default_rng(1))
    seconds = time.perf_counter() - begin
    error = float(solution.posterior.error.max())
    note = f"posterior {solution.posterior.method}, largest error {error:.1e}; peer: 6 × 6, stopped unfinished"
    yield Figure("joint identification 100 × 100", seconds, 5.0, PEER_JOINT_STOPPED_S, note, peer_unfinished=True)


def snp_pairs() -> Iterator[Figure]:
    """10,000 unlinked markers, two relationships; the answer must be the peer's."""
    from cenotaph.genetics.pedigree import Pedigree
    from cenotaph.genetics.snp_pair import snp_pair_log10_lr

    for name, peer in PEER_SNP_S.items():
        case = json.loads(needed(ORACLE / f"baseline_snp_{name}_10000.json").read_text(encoding="utf-8"))
        rows = case["pedigree"][0]["individuals"]
        sexes = {"M": 1, "F": 2}
        pedigree = Pedigree.from_rows([(r["id"], r["father"], r["mother"], sexes.get(r["sex"], 0)) for r in rows])
        counts = [np.array(case["genotypes_count_allele1"][p]) for p in ("A", "B")]
        frequencies = np.array(case["freq_allele1"])

        def work(pedigree: Pedigree = pedigree, frequencies=frequencies, counts=counts) -> float:
            return float(snp_pair_log10_lr(pedigree, "A", "B", frequencies, *counts).sum())

        expected = case["log10LR_vs_unrelated"]
        same = "the peer's LR" if np.isclose(work(), expected, rtol=1e-9) else f"NOT the peer's LR {expected}"
        yield Figure(f"SNP pair, 10,000 markers, {name}", best_of(5, work), 20e-3, peer, same)
        yield snp_line(pedigree, frequencies, counts, name, peer)


def snp_line(
    pedigree: Pedigree, frequencies: NDArray[np.float64], counts: list[NDArray[np.int64]], name: str, peer: float
) -> Figure:
    """The line ``snp`` on the same pair, with linkage, which the peer has not: the family and a block of bones."""
    from cenotaph.genetics._snp_kernel import LANES
    from cenotaph.genetics.snp_family import FamilyReducer, blocks_of
    from cenotaph.simulation.snps import spread_snps

    known = np.eye(3, dtype=np.float32)
    reducer = FamilyReducer(frequencies, spread_snps(len(frequencies), np.random.default_rng(1)))
    bones = blocks_of(np.repeat(known[counts[1]][None], LANES, axis=0))

    def work() -> object:
        relatives = {pedigree.index("A"): known[counts[0]]}
        family = reducer.reduce(pedigree.father, pedigree.mother, pedigree.index("B"), relatives)
        return reducer.bone_logliks(family, bones, LANES)

    seconds = best_of(5, work) / LANES
    note = f"one of {LANES} bones that walk together, with linkage; the peer has none"
    return Figure(f"the line snp, 10,000 markers, {name}, per bone", seconds, 20e-3, peer, note)


# The program as a user runs it


def identify() -> Iterator[Figure]:
    """A small handover, the second run: the first compiles."""
    dossier = needed(SHARED / "examples" / "handover-small")
    with tempfile.TemporaryDirectory() as folder:
        command = [PROGRAM, "identify", dossier, "--out", Path(folder) / "result", "--quiet"]
        first, second = (timed(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(2))
    yield Figure("identify handover-small, second run", second, 10.0, None, f"run before it: {first:.1f} s")


def start_up() -> Iterator[Figure]:
    """The command line answers."""
    seconds = best_of(5, lambda: subprocess.run([PROGRAM, "--help"], check=True, capture_output=True))
    yield Figure("cenotaph --help", seconds, 0.4)


# Running and printing


class Absent(Exception):
    """An input that lies beside the project is not there."""


def needed(path: Path) -> Path:
    """The path, if it is there."""
    if not path.exists():
        raise Absent(path.name)
    return path


MEASUREMENTS = (lookup, family_tables_each, joint, snp_pairs, identify, start_up)


def measure(index: int) -> tuple[list[Figure], str, float]:
    """Figures of one measurement, what was absent, and peak memory in GB of this process and its children."""
    figures: list[Figure] = []
    absent = ""
    try:
        figures.extend(MEASUREMENTS[index]())
    except Absent as missing:
        absent = str(missing)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return figures, absent, peak / 1e6


def time_words(seconds: float) -> str:
    """Seconds in a unit that can be read.

    >>> time_words(0.00024), time_words(1.5), time_words(500000.0)
    ('0.24 ms', '1.5 s', '5.8 days')
    """
    if seconds < 1:
        return f"{seconds * 1e3:.3g} ms"
    return f"{seconds:.3g} s" if seconds < 86_400 else f"{seconds / 86_400:.2g} days"


def main() -> None:
    """Measure everything and print a table."""
    from rich.console import Console
    from rich.table import Table

    table = Table("what", "here", "bar", "", "peer", "times faster", "memory", "note", title="Speed on this machine")
    console = Console(width=None if sys.stdout.isatty() else 190)
    spawn = multiprocessing.get_context("spawn")
    for index, function in enumerate(MEASUREMENTS):
        console.print(f"… {function.__name__.replace('_', ' ')}", style="dim")
        with spawn.Pool(1) as pool:
            figures, absent, peak = pool.apply(measure, (index,))
        for f in figures:
            reached = "reached" if f.seconds <= f.bar_s else "MISSED"
            peer = "–" if f.peer_s is None else time_words(f.peer_s)
            here, bar = time_words(f.seconds), time_words(f.bar_s)
            table.add_row(f.what, here, bar, reached, peer, f.times_faster, f"{peak:.2f} GB", f.note)
        if absent:
            table.add_row(function.__name__.replace("_", " "), "skipped", *[""] * 5, f"{absent} is not here")
    console.print(table)
    console.print(f"Peers: dvir, forrel, pedprobr; {ELSEWHERE}.")
    console.print("\nBones; peers: OsteoSort 1.2.6 (time) and 2.0 (first of 50), measured elsewhere")
    osteology.main()


if __name__ == "__main__":
    main()
