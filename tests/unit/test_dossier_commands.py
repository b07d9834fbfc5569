"""``cenotaph check`` and ``cenotaph convert`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cenotaph.cli.check import check
from cenotaph.cli.convert import convert
from tests.unit.dossiers import with_row, write_tables


@pytest.fixture
def run() -> CliRunner:
    return CliRunner()


def app() -> typer.Typer:
    found = typer.Typer()
    found.command()(check)
    found.command()(convert)
    return found


def test_check_prints_each_fault_and_a_summary(run: CliRunner, tmp_path: Path) -> None:
    folder = write_tables(tmp_path, str_profiles=with_row("str_profiles", "B2,1,vWA,OL,4.2,"))
    result = run.invoke(app(), ["check", str(folder)])
    lines = result.stdout.strip().split("\n")
    assert result.exit_code == 2
    assert lines[0].startswith("str_profiles:6:allele_1: not an allele, found OL, valid: ")
    assert lines[1].startswith("str_profiles:6:allele_2: warning: allele of vWA outside the frequency table")
    assert lines[2].endswith("1 error, 1 warning")


def test_warnings_alone_are_no_failure(run: CliRunner, tmp_path: Path) -> None:
    folder = write_tables(tmp_path, str_profiles=with_row("str_profiles", "B2,1,vWA,16,4.2,"))
    result = run.invoke(app(), ["check", str(folder), "--json"])
    document = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (document["errors"], document["warnings"]) == (0, 1)
    assert document["faults"][0]["line"] == 6


def test_convert_says_what_it_did(run: CliRunner, tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "dossier")
    result = run.invoke(app(), ["convert", str(folder), str(tmp_path / "profiles.hsd")])
    assert result.exit_code == 0
    assert result.stdout.strip().endswith("profiles.hsd (haplogrep)")
    result = run.invoke(app(), ["convert", str(tmp_path / "profiles.hsd"), str(tmp_path / "new"), "--json"])
    document = json.loads(result.stdout)
    assert (document["from"], document["to"]) == ("haplogrep", "dossier")
    assert (tmp_path / "new" / "datapackage.json").exists()
