"""The record: the shipped programme, claims by voice and standing, conflicts, bitemporal and derived figures."""

from __future__ import annotations

import csv
import datetime
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from cenotaph.accounting.claims import conflicts, grade_words, shown, standing, voices
from cenotaph.accounting.figures import evaluate, figure, points, recompute, series_names
from cenotaph.accounting.record import Claim, Record
from cenotaph.dossier.read import Dossier
from cenotaph.errors import InvalidInput

ROOT = Path(__file__).resolve().parents[2]
KOREA = ROOT / "src" / "cenotaph" / "data" / "korea"
STORY = date(2018, 9, 7)


@pytest.fixture(scope="module")
def korea() -> Record:
    return Record.shipped_korea()


def record(**tables: str) -> Record:
    """A record from tables in CSV."""
    return Record.from_dossier(
        Dossier.from_texts({n: pl.read_csv(t.encode(), infer_schema=False) for n, t in tables.items()})
    )


def test_the_programme_holds_what_was_collected(korea: Record) -> None:
    counts = {
        name: len(korea.rows(name)) for name in ("engagements", "commitments", "transfers", "operations", "sites")
    }
    assert counts == {"engagements": 62, "commitments": 24, "transfers": 34, "operations": 19, "sites": 54}
    assert len(korea.rows("payments")) == 10
    assert sum(row["figure_id"].startswith("STA-") for row in korea.rows("figures")) == 82


def test_every_row_has_a_claim_and_every_source_a_grade(korea: Record) -> None:
    claimed = set(korea.claimed_rows())
    keys = {"engagements": "engagement_id", "commitments": "commitment_id", "transfers": "transfer_id",
            "operations": "operation_id", "sites": "site_id", "payments": "payment_id",
            "figures": "figure_id"}  # fmt: skip
    assert [r[k] for t, k in keys.items() for r in korea.rows(t) if (t, r[k]) not in claimed] == []
    assert {korea.source(r["source_id"]).reliability for r in korea.rows("sources")} <= set("ABCDEF")


def test_a_date_that_is_assumed_says_so(korea: Record) -> None:
    undated = {r["source_id"] for r in korea.rows("sources") if not r["published_on"]}
    assert undated
    assert all("assumption" in r["note"] for r in korea.rows("figures") if r["source_id"] in undated)


def test_boxes_add_up_when_parts_are_not_added_to_their_whole(korea: Record) -> None:
    parts = [r for r in korea.rows("transfers") if r["part_of"] == "TRF-09"]
    assert sum(int(r["containers"]) for r in parts) == int(korea.row("transfers", "TRF-09")["containers"]) == 208
    seasons = [r for r in korea.rows("operations") if r["operation_id"][4:].isdigit()]
    assert sum(int(r["operations_count"]) for r in seasons) == 33


def test_a_sketchy_place_carries_its_radius(korea: Record) -> None:
    for table in ("sites", "transfers", "operations", "engagements"):
        assert [r for r in korea.rows(table) if r["latitude"] and not r["radius_km"]] == []


