"""How many names a roster and its references could give."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from cenotaph.accounting.roster_power import RosterPower, expected_names, power_of_roster
from cenotaph.cli.main import app
from cenotaph.dossier.read import Dossier
from cenotaph.dossier.write import write_dossier
from cenotaph.errors import InvalidInput
from tests.unit.handovers import SMALL, handover


@pytest.fixture(scope="module")
def power() -> RosterPower:
    return power_of_roster(handover(SMALL).dossier)


def test_only_men_with_a_reference_can_be_named(power: RosterPower) -> None:
    assert not power.complete[~power.referenced].any()
    assert power.complete[power.referenced].mean() > 0.2
    assert ((power.complete >= 0) & (power.complete < 1)).all()


def test_bones_that_are_cut_once_give_no_more_than_complete_profiles(power: RosterPower) -> None:
    assert (power.cut <= power.complete + 1e-12).all()


def test_without_donors_nobody_is_named() -> None:
    dossier = handover(SMALL).dossier
    samples = dossier.texts["samples"].filter(pl.col("origin") == "specimen")
    kept = samples.get_column("sample_id").to_list()
    texts = {
        name: table.filter(pl.col("sample_id").is_in(kept)) if "sample_id" in table.columns else table
        for name, table in dossier.texts.items()
    }
    assert power_of_roster(Dossier.from_texts(texts)).complete.sum() == 0.0


def test_an_empty_roster_is_refused() -> None:
    with pytest.raises(InvalidInput, match="nobody is missing"):
        power_of_roster(Dossier({}, {}))


def made_up(power: float) -> RosterPower:
    men = 500
    return RosterPower(
        tuple(f"M{k}" for k in range(men)),
        np.zeros(men, dtype=np.bool_),
        np.ones(men, dtype=np.bool_),
        np.full(men, power),
        np.full(men, power),
    )


def test_names_are_own_men_times_their_power() -> None:
    # Two people a box, nearly all of the roster, every second one can be named: 100 names of 100 boxes.
    found = expected_names(made_up(0.5), np.full(800, 2.0), (1e6, 1.0), 100, 1, np.random.default_rng(1))
    assert found.individuals.mean == pytest.approx(200, abs=3)
    assert found.names.mean == pytest.approx(100, abs=3)
    # Poisson, then thinned: variance 100.
    assert found.names.high - found.names.low == pytest.approx(2 * 1.2816 * 10, rel=0.15)


def test_nobody_is_found_twice() -> None:
    found = expected_names(made_up(1.0), np.full(50, 30.0), (1e6, 1.0), 100, 1, np.random.default_rng(1))
    assert found.names.high == 500


def test_the_same_seed_gives_the_same_names() -> None:
    one, other = (
        expected_names(made_up(0.3), np.full(100, 3.0), (2.0, 2.0), 20, 2, np.random.default_rng(7)) for _ in range(2)
    )
    assert one == other


def test_the_command_answers(tmp_path: Path) -> None:
    write_dossier(handover(SMALL).dossier, tmp_path / "dossier")
    done = CliRunner().invoke(app, ["power", str(tmp_path / "dossier"), "--boxes", "20", "--each", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["missing"] == len(told["men"]) == SMALL.missing
    assert told["names"]["low"] <= told["names"]["mean"] <= told["own"]["mean"]
