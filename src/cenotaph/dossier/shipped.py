"""Reference tables that ship with the program, read into records."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from cenotaph.errors import UnknownMarker
from cenotaph.genetics.frequencies import FrequencyTable, MarkerFrequencies
from cenotaph.genetics.snp_map import GeneticMap

DEFAULT_SET = "nist1036"


@dataclass(frozen=True, slots=True)
class Affinity:
    """Which table and which theta stand for a population that a record states."""

    affinity: str
    table: str
    theta: float
    basis: str


def shipped_rows(folder: str, name: str) -> list[dict[str, str]]:
    """Rows of a shipped CSV table as text.

    >>> shipped_rows("frequencies", "affinity.csv")[0]["population"]
    'Caucasian'
    """
    text = resources.files("cenotaph.data").joinpath(folder, name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def load_frequency_tables(set_name: str = DEFAULT_SET) -> Mapping[str, FrequencyTable]:
    """Shipped frequency tables of one set, by ``"set:population"``.

    Raises:
        UnknownMarker: no such set.

    >>> tables = load_frequency_tables()
    >>> sorted(tables)
    ['nist1036:African American', 'nist1036:Asian', 'nist1036:Caucasian', 'nist1036:Hispanic']
    >>> tables["nist1036:Asian"].markers["TH01"].chromosomes
    194
    """
    sets = {row["set"]: row for row in shipped_rows("frequencies", "sets.csv")}
    if set_name not in sets:
        raise UnknownMarker("unknown set of frequency tables", found=set_name, valid=", ".join(sets))
    about = sets[set_name]
    return tables_from_rows(
        shipped_rows("frequencies", f"{set_name}.csv"),
        prefix=f"{set_name}:",
        source=about["citation"],
        table_minimum=float(about["table_minimum"]),
        chromosomes_assumed=int(about["chromosomes_assumed"] or 0),
    )


def tables_from_rows(
    rows: Iterable[Mapping[str, str]],
    *,
    prefix: str,
    source: str,
    table_minimum: float = 0.0,
    chromosomes_assumed: int = 0,
) -> Mapping[str, FrequencyTable]:
    """Frequency tables from rows ``population, marker, allele, frequency, chromosomes`` (text)."""
    cells: dict[str, dict[str, list[tuple[str, float, int]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        chromosomes = int(float(row.get("chromosomes") or chromosomes_assumed))
        cells[row["population"]][row["marker"]].append((row["allele"], float(row["frequency"]), chromosomes))
    return {
        prefix + population: FrequencyTable(
            name=prefix + population,
            population=population,
            source=source,
            markers={
                marker: MarkerFrequencies(
                    marker,
                    tuple(allele for allele, _, _ in entries),
                    np.array([frequency for _, frequency, _ in entries]),
                    max(chromosomes for _, _, chromosomes in entries),
                    table_minimum,
                )
                for marker, entries in by_marker.items()
            },
        )
        for population, by_marker in cells.items()
    }


@cache
def load_affinities() -> Mapping[str, Affinity]:
    """The shipped map from stated affinity to frequency table and theta.

    >>> load_affinities()["korean"]
    Affinity(affinity='korean', table='nist1036:Asian', theta=0.03, basis='assumption until a Korean table is loaded')
    """
    return {
        row["affinity"]: Affinity(
            row["affinity"], f"{row['set']}:{row['population']}", float(row["theta"]), row["basis"]
        )
        for row in shipped_rows("frequencies", "affinity.csv")
    }


@cache
def load_genetic_map() -> GeneticMap:
    """The shipped map: sexes averaged, a point every five megabases.

    >>> load_genetic_map().at(np.array([21]), np.array([46_709_983])).round(1).tolist()
    [62.9]
    """
    points: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for row in shipped_rows("snp", "genetic_map.csv"):
        points[int(row["chromosome"])].append((float(row["megabase"]) * 1e6, float(row["centimorgan"])))
    return GeneticMap(
        {c: (np.array([bp for bp, _ in own]), np.array([cm for _, cm in own])) for c, own in points.items()},
        "shipped map, a point every 5 Mb, sexes averaged (Halldorsson 2019)",
    )


@cache
def load_str_places() -> Mapping[str, tuple[int, int]]:
    """Chromosome and base position of autosomal STR markers.

    >>> load_str_places()["TH01"]
    (11, 2170000)
    """
    rows = shipped_rows("snp", "str_places.csv")
    return {row["marker"]: (int(row["chromosome"]), round(float(row["megabase"]) * 1e6)) for row in rows}
