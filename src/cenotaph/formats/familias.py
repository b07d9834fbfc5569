"""Familias ``.fam`` projects: persons, pedigrees, allele systems with mutation, and the DVI section.

A ``.fam`` file has three parts. The first is positional, one value a line: persons with their genotypes
(indices into allele lists), the relations of each pedigree, and the allele systems. The second, ``[DVI]``,
and the third, ``[Advanced]``, are sections of ``Key= value``. Files of only a database are read as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cenotaph.dossier.files import read_foreign_text
from cenotaph.errors import FormatError

MUTATION_MODELS = ("equal", "proportional", "stepwise", "stepwise_stationary", "stepwise_extended")
"""Names of the integer codes 0 to 4 of a system's mutation model."""

MISSING_PERSON = "Missing person"
"""Name that relations of the DVI section give to the person looked for; it has no entry among the persons."""

REFERENCE_PEDIGREE = "Reference pedigree"


@dataclass(frozen=True, slots=True)
class Mutation:
    """One sex's mutation model (of `MUTATION_MODELS`), its rate, step range and microvariant rate."""

    model: str = "equal"
    rate: float = 0.0
    range: float = 0.1
    rate2: float = 0.0


@dataclass(frozen=True, slots=True)
class AlleleSystem:
    """One marker with its frequencies. ``alleles`` leaves out the silent allele."""

    name: str
    alleles: tuple[str, ...]
    frequencies: tuple[float, ...]
    database_size: float = 0.0
    silent_frequency: float | None = None
    minor_allele_frequency: float = 0.0
    dropout: float = 0.0
    female_mutation: Mutation = Mutation()
    male_mutation: Mutation = Mutation()


@dataclass(frozen=True, slots=True)
class Person:
    """A person. ``genotypes`` maps a system to its alleles; ``sex`` is M, F or U."""

    name: str
    sex: str
    genotypes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    year_of_birth: int | None = None
    is_child: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """One member of a pedigree; both parents are named, or neither."""

    name: str
    father: str | None
    mother: str | None
    sex: str


@dataclass(frozen=True, slots=True)
class FamiliasPedigree:
    """A named set of ``(parent, child)`` relations, with the extra persons that only this pedigree has."""

    name: str
    relations: tuple[tuple[str, str], ...]
    extra_persons: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferenceFamily:
    """A family of the DVI section: its persons (missing ones included) and its alternative pedigrees."""

    name: str
    persons: tuple[Person, ...]
    pedigrees: tuple[FamiliasPedigree, ...]

    @property
    def template(self) -> FamiliasPedigree | None:
        """The pedigree that places the missing: the last that is not called 'Reference pedigree'."""
        drawn = [p for p in self.pedigrees if p.name != REFERENCE_PEDIGREE]
        return drawn[-1] if drawn else (self.pedigrees[-1] if self.pedigrees else None)


@dataclass(frozen=True, slots=True)
class FamiliasProject:
    """Everything that a ``.fam`` file says.

    Args:
        version: version of the program that wrote it, as stated.
        persons: persons of the ordinary part, in file order.
        pedigrees: pedigrees of the ordinary part, the known relations included in each.
        systems: allele systems in file order.
        theta: coancestry coefficient (Fst).
        database: name of the frequency database.
        unidentified: victims of the DVI section.
        families: reference families of the DVI section.
        messages: what was tolerated while reading, each ``file:line: what``.
    """

    version: str
    persons: tuple[Person, ...]
    pedigrees: tuple[FamiliasPedigree, ...]
    systems: tuple[AlleleSystem, ...]
    theta: float = 0.0
    database: str = ""
    unidentified: tuple[Person, ...] = ()
    families: tuple[ReferenceFamily, ...] = ()
    messages: tuple[str, ...] = ()


