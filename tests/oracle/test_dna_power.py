"""Exclusion power, expected ratios, and sharing of genes, against forrel; unlinked ratios of KLINK and NIST pairs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cenotaph.formats.case_document import MarkerDocument, to_called, to_marker
from cenotaph.genetics.kinship import Hypothesis, loglik
from cenotaph.genetics.marker import Called, Marker
from cenotaph.genetics.mutation import Mutation, equal, proportional, stepwise
from cenotaph.genetics.pair import estimate_kappa, kappa_loglik, sharing_likelihoods
from cenotaph.genetics.pedigree import Pedigree
from cenotaph.genetics.power import exclusion_power, expected_lr, missing_person_exclusion_power
from tests.oracle.dna import first_pedigree, number, raw_cases

pytestmark = pytest.mark.shared

SIBS = Pedigree.from_rows([("1", None, None, 1), ("2", None, None, 2), ("A", "1", "2", 1), ("B", "1", "2", 1)])


def case(shared: Path, name: str) -> dict[str, Any]:
    return next(c for c in raw_cases(shared, "forrel_power") if c["id"] == name)


def markers(found: dict[str, Any]) -> list[Marker]:
    return [to_marker(MarkerDocument.model_validate(m)) for m in found["markers"]]


def profile(found: dict[str, Any], person: str) -> dict[str, Called]:
    called = {m: to_called(g, m) for m, g in found["genotypes"][person].items()}
    return {m: g for m, g in called.items() if g is not None}


@pytest.mark.parametrize("name", ["sib_ref", "big", "father_ref"])
def test_missing_person_exclusion_power(shared: Path, name: str) -> None:
    found = case(shared, f"missingPersonEP_{name}")
    pedigree = first_pedigree(found["pedigree"])
    profiles = {p: profile(found, p) for p in found["genotypes"]}
    powers = []
    for marker in markers(found):
        typed = {p: g[marker.name] for p, g in profiles.items() if marker.name in g}
        powers.append(missing_person_exclusion_power(pedigree, marker, typed, "MP"))
    assert powers == pytest.approx(found["result"]["EPperMarker"], rel=1e-8, abs=1e-9)
    assert 1 - np.prod(1 - np.array(powers)) == pytest.approx(found["result"]["EPtotal"], rel=1e-9)
    assert sum(powers) == pytest.approx(found["result"].get("expectedMismatch", sum(powers)), rel=1e-8, abs=1e-9)


@pytest.mark.parametrize(("name", "members"), [("trio", ("AF", "MO", "CH")), ("duo", ("AF", "CH"))])
def test_exclusion_power(shared: Path, name: str, members: tuple[str, ...]) -> None:
    found = case(shared, f"exclusionPower_{name}")
    claim = first_pedigree(found["pedigree"])
    other = claim.relabel({"AF": "another"})
    truth = Hypothesis((other, Pedigree.from_rows([("AF", None, None, 1)])))
    powers = [exclusion_power(Hypothesis((claim,)), truth, m, members) for m in markers(found)]
    assert powers == pytest.approx(found["result"]["EPperMarker"], rel=1e-8)


def test_expected_ratio(shared: Path) -> None:
    half = Pedigree.from_rows(
        [
            ("1", None, None, 1),
            ("2", None, None, 2),
            ("3", None, None, 2),
            ("A", "1", "2", 1),
            ("B", "1", "3", 1),
        ]
    )
    marker = Marker("M", ("1", "2", "3"), np.array([0.1, 0.2, 0.7]))
    value = expected_lr(Hypothesis((SIBS,)), Hypothesis((half,)), marker, ("A", "B"))
    assert value == pytest.approx(case(shared, "expectedLR_sibs")["result"][0], rel=1e-9)


def test_sharing_of_a_pair(shared: Path) -> None:
    found = case(shared, "ibdLoglik")
    likelihoods = sharing_likelihoods(markers(found), profile(found, "A"), profile(found, "B"))
    for row in found["result"]["loglik"]:
        assert kappa_loglik(likelihoods, np.array(row["kappa"])) == pytest.approx(number(row["loglik"]), rel=1e-9)
    estimate = estimate_kappa(likelihoods)
    published = np.array(found["result"]["kappa_hat"])
    assert estimate == pytest.approx(published, abs=3e-5)  # theirs stops 1.5e-8 below the maximum
    assert kappa_loglik(likelihoods, estimate) >= kappa_loglik(likelihoods, published) - 1e-9


def test_quick_ratios(shared: Path) -> None:
    found = case(shared, "quickLR")
    likelihoods = sharing_likelihoods(markers(found), profile(found, "A"), profile(found, "B"))
    against = kappa_loglik(likelihoods, np.array([1, 0, 0]))
    shares = {"pat": (0, 1, 0), "sib": (0.25, 0.5, 0.25), "half": (0.5, 0.5, 0), "cous": (0.75, 0.25, 0)}
    for name, kappa in shares.items():
        ratio = float(np.exp(kappa_loglik(likelihoods, np.array(kappa)) - against))
        assert ratio == pytest.approx(found["result"]["LR"][f"{name}:unrel"], rel=1e-9)


@pytest.mark.parametrize("name", ["paternity", "halfsib", "sibship"])
def test_klink_unlinked_ratios(shared: Path, name: str) -> None:
    found = json.loads((shared / "data" / "dna" / "cases" / "klink" / f"{name}.json").read_text(encoding="utf-8"))
    listed = found["hypotheses"]
    families = list(listed.values() if isinstance(listed, dict) else listed)
    hypotheses = [
        Hypothesis(tuple(Pedigree.from_rows((p["id"], p["father"], p["mother"], p["sex"]) for p in f) for f in h))
        for h in families
    ]
    typed = {p["id"]: p["genotypes"] for f in families[0] for p in f if p["genotypes"]}
    for marker_name, fields in found["markers"].items():
        marker = klink_marker(fields)
        seen = {p: Called(*g[marker_name].split("/")) for p, g in typed.items() if marker_name in g}
        values = [loglik(h, marker, seen) for h in hypotheses]
        expected = found["oracle"]["LRperMarker"][0][marker_name]
        assert np.exp(values[0] - values[-1]) == pytest.approx(expected, rel=1e-9), marker_name


def klink_marker(fields: dict[str, Any]) -> Marker:
    frequencies, alleles = np.array(fields["freqs"]), tuple(fields["alleles"])
    mutation = fields["mutation"]
    sides = []
    for sex in ("female", "male"):
        model = mutation.get(f"{sex}_matrix_model") or mutation.get(f"{sex}_model")
        rate = mutation[f"{sex}_rate"]
        if model == "equal":
            sides.append(equal(len(alleles), rate))
        elif model == "proportional":
            sides.append(proportional(frequencies, rate))
        else:
            # the document leaves out the rate of fractional changes; it stands in the project file
            sides.append(stepwise(alleles, rate, rate2=1e-6))
    return Marker(fields["name"], alleles, frequencies, mutation=Mutation(sides[0], sides[1]))
