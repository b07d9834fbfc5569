"""The page: complete, self-contained, safe, and the same every time."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from cenotaph.errors import FormatError
from cenotaph.reports.casebook import Casebook
from cenotaph.reports.html import build_report
from cenotaph.reports.result import CandidateRow, read_result
from cenotaph.reports.sections import cards, prior_log10_odds, turns
from tests.unit.report_case import write_dossier, write_result

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Outline(HTMLParser):
    """Elements of a page, checked to be properly nested."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    assert parser.open == []
    return parser


@pytest.fixture
def page(tmp_path: Path) -> str:
    return build_report(write_dossier(tmp_path / "case"), write_result(tmp_path / "result"))


def test_names_are_escaped(page: str):
    assert "<script" not in page
    assert "Rowan &amp; Co &lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_page_asks_nothing_of_any_other(page: str):
    seen = outline(page).seen
    links = [a[key] or "" for _, a in seen for key in ("href", "src", "action", "data", "srcset") if key in a]
    assert all(link.startswith("#") for link in links)
    assert not re.search(r"https?://|@import|url\((?!#)", page)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in seen}


def test_page_is_the_same_every_time(page: str, tmp_path: Path):
    assert build_report(write_dossier(tmp_path / "case"), write_result(tmp_path / "result")) == page


def test_page_is_accessible(page: str):
    seen = outline(page).seen
    headings = [int(tag[1]) for tag, _ in seen if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(headings))
    assert all(a.get("scope") in ("col", "row") for tag, a in seen if tag == "th")
    tags = [tag for tag, _ in seen]
    assert tags.count("table") == tags.count("caption")
    pictures = [a for tag, a in seen if tag == "svg" and ("role" in a or "class" in a)]
    assert all(a.get("aria-label") or a.get("aria-hidden") for a in pictures)
    ids = [a["id"] for _, a in seen if "id" in a]
    assert len(ids) == len(set(ids))
    assert {(a["href"] or "")[1:] for tag, a in seen if tag == "a"} <= set(ids)
    assert next(a for tag, a in seen if tag == "a")["class"] == "skip"
    assert next(a for tag, a in seen if tag == "html")["lang"] == "en"


def test_every_individual_is_told(page: str):
    text = outline(page).text
    for individual in ("I-S1", "I-S3", "I-S4", "I-S5"):
        assert individual in text
    assert "about 3 billion times more likely if this is he than if he is nobody on the roster" in text
    assert "about 40,000 times more likely if this is Piers Arden than if he is nobody on the roster" in text
    assert "One of 2 candidates" in text
    assert "Against it: ystr −2.4" in text
    assert "full sister" in text
    assert "0.987" in text
    assert "what would help: a sample of this bone" in text
    assert not re.search(r"\d ?%", text)


def test_lines_that_disagree_are_said_in_words(page: str):
    text = outline(page).text
    assert "One line disagrees with Rowan & Co" in text
    assert "Stature disagrees (log10 LR −1.2): about 20 times less likely; it weighs his bones beside" in text
    assert "Y-STR disagrees (log10 LR −2.4): about 300 times less likely" in text
    assert "mtDNA disagrees" not in text


def test_line_without_which_another_answer_leads_is_said(page: str):
    assert "Without Autosomal STR, nobody on the roster leads: log10 LR −1.7 left, +0.7 needed." in outline(page).text


def test_prior_and_lines_add_up_to_the_odds(tmp_path: Path):
    result = read_result(write_result(tmp_path / "result"))
    casebook = Casebook.of(write_dossier(tmp_path / "case"))
    prior = prior_log10_odds(result)
    assert prior == pytest.approx(math.log10(0.4 / 0.6 / 3))
    for verdict in ("identification", "shortlist"):
        for card in cards(result, casebook, verdict):
            assert sum(row.log10_lr for row in card.lines) == pytest.approx(card.total)
            assert card.best is not None
            assert card.total == pytest.approx(prior + card.best.log10_lr_total)


