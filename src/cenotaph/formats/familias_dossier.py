"""Familias projects as dossiers, and dossiers as Familias projects with a DVI section."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from cenotaph.dossier.read import Dossier
from cenotaph.dossier.shipped import load_frequency_tables, tables_from_rows
from cenotaph.formats.familias import (
    REFERENCE_PEDIGREE,
    AlleleSystem,
    FamiliasPedigree,
    FamiliasProject,
    Node,
    Person,
    ReferenceFamily,
    format_familias,
    pedigree_nodes,
    read_familias,
)
from cenotaph.formats.profiles import Exported, Imported, Profile, Row, dossier_of, profile_rows, profiles_of
from cenotaph.genetics.frequencies import FrequencyTable

DEFAULT_TABLE = "nist1036:Caucasian"


def read_familias_dossier(path: Path) -> Imported:
    """A ``.fam`` file as a dossier.

    Victims of the DVI section become specimens; persons of a reference family whose names begin with *Missing*
    become missing persons; frequencies become ``frequencies.csv``. Of several pedigrees the one that places the
    missing is taken. Mutation models have no place in a dossier.
    """
    project = read_familias(path)
    messages = [*project.messages, "mutation models and theta are not kept: a dossier does not hold them"]
    population = project.database or "familias"
    profiles = [Profile(v.name, v.genotypes, "specimen", v.name) for v in project.unidentified if v.genotypes]
    relatives: list[Row] = []
    missing: list[Row] = []
    for family in _families(project, messages):
        template = family.template
        nodes = pedigree_nodes(template, family.persons) if template else _unrelated(family.persons)
        label = family.name.replace(" ", "_")
        prefix = f"{label}." if len(project.families) > 1 else ""
        name_of = {n.name: prefix + re.sub(r"\s+", "_", n.name.strip()) for n in nodes}
        for node in nodes:
            identifier = name_of[node.name] if node.name.lower().startswith("missing") else None
            if identifier:
                missing.append({"missing_id": identifier, "sex": node.sex, "population": population})
            relatives.append(
                {
                    "family_id": label,
                    "person_id": name_of[node.name],
                    "father_id": name_of[node.father] if node.father else None,
                    "mother_id": name_of[node.mother] if node.mother else None,
                    "sex": node.sex,
                    "missing_id": identifier,
                }
            )
        for person in family.persons:
            if person.genotypes:
                profiles.append(Profile(name_of[person.name], person.genotypes, "relative", name_of[person.name]))
    rows = profile_rows(profiles)
    rows["relatives"], rows["missing"] = relatives, missing
    rows["frequencies"] = [row for system in project.systems for row in _frequency_rows(system, population)]
    sexes = {v.name: v.sex for v in project.unidentified if v.sex != "U"}
    rows["specimens"] = [{**r, "sex": sexes.get(str(r["specimen_id"]))} for r in rows["specimens"]]
    return Imported(dossier_of(rows), tuple(messages))


def _families(project: FamiliasProject, messages: list[str]) -> Iterable[ReferenceFamily]:
    if project.families or not project.persons:
        return project.families
    if len(project.pedigrees) > 1:
        messages.append(f"of {len(project.pedigrees)} pedigrees the first, {project.pedigrees[0].name}, was taken")
    return [ReferenceFamily("family", project.persons, project.pedigrees[:1])]


def _unrelated(persons: Iterable[Person]) -> tuple[Node, ...]:
    return tuple(Node(p.name, None, None, p.sex) for p in persons)


def _frequency_rows(system: AlleleSystem, population: str) -> Iterable[Row]:
    chromosomes = str(round(system.database_size)) if system.database_size >= 1 else None
    for allele, frequency in zip(system.alleles, system.frequencies, strict=True):
        yield {
            "marker": system.name,
            "allele": allele,
            "population": population,
            "frequency": repr(frequency),
            "chromosomes": chromosomes,
        }


def format_familias_dossier(dossier: Dossier) -> Exported:
    """The bones, families and frequencies of a dossier as a ``.fam`` file with a DVI section.

    A missing person is called *Missing* and the identifier. Calls with one allele are left out, because Familias
    would take them for homozygotes; so are calls with three, and replicates after the first.
    """
    messages: list[str] = []
    left_out = 0
    typed: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
    samples: list[tuple[str, dict[str, tuple[str, ...]]]] = []
    for profile in profiles_of(dossier):
        genotypes: dict[str, tuple[str, ...]] = {
            m: a for m, a in profile.genotypes.items() if len(a) == 2 and not m.startswith("DY")
        }
        left_out += len(profile.genotypes) - len(genotypes)
        if profile.replicate > 1:
            left_out += len(genotypes)
        elif profile.origin == "specimen":
            samples.append((profile.sample, genotypes))
        else:
            typed.setdefault((profile.origin, profile.origin_id), genotypes)
    table = _table(dossier, messages)
    used = sorted({m for _, g in samples for m in g} | {m for g in typed.values() for m in g})
    systems = tuple(_system(m, table, _seen(m, samples, typed)) for m in used if m in table.markers)
    names = {s.name for s in systems}
    messages += [f"{m} has no frequencies and was left out" for m in used if m not in names]
    if left_out:
        messages.append(f"{left_out} calls that are not two alleles, or are of replicates, were left out")

    def kept(genotypes: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {m: a for m, a in genotypes.items() if m in names}

    project = FamiliasProject(
        version="3.3.1",
        persons=(),
        pedigrees=(),
        systems=systems,
        database=table.population,
        unidentified=tuple(Person(sample, "U", kept(g)) for sample, g in samples),
        families=tuple(_reference_families(dossier, {k: kept(g) for k, g in typed.items()})),
    )
    return Exported(format_familias(project), tuple(messages))


def _table(dossier: Dossier, messages: list[str]) -> FrequencyTable:
    text = dossier.texts.get("frequencies")
    if text is None:
        messages.append(f"the dossier has no frequencies: {DEFAULT_TABLE} was taken")
        return load_frequency_tables()[DEFAULT_TABLE]
    rows = dossier.table("frequencies").select("marker", "allele", "population", "frequency", "chromosomes")
    tables = tables_from_rows(
        ({k: str(v) for k, v in row.items()} for row in rows.iter_rows(named=True)), prefix="", source="frequencies.csv"
    )
    first = next(iter(tables.values()))
    if len(tables) > 1:
        messages.append(f"of {len(tables)} populations the first, {first.population}, was taken")
    return first


def _seen(
    marker: str,
    samples: list[tuple[str, dict[str, tuple[str, ...]]]],
    typed: dict[tuple[str, str], dict[str, tuple[str, ...]]],
) -> tuple[str, ...]:
    everyone = [g for _, g in samples] + list(typed.values())
    return tuple(sorted({a for g in everyone for a in g.get(marker, ())}))


def _system(marker: str, table: FrequencyTable, seen: tuple[str, ...]) -> AlleleSystem:
    frequencies = table.markers[marker]
    if set(seen) - set(frequencies.alleles):
        frequencies = frequencies.with_alleles(seen)
    return AlleleSystem(
        marker,
        frequencies.alleles,
        tuple(float(f) for f in frequencies.frequencies),
        database_size=float(frequencies.chromosomes),
    )


def _reference_families(
    dossier: Dossier, typed: dict[tuple[str, str], dict[str, tuple[str, ...]]]
) -> Iterable[ReferenceFamily]:
    columns = ("family_id", "person_id", "father_id", "mother_id", "sex", "missing_id")
    rows = list(dossier.table("relatives").select(columns).iter_rows())
    name_of = {person: f"Missing {person}" if missing_id else person for _, person, _, _, _, missing_id in rows}
    by_family: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        by_family.setdefault(row[0], []).append(row)
    for family, members in by_family.items():
        persons = []
        relations: list[tuple[str, str]] = []
        for _, person, father, mother, sex, missing_id in members:
            genotypes = typed.get(("relative", person)) or typed.get(("missing", missing_id or ""), {})
            persons.append(Person(name_of[person], sex, genotypes))
            relations += [(name_of[parent], name_of[person]) for parent in (father, mother) if parent in name_of]
        yield ReferenceFamily(
            family,
            tuple(persons),
            (FamiliasPedigree(REFERENCE_PEDIGREE, ()), FamiliasPedigree("pedigree", tuple(relations))),
        )
