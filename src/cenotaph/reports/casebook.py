"""People, bones and families of a dossier, looked up by id, as a report names them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cenotaph.dossier.vcf import vcf_samples
from cenotaph.reports.drawings.pedigree import FamilyDrawing
from cenotaph.reports.words import bone

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier
    from cenotaph.genetics.pedigree import Pedigree
    from cenotaph.odontology.chart import Chart
    from cenotaph.odontology.comparison import Comparison

SYSTEM_SHORT = {"str": "STR", "mtdna": "mtDNA", "ystr": "Y-STR", "snp": "SNP"}
PROFILES = {"str": "str_profiles", "mtdna": "mtdna_profiles", "ystr": "ystr_profiles"}
SEX_CODES = {"M": 1, "F": 2}


@dataclass(frozen=True, slots=True)
class Person:
    """A missing person as the record states him.

    Args:
        missing_id: identifier.
        name: given names and family name, or the identifier where neither is recorded.
        surname: for labels.
        sex: M, F or U.
        facts: what else is recorded, in words.
        incident: name of the loss incident.
    """

    missing_id: str
    name: str
    surname: str
    sex: str
    facts: tuple[str, ...] = ()
    incident: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample and the systems typed on it, keys of `SYSTEM_SHORT`."""

    sample_id: str
    systems: tuple[str, ...]

    @property
    def words(self) -> str:
        """The systems, short enough for a table."""
        return ", ".join(SYSTEM_SHORT[s] for s in self.systems) or "nothing typed"


@dataclass(frozen=True, slots=True)
class Bone:
    """A specimen as inventoried, with its samples."""

    specimen_id: str
    element: str
    side: str
    name: str
    container_id: str
    completeness: float | None
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Relative:
    """A member of a family as recorded."""

    person_id: str
    father_id: str | None
    mother_id: str | None
    sex: str
    missing_id: str | None


@dataclass(frozen=True, slots=True)
class Donor:
    """Somebody who gave a sample, and what he or she is to the missing man."""

    label: str
    relationship: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class FamilyView:
    """A family about whose missing members a section asks."""

    family_id: str
    drawing: FamilyDrawing
    asked: tuple[Person, ...]
    donors: tuple[Donor, ...]


