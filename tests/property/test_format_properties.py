"""Any profiles go through a foreign format and come back, or the file is refused by name and line."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.test_familias import TRIO

from cenotaph.errors import FormatError
from cenotaph.formats.codis import format_codis, parse_codis
from cenotaph.formats.familias import format_familias, parse_familias
from cenotaph.formats.genemapper import format_genemapper, parse_genemapper
from cenotaph.formats.haplogrep import parse_haplogrep
from cenotaph.formats.plink import parse_ped
from cenotaph.formats.profiles import Profile, dossier_of, profile_rows
from cenotaph.formats.wide import format_wide, parse_wide

ALLELES = st.sampled_from(["6", "9.3", "13", "31.2", "<6", ">15"])
GENOTYPES = st.dictionaries(
    st.sampled_from(["TH01", "vWA", "Penta_D", "D22S1045", "CSF1PO"]),
    st.lists(ALLELES, min_size=1, max_size=4).map(tuple),
    min_size=1,
)
SAMPLES = st.lists(GENOTYPES, min_size=1, max_size=5).map(
    lambda found: [Profile(f"S{i}", g, "specimen", f"S{i}") for i, g in enumerate(found)]
)
STAMP = datetime.datetime(2018, 7, 27)


@settings(deadline=None, max_examples=50)
@given(SAMPLES)
def test_profiles_come_back(profiles: list[Profile]) -> None:
    dossier = dossier_of(profile_rows(profiles))
    expected = [(p.sample, dict(p.genotypes)) for p in profiles]
    by_table = parse_genemapper(format_genemapper(dossier).text)
    assert [(p.sample, p.genotypes) for p in by_table] == expected
    by_wide = parse_wide(format_wide(dossier).text)
    assert [(p.sample, p.genotypes, p.origin) for p in by_wide] == [(*e, "specimen") for e in expected]
    names = {"Penta D": "Penta_D"}
    by_codis = parse_codis(format_codis(dossier, submitted=STAMP).text)
    assert [(s.specimen_id, {names.get(k, k): v for k, v in s.loci.items()}) for s in by_codis] == expected


FAM = format_familias(TRIO).split("\n")


@settings(deadline=None, max_examples=100)
@given(st.integers(0, len(FAM) - 1), st.text(max_size=12))
def test_a_changed_familias_line_is_read_or_refused_by_line(at: int, line: str) -> None:
    text = "\n".join([*FAM[:at], line, *FAM[at + 1 :]])
    where = "project.fam:1"
    try:
        parse_familias(text)
    except FormatError as error:
        where = str(error.where)
    assert where.startswith("project.fam:")


@pytest.mark.parametrize("parse", [parse_genemapper, parse_wide, parse_ped, parse_haplogrep, parse_codis])
@settings(deadline=None, max_examples=50)
@given(text=st.text(max_size=200))
def test_garbage_is_read_or_refused(parse, text: str) -> None:  # type: ignore[no-untyped-def]
    try:
        found = parse(text)
    except FormatError:
        return
    assert isinstance(found, list)
