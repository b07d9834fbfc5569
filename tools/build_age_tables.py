"""Build the table of age models from published summaries typed below.

    python tools/build_age_tables.py

Writes ``src/cenotaph/data/osteology/age_models.csv``: for each stage the age (years) at which half have entered it, and
the spread of the logarithm of age at the transitions. The same program gives the same bytes.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtr

TABLE = Path(__file__).resolve().parents[1] / "src" / "cenotaph" / "data" / "osteology" / "age_models.csv"

PUBIC = {
    "M": ((18.5, 2.1), (23.4, 3.6), (28.7, 6.5), (35.2, 9.4), (45.6, 10.4), (61.2, 12.2)),
    "F": ((19.4, 2.6), (25.0, 4.9), (30.7, 8.1), (38.2, 10.9), (48.1, 14.6), (60.0, 12.4)),
}
"""Brooks & Suchey 1990: mean and standard deviation of age by phase of the pubic symphysis."""
CLAVICLE = {
    "langley_shirley_jantz_5": ((14.4, 17.4), (17.9, 23.0), (20.5, 27.5), (24.1, 30.6)),
    "langley_shirley_jantz_3": ((14.9, 17.4), (24.0, 28.5)),
}
"""Langley-Shirley & Jantz 2010, males: for each transition of the medial clavicle the lower 95 % limit of age in the
later stage and the upper one in the earlier stage."""
SYMPHYSIS = {
    "0": (17.29, 0.49), "1-2": (19.04, 0.79), "3": (19.79, 0.85), "4-5": (20.84, 1.13), "6-7": (22.42, 0.99),
    "8-9": (24.14, 1.93), "10": (26.05, 1.87), "11-13": (29.18, 3.33), "14": (35.84, 3.89), "15": (41.00, 6.22),
}  # fmt: skip
"""McKern & Stewart 1957, American dead of the Korean War: mean and standard deviation of age by the total score of the
pubic symphysis, as the R package MSPS (Caple) repeats them; the report itself was not seen."""
UNION = {
    "medial_clavicle": ((18, 22), (18, 25), (18, 25), (20, 30), (23, None)),
    "iliac_crest": ((17, 20), (17, 21), (17, 22), (17, 22), (18, None)),
}
"""McKern & Stewart 1957: youngest and oldest age in whole years in stages 0 to 4 of union, as the table of methods of
CoRA repeats them. Nobody in the sample was younger than 17."""
Z95 = 1.959964


def main() -> None:
    """Write the table."""
    with TABLE.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["method", "feature", "sex", "stage", "entered_at_years", "sd_log_age", "basis"])
        for rows in models():
            writer.writerows(rows)


def models() -> Iterable[Iterable[Sequence[object]]]:
    """Rows of each model."""
    basis = "published mean and SD of age by phase; assumption: equal numbers in each phase of the reference"
    for sex, phases in PUBIC.items():
        transitions, sd = from_phase_summaries(phases)
        yield rows("brooks_suchey", "pubic_symphysis", sex, transitions, sd, basis)
    basis = "published 95 % limits; assumption: they are the ages at which 2.5 and 97.5 % have entered the later stage"
    for method, limits in CLAVICLE.items():
        yield rows(method, "medial_clavicle", "M", *from_limits(limits), basis)
    basis = (
        "published mean and SD of age by total score, secondhand (one source); assumption: equal numbers at each score"
    )
    transitions, sd = from_phase_summaries(list(SYMPHYSIS.values()))
    yield rows("mckern_stewart", "pubic_symphysis", "M", transitions, sd, basis, stages=list(SYMPHYSIS))
    basis = (
        "published ages of the youngest and the oldest by stage, secondhand (one source), nobody under 17; "
        "assumption: they are the ages at which 2.5 and 97.5 % have entered the later stage"
    )
    for feature, ranges in UNION.items():
        stages = [str(k) for k in range(len(ranges))]
        yield rows("mckern_stewart", feature, "M", *from_limits(limits_of_ranges(ranges)), basis, stages=stages)


def rows(
    method: str,
    feature: str,
    sex: str,
    transitions: np.ndarray,
    sd: float,
    basis: str,
    *,
    stages: Sequence[str] | None = None,
) -> Iterable[list[object]]:
    """One row a stage; stages are numbered from 1 where they have no names."""
    names = stages or [str(k) for k in range(1, len(transitions) + 2)]
    for stage, age in zip(names, ["", *(f"{np.exp(t):.2f}" for t in transitions)], strict=True):
        yield [method, feature, sex, stage, age, f"{sd:.4f}", basis]


def limits_of_ranges(ranges: Sequence[tuple[int, int | None]]) -> list[tuple[float, float]]:
    """For each transition the youngest in the stages after it and the oldest in those before: to his next birthday."""
    youngest = [low for low, _ in ranges]
    oldest = [high for _, high in ranges if high is not None]
    return [(float(min(youngest[j:])), float(max(oldest[:j]) + 1)) for j in range(1, len(ranges))]


def from_limits(limits: Sequence[tuple[float, float]]) -> tuple[np.ndarray, float]:
    """Middle of the limits in logarithms; the largest spread of the transitions for all of them."""
    low, high = np.log(np.array(limits)).T
    return (low + high) / 2, float(((high - low) / (2 * Z95)).max())


def from_phase_summaries(phases: Sequence[tuple[float, float]]) -> tuple[np.ndarray, float]:
    """The cumulative probit nearest to the phase probabilities that the summaries imply at ages 15 to 80.

    With equal numbers n in each phase, ``P(phase | age)`` is proportional to the normal density of age in the phase.
    """
    ages = np.arange(15.0, 80.5, 0.5)
    density = np.array([np.exp(-0.5 * ((ages - m) / s) ** 2) / s for m, s in phases])
    wanted = (density / density.sum(axis=0))[::-1].cumsum(axis=0)[::-1][1:]

    def misfit(parameters: np.ndarray) -> float:
        transitions = np.cumsum(np.append(parameters[0], np.exp(parameters[1:-1])))
        found = ndtr((np.log(ages) - transitions[:, None]) / np.exp(parameters[-1]))
        return float(((found - wanted) ** 2).sum())

    means = np.log([m for m, _ in phases])
    middle = (means[:-1] + means[1:]) / 2
    start = np.concatenate([middle[:1], np.log(np.diff(middle)), [np.log(0.2)]])
    best = minimize(misfit, start, method="Nelder-Mead", options={"maxiter": 40_000, "xatol": 1e-8, "fatol": 1e-12}).x
    return np.cumsum(np.append(best[0], np.exp(best[1:-1]))), float(np.exp(best[-1]))


if __name__ == "__main__":
    main()