@dataclass(frozen=True, slots=True)
class Casebook:
    """A dossier looked up by id.

    Args:
        title: of the dossier.
        description: of the dossier, where it has one.
        is_synthetic: whether the dossier says of itself that nobody in it exists.
        people: missing_id → person.
        bones: specimen_id → bone, in the order of the inventory.
        containers: container_id → what it is said to be.
        family_of: missing_id → family_id.
        families: family_id → its members.
        donor_samples: person_id → samples.
        own_samples: missing_id → samples of the missing person.
        charts_ante: missing_id → dental chart in his file.
        charts_post: specimen_id → dental chart of it.
    """

    title: str
    description: str | None
    is_synthetic: bool
    people: Mapping[str, Person]
    bones: Mapping[str, Bone]
    containers: Mapping[str, str]
    family_of: Mapping[str, str]
    families: Mapping[str, tuple[Relative, ...]]
    donor_samples: Mapping[str, tuple[Sample, ...]]
    own_samples: Mapping[str, tuple[Sample, ...]]
    charts_ante: Mapping[str, Chart]
    charts_post: Mapping[str, Chart]

    @classmethod
    def of(cls, dossier: Dossier) -> Casebook:
        """Index a dossier that has passed its check."""
        samples = _samples(dossier)
        members: dict[str, list[Relative]] = defaultdict(list)
        family_of: dict[str, str] = {}
        columns = ("family_id", "person_id", "father_id", "mother_id", "sex", "missing_id")
        for family_id, *row in dossier.table("relatives").select(columns).iter_rows():
            members[family_id].append(Relative(row[0], row[1], row[2], row[3] or "U", row[4]))
            if row[4]:
                family_of[row[4]] = family_id
        return cls(
            _title(dossier),
            _said(dossier, "description"),
            is_synthetic(dossier.descriptor),
            _people(dossier),
            _bones(dossier, samples["specimen"]),
            _containers(dossier),
            family_of,
            {f: tuple(rows) for f, rows in members.items()},
            samples["relative"],
            samples["missing"],
            _charts(dossier, "missing"),
            _charts(dossier, "specimen"),
        )

    def person(self, missing_id: str) -> Person:
        """The missing person, also where the roster does not have him."""
        return self.people.get(missing_id) or Person(missing_id, missing_id, missing_id, "U")

    def bone(self, specimen_id: str) -> Bone:
        """The specimen, also where the inventory does not have it."""
        return self.bones.get(specimen_id) or Bone(specimen_id, "unknown", "U", "not in the inventory", "", None, ())

    def mouths(self, individual_id: str, specimen_ids: Iterable[str], missing_id: str) -> Comparison | None:
        """The teeth of an individual against a man's chart; None where either is lacking or no tooth is in both."""
        from cenotaph.odontology.chart import combine
        from cenotaph.odontology.comparison import compare

        ante = self.charts_ante.get(missing_id)
        found = [self.charts_post[s] for s in specimen_ids if s in self.charts_post]
        if ante is None or not found:
            return None
        compared = compare(ante, combine(individual_id, found).chart)
        return compared if compared.compared else None

    def family(self, missing_ids: Iterable[str]) -> FamilyView | None:
        """The family of the first of these, with all of these who are of it asked about; None without a pedigree."""
        from cenotaph.genetics.pedigree import Pedigree

        asked = list(missing_ids)
        family_id = self.family_of.get(asked[0]) if asked else None
        if family_id is None:
            return None
        rows = self.families[family_id]
        pedigree = Pedigree.from_rows((r.person_id, r.father_id, r.mother_id, SEX_CODES.get(r.sex, 0)) for r in rows)
        given = {r.person_id: self._samples_of(r) for r in rows if self._samples_of(r)}
        nodes = {r.missing_id: r.person_id for r in rows if r.missing_id}
        labels = {r.person_id: self._label(r, family_id) for r in rows if r.missing_id or r.person_id in given}
        drawing = FamilyDrawing(
            pedigree,
            labels,
            frozenset(nodes.values()),
            frozenset(nodes[m] for m in asked if m in nodes),
            {person: tuple(dict.fromkeys(s for one in some for s in one.systems)) for person, some in given.items()},
            {r.person_id: self._note(r, given.get(r.person_id, ())) for r in rows},
        )
        donors = tuple(
            Donor(labels[person], _relation(pedigree, person, nodes[asked[0]]), some) for person, some in given.items()
        )
        people = tuple(self.person(m) for m in asked if self.family_of.get(m) == family_id)
        return FamilyView(family_id, drawing, people, donors)

    def _samples_of(self, relative: Relative) -> tuple[Sample, ...]:
        own = self.own_samples.get(relative.missing_id or "", ())
        return (*self.donor_samples.get(relative.person_id, ()), *own)

    def _label(self, relative: Relative, family_id: str) -> str:
        if relative.missing_id:
            return self.person(relative.missing_id).surname
        return relative.person_id.removeprefix(family_id).lstrip(".-_:/") or relative.person_id

    def _note(self, relative: Relative, samples: tuple[Sample, ...]) -> str:
        name = f"{self.person(relative.missing_id).name}, missing" if relative.missing_id else relative.person_id
        return "; ".join([name, *(f"sample {s.sample_id}: {s.words}" for s in samples)])


def _relation(pedigree: Pedigree, person: str, missing: str) -> str:
    from cenotaph.genetics.relationship import relationship

    return "himself" if person == missing else relationship(pedigree, person, missing)