class _Lines:
    """A cursor over the lines of a file that names file and line in every error."""

    def __init__(self, text: str, name: str) -> None:
        self.lines = text.split("\n")
        self.name = name
        self.position = 0
        self.messages: list[str] = []

    @property
    def where(self) -> str:
        """File and number of the line read last."""
        return f"{self.name}:{max(self.position, 1)}"

    def peek(self) -> str | None:
        """The next line that is not empty, without taking it; empty lines before it are passed."""
        while self.position < len(self.lines):
            if line := self.lines[self.position].strip():
                return line
            self.position += 1
        return None

    def take(self, what: str) -> str:
        """The next line, stripped."""
        if self.position >= len(self.lines):
            raise FormatError("the file ends early", valid=what, where=self.where)
        self.position += 1
        return self.lines[self.position - 1].strip()

    def text(self, what: str) -> str:
        """A quoted (or bare) word."""
        line = self.take(what)
        return line[1:-1] if len(line) >= 2 and line[0] == line[-1] == '"' else line

    def integer(self, what: str, *, least: int = 0) -> int:
        """A whole number, comments in brackets ignored."""
        line = self.take(what)
        head = re.split(r"[\s(]", line, maxsplit=1)[0]
        try:
            value = int(head)
        except ValueError:
            raise FormatError(
                f"not {what}", found=line[:60] or "an empty line", valid="a whole number", where=self.where
            ) from None
        if value < least:
            raise FormatError(f"not {what}", found=value, valid=f"at least {least}", where=self.where)
        return value

    def number(self, what: str, *, most: float = float("inf")) -> float:
        """A number of 0 or more; a decimal comma is tolerated."""
        line = self.take(what)
        try:
            value = float(line.split()[0].replace(",", ".")) if line else float("nan")
        except ValueError:
            value = float("nan")
        if not 0 <= value <= most:
            raise FormatError(f"not {what}", found=line[:60] or "an empty line", valid="a number", where=self.where)
        return value

    def flag(self, what: str) -> bool:
        """``#TRUE#`` or ``#FALSE#``."""
        line = self.take(what)
        match = re.match(r"#(TRUE|FALSE)#", line, re.IGNORECASE)
        if match is None:
            raise FormatError(
                f"not {what}", found=line[:60] or "an empty line", valid="#TRUE# or #FALSE#", where=self.where
            )
        return match[1].upper() == "TRUE"

    def note(self, message: str) -> None:
        """Records something tolerated at the current line."""
        self.messages.append(f"{self.where}: {message}")


@dataclass(frozen=True, slots=True)
class _RawPerson:
    """A person whose genotypes are still indices into allele lists that come later in the file."""

    person: Person
    calls: tuple[tuple[int, int, int, int], ...]


def parse_familias(text: str, name: str = "project.fam") -> FamiliasProject:
    """Reads the text of a ``.fam`` file.

    Args:
        text: the whole file.
        name: its name, for messages.

    Raises:
        FormatError: the text is not a Familias project, or breaks off; file and line are named.

    >>> parse_familias("hello")
    Traceback (most recent call last):
    cenotaph.errors.FormatError: project.fam:1: not a Familias file, found hello, valid: "Output from ..."
    """
    lines = _Lines(text.lstrip("\ufeff"), name)
    head = lines.take("the line that names the program")
    if "familias" not in head.lower():
        raise FormatError(
            "not a Familias file",
            found=head[:60] or "an empty line",
            valid='"Output from ..."',
            where=lines.where,
        )
    lines.take("the second line")
    version = lines.text("the version")
    _skip_information(lines)
    raw = [_parse_person(lines) for _ in range(lines.integer("the number of persons"))]
    names = [r.person.name for r in raw]
    pedigrees = _parse_pedigrees(lines, names)
    theta = _parse_theta(lines)
    systems, database = _parse_systems(lines)
    persons = tuple(_with_genotypes(r, systems, lines) for r in raw)
    unidentified, families = _parse_dvi(lines)
    return FamiliasProject(
        version=version,
        persons=persons,
        pedigrees=pedigrees,
        systems=systems,
        theta=theta,
        database=database,
        unidentified=unidentified,
        families=families,
        messages=tuple(lines.messages),
    )


