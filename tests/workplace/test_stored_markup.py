"""What somebody typed never becomes markup, on any page for anybody; and every page comes with its protection."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import reverse

from cenotaph.dossier.tables import TABLES
from cenotaph.workplace.access.rights import ROLES
from tests.unit.dossiers import write_tables
from tests.workplace.conftest import CASE, load, make_person
from tests.workplace.test_pages import PAGES, client_of

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>'\\\"><b onmouseover=alert(3)>{{ 7|add:7 }}"
INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>|\son[a-z]+\s*=\s*[\"']|\sstyle\s*=|javascript:", re.I)


@pytest.fixture
def evil(record: str, tmp_path: Path) -> str:
    """The small dossier, where every free text is markup, and one person of each role."""
    load(write_tables(tmp_path / "evil", **{**CASE, **write_evil(tmp_path / "plain")}))
    for role in ROLES:
        make_person(role)
    return record


def write_evil(folder: Path) -> dict[str, str]:
    """Tables of the small dossier with markup in each column of free text that no rule binds."""
    import polars as pl

    found = {}
    for path in write_tables(folder, **CASE).glob("*.csv"):
        if path.stem not in TABLES:
            continue
        frame = pl.read_csv(path, infer_schema=False)
        free = [c.name for c in TABLES[path.stem].columns if c.type == "text" and not c.vocabulary and not c.key]
        free = [c for c in free if c not in {"population", "method", "feature", "stage", "code", "kind", "laboratory"}]
        changed = frame.with_columns(*(pl.lit(EVIL).alias(c) for c in free))
        found[path.stem] = changed.write_csv()
    return found


@pytest.mark.parametrize("role", ROLES)
def test_nothing_typed_becomes_markup(evil: str, role: str) -> None:
    client, shown = client_of(role), 0
    for name, (method, arguments, *_) in PAGES.items():
        if method != "get" or name in {"style", "script"}:
            continue
        response = client.get(reverse(name, args=arguments))
        if not response.get("Content-Type", "").startswith("text/html"):
            continue
        page = response.content.decode()
        shown += page.count("&lt;script&gt;alert(1)")
        assert "<script>alert" not in page, name
        assert "<img src=x" not in page, name
        assert "<b onmouseover" not in page, name
        assert "14" not in re.findall(r"\{\{.*?\}\}|onmouseover=alert\(3\)&gt;(\d+)", page), name
        assert INLINE.search(re.sub(r"&lt;.*?&gt;", "", page)) is None, (name, INLINE.search(page))
        assert "default-src 'none'" in response["Content-Security-Policy"], name
        assert response["X-Content-Type-Options"] == "nosniff", name
        assert response["X-Frame-Options"] == "DENY", name
    if role in {"case_manager", "authority", "liaison"}:
        assert shown > 0, "the markup was on no page: the test tried nothing"


def test_the_search_tells_what_was_asked_as_text(evil: str) -> None:
    page = client_of("case_manager").get(reverse("search"), {"q": "<script>alert(1)"}).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