def is_synthetic(descriptor: Mapping[str, object]) -> bool:
    """Whether a dossier's descriptor says that its people are made up.

    >>> is_synthetic({"synthetic": True}), is_synthetic({"title": "Synthetic handover"}), is_synthetic({})
    (True, True, False)
    """
    keywords = descriptor.get("keywords")
    words = [descriptor.get("title"), descriptor.get("description"), descriptor.get("name")]
    words += list(keywords) if isinstance(keywords, list) else []
    return descriptor.get("synthetic") is True or any("synthetic" in str(word).lower() for word in words if word)


def _charts(dossier: Dossier, subject_type: Literal["missing", "specimen"]) -> dict[str, Chart]:
    from cenotaph.dossier.dental_tables import dental_charts

    return {chart.subject_id: chart for chart in dental_charts(dossier, subject_type).charts}


def _said(dossier: Dossier, key: str) -> str | None:
    value = dossier.descriptor.get(key)
    return value if isinstance(value, str) and value else None


def _title(dossier: Dossier) -> str:
    folders = [Path(path).parent.name for path in dossier.paths.values()]
    return _said(dossier, "title") or _said(dossier, "name") or next(iter(folders), None) or "Dossier"


def _people(dossier: Dossier) -> dict[str, Person]:
    incidents = dict(dossier.table("incidents").select("incident_id", "name").iter_rows())
    people = {}
    for row in dossier.table("missing").iter_rows(named=True):
        missing_id = row["missing_id"]
        name = " ".join(part for part in (row["given_names"], row["family_name"]) if part)
        incident = incidents.get(row["incident_id"] or "") or row["incident_id"]
        people[missing_id] = Person(
            missing_id, name or missing_id, row["family_name"] or missing_id, row["sex"] or "U", _facts(row), incident
        )
    return people


def _facts(row: Mapping[str, object]) -> tuple[str, ...]:
    """What a roster says of a man, a phrase each."""
    served = ", ".join(str(row[key]) for key in ("grade", "service", "unit") if row[key])
    lost = " ".join(str(part) for part in ("lost", row["loss_date"]) if part) if row["loss_date"] else ""
    stature = row["stature_cm"]
    phrases = [
        served,
        f"born {row['birth_date']}" if row["birth_date"] else "",
        lost,
        f"{stature:g} cm" if isinstance(stature, float) else "",
        f"population {row['population']}" if row["population"] else "",
        "accounted for" if row["status"] == "accounted" else "",
    ]
    return tuple(phrase for phrase in phrases if phrase)


def _samples(dossier: Dossier) -> dict[str, dict[str, tuple[Sample, ...]]]:
    """Kind of origin → its id → samples."""
    typed = {system: set(dossier.table(table).get_column("sample_id")) for system, table in PROFILES.items()}
    typed["snp"] = set(vcf_samples(dossier.snp_path)) if dossier.snp_path is not None else set()
    found: dict[str, dict[str, list[Sample]]] = {
        kind: defaultdict(list) for kind in ("specimen", "relative", "missing")
    }
    for sample_id, origin, owner in dossier.table("samples").select("sample_id", "origin", "origin_id").iter_rows():
        if origin in found:
            systems = tuple(system for system, ids in typed.items() if sample_id in ids)
            found[origin][owner].append(Sample(sample_id, systems))
    return {kind: {owner: tuple(rows) for owner, rows in by.items()} for kind, by in found.items()}


def _bones(dossier: Dossier, samples: Mapping[str, tuple[Sample, ...]]) -> dict[str, Bone]:
    columns = ("specimen_id", "container_id", "element", "side", "completeness")
    return {
        specimen: Bone(
            specimen,
            element or "unknown",
            side or "U",
            bone(element, side),
            container or "",
            complete,
            samples.get(specimen, ()),
        )
        for specimen, container, element, side, complete in dossier.table("specimens").select(columns).iter_rows()
    }


def _containers(dossier: Dossier) -> dict[str, str]:
    columns = ("container_id", "claimed_place", "claimed_incident_id")
    rows = dossier.table("containers").select(columns).iter_rows()
    return {container: place or incident or "" for container, place, incident in rows}
