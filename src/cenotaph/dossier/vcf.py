"""A bounded look at ``snp_profiles.vcf.gz``: what it is, whose samples it holds, whether it unpacks sanely."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from cenotaph.dossier.faults import Fault
from cenotaph.dossier.sheets import Sheet
from cenotaph.dossier.tables import SNP_FILE
from cenotaph.dossier.vcf_profiles import AUTOSOMES, NOT_SORTED, SORTED

MAX_RATIO = 200
"""Most bytes that one packed byte may become, over the file; real VCF files stay under 100."""

MAX_UNPACKED_BYTES = 8 << 30
MAX_LINE_BYTES = 16 << 20
GRACE_BYTES = 32 << 20
"""Bytes that may be unpacked before the ratio is judged."""

_PIECE = 1 << 18
_FIXED = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
TABLE = SNP_FILE.partition(".")[0]


class _Refused(Exception):
    """The file is given up; the argument is the fault."""


def vcf_faults(path: Path, samples: Sheet | None) -> list[Fault]:
    """Faults of a compressed VCF, found by unpacking it in pieces within bounds."""
    faults: list[Fault] = []
    try:
        faults.extend(_examine(path, samples))
    except _Refused as refused:
        faults.append(refused.args[0])
    return faults


def _refuse(line: int | None, what: str, found: str | None, valid: str) -> _Refused:
    return _Refused(Fault(TABLE, line, None, what, found, valid))


def _examine(path: Path, samples: Sheet | None) -> Iterator[Fault]:
    header: list[str] | None = None
    number = 0
    records = 0
    before = (0, 0)
    for number, line in enumerate(_lines(path), 1):
        if number == 1 and not line.startswith(b"##fileformat=VCFv4"):
            raise _refuse(1, "not a VCF file", line[:40].decode("utf-8", "replace"), "##fileformat=VCFv4.x")
        if line.startswith(b"##") or not line.strip():
            continue
        if line.startswith(b"#"):
            header = line.decode("utf-8", "replace").rstrip("\r").split("\t")
            if header[: len(_FIXED)] != _FIXED:
                raise _refuse(
                    number,
                    "not the header of a VCF with samples",
                    line[:60].decode("utf-8", "replace"),
                    "\\t".join(_FIXED),
                )
            yield from _sample_faults(header[len(_FIXED) :], number, samples)
            continue
        if header is None:
            raise _refuse(number, "records before the header", None, "a line that begins with #CHROM")
        records += 1
        cells = line.count(b"\t") + 1
        if cells != len(header):
            yield Fault(TABLE, number, None, "wrong number of cells", str(cells), f"{len(header)}, as in the header")
        place = _place(line)
        if place is not None and place < before:
            raise _refuse(number, NOT_SORTED, f"{place[0]}:{place[1]} after {before[0]}:{before[1]}", SORTED)
        before = place or before
    if header is None:
        raise _refuse(number or None, "no header line", None, "a line that begins with #CHROM")
    if not records:
        yield Fault(TABLE, number, None, "no records", None, "one line for each SNP", "warning")


def _place(line: bytes) -> tuple[int, int] | None:
    """Chromosome and position of a record on an autosome, None for any other."""
    chromosome, position, _ = [*line.split(b"\t", 2), b"", b""][:3]
    number = AUTOSOMES.get(chromosome.decode("utf-8", "replace"))
    return (number, int(position)) if number and position.isdigit() else None


def _sample_faults(names: list[str], line: int, samples: Sheet | None) -> Iterator[Fault]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield Fault(TABLE, line, name, "the sample is there twice", name, "each sample once")
        seen.add(name)
    if samples is None:
        yield Fault(
            TABLE,
            line,
            None,
            "reference to a table that was not given",
            f"{len(names)} samples",
            "samples.csv",
            "warning",
        )
        return
    known = set(samples.text("sample_id").drop_nulls())
    for name in names:
        if name not in known:
            yield Fault(TABLE, line, name, "reference to nowhere", name, "a sample_id of samples.csv")


def _lines(path: Path) -> Iterator[bytes]:
    """Lines of a gzip file (one or several members), unpacked in pieces of bounded size."""
    rest = b""
    number = 1
    for piece in _pieces(path):
        parts = (rest + piece).split(b"\n") if b"\n" in piece else [rest + piece]
        rest = parts.pop()
        yield from parts
        number += len(parts)
        if len(rest) > MAX_LINE_BYTES:
            raise _refuse(number, "the line is too long", f"more than {MAX_LINE_BYTES} bytes", "lines that end")
    if rest:
        yield rest


def _pieces(path: Path) -> Iterator[bytes]:
    packed_bytes = unpacked_bytes = 0
    unpacker = zlib.decompressobj(31)
    is_complete = False
    try:
        with path.open("rb") as handle:
            start = handle.read(2)
            if start != b"\x1f\x8b":
                raise _refuse(1, "not a gzip file", start.hex(), "a VCF file packed with gzip or bgzip")
            handle.seek(0)
            while packed := handle.read(_PIECE):
                packed_bytes += len(packed)
                while packed:
                    piece = unpacker.decompress(packed, _PIECE)
                    packed = unpacker.unconsumed_tail
                    unpacked_bytes += len(piece)
                    _judge(packed_bytes - len(packed), unpacked_bytes)
                    yield piece
                    is_complete = unpacker.eof
                    if unpacker.eof:
                        packed = unpacker.unused_data.lstrip(b"\x00")
                        unpacker = zlib.decompressobj(31)
        if not is_complete:
            raise _refuse(None, "the file ends early", f"{packed_bytes} bytes", "a complete gzip file")
    except (OSError, zlib.error) as error:
        raise _refuse(None, "the file cannot be unpacked", str(error), "a complete gzip file") from error


def _judge(packed: int, unpacked: int) -> None:
    if unpacked > MAX_UNPACKED_BYTES:
        raise _refuse(None, "the file is too large when unpacked", f"{unpacked} bytes", f"at most {MAX_UNPACKED_BYTES}")
    if unpacked > GRACE_BYTES and unpacked > MAX_RATIO * packed:
        raise _refuse(
            None,
            "the file unpacks to far more than it holds",
            f"{unpacked // packed} to 1",
            f"at most {MAX_RATIO} to 1",
        )


def vcf_samples(path: Path) -> list[str]:
    """Names of the samples of a packed VCF that has passed its check."""
    head = next(line for line in _lines(path) if line.startswith(b"#CHROM"))
    return head.decode().rstrip("\r").split("\t")[len(_FIXED) :]
