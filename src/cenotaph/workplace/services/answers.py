"""A run's answer and the record beside it as the reports' records, with no more in them than one viewer may see."""

from __future__ import annotations

import csv
import io
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cenotaph.dossier.bone_tables import load_skeleton
from cenotaph.dossier.bones import HALF
from cenotaph.reports.casebook import Bone, Casebook, Person, Relative, Sample
from cenotaph.reports.result import ResultView, read_result
from cenotaph.workplace.access.cases import open_to_review
from cenotaph.workplace.access.rights import ALL
from cenotaph.workplace.access.selectors import query, rows
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.models import Run
from cenotaph.workplace.services.vcf_parts import samples_with_snps
from cenotaph.workplace.services.words import bone_words

READ = ("individuals", "assignments", "candidates")
SYSTEMS = {"str": "str_profiles", "mtdna": "mtdna_profiles", "ystr": "ystr_profiles"}
NO_LINKS = "specimen_a,specimen_b,probability_same\n"
LEAST_NEAR, MOST_NEAR = 0.05, 12
NO_TESTS = "rank,action,subject_id\n"


def answered_runs() -> QuerySet[Run]:
    """Runs that finished and have an answer, the latest first."""
    return Run.objects.filter(tables__name="individuals").order_by("-id")


def latest_run() -> Run | None:
    """The run that finished last and has an answer."""
    return answered_runs().first()


def answer_of(run: Run, only: Collection[str] = ()) -> ResultView:
    """The individuals of a run, with the bones and candidates of *only* some of them, which a page shows.

    Links between bones are left out; `links_of` finds them.

    Raises:
        FormatError: the run's tables are not those of an answer.
    """
    texts = dict(run.tables.filter(name__in=READ).values_list("name", "csv"))
    with tempfile.TemporaryDirectory(prefix="cenotaph-answer-") as work:
        folder = Path(work)
        (folder / "links.csv").write_text(NO_LINKS, encoding="utf-8")
        (folder / "next_tests.csv").write_text(NO_TESTS, encoding="utf-8")
        for name, text in texts.items():
            kept = text if name == "individuals" else _rows_of(text, only)
            (folder / f"{name}.csv").write_text(kept, encoding="utf-8")
        (folder / "run.json").write_text(run.record, encoding="utf-8")
        return read_result(folder)


def _rows_of(text: str, individuals: Collection[str]) -> str:
    """Rows of a table that speak of some individuals, with its header."""
    wanted, out = set(individuals), io.StringIO()
    rows_ = csv.reader(io.StringIO(text))
    header = next(rows_)
    at = header.index("individual_id")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(row for row in rows_ if row[at] in wanted)
    return out.getvalue()


def links_of(run: Run, specimens: Collection[str]) -> dict[frozenset[str], float]:
    """Probability that a bone of *specimens* and any bone are of one person, where the run says it."""
    wanted = set(specimens)
    text = run.tables.filter(name="links").values_list("csv", flat=True).first() or NO_LINKS
    found = (row[:3] for row in csv.reader(io.StringIO(text)) if row[0] in wanted or row[1] in wanted)
    return {frozenset((one, other)): float(p) for one, other, p in found}


def near_bones(links: Mapping[frozenset[str], float], members: Collection[str]) -> list[tuple[str, float]]:
    """Bones outside an individual that may be of the same person, the likeliest first, with the greatest probability.

    >>> links = {frozenset("ab"): 0.9, frozenset("bc"): 0.2, frozenset("ac"): 0.3, frozenset("cd"): 0.8}
    >>> near_bones(links, ["a", "b"])
    [('c', 0.3)]
    """
    inside, best = set(members), dict[str, float]()
    for pair, p in links.items():
        outside = pair - inside
        if len(outside) == 1 and len(pair) == 2:
            [bone] = outside
            best[bone] = max(p, best.get(bone, 0.0))
    likely = sorted(best.items(), key=lambda found: (-found[1], found[0]))
    return [(bone, p) for bone, p in likely if p >= LEAST_NEAR][:MOST_NEAR]


def whose_bone(run: Run, specimen_id: str) -> str | None:
    """The individual of a run to which a bone was given; None where the run gave it to none."""
    text = run.tables.filter(name="assignments").values_list("csv", flat=True).first() or ""
    return next(
        (row["individual_id"] for row in csv.DictReader(io.StringIO(text)) if row["specimen_id"] == specimen_id), None
    )


def is_same_part(one: Mapping[str, str | None], other: Mapping[str, str | None]) -> bool:
    """Whether one person cannot have both: the same element of the same side, and a zone that both have.

    Without zones a bone has all of them, unless half of it or less is there: then nobody knows which. An element
    that a person has several of, or a side that nobody knows, is not held against it.

    >>> proximal = {"element": "femur", "side": "L", "zones": "1 2", "completeness": "0.4"}
    >>> is_same_part(proximal, {**proximal, "zones": "3"}), is_same_part(proximal, {**proximal, "zones": "complete"})
    (False, True)
    >>> is_same_part({**proximal, "element": "rib"}, {**proximal, "element": "rib"})
    False
    >>> is_same_part({**proximal, "zones": None}, {**proximal, "zones": None})
    False
    """
    if one["element"] != other["element"] or one["side"] != other["side"] or one["side"] in {None, "U"}:
        return False
    element = load_skeleton().find(one["element"] or "")
    if element is None or element.copies != 1 or any(_is_vague(bone) for bone in (one, other)):
        return False
    zones = [set((bone["zones"] or "").split()) for bone in (one, other)]
    return not all(zones) or any("complete" in some for some in zones) or bool(zones[0] & zones[1])


