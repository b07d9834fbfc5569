"""One story through the whole house: from the first administrator to a family that was told and a whole ledger."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Browser, Page, Response, expect
from pypdf import PdfReader

from tests.browser.conftest import COMMAND, DESKTOP, PASSWORD, House, done, opened, sign_in, surroundings

SEED = "2018"
BOX = "BOX007"
"""The box that is not imported but entered bone by bone."""

PEOPLE = {
    "planner": "Negotiator or planner",
    "manager": "Case manager or historian",
    "anthropologist": "Anthropologist",
    "geneticist": "Geneticist",
    "reviewer": "Reviewer",
    "authority": "Authority",
    "liaison": "Family liaison",
    "oversight": "Oversight",
}
"""Who works here, with the role."""

MOST_TABS = 60
RUN_MS, IMPORT_MS = 60_000, 30_000


@pytest.mark.slow
def test_from_the_first_day_to_a_family(browser: Browser, tmp_path: Path) -> None:
    handover, house_folder = tmp_path / "handover", tmp_path / "house"
    house_folder.mkdir()
    done([*COMMAND, "simulate", "handover", str(handover), "--preset", "small", "--seed", SEED], surroundings(tmp_path))
    with opened(house_folder) as house:

        def enter(name: str) -> Page:
            page = browser.new_context(viewport=DESKTOP).new_page()
            page.on("pageerror", lambda error: pytest.fail(str(error)))
            sign_in(page, house, name)
            return page

        an_administrator_sets_up(browser, house)
        the_handover_is_imported(enter, handover)
        a_box_is_finished_by_keyboard(enter("anthropologist"), rows_of(handover, "specimens", in_last_box))
        the_bones_are_measured(enter("anthropologist"), handover)
        profiles_come_without_a_name(enter("geneticist"), handover)
        figures, manager = enter("oversight"), enter("manager")
        assert figure(figures, "Decisions") == 0
        manager.get_by_role("link", name="Decisions").first.click()
        accounted = figure(manager, "accounted for")
        man = a_run_proposes(manager)
        case = an_opinion_is_signed(manager, man)
        it_is_reviewed(enter("reviewer"), man)
        it_is_decided(enter("authority"), case)
        root, count = the_memorandum_is_read(enter("authority"), case, man)
        the_family_is_told(enter("liaison"), case, man)
        figures.reload()
        assert figure(figures, "Decisions") == 1
        manager.goto(f"{house.address}/decisions/")
        assert figure(manager, "accounted for") == accounted + 1
        the_ledger_is_whole(figures, root, count)
        an_outsider_sees_nothing(browser, house, enter("planner"), case)


def an_administrator_sets_up(browser: Browser, house: House) -> None:
    """The first administrator, then everybody else; who keeps the accounts sees no case."""
    page = browser.new_context(viewport=DESKTOP).new_page()
    page.goto(house.setup)
    page.get_by_label("Name to sign in with").fill("root")
    page.get_by_label("Full name").fill("R. Oot")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Set up").click()
    sign_in(page, house, "root")
    page.get_by_role("link", name="People").click()
    for name, title in PEOPLE.items():
        page.get_by_role("link", name="Add an account").click()
        page.get_by_label("Name to sign in with").fill(name)
        page.get_by_label("Full name").fill(f"The {name}")
        page.get_by_label(title).check()
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Add").click()
        expect(page.get_by_role("row", name=f"The {name}")).to_be_visible()
    page.goto(f"{house.address}/handovers/")
    expect(page.get_by_text("not for your role")).to_be_visible()
    assert page.goto(house.setup).status == 404, "there is a first administrator once"  # type: ignore[union-attr]


def the_handover_is_imported(enter: Callable[[str], Page], handover: Path) -> None:
    """The transfer by the planner; men, families, boxes, bones and references by the case manager."""
    bring(enter("planner"), handover, {"transfers": every})
    known = dict.fromkeys(("missing", "incidents", "relatives", "containers", "effects", "dental_charts"), every)
    typed = samples_of(handover, "relative", "missing")
    of_people: Which = lambda row: row["sample_id"] in typed  # noqa: E731
    profiles = dict.fromkeys(("samples", "str_profiles", "ystr_profiles", "mtdna_profiles"), of_people)
    bring(enter("manager"), handover, {**known, "outlines": every, "specimens": not_in_last_box, **profiles})


def a_box_is_finished_by_keyboard(page: Page, bones: Collection[dict[str, str]]) -> None:
    """From the first page to the last bone without a pointer; the drawing fills and the keyboard never waits."""
    go_to(page, "Boxes to begin")
    go_to(page, BOX)
    expect(page.get_by_text("No bone is entered yet")).to_be_visible()
    for number, bone in enumerate(bones, start=1):
        expect(page.locator("input[name=element]")).to_be_focused()
        page.keyboard.type(bone["element"])
        page.keyboard.press("Tab")
        page.keyboard.type(bone["side"].lower())
        assert page.evaluate("document.activeElement.name") == "zones", "one key moves on"
        page.keyboard.type(bone["zones"])
        page.keyboard.press("Tab")
        page.keyboard.type(f"{float(bone['completeness']):.0%}")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Control+a")
        page.keyboard.type(bone["specimen_id"])
        page.keyboard.press("Enter")
        expect(page.locator("#bench tbody tr")).to_have_count(number)
    expect(page.locator("#skeleton-femur-R")).to_have_class(re.compile("sk-present"))
    expect(page.locator("#skeleton-femur-L")).to_have_class(re.compile("sk-plain"))
    expect(page.locator("input[name=element]")).to_be_focused()
    page.keyboard.type("meta")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("which one?")
    expect(page.locator("#bench tbody tr")).to_have_count(len(bones))
    page.goto(page.url.partition("/handovers/")[0])
    expect(page.get_by_text("Boxes to begin")).to_have_count(0)


def the_bones_are_measured(page: Page, handover: Path) -> None:
    """A slip of the pen is told at once; the rest of the measurements come as a file."""
    femur = next(row["specimen_id"] for row in rows_of(handover, "specimens", in_last_box) if row["element"] == "femur")
    page.get_by_role("link", name="Bench").click()
    page.get_by_label("Specimen").fill(femur)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=femur).click()
    page.get_by_label("Fem_01").fill("45.1")
    page.keyboard.press("Tab")
    expect(page.locator("#range-Fem_01")).to_contain_text("Look again")
    page.get_by_label("Fem_01").fill("451")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Measurements")).to_contain_text("451")
    mine: Which = lambda row: row.get("specimen_id") != femur  # noqa: E731
    names = ("measurements", "age_stages", "associations", "isotopes")
    bring(page, handover, dict.fromkeys(names, mine))


def profiles_come_without_a_name(page: Page, handover: Path) -> None:
    """Samples and profiles of remains; no answer that the geneticist gets holds the name of any man."""
    told: list[str] = []
    page.on("response", lambda response: told.append(text_of(response)))
    typed = samples_of(handover, "specimen")
    of_remains: Which = lambda row: row["sample_id"] in typed  # noqa: E731
    bring(page, handover, dict.fromkeys(("samples", "str_profiles", "ystr_profiles", "mtdna_profiles"), of_remains))
    page.get_by_role("link", name="Bench").click()
    page.locator("table tbody a").first.click()
    men = rows_of(handover, "missing", every)
    page.get_by_label("Search everything").fill(men[0]["family_name"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Missing")).to_have_count(0)
    words = set(re.findall(r"[\w'-]+", " ".join(told)))
    typed_here = {men[0]["family_name"]}
    assert {man["family_name"] for man in men} & words <= typed_here
    assert {man["missing_id"] for man in men} & words == set()
    assert len(told) > 5


def a_run_proposes(page: Page) -> str:
    """A run is started on the page and watched; it names men, the surest first, whose number is the answer."""
    page.get_by_role("link", name="Evidence").first.click()
    page.get_by_label("Name", exact=True).fill("The whole handover")
    page.get_by_role("button", name="Start a run").click()
    expect(page.get_by_role("status")).to_contain_text("Done", timeout=RUN_MS)
    page.get_by_role("link", name="Read the run").click()
    page.get_by_label("Why opinions may rest on this run").fill("Complete, and all rows were checked.")
    page.get_by_role("button", name="Freeze this run").click()
    expect(page.get_by_text("Complete, and all rows were checked.")).to_be_visible()
    proposed = next(row for row in page.get_by_role("row").all() if "Identification proposed" in row.inner_text())
    man = re.search(r"M\d{5}", proposed.inner_text())
    assert man is not None
    proposed.get_by_role("link").click()
    return man[0]


def an_opinion_is_signed(page: Page, man: str) -> str:
    """The examiner writes on what the run says; returns the address of the case."""
    page.get_by_role("link", name="Write an opinion").click()
    expect(page.get_by_label("Missing person")).to_have_value(man)
    page.get_by_label("Conclusion").select_option("strongly supported")
    page.get_by_label("Historical and circumstantial association").fill("He was lost where the box comes from.")
    page.get_by_label("Contradictions").fill("None that the lines show.")
    sign(page, "Sign the opinion")
    expect(page.get_by_text("It waits for an independent review.")).to_be_visible()
    expect(page.get_by_role("button", name="I agree")).to_have_count(0)
    return page.url


def it_is_reviewed(page: Page, man: str) -> None:
    """Somebody who had no hand in the case finds it among what waits."""
    go_to(page, "Opinions to review")
    page.get_by_role("link", name=re.compile("Opinion")).first.click()
    page.get_by_label("Reasons").fill("The lines agree and nothing speaks against it.")
    sign(page, "I agree")
    expect(page.get_by_text("No case waits for you.")).to_be_visible()


def it_is_decided(page: Page, case: str) -> None:
    """The authority signs; it is in force."""
    page.goto(case)
    page.locator(".waits").get_by_label("Reasons").fill("The evidence meets the threshold.")
    sign(page, "Sign the decision")
    expect(page.get_by_role("list", name="Steps of the case").get_by_text("not yet")).to_have_count(1)


def the_memorandum_is_read(page: Page, case: str, man: str) -> tuple[str, str]:
    """Both files say the same of him; returns the root and the number of the ledger's entry at the foot of the PDF."""
    page.goto(case)
    name = page.get_by_role("heading", level=1).inner_text()
    pdf = "\n".join(one.extract_text() for one in PdfReader(io.BytesIO(downloaded(page, "Memorandum (PDF)"))).pages)
    word = Document(io.BytesIO(downloaded(page, "Memorandum (Word)")))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    words = "\n".join([*(p.text for p in word.paragraphs), *cells])
    for text in (" ".join(pdf.split()), " ".join(words.split())):
        assert name in text
        assert man in text
        assert "He was lost where the box comes from." in text
        assert "None that the lines show." in text
        assert "The evidence meets the threshold." in text
        for signed in ("manager", "reviewer", "authority"):
            assert signed in text
    foot = re.search(r"Ledger after entry (\d+): ([0-9a-f\s]{64,})", pdf)
    assert foot is not None
    return "".join(foot[2].split())[:64], foot[1]


