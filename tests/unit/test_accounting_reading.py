"""Reading of press reports: labelled texts, offsets, dates, voices, conflicts, and what acceptance enters."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cenotaph.accounting.reading import Reading, accept, conflicts_with_record, evaluate, read_report
from cenotaph.accounting.reading.dates import find_dates
from cenotaph.accounting.reading.numbers_hedges import find_figures
from cenotaph.accounting.reading.sentences import split_sentences
from cenotaph.cli.account_read import read
from cenotaph.dossier.check import check_dossier
from cenotaph.errors import InvalidInput

TEXTS = Path(__file__).resolve().parents[1] / "accounting_texts"
PUBLISHED = date(2018, 9, 7)
SOURCE = {"source_id": "SRC-1", "published_on": "2004-10-06", "title": "Generals meet again"}


def labelled(pattern: str) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (p.stem, p.read_text(), json.loads(p.with_suffix(".json").read_text())) for p in sorted(TEXTS.glob(pattern))
    ]


def reading_of(name: str) -> Reading:
    [(_, text, labels)] = labelled(f"{name}*.txt")
    return read_report(text, date.fromisoformat(labels["published"]))


def test_texts_the_rules_were_made_with_are_read_well():
    score = evaluate(text for text in labelled("*.txt") if text[0] < "12")["all"]
    assert score.precision >= 0.95
    assert score.recall >= 0.95


def test_texts_held_out_are_read_usefully():
    score = evaluate(labelled("1[234]_held_out*.txt"))["all"]
    assert score.precision >= 0.9
    assert score.recall >= 0.7


@pytest.mark.parametrize("path", sorted(TEXTS.glob("*.txt")), ids=lambda path: path.stem)
def test_every_proposal_stands_in_its_sentence(path):
    text = path.read_text()
    reading = read_report(text, date(2010, 1, 1))
    for sentence in reading.sentences:
        assert text[sentence.start : sentence.end] == sentence.text
    for proposal in reading.proposals:
        sentence = reading.sentences[proposal.sentence]
        assert sentence.start <= proposal.start < proposal.end <= sentence.end
        assert proposal.passage == sentence.text
        assert proposal.status == "proposed"


def test_abbreviations_and_initials_do_not_end_sentences():
    text = "Lt. Gen. Ra met Maj. Gen. J. Poe of the U.S. Army on Sept. 3. They left."
    assert len(split_sentences(text)) == 2


@pytest.mark.parametrize(
    ("words", "edtf"),
    [
        ("They met Friday.", "2018-09-07"),
        ("They met Saturday.", "2018-09-01"),
        ("They will meet Saturday.", "2018-09-08"),
        ("It was called off last month.", "2018-08"),
        ("They wrote this week.", "2018-09-03/2018-09-07"),
        ("She will travel next week.", "2018-09-10/2018-09-16"),
        ("In late July it came.", "2018-07-21/2018-07-31"),
        ("In early December it came.", "2017-12-01/2017-12-10"),
        ("It ended on July 27, 1953.", "1953-07-27"),
        ("He will go between Sept. 10 and Sept. 15.", "2018-09-10/2018-09-15"),
        ("They met on Sept. 3-5.", "2018-09-03/2018-09-05"),
        ("It was a war of 1950-1953.", "1950/1953"),
        ("They met two weeks ago.", "2018-08-24~"),
        ("They were moved on Dec. 30.", "2017-12-30"),
        ("They last met in March 1999.", "1999-03"),
        ("They will meet next Monday.", "2018-09-10"),
        ("They will meet next Friday.", "2018-09-14"),
    ],
)
def test_dates_resolve_against_publication(words, edtf):
    assert [found.edtf for found in find_dates(words, PUBLISHED)] == [edtf]


def test_hedges_bound_their_number():
    [nearly, most] = find_figures("nearly 200 soldiers and as many as 30 boxes")
    assert (nearly.low, nearly.high, nearly.unit) == (190, 200, "persons")
    assert (most.low, most.high, most.unit) == (None, 30, "containers")


def test_a_part_of_a_number_is_counted_like_the_whole():
    [part, whole] = find_figures("Fewer than 30 of the 70 sets of remains have been named.")
    assert (part.value, part.hedge, part.unit) == (30, "at_most", "sets_of_remains")
    assert (whole.value, whole.unit) == (70, "sets_of_remains")


def test_an_office_of_the_reports_home_is_taken_with_a_doubt():
    text = "President Cole met Gen. Ra Un Il in Seoul on Friday. The Pentagon estimates that 20 soldiers are missing."
    [person] = read_report(text, PUBLISHED).of("person")[:1]
    assert (person.value["party"], "home country" in person.doubt) == ("US", True)


def test_newly_appointed_dates_the_office():
    text = (
        "The newly appointed U.S. special envoy will travel to Seoul next week. Ada Poe will meet Gen. Ra Un Il there."
    )
    [envoy] = [p for p in read_report(text, PUBLISHED).of("person") if p.value["name"] == "Ada Poe"]
    assert envoy.value["appointed"] == "../2018-09-07"
    assert dict(envoy.rows)["offices"]["from_date"] == "../2018-09-07"


def test_a_standing_attitude_is_a_commitment_in_doubt():
    text = "North Korea’s reluctance to admit U.S. teams has slowed the work. The North seeks to gain money."
    found = read_report(text, PUBLISHED).of("commitment")
    assert [(p.value["kind"], p.value["made_by"], p.value["text"]) for p in found] == [
        ("refusal", "DPRK", "reluctance to admit U.S. teams has slowed the work"),
        ("demand", "DPRK", "money"),
    ]
    assert all("without a day" in p.doubt for p in found)


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ("Gen. Ada Poe met Gen. Ra Un Il in Panmunjom on Friday.", "general"),
        ("President Ada Cole met Gen. Ra Un Il in Panmunjom on Friday.", "general"),
        ("President Ada Cole met Premier Ra Un Il in Panmunjom on Friday.", "head_of_state"),
        ("U.S. and North Korean officers held talks in Panmunjom on Friday.", ""),
        ("U.S. and North Korean generals held talks in Panmunjom on Friday.", "general"),
    ],
)
def test_a_meeting_is_as_high_as_its_lower_side(words, level):
    [event] = read_report(words, PUBLISHED).of("engagement")
    assert event.value["level"] == level


def test_a_parallel_is_no_boundary():
    text = "They died north of the 38th parallel, which follows the boundary between the two countries."
    [conflict] = read_report(text, PUBLISHED).of("conflict")
    assert "different lines" in conflict.value["why"]


def test_handed_over_is_not_a_hedge():
    assert [(f.value, f.hedge) for f in find_figures("The North handed over 14 boxes.")] == [(14, "none")]


def test_what_could_happen_is_not_an_engagement():
    assert not read_report("Generals could hold talks in Seoul on Friday.", PUBLISHED).of("engagement")
    assert not read_report("North Korea refused to hold talks in Seoul on Friday.", PUBLISHED).of("engagement")


def test_an_agencys_source_and_an_official_are_two_voices():
    voices = {(p.value["attribution"], p.value["attributed_to"], p.value["via"]) for p in reading_of("01").of("voice")}
    assert voices == {
        ("unnamed_official", "South Korean official", ""),
        ("unnamed_source", "military source", "Yonhap"),
    }


def test_that_move_points_to_what_was_told_before():
    text = (
        "North Korea returned the remains of 20 soldiers to the U.S. on Monday. They were flown to Hawaii. "
        "That move was the first result of a summit in Singapore on June 12."
    )
    reading = read_report(text, PUBLISHED)
    assert [m.value["to_place"] for m in reading.of("movement")] == ["Hawaii"]
    [order] = reading.of("comparative")
    kinds = {p.proposal_id: p.value["kind"] for p in reading.of("engagement")}
    assert [kinds[number] for number in order.needs] == ["handover"]


def test_an_office_without_a_country_is_a_doubt():
    [person] = read_report("President Cole met Gen. Ra Un Il in Seoul on Friday.", PUBLISHED).of("person")[:1]
    assert (person.value["party"], person.doubt) == ("", "the report does not say whose")


def test_boxes_are_not_persons():
    text = (
        "North Korea handed over 20 boxes of remains on Monday. "
        "North Korea returned the remains of 20 soldiers to the U.S. on Monday."
    )
    [conflict] = read_report(text, PUBLISHED).of("conflict")
    assert "boxes is not a number of persons" in conflict.value["why"]


def test_persons_in_the_report_are_held_against_boxes_in_the_record():
    reading = read_report("North Korea returned the remains of 20 soldiers to the U.S. on Monday.", PUBLISHED)
    held = [
        {"transfer_id": "T-1", "on_date": "2018-09-03", "containers": "20"},
        {"transfer_id": "T-2", "on_date": "1998-09-03", "containers": "20"},
    ]
    assert [c.value["between"] for c in conflicts_with_record(reading, held)] == [["F1", "T-1"]]


def test_accepted_rows_are_claims_of_the_source_each_with_its_own_voice():
    proposals = reading_of("01").proposals
    chosen = {p.proposal_id: "accept" for p in proposals}
    tables = accept(proposals, chosen, SOURCE)
    by_field = {
        c["field"]: c for c in tables["claims"] if c["subject_table"] == "engagements" and c["subject_id"] == "SRC-1-E1"
    }
    assert by_field["from_date"]["attributed_to"] == "South Korean official"
    assert (by_field["place"]["attributed_to"], by_field["place"]["via"]) == ("military source", "Yonhap")
    assert {claim["source_id"] for claim in tables["claims"]} == {"SRC-1"}
    assert len({claim["claim_id"] for claim in tables["claims"]}) == len(tables["claims"])


def test_nothing_enters_unchosen_and_what_hangs_on_a_refusal_stays_out():
    proposals = reading_of("01").proposals
    assert set(accept(proposals, {}, SOURCE)) == {"sources"}
    choices = {p.proposal_id: "accept" for p in proposals} | {"E1": "refuse"}
    tables = accept(proposals, choices, SOURCE)
    assert "engagements" not in tables
    assert "participants" not in tables
    assert len(tables["people"]) == 2


def test_a_change_is_what_enters():
    tables = accept(reading_of("01").proposals, {"E1": {"place": "Kaesong"}}, SOURCE)
    assert tables["engagements"][0]["place"] == "Kaesong"
    assert "Kaesong" in {claim["value"] for claim in tables["claims"]}


def test_a_row_the_record_holds_already_gets_claims_only():
    proposals = reading_of("01").proposals
    choices = {p.proposal_id: "accept" for p in proposals} | {"E1": {"engagement_id": "ENG-9"}}
    tables = accept(proposals, choices, SOURCE)
    assert "engagements" not in tables
    assert {c["subject_id"] for c in tables["claims"] if c["subject_table"] == "engagements"} == {"ENG-9"}
    assert {row["engagement_id"] for row in tables["participants"]} == {"ENG-9"}


def test_a_handover_enters_as_one_transfer_with_its_counts():
    text = "North Korea returned the remains of 20 soldiers to the U.S. on Monday. They were flown to Hawaii."
    proposals = read_report(text, PUBLISHED).proposals
    tables = accept(proposals, {p.proposal_id: "accept" for p in proposals}, SOURCE)
    [transfer] = tables["transfers"]
    assert (transfer["from_party"], transfer["on_date"], transfer["claimed_individuals"]) == ("DPRK", "2018-09-03", 20)
    assert tables["movements"][0]["transfer_id"] == transfer["transfer_id"]
    known = {"E1": {"transfer_id": "TRF-1", "engagement_id": "ENG-1"}, "F1": "accept"}
    tables = accept(proposals, known, SOURCE)
    assert "transfers" not in tables
    counts = [c for c in tables["claims"] if c["field"] == "claimed_individuals"]
    assert [(c["subject_id"], c["value"]) for c in counts] == [("TRF-1", 20)]


@pytest.mark.parametrize("path", sorted(TEXTS.glob("*.txt")), ids=lambda path: path.stem)
def test_accepted_rows_pass_the_check_of_a_dossier(path, tmp_path):
    labels = json.loads(path.with_suffix(".json").read_text())
    proposals = read_report(path.read_text(), date.fromisoformat(labels["published"])).proposals
    source = {"source_id": "SRC-1", "title": path.name, "kind": "news", "reliability": "C"}
    source["published_on"] = labels["published"]
    for name, rows in accept(proposals, {p.proposal_id: "accept" for p in proposals}, source).items():
        with (tmp_path / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
            writer.writeheader()
            writer.writerows(rows)
    faults = [str(f) for f in check_dossier(tmp_path) if f.severity == "error" and f.table != "dossier"]
    assert faults == []


@pytest.mark.parametrize("choices", [{"E99": "accept"}, {"E1": "perhaps"}, {"E1": {"colour": "red"}}])
def test_choices_that_cannot_be_are_told(choices):
    with pytest.raises(InvalidInput):
        accept(reading_of("01").proposals, choices, SOURCE)


def test_a_source_without_id_is_told():
    with pytest.raises(InvalidInput, match="cannot be cited"):
        accept(reading_of("01").proposals, {}, {"published_on": "2004-10-06"})


def command() -> typer.Typer:
    app = typer.Typer()
    app.command()(read)
    return app


def test_command_prints_proposals_as_json_and_rows_of_choices(tmp_path):
    report = str(TEXTS / "01_generals.txt")
    printed = CliRunner().invoke(command(), [report, "--published", "2004-10-06", "--json"])
    assert printed.exit_code == 0
    assert {p["kind"] for p in json.loads(printed.output)["proposals"]} >= {
        "engagement",
        "person",
        "voice",
        "commitment",
    }
    choices = tmp_path / "choices.json"
    choices.write_text('{"E1": "accept"}')
    entered = CliRunner().invoke(
        command(), [report, "--published", "2004-10-06", "--accept", str(choices), "--source", "SRC-1"]
    )
    assert json.loads(entered.output)["engagements"][0]["from_date"] == "2004-10-05"


def test_command_lists_proposals_and_refuses_a_bad_day():
    report = str(TEXTS / "03_journey.txt")
    listed = CliRunner().invoke(command(), [report, "--published", "2006-02-27"])
    assert "Japan, South Korea, Russia" in listed.output
    refused = CliRunner().invoke(command(), [report, "--published", "yesterday"])
    assert isinstance(refused.exception, InvalidInput)


@pytest.mark.shared
def test_the_press_text_of_september_2018(shared):
    path = shared / "data" / "texts" / "washington_post_2018-09-07.txt"
    if not path.is_file():
        pytest.skip("the press text is absent")
    reading = read_report(path.read_text(encoding="utf-8"), PUBLISHED)
    events = {(p.value["kind"], p.value["from_date"], p.value["to_date"]) for p in reading.of("engagement")}
    assert events == {
        ("talks", "2018-09-07", "2018-09-07"),
        ("cancellation", "2018-08", "2018-08"),
        ("exchange_of_messages", "2018-09-03", "2018-09-07"),
        ("summit", "2018-06-12", "2018-06-12"),
        ("handover", "2018-07-27", "2018-07-27"),
        ("visit", "2018-09-10", "2018-09-15"),
        ("agreement", "2018-06-12", "2018-06-12"),
        ("statement", "2018-09-06", "2018-09-06"),
    }
    parties = {p.value["kind"]: set(p.value["parties"].split("; ")) for p in reading.of("engagement")}
    assert parties["summit"] == parties["exchange_of_messages"] == parties["handover"] == {"DPRK", "US"}
    assert parties["visit"] == {"US", "ROK", "China", "Japan"}
    assert parties["statement"] == {"US"}
    levels = {p.value["kind"]: p.value["level"] for p in reading.of("engagement")}
    assert (levels["talks"], levels["summit"], levels["visit"]) == ("general", "head_of_state", "envoy")
    assert reading.of("itinerary")[0].value["places"] == ["South Korea", "China", "Japan"]
    assert len(reading.of("person")) >= 5
    assert {(p.value["value"], p.value["hedge"]) for p in reading.of("figure")} == {
        (55, "none"),
        (50, "at_least"),
        (7700, "just_under"),
        (5300, "none"),
    }
    voices = {(p.value["attributed_to"], p.value["via"]) for p in reading.of("voice")}
    assert {("UNC official", ""), ("government source", "Yonhap")} <= voices
    subjects = {p.value["text"][:14]: p.needs for p in reading.of("comparative")}
    assert subjects["first tangible"] == ("E1",)
    orders = " ".join(p.value["text"] for p in reading.of("comparative"))
    assert "first known direct talks" in orders
    assert "first tangible result" in orders
    stances = {(p.value["kind"], p.value["made_by"]) for p in reading.of("commitment")}
    assert stances == {("refusal", "DPRK"), ("demand", "DPRK")}
    assert "nuclear program" in " ".join(p.value["topic"] for p in reading.of("topic"))
    persons, lines = reading.of("conflict")
    assert "55 American service members" in persons.value["why"]
    assert "different lines" in lines.value["why"]
    boxes = [{"transfer_id": "T-55", "on_date": "2018-07-27", "containers": "55"}]
    assert any("55 boxes; a number of boxes" in c.value["why"] for c in conflicts_with_record(reading, boxes))
