"""The answers of the record, on the Korean programme and on days that are easy to check by hand."""

from __future__ import annotations

from datetime import date

import pytest

from cenotaph.accounting.appraisal import Option, appraise, back_test, parse_option
from cenotaph.accounting.commitments import commitments
from cenotaph.accounting.comparative import FAILS, HOLDS, UNKNOWN, check_claim
from cenotaph.accounting.cost import costs, total_paid
from cenotaph.accounting.missing import losses, missing
from cenotaph.accounting.record import Record
from cenotaph.accounting.talks import prose, state_of_talks
from cenotaph.accounting.timeline import asked, date_words, listed, span_words, timeline
from cenotaph.accounting.transfers import handovers, roll_up
from cenotaph.dossier.read import Dossier
from cenotaph.errors import InvalidInput, Unsupported

STORY = asked("2018-09-07")
LATER = asked("2025-12-31")


@pytest.fixture(scope="module")
def korea() -> Record:
    return Record.shipped_korea()


def test_nothing_of_the_future_is_known(korea: Record) -> None:
    """What lay ahead is there only where it had been announced, and without its outcome."""
    ahead = [m for m in timeline(korea, STORY) if m.first > STORY.as_of]
    assert [m.row_id for m in ahead] == ["ENG-052"]
    assert ahead[0].planned
    assert ahead[0].outcome == ""


def test_timeline_shows_what_did_not_happen(korea: Record) -> None:
    missed = {m.row_id for m in timeline(korea, STORY) if not m.happened}
    assert {"ENG-040", "ENG-049"} <= missed
    assert "ENG-051" not in missed


def test_whole_and_part_do_not_stand_twice(korea: Record) -> None:
    ids = {m.row_id for m in timeline(korea, LATER)}
    assert "TRF-09" not in ids
    assert {"TRF-03", "TRF-31"} <= ids
    assert "TRF-01b" not in ids


def test_state_of_talks_on_the_day_of_the_story(korea: Record) -> None:
    state = state_of_talks(korea, STORY)
    assert state.last is not None
    assert state.last.row_id == "ENG-051"
    assert {one.person for one in state.attendance} == {"Michael Minihan", "An Ik San"}
    assert all(one.office for one in state.attendance)
    assert state.previous is not None
    assert state.previous.row_id == "ENG-042"
    assert {m.row_id for m in state.not_happened} == {"ENG-040", "ENG-049"}
    assert {"COM-18", "COM-19", "COM-21"} <= {s.commitment_id for s in state.open}
    headings = [heading for heading, _ in prose(state)]
    assert headings[0] == "Where talks stand"
    assert "What broke earlier rounds" in headings


def test_state_before_the_first_talks(korea: Record) -> None:
    state = state_of_talks(korea, asked("1953-01-01"))
    assert state.last is None
    assert "no direct meeting" in prose(state)[0][1]


def test_a_status_does_not_reach_back(korea: Record) -> None:
    """The promise of October 2011 was broken on 21 March 2012; the day before it was open."""
    before = {s.commitment_id: s for s in commitments(korea, asked("2012-03-20"))}
    after = {s.commitment_id: s for s in commitments(korea, asked("2012-03-22"))}
    assert before["COM-17"].status == "open"
    assert after["COM-17"].status == "broken"


def test_late_and_in_part(korea: Record) -> None:
    standing = {s.commitment_id: s for s in commitments(korea, STORY)}
    assert standing["COM-20"].status == "fulfilled"
    assert standing["COM-20"].days_late == 3
    assert standing["COM-07"].share == pytest.approx(0.5)
    assert standing["COM-22"].days_late is None


def test_claimed_assessed_identified_on_two_days(korea: Record) -> None:
    then = {h.transfer_id: h for h in handovers(korea, STORY)}["TRF-31"]
    now = {h.transfer_id: h for h in handovers(korea, LATER)}["TRF-31"]
    assert (then.containers, then.assessed_low, then.identified_own) == (55, None, None)
    assert (now.assessed_low, now.identified_own, now.identified_other) == (250, 93, 88)
    assert [p.value for p in now.over_time] == [2, 4, 82, 93]


def test_money_is_not_added_twice(korea: Record) -> None:
    found = {c.payment_id: c for c in costs(korea, LATER)}
    assert total_paid(tuple(found.values())) == (22_897_000, 24_897_000)
    assert not found["PAY-04b"].counted
    assert found["PAY-01"].per_set == (19_500, 19_500)
    assert found["PAY-02"].per_set == (2_000, 30_000)


def test_missing_by_side(korea: Record) -> None:
    found = missing(korea, STORY)
    assert found.total == 7872
    assert 4_000 < found.expected_north < 6_500
    assert {s: v for s, v, _ in found.published}["unaccounted_north_of_38"] == 5300
    shares = {one.incident: one.p_north for one in losses()}
    assert shares["chosin_east"] > 0.99
    assert shares["taejon"] < 0.01
    assert 0.5 < shares["outposts"] < 1


