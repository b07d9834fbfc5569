"""Classical sorting to the printed digit of OsteoSort 1.2.6 and SID, and of the rules of 1.4 and 2.0."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from cenotaph.cli.main import app
from cenotaph.osteology.classical import (
    DifferenceRule,
    associate_stature,
    compare_differences,
    compare_sizes,
    estimate_stature,
    find_method,
)

pytestmark = pytest.mark.shared
CODES = [f"Hum_0{k}" for k in range(1, 6)]


def load(shared: Path, name: str) -> Any:
    return json.loads((shared / "oracle" / "osteo" / f"{name}.json").read_text())


def table(rows: list[dict[str, Any]], columns: list[str]) -> NDArray[np.float64]:
    return np.array([[np.nan if row.get(c) is None else float(row[c]) for c in columns] for row in rows])


def sides(case: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return [r for r in case if r["Side"] == "left"], [r for r in case if r["Side"] == "right"]


def test_pair_match_of_1_2_6(shared: Path) -> None:
    data = load(shared, "pairmatch_osteosort_1_2_6")
    left, right = sides(data["case"])
    reference = table(data["reference"], CODES), table(data["reference"], [f"{c}R" for c in CODES])
    assert len(data["results"]) == 108
    for row in data["results"]:
        rule = replace(
            find_method("osteosort-1.2.6").pair,
            absolute=row["absolute"],
            transform="power" if row["boxcox"] else "none",
            zero_mean=row["zeromean"],
            tails=row["tails"],
        )
        found = compare_differences(table(left, CODES), table(right, CODES), *reference, rule)
        at = [r["id"] for r in left].index(row["left"]), [r["id"] for r in right].index(row["right"])
        assert [c for c, used in zip(CODES, found.patterns[found.pattern[at]], strict=True) if used] == row[
            "measurements"
        ].split(", ")
        assert found.n[at] == row["n_reference"]
        assert round(found.mean[at], 4) == row["mean"]
        assert round(found.sd[at], 4) == row["sd"]
        assert found.p[at] == row["p"]
        assert bool(found.is_excluded[at]) == (row["result"] == "Excluded")


def test_pair_match_rules_of_1_4_and_2_0(shared: Path) -> None:
    data = load(shared, "pairmatch_rules_1_4_and_2_0")
    left, right = sides(data["case"])
    reference = tuple(table(data["reference"], [f"{s}_{c}" for c in CODES]) for s in "LR")
    assert len(data["results"]) == 288
    for row in data["results"]:
        rule = replace(
            find_method(f"osteosort-{row['rule']}").pair,
            absolute=row["absolute"],
            transform="yeo-johnson" if row["yeojohnson"] else "none",
            zero_mean=row["zeromean"],
            tails=row["tails"],
            alpha=row["alpha"],
        )
        found = compare_differences(table(left, CODES), table(right, CODES), reference[0], reference[1], rule)
        at = [r["id"] for r in left].index(row["left"]), [r["id"] for r in right].index(row["right"])
        used = [c for c, u in zip(CODES, found.patterns[found.pattern[at]], strict=True) if u]
        assert used == row["measurements"].split(" ")
        assert found.n[at] == row["n"]
        assert found.difference[at] == pytest.approx(row["D"], rel=1e-12)
        # The transform's exponent is where a flat likelihood is greatest: both programs find it to about 1e-5.
        precision = 1e-4 if row["yeojohnson"] else 1e-9
        if row["lambda"] is not None:
            assert found.exponent[at] == pytest.approx(row["lambda"], abs=1e-4)
        assert found.mean[at] == pytest.approx(row["mean"], rel=precision, abs=1e-12)
        assert found.sd[at] == pytest.approx(row["sd"], rel=precision)
        assert found.t[at] == pytest.approx(row["t"], rel=precision * 10)
        assert found.p[at] == row["p_rounded"]
        assert bool(found.is_excluded[at]) == (row["result"] == "Excluded")


def test_defaults_are_those_of_the_tools(shared: Path) -> None:
    stated = load(shared, "pairmatch_rules_1_4_and_2_0")["defaults_of_tool"]
    rule = find_method("osteosort-1.4").pair
    assert (rule.alpha, rule.absolute, rule.transform == "yeo-johnson", rule.zero_mean, rule.tails) == tuple(
        stated[k] for k in ("alpha", "absolute", "yeojohnson", "zeromean", "tails")
    )
    assert find_method("osteosort-2.0").pair == DifferenceRule(upper_if_absolute=True, decimals=5, least_reference=10)


def test_articulation_of_1_2_6(shared: Path) -> None:
    data = load(shared, "articulation_osteosort_1_2_6")
    femora, ossa = (np.array([[v] for v in data[k].values()], dtype=float) for k in ("femora", "ossa_coxae"))
    reference = table(data["reference"], ["Fem_04"]), table(data["reference"], ["Osc_17"])
    assert len(data["results"]) == 27
    for row in data["results"]:
        rule = replace(
            find_method("osteosort-1.2.6").articulation,
            absolute=row["absolute"],
            transform="power" if row["boxcox"] else "none",
        )
        found = compare_differences(femora, ossa, *reference, rule)
        at = list(data["femora"]).index(row["id1"]), list(data["ossa_coxae"]).index(row["id2"])
        # The tool prints p under the heading of the number of measurements, and that number under p.
        assert (found.p[at], 2) == (row["n_measurements"], row["p"])
        assert found.n[at] == row["n_reference"]
        assert (round(found.mean[at], 4), round(found.sd[at], 4)) == (row["mean"], row["sd"])
        assert bool(found.is_excluded[at]) == (row["result"] == "Excluded")


def test_size_regression(shared: Path) -> None:
    data = load(shared, "size_regression")
    codes_a, codes_b = ["Hum_01", "Hum_03"], ["Fem_01", "Fem_04", "Fem_03"]
    arguments = [table(data["humeri"], codes_a), table(data["femora"], codes_b)]
    arguments += [table(data["reference"], codes_a), table(data["reference"], codes_b)]
    names_a, names_b = [r["id"] for r in data["humeri"]], [r["id"] for r in data["femora"]]
    old, new = (compare_sizes(*arguments, find_method(m).size) for m in ("osteosort-1.2.6", "osteosort-2.0"))
    assert len(data["results"]) == 18
    for row in data["results"]:
        found = old if row["leverage"].startswith("n*") else new
        at = names_a.index(row["predictor"]), names_b.index(row["response"])
        for name in ("intercept", "slope", "sigma", "r2", "t"):
            assert getattr(found, name)[at] == pytest.approx(row[name], rel=1e-9), name
        assert found.x[at[0]] == pytest.approx(row["x"], rel=1e-12)
        assert found.y[at[1]] == pytest.approx(row["y"], rel=1e-12)
        assert found.n[at] == row["n"]
        assert found.p[at] == round(row["p"], 5)
        assert bool(found.is_excluded[at]) == (row["result_alpha_0.05"] == "Excluded")
    for row in data["real_1_2_6"]:
        at = names_a.index(row["predictor"]), names_b.index(row["response"])
        assert (old.n[at], round(old.r2[at], 3), old.p[at]) == (row["n"], row["r2"], row["p"])
        assert bool(old.is_excluded[at]) == (row["result"] == "Excluded")


def test_stature_as_sid_prints_it(shared: Path) -> None:
    data = load(shared, "stature_sid")
    codes = ["fem_01", "tib_01", "hum_01"]
    reference, stature = table(data["reference"], codes), table(data["reference"], ["stature"])[:, 0]
    values = table(data["case"], codes)[0]
    for level, name in ((0.95, "estimate_95"), (0.90, "estimate_90")):
        found = estimate_stature(codes, values, reference, stature, level=level)
        assert len(found) == len(data[name]) == 7
        for one, row in zip(found, data[name], strict=True):
            assert " ".join(one.codes) == row["measurements"]
            assert one.value_mm == pytest.approx(row["value"])
            assert round(one.stature_cm, 2) == row["point estimate"]
            assert (round(one.lower_cm, 2), round(one.upper_cm, 2)) == (row["lower"], row["upper"])
            # SID prints the distance of the estimate and the lower limit after rounding both.
            assert round(round(one.stature_cm, 2) - round(one.lower_cm, 2), 2) == row["PI"]
            assert one.half_width_cm == pytest.approx(row["PI"], abs=0.0101)
            line = one.line
            assert (line.n, round(line.slope, 5), round(line.intercept, 2), round(line.r2, 3)) == tuple(
                row[k] for k in ("n", "slope", "intercept", "R²")
            )
    for row in data["associate_95"]:
        two = values[:2]
        found_one = associate_stature(codes[:2], two, reference[:, :2], stature, row["known stature"])
        assert found_one.expected_mm == pytest.approx(row["point estimate"], rel=1e-12)
        assert found_one.expected_mm - found_one.half_width_mm == pytest.approx(row["lower"], rel=1e-12)
        assert found_one.expected_mm + found_one.half_width_mm == pytest.approx(row["upper"], rel=1e-12)
        assert round(found_one.half_width_mm, 2) == row["PI"]
        line = found_one.line
        assert (round(line.slope, 3), round(line.intercept, 3), round(line.r2, 3)) == tuple(
            row[k] for k in ("slope", "intercept", "R²")
        )
        assert round(found_one.p, 3) == row["p"]


def test_the_command_gives_the_numbers_of_the_tool(shared: Path, tmp_path: Path) -> None:
    """Pair-match of 2.0 (signed, two tails, no transform) from files to JSON."""
    data = load(shared, "pairmatch_rules_1_4_and_2_0")
    expected = {
        (r["left"], r["right"]): r
        for r in data["results"]
        if r["rule"] == "2.0" and not r["absolute"] and not r["yeojohnson"] and not r["zeromean"] and r["tails"] == 2
    }
    specimens = ["specimen_id,element,side"] + [f"{r['id']},humerus,{r['Side'][0].upper()}" for r in data["case"]]
    measured = [f"{r['id']},{c},{r[c]}" for r in data["case"] for c in CODES if r[c] is not None]
    folder = tmp_path / "dossier"
    folder.mkdir()
    (folder / "specimens.csv").write_text("\n".join(specimens) + "\n")
    (folder / "measurements.csv").write_text("\n".join(["specimen_id,code,value_mm", *measured]) + "\n")
    lines = ["id,element,side," + ",".join(CODES)]
    for row in data["reference"]:
        for side in "LR":
            values = ["" if row[f"{side}_{c}"] is None else str(row[f"{side}_{c}"]) for c in CODES]
            lines.append(",".join([row["id"], "humerus", side, *values]))
    (tmp_path / "reference.csv").write_text("\n".join(lines) + "\n")
    found = CliRunner().invoke(
        app,
        ["sort", str(folder), "--method", "osteosort-2.0", "--reference", str(tmp_path / "reference.csv"), "--json"],
    )
    assert found.exit_code == 0, found.output
    rows = json.loads(found.stdout)["comparisons"]
    assert len(rows) == len(expected) == 9
    for row in rows:
        theirs = expected[row["specimen_a"], row["specimen_b"]]
        assert (row["p"], row["n"], row["result"]) == (theirs["p_rounded"], theirs["n"], theirs["result"])
        assert row["measurements"] == theirs["measurements"]
