"""A reference filed under the wrong family lends a likeness to the wrong man: no name rests on one donor beyond that.

People are made up, as in `tests.unit.test_brothers`.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from cenotaph.dossier.read import Dossier
from cenotaph.evidence.autosomal import AutosomalLine
from cenotaph.evidence.combine import ErrorSettings
from cenotaph.genetics.family_table import genotype_index
from cenotaph.identification.donors import SHARING, Donors
from cenotaph.identification.grouping import Names
from cenotaph.identification.identify import Identification, identify
from cenotaph.identification.settings import Settings
from cenotaph.provenance import Run
from tests.unit.test_brothers import Scene, frame, run


def dossier_of_nieces(scene: Scene, donors: dict[str, dict[str, tuple[str, str]]]) -> Dossier:
    """Every missing man has a niece by a brother; *donors* has the genotypes of the nieces by family."""
    plain = scene.dossier()
    numbers = sorted(donors)
    relatives = frame(
        "family_id person_id father_id mother_id sex missing_id",
        *(
            row
            for f in numbers
            for row in (
                (f, f"{f}.GF", None, None, "M", None),
                (f, f"{f}.GM", None, None, "F", None),
                (f, f"{f}.S0", f"{f}.GF", f"{f}.GM", "M", f"M{f[1:]}0"),
                (f, f"{f}.B", f"{f}.GF", f"{f}.GM", "M", None),
                (f, f"{f}.W", None, None, "F", None),
                (f, f"{f}.N", f"{f}.B", f"{f}.W", "F", None),
            )
        ),
    )
    samples = [(f"R-{f}", "relative", f"{f}.N") for f in numbers] + [(f"B-{s}", "specimen", s) for s in scene.bones]
    typed = {**{f"R-{f}": donors[f] for f in numbers}, **{f"B-{s}": g for s, g in scene.bones.items()}}
    profiles = [(s, 1, m, *alleles) for s, g in typed.items() for m, alleles in g.items()]
    return Dossier.from_texts(
        {
            **plain.texts,
            "relatives": relatives,
            "samples": frame("sample_id origin origin_id", *samples),
            "str_profiles": frame("sample_id replicate marker allele_1 allele_2", *profiles),
        }
    )


@pytest.fixture(scope="module")
def swapped() -> Dossier:
    """The bone is the brother of the woman who is filed as the niece of M10."""
    scene = Scene.begin(4)
    scene.brothers = 1
    scene.bones["S1"] = scene.son(5)
    donors = {f"F{n}": scene.people.founder() for n in range(1, 32)}
    donors["F1"] = scene.son(5)
    return dossier_of_nieces(scene, donors)


def solved(dossier: Dossier, rate: float) -> Identification:
    return identify(dossier, Settings(errors=ErrorSettings(donor_swap=rate)), Run("identify", 1, {}))


def test_a_closer_likeness_than_recorded_is_somebody_elses(swapped: Dossier) -> None:
    believed, doubted = (solved(swapped, rate).joint.names[0] for rate in (1e-12, 0.002))
    man = solved(swapped, 0.002).case.missing_ids[int(believed.men[0])]
    assert man == "M10"
    assert believed.probability[0] > 0.99
    assert 1 - doubted.probability[0] > 2 * (1 - believed.probability[0])
    # What the name loses, somebody else on the roster gains.
    lost = believed.probability[0] - doubted.probability[0]
    assert doubted.classes[0] - believed.classes[0] == pytest.approx(lost, rel=0.1)
    assert doubted.probability.sum() + doubted.classes.sum() == pytest.approx(1, abs=1e-6)


def test_a_likeness_as_recorded_is_hardly_doubted() -> None:
    scene = Scene.begin(1)
    scene.brothers = 1
    scene.bones["S1"] = scene.son(1)
    names = run(scene).joint.names[0]
    # Both parents would have to be another man's, of whom one is asked at a time.
    assert names.probability[0] > 1 - ErrorSettings().sample - 1e-4


def test_what_an_examiner_has_settled_is_not_doubted(swapped: Dossier) -> None:
    found = solved(swapped, 0.002)
    settled = Names(np.array([0]), np.array([1.0]), np.zeros(8))
    assert (
        Donors.of(found.evidence, found.joint.prior).doubted(found.evidence.exhibits_of((0,)), settled).probability[0]
        == 1.0
    )


def test_relations_of_the_record_are_counted(swapped: Dossier) -> None:
    found = solved(swapped, 0.002)
    assert Donors.of(found.evidence, found.joint.prior).share.tolist() == [1 / 36, 1 / 36, 32 / 36, 1 / 36]


def test_likeness_to_a_donor_is_the_sum_over_genotypes(swapped: Dossier) -> None:
    found = solved(swapped, 0.002)
    line = next(x for x in found.evidence.lines if isinstance(x, AutosomalLine))
    case = found.case
    family = case.families[case.family_of[0]]
    samples = found.evidence.exhibits_of(found.individuals[0].specimens)
    donor = next(i for i in family.donors)
    expected = np.zeros(len(SHARING))
    for m, seen in line._by_marker(samples).items():
        a, b = (int(x) for x in line.donor_genotype[family.samples[donor][0]][m])
        own = line._own_population(0)
        p = line.model.frequencies[own, m, : len(line.model.alleles[m])]
        k = len(p)
        one = sum(0.5 * p[x] * seen[genotype_index(s, x)] for s, x in product((a, b), range(k)))
        both = seen[genotype_index(a, b)]
        none = float(seen @ line.baseline[own, int(line.offsets[m]) : int(line.offsets[m + 1])])
        for r, (k0, k1, k2) in enumerate(SHARING):
            expected[r] += np.log(max((k0 * none + k1 * one + k2 * both) / none, 1e-3))
    np.testing.assert_allclose(line.kin_log_ratios(samples, family.samples[donor], 0, SHARING), expected, rtol=1e-5)
