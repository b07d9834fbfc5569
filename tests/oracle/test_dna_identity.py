"""Identity coefficients, genotype distributions and mutation matrices of the R packages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cenotaph.formats.case_document import (
    MarkerDocument,
    MutationSideDocument,
    mutation_matrix,
    to_called,
    to_marker,
)
from cenotaph.genetics.identity import identity_coefficients, kinship_matrix
from cenotaph.genetics.kinship import joint_genotype_distribution
from tests.oracle.dna import first_pedigree, number, raw_cases

pytestmark = pytest.mark.shared


def test_identity_coefficients(shared: Path) -> None:
    for case in raw_cases(shared, "ibd_coefficients"):
        pedigree = first_pedigree(case["pedigree"])
        first, second = case["pair"]
        autosomal = identity_coefficients(pedigree, first, second)
        x = identity_coefficients(pedigree, first, second, x_linked=True)
        assert autosomal.kinship == pytest.approx(case["kinship"], abs=1e-14)
        assert x.kinship == pytest.approx(case["kinship_X"], abs=1e-14)
        assert autosomal.inbreeding == tuple(case["inbreeding"].values())
        assert autosomal.kappa == pytest.approx(np.array(case["kappa"]), abs=1e-14)
        assert x.kappa == pytest.approx(np.array([number(k) for k in case["kappa_X"]]), abs=1e-14, nan_ok=True)
        i, j = pedigree.index(first), pedigree.index(second)
        assert kinship_matrix(pedigree)[i, j] == pytest.approx(case["kinship"], abs=1e-14)
        assert kinship_matrix(pedigree, x_linked=True)[i, j] == pytest.approx(case["kinship_X"], abs=1e-14)


def test_genotype_distributions(shared: Path) -> None:
    for case in raw_cases(shared, "genotype_distributions"):
        marker = to_marker(MarkerDocument.model_validate(case["markers"][0]))
        typed = {p: to_called(g[marker.name], p) for p, g in case["genotypes"].items()}
        found = joint_genotype_distribution(
            first_pedigree(case["pedigree"]), marker, {p: x for p, x in typed.items() if x}, tuple(case["ids"])
        )
        position = {
            f"{marker.alleles[a]}/{marker.alleles[b]}": k
            for k, (a, b) in enumerate(zip(*np.triu_indices(len(marker.alleles)), strict=True))
        }
        assert found.sum() == pytest.approx(1.0)
        for row in case["distribution"]:
            cell = tuple(position[row[member]] for member in case["ids"])
            assert found[cell] == pytest.approx(row["prob"], rel=1e-9, abs=1e-15), case["id"]


def test_mutation_matrices_of_real_loci(shared: Path) -> None:
    for case in raw_cases(shared, "mutation_matrices"):
        fields = MutationSideDocument(**{k: case[k] for k in ("model", "rate", "rate2", "range")})
        matrix = mutation_matrix(fields, tuple(case["alleles"]), np.array(case["freqs"]))
        assert matrix == pytest.approx(np.array(case["matrix"]), rel=1e-9, abs=1e-12)