def the_family_is_told(page: Page, case: str, man: str) -> None:
    """The liaison finds whom to tell among what waits, and closes the case."""
    go_to(page, "Families to tell")
    page.get_by_role("link", name=re.compile("Opinion")).first.click()
    assert page.url == case
    page.get_by_label("When").fill("2019-05-17")
    page.get_by_label("What was said").fill("The family was told at home.")
    page.get_by_role("button", name="The family was told").click()
    expect(page.get_by_role("list", name="Steps of the case").get_by_text("not yet")).to_have_count(0)


def the_ledger_is_whole(page: Page, root: str, count: str) -> None:
    """Oversight walks the chain against the root that the memorandum bears, and against one that it does not."""
    page.get_by_role("link", name="Ledger", exact=True).click()
    page.get_by_label("Root on paper").fill(root)
    page.get_by_label("Entry on paper").fill(count)
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_role("status")).to_contain_text("The root of the paper is in it.")
    page.get_by_label("Root on paper").fill("0" * 64)
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_role("alert")).to_contain_text("not whole")


def an_outsider_sees_nothing(browser: Browser, house: House, planner: Page, case: str) -> None:
    """Neither who has no account, nor who has one without the right."""
    stranger = browser.new_context().new_page()
    for path in ("/", "/missing/", "/families/", "/ledger/", "/export/", case.removeprefix(house.address)):
        stranger.goto(house.address + path)
        assert "/sign-in/" in stranger.url, path
        assert stranger.get_by_role("navigation").count() == 0
    for address in (case, f"{case}memorandum.pdf", f"{house.address}/families/", f"{house.address}/bench/"):
        answer = planner.request.get(address)
        assert answer.status == 403, address
        assert "M00" not in answer.text()