def read_familias(path: Path) -> FamiliasProject:
    """Reads a ``.fam`` file; see `parse_familias`."""
    return parse_familias(read_foreign_text(path), path.name)


def _skip_information(lines: _Lines) -> None:
    """Passes the free text about the project: a quoted string that may span lines."""
    line = lines.take("the description of the project")
    while line.count('"') % 2:
        line += lines.take("the end of the description")


def _parse_person(lines: _Lines) -> _RawPerson:
    name = lines.text("the name of a person")
    is_child = lines.flag("whether the person is a child")
    born = lines.integer("a year of birth", least=-1)
    lines.flag("whether the person was identified")
    male = lines.flag("whether the person is male")
    calls = []
    for _ in range(lines.integer(f"the number of genotypes of {name}")):
        first = lines.integer("an allele's index")
        second = lines.integer("an allele's index")
        system = lines.integer("a system's index")
        calls.append((first, second, system, lines.position))
    year = born if born > 0 else None
    return _RawPerson(Person(name, "M" if male else "F", {}, year, is_child), tuple(calls))


def _parse_pedigrees(lines: _Lines, names: Sequence[str]) -> tuple[FamiliasPedigree, ...]:
    heading = lines.text('"Known relations"')
    if heading != "Known relations":
        raise FormatError(
            "persons do not end where stated",
            found=heading[:60],
            valid='"Known relations"',
            where=lines.where,
        )
    known = _parse_relations(lines, heading, names)
    pedigrees = []
    for _ in range(lines.integer("the number of pedigrees")):
        lines.integer("the index of a pedigree")
        title = lines.text("the name of a pedigree")
        pedigree = _parse_relations(lines, title, names)
        pedigrees.append(replace(pedigree, relations=known.relations + pedigree.relations))
    if not pedigrees and known.relations:
        pedigrees.append(known)
    return tuple(pedigrees)


def _parse_relations(lines: _Lines, title: str, names: Sequence[str]) -> FamiliasPedigree:
    females = lines.integer("the number of extra females")
    males = lines.integer("the number of extra males")
    extra = tuple(Person(f"extra_female_{i + 1}", "F") for i in range(females))
    extra += tuple(Person(f"extra_male_{i + 1}", "M") for i in range(males))
    everyone = [*names, *(p.name for p in extra)]
    relations = []
    for _ in range(lines.integer("the number of relations")):
        pair = []
        for role in ("parent", "child"):
            index = lines.integer(f"the index of a {role}")
            if index >= len(everyone):
                raise FormatError(
                    f"no such {role} in pedigree {title}",
                    found=index,
                    valid=f"0 to {len(everyone) - 1}",
                    where=lines.where,
                )
            pair.append(everyone[index])
        relations.append((pair[0], pair[1]))
    return FamiliasPedigree(title, tuple(relations), extra)


def _parse_theta(lines: _Lines) -> float:
    line = lines.take("the line about databases and theta")
    if not line.startswith("#"):
        raise FormatError(
            "pedigrees do not end where stated",
            found=line[:60],
            valid="#FALSE# (#Databases: 1 ...)",
            where=lines.where,
        )
    match = re.search(r"Fst:\s*([0-9.,eE+-]+)", line)
    return _decimal(match[1], "theta") if match else 0.0


def _parse_systems(lines: _Lines) -> tuple[tuple[AlleleSystem, ...], str]:
    count = lines.integer("the number of allele systems")
    lines.flag("whether the database has a name")
    database = lines.text("the name of the database")
    return tuple(_parse_system(lines) for _ in range(count)), database