def test_without_a_line_a_rival_may_lead(tmp_path: Path):
    casebook = Casebook.of(write_dossier(tmp_path / "case"))
    his = CandidateRow("I-S1", 1, "M1", 0.9, 5.0, (("str", 3.0), ("mtdna", 2.0)))
    rival = CandidateRow("I-S1", 2, "M2", 0.1, 4.5, (("str", 4.0), ("mtdna", 0.5)))
    hopeless = CandidateRow("I-S1", 3, "M3", 0.0, -math.inf, (("str", -math.inf), ("mtdna", 0.5)))
    assert turns([his, rival, hopeless], casebook, -1.0) == (
        "without mtDNA, Hugh Arden (M2) leads: log10 LR +3.0 left, +4.0 of the other",
    )
    assert turns([his, rival], casebook, -6.0) == ()
    assert turns([rival, his], casebook, -1.0) == ()


def test_bones_and_teeth_are_drawn_once_and_pointed_at(page: str):
    told = outline(page)
    assert "Skeleton of I-S1 from the front. Present: left femur S1; mandible S2" in page
    assert "Teeth: 3 teeth compared, 1 in agreement, 1 of them restored or lost; 1 difference explained" in told.text
    ids = {a["id"] for _, a in told.seen if "id" in a}
    pointed = [(a["href"] or "")[1:] for tag, a in told.seen if tag == "use"]
    assert set(pointed) <= ids
    assert pointed.count("body-femur-L") == 1
    assert pointed.count("body-metacarpal_3-L") == 2, "in place and large beside the body"
    assert sum(a.get("id") == "body-femur-L" for _, a in told.seen) == 1


def test_only_a_proposed_name_is_set_in_display_size(page: str):
    assert len(re.findall('class="name" id="I-', page)) == 1


def test_summary_counts(page: str):
    text = outline(page).text
    for phrase in ("Boxes 2 ", "Bones 5 ", "Groups of bones 4 ", "People 4 ", "Names proposed 1 ", "Unresolved 1 "):
        assert phrase in text


def test_numbers_of_the_run_are_shown(page: str):
    text = outline(page).text
    assert "verdict.identification 0.9995" in text
    assert "ab" * 32 in text
    assert "a warning (2 times)" in text
    assert "Seed 7" in text


def test_banner_where_the_dossier_says_synthetic(page: str, tmp_path: Path):
    assert 'class="banner"' not in page
    told = write_dossier(tmp_path / "told", {"title": "Exercise", "keywords": ["synthetic"]})
    made_up = build_report(told, tmp_path / "result")
    assert "Synthetic data." in outline(made_up).text
    assert "<h1>Exercise</h1>" in made_up


def test_result_of_a_run_that_found_nothing(tmp_path: Path):
    result = write_result(tmp_path / "result")
    for name in ("individuals", "assignments", "candidates", "links"):
        path = result / f"{name}.csv"
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    (result / "run.json").write_text("{}", encoding="utf-8")
    text = outline(build_report(write_dossier(tmp_path / "case"), result)).text
    assert "No individual passes every rule for a name" in text


def test_missing_file_is_named(tmp_path: Path):
    result = write_result(tmp_path / "result")
    (result / "candidates.csv").unlink()
    with pytest.raises(FormatError, match=r"candidates\.csv: the result lacks a file"):
        read_result(result)


def test_missing_column_is_named(tmp_path: Path):
    result = write_result(tmp_path / "result")
    (result / "links.csv").write_text("specimen_a,specimen_b\n", encoding="utf-8")
    with pytest.raises(FormatError, match="valid: probability_same"):
        read_result(result)


def test_bad_cell_is_named(tmp_path: Path):
    result = write_result(tmp_path / "result")
    (result / "links.csv").write_text("specimen_a,specimen_b,probability_same\nS1,S2,likely\n", encoding="utf-8")
    with pytest.raises(FormatError, match="found likely"):
        read_result(result)


def test_parts_stand_in_the_order_of_the_waterfall(tmp_path: Path):
    best = read_result(write_result(tmp_path / "result")).candidates["I-S1"][0]
    assert [name for name, _ in best.parts] == ["str", "mtdna", "ystr", "stature", "provenance", "origin", "errors"]
    assert sum(value for _, value in best.parts) == pytest.approx(best.log10_lr_total)
