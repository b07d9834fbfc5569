"""Every reader takes a file or says what is wrong with it: no other error comes out, and none goes on for ever."""

from __future__ import annotations

import gzip
import io
import json
import signal
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cenotaph.accounting.reading.reader import read_report
from cenotaph.dossier.read import examine_dossier, read_dossier
from cenotaph.dossier.skeleton_files import read_reference, read_skeleton_model, write_skeleton_model
from cenotaph.dossier.skeleton_tables import load_skeleton_model
from cenotaph.errors import CenotaphError
from cenotaph.formats import osteometric_reference
from cenotaph.formats.case_document import read_cases, to_case
from cenotaph.formats.convert import FORMATS
from cenotaph.formats.joint_document import read_joint_problem
from cenotaph.formats.ply import read_ply
from cenotaph.workplace.services.imports import read_upload
from tests.fuzz.effort import effort
from tests.fuzz.mutations import mutated
from tests.unit.dossiers import SOUND, write_tables
from tests.unit.test_kinship_command import paternity

EXAMPLES = 60
LONGEST_S = 20
SNPS = (
    "##fileformat=VCFv4.2\n##FORMAT=<ID=GT,Number=1,Type=String,Description=g>\n##contig=<ID=1>\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tB1\tR1\n"
    "1\t10\t.\tA\tG\t.\tPASS\t.\tGT\t0/1\t1/1\n1\t20\trs2\tC\tT\t.\tPASS\t.\tGT\t./.\t0/0\n"
)
PLY = (
    "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\n"
    "element face 1\nproperty list uchar int vertex_index\nend_header\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n"
)
CALLS = "sample_id,replicate,marker,allele_1,allele_2,more_alleles\nB1,1,TH01,6,9.3,\nB2,1,vWA,16,17,\nR1,1,TH01,6,7,\n"
REPORT = (
    "SEOUL, Sept. 7, 2018. Gen. Ada Poe met Gen. Ra Un Il in Panmunjom on Friday. The North handed over 55 boxes of "
    "remains on July 27, and promised to return about 200 more by the end of the year.\nThey agreed to meet again."
)
BONES = "individual,element,side,Hum_01,Fem_01\nP1,humerus,L,330,\nP1,humerus,R,332,\nP2,femur,L,,450\n"
PEOPLE = "individual_id,population,side,code,value_mm,stature_cm\n" + "".join(
    f"P{i},white,{side},Fem_01,{450 + i},170\n" for i in range(30) for side in "LR"
)
JOINT = {
    "dataset": {
        "victims": {"V1": {"sex": "M", "genotypes": {"M1": ["1", "2"]}}, "V2": {"sex": "F", "genotypes": {}}},
        "families": {
            "fam": {
                "components": [
                    {
                        "individuals": [
                            {"id": "F", "father": None, "mother": None, "sex": "M"},
                            {"id": "M", "father": None, "mother": None, "sex": "F"},
                            {"id": "X", "father": "F", "mother": "M", "sex": "M"},
                        ]
                    }
                ],
                "genotypes": {"F": {"M1": ["1", "1"]}},
            }
        },
        "missing": ["X"],
        "markers": [{"name": "M1", "alleles": ["1", "2"], "freqs": [0.1, 0.9]}],
    }
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Something that reads.

    Args:
        files: sound files; one of them is changed.
        read: reads the folder that they are in.
    """

    files: Mapping[str, bytes]
    read: Callable[[Path], Any]


def _zip(files: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.csv", text)
    return out.getvalue()


def _tables(*names: str) -> dict[str, bytes]:
    return {f"{name}.csv": SOUND[name].encode() for name in names}


def _cases(folder: Path) -> None:
    for document in read_cases(folder / "case.json"):
        to_case(document)


def _model() -> bytes:
    with tempfile.TemporaryDirectory() as work:
        write_skeleton_model(load_skeleton_model(), Path(work) / "model.json")
        return (Path(work) / "model.json").read_bytes()


def _of_folder(files: Mapping[str, bytes]) -> Reader:
    def read(folder: Path) -> None:
        examine_dossier(folder)
        read_dossier(folder)

    return Reader(files, read)


def _of_file(name: str, content: bytes, read: Callable[[Path], Any]) -> Reader:
    return Reader({name: content}, lambda folder: read(folder / name))


ALL = _tables(*SOUND)
READERS = {
    "dossier: who is missing": _of_folder(ALL | _tables("missing", "incidents")),
    "dossier: SNPs": _of_folder({"snp_profiles.vcf": SNPS.encode(), **ALL}),
    "dossier: packed SNPs": _of_folder({"snp_profiles.vcf.gz": gzip.compress(SNPS.encode(), mtime=0), **ALL}),
    "dossier: descriptor": _of_folder(
        {"datapackage.json": b'{"name": "x", "resources": [{"name": "missing", "path": "missing.csv"}]}', **ALL}
    ),
    "upload: CSV": _of_file("missing.csv", ALL["missing.csv"], lambda p: read_upload(p.name, p.read_bytes())),
    "upload: zip": _of_file("all.zip", _zip(SOUND), lambda p: read_upload(p.name, p.read_bytes())),
    "case document": Reader({"case.json": json.dumps(paternity()).encode()}, _cases),
    "joint document": _of_file("joint.json", json.dumps(JOINT).encode(), read_joint_problem),
    "scan": _of_file("scan.ply", PLY.encode(), read_ply),
    "reference of bones": _of_file("bones.csv", BONES.encode(), osteometric_reference.read_reference),
    "measured people": _of_file("people.csv", PEOPLE.encode(), read_reference),
    "skeleton model": _of_file("model.json", _model(), read_skeleton_model),
    "press report": _of_file(
        "report.txt", REPORT.encode(), lambda p: read_report(p.read_text("utf-8", "replace"), date(2018, 9, 7))
    ),
}


class Hangs(Exception):
    """A reader went on for too long."""


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Ends the block after so many seconds."""

    def end(*_: object) -> None:
        raise Hangs(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def attack(reader: Reader, folder: Path, examples: int) -> None:
    """Gives *reader* files of which one was changed."""
    names = sorted(reader.files)
    folder.mkdir()
    for name, sound in reader.files.items():
        (folder / name).write_bytes(sound)

    @given(st.data())
    @effort(examples)
    def trial(data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(names))
        (folder / name).write_bytes(data.draw(mutated(reader.files[name])))
        try:
            with time_limit(LONGEST_S), suppress(CenotaphError):
                reader.read(folder)
        finally:
            (folder / name).write_bytes(reader.files[name])

    trial()


def _foreign(name: str, folder: Path) -> Reader:
    """A sound dossier as a file of a foreign format, written by the program itself."""
    foreign = FORMATS[name]
    exported = foreign.write(read_dossier(write_tables(folder, str_profiles=CALLS)))
    suffix = foreign.suffixes[0] if foreign.suffixes else ".csv"
    files = {f"file{suffix}": exported.text, **{f"file{s}": text for s, text in exported.companions.items()}}
    return Reader({n: text.encode() for n, text in files.items()}, lambda at: foreign.read(at / f"file{suffix}"))


@pytest.mark.parametrize("name", [*READERS, *FORMATS])
def test_a_reader_takes_a_file_or_says_what_is_wrong(name: str, tmp_path: Path, record: str) -> None:
    reader = READERS[name] if name in READERS else _foreign(name, tmp_path / "dossier")
    _require_sound(reader, tmp_path / "sound")
    attack(reader, tmp_path / "changed", EXAMPLES)


def _require_sound(reader: Reader, folder: Path) -> None:
    """The unchanged files are taken, or the changes would try nothing but the first line of defence."""
    folder.mkdir()
    for name, content in reader.files.items():
        (folder / name).write_bytes(content)
    reader.read(folder)


def test_a_reader_that_stumbles_is_found(tmp_path: Path) -> None:
    def stumbles(path: Path) -> None:
        int(path.read_text("utf-8", "replace").split(",")[1])

    with pytest.raises((ValueError, IndexError, ExceptionGroup)):
        attack(_of_file("a.csv", b"1,2,3", stumbles), tmp_path / "changed", EXAMPLES)


def test_a_reader_that_hangs_is_found() -> None:
    with pytest.raises(Hangs), time_limit(1):
        time.sleep(30)