def test_the_programme_is_what_its_builder_makes(shared: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in KOREA.glob("*.csv")}
    copy = tmp_path / "checkout"
    for part in ("tools", "src/cenotaph/data/korea"):
        (copy / part).mkdir(parents=True)
    for name in ("build_korea_tables.py", "korea_claims.csv"):
        (copy / "tools" / name).write_bytes((ROOT / "tools" / name).read_bytes())
    for name in ("words.csv", "series.csv"):
        (copy / "src/cenotaph/data/korea" / name).write_bytes(before[name])
    subprocess.run(
        [sys.executable, copy / "tools" / "build_korea_tables.py", shared / "data"],
        check=True, env={"PYTHONPATH": str(ROOT / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    after = {path.name: path.read_bytes() for path in (copy / "src/cenotaph/data/korea").glob("*.csv")}
    assert after == before


def test_words_are_mapped_once() -> None:
    with (KOREA / "words.csv").open(encoding="utf-8", newline="") as lines:
        keys = [(r["table"], r["column"], r["original"]) for r in csv.DictReader(lines)]
    assert len(keys) == len(set(keys))


def claim(attribution: str = "none", to: str = "", chain: tuple[str, ...] = (), source: str = "S1") -> Claim:
    return Claim("C", source, attribution, to, chain, "transfers", "T", "containers", "1", None, None, "", "", 2, "")


VOICES = [
    ([claim("unnamed_source", "government source", ("Yonhap", "WP"), "S1"),
      claim("unnamed_source", "a government source", ("Yonhap", "Reuters"), "S2")], 1),
    ([claim("unnamed_official", "UNC official", ("WP",), "S1"),
      claim("unnamed_source", "source", ("Yonhap", "WP"), "S1")], 2),
    ([claim("unnamed_official", "UNC official", (), "S1"),
      claim("unnamed_official", "an unnamed UNC official", (), "S2")], 1),
    ([claim("unnamed_official", "", (), "S1"), claim("unnamed_official", "", (), "S2")], 2),
    ([claim("on_record", "Roe", (), "S1"), claim("on_record", "Roe", ("AP",), "S2")], 1),
    ([claim("on_record", "Roe"), claim("on_record", "Doe")], 2),
    ([claim("none", "", ("Yonhap", "WP"), "S1"), claim("none", "", ("Yonhap",), "S2")], 1),
    ([claim("none", "", (), "S1"), claim("none", "", (), "S2")], 2),
    ([claim("unnamed_official", "x", ("A",)), claim("unnamed_official", "y", ("B",)),
      claim("unnamed_official", "x", ("B",))], 1),
]  # fmt: skip


@pytest.mark.parametrize(("claims", "count"), VOICES)
def test_two_reports_of_one_voice_count_once(claims: list[Claim], count: int) -> None:
    assert len(voices(claims)) == len(voices(claims[::-1])) == count
    assert len(voices(claims + claims)) == count
    assert sum(len(group) for group in voices(claims)) == len(claims)


SOURCES = "source_id,title,kind,reliability\nOFF,Release,official,A\nNEWS,Paper,news,B\nREF,Book,reference,C\n"
HEAD = (
    "claim_id,source_id,attribution,subject_table,subject_id,field,value,value_low,value_high,as_of,stated_on,"
    "credibility\n"
)


def claimed(*rows: str) -> Record:
    return record(sources=SOURCES, transfers="transfer_id,containers\nT,1\n", claims=HEAD + "\n".join(rows) + "\n")


def test_official_on_the_record_before_agency_before_unnamed() -> None:
    rows = (
        "A,NEWS,unnamed_official,transfers,T,containers,3,,,2018,2018-03,1",
        "B,NEWS,none,transfers,T,containers,2,,,2018,2018-02,1",
        "C,NEWS,on_record,transfers,T,containers,1,,,2018,2018-01,3",
    )
    found = shown(claimed(*rows), "transfers", "T", "containers")
    assert found is not None
    assert (found.value, found.standing, found.runner_up and found.runner_up.value) == (
        "1",
        "official on the record",
        "2",
    )
    assert [standing(claimed(*rows), c) for c in claimed(*rows).claims("transfers", "T")] == [2, 1, 0]


def test_then_credibility_then_the_latest() -> None:
    rows = (
        "A,OFF,document,transfers,T,containers,3,,,2018,2018-03,2",
        "B,OFF,document,transfers,T,containers,2,,,2018,2018-02,1",
        "C,OFF,document,transfers,T,containers,1,,,2018,2018-01,1",
    )
    whole = claimed(*rows)
    values = [shown(whole, "transfers", "T", "containers", known_on=date(2018, m, 28)) for m in (1, 2, 4)]
    assert [one and one.value for one in values] == [None, "2", "2"]
    assert shown(whole, "transfers", "T", "containers", known_on=date(2018, 1, 31)).value == "1"  # type: ignore[union-attr]


def test_what_was_said_later_is_not_known(korea: Record) -> None:
    assert shown(korea, "transfers", "TRF-31", "identified_own", known_on=STORY) is None
    values = [
        found.value
        for year in (2018, 2019, 2022, 2024)
        if (found := shown(korea, "transfers", "TRF-31", "identified_own", known_on=date(year, 12, 31)))
    ]
    assert values == ["2", "4", "82", "93"]


def test_fifty_five_boxes_are_said_by_several_voices(korea: Record) -> None:
    found = shown(korea, "transfers", "TRF-31", "containers", known_on=STORY)
    assert found is not None
    assert (found.value, found.voices) == ("55", 3)
    assert found.runner_up is not None
    assert (found.runner_up.value, found.runner_up.credibility) == ("200", 5)


def test_numbers_that_disagree_are_listed(korea: Record) -> None:
    found = {(c.table, c.row_id, c.field): [side.value for side in c.sides] for c in conflicts(korea)}
    assert found["transfers", "TRF-03", "containers"] == ["5", "7"]
    assert found["transfers", "TRF-01", "containers"] == ["4167", "4175"]
    assert found["figures", "STA-14", "value"] == ["7465", "7491"]
    assert found["figures", "FIG-02", "value"] == ["33", "37"]
    assert found["transfers", "TRF-31", "claimed_individuals"] == ["50", "55"]
    assert ("transfers", "TRF-31", "identified_own") not in found
    assert ("transfers", "TRF-29", "containers") not in found


def test_a_conflict_that_nobody_knew_yet_is_not_listed(korea: Record) -> None:
    early = {(c.row_id, c.field) for c in conflicts(korea, known_on=STORY)}
    assert ("STA-14", "value") not in early
    assert ("TRF-03", "containers") in early


def test_ranges_that_meet_do_not_disagree() -> None:
    more = "A,NEWS,none,transfers,T,containers,50,51,,2018,2018,1"
    assert conflicts(claimed(more, "B,OFF,document,transfers,T,containers,55,,,2018,2018,1")) == ()
    assert len(conflicts(claimed(more, "B,OFF,document,transfers,T,containers,49,,,2018,2018,1"))) == 1
    days = (
        "A,NEWS,none,transfers,T,on_date,2018-07,,,2018,2018,1",
        "B,OFF,none,transfers,T,on_date,2018-07-27,,,2018,2018,1",
    )
    assert conflicts(claimed(*days)) == ()
    assert len(conflicts(claimed(days[0], days[1].replace("07-27", "08-01")))) == 1


def test_the_figure_of_a_day_is_what_was_known_then(korea: Record) -> None:
    then = figure(korea, "unaccounted_total", STORY, STORY)
    assert (then.value, then.known_from) == (7699.0, "2018-06-18")
    assert then.runner_up is not None
    assert (then.runner_up.value, then.runner_up.high) == (7700.0, 7700.0)
    later = figure(korea, "unaccounted_total", date(2024, 12, 31))
    assert (later.value, later.runner_up and later.runner_up.value) == (7465.0, 7491.0)
    assert figure(korea, "unaccounted_north_of_38", STORY, STORY).value == 5300.0
    with pytest.raises(InvalidInput, match="no figure of the series was known then"):
        figure(korea, "identified_K55", STORY, STORY)
    with pytest.raises(InvalidInput, match="unaccounted_total"):
        figure(korea, "unacounted_total")


def test_true_earlier_but_published_later_is_hidden_until_then() -> None:
    figures = "figure_id,series,as_of,known_from,value,source_id\nA,n,2010,2011,5,OFF\nB,n,2012-06,2015-03,4,OFF\n"
    whole = record(sources=SOURCES, figures=figures)
    assert figure(whole, "n", date(2016, 1, 1), date(2015, 3, 30)).value == 5
    assert figure(whole, "n", date(2016, 1, 1), date(2015, 3, 31)).value == 4
    assert figure(whole, "n", date(2012, 6, 29), date(2016, 1, 1)).value == 5


def test_the_naive_answer_is_the_same(korea: Record) -> None:
    for series in series_names(korea):
        for year in range(1996, 2026, 2):
            known = [p for p in points(korea, series) if max(p.as_of, p.known_from) <= f"{year}-12-31"]
            known = [p for p in known if p.alternative_to not in {q.figure_id for q in known}]
            if not known:
                continue
            latest = max(p.as_of for p in known)
            assert figure(korea, series, date(year, 12, 31), date(year, 12, 31)).value in {
                p.value for p in known if p.as_of == latest
            }


def test_derived_figures_recompute(korea: Record) -> None:
    assert all(one.stated == one.computed for one in recompute(korea))
    assert {one.row_id for one in recompute(korea)} >= {"STA-37", "OPS-1999"}
    boxes = figure(korea, "individuals_K55")
    assert (boxes.value, dict(boxes.inputs)) == (
        250.0, {"identified_K55": 93.0, "identified_K55_other": 88.0, "unresolved_K55": 69.0},
    )  # fmt: skip
    assert figure(korea, "not_recovered_in_casualty_file").value == 7872
    assert figure(korea, "mni_K55").recomputed == 250


@pytest.mark.parametrize(
    ("text", "value"), [("1 + 2 * 3", 7), ("( 1 + 2 ) * 3", 9), ("8 / 2 / 2", 2), ("8 - 2 - 2", 4), ("x * -1", -5)]
)
def test_arithmetic(text: str, value: float) -> None:
    assert evaluate(text, {"x": 5.0}.__getitem__) == value


@pytest.mark.parametrize("text", ["", "1 +", "( 1", "1 )", "+ 1", "1 2", "1 / 0"])
def test_what_is_no_arithmetic(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"not an arithmetic|division by zero"):
        evaluate(text, {}.__getitem__)


def test_grades_in_words() -> None:
    assert grade_words("A", 1) == "A1: completely reliable, confirmed by other sources"


@pytest.mark.slow
def test_a_million_figures_and_ten_thousand_engagements_answer_in_a_second() -> None:
    size, series = 1_000_000, 50
    start = date(1990, 1, 1).toordinal()
    days = [datetime.date.fromordinal(start + n).isoformat() for n in range(13_000)]
    figures = pl.DataFrame(
        {
            "figure_id": [f"F{n}" for n in range(size)],
            "series": [f"s{n % series}" for n in range(size)],
            "as_of": [days[n % 12_000] for n in range(size)],
            "known_from": [days[n % 12_000 + 900] for n in range(size)],
            "value": [str(n) for n in range(size)],
            "source_id": ["OFF"] * size,
        }
    )
    engagements = pl.DataFrame(
        {"engagement_id": [f"E{n}" for n in range(10_000)], "from_date": [days[n] for n in range(10_000)]}
    )
    claims = pl.DataFrame(
        {
            "claim_id": [f"C{n}" for n in range(40_000)],
            "source_id": ["OFF"] * 40_000,
            "attribution": ["document"] * 40_000,
            "subject_table": ["engagements"] * 40_000,
            "subject_id": [f"E{n // 4}" for n in range(40_000)],
            "field": ["from_date"] * 40_000,
            "value": [days[n // 4 + n % 2] for n in range(40_000)],
            "stated_on": [days[n // 4] for n in range(40_000)],
            "credibility": ["2"] * 40_000,
        }
    )
    texts = {"figures": figures, "engagements": engagements, "claims": claims,
             "sources": pl.read_csv(SOURCES.encode(), infer_schema=False)}  # fmt: skip
    big = Record.from_dossier(Dossier.from_texts(texts))
    began = time.process_time()
    asked = date(2005, 6, 1)
    found = figure(big, "s7", asked, asked)
    assert found.value is not None
    assert time.process_time() - began < 1
    began = time.process_time()
    assert shown(big, "engagements", "E9000", "from_date") is not None
    assert time.process_time() - began < 1
    began = time.process_time()
    assert len(conflicts(big)) == 10_000
    assert time.process_time() - began < 2
