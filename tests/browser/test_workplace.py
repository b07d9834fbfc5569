"""The workplace in a browser: set up by an administrator, a box finished by keyboard, every page accessible."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESKTOP, PASSWORD, PHONE, RULES, House, served, sign_in

PAGES = {
    "anthropologist": ("/", "/handovers/", "/handovers/boxes/", "/handovers/boxes/BOX1/", "/bench/", "/bench/S1/"),
    "case_manager": (
        "/",
        "/individuals/?verdict=shortlist",
        "/individuals/I1/",
        "/missing/",
        "/missing/M1/",
        "/families/",
        "/families/F1/",
        "/search/?q=Doe",
    ),
    "oversight": ("/", "/ledger/"),
}
"""Pages by the role that looks at them."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A record with the small case, served by the command."""
    with served(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture(scope="module")
def staff(house: House, browser: Browser) -> None:
    """The administrator sets the house up and adds the others."""
    page = browser.new_page(viewport=DESKTOP)
    page.goto(house.setup)
    page.get_by_label("Name to sign in with").fill("root")
    page.get_by_label("Full name").fill("R. Oot")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Set up").click()
    sign_in(page, house, "root")
    page.get_by_role("link", name="People").click()
    for role, title in (
        ("anthropologist", "Anthropologist"),
        ("case_manager", "Case manager or historian"),
        ("oversight", "Oversight"),
    ):
        page.get_by_role("link", name="Add an account").click()
        page.get_by_label("Name to sign in with").fill(role)
        page.get_by_label("Full name").fill(f"The {role}")
        page.get_by_label(title).check()
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Add").click()
        expect(page.get_by_role("row", name=f"The {role}")).to_be_visible()
    page.goto(f"{house.address}/handovers/")
    expect(page.get_by_text("not for your role")).to_be_visible()
    page.close()


@pytest.mark.slow
def test_a_box_is_finished_by_keyboard(house: House, staff: None, browser: Browser) -> None:
    page = browser.new_page(viewport=DESKTOP)
    asked_for: set[str] = set()
    page.on("request", lambda request: asked_for.add(request.url.split("/")[2]))
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    sign_in(page, house, "anthropologist")
    page.goto(f"{house.address}/handovers/boxes/BOX2/")
    expect(page.get_by_text("No bone is entered yet")).to_be_visible()
    assert page.evaluate("document.activeElement.name") == "element"
    for k, (element, side, name) in enumerate(
        [("fem", "l", "left femur"), ("tib", "r", "right tibia"), ("cran", "m", "cranium")]
    ):
        page.keyboard.type(element)
        page.keyboard.press("Tab")
        page.keyboard.type(side)
        assert page.evaluate("document.activeElement.name") == "zones", "one key moves on"
        page.keyboard.type("complete")
        page.keyboard.press("Tab")
        page.keyboard.type("90 %")
        page.keyboard.press("Enter")
        expect(page.locator("#bench tbody tr")).to_have_count(k + 1)
        expect(page.locator("#bench tbody")).to_contain_text(name)
        expect(page.locator("input[name=element]")).to_be_focused()
    expect(page.locator("#skeleton-femur-L")).to_have_class(re.compile("sk-present"))
    expect(page.locator("#skeleton-femur-R")).to_have_class(re.compile("sk-plain"))
    page.keyboard.type("meta")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("which one?")
    expect(page.locator("#bench tbody tr")).to_have_count(3)
    page.locator("#bench tbody a").first.click()
    page.get_by_text("Add measurements").wait_for()
    page.get_by_label("Fem_01").fill("45.1")
    page.keyboard.press("Tab")
    expect(page.locator("#range-Fem_01")).to_contain_text("Look again")
    page.get_by_label("Fem_01").fill("451")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Measurements")).to_contain_text("451")
    assert asked_for == {house.address.removeprefix("http://")}, "nothing is asked of anybody else"
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("role", sorted(PAGES))
def test_pages_hold_wcag_aa_and_fit(
    house: House, staff: None, browser: Browser, role: str, viewport: dict[str, int]
) -> None:
    page = browser.new_page(viewport=viewport)
    wrong: list[str] = []
    page.on("console", lambda told: wrong.append(told.text) if told.type == "error" else None)
    sign_in(page, house, role)
    for path in PAGES[role]:
        response = page.goto(house.address + path)
        assert response is not None
        assert response.status == 200, path
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found = Axe().run(page, options=RULES)
        assert found.response["passes"], "no rule ran"
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], path
    assert wrong == []
    page.close()
