"""Familias ``.fam`` files: read, compared with another program's reading of them, written and read back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cenotaph.errors import FormatError
from cenotaph.formats.familias import (
    AlleleSystem,
    FamiliasPedigree,
    FamiliasProject,
    Mutation,
    Person,
    ReferenceFamily,
    format_familias,
    parse_familias,
    pedigree_nodes,
    read_familias,
)

TWINS = {
    "exclusionExample": "exclusionExample.fam",
    "KETPexer497": "KETPex497.fam",
    "KETPexer498": "KETPex498.fam",
}

TRIO = FamiliasProject(
    version="3.3.1",
    persons=(
        Person("AF", "M", {"TH01": ("6", "9.3")}, 1950),
        Person("MO", "F"),
        Person("CH", "M", {"TH01": ("6", "6")}, is_child=True),
    ),
    pedigrees=(
        FamiliasPedigree("H1", (("AF", "CH"), ("MO", "CH"))),
        FamiliasPedigree("H2", (("extra_male_1", "CH"), ("MO", "CH")), (Person("extra_male_1", "M"),)),
    ),
    systems=(
        AlleleSystem(
            "TH01", ("6", "9.3"), (0.4, 0.58), 1000.0, 0.02, 0.001, 0.05,
            Mutation("stepwise_extended", 0.001, 0.1, 1e-6), Mutation("equal", 0.002, 0.5, 0.0),
        ),
    ),
    theta=0.01,
    database="made up",
)  # fmt: skip


def test_what_is_written_is_read_back() -> None:
    assert parse_familias(format_familias(TRIO)) == TRIO


def test_victims_and_families_are_written_and_read_back() -> None:
    family = ReferenceFamily(
        "F1",
        (Person("R", "F", {"TH01": ("6", "6")}), Person("Missing male 1", "M")),
        (FamiliasPedigree("Reference pedigree", ()), FamiliasPedigree("drawn", (("Missing male 1", "R"),))),
    )
    project = FamiliasProject(
        "3.3 (DVI)",
        (),
        (),
        TRIO.systems,
        unidentified=(Person("V1", "M", {"TH01": ("6", "9.3")}),),
        families=(family,),
    )
    again = parse_familias(format_familias(project))
    assert again == project
    assert again.families[0].template == family.pedigrees[1]


@pytest.mark.parametrize("line", range(1, 45))
def test_a_file_that_breaks_off_names_the_line(line: int) -> None:
    text = "\n".join(format_familias(TRIO).split("\n")[:line])
    with pytest.raises(FormatError, match=rf"project\.fam:{line}"):
        parse_familias(text)


def test_an_index_to_nowhere_names_the_line() -> None:
    lines = format_familias(TRIO).split("\n")
    lines[lines.index("H1".join('""')) + 4] = "7"
    with pytest.raises(FormatError, match=r"fam:\d+: no such parent in pedigree H1, found 7, valid: 0 to 2"):
        parse_familias("\n".join(lines))


def test_an_unnamed_parent_is_a_person_of_their_own() -> None:
    nodes = pedigree_nodes(FamiliasPedigree("p", (("Missing person", "R1"), ("EM1", "R1"))), [Person("EM1", "M")])
    assert {n.name: n.sex for n in nodes} == {"EM1": "M", "Missing person": "F", "R1": "U"}


def test_two_fathers_are_refused() -> None:
    with pytest.raises(FormatError, match="both parents of C are of one sex"):
        pedigree_nodes(FamiliasPedigree("p", (("A", "C"), ("B", "C"))), [Person("A", "M"), Person("B", "M")])


def folder(shared: Path) -> Path:
    return shared / "data" / "dna" / "cases"


def test_every_example_is_read_and_read_back(shared: Path) -> None:
    files = sorted(folder(shared).glob("*/*.fam"))
    assert len(files) == 11
    for path in files:
        project = read_familias(path)
        assert project.systems
        assert not project.messages
        assert parse_familias(format_familias(project)) == project


@pytest.mark.parametrize("name", TWINS)
def test_alleles_frequencies_and_victims_agree_with_the_twin(shared: Path, name: str) -> None:
    twin = json.loads((folder(shared) / "dvir" / f"{name}.json").read_text())
    project = read_familias(folder(shared) / "dvir" / TWINS[name])
    systems = {s.name: s for s in project.systems}
    for marker, expected in twin["markers"].items():
        system = systems[marker]
        ours = dict(zip(system.alleles, system.frequencies, strict=True))
        theirs = dict(zip(expected["alleles"], expected["freqs"], strict=True))
        assert set(ours) == set(theirs)
        assert all(abs(ours[a] - theirs[a]) < 1e-6 for a in ours)
        if expected["mutation"]:
            assert system.female_mutation.rate == expected["mutation"]["female"]["rate"]
    victims = dict(zip(twin["pm"], project.unidentified, strict=True))  # the twin may have renamed them, in order
    for victim, record in twin["pm"].items():
        record = record[0] if isinstance(record, list) else record
        sex = {1: "M", 2: "F"}.get(record["sex"], "U")
        assert victims[victim].sex == sex
        for marker, genotype in (record.get("genotypes") or {}).items():
            if genotype not in (None, "-/-"):
                assert sorted(victims[victim].genotypes[marker]) == sorted(genotype.split("/"))
