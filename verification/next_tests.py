"""Names per 100 samples, by the order in which bones are cut: ``make verify``.

    python verification/next_tests.py [--handovers K] [--seed FIRST] [--individuals N] [--withheld SHARE]
        [--batches N] [--batch SIZE]

Of simulated handovers a share of the laboratory's bone samples, the failed ones among them, is put back. Then bones are
cut again, batch after batch, in the order of `cenotaph next`, at random, or femora first; after each batch everything
is identified anew. A name is right if most of the individual's bones are his.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl

from cenotaph.dossier.read import Dossier
from cenotaph.identification.actions import success_of
from cenotaph.identification.identify import Identification, identify
from cenotaph.identification.next_tests import next_tests
from cenotaph.identification.settings import Settings
from cenotaph.provenance import Run
from cenotaph.simulation.handover import simulate_handover
from cenotaph.simulation.plan import HandoverPlan

MISSING_PER_INDIVIDUAL = 10
LABORATORY = ("samples", "str_profiles", "ystr_profiles", "mtdna_profiles")
Order = Callable[[Identification, Dossier, Sequence[str], np.random.Generator], list[str]]
"""Of an identification, its dossier and the bones that can be cut: these, the first to cut first."""


def elements_of(dossier: Dossier) -> dict[str, str]:
    """Element of every specimen."""
    return {s: e or "unknown" for s, e in dossier.table("specimens").select("specimen_id", "element").iter_rows()}


def ranked(found: Identification, dossier: Dossier, bones: Sequence[str], rng: np.random.Generator) -> list[str]:
    """By expected names, then by the chance of a profile."""
    tests = next_tests(found, dossier, samplable=frozenset(bones))
    expected = {t.subject_id: t.expected_names for t in tests if t.action == "sample_bone"}
    element = elements_of(dossier)
    return sorted(bones, key=lambda s: (-expected.get(s, 0.0), -success_of(element[s])[0], s))


def at_random(found: Identification, dossier: Dossier, bones: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Any bone."""
    return [bones[k] for k in rng.permutation(len(bones))]


def femora_first(found: Identification, dossier: Dossier, bones: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Femora, then any bone."""
    element = elements_of(dossier)
    return sorted(at_random(found, dossier, bones, rng), key=lambda s: element[s] != "femur")


RANKED = "cenotaph next"
ORDERS: Mapping[str, Order] = {RANKED: ranked, "at random": at_random, "femora first": femora_first}


def without_samples(dossier: Dossier, bones: frozenset[str]) -> Dossier:
    """The dossier before these bones were cut."""
    samples = dossier.table("samples")
    gone = set(
        samples.filter((pl.col("origin") == "specimen") & pl.col("origin_id").is_in(list(bones)))
        .get_column("sample_id")
        .to_list()
    )
    texts = {
        name: table.filter(~pl.col("sample_id").is_in(list(gone))) if name in LABORATORY else table
        for name, table in dossier.texts.items()
    }
    return Dossier.from_texts(texts, descriptor=dossier.descriptor)


def answered(dossier: Dossier) -> Identification:
    """The identification with the usual settings."""
    return identify(dossier, Settings(), Run("identify", 1, {}))


def names(found: Identification, truth: Mapping[str, str]) -> tuple[set[str], int]:
    """Men rightly named, and the number of wrong names."""
    right, wrong = set[str](), 0
    for one in found.individuals:
        if one.verdict.word == "identification":
            man = found.case.missing_ids[one.candidates[0].man]
            of = Counter(truth[found.case.specimen_ids[s]] for s in one.specimens).most_common(1)[0][0]
            right, wrong = right | {man} if of == man else right, wrong + (of != man)
    return right, wrong


def gains(seed: int, asked: argparse.Namespace) -> dict[str, tuple[int, int, int]]:
    """Of one handover, by order: further right names, wrong names, samples."""
    n = asked.individuals
    made = simulate_handover(HandoverPlan(n, max(n // 4, 2), MISSING_PER_INDIVIDUAL * n, seed))
    truth = {r["specimen_id"]: r["missing_id"] or "" for r in made.truth.iter_rows(named=True)}
    of_bones = made.dossier.table("samples").filter(pl.col("origin") == "specimen")
    cut = sorted(set(of_bones.get_column("origin_id").to_list()))
    rng = np.random.default_rng(seed)
    withheld = [cut[k] for k in sorted(rng.permutation(len(cut))[: round(asked.withheld * len(cut))])]
    first = without_samples(made.dossier, frozenset(withheld))
    begin = answered(first)
    before, _ = names(begin, truth)
    result = {}
    for label, order in ORDERS.items():
        left, dossier, found, done = list(withheld), first, begin, 0
        draws = np.random.default_rng([seed, 1])
        for _ in range(asked.batches):
            batch = order(found, dossier, left, draws)[: asked.batch]
            left = [s for s in left if s not in set(batch)]
            done += len(batch)
            dossier = without_samples(made.dossier, frozenset(left))
            found = answered(dossier)
        after, wrong = names(found, truth)
        result[label] = (len(after) - len(before), wrong, done)
    return result


def told_mean(values: np.ndarray) -> str:
    """Mean and standard error over handovers."""
    error = values.std(ddof=1) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    return f"{values.mean():.1f} ± {error:.1f}"


def main() -> int:
    """Print a table, one row for each order: means over handovers with standard errors, differences by handover."""
    from rich.console import Console
    from rich.table import Table

    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--handovers", type=int, default=3)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--individuals", type=int, default=60)
    options.add_argument("--withheld", type=float, default=0.7)
    options.add_argument("--batches", type=int, default=2)
    options.add_argument("--batch", type=int, default=40)
    asked = options.parse_args()
    console = Console(stderr=True)
    found: dict[str, list[tuple[int, int, int]]] = {label: [] for label in ORDERS}
    for seed in range(asked.seed, asked.seed + asked.handovers):
        begin = time.perf_counter()
        of_seed = gains(seed, asked)
        for label, counted in of_seed.items():
            found[label].append(counted)
        told = ", ".join(f"{label} {n:+d}" for label, (n, *_) in of_seed.items())
        console.print(f"seed {seed}: {told}, {time.perf_counter() - begin:.0f} s")
    table = Table(title="Right names gained by cutting bones", title_justify="left")
    for column in ("order", "samples", "names", "WRONG", "names per 100 samples", "the ranking ahead by"):
        table.add_column(column, justify="left" if column == "order" else "right")
    rates = {label: np.array([100 * n / max(done, 1) for n, _, done in counts]) for label, counts in found.items()}
    for label, counts in found.items():
        samples, gained, wrong = (sum(c[k] for c in counts) for k in (2, 0, 1))
        behind = "" if label == RANKED else told_mean(rates[RANKED] - rates[label])
        table.add_row(label, str(samples), str(gained), str(wrong), told_mean(rates[label]), behind)
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
