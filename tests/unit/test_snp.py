"""SNPs: exact chains along the genome, reads, panels, and the record of a VCF."""

from __future__ import annotations

import gzip
import itertools
import math
from pathlib import Path

import numpy as np
import pytest

from cenotaph.dossier.vcf_profiles import NOT_BIALLELIC, TWICE, read_snp_profiles
from cenotaph.errors import FormatError
from cenotaph.genetics.pedigree import Pedigree
from cenotaph.genetics.snp_family import FamilyReducer, SnpMap, blocks_of, pair_logliks, random_logliks
from cenotaph.genetics.snp_inheritance import inheritance_chain
from cenotaph.genetics.snp_pair import snp_pair_log10_lr
from cenotaph.genetics.snp_panel import panel_frequencies
from cenotaph.genetics.snp_reads import ReadErrors, read_loglik
from cenotaph.units import LN10

FATHER = np.array([-1, -1, 0, 0, -1, 3])
MOTHER = np.array([-1, -1, 1, 1, -1, 4])
MAN, NEPHEW = 2, 5


def certain(genotypes: np.ndarray) -> np.ndarray:
    """Likelihoods of genotypes known for certain."""
    return np.eye(3, dtype=np.float32)[genotypes]


def test_an_uncle_and_his_nephew_without_linkage_agree_with_the_closed_form() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(0.1, 0.5, 200)
    uncle, nephew = rng.integers(0, 3, (2, 200))
    reducer = FamilyReducer(p, SnpMap.unlinked(200))
    family = reducer.reduce(FATHER, MOTHER, MAN, {NEPHEW: certain(nephew)})
    bones = certain(uncle)[None]
    found = reducer.bone_logliks(family, blocks_of(bones), 1) - random_logliks(bones, p)
    rows = [("F", None, None, 1), ("M", None, None, 2), ("U", "F", "M", 1), ("B", "F", "M", 1), ("W", None, None, 2)]
    pedigree = Pedigree.from_rows([*rows, ("N", "B", "W", 1)])
    wanted = snp_pair_log10_lr(pedigree, "U", "N", p, uncle, nephew).sum()
    assert found[0] / LN10 == pytest.approx(wanted, abs=1e-3)


def test_two_linked_snps_agree_with_a_sum_over_every_inheritance_vector() -> None:
    p, theta = np.array([0.3, 0.4]), 0.5 * (1 - np.exp(-2 * 0.2))
    uncle, nephew = np.array([0, 1]), np.array([1, 2])
    reducer = FamilyReducer(p, SnpMap(np.array([1, 1]), np.array([0.0, 20.0])))
    family = reducer.reduce(FATHER, MOTHER, MAN, {NEPHEW: certain(nephew)})
    bones = certain(uncle)[None]
    found = reducer.bone_logliks(family, blocks_of(bones), 1)[0] + family.loglik

    # Bits: father and mother to uncle, father and mother to his brother, the brother to his son.
    def at(snp: int, v: tuple[int, ...]) -> float:
        total = 0.0
        for alleles in itertools.product((0, 1), repeat=5):
            father, mother, wife = alleles[:2], alleles[2:4], alleles[4]
            weight = np.prod([p[snp] if a else 1 - p[snp] for a in alleles])
            brother = (father[v[2]], mother[v[3]])
            is_seen = father[v[0]] + mother[v[1]] == uncle[snp] and brother[v[4]] + wife == nephew[snp]
            total += weight * is_seen
        return total

    vectors = list(itertools.product((0, 1), repeat=5))
    total = 0.0
    for v, w in itertools.product(vectors, repeat=2):
        moved = sum(a != b for a, b in zip(v, w, strict=True))
        total += at(0, v) * at(1, w) * theta**moved * (1 - theta) ** (5 - moved) / 32
    assert found == pytest.approx(np.log(total), abs=1e-4)


def test_an_uncle_and_his_nephew_need_four_classes() -> None:
    chain = inheritance_chain(FATHER, MOTHER, [NEPHEW], MAN)
    assert len(chain.start) == 4
    assert chain.start.sum() == pytest.approx(1.0)


def test_a_family_too_large_keeps_its_nearest() -> None:
    # A child, and twelve sons of twelve brothers: no chain holds them all.
    brothers = 12
    father = np.array([-1, -1, *(0,) * (brothers + 1), *(-1,) * (brothers + 1), *range(2, brothers + 3)])
    mother = np.array([-1, -1, *(1,) * (brothers + 1), *(-1,) * (brothers + 1), *range(brothers + 3, 2 * brothers + 4)])
    man, child = 2, 2 * brothers + 4
    donor = {child + k: certain(np.zeros(5, dtype=np.int64)) for k in range(brothers + 1)}
    family = FamilyReducer(np.full(5, 0.5), SnpMap.unlinked(5)).reduce(father, mother, man, donor)
    assert child in family.used
    assert 1 < len(family.used) < brothers


