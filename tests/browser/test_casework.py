"""A case from a proposal to the family, in a browser; the talks and the reading desk; every page accessible."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, PASSWORD, PHONE, RULES, House, served, sign_in

ROLES = ("case_manager", "reviewer", "authority", "liaison", "planner", "oversight")
STAFF = f"""
from cenotaph.workplace.models import User
for role in {ROLES!r}:
    user = User(name=role, full_name=role, roles=role)
    user.set_password({PASSWORD!r})
    with acting("test"):
        user.save()
"""
PAGES = {
    "case_manager": (
        "/evidence/",
        "/evidence/runs/1/",
        "/evidence/runs/1/I1/",
        "/evidence/runs/1/I1/opinion/",
        "/decisions/",
        "/decisions/1/",
        "/import/",
        "/export/",
    ),
    "planner": ("/talks/", "/talks/timeline.html", "/talks/commitments.html", "/talks/sites.html", "/talks/reading/"),
}
"""Pages by the role that looks at them."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A record with the small case, the Korean programme, a run and a person for each role, served by the command."""
    with (
        resources.as_file(resources.files("cenotaph.data").joinpath("korea")) as korea,
        served(tmp_path_factory.mktemp("office"), [korea], STAFF) as office,
    ):
        yield office


def entered(browser: Browser, office: House, role: str, viewport: dict[str, int] = DESKTOP) -> Page:
    """A browser of its own in which somebody of this role has signed in."""
    page = browser.new_context(viewport=viewport).new_page()
    sign_in(page, office, role)
    return page


def test_a_case_goes_its_way(browser: Browser, office: House, tmp_path: Path) -> None:
    page = entered(browser, office, "case_manager")
    page.goto(f"{office.address}/evidence/runs/1/I1/")
    page.get_by_role("link", name="Write an opinion").click()
    page.get_by_label("Identification: these remains are his").check()
    page.get_by_label("Missing person").fill("M1")
    page.get_by_role("textbox", name="Remains").fill("S1")
    page.get_by_label("Conclusion").select_option("established")
    page.get_by_label("Historical and circumstantial association").fill("He was lost where the box comes from.")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign the opinion").click()
    opinion = page.url
    expect(page.get_by_text("It waits for an independent review.")).to_be_visible()

    page = entered(browser, office, "reviewer")
    page.get_by_role("link", name="Decisions").first.click()
    page.get_by_role("link", name="Opinion 1").click()
    page.get_by_label("Reasons").fill("The lines agree and nothing speaks against it.")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="I agree").click()

    page = entered(browser, office, "authority")
    page.goto(opinion)
    page.locator(".waits").get_by_label("Reasons").fill("The evidence meets the threshold.")
    page.locator(".waits").get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign the decision").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Memorandum (PDF)").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")

    page = entered(browser, office, "liaison")
    page.goto(f"{office.address}/decisions/")
    page.get_by_role("link", name="Opinion 1").click()
    page.get_by_label("When").fill("2019-05-17")
    page.get_by_label("What was said").fill("The family was told at home.")
    page.get_by_role("button", name="The family was told").click()
    page.goto(f"{office.address}/decisions/")
    accounted = page.locator(".figures > div", has_text="accounted for").locator(".value")
    expect(accounted).to_have_text("1")

    stranger = browser.new_context().new_page()
    stranger.goto(opinion)
    assert "/sign-in/" in stranger.url
    page = entered(browser, office, "planner")
    assert page.goto(opinion).status == 403  # type: ignore[union-attr]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("role", PAGES)
def test_pages_are_accessible(browser: Browser, office: House, role: str, viewport: dict[str, int]) -> None:
    page = entered(browser, office, role, viewport)
    problems = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    elsewhere = []
    page.on("request", lambda r: elsewhere.append(r.url) if not r.url.startswith((office.address, "data:")) else None)
    for path in PAGES[role]:
        response = page.goto(office.address + path)
        assert response is not None
        assert response.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert elsewhere == []
        assert problems == [], path
        checked = page.context.browser.new_context(  # type: ignore[union-attr]
            viewport=viewport, storage_state=page.context.storage_state(), bypass_csp=True
        ).new_page()
        checked.goto(office.address + path)
        found = Axe().run(checked, options=RULES).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found] == [], path
        checked.context.close()


def test_a_report_is_read(browser: Browser, office: House) -> None:
    page = entered(browser, office, "planner")
    page.goto(f"{office.address}/talks/reading/")
    page.get_by_label("Identifier").fill("NEWS-1")
    page.get_by_label("Title").fill("A synthetic report")
    page.get_by_label("Published on").fill("2018-09-08")
    page.get_by_label("Text", exact=True).fill("Gen. Ada Poe met Gen. Ra Un Il in Panmunjom on Friday.")
    page.get_by_role("button", name="Read it").click()
    for accept in page.get_by_label("Accept").all():
        accept.check()
    page.get_by_role("button", name="Keep these choices").click()
    page.get_by_role("button", name="Enter what was accepted").click()
    expect(page.get_by_text("What was accepted is in the record")).to_be_visible()
    page.goto(f"{office.address}/talks/sources.html")
    expect(page.get_by_text(re.compile("A synthetic report")).first).to_be_visible()
