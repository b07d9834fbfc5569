"""Score an answer against the truth of a simulated handover."""

from __future__ import annotations

import csv
import math
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

SURE = 0.999
TOP = (1, 5, 10)
Row = dict[str, str]


BIN_EDGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, SURE)
Bin = tuple[int, float, int]


@dataclass(frozen=True, slots=True)
class Score:
    """How well one handover was answered.

    Args:
        victims: people in the boxes who are on the roster.
        right_names, wrong_names: identifications; right if most of the bones are his and he was not named
            before.
        unlisted, unlisted_right: individuals said to be nobody on the roster; right if no bone is of anybody on it.
        precision, recall: B-cubed of the grouping: over all bones, the share of a bone's group that is of its person,
            and the share of its person's bones that is in its group.
        calibration_error: mean distance of stated probability and truth over the bins, by bone that has an answer.
        logloss: mean of −ln of the probability that the bone's answer gave to what is true of it.
        sure, sure_right: bones whose answer has a probability of at least 0.999, and how many of these are right.
        in_top: share of the victims who stand among the first 1, 5, 10 candidates of an individual that is mostly
            theirs.
        named_bones, named_bones_right: bones under an identification, and how many are of the man it names.
        strangers: people in the boxes who are nobody on the roster.
        false_names: identifications of individuals most of whose bones are a stranger's or an animal's.
        bins: of each bin of stated probability the bones, the sum of what was stated, and how many were right; see
            `bin_of`.
    """

    victims: int
    right_names: int
    wrong_names: int
    unlisted: int
    unlisted_right: int
    precision: float
    recall: float
    calibration_error: float
    logloss: float
    sure: int
    sure_right: int
    in_top: tuple[float, ...]
    named_bones: int
    named_bones_right: int
    strangers: int
    false_names: int
    bins: tuple[Bin, ...]


def read(path: Path) -> list[Row]:
    """Rows of a CSV table."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def score(truth_folder: Path, result: Path) -> Score:
    """Compare the tables of a result with ``truth.csv``."""
    truth = {r["specimen_id"]: r for r in read(truth_folder / "truth.csv")}
    answers = {r["specimen_id"]: r for r in read(result / "assignments.csv")}
    individuals = read(result / "individuals.csv")
    true_groups = _groups({s: r["individual_id"] for s, r in truth.items()})
    # A bone without an answer stands alone.
    placed = {s: answers[s]["individual_id"] if s in answers else "" for s in truth}
    group_of = {s: i or f"alone:{s}" for s, i in placed.items()}
    groups = _groups(group_of)
    men = {i: Counter(truth[s]["missing_id"] for s in bones) for i, bones in groups.items()}
    right, wrong = _names(individuals, men)
    unlisted = [r["individual_id"] for r in individuals if r["verdict"] == "unlisted"]
    shared = {s: len(groups[group_of[s]] & true_groups[r["individual_id"]]) for s, r in truth.items()}
    victims = {r["missing_id"] for r in truth.values() if r["missing_id"]}
    bets = [_bet(answers.get(s), r) for s, r in truth.items()]
    answered = [bet for s, bet in zip(truth, bets, strict=True) if s in answers]
    named = {r["individual_id"]: r["missing_id"] for r in individuals if r["verdict"] == "identification"}
    named_bones = [s for i in named for s in groups.get(i, ())]
    sure = [is_right for p, is_right in bets if p >= SURE]
    return Score(
        victims=len(victims),
        right_names=right,
        wrong_names=wrong,
        unlisted=len(unlisted),
        unlisted_right=sum(set(men.get(i, ())) == {""} for i in unlisted),
        precision=sum(shared[s] / len(groups[group_of[s]]) for s in truth) / len(truth),
        recall=sum(shared[s] / len(true_groups[r["individual_id"]]) for s, r in truth.items()) / len(truth),
        calibration_error=_calibration_error(answered),
        logloss=-sum(math.log(p if is_right else 1 - p) for p, is_right in bets) / len(bets),
        sure=len(sure),
        sure_right=sum(sure),
        in_top=_in_top(read(result / "candidates.csv"), men, victims),
        named_bones=len(named_bones),
        named_bones_right=sum(truth[s]["missing_id"] == named[group_of[s]] for s in named_bones),
        strangers=len({r["individual_id"] for r in truth.values() if r["origin"] not in ("roster", "animal")}),
        false_names=sum(men[i].most_common(1)[0][0] == "" for i in named if i in men),
        bins=_binned(answered),
    )


def _groups(group_of: dict[str, str]) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = defaultdict(set)
    for specimen, group in group_of.items():
        groups[group].add(specimen)
    return groups


def _names(individuals: list[Row], men: dict[str, Counter[str]]) -> tuple[int, int]:
    """Right and wrong identifications; a second individual of the same name is wrong."""
    named: set[str] = set()
    wrong = 0
    for row in sorted(individuals, key=lambda r: r["individual_id"]):
        if row["verdict"] != "identification":
            continue
        votes = men.get(row["individual_id"], Counter())
        is_his = 2 * votes[row["missing_id"]] > votes.total()
        if is_his and row["missing_id"] not in named:
            named.add(row["missing_id"])
        else:
            wrong += 1
    return len(named), wrong


def _bet(answer: Row | None, truth: Row) -> tuple[float, bool]:
    """Stated probability of the bone's answer, and whether it is true; no answer is an even bet lost."""
    if answer is None:
        return 0.5, False
    probability = min(max(float(answer["probability"] or 0), 1e-9), 1 - 1e-9)
    return probability, answer["missing_id"] == truth["missing_id"]


def bin_of(probability: float) -> int:
    """Number of the bin of a stated probability; the last one begins at `SURE`.

    >>> bin_of(0.05), bin_of(0.95), bin_of(0.9995)
    (0, 9, 11)
    """
    return bisect_right(BIN_EDGES, probability)


def _binned(bets: list[tuple[float, bool]]) -> tuple[Bin, ...]:
    bins = [(0, 0.0, 0)] * (len(BIN_EDGES) + 1)
    for p, is_right in bets:
        count, stated, right = bins[bin_of(p)]
        bins[bin_of(p)] = (count + 1, stated + p, right + is_right)
    return tuple(bins)


def _calibration_error(bets: list[tuple[float, bool]]) -> float:
    return sum(abs(stated - right) for _, stated, right in _binned(bets)) / max(len(bets), 1)


def _in_top(candidates: list[Row], men: dict[str, Counter[str]], victims: set[str]) -> tuple[float, ...]:
    best: dict[str, int] = {}
    for row in candidates:
        votes = men.get(row["individual_id"])
        man = row["missing_id"]
        if man and votes and votes.most_common(1)[0][0] == man:
            best[man] = min(best.get(man, int(row["rank"])), int(row["rank"]))
    return tuple(sum(best.get(m, TOP[-1] + 1) <= k for m in victims) / max(len(victims), 1) for k in TOP)
