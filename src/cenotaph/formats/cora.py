"""Files of CoRA: its export of bone measurements, and its import of pairs and articulations.

The columns of both are those of the CoRA user guide (*File export and import*). CoRA exports one file for each long
bone; here one file may hold several. CoRA's own number of a specimen (``se_id``) and the parts of its composite key are
kept in columns of ``specimens.csv`` that carry their names, so that they go back as they came.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cenotaph.dossier.files import read_foreign_text
from cenotaph.dossier.read import Dossier
from cenotaph.errors import FormatError, InvalidInput
from cenotaph.formats.bones import code_of, element_and_side, value_of
from cenotaph.formats.profiles import Exported, Imported, Row, csv_rows, table_of

if TYPE_CHECKING:
    import polars as pl

KEY = ("accession_number", "provenance1", "provenance2", "designator")
MEASURED = ("se_id", "skeletal_element", *KEY, "skeletal_bone", "side")
PAIRS = (
    "se_id", "pair_id", "se_skeletal_element", *(f"se_{k}" for k in KEY), "pair_skeletal_element",
    *(f"pair_{k}" for k in KEY), "bonename", "compare_method", "compare_method_settings", "sample_size", "pvalue",
    "excluded", "num_measurements", "mean", "sd", "measurements_used", "measurement_means", "measurement_sd",
    "elimination_reason", "elimination_date",
)  # fmt: skip
PAIRS_NEEDED = ("se_id", "pair_id", "se_skeletal_element", "pair_skeletal_element", "bonename")

_SIDE_WORDS = {"L": "left", "R": "right", "M": "middle", "U": "unsided"}


def looks_like_measurements(text: str) -> bool:
    """Whether the header is that of CoRA's export of measurements.

    >>> looks_like_measurements("se_id,skeletal_element,accession_number,skeletal_bone,side,Fem_01")
    True
    """
    return {"skeletal_element", "skeletal_bone", "side"} <= set(_words(text))


def looks_like_pairs(text: str) -> bool:
    """Whether the header is that of CoRA's import of pairs."""
    return set(PAIRS_NEEDED) <= set(_words(text))


def _words(text: str) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in text.partition("\n")[0].split(",")]


def read_cora_measurements(path: Path) -> Imported:
    """CoRA's export of measurements as specimens and measurements.

    The specimen is named by its composite key (``skeletal_element``); where that is empty, by the parts of the key.

    Raises:
        FormatError: no such header, a row of the wrong length, no key, a bone twice, an unknown element or side.
    """
    header, rows = _table(path, looks_like_measurements, "CoRA's export of measurements", ",".join(MEASURED))
    codes = {k: code_of(word) for k, word in enumerate(header) if word.lower() not in MEASURED}
    specimens: list[Row] = []
    measurements: list[Row] = []
    messages: list[str] = []
    seen: set[str] = set()
    for where, cells in rows:
        row = {word.lower(): cell.strip() for word, cell in zip(header, cells, strict=True)}
        name = row["skeletal_element"] or ":".join(filter(None, (row.get(k, "") for k in KEY)))
        if not name or name in seen:
            raise FormatError("a bone without a key, or twice", found=name, valid="one row for each key", where=where)
        seen.add(name)
        element, side = element_and_side(row["skeletal_bone"], row["side"], where)
        kept = {k: row.get(k, "") for k in ("se_id", *KEY)}
        specimens.append({"specimen_id": name, "element": element, "side": side, **kept})
        for k, code in codes.items():
            value, message = value_of(cells[k], code, where)
            if value is not None:
                measurements.append({"specimen_id": name, "code": code, "value_mm": value})
            if message is not None:
                messages.append(message)
    return Imported(_dossier(specimens, measurements=measurements), tuple(messages))


