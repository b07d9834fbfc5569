"""Make the shipped allele-frequency tables from the published ones.

    python tools/build_frequency_tables.py PUBLISHED_FOLDER

PUBLISHED_FOLDER holds the NIST, FBI and norSTR tables as their publishers give them (origins in
``src/cenotaph/data/frequencies/README.md``). Counts are written where the source gives them.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "src" / "cenotaph" / "data" / "frequencies"
COLUMNS = ("population", "marker", "allele", "frequency", "count", "chromosomes")
SPELLING = {"PENTA D": "Penta_D", "PENTA E": "Penta_E", "Penta D": "Penta_D", "Penta E": "Penta_E"}
NOT_AUTOSOMAL = {"DYS391", "Y indel"}
NIST = {"AA": "African American", "Cauc": "Caucasian", "Hisp": "Hispanic", "Asian": "Asian"}
NORSTR = {
    "Norsk": "Norway",
    "Europa": "Europe",
    "Afrika": "Africa",
    "OstAsia": "East Asia",
    "VestAsia": "West Asia",
    "MidtAsia": "Central Asia",
    "SydAmerika": "South America",
}


def nist_rows(folder: Path) -> Iterator[tuple[str, ...]]:
    with (folder / "nist1036_allele_frequencies.csv").open() as stream:
        for r in csv.DictReader(stream):
            count, total = int(r["count"]), int(r["n_chromosomes"])
            yield (
                NIST[r["population"]],
                SPELLING.get(r["locus"], r["locus"]),
                r["allele"],
                f"{count / total:.10g}",
                str(count),
                str(total),
            )


def fbi_rows(folder: Path) -> Iterator[tuple[str, ...]]:
    with (folder / "fbi2016_allele_frequencies.csv").open() as stream:
        for r in csv.DictReader(stream):
            if r["locus"] in NOT_AUTOSOMAL:
                continue
            total = int(float(r["n_alleles_typed"]))
            count = round(float(r["frequency"]) * total)
            yield (
                r["population"],
                SPELLING.get(r["locus"], r["locus"]),
                r["allele"],
                r["frequency"],
                str(count),
                str(total),
            )


def norstr_rows(folder: Path) -> Iterator[tuple[str, ...]]:
    for name, population in NORSTR.items():
        marker = ""
        for line in (folder / f"norSTR_{name}DB_v2023.txt").read_text().splitlines():
            cells = line.split("\t")
            if len(cells) == 1 and cells[0].strip():
                marker = SPELLING.get(cells[0].strip(), cells[0].strip())
            elif len(cells) == 2:
                yield population, marker, cells[0].strip(), cells[1].strip(), "", ""


def write(name: str, rows: Iterator[tuple[str, ...]]) -> None:
    with (TARGET / name).open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(sorted(rows, key=lambda r: (r[0], r[1], _repeat(r[2]))))


def _repeat(allele: str) -> tuple[float, str]:
    try:
        return float(allele.strip("<>")), allele
    except ValueError:
        return float("inf"), allele


def main(folder: Path) -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    write("nist1036.csv", nist_rows(folder))
    write("fbi2016.csv", fbi_rows(folder))
    write("norstr2023.csv", norstr_rows(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