def test_chains_of_many_pedigrees_are_not_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cenotaph.genetics.snp_family.MOST_CHAINS", 2)
    reducer = FamilyReducer(np.full(5, 0.5), SnpMap.unlinked(5))
    donor = certain(np.zeros(5, dtype=np.int64))
    families = [reducer.reduce(FATHER, MOTHER, MAN, {k: donor}) for k in (0, 1, 3, 5, 0)]
    assert len(reducer._chains) == 2
    assert families[0].loglik == families[-1].loglik


def test_whatever_contradicts_itself_stays_a_number() -> None:
    # Six children without the allele, all with three reads of doubt in a thousand, and a bone that has it twice.
    children = 6
    father, mother = np.array([-1, -1, *(0,) * children]), np.array([-1, -1, *(1,) * children])
    p, floor = np.full(40, 0.02), np.float32(0.002)
    donor = np.tile(np.array([1, floor, floor], dtype=np.float32), (40, 1))
    reducer = FamilyReducer(p, SnpMap(np.ones(40, dtype=np.int64), np.arange(40.0)))
    family = reducer.reduce(father, mother, 0, {2 + k: donor for k in range(children)})
    bone = np.tile(np.array([0, 0, 1], dtype=np.float32), (1, 40, 1))
    found = reducer.bone_logliks(family, blocks_of(bone), 1) - random_logliks(bone, p)
    assert np.isfinite(found).all()
    assert found[0] < -100
    pair = pair_logliks(bone, bone[:, :, ::-1].copy(), p, reducer.map)
    assert np.isfinite([pair.same, pair.brothers, pair.unrelated]).all()
    assert pair.same[0, 0] < pair.brothers[0, 0] < pair.unrelated[0, 0]


def test_one_read_a_snp_tells_one_person_from_brothers() -> None:
    rng = np.random.default_rng(2)
    p = rng.uniform(0.2, 0.5, 1500)
    genotype = (rng.random((1500, 2)) < p[:, None]).sum(axis=1)
    alts = rng.random((2, 1500)) < genotype / 2
    likelihood = np.where(alts[:, :, None], [0.01, 0.5, 0.99], [0.99, 0.5, 0.01]).astype(np.float32)
    found = pair_logliks(likelihood[:1], likelihood[1:], p, SnpMap.unlinked(1500))
    assert found.same[0, 0] - found.brothers[0, 0] > 6
    assert found.same[0, 0] - found.unrelated[0, 0] > 30


def test_exchanged_alleles_are_found_by_the_donors_and_not_turned() -> None:
    rng = np.random.default_rng(3)
    p = rng.uniform(0.1, 0.4, 300)
    calls = rng.binomial(2, p[:, None], (300, 200)).astype(np.int8)
    stated = p.copy()
    stated[7] = 1 - stated[7]
    found = panel_frequencies(stated, calls, np.ones(200))
    assert np.flatnonzero(found.contradicted).tolist() == [7]


def vcf(folder: Path, records: list[str]) -> Path:
    head = '##fileformat=VCFv4.2\n##contig=<ID=1>\n##INFO=<ID=AF,Number=A,Type=Float,Description="f">\n'
    head += '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n'
    head += '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="r">\n'
    head += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tR1\n"
    path = folder / "snp_profiles.vcf.gz"
    path.write_bytes(gzip.compress((head + "".join(r.replace(" ", "\t") + "\n" for r in records)).encode()))
    return path


def test_records_that_cannot_be_used_are_counted(tmp_path: Path) -> None:
    records = ["1 100 a A G . . AF=0.3 GT 0/1", "1 100 a A G . . AF=0.3 GT 0/1", "1 200 b A G,T . . . GT 0/1"]
    profiles = read_snp_profiles(vcf(tmp_path, records), "0" * 64)
    assert profiles.markers == ("a",)
    assert profiles.skipped == {TWICE: 1, NOT_BIALLELIC: 1}
    again = read_snp_profiles(tmp_path / "snp_profiles.vcf.gz", "0" * 64)
    assert again.genotype.tolist() == profiles.genotype.tolist() == [[1]]
    assert again.skipped == profiles.skipped


def test_half_a_call_and_a_single_allele_are_no_genotype(tmp_path: Path) -> None:
    path = vcf(tmp_path, [f"1 {k}00 s{k} A G . . . GT {call}" for k, call in enumerate(CALLS, 1)])
    assert read_snp_profiles(path, "0" * 64).genotype[:, 0].tolist() == list(CALLS.values())


