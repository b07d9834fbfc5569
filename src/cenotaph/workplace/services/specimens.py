"""What the odontologist and the geneticist enter at a bone: its teeth, and samples taken of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from cenotaph.dossier.tables import TABLES
from cenotaph.workplace.access.selectors import Row, query, rows
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.services import records
from cenotaph.workplace.services.records import Unsound
from cenotaph.workplace.services.vcf_parts import samples_with_snps

TOOTH_BEARING = ("cranium", "mandible", "tooth")
_ENTRY = re.compile(r"(\S+?)(?:\s*[:=]\s*|\s+)([^\s,;]+)\s*(?:[,;\n]|$)\s*")


def teeth_of(viewer: Viewer, specimen_id: str) -> list[Row]:
    """Teeth of a bone that are charted, in the order of their numbers.

    Raises:
        Refused: the viewer may not see charts.
    """
    where = {"subject_type": "specimen", "subject_id": specimen_id}
    return rows(viewer, "dental_charts", where=where, order=["tooth"])


def read_teeth(text: str) -> dict[str, str]:
    """Teeth as they are typed, number and code: ``36 MOD-S, 46 X`` or a line each.

    Raises:
        Unsound: something that is no tooth with a code, each by what was typed.

    >>> read_teeth("36 mod-s; 46: X")
    {'36': 'MOD-S', '46': 'X'}
    """
    columns = TABLES["dental_charts"].by_name
    found: dict[str, str] = {}
    problems: dict[str, str] = {}
    end = 0
    text = text.strip()
    while end < len(text):
        match = _ENTRY.match(text, end)
        if match is None:
            problems[text[end : end + 20]] = _("a tooth and a code, as 36 MOD-S")
            break
        tooth, code, end = match[1], match[2].upper(), match.end()
        problem = records.problem_of(columns["tooth"], tooth) or records.problem_of(columns["code"], code)
        if problem or tooth in found:
            problems[f"{tooth} {code}"] = problem or _("typed twice")
        found[tooth] = code
    if not text:
        problems[_("teeth")] = _("type at least one tooth")
    if problems:
        raise Unsound(problems)
    return found


def chart_teeth(viewer: Viewer, specimen_id: str, teeth: Mapping[str, str]) -> None:
    """Keeps the codes of teeth, all of them or none; one that was charted before is changed.

    Raises:
        Refused: the role may not.
        Unsound: a code is none.
    """
    viewer.require("add", "dental_charts")
    with acting(viewer.name, "dental chart"):
        known = {row["tooth"]: row["id"] for row in teeth_of(viewer, specimen_id)}
        for tooth, code in teeth.items():
            if tooth in known:
                records.change(viewer, "dental_charts", known[tooth], {"code": code}, "dental chart")
            else:
                row = {"subject_type": "specimen", "subject_id": specimen_id, "tooth": tooth, "code": code}
                records.add(viewer, "dental_charts", row, "dental chart")


def samples_of(viewer: Viewer, specimen_id: str) -> list[Row]:
    """Samples taken of a bone, with the systems typed on each as far as the viewer may see them.

    Raises:
        Refused: the viewer may not see samples.
    """
    taken = rows(viewer, "samples", where={"origin": "specimen", "origin_id": specimen_id})
    systems = (("STR", "str_profiles"), ("mtDNA", "mtdna_profiles"), ("Y-STR", "ystr_profiles"))
    for row in taken:
        row["typed"] = [
            word
            for word, table in systems
            if viewer.may("see", table, "sample_id")
            and query(viewer, table).filter(sample_id=row["sample_id"]).exists()
        ]
        if viewer.may("see", "str_profiles", "sample_id") and samples_with_snps([row["sample_id"]]):
            row["typed"].append("SNP")
    return taken


def take_sample(viewer: Viewer, specimen_id: str, cells: Mapping[str, str]) -> None:
    """Enters a sample of a bone.

    Raises:
        Refused: the role may not.
        Unsound: a cell is not sound, or the number is taken.
    """
    filled = {name: text.strip() for name, text in cells.items() if text.strip()}
    if "sample_id" not in filled:
        raise Unsound({"sample_id": _("the number on the tube")})
    records.add(viewer, "samples", filled | {"origin": "specimen", "origin_id": specimen_id}, "sample of a bone")
