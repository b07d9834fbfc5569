"""PLINK ``.ped`` files: family, person, father, mother, sex, phenotype, two alleles for each marker of ``.map``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cenotaph.dossier.files import read_foreign_text
from cenotaph.dossier.read import Dossier
from cenotaph.dossier.vocabulary import canonical_marker, markers
from cenotaph.errors import FormatError
from cenotaph.formats.profiles import Exported, Imported, Profile, Row, dossier_of, profile_rows, profiles_of

_SEX = {"1": "M", "2": "F", "m": "M", "f": "F"}


@dataclass(frozen=True, slots=True)
class PedPerson:
    """One line of a ``.ped`` file; ``genotypes`` in the order of the markers, None where not called."""

    family: str
    person: str
    father: str | None
    mother: str | None
    sex: str
    genotypes: tuple[tuple[str, str] | None, ...]


def looks_like(text: str) -> bool:
    """Whether the first line has six columns or more, an even number, and a sex in the fifth.

    >>> looks_like("F1 P1 0 0 1 -9 6 9.3"), looks_like("sample,marker")
    (True, False)
    """
    line = next((x for x in text.split("\n") if x.strip() and not x.startswith("#")), "")
    cells = line.split()
    return len(cells) >= 6 and len(cells) % 2 == 0 and cells[4].lower() in {*_SEX, "0", "3", "unknown"}


def parse_ped(text: str, name: str = "family.ped") -> list[PedPerson]:
    """Persons of a ``.ped`` file.

    Raises:
        FormatError: a line of the wrong length; half a genotype that is called.

    >>> parse_ped("F1 C A B 2 -9 6 9.3 0 0")[0].genotypes
    (('6', '9.3'), None)
    """
    persons = []
    width = 0
    for number, line in enumerate(text.split("\n"), 1):
        cells = line.split()
        if not cells or cells[0].startswith("#"):
            continue
        where = f"{name}:{number}"
        width = width or len(cells)
        if len(cells) != width or width < 6 or width % 2:
            valid = (
                f"{width}, as in the first line" if width >= 6 and width % 2 == 0 else "six, and two for each marker"
            )
            raise FormatError("wrong number of cells", found=len(cells), valid=valid, where=where)
        pairs: list[tuple[str, str] | None] = []
        for first, second in zip(cells[6::2], cells[7::2], strict=True):
            if (first == "0") != (second == "0"):
                raise FormatError(
                    "half a genotype", found=f"{first} {second}", valid="two alleles, or 0 0", where=where
                )
            pairs.append(None if first == "0" else (first, second))
        father, mother = (None if parent == "0" else parent for parent in cells[2:4])
        sex = _SEX.get(cells[4].lower(), "U")
        persons.append(PedPerson(cells[0], cells[1], father, mother, sex, tuple(pairs)))
    return persons


def parse_map(text: str) -> list[str]:
    """Marker names of a ``.map`` file, in order."""
    return [cells[1] for line in text.split("\n") if len(cells := line.split()) >= 2 and not line.startswith("#")]


def read_ped(path: Path) -> Imported:
    """A ``.ped`` file, with the ``.map`` beside it, as a dossier of relatives and their profiles.

    A person's name that occurs in several families is given its family's name in front. Parents without a line of
    their own, and the missing one of two parents, get one.

    Raises:
        FormatError: the files do not fit each other or cannot be read.
    """
    persons = parse_ped(read_foreign_text(path), path.name)
    count = len(persons[0].genotypes) if persons else 0
    map_path = path.with_suffix(".map")
    messages = ["the format does not say who is missing: fill missing_id in relatives.csv"]
    if map_path.exists():
        names = parse_map(read_foreign_text(map_path))
    else:
        names = [f"marker_{i}" for i in range(1, count + 1)]
        messages.append(f"there is no {map_path.name}: markers are numbered")
    if len(names) != count:
        raise FormatError(
            "the files do not fit",
            found=f"{len(names)} markers",
            valid=f"{count}, as in {path.name}",
            where=map_path.name,
        )
    families: dict[str, set[str]] = {}
    for p in persons:
        for member in (p.person, p.father, p.mother):
            if member is not None:
                families.setdefault(member, set()).add(p.family)
    shared = {member for member, found in families.items() if len(found) > 1}

    def identifier(family: str, member: str) -> str:
        return f"{family}.{member}" if member in shared else member

    profiles = [
        Profile(
            identifier(p.family, p.person),
            {n: g for n, g in zip(names, p.genotypes, strict=True) if g is not None},
            "relative",
            identifier(p.family, p.person),
        )
        for p in persons
        if any(g is not None for g in p.genotypes)
    ]
    rows = profile_rows(profiles)
    rows["relatives"] = _relatives(persons, identifier)
    return Imported(dossier_of(rows), tuple(messages))


def _relatives(persons: list[PedPerson], identifier: Callable[[str, str], str]) -> list[Row]:
    present = {(p.family, p.person) for p in persons}
    rows: list[Row] = []
    for p in persons:
        father = identifier(p.family, p.father) if p.father else None
        mother = identifier(p.family, p.mother) if p.mother else None
        own = identifier(p.family, p.person)
        if father and not mother:
            mother = f"{own}.mother"
            rows.append({"family_id": p.family, "person_id": mother, "sex": "F"})
        if mother and not father:
            father = f"{own}.father"
            rows.append({"family_id": p.family, "person_id": father, "sex": "M"})
        for parent, sex in ((p.father, "M"), (p.mother, "F")):
            if parent and (p.family, parent) not in present:
                present.add((p.family, parent))
                rows.append({"family_id": p.family, "person_id": identifier(p.family, parent), "sex": sex})
        rows.append({"family_id": p.family, "person_id": own, "father_id": father, "mother_id": mother, "sex": p.sex})
    return rows


def format_ped(dossier: Dossier) -> Exported:
    """The pedigrees of a dossier and the autosomal profiles of its relatives as ``.ped`` and ``.map``.

    Genotypes with one allele, or with more than two, cannot be said and are left out; so are the bones.
    """
    typed: dict[str, dict[str, tuple[str, ...]]] = {}
    messages: list[str] = []
    bones = left_out = 0
    for profile in profiles_of(dossier):
        if profile.origin != "relative":
            bones += 1
        elif profile.origin_id not in typed:
            typed[profile.origin_id] = dict(profile.genotypes)
    names: dict[str, None] = {}
    for genotypes in typed.values():
        for marker, alleles in genotypes.items():
            known = markers().get(canonical_marker(marker) or marker)
            if len(alleles) == 2 and (known is None or known.kind != "Y"):
                names[marker] = None
            else:
                left_out += 1
    sexes = {"M": "1", "F": "2"}
    lines = []
    columns = ("family_id", "person_id", "father_id", "mother_id", "sex")
    for family, person, father, mother, sex in dossier.table("relatives").select(columns).iter_rows():
        cells = [family, person, father or "0", mother or "0", sexes.get(sex, "0"), "-9"]
        for marker in names:
            alleles = typed.get(person, {}).get(marker, ())
            cells += alleles if len(alleles) == 2 else ("0", "0")
        if any(re.search(r"\s", cell) for cell in cells):
            raise FormatError("PLINK identifiers cannot hold blanks", found=person, valid="identifiers without blanks")
        lines.append(" ".join(cells))
    if bones:
        messages.append(f"{bones} profiles that are not of relatives were left out")
    if left_out:
        messages.append(f"{left_out} calls that are not two alleles of an autosome or X were left out")
    map_lines = [f"{_chromosome(marker)} {marker} 0 0" for marker in names]
    return Exported("\n".join(lines) + "\n", tuple(messages), {".map": "\n".join(map_lines) + "\n"})


def _chromosome(marker: str) -> str:
    known = markers().get(marker)
    return known.chromosome.partition("/")[0] if known else "0"