def read_cora_pairs(path: Path) -> Imported:
    """A file of pairs or articulations as specimens and associations.

    Two specimens of one bone are a pair, others an articulation. A row with a p-value is the outcome of a test, not the
    judgement of an examiner: it is left out, since "not excluded" supports nothing and a test excludes true pairs at
    its alpha. A row without one becomes an association of grade ``possible``, or an exclusion.

    Raises:
        FormatError: no such header, a row of the wrong length, an unknown element.
    """
    header, rows = _table(path, looks_like_pairs, "CoRA's import of pairs", ",".join(PAIRS_NEEDED) + ",...")
    specimens: dict[str, Row] = {}
    associations: list[Row] = []
    tested = 0
    for where, cells in rows:
        row = {word.lower(): cell.strip() for word, cell in zip(header, cells, strict=True)}
        bones = [b for b in row["bonename"].replace("/", "-").split("-") if b.strip()] or [""]
        ends = []
        for start, bone in (("se", bones[0]), ("pair", bones[-1])):
            element, side = element_and_side(bone, "", where)
            name = row[f"{start}_skeletal_element"]
            key = {k: row.get(f"{start}_{k}", "") for k in KEY}
            number = row["se_id" if start == "se" else "pair_id"]
            specimens.setdefault(name, {"specimen_id": name, "element": element, "side": side, "se_id": number, **key})
            ends.append((name, element))
        if row.get("pvalue"):
            tested += 1
            continue
        excluded = row.get("excluded", "").lower() in {"yes", "true", "1"}
        kind = "exclusion" if excluded else "pair" if ends[0][1] == ends[1][1] else "articulation"
        associations.append(
            {
                "specimen_a": ends[0][0], "specimen_b": ends[1][0], "kind": kind,
                "grade": "excluded" if excluded else "possible", "reason": row.get("elimination_reason", ""),
            }
        )  # fmt: skip
    messages = [f"{tested} outcomes of tests were left out: they are no judgements"] if tested else []
    return Imported(_dossier([*specimens.values()], associations=associations), tuple(messages))


def format_cora_measurements(dossier: Dossier) -> Exported:
    """The measured specimens as CoRA exports them; of repeated measurements the first."""
    values: dict[str, dict[str, str]] = {}
    text = dossier.texts.get("measurements")
    if text is not None:
        for specimen, code, value in text.select("specimen_id", "code", "value_mm").iter_rows():
            values.setdefault(specimen, {}).setdefault(code, value)
    codes = sorted({code for taken in values.values() for code in taken})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*MEASURED, *codes])
    bones = bones_of(dossier)
    for name, bone in bones.items():
        if name in values:
            cells = (values[name].get(code, "") for code in codes)
            writer.writerow([bone.number, name, *bone.key, bone.bone, _SIDE_WORDS[bone.side], *cells])
    bare = len(bones) - len(values)
    messages = [f"{bare} specimens without measurements were left out"] if bare > 0 else []
    return Exported(out.getvalue(), (*messages, *_unnumbered(bones, values)))


@dataclass(frozen=True, slots=True)
class CoraBone:
    """What CoRA says of a specimen.

    Args:
        number: its own number of it; empty where it is not known.
        key: accession, two provenances, designator.
        bone: element, as people write it.
        side: L R M U.
    """

    number: str
    key: tuple[str, ...]
    bone: str
    side: str


@dataclass(frozen=True, slots=True)
class CoraPair:
    """Two specimens that a test or an examiner compared.

    Args:
        a, b: specimens.
        method, settings: what compared them.
        n, p, mean, sd: of the test; empty text where there is none.
        measurements: those used.
    """

    a: str
    b: str
    method: str
    settings: str = ""
    n: str = ""
    p: str = ""
    mean: str = ""
    sd: str = ""
    measurements: tuple[str, ...] = ()


def bones_of(dossier: Dossier) -> dict[str, CoraBone]:
    """CoRA's keys of all specimens; a specimen that did not come from CoRA has its own name as the designator."""
    table = dossier.table("specimens")
    found = {}
    for row in table.iter_rows(named=True):
        key = tuple(str(row.get(k) or "") for k in KEY)
        if not any(key):
            key = ("", "", "", row["specimen_id"])
        bone = (row["element"] or "unknown").replace("_", " ").capitalize()
        found[row["specimen_id"]] = CoraBone(str(row.get("se_id") or ""), key, bone, row["side"] or "U")
    return found


