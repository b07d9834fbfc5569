"""The tables of a result (the contract of ``cenotaph identify``), from an identification."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.identification.actions import NextTest
from cenotaph.identification.grouping import ALL_CLASSES, Names
from cenotaph.identification.identify import Identification, Individual
from cenotaph.identification.numbers import expected_wrong, presence
from cenotaph.units import LN10

if TYPE_CHECKING:
    import polars as pl

    from cenotaph.dossier.read import Dossier
    from cenotaph.identification.sensitivity import Varied
    from cenotaph.resolution.solve import Answer

LEAST_PRESENCE = 0.01
NEXT_TESTS = ("rank", "action", "subject_id", "expected_names", "cost", "reason")


def result_tables(found: Identification, tests: Sequence[NextTest] = ()) -> dict[str, pl.DataFrame]:
    """Every table of the result, by name.

    Args:
        tests: what to do next, the best first (`cenotaph.identification.next_tests.next_tests`).
    """
    return {
        "individuals": _individuals(found),
        "assignments": _assignments(found),
        "candidates": _candidates(found),
        "links": _links(found),
        "presence": _presence(found),
        "next_tests": next_tests_table(tests),
    }


def next_tests_table(tests: Sequence[NextTest]) -> pl.DataFrame:
    """The table ``next_tests.csv``."""
    return _frame(
        NEXT_TESTS,
        [
            (rank, one.action, one.subject_id, f"{one.expected_names:.4f}", f"{one.cost:g}", one.reason)
            for rank, one in enumerate(tests, start=1)
        ],
    )


def _frame(columns: Iterable[str], rows: list[tuple[object, ...]]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        {name: [_text(row[k]) for row in rows] for k, name in enumerate(columns)},
        schema=dict.fromkeys(columns, pl.String),
    )


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def probability_text(p: float) -> str:
    """A probability with as many digits as tell it from one: never rounded up to a threshold.

    >>> probability_text(0.99949), probability_text(0.25), probability_text(1 - 1e-12)
    ('0.99949', '0.25', '0.999999999')
    """
    if p > 0.999999999:
        return "0.999999999"
    return f"{np.floor(p * 1e9) / 1e9:.9f}".rstrip("0").rstrip(".") or "0"


def best_answer(found: Identification, names: Names) -> tuple[str | None, float]:
    """The most probable answer, a missing person or None for nobody on the roster, and its probability."""
    if len(names.men) and names.probability[0] > names.nobody:
        return found.case.missing_ids[names.men[0]], float(names.probability[0])
    return None, names.nobody


def _individuals(found: Identification) -> pl.DataFrame:
    columns = (
        "individual_id", "specimens", "missing_id", "probability", "runner_up_id", "runner_up_probability", "origin",
        "verdict", "lines", "conflicts", "reason",
    )  # fmt: skip
    rows: list[tuple[object, ...]] = []
    for one in found.individuals:
        missing, p = best_answer(found, one.names)
        second = 0 if missing is None else 1
        has_second = len(one.names.men) > second
        on_roster = float(one.names.probability.sum() + one.names.classes[0])
        shares = np.concatenate([[on_roster], one.names.classes[1:]])
        rows.append(
            (
                one.individual_id,
                len(one.specimens),
                missing,
                probability_text(p),
                found.case.missing_ids[one.names.men[second]] if has_second else None,
                probability_text(float(one.names.probability[second])) if has_second else None,
                ALL_CLASSES[int(shares.argmax())],
                one.verdict.word,
                " ".join(one.verdict.supporting),
                "; ".join(one.verdict.conflicts),
                one.verdict.reason,
            )
        )
    return _frame(columns, rows)


def _assignments(found: Identification) -> pl.DataFrame:
    individual = {s: one.individual_id for one in found.individuals for s in one.specimens}
    rows: list[tuple[object, ...]] = []
    for s, names in enumerate(found.joint.names):
        missing, p = best_answer(found, names)
        rows.append((found.case.specimen_ids[s], individual[s], missing, probability_text(p)))
    return _frame(("specimen_id", "individual_id", "missing_id", "probability"), rows)


def _candidates(found: Identification) -> pl.DataFrame:
    lines = [line.name for line in found.evidence.lines]
    parts = [*lines, "provenance", "errors"]
    columns = ("individual_id", "rank", "missing_id", "probability", "log10_lr_total", "log10_lr_origin",
               *(f"log10_lr_{p}" for p in parts))  # fmt: skip
    rows: list[tuple[object, ...]] = []
    for one in found.individuals:
        for rank, c in enumerate(one.candidates, start=1):
            values = [*(c.lines[name] for name in lines), c.provenance, c.errors]
            rounded = [round(float(v), 4) for v in (c.origin, *values)]
            rows.append(
                (
                    one.individual_id,
                    rank,
                    found.case.missing_ids[c.man],
                    probability_text(c.probability),
                    # The total is the sum of what is printed, so that a reader can add the columns up.
                    f"{sum(rounded):.4f}",
                    *(f"{v:.4f}" for v in rounded),
                )
            )
    return _frame(columns, rows)


def _presence(found: Identification) -> pl.DataFrame:
    """Every missing person: is he among the remains, and which individual may he be."""
    best: dict[int, tuple[float, str]] = {}
    for one in found.individuals:
        for man, p in zip(one.names.men, one.names.probability, strict=True):
            best[int(man)] = max(best.get(int(man), (0.0, "")), (float(p), one.individual_id))
    among = presence(found.joint, len(found.case.missing_ids))
    return _frame(
        ("missing_id", "probability", "individual_id"),
        [
            (missing, probability_text(float(p)), best[k][1] if k in best and best[k][0] >= LEAST_PRESENCE else None)
            for k, (missing, p) in enumerate(zip(found.case.missing_ids, among, strict=True))
        ],
    )


def _links(found: Identification) -> pl.DataFrame:
    """Pairs that matter, and every bone of an individual with its anchor."""
    case, lines = found.case, found.evidence.lines
    probability: dict[tuple[int, int], float] = {(a, b): p for a, b, p, _ in found.joint.pairs}
    for one in found.individuals:
        for s, p in zip(one.specimens[1:], one.same[1:], strict=True):
            probability.setdefault((min(one.specimens[0], s), max(one.specimens[0], s)), p)
    ratios = {line.name: _pair_ratios(found, line.name, list(probability)) for line in lines}
    columns = ("specimen_a", "specimen_b", "probability_same", "log10_lr_total",
               *(f"log10_lr_{line.name}" for line in lines))  # fmt: skip
    rows: list[tuple[object, ...]] = []
    for (a, b), p in sorted(probability.items()):
        values = [round(ratios[line.name][a, b], 4) for line in lines]
        rows.append(
            (case.specimen_ids[a], case.specimen_ids[b], probability_text(p), f"{sum(values):.4f}",
             *(f"{v:.4f}" for v in values))
        )  # fmt: skip
    return _frame(columns, rows)


def _pair_ratios(found: Identification, name: str, pairs: list[tuple[int, int]]) -> dict[tuple[int, int], float]:
    """log10 ratio of one person against unrelated, for the pairs asked for: a table of all bones is far larger."""
    line = next(x for x in found.evidence.lines if x.name == name)
    ratios: dict[tuple[int, int], float] = dict.fromkeys(pairs, 0.0)
    exhibits = {s: found.evidence.exhibits_of([s]) for pair in pairs for s in pair}
    seen = {s for s, e in exhibits.items() if line.seen[list(e)].any()}
    partners: dict[int, list[int]] = {}
    for a, b in pairs:
        if a in seen and b in seen:
            partners.setdefault(a, []).append(b)
    for a, others in partners.items():
        row = line.link([exhibits[a]], [exhibits[b] for b in others])[0] / LN10
        ratios.update(((a, b), float(ratio)) for b, ratio in zip(others, row, strict=True))
    return ratios


def summary(found: Identification, containers: int) -> dict[str, object]:
    """Counts for the reader: boxes, bones, individuals, verdicts, strongest and weakest name."""
    words = [one.verdict.word for one in found.individuals]
    named = sorted(
        (one for one in found.individuals if one.verdict.word == "identification"),
        key=lambda one: one.candidates[0].total,
    )
    return {
        "roster": len(found.case.missing_ids),
        "boxes": containers,
        "bones": len(found.case.specimen_ids),
        "groups": len(found.individuals),
        "expected_individuals": round(found.people.expected, 1),
        "individuals_low": round(found.people.low),
        "individuals_high": round(found.people.high),
        "identification": words.count("identification"),
        "shortlist": words.count("shortlist"),
        "unlisted": words.count("unlisted"),
        "unresolved": words.count("unresolved"),
        "names_by_threshold": [
            {"threshold": t, "names": n, "expected_wrong": wrong}
            for t, n, wrong in expected_wrong(
                [best_answer(found, one.names)[1] for one in found.individuals if best_answer(found, one.names)[0]]
            )
        ],
        "strongest": _basis(found, named[-1]) if named else None,
        "weakest": _basis(found, named[0]) if named else None,
        "prior": {
            "roster": round(found.joint.prior.roster, 4),
            "origins": {
                n: round(float(x), 4) for n, x in zip(ALL_CLASSES[1:-1], found.joint.prior.origins, strict=True)
            },
        },
    }


def resolution_summary(answer: Answer) -> dict[str, object]:
    """How the groups were found: what the cut into components ignores, the methods, and how well chains agree."""
    return {
        "dropped_link": answer.cut.dropped_link,
        "dropped_rivalry": answer.cut.dropped_rivalry,
        "methods": sorted({s.method for s in answer.solutions}),
        "proved": all(s.proved for s in answer.solutions),
        "sampled": [
            {name: round(s.diagnostics[name], 3) for name in ("items", "r_hat", "effective_samples", "sweeps")}
            for s in answer.solutions
            if not s.proved
        ],
    }


def _basis(found: Identification, one: Individual) -> str:
    best = one.candidates[0]
    # A line that says nothing of him is not what the name rests on.
    lines = ", ".join(f"{name} {value:+.1f}" for name, value in best.lines.items() if abs(value) >= 0.05)
    return f"{found.case.missing_ids[best.man]}: log10 LR {best.total:.1f} ({lines}; {len(one.specimens)} bones)"


def decision_rows(dossier: Dossier) -> list[dict[str, str | None]]:
    """What examiners have settled, as this run took it: a later run tells by it what is new."""
    table = dossier.table("decisions")
    return table.select("decision_id", "kind", "specimen_ids", "missing_id").to_dicts() if table.height else []


def sensitivity_table(varied: Iterable[Varied]) -> pl.DataFrame:
    """``sensitivity.csv``: every individual with a verdict under every variant."""
    columns = ("individual_id", "missing_id", "parameter", "value", "probability", "answer", "verdict")
    rows: list[tuple[object, ...]] = [
        (v.individual_id, v.missing_id, v.parameter, v.value, probability_text(v.probability), v.answer, v.verdict)
        for v in varied
    ]
    return _frame(columns, rows)


def sensitivity_summary(found: Identification, varied: tuple[Varied, ...], threshold: float) -> dict[str, object]:
    """How many names stay, and which depend most on what."""
    from cenotaph.identification.sensitivity import robustness

    named = [one.individual_id for one in found.individuals if one.verdict.word == "identification"]
    r = robustness(varied, named, threshold)
    return {
        "threshold": threshold,
        "variants": r.variants,
        "names": r.names,
        "keep": r.keep,
        "keep_verdict": r.keep_verdict,
        "other_names": r.other_names,
        "grouping": "held fixed",
        "weakest": [
            {
                "individual_id": v.individual_id,
                "missing_id": v.missing_id,
                "parameter": v.parameter,
                "value": v.value,
                "probability": probability_text(v.probability),
                "verdict": v.verdict,
            }
            for v in r.weakest
        ],
    }
