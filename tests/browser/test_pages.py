"""Every page of the workplace in a browser: accessible, as wide as the window, nothing asked of anybody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from cenotaph.workplace.access.rights import ROLES
from tests.browser.conftest import DESKTOP, PASSWORD, PHONE, RULES, House, served, sign_in

STAFF = f"""
from cenotaph.workplace.models import Opinion, User
from tests.workplace.test_pages import OPINION
from tests.workplace.test_proposals import ASSIGNED, LINKED
for role in {tuple(ROLES)!r}:
    user = User(name=role, full_name=role, roles=role)
    user.set_password({PASSWORD!r})
    with acting("test"):
        user.save()
from cenotaph.workplace.models import model_of
with acting("test"):
    Opinion.objects.create(**OPINION)
    model_of("decisions").objects.create(decision_id="D1", kind="exclusion", specimen_ids="S2", missing_id="M2")
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.services import photos
from tests.workplace.test_pages import picture
anthropologist = Viewer("anthropologist", ("anthropologist",))
photos.add(anthropologist, "specimens", "S1", picture(), "anterior view")
from cenotaph.workplace.services import proposals, runs
runs.freeze(Viewer("authority", ("authority",)), run, "opinions rest on this run")
with acting("test"):
    RunTable.objects.filter(name="assignments").update(csv=ASSIGNED)
    RunTable.objects.create(run=run, name="links", csv=LINKED)
asked = proposals.Asked(run, "I1", "S2", "in")
proposals.withdraw(anthropologist, proposals.propose(anthropologist, asked, "it fits at the joint"))
proposals.propose(Viewer("geneticist", ("geneticist",)), asked, "both have the same profile")
"""
PAGES = {
    "anthropologist": (
        "/",
        "/handovers/",
        "/handovers/boxes/",
        "/handovers/boxes/BOX1/",
        "/bench/",
        "/bench/?todo=measure",
        "/bench/S1/",
        "/photos/bone/S1/",
        "/individuals/",
        "/evidence/runs/1/I1/?bone=S1",
        "/proposals/",
        "/proposals/2/",
    ),
    "odontologist": ("/", "/bench/S2/", "/unmask/"),
    "geneticist": ("/", "/bench/S1/", "/receipts/", "/import/", "/export/"),
    "case_manager": (
        "/",
        "/individuals/?verdict=shortlist",
        "/missing/",
        "/missing/M1/",
        "/families/",
        "/families/F1/",
        "/search/?q=Doe",
        "/evidence/",
        "/evidence/runs/1/",
        "/evidence/runs/1/I1/",
        "/evidence/runs/1/I1/opinion/",
        "/decisions/",
        "/decisions/1/",
        "/import/",
        "/export/",
        "/photos/box/BOX1/",
    ),
    "reviewer": ("/", "/decisions/", "/decisions/1/"),
    "authority": ("/", "/decisions/1/", "/decisions/in-force/D1/", "/ledger/", "/proposals/", "/proposals/2/"),
    "liaison": ("/", "/families/F1/", "/decisions/", "/decisions/1/"),
    "planner": (
        "/",
        "/talks/",
        "/talks/timeline.html",
        "/talks/commitments.html",
        "/talks/sites.html",
        "/talks/reading/",
    ),
    "oversight": ("/", "/ledger/"),
    "administrator": ("/", "/people/", "/people/add/", "/second-factor/", "/own/", "/own/password/"),
}
"""Pages by the role that looks at them."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A record with the small case, the Korean programme, a run and a person for each role, served by the command."""
    with (
        resources.as_file(resources.files("cenotaph.data").joinpath("korea")) as korea,
        served(tmp_path_factory.mktemp("house"), [Path(korea)], STAFF) as house,
    ):
        yield house


def entered(browser: Browser, house: House, role: str, viewport: dict[str, int] = DESKTOP) -> Page:
    """A browser of its own in which somebody of this role has signed in."""
    page = browser.new_context(viewport=viewport).new_page()
    sign_in(page, house, role)
    return page


@pytest.mark.slow
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("role", PAGES)
def test_pages_hold_wcag_aa_and_fit(browser: Browser, house: House, role: str, viewport: dict[str, int]) -> None:
    page = entered(browser, house, role, viewport)
    wrong: list[str] = []
    elsewhere: list[str] = []
    page.on("console", lambda told: wrong.append(told.text) if told.type == "error" else None)
    page.on("request", lambda r: elsewhere.append(r.url) if not r.url.startswith((house.address, "data:")) else None)
    for path in PAGES[role]:
        response = page.goto(house.address + path)
        assert response is not None
        assert response.status == 200, path
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert (wrong, elsewhere) == ([], []), path
        found = Axe().run(page, options=RULES).response
        assert found["passes"], "no rule ran"
        assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == [], path
    page.context.close()