def _parse_system(lines: _Lines) -> AlleleSystem:
    name = lines.text("the name of an allele system")
    rate_female, rate_male = (lines.number(f"a mutation rate of {name}", most=1) for _ in range(2))
    model_female, model_male = (_parse_model(lines, name) for _ in range(2))
    lines.integer(f"the number of alleles of {name}")
    range_female, range_male = (lines.number(f"a mutation range of {name}") for _ in range(2))
    rate2_female, rate2_male = (lines.number(f"a second mutation rate of {name}", most=1) for _ in range(2))
    silent = lines.flag(f"whether {name} has a silent allele")
    silent_frequency = lines.number(f"the frequency of the silent allele of {name}", most=1)
    at = lines.position
    count = lines.integer(f"the number of alleles of {name}")
    comment = lines.lines[at]
    alleles, frequencies = [], []
    for _ in range(count):
        alleles.append(lines.text(f"an allele of {name}"))
        frequencies.append(lines.number(f"a frequency at {name}", most=1))
    if len(set(alleles)) != len(alleles):
        twice = next(a for a in alleles if alleles.count(a) > 1)
        raise FormatError(
            f"an allele of {name} is listed twice", found=twice, valid="each allele once", where=lines.where
        )
    total = sum(frequencies) + (silent_frequency if silent else 0.0)
    if alleles and abs(total - 1) > 1e-3:
        lines.note(f"the frequencies of {name} sum to {total:.6g}")
    return AlleleSystem(
        name=name,
        alleles=tuple(alleles),
        frequencies=tuple(frequencies),
        database_size=_comment_number(comment, "DatabaseSize"),
        silent_frequency=silent_frequency if silent else None,
        minor_allele_frequency=_comment_number(comment, "Minor allele frequency"),
        dropout=_comment_number(comment, "Dropout probability"),
        female_mutation=Mutation(model_female, rate_female, range_female, rate2_female),
        male_mutation=Mutation(model_male, rate_male, range_male, rate2_male),
    )


def _parse_model(lines: _Lines, system: str) -> str:
    code = lines.integer(f"the mutation model of {system}")
    if code >= len(MUTATION_MODELS):
        raise FormatError(f"no such mutation model at {system}", found=code, valid="0 to 4", where=lines.where)
    return MUTATION_MODELS[code]


def _comment_number(comment: str, key: str) -> float:
    match = re.search(re.escape(key) + r"\s*=\s*([0-9.,]+(?:[eE][+-]?\d+)?)", comment)
    return _decimal(match[1].rstrip(","), key) if match else 0.0