def _is_vague(bone: Mapping[str, str | None]) -> bool:
    return not bone["zones"] and float(bone["completeness"] or 1) <= HALF


def open_individuals(viewer: Viewer, run: Run) -> set[str] | None:
    """Individuals of a run that the viewer may see; None for all of them.

    Raises:
        Refused: none of them.
    """
    viewer.require("see", "individuals")
    if ALL in viewer.fields_by_rows("see", "individuals"):
        return None
    return {o.individual_id for o in open_to_review(viewer.name) if o.run_id == run.pk and o.individual_id}


def casebook_of(viewer: Viewer, specimens: Collection[str], missing: Collection[str]) -> Casebook:
    """Bones, missing persons and their families, by id, as the viewer may see them."""
    families = _families(viewer, missing)
    people = [r.person_id for members in families.values() for r in members]
    men = {*missing, *(r.missing_id for members in families.values() for r in members if r.missing_id)}
    return Casebook(
        title="",
        description=None,
        is_synthetic=False,
        people=people_of(viewer, men),
        bones=_bones(viewer, specimens),
        containers={},
        family_of={r.missing_id: f for f, members in families.items() for r in members if r.missing_id},
        families=families,
        donor_samples=_samples(viewer, "relative", people),
        own_samples=_samples(viewer, "missing", men),
        charts_ante={},
        charts_post={},
    )


def people_of(viewer: Viewer, missing: Iterable[str]) -> dict[str, Person]:
    """Missing persons by id; the name is the number where names are not open."""
    ids = [m for m in missing if m]
    if not ids or not viewer.may("see", "missing"):
        return {}
    found = {}
    for row in rows(viewer, "missing", where={"missing_id__in": ids}):
        name = " ".join(row[f] for f in ("given_names", "family_name") if row.get(f))
        words = [row.get(f) for f in ("grade", "service", "unit")]
        facts = [
            ", ".join(w for w in words if w),
            _("born %(date)s") % {"date": row["birth_date"]} if row.get("birth_date") else "",
        ]
        facts += [_("lost %(date)s") % {"date": row["loss_date"]} if row.get("loss_date") else ""]
        facts += [f"{row['stature_cm']} cm" if row.get("stature_cm") else ""]
        found[row["missing_id"]] = Person(
            row["missing_id"],
            name or row["missing_id"],
            row.get("family_name") or row["missing_id"],
            row.get("sex") or "U",
            tuple(fact for fact in facts if fact),
            row.get("incident_id"),
        )
    return found


def _families(viewer: Viewer, missing: Collection[str]) -> dict[str, tuple[Relative, ...]]:
    if not viewer.may("see", "relatives") or not missing:
        return {}
    ids = query(viewer, "relatives").filter(missing_id__in=list(missing)).values_list("family_id", flat=True)
    return families_of(viewer, set(ids))


def families_of(viewer: Viewer, families: Collection[str]) -> dict[str, tuple[Relative, ...]]:
    """Families by id, members in the order of the record."""
    found: dict[str, list[Relative]] = defaultdict(list)
    for row in rows(viewer, "relatives", where={"family_id__in": list(families)}):
        person = Relative(
            row["person_id"], row["father_id"], row["mother_id"], row.get("sex") or "U", row.get("missing_id")
        )
        found[row["family_id"]].append(person)
    return {family: tuple(members) for family, members in found.items()}


def _bones(viewer: Viewer, specimens: Collection[str]) -> dict[str, Bone]:
    if not viewer.may("see", "specimens") or not specimens:
        return {}
    samples = _samples(viewer, "specimen", specimens)
    return {
        row["specimen_id"]: Bone(
            row["specimen_id"],
            row["element"] or "unknown",
            row["side"] or "U",
            bone_words(row["element"] or "unknown", row["side"]),
            row["container_id"] or "",
            float(row["completeness"]) if row.get("completeness") else None,
            samples.get(row["specimen_id"], ()),
        )
        for row in rows(viewer, "specimens", where={"specimen_id__in": list(specimens)})
    }


def _samples(viewer: Viewer, origin: str, owners: Collection[str]) -> dict[str, tuple[Sample, ...]]:
    """Samples by whom they were taken from, with the systems typed as far as the viewer may see them."""
    if not viewer.may("see", "samples") or not owners:
        return {}
    where = {"origin": origin, "origin_id__in": list(owners)}
    taken = rows(viewer, "samples", where=where, fields=["sample_id", "origin_id"])
    ids = [row["sample_id"] for row in taken]
    typed: dict[str, set[str]] = {}
    for system, table in SYSTEMS.items():
        if viewer.may("see", table, "sample_id"):
            typed[system] = set(query(viewer, table).filter(sample_id__in=ids).values_list("sample_id", flat=True))
    if viewer.may("see", SYSTEMS["str"], "sample_id"):
        typed["snp"] = samples_with_snps(ids)
    found: dict[str, list[Sample]] = defaultdict(list)
    for row in taken:
        systems = tuple(s for s in (*SYSTEMS, "snp") if row["sample_id"] in typed.get(s, ()))
        found[row["origin_id"]].append(Sample(row["sample_id"], systems))
    return {owner: tuple(some) for owner, some in found.items()}