def format_cora_pairs(pairs: Iterable[CoraPair], bones: Mapping[str, CoraBone]) -> Exported:
    """Pairs and articulations that were not excluded, as CoRA imports them.

    Raises:
        InvalidInput: a specimen that is not there.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, PAIRS, lineterminator="\n")
    writer.writeheader()
    used: dict[str, None] = {}
    for pair in pairs:
        if pair.a not in bones or pair.b not in bones:
            raise InvalidInput("no such specimen", found=pair.a if pair.a not in bones else pair.b)
        one, other = bones[pair.a], bones[pair.b]
        used |= {pair.a: None, pair.b: None}
        writer.writerow(
            {
                "se_id": one.number, "pair_id": other.number, "se_skeletal_element": pair.a,
                "pair_skeletal_element": pair.b, **{f"se_{k}": v for k, v in zip(KEY, one.key, strict=True)},
                **{f"pair_{k}": v for k, v in zip(KEY, other.key, strict=True)},
                "bonename": one.bone if one.bone == other.bone else f"{one.bone}-{other.bone}",
                "compare_method": pair.method, "compare_method_settings": pair.settings, "sample_size": pair.n,
                "pvalue": pair.p, "excluded": "no", "num_measurements": len(pair.measurements) or "",
                "mean": pair.mean, "sd": pair.sd,
                "measurements_used": "{" + ", ".join(f"'{m}': True" for m in pair.measurements) + "}",
            }
        )  # fmt: skip
    return Exported(out.getvalue(), tuple(_unnumbered(bones, used)))


def format_cora_associations(dossier: Dossier) -> Exported:
    """Pairs and articulations that examiners recorded and did not exclude, as CoRA imports them."""
    rows = dossier.table("associations").select("specimen_a", "specimen_b", "kind", "grade").iter_rows()
    kept = [(a, b, kind) for a, b, kind, grade in rows if kind in {"pair", "articulation"} and grade != "excluded"]
    exported = format_cora_pairs((CoraPair(a, b, f"visual {kind}") for a, b, kind in kept), bones_of(dossier))
    left = dossier.table("associations").height - len(kept)
    more = (f"{left} associations of other kinds, or excluded, were left out: the format has no place",) if left else ()
    return Exported(exported.text, (*exported.messages, *more))


def _unnumbered(bones: Mapping[str, CoraBone], used: Iterable[str]) -> list[str]:
    count = sum(1 for name in used if name in bones and not bones[name].number)
    return [f"{count} specimens have no se_id: CoRA gives it, and asks for it in an import"] if count else []


def _table(
    path: Path, looks_like: Callable[[str], bool], what: str, valid: str
) -> tuple[list[str], list[tuple[str, list[str]]]]:
    text = read_foreign_text(path)
    if not looks_like(text):
        raise FormatError(f"not {what}", found=text.partition("\n")[0][:60], valid=valid, where=f"{path.name}:1")
    rows = csv_rows(text, path.name)
    header = [cell.strip() for cell in next(rows)[1]]
    found = list(rows)
    for where, row in found:
        if len(row) != len(header):
            raise FormatError("wrong number of cells", found=len(row), valid=f"{len(header)}, as in the header",
                              where=where)  # fmt: skip
    return header, found


def _dossier(specimens: list[Row], **others: list[Row]) -> Dossier:
    """A dossier whose specimens keep the columns of CoRA."""
    import polars as pl

    texts: dict[str, pl.DataFrame] = {name: table_of(name, rows) for name, rows in others.items() if rows}
    if specimens:
        extra = [c for c in ("se_id", *KEY) if any(row.get(c) for row in specimens)]
        frame = table_of("specimens", specimens)
        columns = {c: pl.Series(c, [row.get(c) or None for row in specimens], dtype=pl.String) for c in extra}
        texts["specimens"] = frame.with_columns(**columns)
    return Dossier.from_texts(texts)
