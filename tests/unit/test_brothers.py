"""Brothers, and compatriots who resemble men of the roster: DNA that cannot tell them apart names neither.

Families, profiles and men are made up. Two brothers are missing; their parents and a paternal uncle gave samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest

from cenotaph.dossier.read import Dossier
from cenotaph.dossier.shipped import load_frequency_tables
from cenotaph.identification.identify import Identification, identify
from cenotaph.identification.result import best_answer, result_tables
from cenotaph.identification.settings import Settings
from cenotaph.provenance import Run

pytestmark = pytest.mark.slow

TABLE = load_frequency_tables()["nist1036:Caucasian"]
MARKERS = ("CSF1PO", "D10S1248", "D12S391", "D13S317", "D16S539", "D18S51", "D19S433", "D1S1656", "D21S11", "D22S1045",
           "D2S1338", "D2S441", "D3S1358", "D5S818", "D7S820", "D8S1179", "FGA", "TH01", "TPOX", "vWA")  # fmt: skip
Genotype = dict[str, tuple[str, str]]


@dataclass
class People:
    """Draws genotypes of founders and children."""

    rng: np.random.Generator

    def founder(self) -> Genotype:
        """Somebody unrelated."""
        return {m: (self._allele(m), self._allele(m)) for m in MARKERS}

    def child(self, father: Genotype, mother: Genotype) -> Genotype:
        """A child of two people."""
        return {m: (father[m][self.rng.integers(2)], mother[m][self.rng.integers(2)]) for m in MARKERS}

    def _allele(self, marker: str) -> str:
        table = TABLE.markers[marker]
        return str(self.rng.choice(table.alleles, p=table.frequencies / table.frequencies.sum()))


def frame(columns: str, *rows: tuple[object, ...]) -> pl.DataFrame:
    names = columns.split()
    texts = [[None if v is None else str(v) for v in row] for row in rows]
    return pl.DataFrame(texts, schema=dict.fromkeys(names, pl.String), orient="row")


def family(number: int, children: int) -> list[tuple[str, str, str | None, str | None, str, str | None]]:
    """Father, mother, and missing sons."""
    f = f"F{number}"
    sons = [(f, f"{f}.S{k}", f"{f}.F", f"{f}.M", "M", f"M{number}{k}") for k in range(children)]
    return [(f, f"{f}.F", None, None, "M", None), (f, f"{f}.M", None, None, "F", None), *sons]


@dataclass
class Scene:
    """A dossier in the making: brothers M10 and M11 of family F1, and thirty other men with a father each."""

    people: People
    genotypes: dict[str, Genotype]
    bones: dict[str, Genotype]
    stature: dict[str, float]
    length: dict[str, float]
    brothers: int = 2

    @classmethod
    def begin(cls, seed: int) -> Scene:
        people = People(np.random.default_rng(seed))
        genotypes = {f"F{n}.{who}": people.founder() for n in range(1, 32) for who in "FM"}
        return cls(people, genotypes, {}, {}, {})

    def son(self, number: int) -> Genotype:
        """A son of a family."""
        return self.people.child(self.genotypes[f"F{number}.F"], self.genotypes[f"F{number}.M"])

    def dossier(self) -> Dossier:
        families = [(n, self.brothers if n == 1 else 1) for n in range(1, 32)]
        men = [f"M{n}{k}" for n, count in families for k in range(count)]
        donors = list(self.genotypes)
        samples = [(f"R-{d}", "relative", d) for d in donors] + [(f"B-{s}", "specimen", s) for s in self.bones]
        typed = {**{f"R-{d}": g for d, g in self.genotypes.items()}, **{f"B-{s}": g for s, g in self.bones.items()}}
        profiles = [(s, 1, m, *g[m]) for s, g in typed.items() for m in MARKERS]
        texts = {
            "missing": frame(
                "missing_id sex birth_date population stature_cm loss_date",
                *((m, "M", "1929-01-01", "white", self.stature.get(m, 175.0), "1950-11-30") for m in men),
            ),
            "relatives": frame(
                "family_id person_id father_id mother_id sex missing_id",
                *(row for n, count in families for row in family(n, count)),
            ),
            "containers": frame("container_id label", ("BOX1", "1")),
            "specimens": frame(
                "specimen_id container_id element side", *((s, "BOX1", "femur", "L") for s in self.bones)
            ),
            "samples": frame("sample_id origin origin_id", *samples),
            "str_profiles": frame("sample_id replicate marker allele_1 allele_2", *profiles),
        }
        if self.length:
            texts["measurements"] = frame(
                "specimen_id code value_mm", *((s, "Fem_01", length) for s, length in self.length.items())
            )
        return Dossier.from_texts(texts)


def run(scene: Scene) -> Identification:
    return identify(scene.dossier(), Settings(), Run("identify", 1, {}))


def answers(found: Identification) -> dict[str, dict[str, str]]:
    return {row["individual_id"]: row for row in result_tables(found)["individuals"].iter_rows(named=True)}


@pytest.fixture(scope="module")
def one_brother() -> Identification:
    scene = Scene.begin(1)
    scene.bones["S1"] = scene.son(1)
    return run(scene)


def test_a_bone_of_one_of_two_brothers_is_a_shortlist_that_names_both(one_brother: Identification) -> None:
    row = answers(one_brother)["I-S1"]
    assert row["verdict"] == "shortlist"
    assert {row["missing_id"], row["runner_up_id"]} == {"M10", "M11"}
    assert "M10" in row["reason"]
    assert "M11" in row["reason"]
    assert "one of 2 of one family" in row["reason"]


def test_the_mass_is_shared_between_the_brothers(one_brother: Identification) -> None:
    names = one_brother.joint.names[0]
    assert names.probability[0] == pytest.approx(names.probability[1], rel=1e-6)
    # What is left is the chance that the sample is somebody else's.
    assert names.probability[:2].sum() == pytest.approx(1 - Settings().errors.sample, abs=1e-4)


def test_bones_of_two_brothers_are_two_people_and_each_is_a_shortlist() -> None:
    scene = Scene.begin(2)
    scene.bones["S1"], scene.bones["S2"] = scene.son(1), scene.son(1)
    found = run(scene)
    assert found.joint.pairs == () or max(p for _, _, p, _ in found.joint.pairs) < 0.01
    rows = answers(found)
    assert set(rows) == {"I-S1", "I-S2"}
    assert {row["verdict"] for row in rows.values()} == {"shortlist"}
    assert all({row["missing_id"], row["runner_up_id"]} == {"M10", "M11"} for row in rows.values())


def test_three_brothers_share_the_mass_whatever_is_found_of_the_others() -> None:
    """Bones of two of three: neither is named, and each of the three is as likely as the others for either."""
    scene = Scene.begin(2)
    scene.brothers = 3
    scene.bones["S1"], scene.bones["S2"] = scene.son(1), scene.son(1)
    found = run(scene)
    rows = answers(found).values()
    assert {row["verdict"] for row in rows} == {"shortlist"}
    assert all("one of 3 of one family" in row["reason"] for row in rows)
    assert len(found.joint.names) == 2
    for names in found.joint.names:
        assert sorted(found.case.missing_ids[m] for m in names.men[:3]) == ["M10", "M11", "M12"]
        assert names.probability[:3] == pytest.approx([names.probability[0]] * 3, rel=1e-6)


@pytest.mark.parametrize("seed", range(3, 8))
def test_similar_brothers_with_few_markers_are_never_merged_for_certain(seed: int) -> None:
    """Partial profiles of two brothers from two bones of one side: the link must not be beyond doubt."""
    scene = Scene.begin(seed)
    whole = scene.son(1), scene.son(1)
    for name, genotype in zip(("S1", "S2"), whole, strict=True):
        scene.bones[name] = genotype
    dossier = scene.dossier()
    few = ("R-", MARKERS[:5])
    profiles = dossier.texts["str_profiles"].filter(
        pl.col("sample_id").str.starts_with(few[0]) | pl.col("marker").is_in(few[1])
    )
    specimens = dossier.texts["specimens"].with_columns(pl.Series("side", ["L", "R"]))
    dossier = Dossier.from_texts({**dossier.texts, "str_profiles": profiles, "specimens": specimens})
    found = identify(dossier, Settings(), Run("identify", 1, {}))
    assert not any(rule == "certain" for *_, rule in found.joint.pairs)
    assert all(row["verdict"] != "identification" for row in answers(found).values())


def test_stature_moves_the_mass_between_brothers_of_unlike_height() -> None:
    """A short femur, a short brother and a tall one: the short one leads, by far more than with equal statures."""
    scene = Scene.begin(1)
    scene.bones["S1"] = scene.son(1)
    scene.stature = {"M10": 158.0, "M11": 192.0}
    scene.length = {"S1": 415.0}
    row = answers(run(scene))["I-S1"]
    assert row["missing_id"] == "M10"
    assert float(row["probability"]) > 0.95
    assert float(row["runner_up_probability"]) < 0.05


def test_an_unlisted_cousin_of_a_missing_man_is_not_named() -> None:
    """Not on the roster, but the nephew of a donor: his profile resembles the family, and must not take its name."""
    scene = Scene.begin(9)
    father, mother = scene.genotypes["F2.F"], scene.genotypes["F2.M"]
    grandparents = scene.people.founder(), scene.people.founder()
    # The donor's brother: rebuild the donor as a child of two people, so that they share alleles as brothers do.
    scene.genotypes["F2.F"] = father = scene.people.child(*grandparents)
    uncle = scene.people.child(*grandparents)
    scene.bones["S1"] = scene.people.child(uncle, scene.people.founder())
    assert mother is scene.genotypes["F2.M"]
    assert father is scene.genotypes["F2.F"]
    found = run(scene)
    row = answers(found)["I-S1"]
    assert row["verdict"] != "identification"
    missing, p = best_answer(found, found.individuals[0].names)
    assert missing is None or p < 0.9995


def test_a_missing_mans_own_brother_who_is_not_on_the_roster_is_not_named() -> None:
    """The record does not know of him; DNA of the parents alone cannot tell, and one kind of evidence is no name."""
    scene = Scene.begin(10)
    scene.bones["S1"] = scene.son(3)
    row = answers(run(scene))["I-S1"]
    assert row["verdict"] != "identification"
    assert "support from autosomal alone" in row["reason"]
