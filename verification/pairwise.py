"""The usual way, as a baseline: every bone's DNA by itself against every missing person, named beyond a threshold.

    python verification/pairwise.py DOSSIER OUT [--least 0.999]

The likelihoods are those of the program (autosomal STR, mtDNA and Y-STR, their errors mixed in); nothing else is used.
A bone is each man's with the same prior odds of 1 to m against nobody on the roster of m men, so that

    P(man) = LR(man) / (m + sum of LR over all men),

and the bone is given his name if that is at least the threshold. On a roster of 2,800 men with one candidate that asks
for log10 LR ≥ 6.4. Bones of one name are one individual, all others stand alone. OUT gets the tables of a result.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.read import read_dossier
from cenotaph.evidence.case import Case
from cenotaph.evidence.combine import ErrorSettings, Evidence
from cenotaph.evidence.line import FOREIGN, States
from cenotaph.evidence.registry import LINES, LineSettings, build_lines
from cenotaph.identification.settings import PriorSettings
from cenotaph.provenance import Run

DNA = ("str", "mtdna", "ystr")
AT_ONCE, KEPT = 64, 10


def posteriors(folder: Path) -> tuple[Case, list[int], NDArray[np.float64]]:
    """The case, the specimens with DNA, and the probability of each man for each of these."""
    dossier = read_dossier(folder).in_order()
    case = Case.from_dossier(dossier)
    states = States.of(case)
    lines = build_lines(dossier, case, states, LineSettings(), frozenset(LINES) - set(DNA), Run("pairwise", 1, {}))
    evidence = Evidence(case, states, lines, ErrorSettings(), _nobody(case))
    sets = {s: evidence.exhibits_of([s]) for s in range(len(case.specimen_ids))}
    bones = [s for s, exhibits in sets.items() if exhibits]
    men = np.arange(len(case.missing_ids))
    found = np.zeros((len(bones), len(men)))
    for first in range(0, len(bones), AT_ONCE):
        rows = slice(first, first + AT_ONCE)
        told = evidence.likelihoods([sets[s] for s in bones[rows]], men)
        anybody = np.logaddexp.reduce(told.populations + np.log(evidence.nobody), axis=1)
        log_lr = told.men - anybody[:, None]
        total = np.logaddexp(np.logaddexp.reduce(log_lr, axis=1), np.log(len(men)))
        found[rows] = np.exp(log_lr - total[:, None])
    return case, bones, found


def _nobody(case: Case) -> NDArray[np.float64]:
    """Shares of the populations among those who are not on the roster, as the program assumes before it learns."""
    origins = PriorSettings().origins
    foreign = np.array([origins.get(name, 0.0) for name in FOREIGN])
    shares = np.concatenate([origins["unlisted"] * np.asarray(case.population_share), foreign])
    result: NDArray[np.float64] = np.maximum(shares, 1e-9) / np.maximum(shares, 1e-9).sum()
    return result


def write(folder: Path, out: Path, least: float) -> None:
    """Name the bones, and write the tables that are scored."""
    case, bones, probability = posteriors(folder)
    best = probability.argmax(axis=1)
    highest = probability[np.arange(len(bones)), best]
    individuals: dict[str, list[int]] = defaultdict(list)
    for k, bone in enumerate(bones):
        name = f"N-{case.missing_ids[best[k]]}" if highest[k] >= least else f"I-{case.specimen_ids[bone]}"
        individuals[name].append(k)
    out.mkdir(parents=True)
    with_dna = set(bones)
    people, answers, candidates = [], [], []
    for name, members in individuals.items():
        lead = max(members, key=lambda k: highest[k])
        verdict = "identification" if name.startswith("N-") else "unresolved"
        people.append((name, len(members), case.missing_ids[best[lead]], f"{highest[lead]:.9f}", verdict))
        answers += [(case.specimen_ids[bones[k]], name, *_likeliest(case, probability[k])) for k in members]
        order = np.argsort(-probability[lead], kind="stable")[:KEPT]
        candidates += [
            (name, r, case.missing_ids[m], f"{probability[lead, m]:.9f}") for r, m in enumerate(order, start=1)
        ]
    for bone, specimen in enumerate(case.specimen_ids):
        if bone not in with_dna:
            people.append((f"I-{specimen}", 1, "", "0", "unresolved"))
    _write(out / "individuals.csv", "individual_id specimens missing_id probability verdict", people)
    _write(out / "assignments.csv", "specimen_id individual_id missing_id probability", answers)
    _write(out / "candidates.csv", "individual_id rank missing_id probability", candidates)


def _likeliest(case: Case, probability: NDArray[np.float64]) -> tuple[str, str]:
    """The likeliest answer, nobody on the roster among them, and its probability."""
    nobody = 1 - probability.sum()
    best = int(probability.argmax())
    if nobody > probability[best]:
        return "", f"{nobody:.9f}"
    return case.missing_ids[best], f"{probability[best]:.9f}"


def _write(path: Path, header: str, rows: list[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split())
        writer.writerows(rows)


def main() -> None:
    """Answer one dossier."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("dossier", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--least", type=float, default=0.999, help="posterior probability that a name needs")
    asked = options.parse_args()
    write(asked.dossier, asked.out, asked.least)


if __name__ == "__main__":
    main()
