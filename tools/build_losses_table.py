"""Build the counts of men not recovered by incident and service.

    python tools/build_losses_table.py roster_unrecovered_by_date_unit.csv

Reads counts by date, service and unit (United States National Archives, Korean War extract of the Defense Casualty
Analysis System, public domain); writes ``src/cenotaph/data/geography/losses.csv``. Unit and date give the battle; what
no battle claims goes to the period of the front.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "src" / "cenotaph" / "data" / "geography"
PERIODS = ("summer_1950", "taejon", "naktong", "breakout", "advance_north", "chongchon", "withdrawal", "winter_1951",
           "spring_1951", "line_1951", "outposts")  # fmt: skip
SEVENTH_DIVISION = re.compile(r"\b(7 (INF )?DIV|31 INF|32 INF|17 INF|31 RCT|57 FA|31 RGT|32 RGT)\b")
EIGHTH_CAVALRY = re.compile(r"\b8 (CAV|RGT 1 CAV)")


def main(source: Path) -> None:
    """Count and write."""
    with (DATA / "front.csv").open(encoding="utf-8") as file:
        front = {row["incident"]: (row["from"], row["to"]) for row in csv.DictReader(file)}
    counts: Counter[tuple[str, str]] = Counter()
    with source.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            place = incident(row["incident_date"], row["service"], row["unit"], front)
            counts[place, row["service"]] += int(row["unrecovered"])
    with (DATA / "losses.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["incident", "service", "unrecovered", "as_of"])
        order = {name: i for i, name in enumerate(front)}
        for place, service in sorted(counts, key=lambda key: (order[key[0]], key[1])):
            writer.writerow([place, service, counts[place, service], "2008-12-31"])


def incident(date: str, service: str, unit: str, front: dict[str, tuple[str, str]]) -> str:
    """The incident or period of a loss."""

    def during(name: str) -> bool:
        return front[name][0] <= date <= front[name][1]

    if not during("air_sea"):
        return "unplaced"
    if service in ("Air Force", "Navy"):
        return "air_sea"
    if during("unsan") and EIGHTH_CAVALRY.search(unit):
        return "unsan"
    if during("chosin_east") and service == "Marine Corps":
        return "chosin_marines"
    if during("chosin_east") and SEVENTH_DIVISION.search(unit):
        return "chosin_east"
    if during("hoengsong") and service == "Army":
        return "hoengsong"
    return next(name for name in PERIODS if during(name))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