def test_a_jaw_is_charted_by_keyboard(browser: Browser, house: House) -> None:
    """A tooth is reached by Tab and arrow keys, what is typed on it fills the form, and the list does the same."""
    page = entered(browser, house, "odontologist")
    page.goto(f"{house.address}/bench/S2/")
    field, tooth = page.get_by_label("Chart teeth"), page.locator(".teeth button")
    expect(tooth).to_have_count(24)  # A cranium: both quarters above, and that of the tooth 36 which is charted.
    expect(page.locator("[data-tooth='36']")).to_have_accessible_name("36 lower left first molar: MOD-S")
    tooth.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.type("odms")
    expect(field).to_have_value("17 MOD-S")
    page.keyboard.press("ArrowDown")  # Below is the quarter on the other side.
    page.keyboard.type("x")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("vf")
    page.keyboard.press("Enter")
    expect(page.get_by_label("State", exact=True)).to_be_focused()
    page.get_by_role("checkbox", name="M mesial").check()
    page.get_by_label("Material").last.select_option("E")
    expect(field).to_have_value("17 MOD-S, 22 X, 21 MF-E")
    page.locator("[data-tooth='22']").focus()
    page.keyboard.press("Backspace")
    expect(field).to_have_value("17 MOD-S, 21 MF-E")
    field.fill("11 u; 36 v")
    expect(page.locator("[data-tooth='11'] .code")).to_have_text("U")
    page.get_by_role("button", name="Save teeth").press("Enter")
    page.get_by_text("As a table").click()
    charted = page.locator("details table").filter(has_text="not erupted")
    expect(charted).to_contain_text("upper right central incisor")
    expect(page.locator("[data-tooth='36']")).to_have_accessible_name("36 lower left first molar: V")


def test_zones_are_drawn_as_they_are_ticked(browser: Browser, house: House) -> None:
    page = entered(browser, house, "anthropologist")
    page.goto(f"{house.address}/bench/S1/")
    page.get_by_text("Zones of this element").click()
    head, there = page.locator("[data-zone='4']"), page.locator(".zone.there")
    expect(there).to_have_count(3)
    page.get_by_role("checkbox", name="4 Caput").press("Space")
    expect(head).to_have_class(re.compile(r"\bthere\b"))
    page.locator("[data-zone='1'] text").click()
    expect(page.get_by_role("checkbox", name="1 Greater trochanter")).not_to_be_checked()
    page.get_by_role("button", name="Save zones").click()
    expect(page.get_by_text("zones 2 3 4")).to_be_visible()


def test_a_jaw_is_charted_without_a_script(browser: Browser, house: House) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, house, "odontologist")
    page.goto(f"{house.address}/bench/S2/")
    expect(page.locator(".jaw")).to_be_hidden()
    page.get_by_label("Chart teeth").fill("16 X")
    page.get_by_role("button", name="Save teeth").click()
    expect(page.get_by_text("upper right first molar").first).to_be_attached()


def test_a_report_is_read(browser: Browser, house: House) -> None:
    page = entered(browser, house, "planner")
    page.goto(f"{house.address}/talks/reading/")
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
    page.goto(f"{house.address}/talks/sources.html")
    expect(page.get_by_text(re.compile("A synthetic report")).first).to_be_visible()


def test_a_bone_is_dragged_out_and_asked_by_keyboard(browser: Browser, house: House) -> None:
    page = entered(browser, house, "odontologist")
    page.goto(f"{house.address}/evidence/runs/1/I1/")
    bone, zones = page.locator("tr[data-bone=S1]"), page.locator(".drop")
    bone.drag_to(zones.nth(0))
    assert "bone=" not in page.url, "it is inside already"
    bone.drag_to(zones.nth(1))
    page.wait_for_url("**/I1/?bone=S1#asked")
    expect(page.get_by_text("The run put it here.")).to_be_visible()
    page.get_by_label("Why").fill("the wear of the joint is another's")
    page.get_by_role("button", name="Propose S1 out of it").click()
    expect(page.get_by_role("link", name="S1 out of I1")).to_be_visible()
    page.get_by_role("link", name="Take S2 in?").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/I1/?bone=S2#asked")
    page.get_by_label("Why").focus()
    page.keyboard.type("the two halves fit at the break")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("proposal 2 on it is open")
    expect(page.get_by_label("Why")).to_have_value("the two halves fit at the break")
    page.context.close()
