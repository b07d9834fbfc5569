"""The static site in a browser: accessible in both themes, nothing fetched, nothing wider than the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from cenotaph.accounting.record import Record
from cenotaph.accounting.timeline import asked
from cenotaph.reports.site.pages import PAGES, write_site

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SHOWN = [*(name for name, _ in PAGES), "handover-trf-31"]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    write_site(Record.shipped_korea(), asked("2026-11-24"), folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_hold_wcag_aa(site: Path, browser: Browser, theme: str) -> None:
    page = browser.new_page(viewport=DESKTOP, color_scheme=theme)
    for name in SHOWN:
        page.goto((site / f"{name}.html").as_uri())
        found = Axe().run(page, options=RULES)
        assert found.response["passes"], "no rule ran"
        assert found.violations_count == 0, f"{name}, {theme}: {found.generate_report()}"
    page.close()


@pytest.mark.slow
def test_pages_fit_a_phone_and_fetch_nothing(site: Path, browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    for name in SHOWN:
        page.goto((site / f"{name}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
    assert all(url.startswith("file:") for url in asked_for)
    page.close()
