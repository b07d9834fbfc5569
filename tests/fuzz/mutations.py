"""Files that are almost right: valid ones with a few bytes changed, and bytes that nobody meant to be a file."""

from __future__ import annotations

from hypothesis import strategies as st

WORDS = (
    *(
        b"",
        b"\n",
        b"\r\n",
        b"\r",
        b"\0",
        b"\t",
        b",",
        b";",
        b'"',
        b"'",
        b"-",
        b"+",
        b"/",
        b"|",
        b" ",
        b"\xc2\xa0",
        b"\x85",
    ),
    *(b"0", b"-1", b"1e999", b"nan", b"inf", b"9" * 400, b"1_000", b"\xd9\xa3", b"1950-13-45", b"1950/1949"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\x1c", "김".encode(), b"a" * 3000),
    *(b"{", b"}", b"[", b"]", b"[" * 5000, b"null", b"true", b'{"a":', b"None"),
    *(b"<", b">", b"</", b"<!DOCTYPE x [", b"<!ENTITY a 'b'>", b"&a;", b"&#0;", b"%s", b"..", b"../", b"=1+1"),
    *(b"A", b"X", b"U", b"M1", b"S1", b"16569d", b"0.1A", b"femur"),
)
"""What is put in: ends of lines, quotes, numbers that are none, halves of characters, other formats' marks."""


@st.composite
def mutated(draw: st.DrawFn, seed: bytes) -> bytes:
    """*seed* with one to four changes; now and then cut short, or bytes without any seed."""
    if draw(st.integers(0, 19)) == 0:
        return draw(st.binary(max_size=300))
    data = seed
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from((0, 1, 1, 2, 4, 8, 30, 200))))
        kind = draw(st.sampled_from(("word", "word", "bytes", "cut", "again", "move", "end")))
        if kind == "word":
            middle = draw(st.sampled_from(WORDS))
        elif kind == "bytes":
            middle = draw(st.binary(min_size=1, max_size=4))
        elif kind == "again":
            middle = data[start:end] * draw(st.integers(2, 20))
        elif kind == "move":
            other = draw(st.integers(0, len(data)))
            middle = data[other : other + end - start]
        else:
            middle = b""
        data = data[:start] + middle + (b"" if kind == "end" else data[end:])
    return data