# ------------------------------------------------------------------------------------------------ what the people do

Which = Callable[[dict[str, str]], bool]


def every(row: dict[str, str]) -> bool:
    return True


def in_last_box(row: dict[str, str]) -> bool:
    return row["container_id"] == BOX


def not_in_last_box(row: dict[str, str]) -> bool:
    return row["container_id"] != BOX


def rows_of(handover: Path, table: str, which: Which) -> list[dict[str, str]]:
    """Rows of a table of the dossier."""
    with (handover / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if which(row)]


def samples_of(handover: Path, *origins: str) -> set[str]:
    """Samples taken of such."""
    return {row["sample_id"] for row in rows_of(handover, "samples", lambda row: row["origin"] in origins)}


def bring(page: Page, handover: Path, tables: dict[str, Which]) -> None:
    """Tables in one zip, taken in by the wizard."""
    packed, added = io.BytesIO(), 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for table, which in tables.items():
            rows = rows_of(handover, table, which)
            text = io.StringIO()
            writer = csv.DictWriter(text, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
            archive.writestr(f"{table}.csv", text.getvalue())
            added += len(rows)
    page.get_by_role("link", name="Import").click()
    file = {"name": "handover.zip", "mimeType": "application/zip", "buffer": packed.getvalue()}
    page.get_by_label("File").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Bring it").click()
    page.get_by_role("button", name=re.compile(f"Take {added} rows? in")).click(timeout=IMPORT_MS)
    expect(page.get_by_role("button", name="Undo this import")).to_be_visible(timeout=IMPORT_MS)


def go_to(page: Page, words: str) -> None:
    """Follows a link by keyboard alone."""
    for _tab in range(MOST_TABS):
        page.keyboard.press("Tab")
        if words in page.evaluate("document.activeElement.matches('a') && document.activeElement.textContent || ''"):
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    pytest.fail(f"{words!r} is not reached by keyboard on {page.url}")


def sign(page: Page, button: str) -> None:
    """Signs what is written; who is asked for the password again gives it."""
    form = page.locator("form", has=page.get_by_role("button", name=button))
    for asked in form.locator("input[type=password]").all():
        asked.fill(PASSWORD)
    form.get_by_role("button", name=button).click()


def downloaded(page: Page, link: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    return Path(download.value.path()).read_bytes()


def text_of(response: Response) -> str:
    """The text of an answer; a redirect has none."""
    return "" if 300 <= response.status < 400 else response.text()


def figure(page: Page, words: str) -> int:
    """A number on the page by its name."""
    return int(page.locator(".figures > div", has_text=words).first.locator(".value").inner_text())
