"""What every importer and exporter shares: STR profiles as records, and dossiers made of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cenotaph.dossier.read import Dossier
from cenotaph.dossier.tables import TABLES
from cenotaph.dossier.vocabulary import canonical_marker, markers
from cenotaph.errors import FormatError

if TYPE_CHECKING:
    import polars as pl

Row = Mapping[str, str | None]

MULTI_COPY = frozenset({"DYS385", "DYF387S1", "DYF399S1", "DYF403S1a", "DYF404S1", "DYS526a", "DYS527"})
"""Y markers of which a man has several copies, so that an allele may be written twice."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A dossier made of a foreign file, with what the file did not say or could not be kept."""

    dossier: Dossier
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exported:
    """A foreign file made of a dossier, with what it could not take.

    Args:
        text: content of the file.
        messages: what was left out, and why.
        companions: further files by suffix, as ``{".map": text}``.
    """

    text: str
    messages: tuple[str, ...] = ()
    companions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Profile:
    """One typing of one sample.

    Args:
        sample: identifier of the sample.
        genotypes: marker to alleles as typed. One allele means that the second was not called; a homozygote has
            its allele twice.
        origin: specimen, relative or missing.
        origin_id: what the sample was taken from.
        replicate: number of the typing.
    """

    sample: str
    genotypes: Mapping[str, tuple[str, ...]]
    origin: str = "specimen"
    origin_id: str = ""
    replicate: int = 1


def csv_rows(text: str, name: str, separators: str = ",") -> Iterator[tuple[str, list[str]]]:
    """Rows of a separated file that are not empty, each with its place ``name:line``.

    The separator is the one of *separators* that the first line has most of.

    Raises:
        FormatError: quotes that do not close or a cell that is too long; file and line are named.

    >>> list(csv_rows("a;b\\n\\n1;2\\n", "x.csv", ",;"))
    [('x.csv:1', ['a', 'b']), ('x.csv:3', ['1', '2'])]
    """
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=max(separators, key=first.count))
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise FormatError(
                "the row cannot be read", found=str(error), valid="separated cells", where=f"{name}:{reader.line_num}"
            ) from None
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield f"{name}:{reader.line_num}", row


def table_of(name: str, rows: Sequence[Row]) -> pl.DataFrame:
    """Rows as a table of text with the registry's columns that any row fills or that are required."""
    import polars as pl

    columns = [c.name for c in TABLES[name].columns if c.required or any(row.get(c.name) for row in rows)]
    return pl.DataFrame(
        {c: pl.Series(c, [row.get(c) or None for row in rows], dtype=pl.String) for c in columns},
    )


def dossier_of(rows: Mapping[str, Sequence[Row]]) -> Dossier:
    """A dossier from rows; tables without rows are left out."""
    return Dossier.from_texts({name: table_of(name, found) for name, found in rows.items() if found})


def profile_rows(profiles: Iterable[Profile]) -> dict[str, list[Row]]:
    """Rows of samples, autosomal and Y profiles, and of the bare specimens, persons or missing they came from.

    Y markers go to their own table; the two copies of DYS385, if named a and b, become one row.
    """
    rows: dict[str, list[Row]] = {name: [] for name in ("samples", "str_profiles", "ystr_profiles")}
    rows |= {"specimens": [], "relatives": [], "missing": []}
    seen: dict[str, set[str]] = {"samples": set(), "specimen": set(), "relative": set(), "missing": set()}
    for profile in profiles:
        origin_id = profile.origin_id or profile.sample
        if profile.sample not in seen["samples"]:
            rows["samples"].append({"sample_id": profile.sample, "origin": profile.origin, "origin_id": origin_id})
            seen["samples"].add(profile.sample)
        if origin_id not in seen[profile.origin]:
            seen[profile.origin].add(origin_id)
            name, row = _origin_row(profile.origin, origin_id)
            rows[name].append(row)
        for marker, alleles in _joined_copies(profile.genotypes).items():
            known = markers().get(marker)
            if known is not None and known.kind == "Y":
                copies = "-".join(alleles if marker in MULTI_COPY else dict.fromkeys(alleles))
                rows["ystr_profiles"].append({"sample_id": profile.sample, "marker": marker, "alleles": copies})
            else:
                rows["str_profiles"].append(_str_row(profile, marker, alleles))
    return rows


def _origin_row(origin: str, identifier: str) -> tuple[str, Row]:
    if origin == "specimen":
        return "specimens", {"specimen_id": identifier, "element": "unknown", "side": "U"}
    if origin == "relative":
        return "relatives", {"family_id": identifier, "person_id": identifier, "sex": "U"}
    return "missing", {"missing_id": identifier, "population": "unknown"}


def _joined_copies(genotypes: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Genotypes by canonical marker; DYS385a and DYS385b as the two copies of DYS385."""
    found: dict[str, tuple[str, ...]] = {}
    for spelling, alleles in genotypes.items():
        marker = canonical_marker(spelling) or spelling
        if marker in {"DYS385a", "DYS385b"}:
            found["DYS385"] = found.get("DYS385", ()) + alleles[:1]
        else:
            found[marker] = alleles
    return found


def _str_row(profile: Profile, marker: str, alleles: tuple[str, ...]) -> Row:
    return {
        "sample_id": profile.sample,
        "replicate": str(profile.replicate),
        "marker": marker,
        "allele_1": alleles[0],
        "allele_2": alleles[1] if len(alleles) > 1 else None,
        "more_alleles": " ".join(alleles[2:]) or None,
    }


def profiles_of(dossier: Dossier) -> list[Profile]:
    """Autosomal and Y profiles of a dossier, one for each sample and replicate, in the order of the samples."""
    origins = {
        s: (origin, origin_id)
        for s, origin, origin_id in _columns(dossier, "samples", "sample_id", "origin", "origin_id")
    }
    found: dict[tuple[str, int], dict[str, tuple[str, ...]]] = {}
    names = ("sample_id", "replicate", "marker", "allele_1", "allele_2", "more_alleles")
    for sample, replicate, marker, first, second, more in _columns(dossier, "str_profiles", *names):
        alleles = tuple(a for a in (first, second, *(more or "").split()) if a)
        found.setdefault((sample, replicate), {})[marker] = alleles
    for sample, marker, alleles in _columns(dossier, "ystr_profiles", "sample_id", "marker", "alleles"):
        found.setdefault((sample, 1), {})[marker] = tuple(alleles.split("-"))
    place = {sample: position for position, sample in enumerate(origins)}
    return [
        Profile(sample, genotypes, *origins.get(sample, ("specimen", sample)), replicate)
        for (sample, replicate), genotypes in sorted(
            found.items(), key=lambda item: (place.get(item[0][0], len(place)), item[0][1])
        )
    ]


def _columns(dossier: Dossier, table: str, *columns: str) -> Iterable[tuple]:  # type: ignore[type-arg]
    return dossier.table(table).select(columns).iter_rows()
