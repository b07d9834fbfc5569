"""The same likelihood by a general Bayesian network, which knows no genetics."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cenotaph.genetics.kinship import loglik
from cenotaph.genetics.marker import Called, Marker
from cenotaph.genetics.mutation import Mutation, stepwise
from cenotaph.genetics.pedigree import Pedigree


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_first_cousins_with_mutation_as_a_network() -> None:
    gum = pytest.importorskip("pyagrum")
    family = Pedigree.from_rows(
        [
            ("GF", None, None, 1),
            ("GM", None, None, 2),
            ("P", "GF", "GM", 1),
            ("Q", "GF", "GM", 2),
            ("W", None, None, 2),
            ("H", None, None, 1),
            ("A", "P", "W", 1),
            ("B", "H", "Q", 2),
        ]
    )
    alleles, p = ("8", "9", "10"), np.array([0.2, 0.5, 0.3])
    mutation = Mutation(stepwise(alleles, 0.02), stepwise(alleles, 0.05))
    seen = {"GM": Called("8", "9"), "A": Called("8", "10"), "B": Called("8", "8")}

    network = gum.BayesNet()
    for member in family:
        for side in "pm":
            network.add(gum.LabelizedVariable(member + side, "", 3))
        network.add(gum.LabelizedVariable(member, "", 9))
    for member in family:
        parents = family.parents(member)
        for side, parent in zip("pm", parents or (None, None), strict=True):
            if parent is None:
                network.cpt(member + side).fillWith(p.tolist())
                continue
            passed = mutation.male if side == "p" else mutation.female
            network.addArc(parent + "p", member + side)
            network.addArc(parent + "m", member + side)
            for a, b in itertools.product(range(3), repeat=2):
                network.cpt(member + side)[{parent + "p": a, parent + "m": b}] = (passed[a] + passed[b]) / 2
        network.addArc(member + "p", member)
        network.addArc(member + "m", member)
        for a, b in itertools.product(range(3), repeat=2):
            network.cpt(member)[{member + "p": a, member + "m": b}] = np.eye(9)[3 * a + b]
    engine = gum.LazyPropagation(network)
    evidence = {}
    for member, genotype in seen.items():
        i, j = (alleles.index(str(x)) for x in (genotype.first, genotype.second))
        evidence[member] = [float(k in (3 * i + j, 3 * j + i)) for k in range(9)]
    engine.setEvidence(evidence)
    engine.makeInference()
    found = loglik(family, Marker("M", alleles, p, mutation=mutation), seen)
    assert np.exp(found) == pytest.approx(engine.evidenceProbability(), rel=1e-10)