CALLS = {"0/1": 1, "1|1": 2, "./1": -1, "0/.": -1, "1": -1, ".": -1, "0/1/1": -1}


def test_a_record_without_calls_is_read_by_its_reads(tmp_path: Path) -> None:
    path = vcf(tmp_path, ["1 100 a A G . . . GT 1/1", "1 200 b A G . . . AD 2,3"])
    profiles = read_snp_profiles(path, "0" * 64)
    assert profiles.genotype[:, 0].tolist() == [2, -1]
    assert profiles.reads[:, 0].tolist() == [[0, 0], [2, 3]]


def test_a_cache_that_is_damaged_is_made_again_and_an_old_one_goes(tmp_path: Path) -> None:
    path = vcf(tmp_path, ["1 100 a A G . . . GT 0/1"])
    for digest in ("0" * 64, "1" * 64):
        read_snp_profiles(path, digest)
        (cache,) = tmp_path.glob(".snp_profiles*.npz")
        assert digest[:16] in cache.name
    cache.write_bytes(cache.read_bytes()[:200])
    assert read_snp_profiles(path, "1" * 64).genotype.tolist() == [[1]]
    assert cache.stat().st_size > 200


def test_a_file_that_ends_early_is_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    path = vcf(tmp_path, [f"1 {k}00 s{x} A G . . . GT 0/1" for k, x in enumerate(rng.integers(0, 10**9, 50_000), 1)])
    path.write_bytes(path.read_bytes()[:-90_000])
    with pytest.raises(FormatError, match="cannot be read"):
        read_snp_profiles(path, "0" * 64)


def test_unsorted_records_are_refused(tmp_path: Path) -> None:
    path = vcf(tmp_path, ["1 200 b A G . . . GT 0/1", "1 100 a A G . . . GT 0/1"])
    with pytest.raises(FormatError, match="not sorted"):
        read_snp_profiles(path, "0" * 64)


def by_every_read(
    reads: tuple[int, int], spared: tuple[int, int], errors: ReadErrors, kind: int, f: float
) -> list[float]:
    """log P(reads | 0, 1, 2 ALT alleles), one read after the other."""
    found = []
    for g in range(3):
        total = 0.0
        for is_alt in (False, True):
            for k in range(reads[is_alt]):
                damage = 0.0 if k < spared[is_alt] else errors.damage
                up = errors.error + (damage if kind == 1 else 0.0)
                down = errors.error + (damage if kind == 2 else 0.0)
                own = g / 2 * (1 - down) + (1 - g / 2) * up
                p = (1 - errors.contamination) * own + errors.contamination * f
                total += math.log(p if is_alt else 1 - p)
        found.append(total)
    return found


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_reads_that_damage_spares_are_read_without_it(kind: int) -> None:
    errors = ReadErrors(0.01, 0.2, 0.05)
    for reads, spared in (((2, 3), (1, 2)), ((0, 4), (0, 0)), ((5, 0), (5, 0))):
        found = read_loglik(
            np.array([reads], dtype=np.uint8),
            errors,
            np.array([kind]),
            np.array([0.3]),
            np.array([spared], dtype=np.uint8),
        )
        assert found[0].tolist() == pytest.approx(by_every_read(reads, spared, errors, kind, 0.3))


STRANDS = (
    '##fileformat=VCFv4.2\n##contig=<ID=1>\n##FORMAT=<ID=ADF,Number=R,Type=Integer,Description="f">\n'
    '##FORMAT=<ID=ADR,Number=R,Type=Integer,Description="r">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tB1\n"
)


def test_reads_by_strand_tell_which_damage_spares(tmp_path: Path) -> None:
    """C and T: a reverse read is spared; G and A: a forward read; other bases are never damaged."""
    bases = ("C T", "T C", "G A", "A C")
    records = "".join(
        f"1\t{k}00\ts{k}\t{pair.replace(' ', chr(9))}\t.\t.\t.\tADF:ADR\t3,1:0,2\n"
        for k, pair in enumerate(bases, start=1)
    )
    path = tmp_path / "snp_profiles.vcf.gz"
    path.write_bytes(gzip.compress((STRANDS + records).encode()))
    profiles = read_snp_profiles(path, "0" * 64)
    assert profiles.reads[:, 0].tolist() == [[3, 3]] * 4
    assert profiles.spared[:, 0].tolist() == [[0, 2], [0, 2], [3, 1], [0, 0]]
    assert profiles.stranded.all()
