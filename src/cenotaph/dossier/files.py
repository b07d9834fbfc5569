"""Reading text from files that may be broken, huge or hostile, within fixed bounds."""

from __future__ import annotations

from pathlib import Path

from cenotaph.errors import FormatError

MAX_FILE_BYTES = 1 << 28
"""Largest file that is read into memory at all (256 MiB: some seven million rows of STR profiles)."""

MAX_LINES = 20_000_000
"""Most lines that a file may have; a file of nothing but line ends would cost far more memory than its size."""

MAX_LINE_BYTES = 1 << 20
"""Longest line that is believed (1 MiB)."""

CHUNK_BYTES = 1 << 20

_BYTE_ORDER_MARKS = (
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
)


def read_bytes(path: Path, *, max_bytes: int = MAX_FILE_BYTES, max_line_bytes: int = MAX_LINE_BYTES) -> bytes:
    """The bytes of a text file, refused as soon as they cannot be text of a sensible shape.

    The file is read in pieces and given up at the first line that is too long, so a single line of two
    gigabytes costs a mebibyte of memory, not two gigabytes.

    Raises:
        FormatError: the file cannot be opened, is too large, has a line that is too long, holds NUL bytes, or
            is UTF-16 or compressed.
    """
    where = path.name
    try:
        size = path.stat().st_size
    except OSError as error:
        raise FormatError("the file cannot be read", found=error.strerror, where=where) from error
    if not path.is_file():
        raise FormatError("not a regular file", valid="a text file", where=where)
    pieces: list[bytes] = []
    line, open_line = 1, 0
    total = 0
    try:
        with path.open("rb") as handle:
            while chunk := handle.read(CHUNK_BYTES):
                if not pieces:
                    _refuse_other_formats(chunk, where)
                total += len(chunk)
                if total > max_bytes:
                    raise FormatError(
                        "the file is too large",
                        found=f"{size} bytes",
                        valid=f"at most {max_bytes} bytes",
                        where=where,
                    )
                if b"\x00" in chunk:
                    row = line + chunk[: chunk.index(b"\x00")].count(b"\n")
                    raise FormatError("NUL bytes in a text file", valid="UTF-8 text", where=f"{where}:{row}")
                ends = chunk.count(b"\n")
                first = chunk.find(b"\n")
                longest = open_line + (first if first >= 0 else len(chunk))
                if longest > max_line_bytes:
                    raise FormatError(
                        "the line is too long",
                        found=f"more than {max_line_bytes} bytes",
                        valid="lines that end",
                        where=f"{where}:{line}",
                    )
                open_line = len(chunk) - chunk.rfind(b"\n") - 1 if ends else longest
                line += ends
                if line > MAX_LINES:
                    raise FormatError("too many lines", found=f"more than {MAX_LINES}", valid="fewer", where=where)
                pieces.append(chunk)
    except OSError as error:
        raise FormatError("the file cannot be read", found=error.strerror, where=where) from error
    return b"".join(pieces)


def _refuse_other_formats(chunk: bytes, where: str) -> None:
    for mark, name in _BYTE_ORDER_MARKS:
        if chunk.startswith(mark):
            raise FormatError("wrong encoding", found=name, valid="plain UTF-8 text", where=where)


def decode_utf8(data: bytes, where: str) -> str:
    """The text of *data*; a byte order mark is dropped.

    Raises:
        FormatError: the bytes are not UTF-8; the line of the first bad byte is named.

    >>> decode_utf8("Müller".encode(), "a.csv")
    'Müller'
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise FormatError(
            "wrong encoding",
            found=f"byte 0x{data[error.start]:02x} that is not UTF-8 (Latin-1?)",
            valid="UTF-8 text",
            where=f"{where}:{row}",
        ) from None


def read_foreign_text(path: Path, *, max_bytes: int = 1 << 28) -> str:
    """Text of another program's file: UTF-8, or Windows-1252 where it is not; line ends become ``\\n``."""
    data = read_bytes(path, max_bytes=max_bytes)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")
