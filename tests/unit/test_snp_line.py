"""The line of SNPs: frequencies by population, its guards, the search, and what it says of donors."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from benchmarks.invented_snps import PEDIGREE, invented

from cenotaph.dossier.genetic_map import read_genetic_map
from cenotaph.dossier.read import read_dossier
from cenotaph.dossier.vcf_profiles import OTHER_STRAND, read_snp_profiles
from cenotaph.errors import FormatError
from cenotaph.evidence.case import Case
from cenotaph.evidence.combine import ErrorSettings, Evidence
from cenotaph.evidence.line import FOREIGN, Floats, States
from cenotaph.evidence.snp import SnpLine
from cenotaph.evidence.snp_data import NO_FREQUENCY, PackedPeople, SnpData, SnpSettings, snp_data
from cenotaph.evidence.snp_pedigrees import pedigree_flags
from cenotaph.genetics.lineage import kinship
from cenotaph.genetics.mixed_search import Hits
from cenotaph.genetics.snp_family import FamilyReducer, SnpMap, blocks_of, random_logliks
from cenotaph.genetics.snp_kin import DEGREES, FATHER, MOTHER
from cenotaph.genetics.snp_panel import PopulationFrequencies, population_frequencies
from cenotaph.genetics.snp_reads import call_likelihood
from cenotaph.identification import snp_search
from cenotaph.identification.cluster import cluster_workers
from cenotaph.identification.donors import SHARING
from cenotaph.identification.snp_search import LineOfBones, SnpProblem, matches
from cenotaph.identification.tiles import Workers, in_this_process, search_in_tiles
from cenotaph.reports.casebook import _samples
from cenotaph.units import LN10
from tests.unit.dossiers import write_tables

BONES, MEN = 20, 24
Invented = tuple[Case, SnpData]


@pytest.fixture(scope="module")
def few() -> Invented:
    return invented(BONES, MEN, 1500)


def line_of(case: Case, data: SnpData) -> SnpLine:
    return SnpLine(data, case, States.of(case), SnpSettings())


def strangers(frequency: Floats, own: Floats, people: int, rng: np.random.Generator) -> Floats:
    """Likelihood ratios of unrelated people of one population, uncle against nephew, judged by a frequency."""
    calls = rng.binomial(2, own[:, None], (len(own), people)).astype(np.int8)
    father, mother = np.array([-1, -1, 0, 0, -1, 3]), np.array([-1, -1, 1, 1, -1, 4])
    reducer = FamilyReducer(frequency, SnpMap.unlinked(len(own)))
    likelihood = np.stack([call_likelihood(calls[:, k], 0.005).astype(np.float32) for k in range(people)])
    alone = random_logliks(likelihood, frequency)
    found = []
    for k in range(people):
        family = reducer.reduce(father, mother, 2, {5: likelihood[k]})
        others = np.arange(people) != k
        found.append((reducer.bone_logliks(family, blocks_of(likelihood), people) - alone)[others])
    return np.exp(np.concatenate(found))


def test_by_the_frequencies_of_others_strangers_look_related_and_by_their_own_they_do_not() -> None:
    rng = np.random.default_rng(5)
    panel = rng.uniform(0.1, 0.5, 1200)
    strength = (1 - 0.12) / 0.12
    own = rng.beta(panel * strength, (1 - panel) * strength)
    donors = rng.binomial(2, own[:, None], (1200, 40)).astype(np.int8)
    found = population_frequencies(panel, donors, np.ones(40))
    assert found.drift == pytest.approx(0.12, abs=0.015)
    assert strangers(panel, own, 24, rng).mean() > 100
    assert strangers(found.frequency, own, 24, rng).mean() < 1


def test_a_population_whose_frequencies_do_not_fit_is_not_judged() -> None:
    case, data = invented(BONES, 60, 1500)
    sound = line_of(case, data)
    assert sound.inflation[0].is_sound
    assert sound.inflation[0].pairs > 1000
    rng = np.random.default_rng(6)
    strength = (1 - 0.2) / 0.2
    wrong = np.clip(rng.beta(data.frequency * strength, (1 - data.frequency) * strength), 0.01, 0.99)
    # Donors must still fit: what is looked at here is the second guard.
    other = line_of(case, replace(data, populations=(PopulationFrequencies(wrong, 0.0, 60),), donor_calls=Nobody()))
    assert not other.inflation[0].is_sound
    found = other.score([(0,)])
    assert np.ptp(found.columns) == 0
    assert np.ptp(sound.score([(0,)]).columns) > 10


class Nobody(dict[int, np.ndarray]):
    """Donors of whom nothing was called."""

    def __missing__(self, sample: int) -> np.ndarray:
        return np.full(1500, -1, dtype=np.int8)


def with_a_stranger(data: SnpData) -> tuple[SnpData, int]:
    """The first donor has nothing but rare alleles."""
    sample = next(iter(data.donors))
    rare = np.where(data.frequency < 0.3, 2, 0).astype(np.int8)
    people = PackedPeople()
    for s in data.donors:
        people.add(s, call_likelihood(rare, 0.005).astype(np.float32) if s == sample else data.donors[s])
    return replace(data, donors=people, donor_calls={**data.donor_calls, sample: rare}), sample


def test_a_donor_of_no_population_keeps_the_family_without_an_answer(few: Invented) -> None:
    case, data = few
    other, sample = with_a_stranger(data)
    line = line_of(case, other)
    assert [name for name, _ in line.misfits] == [case.sample_ids[sample]]
    assert len(line.warnings) == 1
    assert case.sample_ids[sample] in line.warnings[0]
    # Nor is anything said of a population by people who are not of it.
    family_of = {s: f for f, one in enumerate(case.families) for own in one.samples for s in own}
    pairs = sum(family_of[s] not in (f, 0) for f in line.family_of_reduced for s in data.donors)
    assert line.inflation[0].pairs == pairs
    assert line.strange_families == {0}
    assert not line.is_typed(0)
    assert line.is_typed(1)


def test_origin_is_told_only_by_stated_frequencies(few: Invented) -> None:
    case, data = few
    populations = line_of(case, data).score([(0,)]).populations[0]
    assert np.ptp(populations) == 0
    rng = np.random.default_rng(7)
    strength = (1 - 0.1) / 0.1
    korean = np.clip(rng.beta(data.frequency * strength, (1 - data.frequency) * strength), 0.01, 0.99)
    stated = (data.frequency, korean, *(None for _ in FOREIGN[1:]))
    own, foreign, *rest = line_of(case, replace(data, origin=stated)).score([(0,)]).populations[0]
    # The label says nothing in one case of a hundred: no origin is ruled out beyond that.
    assert own - foreign == pytest.approx(np.log((0.99 + 0.005) / 0.005), rel=1e-3)
    assert foreign < rest[0] < own


def test_a_man_of_a_population_without_frequencies_is_of_none_that_has_them(few: Invented) -> None:
    case, data = few
    rng = np.random.default_rng(8)
    one, other = (rng.permutation(data.frequency) for _ in range(2))
    # Of the populations korean, chinese and other the first and the last are stated, his own is not.
    plain, stated = line_of(case, data), line_of(case, replace(data, origin=(None, one, None, other)))
    whole, found = plain.score([(0,)]), stated.score([(0,)])
    man = int(plain.states.first[0])
    assert found.populations[0, 0] == found.populations[0, 2] != found.populations[0, 3]
    ratio = whole.columns[0, plain.column_of_state[man]] - whole.populations[0, 0]
    assert found.columns[0, stated.column_of_state[man]] - found.populations[0, 0] == pytest.approx(ratio)


def test_samples_that_contradict_each_other_stay_a_number(few: Invented) -> None:
    case, data = few
    # Forty samples, half of them of one homozygote and half of the other, go beyond single precision.
    apart = np.full((40, len(data.frequency), 3), 0.002, dtype=np.float32)
    apart[::2, :, 0] = apart[1::2, :, 2] = 1.0
    row = np.full_like(data.row_of_sample, -1)
    row[: len(apart)] = np.arange(len(apart))
    line = LineOfBones(replace(data, likelihood=apart, row_of_sample=row), case, States.of(case), SnpSettings())
    whole = tuple(range(len(apart)))
    vectors, scale, _ = line.vectors([whole])
    assert np.isfinite(scale).all()
    assert vectors.max(axis=2) == pytest.approx(1.0)
    assert np.isfinite(line.score([whole]).populations).all()


def test_people_are_kept_small_and_whole() -> None:
    people, rng = PackedPeople(), np.random.default_rng(1)
    one = rng.random((300, 3), dtype=np.float32)
    people.add(7, one)
    assert list(people) == [7]
    np.testing.assert_array_equal(people[7], one)


# --- the search ---------------------------------------------------------------------------------------------------


def problem(few: Invented, tile: int) -> SnpProblem:
    case, data = few
    line = LineOfBones(data, case, States.of(case), SnpSettings())
    return SnpProblem(line, case.samples_of, ErrorSettings(), 1.0, 10, tile, f"invented {tile}")


def silent(step: str, done: int, total: int) -> None:
    """Nobody watches."""


def same(a: Hits, b: Hits) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("bone", "man", "log10_lr"))


@pytest.fixture(scope="module")
def whole(few: Invented, tmp_path_factory: pytest.TempPathFactory) -> Hits:
    return search_in_tiles(problem(few, 1000), tmp_path_factory.mktemp("whole"), in_this_process, silent)[0]


def test_the_search_agrees_with_every_hypothesis_at_once(few: Invented, whole: Hits) -> None:
    case, data = few
    nobody = np.full(1 + len(FOREIGN), 1 / (1 + len(FOREIGN)))
    evidence = Evidence(case, States.of(case), [line_of(case, data)], ErrorSettings(), nobody)
    found = evidence.likelihoods(case.samples_of, np.arange(MEN))
    anybody = np.logaddexp.reduce(found.populations + np.log(nobody), axis=1)
    log10_lr = (found.men - anybody[:, None]) / LN10
    expected = [(b, m, log10_lr[b, m]) for b, m in np.argwhere(log10_lr >= 1.0)]
    expected.sort(key=lambda x: (x[0], -x[2], x[1]))
    assert [(b, m) for b, m, _ in expected] == list(zip(whole.bone, whole.man, strict=True))
    np.testing.assert_allclose(whole.log10_lr, [x for *_, x in expected], atol=1e-4)
    assert len(expected) >= BONES - 3


@pytest.mark.parametrize("tile", [7, 16])
def test_tiles_of_any_size_give_the_same_bits(few: Invented, whole: Hits, tile: int, tmp_path: Path) -> None:
    assert same(search_in_tiles(problem(few, tile), tmp_path, in_this_process, silent)[0], whole)


@pytest.fixture(scope="module")
def processes() -> Iterator[Workers]:
    with cluster_workers("local:2") as workers:
        yield workers


def test_processes_give_the_same_bits(processes: Workers, few: Invented, whole: Hits, tmp_path: Path) -> None:
    assert same(search_in_tiles(problem(few, 10), tmp_path, processes, silent)[0], whole)


def test_bones_of_one_person_find_each_other(few: Invented) -> None:
    case, data = few
    twice = replace(data, likelihood=np.concatenate([data.likelihood[:3], data.likelihood[:3]]))
    row = data.row_of_sample.copy()
    row[:BONES] = -1
    row[:6] = range(6)
    line = LineOfBones(replace(twice, row_of_sample=row), case, States.of(case), SnpSettings())
    found = [(a, b) for a, b, same_log10, _ in matches(line, case.samples_of[:6], 2.0) if same_log10 > 20]
    assert found == [(0, 3), (1, 4), (2, 5)]


def test_a_search_says_whom_it_does_not_judge(few: Invented, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case, data = few
    other, sample = with_a_stranger(data)
    monkeypatch.setattr(Case, "from_dossier", lambda dossier: case)
    monkeypatch.setattr(snp_search, "snp_data", lambda *_: (other, SimpleNamespace(warnings=["few"])))
    found = snp_search.search_snps(SimpleNamespace(snp_path="x"), work=tmp_path, inputs={})  # type: ignore[arg-type]
    assert [case.sample_ids[sample] in warning for warning in found.warnings] == [True, False]
    assert case.missing_ids[0] not in {row["missing_id"] for row in found.families}


# --- donors -------------------------------------------------------------------------------------------------------


def test_a_donor_filed_under_another_family_is_told(few: Invented) -> None:
    case, data = few
    assert pedigree_flags(data, case) == []
    # The second of two donors of a family and the donor of another exchange their calls.
    two = next(f for f in case.families if len(f.donors) == 2 and f is not case.families[0])
    second, other = (s for node in two.donors for s in two.samples[node]), case.families[0].samples
    a, b = list(second)[1], next(s for own in other for s in own)
    calls = {**data.donor_calls, a: data.donor_calls[b], b: data.donor_calls[a]}
    flags = pedigree_flags(replace(data, donor_calls=calls), case)
    assert flags
    assert all(case.sample_ids[a] in one or case.sample_ids[b] in one for one in flags)


# --- files --------------------------------------------------------------------------------------------------------

HAPMAP = "Chromosome Position(bp) Rate(cM/Mb) Map(cM)\nchr1 1000000 1.0 0.5\nchr1 3000000 1.0 2.5\nchrX 5 1 1\n"
PLINK = "1 a 0.5 1000000\n1 b 2.5 3000000\n"


@pytest.mark.parametrize("text", [HAPMAP, PLINK], ids=["HapMap", "PLINK"])
def test_a_users_map_is_read(text: str, tmp_path: Path) -> None:
    (tmp_path / "map.txt").write_text(text)
    found = read_genetic_map(tmp_path / "map.txt")
    assert found.at(np.array([1]), np.array([2_000_000])).tolist() == [1.5]
    assert set(found.points) == {1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no points"),
        (PLINK + "1 c 3.0\n", "map.txt:3.*3 cells"),
        (PLINK + "1 c far 4000000\n", "map.txt:3.*far"),
        (PLINK + "1 c 1.0 4000000\n", "not in order"),
        (PLINK + "1 c nan 4000000\n", "map.txt:3"),
    ],
    ids=["empty", "cells", "no number", "order", "nan"],
)
def test_a_map_that_is_none(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "map.txt").write_text(text)
    with pytest.raises(FormatError, match=message):
        read_genetic_map(tmp_path / "map.txt")


def vcf(*records: str) -> bytes:
    head = '##fileformat=VCFv4.2\n##contig=<ID=1>\n##INFO=<ID=AF,Number=A,Type=Float,Description="f">\n'
    head += '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n'
    head += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tB1\tB2\tR1\n"
    return gzip.compress((head + "".join(r.replace(" ", "\t") + "\n" for r in records)).encode())


def test_the_other_strand_is_left_out_and_counted_never_turned(tmp_path: Path) -> None:
    write_tables(tmp_path, frequencies=STATED)
    records = [f"1 {k}00 s{k} A G . . {info} GT 0/1 0/0 1/1" for k, info in ((1, "AF=0.3"), (2, "AF=0.3"), (3, "."))]
    (tmp_path / "snp_profiles.vcf.gz").write_bytes(vcf(*records))
    dossier = read_dossier(tmp_path)
    data, about = snp_data(dossier, Case.from_dossier(dossier), SnpSettings(least_snps=1))
    assert about.skipped == {OTHER_STRAND: 1, NO_FREQUENCY: 1}
    assert data.frequency.tolist() == pytest.approx([0.4], abs=0.1)
    assert about.source.startswith("frequencies.csv (white)")


STATED = "marker,allele,population,frequency\n" + "".join(
    f"{marker},{allele},white,{f}\n"
    for marker, allele, f in (("s1", "A", 0.6), ("s1", "G", 0.4), ("s2", "T", 0.6), ("s2", "C", 0.4))
)


def test_half_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "snp_profiles.vcf.gz"
    path.write_bytes(vcf(*(f"1 {k}00 s{k} A G . . . GT 0/1 0/0 1/1" for k in range(1, 400)))[:900])
    with pytest.raises(FormatError, match="cannot be read"):
        read_snp_profiles(path, "0" * 64)


def test_a_sister_filed_as_a_niece_speaks_as_a_sister(few: Invented) -> None:
    """What a donor's own DNA says of the bone by degree, whatever the record makes of the donor."""
    case, data = few
    # Invented people inherit every SNP by itself.
    line = line_of(case, replace(data, map=SnpMap.unlinked(1500)))
    brothers = [m for m in range(BONES) if case.families[m].samples[PEDIGREE.index("brother")]]
    for man in brothers:
        (sample,) = case.families[man].samples[PEDIGREE.index("brother")]
        own = line.kin_log_ratios(case.samples_of[man], (sample,), man)
        assert own.argmax() == DEGREES.index((2, 3))
        assert own[1] > own[2] + 10
        stranger = line.kin_log_ratios(case.samples_of[(man + 1) % BONES], (sample,), man)
        assert (stranger < 0).all()
    assert brothers