@pytest.mark.parametrize(
    ("claim", "on", "verdict"),
    [
        ("first direct talks since 16 July 2018", "2018-09-07", HOLDS),
        ("first known direct talks since the cancelled Pompeo trip", "2018-09-07", HOLDS),
        ("first direct talks since 2011", "2018-09-07", FAILS),
        ("first general-level talks since March 2009", "2018-07-15", UNKNOWN),
        ("first tangible result of the Singapore summit", "2018-09-07", HOLDS),
        ("first return of remains since 2007", "2018-09-07", HOLDS),
        ("first return of remains since 1954", "2018-09-07", FAILS),
        ("first return of remains since 1954", "1990-06-01", HOLDS),
        ("no joint recovery since 2005", "2018-09-07", HOLDS),
        ("no direct talks since 2011", "2018-09-07", FAILS),
        ("largest handover of remains since 1954", "2018-09-07", FAILS),
    ],
)
def test_comparative_claims(korea: Record, claim: str, on: str, verdict: str) -> None:
    assert check_claim(korea, claim, asked(on)).verdict == verdict


def test_what_compares_nothing_is_refused(korea: Record) -> None:
    with pytest.raises(Unsupported, match="no comparison"):
        check_claim(korea, "the weather was fine", STORY)
    with pytest.raises(Unsupported, match="after 'since'"):
        check_claim(korea, "first direct talks since the flood", STORY)


def test_options_are_read() -> None:
    assert parse_option("55 boxes") == Option("turnover", 55)
    with pytest.raises(InvalidInput, match="not an option"):
        parse_option("some boxes")


def test_more_boxes_more_names_and_the_same_seed(korea: Record) -> None:
    few, many = (appraise(korea, Option("turnover", n), LATER) for n in (20, 100))
    assert few.individuals.mean < many.individuals.mean
    assert few.names.low <= few.names.mean <= few.names.high
    assert appraise(korea, Option("turnover", 20), LATER) == few


def test_an_option_needs_a_past_and_a_place(korea: Record) -> None:
    with pytest.raises(Unsupported, match="no past yield"):
        appraise(korea, Option("joint_recovery", 6), asked("1990-01-01"))
    with pytest.raises(InvalidInput, match="no such site"):
        appraise(korea, Option("turnover", 6, "Atlantis"), LATER)


def test_back_test_knows_nothing_of_the_handover(korea: Record) -> None:
    tested = back_test(korea)
    assert all(basis.row_id != "TRF-31" for basis in tested.appraisal.basis)
    actual = {score.what: score.actual for score in tested.scores}
    assert actual == {"individuals": 250, "own names": 93, "other nations' dead": 88}
    by_name = {score.what: score for score in tested.scores}
    assert by_name["individuals"].within
    assert by_name["individuals"].error == by_name["individuals"].forecast.mean - 250


def test_the_bones_of_a_transfer_roll_up(korea: Record) -> None:
    import polars as pl

    handover = {h.transfer_id: h for h in handovers(korea, LATER)}["TRF-31"]
    dossier = Dossier.from_tables(
        {
            "containers": pl.DataFrame({"container_id": ["B1", "B2", "B3"], "transfer_id": ["TRF-31", None, "TRF-30"]}),
            "specimens": pl.DataFrame({"specimen_id": ["S1", "S2", "S3"], "container_id": ["B1", "B2", "B3"]}),
        }
    )
    individuals = pl.DataFrame(
        {
            "individual_id": ["I1", "I2", "I3"],
            "missing_id": ["M1", None, "M9"],
            "verdict": ["identification", "unlisted", "identification"],
        }
    )
    assignments = pl.DataFrame({"specimen_id": ["S1", "S2", "S3"], "individual_id": ["I1", "I2", "I3"]})
    rolled = roll_up(handover, dossier, individuals, assignments, people=(2, 2))
    assert (rolled.containers, rolled.specimens, rolled.groups) == (2, 2, 2)
    assert (rolled.identified, rolled.unlisted, rolled.closed) == (1, 1, ("M1",))
    # The interval is of all bones of the result, and one of these came by another transfer.
    assert rolled.people is None
    assert [c.agrees for c in rolled.comparisons] == [False, None, None, False]
    alone = roll_up(handover, dossier, individuals.head(2), assignments.head(2), people=(240, 260))
    assert [c.agrees for c in alone.comparisons] == [False, False, True, False]


def test_words() -> None:
    assert listed([]) == ""
    assert span_words(1) == "1 day"
    assert date_words("1996/2005") == "1996 to 2005"
    assert asked(date(2018, 9, 7)) == STORY
    with pytest.raises(InvalidInput, match="not a day"):
        asked("September")
