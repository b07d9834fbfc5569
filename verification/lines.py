"""Every line of evidence by itself, on simulated handovers whose rates are not the engine's.

    python verification/lines.py [--handovers K] [--preset small] [--seed FIRST] [--out FOLDER]

For each line: the ratios of true and false names (all bones of one true individual against every man of the roster) and
of true and false pairs of bones, their Cllr and their calibration. With --out a Tippett plot is drawn for each line.
Exit status 1 where a line costs more than saying nothing, if it was asked often enough to tell.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.read import read_dossier
from cenotaph.evidence.calibration import calibration_table, tippett
from cenotaph.evidence.case import Case
from cenotaph.evidence.combine import ErrorSettings, Evidence
from cenotaph.evidence.line import Line, States
from cenotaph.evidence.registry import LineSettings, build_lines
from cenotaph.provenance import Run
from cenotaph.scoring import cllr
from cenotaph.simulation.handover import truth_folder
from cenotaph.units import LN10
from run import simulated
from score import read

Ratios = dict[tuple[str, str], tuple[list[float], list[float]]]
FALSE_KEPT = 200_000
LEAST_TRUE = 20
"""With fewer true names or pairs a line's cost cannot be told from that of saying nothing, and is only printed."""


def ratios_of(dossier_folder: Path, ratios: Ratios) -> None:
    """Add natural-log ratios of one handover, by (line, what is compared)."""
    dossier = read_dossier(dossier_folder).in_order()
    case = Case.from_dossier(dossier)
    states = States.of(case)
    run = Run("verification", 1, {})
    lines = build_lines(dossier, case, states, LineSettings(), frozenset(), run)
    populations = len(case.populations) + 3
    evidence = Evidence(case, states, lines, ErrorSettings(), np.full(populations, 1 / populations))
    truth = {row["specimen_id"]: row for row in read(truth_folder(dossier_folder) / "truth.csv")}
    man = {m: i for i, m in enumerate(case.missing_ids)}
    bones: dict[str, list[int]] = defaultdict(list)
    for i, specimen in enumerate(case.specimen_ids):
        if truth[specimen]["individual_id"] and truth[specimen]["origin"] != "animal":
            bones[truth[specimen]["individual_id"]].append(i)
    owner = {i: person for person, own in bones.items() for i in own}
    of_man = {p: man.get(truth[case.specimen_ids[own[0]]]["missing_id"], -1) for p, own in bones.items()}
    for line in lines:
        _names(evidence, line, bones, of_man, ratios)
        _pairs(evidence, line, owner, ratios)


def _names(evidence: Evidence, line: Line, bones: dict[str, list[int]], of_man: dict[str, int], ratios: Ratios) -> None:
    sets = [evidence.exhibits_of(own) for own in bones.values()]
    everyone = np.arange(len(evidence.case.missing_ids))
    positions, starts = evidence.states_of(everyone)
    scores, raw = evidence.line_scores(line, sets, positions)
    by_man = np.logaddexp.reduceat(scores + evidence.log_state[positions], starts, axis=1)
    by_man -= raw.populations[:, evidence.own_population]
    judged = raw.informative
    if not np.any(np.abs(by_man[judged]) > 1e-9):
        return
    true, false = ratios.setdefault((line.name, "names"), ([], []))
    for k, person in enumerate(bones):
        if judged[k]:
            # Where the line has nothing on a man (no chart, no donor) it says nothing, and is not counted.
            told = np.abs(by_man[k]) > 1e-9
            his = of_man[person]
            if his >= 0 and told[his]:
                true.append(float(by_man[k, his]))
            told[his] = False if his >= 0 else told[his]
            false.extend(by_man[k, told].tolist())


def _pairs(evidence: Evidence, line: Line, owner: dict[int, str], ratios: Ratios) -> None:
    exhibits = {i: tuple(e for e in evidence.exhibits_of([i]) if line.seen[e]) for i in owner}
    seen = [i for i, e in exhibits.items() if e]
    table = evidence.link_of(line, [exhibits[i] for i in seen], [exhibits[i] for i in seen])
    persons = np.array([owner[i] for i in seen])
    upper = np.triu_indices(len(seen), 1)
    values, same = table[upper], (persons[:, None] == persons[None, :])[upper]
    told = np.abs(values) > 1e-9
    if told.any():
        true, false = ratios.setdefault((line.name, "pairs"), ([], []))
        true.extend(values[told & same].tolist())
        false.extend(values[told & ~same].tolist())


def report(ratios: Ratios, out: Path | None) -> bool:
    """Print every line's figures, draw its plot; whether every line is worth more than silence."""
    sound = True
    for (name, what), (true, false) in ratios.items():
        if not true or not false:
            continue
        same, different = np.array(true), _thinned(np.array(false))
        cost = cllr(same, different)
        sound &= cost < 1.0 or len(true) < LEAST_TRUE
        mean = float(np.exp(np.minimum(different, 50)).mean())
        print(
            f"\n{name}, {what}: {len(true)} true, {len(false)} false; Cllr {cost:.3f}; mean LR where false {mean:.2f}"
        )
        print("   log10 LR stated    true   false   observed (95 %)")
        for b in calibration_table(same, different):
            print(
                f"   {b.stated:+8.2f}       {b.same:7d} {b.different:7d}   {b.observed:+.2f}"
                f" ({b.low_observed:+.2f} to {b.high_observed:+.2f})"
            )
        if out is not None:
            _draw(out / f"{name}-{what}.svg", f"{name}, {what}", same / LN10, different / LN10)
    return sound


def _thinned(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Evenly drawn from the sorted values where there are very many."""
    if len(values) <= FALSE_KEPT:
        return values
    return np.sort(values)[np.linspace(0, len(values) - 1, FALSE_KEPT).astype(np.int64)]


def _draw(path: Path, title: str, same: NDArray[np.float64], different: NDArray[np.float64]) -> None:
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    low, high = np.quantile(different, 0.001), np.quantile(same, 0.999)
    grid = np.linspace(min(low, -1.0), max(high, 1.0), 400)
    figure, axes = pyplot.subplots(figsize=(7, 4.2))
    axes.plot(grid, tippett(same, grid), color="#1F5C6B", label="true")
    axes.plot(grid, tippett(different, grid), color="#9B2C2C", linestyle="--", label="false")
    axes.axvline(0, color="#DEDAD2")
    axes.set(title=f"{title}: share with at least this ratio", xlabel="log10 LR", ylabel="share", ylim=(0, 1))
    axes.legend(frameon=False)
    figure.savefig(path, bbox_inches="tight")
    pyplot.close(figure)


def main() -> int:
    """Simulate, score each line, print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--handovers", type=int, default=3)
    options.add_argument("--preset", default="small")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--dossier", type=Path, help="a dossier with its truth beside it, instead of simulating")
    options.add_argument("--out", type=Path, help="folder for Tippett plots")
    asked = options.parse_args()
    if asked.out is not None:
        asked.out.mkdir(parents=True, exist_ok=True)
    ratios: Ratios = {}
    if asked.dossier is not None:
        ratios_of(asked.dossier, ratios)
    for seed in range(asked.seed, asked.seed + asked.handovers) if asked.dossier is None else ():
        with simulated(asked.preset, seed) as dossier:
            ratios_of(dossier, ratios)
        print(f"{dossier.name}: every line judged", file=sys.stderr)
    return 0 if report(ratios, asked.out) else 1


if __name__ == "__main__":
    sys.exit(main())
