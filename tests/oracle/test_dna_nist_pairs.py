"""Ratios computed by pedprobr with the NIST 1036 frequencies: 112 pairs and 88 missing persons."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from cenotaph.genetics.frequencies import allele_order
from cenotaph.genetics.kinship import Hypothesis, loglik
from cenotaph.genetics.marker import Called, Marker
from cenotaph.genetics.mutation import Mutation, equal, proportional, stepwise
from cenotaph.genetics.pedigree import Pedigree

pytestmark = [pytest.mark.shared, pytest.mark.slow]

UNRELATED = Hypothesis((Pedigree.from_rows([("A", None, None, 0)]), Pedigree.from_rows([("B", None, None, 0)])))
ALONE = Pedigree.from_rows([("MP", None, None, 0)])
FATHER, MOTHER = ("F", None, None, 1), ("M", None, None, 2)
RELATED = {
    "PC": [("A", None, None, 1), MOTHER, ("B", "A", "M", 0)],
    "FS": [FATHER, MOTHER, ("A", "F", "M", 0), ("B", "F", "M", 0)],
    "HS": [FATHER, MOTHER, ("N", None, None, 2), ("A", "F", "M", 0), ("B", "F", "N", 0)],
    "GP": [("A", None, None, 1), MOTHER, ("C", "A", "M", 1), ("N", None, None, 2), ("B", "C", "N", 0)],
    "AV": [FATHER, MOTHER, ("A", "F", "M", 0), ("C", "F", "M", 1), ("N", None, None, 2), ("B", "C", "N", 0)],
    "C1": [
        FATHER,
        MOTHER,
        ("C", "F", "M", 1),
        ("D", "F", "M", 1),
        ("N", None, None, 2),
        ("O", None, None, 2),
        ("A", "C", "N", 0),
        ("B", "D", "O", 0),
    ],
}


def nist_markers(shared: Path, population: str, model: str) -> dict[str, Marker]:
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    path = shared / "data" / "dna" / "str" / "nist1036_allele_frequencies.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["population"] == population:
                counts[row["locus"]][row["allele"]] = int(row["count"])
    made = {}
    for locus, found in counts.items():
        alleles = tuple(sorted(found, key=allele_order))
        frequencies = np.array([round(found[a] / sum(found.values()), 6) for a in alleles])
        frequencies = frequencies / frequencies.sum()
        made[locus] = Marker(locus, alleles, frequencies, mutation=nist_mutation(model, alleles, frequencies))
    return made


def nist_mutation(model: str, alleles: tuple[str, ...], frequencies: np.ndarray) -> Mutation | None:
    if model == "none":
        return None
    if model == "equal":
        return Mutation(equal(len(alleles), 0.002), equal(len(alleles), 0.002))
    if model == "proportional":
        return Mutation(proportional(frequencies, 0.002), proportional(frequencies, 0.002))
    return Mutation(stepwise(alleles, 0.001, rate2=1e-6), stepwise(alleles, 0.002, rate2=1e-6))


def called(text: str) -> Called:
    return Called(*text.split("/"))


@pytest.mark.parametrize("population", ["AA", "Asian", "Cauc", "Hisp"])
def test_pairs(shared: Path, population: str) -> None:
    path = shared / "data" / "dna" / "cases" / "pedsuite_oracle" / "pairwise_nist1036.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    models = {model: nist_markers(shared, population, model) for model in document["mutation_models"]}
    for case in [c for c in document["cases"] if c["population"] == population][::4]:
        for key, expected in case["LR"].items():
            name, model, theta = key.split("|")
            related = Hypothesis((Pedigree.from_rows(RELATED[name]),))
            for locus, value in zip(document["loci"], expected["perlocus"], strict=True):
                if value is None:
                    continue  # the peer stops at an inconsistency with theta > 0 (errata.json)
                seen = {p: called(g[locus]) for p, g in case["genotypes"].items()}
                marker = models[model][locus]
                ratio = np.exp(
                    loglik(related, marker, seen, theta=float(theta))
                    - loglik(UNRELATED, marker, seen, theta=float(theta))
                )
                # printed to ten digits, and twelve decimals at most
                assert ratio == pytest.approx(value, rel=1e-9, abs=6e-13), (case["id"], key, locus)


def test_missing_persons(shared: Path) -> None:
    path = shared / "data" / "dna" / "cases" / "pedsuite_oracle" / "missing_person_nist1036.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    for case in document["cases"][::3]:
        family = Pedigree.from_rows((p["id"], p["father"], p["mother"], p["sex"]) for p in case["pedigree"])
        for model, expected in case["LR"].items():
            markers = nist_markers(shared, case["population"], model)
            for locus, value in zip(document["loci"], expected["perlocus"], strict=True):
                seen = {p: called(g[locus]) for p, g in case["genotypes"].items()}
                references = {p: x for p, x in seen.items() if p != "MP"}
                ratio = np.exp(
                    loglik(family, markers[locus], seen)
                    - loglik(family, markers[locus], references)
                    - loglik(ALONE, markers[locus], {"MP": seen["MP"]})
                )
                assert ratio == pytest.approx(value, rel=1e-9, abs=6e-13), (case["id"], model, locus)
