"""The static site: whole, linked, quiet, and the same for the same day."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cenotaph.accounting.record import Record
from cenotaph.accounting.timeline import asked
from cenotaph.cli.main import app
from cenotaph.reports.site.pages import PAGES, write_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    write_site(Record.shipped_korea(), asked("2018-09-07"), folder)
    return folder


def test_every_page_and_every_link(site: Path) -> None:
    files = {path.name for path in site.iterdir()}
    assert {f"{name}.html" for name, _ in PAGES} <= files
    for path in site.iterdir():
        text = path.read_text(encoding="utf-8")
        for target, _, anchor in (link.partition("#") for link in re.findall(r'href="([^"]+)"', text)):
            assert not target or target in files, (path.name, target)
            if anchor:
                page = (site / target if target else path).read_text(encoding="utf-8")
                assert f'id="{anchor}"' in page, (path.name, target, anchor)


def test_nothing_is_fetched_and_nothing_runs(site: Path) -> None:
    for path in site.iterdir():
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text
        assert not re.search(r'(src|href)="(https?:)?//', text)
        assert "url(http" not in text


def test_pages_are_accessible_in_outline(site: Path) -> None:
    for path in site.iterdir():
        text = path.read_text(encoding="utf-8")
        assert '<html lang="en">' in text
        assert text.count("<h1>") == 1
        assert 'aria-current="page"' in text
        for drawing in re.findall(r"<svg[^>]*>", text):
            assert 'role="img"' in drawing
            assert "aria-label=" in drawing
        ids = re.findall(r' id="([^"]+)"', re.sub(r"<svg.*?</svg>", "", text, flags=re.S))
        assert len(ids) == len(set(ids)), path.name


def test_the_day_rules_the_pages(site: Path) -> None:
    home = (site / "index.html").read_text(encoding="utf-8")
    assert "The two sides met today." in home
    assert "7,699" in home
    assert "Hanoi" not in (site / "timeline.html").read_text(encoding="utf-8")
    assert "Did not happen." in (site / "timeline.html").read_text(encoding="utf-8")


def test_the_same_day_gives_the_same_bytes(site: Path, tmp_path: Path) -> None:
    write_site(Record.shipped_korea(), asked("2018-09-07"), tmp_path)
    for path in site.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("kept")
    done = CliRunner().invoke(app, ["account", "publish", str(tmp_path), "--as-of", "2018-09-07"])
    assert done.exit_code != 0
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    "words",
    [
        ["timeline"], ["talks"], ["commitments", "--open"], ["transfers"], ["missing"], ["cost"], ["conflicts"],
        ["figures", "unaccounted_total"], ["check-claim", "first return of remains since 2007"],
    ],
)  # fmt: skip
def test_every_command_answers_in_words_and_json(words: list[str]) -> None:
    import json

    day = [] if words[0] == "conflicts" else ["--as-of", "2018-09-07"]
    plain = CliRunner().invoke(app, ["account", *words, *day])
    assert plain.exit_code == 0, plain.output
    assert plain.output.strip()
    structured = CliRunner().invoke(app, ["account", *words, *day, "--json"])
    assert json.loads(structured.output)


def test_appraise_prints_the_error_of_the_back_test() -> None:
    done = CliRunner().invoke(app, ["appraise", "50 boxes from Sinhung-ni", "--back-test", "--as-of", "2018-09-07"])
    assert done.exit_code == 0, done.output
    assert "-121" in done.output or "error" in done.output
    assert "Learnt individuals a unit: TRF-09 600 / 208." in done.output
