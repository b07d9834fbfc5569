"""The report in a browser: accessible in both themes, by keyboard too, nothing fetched, nothing wider than a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from cenotaph.reports.html import build_report
from tests.unit.report_case import write_dossier, write_result

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
UNFOLD = "document.querySelectorAll('details').forEach(one => one.open = true)"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    path = folder / "report.html"
    page = build_report(write_dossier(folder / "case", {"synthetic": True}), write_result(folder / "result"))
    path.write_text(page, encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_report_holds_wcag_aa(report: Path, browser: Browser, theme: str, viewport: dict[str, int]) -> None:
    page = browser.new_page(viewport=viewport, color_scheme=theme)
    page.goto(report.as_uri())
    page.evaluate(UNFOLD)
    found = Axe().run(page, options=RULES)
    assert found.response["passes"], "no rule ran"
    assert found.violations_count == 0, found.generate_report()
    page.close()


@pytest.mark.slow
def test_report_fits_a_phone_and_fetches_nothing(report: Path, browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    page.goto(report.as_uri())
    for unfold in ("", UNFOLD):
        page.evaluate(unfold)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert asked_for == [report.as_uri()]
    page.close()


@pytest.mark.slow
def test_keyboard_skips_to_the_report_and_unfolds_a_drawing(report: Path, browser: Browser) -> None:
    page = browser.new_page(viewport=DESKTOP)
    page.goto(report.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    folded = page.locator("details.drawing").first
    assert not folded.locator("svg").is_visible()
    folded.locator("summary").focus()
    page.keyboard.press("Enter")
    assert folded.locator("svg").is_visible()
    page.close()


@pytest.mark.slow
def test_stencils_take_the_look_of_where_they_stand(report: Path, browser: Browser) -> None:
    """A copy knows no class but its own and what it inherits."""
    page = browser.new_page(viewport=DESKTOP)
    page.goto(report.as_uri())
    page.evaluate(UNFOLD)
    bone = page.locator('.sk-on use[href="#body-femur-L"]').bounding_box()
    assert bone is not None
    assert bone["height"] > 50
    colour = "getComputedStyle(document.querySelector('.sk-on use')).getPropertyValue('--sk-stroke')"
    assert page.evaluate(colour).strip()
    for kind in ("mouth", "skeleton"):
        roots = (
            f"[...document.querySelectorAll('svg.{kind} use')].map(u => document.querySelector(u.getAttribute('href')))"
        )
        found = page.evaluate(f"{roots}.map(g => g.getAttribute('class'))")
        assert set(found) <= {kind, "sk-stencil"}, "without its class a copy is black"
    page.close()
