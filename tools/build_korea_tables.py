"""Build the tables of the Korean programme from a folder of collected facts.

    python tools/build_korea_tables.py DATA_FOLDER

Reads ``engagements``, ``commitments``, ``transfers``, ``operations``, ``sites``, ``payments`` and ``statistics`` as CSV
below ``korea``; writes our own tables into ``src/cenotaph/data/korea``. Words are mapped by ``words.csv`` there and by
nothing else; a word that it does not hold stops the program. Claims that no row of the folder states as its own (other
counts of one thing, two voices in one report) are in ``korea_claims.csv`` beside this program; ``series.csv`` is
written by hand. The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "src" / "cenotaph" / "data" / "korea"
sys.path.insert(0, str(HERE.parent / "src"))

from cenotaph.dossier.tables import TABLES  # noqa: E402

Row = dict[str, str]
MONTHS = {
    m: i for i, m in enumerate(("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1)
}
PUBLISHED = re.compile(rf"(?:(\d{{1,2}}) )?(?:({'|'.join(MONTHS)})[a-z]* )?\b((?:19|20)\d\d)\b")
PRECISION = {"day": 10, "month": 7, "year": 4}
COUNTED = {
    "engagements": ("from_date", "place", "participants", "status"),
    "transfers": (
        "on_date", "place", "containers", "claimed_individuals", "assessed_low", "assessed_high", "identified_own",
        "identified_other",
    ),
    "operations": ("from_date", "operations_count", "remains_recovered", "cost_usd"),
    "payments": ("on_date", "amount_usd", "low", "high", "status"),
    "commitments": ("due", "status"),
    "sites": ("latitude", "longitude", "estimated_missing_low", "estimated_missing_high"),
    "figures": ("value",),
}  # fmt: skip
"""Fields that get a claim of their own; ``*`` covers the rest of a row."""
FIELD_OF_SERIES = {
    "identified_K55": ("TRF-31", "identified_own"),
    "identified_K55_other": ("TRF-31", "identified_other"),
    "mni_K55": ("TRF-31", "assessed_low"),
    "identified_K208": ("TRF-09", "identified_own"),
    "mni_K208": ("TRF-09", "assessed_low"),
    "identified_JRO": ("TRF-29", "identified_own"),
    "recovered_JRO": ("TRF-29", "containers"),
    "identified_Punchbowl": ("TRF-51", "identified_own"),
    "disinterred_Punchbowl": ("TRF-51", "containers"),
}
"""Series whose figures are also claims about a transfer; a running total is a least number of its containers."""


OTHER_SPELLINGS = ("Bok", "Chan-bok", "Wold", "Jennings", "Davidson", "Downes")
"""Last words of names that stand in more than one spelling."""


class Words:
    """The committed mapping; asking for a word that is not there is an error."""

    def __init__(self, path: Path) -> None:
        self.ours = {(r["table"], r["column"], r["original"]): r["ours"] for r in read(path)}

    def __call__(self, table: str, column: str, original: str) -> str:
        return self.ours[table, column, original]

    def get(self, table: str, column: str, original: str, default: str = "") -> str:
        return self.ours.get((table, column, original), default)

    def parties(self, text: str) -> str:
        named = [self.get("*", "party", part.strip(), part.strip()) for part in text.split(";")]
        return "; ".join(dict.fromkeys(part for name in named for part in name.split("; ") if part))


def read(path: Path) -> list[Row]:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def write(name: str, rows: Iterable[Mapping[str, str]]) -> None:
    """Writes a table with the columns that hold anything, in the registry's order."""
    rows = list(rows)
    columns = [c.name for c in TABLES[name].columns if c.key or c.required or any(r.get(c.name) for r in rows)]
    with (OUT / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow(columns)
        lines.writerows([row.get(c, "") for c in columns] for row in rows)


def published(title: str, words: Words) -> str:
    """Date of publication in a title, as EDTF; empty where it gives none."""
    key = ("sources", "published_on", title)
    if key in words.ours:
        return words.ours[key]
    found = PUBLISHED.findall(title)
    if not found:
        return ""
    day, month, year = found[-1]
    if not month:
        return year
    return f"{year}-{MONTHS[month]:02d}" + (f"-{int(day):02d}" if day else "")


def dated(day: str, precision: str) -> str:
    """A date cut to what is known of it."""
    return day[: PRECISION[precision or "day"]]


def joined(*parts: str) -> str:
    """A note from its parts."""
    return "; ".join(p for p in parts if p)


def original(column: str, theirs: str, ours: str) -> str:
    """The word as it was collected, for the note, where ours differs."""
    return f"{column} as collected: {theirs}" if theirs and theirs != ours else ""


class Build:
    """The programme as it grows: sources and claims are collected while rows are written."""

    def __init__(self, folder: Path) -> None:
        self.words = Words(OUT / "words.csv")
        self.folder = folder / "korea"
        self.sources: dict[str, Row] = {}
        self.tables: dict[str, list[Row]] = defaultdict(list)
        self.said: set[tuple[str, str, str, str]] = set()
        self.read_by_hand = read(HERE / "korea_claims.csv")
        keys = ("source_title", "subject_table", "subject_id", "field")
        self.by_hand = {tuple(row[k] for k in keys) for row in self.read_by_hand if row["field"] != "*"}

    def rows(self, name: str) -> list[Row]:
        return read(self.folder / f"{name}.csv")

    def source(self, row: Row) -> str:
        """The identifier of a row's source, noted once by its title."""
        title = row["source_title"]
        if title not in self.sources:
            day = published(title, self.words)
            self.sources[title] = {
                "source_id": f"SRC-{len(self.sources) + 1:03d}",
                "title": title,
                "kind": row["source_kind"],
                "url": row["source_url"],
                "published_on": day,
                "language": "en",
                "reliability": row["source_reliability"],
                "note": "" if day else "the title gives no date of publication",
            }
        return self.sources[title]["source_id"]

    def add(self, table: str, ours: Row, theirs: Row, as_of: str, attribution: str | None = None) -> None:
        """A row and a claim for each of its counted fields, by the source of the collected row."""
        self.tables[table].append(ours)
        source = self.source(theirs)
        key = TABLES[table].key[0]
        if attribution is None:
            attribution = "document" if theirs["source_kind"] in ("official", "reference") else "none"
        told = self.sources[theirs["source_title"]]["published_on"]
        fields = [f for f in COUNTED[table] if ours.get(f) or (f == "participants" and theirs["participants"])]
        if table == "figures":
            told = ours["known_from"]
        for field in (*fields, "*"):
            value = "" if field == "*" else ours.get(field) or theirs["participants"]
            if (theirs["source_title"], table, ours[key], field) in self.by_hand:
                continue
            day = ours.get(f"{field.partition('_')[0]}_as_of")
            self.claim(
                source, attribution, table, ours[key], field, value, day or as_of, told, theirs["info_credibility"]
            )

    def claim(
        self,
        source: str,
        attribution: str,
        table: str,
        subject: str,
        field: str,
        value: str,
        as_of: str,
        told: str,
        credibility: str,
        **more: str,
    ) -> None:
        said = (source, subject, field, value)
        if value and said in self.said:
            return
        self.said.add(said)
        assumed = "" if told else "no date of publication: taken as said when it was true"
        note = joined(more.pop("note", ""), assumed)
        self.tables["claims"].append(
            {
                "claim_id": f"CLM-{len(self.tables['claims']) + 1:04d}",
                "source_id": source,
                "attribution": attribution,
                "subject_table": table,
                "subject_id": subject,
                "field": field,
                "value": value,
                "as_of": as_of,
                "stated_on": told or as_of,
                "credibility": credibility,
                "note": note,
                **more,
            }
        )

    def party_note(self, column: str, text: str) -> str:
        return original(column, text, self.words.parties(text))

    def engagements(self) -> None:
        words, offices = self.words, dict[tuple[str, ...], list[str]]()
        people: dict[str, Row] = {}
        for row in self.rows("engagements"):
            key = row["id"]
            first, last = (dated(row[c], row["date_precision"]) for c in ("date_start", "date_end"))
            kind, status = (
                words("engagements", "kind", row["type"]),
                words("engagements", "status", row["outcome_status"]),
            )
            attribution = words("claims", "attribution", row["attribution"])
            ours = {
                "engagement_id": key, "track": words.get("engagements", "track", key, "remains"), "from_date": first,
                "to_date": "" if last == first else last, "kind": kind, "title": row["title"],
                "level": words.get("engagements", "level", key), "place": row["place"], "latitude": row["lat"],
                "longitude": row["lon"],
                "radius_km": "" if not row["lat"] else "1" if "Panmun" in row["place"] else "10",
                "parties": words.parties(row["parties"]), "agenda": row["agenda_topics"], "outcome": row["outcome"],
                "status": status, "follows": words.get("engagements", "follows", key),
                "precedes": words.get("engagements", "precedes", key),
                "note": joined(
                    row["note"], original("type", row["type"], kind), original("status", row["outcome_status"], status)
                ),
            }  # fmt: skip
            self.add("engagements", ours, row, first, attribution)
            self.tables["topics"] += [
                {"engagement_id": key, "topic": t.strip()} for t in row["agenda_topics"].split(";") if t.strip()
            ]
            if key == "ENG-052":
                self.tables["itinerary"] += [
                    {"engagement_id": key, "leg": str(n), "place": p.strip()}
                    for n, p in enumerate(row["place"].split(";"), 1)
                ]
            for text in filter(None, (p.strip() for p in row["participants"].split(";"))):
                self.participant(key, text, first, people, offices)
        self.tables["people"] = sorted(people.values(), key=lambda p: p["person_id"])
        for (person, office, organisation, rank), days in sorted(offices.items()):
            held = words.get("offices", "dates", f"{person} {office}").split()
            self.tables["offices"].append(
                {
                    "person_id": person,
                    "office": office,
                    "organisation": organisation,
                    "rank": rank,
                    "from_date": held[0] if held else "",
                    "to_date": held[1] if len(held) > 1 else "",
                    "note": joined("seen in office: " + " ".join(days), "dates are general knowledge" if held else ""),
                }
            )

    def participant(
        self, engagement: str, text: str, day: str, people: dict[str, Row], offices: dict[tuple[str, ...], list[str]]
    ) -> None:
        name, rank, office, organisation, party, role = self.words("participants", "person", text).split("|")
        row = {"engagement_id": engagement, "party": party, "role": role, "office": office}
        if not name:
            self.tables["participants"].append({**row, "described_as": text})
            return
        key = "-".join(re.findall(r"[a-z]+", name.lower()))
        bare = re.sub(r"^((Lt|Maj|Col|Rear|Vice)\. )?[A-Z][a-z]+\. | \(.*", "", text)
        person = people.setdefault(key, {"person_id": key, "name": name, "party": party, "other_names": ""})
        if re.sub(r"\W", "", bare) != re.sub(r"\W", "", name) and bare.split()[-1] in (
            "Bok",
            "bok",
            "Wold",
            "Jennings",
            "Davidson",
            "Downes",
        ):
            names = [*filter(None, person["other_names"].split("; ")), bare]
            person["other_names"] = "; ".join(dict.fromkeys(names))
        if office or rank:
            offices.setdefault((key, office, organisation, rank), []).append(day)
        self.tables["participants"].append({**row, "person_id": key})

    def commitments(self) -> None:
        months = {r["id"] for r in self.rows("engagements") if r["date_precision"] == "month"}
        for row in self.rows("commitments"):
            status = self.words("commitments", "status", row["status"])
            made = row["made_on"][:7] if row["made_in_engagement"] in months else row["made_on"]
            ours = {
                "commitment_id": row["id"], "engagement_id": row["made_in_engagement"], "made_on": made,
                "kind": self.words.get("commitments", "kind", row["id"], "promise"),
                "made_by": self.words.parties(row["by"]), "made_to": self.words.parties(row["to"]),
                "text": row["commitment"], "due": row["due"], "status": status, "status_as_of": row["status_as_of"],
                "fulfilled_by": row["fulfilled_by"].replace(";", " "), "shortfall": row["shortfall"],
                "note": joined(row["note"], original("status", row["status"], status),
                    self.party_note("by", row["by"])),
            }  # fmt: skip
            self.add("commitments", ours, row, row["status_as_of"] or made)

    def sites(self) -> None:
        for row in self.rows("sites"):
            kind = self.words("sites", "kind", row["type"])
            ours = {
                "site_id": row["id"], "name": row["name"], "other_names": row["alt_names"], "kind": kind,
                "latitude": row["lat"], "longitude": row["lon"], "radius_km": row["coord_precision_km"],
                "controlled_by": row["country_control"], "region": row["province"], "part_of": row["parent_site"],
                "estimated_missing_low": row["estimated_missing_low"], "estimated_as_of": row["estimate_as_of"],
                "estimated_missing_high": row["estimated_missing_high"],
                "side_of_parallel_38": row["side_of_38th"] and self.words("sites", "side", row["side_of_38th"]),
                "side_of_demarcation_line": row["side_of_mdl"] and self.words("sites", "side", row["side_of_mdl"]),
                "note": joined(
                    row["note"], row["estimate_basis"], original("type", row["type"], kind),
                    original("access", row["access_history"], ""),
                ),
            }  # fmt: skip
            day = row["estimate_as_of"] or published(row["source_title"], self.words)
            self.add("sites", ours, row, day)
            if row["access_history"]:
                status, first, last, by = self.words("access", "history", row["access_history"]).split()
                self.tables["access"].append(
                    {
                        "site_id": row["id"],
                        "status": status,
                        "from_date": first.strip("-"),
                        "to_date": "" if last == "-" else last,
                        "granted_by": "" if by == "-" else by,
                        "note": original("access", row["access_history"], status),
                    }
                )

    def operations(self) -> None:
        for row in self.rows("operations"):
            site, _, radius = self.words("operations", "area", row["area"]).partition(" ")
            planned = ("operations", "remains_recovered", row["id"]) in self.words.ours
            operator, partner = self.words.parties(row["operator"]), self.words.parties(row["partner"])
            operator = self.words.get("operations", "operator", row["operator"], operator)
            kind = "disinterment" if site == "SIT-64" else "joint_recovery" if partner else "unilateral"
            ours = {
                "operation_id": row["id"], "site_id": site, "area": row["area"], "from_date": row["date_start"],
                "to_date": row["date_end"], "operator": operator, "partner": partner, "kind": kind,
                "operations_count": row["operations_count"],
                "remains_recovered": "" if planned else row["remains_recovered"], "cost_usd": row["cost_usd"],
                "latitude": row["lat"], "longitude": row["lon"], "radius_km": radius, "basis": row["basis"],
                "arithmetic": self.words.get("operations", "arithmetic", row["id"]),
                "part_of": self.words.get("operations", "part_of", row["id"]),
                "note": joined(
                    row["note"], original("operator", row["operator"], operator),
                    original("partner", row["partner"], partner),
                ),
            }  # fmt: skip
            self.add("operations", ours, row, row["date_end"] or row["date_start"])

    def transfers(self) -> None:
        for row in self.rows("transfers"):
            day = dated(row["date"], row["date_precision"])
            here, _, there = row["place"].partition(" to ")
            latitude, longitude = (
                self.words.get("transfers", "point", row["place"]) or f"{row['lat']} {row['lon']}"
            ).split(" ")
            mechanism = self.words("transfers", "mechanism", row["mechanism"])
            other, _, nation = row["identified_other"].partition(" ")
            high = "600" if row["id"] == "TRF-09" else row["assessed_min_individuals"]
            ours = {
                "transfer_id": row["id"], "from_party": self.words.parties(row["from_party"]),
                "to_party": self.words.parties(row["to_party"].replace("/", "; ")), "on_date": day, "place": here,
                "latitude": latitude, "longitude": longitude, "radius_km": latitude and "5", "mechanism": mechanism,
                "containers": row["containers"], "claimed_individuals": row["claimed_individuals"],
                "assessed_low": row["assessed_min_individuals"], "assessed_high": high,
                "identified_own": row["identified_us"], "identified_other": other,
                "identified_as_of": row["identified_as_of"],
                "assessed_as_of": row["assessed_min_individuals"]
                and self.words.get("transfers", "assessed_as_of", row["id"], row["identified_as_of"]),
                "series": row["series"],
                "destination_site_id": row["destination_lab"]
                and self.words("transfers", "destination_site_id", row["destination_lab"]),
                "engagement_id": self.words.get("transfers", "engagement_id", row["id"]),
                "part_of": self.words.get("transfers", "part_of", row["id"]),
                "alternative_to": self.words.get("transfers", "alternative_to", row["id"]),
                "note": joined(
                    row["note"], f"identified others are of {nation}" if nation else "",
                    original("mechanism", row["mechanism"], mechanism),
                    original("laboratory", row["destination_lab"], ""), self.party_note("from", row["from_party"]),
                ),
            }  # fmt: skip
            self.add("transfers", ours, row, day)
            if there:
                by = "C-17" if row["id"] == "TRF-31" else ""
                self.movement(row["id"], 1, here, there, day, by)
            if row["id"] == "TRF-31":
                self.movement(row["id"], 2, there, "JB Pearl Harbor-Hickam", "2018-08-01", "")

    def movement(self, transfer: str, leg: int, start: str, end: str, day: str, by: str) -> None:
        self.tables["movements"].append(
            {"transfer_id": transfer, "leg": str(leg), "from_place": start, "to_place": end, "on_date": day, "by": by}
        )

    def payments(self) -> None:
        for row in self.rows("payments"):
            key = row["id"]
            day = self.words.get("payments", "on_date", key) or dated(row["date"], row["date_precision"])
            kind = self.words("payments", "kind", row["kind"])
            status = self.words("payments", "status", row["status"])
            ours = {
                "payment_id": key, "payer": self.words.parties(row["payer"]), "payee": self.words.parties(row["payee"]),
                "on_date": day, "kind": kind, "amount_usd": row["amount_usd"], "low": row["amount_low_usd"],
                "high": row["amount_high_usd"], "status": status,
                "for_transfer": row["linked_transfer"].replace(";", " "),
                "for_operation": self.words.get("payments", "for_operation", key),
                "overlaps": self.words.get("payments", "overlaps", key),
                "note": joined(
                    row["for_what"], row["note"], original("kind", row["kind"], kind),
                    original("status", row["status"], status), self.party_note("payer", row["payer"]),
                ),
            }  # fmt: skip
            self.add("payments", ours, row, day.partition("/")[2] or day)

    def figures(self) -> None:
        for row in self.rows("statistics"):
            key, theirs = row["id"], row["metric"]
            series = self.words.get("figures", "series", theirs, theirs)
            series = self.words.get("figures", "series_of", key, series)
            told = published(row["source_title"], self.words)
            more, less = re.search(r'"(more than|over)"', row["note"]), "nearly" in row["note"]
            ours = {
                "figure_id": key, "series": series, "as_of": row["as_of"], "known_from": told or row["as_of"],
                "value": row["value"], "low": row["value_low"] or (row["value"] if more else ""),
                "high": row["value_high"] or (row["value"] if less else ""), "unit": row["unit"],
                "source_id": self.source(row), "alternative_to": self.words.get("figures", "alternative_to", key),
                "arithmetic": self.words.get("figures", "arithmetic", key),
                "note": joined(
                    row["scope"], row["note"], original("series", theirs, series),
                    "" if told else "the title gives no date: taken as known when it was true (assumption)",
                ),
            }  # fmt: skip
            self.add("figures", ours, row, row["as_of"])
            if theirs in FIELD_OF_SERIES:
                transfer, field = FIELD_OF_SERIES[theirs]
                self.claim(
                    ours["source_id"], "document", "transfers", transfer, field, row["value"], row["as_of"], told,
                    row["info_credibility"], note=f"as in {key}",
                    value_low=row["value"] if field == "containers" else "",
                )  # fmt: skip
        self.more_figures()

    def more_figures(self) -> None:
        """Running totals that the rows of the operations give beside their own numbers."""
        last = next(r for r in self.rows("operations") if r["id"] == "OPS-2005")
        essay = next(r for r in self.rows("statistics") if r["source_title"].startswith("USIP"))
        for key, series, value, row, other in (
            ("FIG-01", "recovered_JRO", last["cumulative_remains"], last, ""),
            ("FIG-02", "operations_JRO", last["cumulative_operations"], last, ""),
            ("FIG-03", "operations_JRO", "37", essay, "FIG-02"),
        ):
            told = published(row["source_title"], self.words)
            as_of = last["date_end"]
            ours = {
                "figure_id": key, "series": series, "as_of": as_of, "known_from": told or essay["as_of"],
                "value": value,
                "unit": "sets" if series == "recovered_JRO" else "operations", "source_id": self.source(row),
                "alternative_to": other,
                "note": "" if told else "the title gives no date: known_from is that of another figure (assumption)",
            }  # fmt: skip
            self.add("figures", ours, row, as_of)

    def claims(self) -> None:
        for row in self.read_by_hand:
            source = self.sources[row["source_title"]]
            more = {c: row[c] for c in ("attributed_to", "via", "value_low", "value_high", "note") if row[c]}
            day = row["as_of"] or source["published_on"]
            self.claim(
                source["source_id"], row["attribution"], row["subject_table"], row["subject_id"], row["field"],
                row["value"], day, source["published_on"], row["credibility"], **more,
            )  # fmt: skip


def main(folder: Path) -> None:
    """Write every table."""
    build = Build(folder)
    build.engagements()
    build.commitments()
    build.sites()
    build.operations()
    build.transfers()
    build.payments()
    build.figures()
    build.claims()
    build.tables["sources"] = list(build.sources.values())
    for name, rows in build.tables.items():
        write(name, rows)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
