"""``cenotaph count``: how many people a set of bones is of."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from cenotaph.dossier.bones import CountedSpecimens
    from cenotaph.dossier.read import Dossier
    from cenotaph.osteology.counting import NumberPosterior, PairEvidence
    from cenotaph.osteology.minimum_number import MinimumNumber, Sides

JUDGED = {"certain": 40.0, "excluded": -700.0}
"""Natural log LR that an examiner's judgement stands for; lesser grades are left to the measurements."""

LEVEL = 0.95


def count(
    dossier: Annotated[Path, typer.Argument(help="Folder of the dossier.", show_default=False)],
    largest: Annotated[
        int | None, typer.Option(help="Greatest number of people considered.", show_default="least total + 400")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the walk over pairings, where they are too many to sum.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Minimum number of individuals by element, side, zone and age; most likely number from lefts, rights and pairs.

    Pairs that examiners recorded as certain give the published figures: GMT, Lincoln index, MLNI, recovery rate. Beside
    them stands the posterior with pairing taken as uncertain: every left against every right of an element by their
    measurements (`osteology.resemblance`), recorded pairs and exclusions kept.

    Example: cenotaph count handover-2018 --json
    """
    from cenotaph.cli.progress import shown
    from cenotaph.dossier.bones import counted_specimens
    from cenotaph.dossier.read import examine_dossier
    from cenotaph.errors import InvalidInput

    examination = examine_dossier(dossier)
    if examination.dossier is None:
        for fault in examination.faults:
            typer.echo(str(fault), err=True)
        raise InvalidInput("the dossier has errors", found=str(dossier))
    counted = counted_specimens(examination.dossier)
    with shown(quiet=json) as progress:
        document = _document(examination.dossier, counted, largest, seed, progress)
    if json:
        typer.echo(json_text.dumps(document, ensure_ascii=False, allow_nan=False))
    else:
        _print(document)


def _document(
    dossier: Dossier, counted: CountedSpecimens, largest: int | None, seed: int, progress: Any
) -> dict[str, Any]:
    from cenotaph.dossier.bone_tables import load_skeleton
    from cenotaph.osteology.counting import number_posterior
    from cenotaph.osteology.minimum_number import minimum_number, sides_of

    skeleton = load_skeleton()
    minimum = minimum_number(counted.specimens, in_one_person=skeleton.copies, midline=skeleton.midline)
    paired = [e.name for e in skeleton.elements.values() if e.is_paired and e.copies == 1]
    sides = [s for s in (sides_of(counted.specimens, e) for e in paired) if s.left and s.right]
    evidence = _pair_evidence(dossier, counted, sides, seed, progress)
    elements = []
    for side, pairs in zip(sides, evidence, strict=True):
        alone = number_posterior([pairs], largest=largest)
        elements.append(_element(dossier, counted, side, alone))
    together = number_posterior(evidence, largest=largest) if evidence else None
    return {
        "specimens": len(counted.ids),
        "fragments_without_zones_not_counted": counted.unzoned,
        "without_zones_counted_as_whole": counted.taken_as_whole,
        "minimum_number": _minimum(minimum),
        "paired_elements": elements,
        "posterior": _posterior(together) if together else None,
    }


def _pair_evidence(
    dossier: Dossier, counted: CountedSpecimens, sides: list[Sides], seed: int, progress: Any
) -> list[PairEvidence]:
    """Support of each number of pairs, from measurements and judgements."""
    import numpy as np

    from cenotaph.dossier.bones import measured_bones, recorded_pairs
    from cenotaph.dossier.skeleton_tables import load_skeleton_model
    from cenotaph.osteology.pairing import pair_evidence
    from cenotaph.osteology.resemblance import link_table, set_statistics

    model, bones, judged = load_skeleton_model(), measured_bones(dossier), recorded_pairs(dossier)
    place = {identifier: k for k, identifier in enumerate(counted.ids)}
    rows, columns = np.nonzero(~np.isnan(bones.values))
    statistics = set_statistics(
        model, [place[bones.ids[r]] for r in rows], [bones.sides[r] for r in rows], [bones.codes[c] for c in columns],
        bones.values[rows, columns], len(counted.ids),
    )  # fmt: skip
    found = []
    for k, side in enumerate(sides):
        progress("pairs of each element", k, len(sides))
        log_lr = link_table(model, statistics.take(list(side.left)), statistics.take(list(side.right)))
        for i, left in enumerate(side.left):
            for j, right in enumerate(side.right):
                grade = judged.get(frozenset((counted.ids[left], counted.ids[right])), "")
                log_lr[i, j] = JUDGED.get(grade, log_lr[i, j])
        found.append(pair_evidence(log_lr, rng=np.random.default_rng([seed, k])))
    return found


def _minimum(minimum: MinimumNumber) -> dict[str, Any]:
    from math import isfinite

    return {
        "number": minimum.number,
        "without_ages": minimum.number_without_ages,
        "people": [
            {"age_from": g.age_from, "age_to": g.age_to if isfinite(g.age_to) else None, "number": g.number}
            for g in minimum.groups
        ],
        "elements": [
            {"element": s.element, "side": s.side, "zone": s.zone, "specimens": s.specimens, "number": s.number}
            for s in minimum.slots
        ],
    }


def _element(dossier: Dossier, counted: CountedSpecimens, side: Sides, alone: NumberPosterior) -> dict[str, Any]:
    from cenotaph.dossier.bones import recorded_pairs
    from cenotaph.osteology.counting import SideCounts

    left, right = ({counted.ids[k] for k in places} for places in (side.left, side.right))
    certain = [pair for pair, grade in recorded_pairs(dossier).items() if grade == "certain"]
    pairs = sum(1 for pair in certain if pair & left and pair & right)
    document: dict[str, Any] = {
        "element": side.element, "zone": side.zone, "left": len(left), "right": len(right), "recorded_pairs": pairs,
        "expected_pairs": float(alone.pairs[0] @ range(len(alone.pairs[0]))), **_posterior(alone),
    }  # fmt: skip
    if pairs:
        counts = SideCounts(len(left), len(right), pairs)
        document["published"] = {
            "minimum_number": counts.minimum_number,
            "grand_minimum_total": counts.grand_minimum_total,
            "lincoln_index": counts.lincoln_index,
            "most_likely_number": counts.most_likely_number,
            "recovery_rate": counts.recovery_rate,
            "recovery_rate_se": None if counts.recovery_rate == 1 else counts.recovery_rate_se,
        }
    return document


def _posterior(found: NumberPosterior) -> dict[str, Any]:
    region = found.highest_density(LEVEL)
    return {
        "mode": found.mode,
        "mean": found.mean,
        "low": region.low,
        "high": region.high,
        "level": LEVEL,
        "upper_limit_rests_on_largest": found.is_cut,
        "exact": found.is_exact,
    }


def _print(document: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    minimum = document["minimum_number"]
    console = Console()
    console.print(f"{document['specimens']:,} specimens. At least {minimum['number']} people (MNI).", highlight=False)
    if minimum["number"] > minimum["without_ages"]:
        console.print(f"{minimum['without_ages']} by elements alone; ages that exclude each other add the rest.")
    for key, words in (
        ("fragments_without_zones_not_counted", "small fragments without zones, not counted"),
        ("without_zones_counted_as_whole", "specimens without zones, counted as whole"),
    ):
        if document[key]:
            console.print(f"{document[key]:,} {words}.", highlight=False)
    demands = Table(title="What demands it", title_justify="left")
    for name in ("element", "side", "zone", "specimens", "people at least"):
        demands.add_column(name)
    for row in minimum["elements"][:8]:
        demands.add_row(*("" if row[k] is None else str(row[k]) for k in row))
    console.print(demands)
    numbers = Table(title="How many, from lefts, rights and pairs", title_justify="left")
    for name in ("element", "L", "R", "pairs", "MLNI", "pairs expected", "mode", "95 % region"):
        numbers.add_column(name, no_wrap=name in {"element", "95 % region"})
    for row in document["paired_elements"]:
        published = row.get("published", {})
        numbers.add_row(
            row["element"], str(row["left"]), str(row["right"]), str(row["recorded_pairs"] or ""),
            str(published.get("most_likely_number", "")), f"{row['expected_pairs']:.1f}", str(row["mode"]),
            _region(row),
        )  # fmt: skip
    together = document["posterior"]
    if together:
        numbers.add_row("all", "", "", "", "", "", str(together["mode"]), _region(together))
    console.print(numbers)
    console.print("–?: the upper end rests on the greatest number considered, not on the bones.")


def _region(row: dict[str, Any]) -> str:
    """The ends of a region; where the upper one is not known, so."""
    return f"{row['low']}–?" if row["upper_limit_rests_on_largest"] else f"{row['low']}–{row['high']}"