def test_a_report_says_whose_snps_there_are(tmp_path: Path) -> None:
    write_tables(tmp_path)
    (tmp_path / "snp_profiles.vcf.gz").write_bytes(vcf("1 100 a A G . . AF=0.3 GT 0/1 0/0 1/1"))
    samples = _samples(read_dossier(tmp_path))
    assert samples["relative"]["F1.S"][0].words == "STR, SNP"
    assert samples["specimen"]["S1"][0].systems[-1] == "snp"


def test_degrees_by_snps_are_the_degrees_by_strs() -> None:
    """`DEGREES` and `SHARING` name the same relations in the same order: φ = k₁ / 4 + k₂ / 2."""
    by_snps = [kinship(FATHER, MOTHER, *pair) for pair in DEGREES]
    assert by_snps == (SHARING @ [0.0, 0.25, 0.5]).tolist()


def test_a_case_without_families_is_searched_for_bones_alone(few: Invented) -> None:
    case, data = few
    alone = replace(case, families=(), family_of=np.full(MEN, -1))
    line = LineOfBones(replace(data, donors={}, donor_calls={}), alone, States.of(alone), SnpSettings())
    assert [one.pairs for one in line.inflation] == [0]
    searched = SnpProblem(line, alone.samples_of, ErrorSettings(), 2.0, 10, 100, "nobody").band(0, MEN)(0, BONES)
    assert len(searched.bone) == 0