def _decimal(text: str, what: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise FormatError(f"not a number at {what}", found=text[:60], valid="a number") from None


def _with_genotypes(raw: _RawPerson, systems: Sequence[AlleleSystem], lines: _Lines) -> Person:
    genotypes: dict[str, tuple[str, ...]] = {}
    for first, second, index, line in raw.calls:
        where = f"{lines.name}:{line}"
        if index >= len(systems):
            raise FormatError(
                f"no such allele system for {raw.person.name}",
                found=index,
                valid=f"0 to {len(systems) - 1}",
                where=where,
            )
        system = systems[index]
        for allele in (first, second):
            if allele >= len(system.alleles):
                raise FormatError(
                    f"no such allele of {system.name} for {raw.person.name}",
                    found=allele,
                    valid=f"0 to {len(system.alleles) - 1}",
                    where=where,
                )
        genotypes[system.name] = (system.alleles[first], system.alleles[second])
    return replace(raw.person, genotypes=genotypes)


def _parse_dvi(lines: _Lines) -> tuple[tuple[Person, ...], tuple[ReferenceFamily, ...]]:
    """Reads the ``[DVI]`` section, if any: section names carry the structure, unknown keys are noted."""
    while lines.peek() is not None:
        if lines.take("a section") == "[DVI]":
            return _parse_dvi_sections(lines)
    return (), ()


def _parse_dvi_sections(lines: _Lines) -> tuple[tuple[Person, ...], tuple[ReferenceFamily, ...]]:
    unidentified: list[Person] = []
    families: list[ReferenceFamily] = []
    while (line := lines.peek()) is not None and not re.match(r"\[[^\[]", line):
        title = _section(line)
        if title is None or title == "DVI":
            lines.take("a section")
        elif title.startswith("Unidentified"):
            lines.take(title)
            unidentified = _parse_dvi_persons(lines)
        elif title.startswith("Family"):
            lines.take(title)
            families.append(_parse_family(lines))
        else:
            lines.take(title)
    return tuple(unidentified), tuple(families)


def _section(line: str) -> str | None:
    match = re.fullmatch(r"\[+\s*(.*?)\s*\]+", line)
    return match[1] if match else None


def _pair(line: str) -> tuple[str, str]:
    key, _, value = line.partition("=")
    return key.strip(), value.strip()


def _parse_dvi_persons(lines: _Lines) -> list[Person]:
    persons: list[Person] = []
    system: str | None = None
    first: str | None = None
    while (line := lines.peek()) is not None:
        title = _section(line)
        if title is not None and not re.match(r"Person\s*\d|DNA data", title):
            break
        lines.take("a person")
        if title is not None:
            if title.startswith("Person"):
                persons.append(Person("", "U"))
            continue
        key, value = _pair(line)
        if key in {"nPersons", "nSystems"} or not persons:
            continue
        person = persons[-1]
        if key == "Name":
            persons[-1] = replace(person, name=value)
        elif key == "Gender":
            persons[-1] = replace(person, sex={"male": "M", "female": "F"}.get(value.lower(), "U"))
            if persons[-1].sex == "U":
                lines.note(f"the sex of {person.name} is not stated")
        elif key == "SystemName":
            system, first = value, None
        elif key == "Allele1":
            first = value
        elif key == "Allele2" and system is not None:
            alleles = tuple(a for a in (first, value) if a)
            persons[-1] = replace(person, genotypes={**person.genotypes, system: alleles})
        else:
            lines.note(f"not understood and left out: {line[:60]}")
    for person in persons:
        if not person.name:
            raise FormatError("a person without a name in the DVI section", valid="Name= ...", where=lines.where)
    return persons


def _parse_family(lines: _Lines) -> ReferenceFamily:
    name = ""
    persons: list[Person] = []
    pedigrees: list[FamiliasPedigree] = []
    while (line := lines.peek()) is not None:
        title = _section(line)
        if title is not None and not re.match(r"Persons|Pedigrees|Pedigree\s*\d", title):
            break
        lines.take("a family")
        if title == "Persons":
            persons = _parse_dvi_persons(lines)
        elif title is not None:
            if title != "Pedigrees":
                pedigrees.append(FamiliasPedigree("", ()))
        else:
            key, value = _pair(line)
            if key == "Name" and not pedigrees:
                name = value
            elif key == "Name":
                pedigrees[-1] = replace(pedigrees[-1], name=value)
            elif key == "Parent" and pedigrees:
                child_line = lines.take("Child= ...")
                child_key, child = _pair(child_line)
                if child_key != "Child":
                    raise FormatError(
                        "a parent without a child",
                        found=child_line[:60],
                        valid="Child= ...",
                        where=lines.where,
                    )
                pedigrees[-1] = replace(pedigrees[-1], relations=(*pedigrees[-1].relations, (value, child)))
            elif key not in {"nPedigrees", "nRelations"}:
                lines.note(f"not understood and left out: {line[:60]}")
    return ReferenceFamily(name, tuple(persons), tuple(pedigrees))


def pedigree_nodes(pedigree: FamiliasPedigree, persons: Iterable[Person]) -> tuple[Node, ...]:
    """The members of *pedigree* with both parents or neither.

    A parent of unknown sex gets the sex that the other parent leaves, or M where nothing tells. Where one
    parent is named, the other is added as an unknown person of their own, ``added_1``, ``added_2``, ...;
    Familias means an unrelated person by a parent it does not name.

    Args:
        pedigree: relations.
        persons: those of the project or family; they, the extra persons of the pedigree and whoever a
            relation names (`MISSING_PERSON`) are its members.

    Raises:
        FormatError: a child has more than two parents, or two of one sex.

    >>> trio = FamiliasPedigree("H1", (("MO", "CH"),))
    >>> for node in pedigree_nodes(trio, [Person("MO", "F"), Person("CH", "M")]):
    ...     print(node.name, node.father, node.mother, node.sex)
    MO None None F
    CH added_1 MO M
    added_1 None None M
    """
    sexes = {p.name: p.sex for p in (*persons, *pedigree.extra_persons)}
    parents: dict[str, list[str]] = {}
    for parent, child in pedigree.relations:
        sexes.setdefault(parent, "U")
        sexes.setdefault(child, "U")
        parents.setdefault(child, [])
        if parent not in parents[child]:
            parents[child].append(parent)
    _settle_sexes(sexes, parents, pedigree.name)
    nodes: list[Node] = []
    added: list[Node] = []
    for name, sex in sexes.items():
        named = {sexes[p]: p for p in parents.get(name, ())}
        if len(named) == 1:
            other = "F" if "M" in named else "M"
            added.append(Node(f"added_{len(added) + 1}", None, None, other))
            named[other] = added[-1].name
        nodes.append(Node(name, named.get("M"), named.get("F"), sex))
    return (*nodes, *added)


def _settle_sexes(sexes: dict[str, str], parents: Mapping[str, Sequence[str]], title: str) -> None:
    """Gives parents of unknown sex the one that the other leaves, then M where nothing settles it."""
    for child, pair in parents.items():
        if len(pair) > 2:
            raise FormatError(f"{child} has more than two parents in {title}", found=", ".join(pair), valid="two")
    changed = True
    while changed:
        changed = False
        for pair in parents.values():
            known = [p for p in pair if sexes[p] != "U"]
            for parent in pair:
                if sexes[parent] == "U" and len(known) == 1 and len(pair) == 2:
                    sexes[parent] = "F" if sexes[known[0]] == "M" else "M"
                    changed = True
        if not changed:
            open_parent = next((p for pair in parents.values() for p in pair if sexes[p] == "U"), None)
            if open_parent is not None:
                sexes[open_parent] = "M"
                changed = True
    for child, pair in parents.items():
        if len({sexes[p] for p in pair}) != len(pair):
            raise FormatError(
                f"both parents of {child} are of one sex in {title}", found=", ".join(pair), valid="M and F"
            )


def format_familias(project: FamiliasProject) -> str:
    """The text of a ``.fam`` file that says what *project* says; reading it gives an equal project."""
    dvi = bool(project.unidentified or project.families)
    out = ['"Output from Familias, version 3.3.1"', '"Written by Cenotaph"', project.version, '""']
    if dvi and "(DVI)" not in project.version:
        out[2] += " (DVI)"
    out += _person_lines(project)
    out += ['"Known relations"', "0", "0", "0", str(len(project.pedigrees))]
    names = [p.name for p in project.persons]
    for index, pedigree in enumerate(project.pedigrees):
        out += [str(index), f'"{pedigree.name}"', *_relation_lines(pedigree, names)]
    out.append(f"#FALSE# (#Databases: 1 ;Theta/Kinship/Fst: {project.theta!r} )")
    out += [str(len(project.systems)), "#TRUE#", f'"{project.database}"']
    for system in project.systems:
        out += _system_lines(system)
    if dvi:
        out += _dvi_lines(project)
    return "\n".join(out) + "\n"


def write_familias(project: FamiliasProject, path: Path) -> None:
    """Writes *project* as a ``.fam`` file."""
    path.write_text(format_familias(project), encoding="utf-8")


def _person_lines(project: FamiliasProject) -> list[str]:
    index = {s.name: i for i, s in enumerate(project.systems)}
    out = [str(len(project.persons))]
    for p in project.persons:
        out += [
            f'"{p.name}"',
            _flag(p.is_child),
            str(p.year_of_birth or -1),
            _flag(False),
            _flag(p.sex == "M"),
        ]
        out.append(str(len(p.genotypes)))
        for name, alleles in p.genotypes.items():
            known = project.systems[index[name]].alleles
            first, second = alleles if len(alleles) == 2 else (alleles[0], alleles[0])
            out += [str(known.index(first)), str(known.index(second)), str(index[name])]
    return out


def _relation_lines(pedigree: FamiliasPedigree, names: Sequence[str]) -> list[str]:
    extra = sorted(pedigree.extra_persons, key=lambda p: p.sex)
    everyone = [*names, *(p.name for p in extra)]
    out = [
        str(sum(p.sex == "F" for p in extra)),
        str(sum(p.sex == "M" for p in extra)),
        str(len(pedigree.relations)),
    ]
    for parent, child in pedigree.relations:
        out += [str(everyone.index(parent)), str(everyone.index(child))]
    return out


def _system_lines(system: AlleleSystem) -> list[str]:
    female, male = system.female_mutation, system.male_mutation
    silent = system.silent_frequency
    out = [f'"{system.name}"', repr(female.rate), repr(male.rate)]
    out += [str(MUTATION_MODELS.index(female.model)), str(MUTATION_MODELS.index(male.model))]
    out.append(str(len(system.alleles) + (silent is not None)))
    out += [repr(female.range), repr(male.range), repr(female.rate2), repr(male.rate2)]
    out += [_flag(silent is not None), repr(silent or 0.0)]
    numbers = (system.database_size, system.dropout, system.minor_allele_frequency)
    comment = "(DatabaseSize = {!r} , Dropout probability = {!r} , Minor allele frequency = {!r} )"
    out.append(f"{len(system.alleles)}\t{comment.format(*numbers)}")
    for allele, frequency in zip(system.alleles, system.frequencies, strict=True):
        out += [f'"{allele}"', repr(frequency)]
    return out


def _dvi_lines(project: FamiliasProject) -> list[str]:
    out = ["", "[DVI]", "[[Unidentified persons]]", *_dvi_person_lines(project.unidentified, 3)]
    out += ["[[Reference Families]]", f"nFamilies= {len(project.families)}"]
    for number, family in enumerate(project.families, 1):
        out += [_title(f"Family {number} ", 3), f"Name= {family.name}", _title("Persons", 4)]
        out += _dvi_person_lines(family.persons, 5)
        out += [_title("Pedigrees", 4), f"nPedigrees= {len(family.pedigrees)}"]
        for index, pedigree in enumerate(family.pedigrees, 1):
            out += [
                _title(f"Pedigree {index}", 5),
                f"Name= {pedigree.name}",
                f"nRelations= {len(pedigree.relations)}",
            ]
            for parent, child in pedigree.relations:
                out += [f"Parent= {parent}", f"Child= {child}"]
    return out


def _dvi_person_lines(persons: Sequence[Person], depth: int) -> list[str]:
    gender = {"M": "Male", "F": "Female"}
    out = [f"nPersons= {len(persons)}"]
    for number, person in enumerate(persons, 1):
        out += [
            _title(f"Person {number}", depth),
            f"Name= {person.name}",
            f"Gender= {gender.get(person.sex, 'Unknown')}",
        ]
        out += [_title("DNA data", depth + 1), f"nSystems= {len(person.genotypes)}"]
        for system, alleles in person.genotypes.items():
            second = alleles[1] if len(alleles) > 1 else ""
            out += [f"SystemName= {system}", f"Allele1= {alleles[0]}", f"Allele2= {second}"]
    return out


def _title(text: str, depth: int) -> str:
    return "[" * depth + text + "]" * depth


def _flag(value: bool) -> str:
    return "#TRUE#" if value else "#FALSE#"
