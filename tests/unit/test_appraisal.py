"""What an option is likely to yield: options in words, density, power, money, the horizon, the back-test."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from cenotaph.accounting.appraisal import Appraisal, Option, appraise, back_test, parse_option
from cenotaph.accounting.appraisal.options import find_site
from cenotaph.accounting.appraisal.rates import predictive
from cenotaph.accounting.density import REACH_KM, density_at
from cenotaph.accounting.missing import IncidentCount, losses
from cenotaph.accounting.power import Power, PowerCount, PowerPlan, power_of, shipped_power, simulate_power
from cenotaph.accounting.record import Record
from cenotaph.accounting.timeline import asked
from cenotaph.cli.main import app
from cenotaph.errors import InvalidInput

STORY = asked("2018-09-07")
LATER = asked("2025-12-31")


@pytest.fixture(scope="module")
def korea() -> Record:
    return Record.shipped_korea()


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("boxes 50 from Sinhung-ni", Option("turnover", 50, "Sinhung-ni")),
        ("1 box", Option("turnover", 1)),
        ("dig 1 team-month at Unsan", Option("joint_recovery", 1, "Unsan")),
        ("6 operations", Option("joint_recovery", 6)),
        ("disinter Punchbowl 40 graves", Option("disinterment", 40, "Punchbowl")),
        ("disinter UN cemetery Hungnam no. 1", Option("disinterment", 0, "UN cemetery Hungnam no. 1")),
        ("disinter UN cemetery Hungnam no. 1 7 graves", Option("disinterment", 7, "UN cemetery Hungnam no. 1")),
        ("disinterment of 100 caskets at Punchbowl", Option("disinterment", 100, "Punchbowl")),
    ],
)
def test_options_read_as_people_say_them(text: str, option: Option) -> None:
    assert parse_option(text) == option


@pytest.mark.parametrize("text", ["", "0 boxes", "boxes from Unsan", "dig Unsan", "fifty boxes"])
def test_what_is_no_option_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="not an option"):
        parse_option(text)


def test_density_of_one_point_loss_is_the_share_of_its_normal_in_reach() -> None:
    """A round normal of spread σ puts 1 − exp(−r²/2σ²) of its men within r of its centre."""
    one = IncidentCount("x", "X", "", "", (("Army", 1000),), 40.0, 20.0, 1.0, "S", "")
    exact = 1000 * (1 - np.exp(-(REACH_KM**2) / (2 * 20.0**2)))
    found = density_at(40.0, 127.0, 0.0, (one,), {"S": (40.0, 127.0)})
    assert found.men == pytest.approx(exact, rel=0.01)
    assert found.by_incident == (("x", found.men),)


def test_density_is_high_where_men_were_lost(korea: Record) -> None:
    unsan, suan = find_site(korea, "Unsan"), find_site(korea, "Suan camps")
    assert unsan.density is not None
    assert unsan.density.by_incident[0][0] == "unsan"
    assert unsan.density.men < sum(one.count for one in losses())
    assert suan.density is None, "a camp's dead were lost elsewhere"


def test_predictive_of_one_precedent_is_wide() -> None:
    rng = np.random.default_rng(1)
    one = predictive(np.array([0.0]), np.array([0.01]), rng)
    many = predictive(np.zeros(12), np.full(12, 0.01), rng)
    assert one.std() > 0.6
    assert many.std() < 0.2


def test_power_rises_with_coverage_and_draws_share_their_noise() -> None:
    curve = shipped_power()
    uniform = np.random.default_rng(1).random(500)
    low, high = curve.draws(0.5, uniform), curve.draws(0.8, uniform)
    assert (high > low).all()
    assert high.mean() == pytest.approx(curve.at(0.8), abs=0.02)
    assert curve.at(0.0) < 0.02


def test_counts_of_one_coverage_are_added() -> None:
    curve = power_of([PowerCount(1, 0.5, 10, 4, 0), PowerCount(2, 0.5, 10, 6, 0), PowerCount(1, 0.0, 10, 0, 0)])
    assert curve.coverage.tolist() == [0.0, 0.5]
    assert curve.named.tolist() == [0, 10]
    assert curve.own.tolist() == [10, 20]


@pytest.mark.slow
def test_power_is_simulated_the_same_again() -> None:
    plan = PowerPlan(12, 4, 60, (0.0, 0.9), (5,))
    first, again = list(simulate_power(plan)), list(simulate_power(plan))
    assert first == again
    assert next(one.named for one in first) == 0
    assert first[1].named > 0
    assert sum(one.wrong for one in first) == 0


def test_a_power_plan_beyond_its_families_is_refused() -> None:
    with pytest.raises(InvalidInput, match="coverage"):
        PowerPlan(coverages=(0.99,))
    with pytest.raises(InvalidInput, match="individuals of the roster"):
        PowerPlan(own=2000)


def _both(korea: Record, text: str, **more: float) -> Appraisal:
    return appraise(korea, parse_option(text), LATER, **more)  # type: ignore[arg-type]


def test_the_seasons_of_joint_recovery_add_up(korea: Record) -> None:
    """33 operations found 229 sets; what the yearly rows leave open stands as one more season."""
    seasons = [b for b in _both(korea, "6 team-months").basis if b.what == "individuals a unit"]
    assert sum(b.denominator for b in seasons) == 33
    assert sum(b.numerator for b in seasons) == 229


def test_a_denser_place_yields_more(korea: Record) -> None:
    dense, thin = (_both(korea, f"dig 6 team-months at {site}") for site in ("Unsan", "Heartbreak Ridge"))
    assert dense.men_in_reach is not None
    assert thin.men_in_reach is not None
    assert dense.men_in_reach > thin.men_in_reach
    assert dense.individuals.mean > thin.individuals.mean


def test_more_references_add_names_and_more_power_more_of_them(korea: Record) -> None:
    none, some, many = (_both(korea, "50 boxes from Sinhung-ni", references=n) for n in (0, 50, 200))
    assert none.more_names.high == 0.0
    assert none.per_reference == 0.0
    assert 0 < some.more_names.mean < many.more_names.mean
    flat = Power(np.array([0.0, 0.9]), np.array([50.0, 50.0]), np.array([100.0, 100.0]))
    unmoved = appraise(korea, Option("turnover", 50, "Sinhung-ni"), LATER, power=flat)
    assert unmoved.more_names.high == pytest.approx(0.0, abs=1e-9)


def test_own_men_are_no_fewer_than_the_named_and_no_more_than_all(korea: Record) -> None:
    found = _both(korea, "50 boxes")
    assert found.names.mean <= found.own.mean <= found.individuals.mean
    assert found.own.mean + found.others.mean == pytest.approx(found.individuals.mean, rel=0.15)


def test_a_short_horizon_names_fewer(korea: Record) -> None:
    assert _both(korea, "50 boxes", years=0.5).names.mean < _both(korea, "50 boxes", years=6.0).names.mean


def test_cost_of_disinterment_is_said_to_be_missing(korea: Record) -> None:
    found = _both(korea, "disinter Punchbowl 100 graves")
    assert found.cost_usd is None
    assert found.cost_per_name_usd is None
    assert "a grave" in found.missing_figure
    assert found.assumed_cost is not None
    assert "budget_request_fiscal_2019" in found.assumed_cost.told
    then = appraise(korea, parse_option("disinter Punchbowl 50 graves"), STORY)
    assert then.assumed_cost is None, "the budget was not public yet"


def test_a_price_that_is_given_is_labelled(korea: Record) -> None:
    found = _both(korea, "disinter Punchbowl 100 graves", unit_usd=20_000.0)
    assert found.cost_usd is not None
    assert found.cost_usd.mean == 2_000_000
    assert any("as given and not on record" in words for words in found.assumptions)
    assert found.assumed_cost is None


def test_graves_are_those_that_are_left(korea: Record) -> None:
    assert _both(korea, "disinter Punchbowl").option.amount == 867 - 501
    with pytest.raises(InvalidInput, match="more graves than are left"):
        _both(korea, "disinter Punchbowl 400 graves")
    with pytest.raises(InvalidInput, match="how many graves"):
        _both(korea, "disinter UN cemetery Wonsan")


def test_back_test_learns_nothing_that_came_later(korea: Record) -> None:
    tested = back_test(korea)
    names = [b for b in tested.appraisal.basis if b.what == "names an individual"]
    assert [(b.row_id, b.numerator) for b in names] == [("TRF-09", 181.0)]
    assert tested.appraisal.coverage == 0.91
    for score in tested.scores:
        assert score.within == (score.forecast.low <= score.actual <= score.forecast.high)
    with pytest.raises(InvalidInput, match="no such transfer"):
        back_test(korea, "TRF-99")


def test_a_changed_future_leaves_the_forecast_alone(korea: Record) -> None:
    """The forecast of 2018 is the same whatever is recorded of 2019 and after."""
    import polars as pl

    tables = {name: korea.table(name) for name in korea.dossier.tables}
    later = pl.col("known_from").fill_null(pl.col("as_of")).str.slice(0, 4).cast(pl.Int32) >= 2019
    tables["figures"] = tables["figures"].filter(~later)
    without = Record.from_dossier(replace(korea.dossier, tables=tables))
    option = Option("turnover", 55)
    assert appraise(without, option, STORY) == appraise(korea, option, STORY)


def test_appraise_compares_side_by_side() -> None:
    words = ["appraise", "boxes 50 from Sinhung-ni", "dig 6 team-months at Unsan", "disinter Punchbowl 100 graves"]
    done = CliRunner().invoke(app, [*words, "--as-of", "2025-12-31"], env={"COLUMNS": "160"})
    assert done.exit_code == 0, done.output
    for said in ("50 boxes from Sinhung-ni", "6 team-months at Unsan", "100 graves at Punchbowl", "not on record"):
        assert said in done.output
    assert "Assumed instead: at most" in done.output
    assert CliRunner().invoke(app, ["appraise", "disinter Punchbowl 4000"]).exit_code != 0
