"""CODIS Common Message Format 3.2 (XML): specimens with loci and alleles.

The parser knows no entities and no document type: a file that declares any is refused, as are files nested deeper
than the format is.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from cenotaph.dossier.files import read_foreign_text
from cenotaph.dossier.read import Dossier
from cenotaph.errors import FormatError
from cenotaph.formats.profiles import Exported, Imported, Profile, dossier_of, profile_rows, profiles_of

NAMESPACE = "urn:CODISImportFile-schema"
MAX_DEPTH = 8
MAX_LOCI = 64
MAX_ALLELES = 8

RELATIVES = frozenset(
    {
        "Alleged Father", "Alleged Mother", "Biological Child", "Biological Father", "Biological Mother",
        "Biological Sibling", "Maternal Relative", "Paternal Relative", "Spouse",
    }
)  # fmt: skip
"""Categories of specimens that come from a relative of a missing person."""

CATEGORIES = RELATIVES | frozenset(
    {
        "Arrestee", "CO Duplicate", "Convicted Offender", "Deceased", "Deduced Missing Person", "Deduced Suspect",
        "Detainee", "Elimination, Known", "Forensic Mixture", "Forensic Partial", "Forensic Targeted",
        "Forensic, Unknown", "Juvenile", "Legal", "Missing Person", "Multi-allelic Offender", "Other", "Population",
        "Proficiency", "Staff", "Suspect, Known", "Unidentified Person", "Unreviewed Offender", "Victim, Known",
        "Volunteer",
    }
)  # fmt: skip

_CODIS_NAMES = {
    "Penta_D": "Penta D", "Penta_E": "Penta E", "DYS389I": "DYS389 I", "DYS389II": "DYS389 II", "Y_GATA_H4": "YGATAH4",
    "Y_indel": "Yindel",
}  # fmt: skip

_LOCI = """
AMEL Amelogenin CSF1PO D10S1248 D12S391 D13S317 D16S539 D18S51 D19S433 D1S1656 D21S11 D22S1045 D2S1338 D2S441 D3S1358
D5S818 D7S820 D8S1179 FGA SE33 TH01 THO1 TPOX vWA DYF387S1 DYS19 DYS385 DYS390 DYS391 DYS392 DYS393 DYS437 DYS438 DYS439
DYS448 DYS449 DYS456 DYS458 DYS460 DYS481 DYS518 DYS533 DYS549 DYS570 DYS576 DYS627 DYS635 DYS643 YGATAH4 Yindel
"""
CODIS_LOCI = frozenset(_LOCI.split()) | {"Penta D", "Penta E", "DYS389 I", "DYS389 II"}
"""Locus names that the format allows."""


@dataclass(frozen=True, slots=True)
class CodisSpecimen:
    """A specimen of the message.

    Args:
        specimen_id: identifier, at most 24 characters.
        category: one of `CATEGORIES`.
        loci: locus name as written to allele values as written.
        case_id: case, or family of a relative.
        comment: free text.
        partial: whether the profile is marked as partial.
    """

    specimen_id: str
    category: str
    loci: dict[str, tuple[str, ...]]
    case_id: str = ""
    comment: str = ""
    partial: bool = False


@dataclass(slots=True)
class _Element:
    tag: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list[_Element] = field(default_factory=list)


def looks_like(text: str) -> bool:
    """Whether the text names the root element of the format."""
    return "<CODISImportFile" in text[:4096]


def parse_codis(text: str, name: str = "message.xml") -> list[CodisSpecimen]:
    """Specimens of a CMF message, checked against the structure of the format.

    Raises:
        FormatError: the text is no well-formed XML, declares entities, or breaks the structure; file and line are
            named.
    """
    root = _parse_xml(text, name)
    if root.tag != "CODISImportFile":
        raise FormatError("not a CODIS message", found=root.tag, valid="CODISImportFile", where=f"{name}:{root.line}")
    for tag in ("HEADERVERSION", "MESSAGETYPE", "DESTINATIONORI", "SOURCELAB", "SUBMITBYUSERID", "SUBMITDATETIME"):
        _one(root, tag, name)
    specimens = [_specimen(e, name) for e in root.children if e.tag == "SPECIMEN"]
    if not specimens:
        raise FormatError("a message without a specimen", valid="one SPECIMEN or more", where=f"{name}:{root.line}")
    seen: set[str] = set()
    for specimen in specimens:
        if specimen.specimen_id in seen:
            raise FormatError("a specimen is there twice", found=specimen.specimen_id, valid="each once", where=name)
        seen.add(specimen.specimen_id)
    return specimens


def _parse_xml(text: str, name: str) -> _Element:
    # The text is decoded already, whatever its first line says of an encoding.
    parser = expat.ParserCreate("utf-8", "}")
    stack: list[_Element] = []
    roots: list[_Element] = []

    def refuse(*_: object) -> None:
        raise FormatError(
            "a document type or entity is declared",
            valid="plain XML without declarations",
            where=f"{name}:{parser.CurrentLineNumber}",
        )

    def start(tag: str, attributes: dict[str, str]) -> None:
        element = _Element(tag.rpartition("}")[2], attributes, parser.CurrentLineNumber)
        if len(stack) >= MAX_DEPTH:
            raise FormatError(
                "nested too deeply",
                found=element.tag,
                valid=f"at most {MAX_DEPTH} levels",
                where=f"{name}:{element.line}",
            )
        (stack[-1].children if stack else roots).append(element)
        stack.append(element)

    def end(_: str) -> None:
        stack.pop()

    def characters(data: str) -> None:
        if stack:
            stack[-1].text += data

    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise FormatError(
            "not well-formed XML", found=expat.ErrorString(error.code), valid="XML", where=f"{name}:{error.lineno}"
        ) from None
    return roots[0]


def _one(element: _Element, tag: str, name: str) -> str:
    found = [c for c in element.children if c.tag == tag]
    where = f"{name}:{element.line}"
    if len(found) != 1:
        raise FormatError(f"{len(found)} of {tag} in {element.tag}", valid="one", where=where)
    text = found[0].text.strip()
    if not text:
        raise FormatError(f"{tag} is empty", valid="a value", where=f"{name}:{found[0].line}")
    return text


def _specimen(element: _Element, name: str) -> CodisSpecimen:
    identifier = _one(element, "SPECIMENID", name)
    category = _one(element, "SPECIMENCATEGORY", name)
    where = f"{name}:{element.line}"
    if len(identifier) > 24:
        raise FormatError("SPECIMENID is too long", found=identifier, valid="at most 24 characters", where=where)
    if category not in CATEGORIES:
        raise FormatError(
            "no such SPECIMENCATEGORY", found=category, valid="a category such as Unidentified Person", where=where
        )
    loci: dict[str, tuple[str, ...]] = {}
    for locus in (c for c in element.children if c.tag == "LOCUS"):
        locus_name = _one(locus, "LOCUSNAME", name)
        at = f"{name}:{locus.line}"
        if locus_name in loci:
            raise FormatError("the locus is there twice", found=locus_name, valid="each locus once", where=at)
        values = tuple(_one(a, "ALLELEVALUE", name) for a in locus.children if a.tag == "ALLELE")
        if not 1 <= len(values) <= MAX_ALLELES:
            raise FormatError(f"{len(values)} alleles at {locus_name}", valid=f"1 to {MAX_ALLELES}", where=at)
        loci[locus_name] = values
    if not 1 <= len(loci) <= MAX_LOCI:
        raise FormatError(f"{len(loci)} loci in {identifier}", valid=f"1 to {MAX_LOCI}", where=where)
    comment = "".join(c.text for c in element.children if c.tag == "SPECIMENCOMMENT").strip()
    partial = element.attributes.get("PARTIAL", "false").lower() in {"true", "1"}
    return CodisSpecimen(identifier, category, loci, element.attributes.get("CASEID", ""), comment, partial)


def read_codis(path: Path) -> Imported:
    """A CMF message as a dossier.

    Relatives become persons of the family that CASEID names; *Missing Person* a direct reference; all other specimens
    bones of unknown element. A single allele stays single: the format does not say whether it is a homozygote.
    """
    specimens = parse_codis(read_foreign_text(path, max_bytes=1 << 27), path.name)
    profiles, messages = [], []
    for specimen in specimens:
        origin = "relative" if specimen.category in RELATIVES else "specimen"
        if specimen.category == "Missing Person":
            origin = "missing"
        profiles.append(Profile(specimen.specimen_id, specimen.loci, origin, specimen.specimen_id))
    rows = profile_rows(profiles)
    by_id = {s.specimen_id: s for s in specimens}
    rows["relatives"] = [
        {**r, "family_id": by_id[str(r["person_id"])].case_id or r["person_id"]} for r in rows["relatives"]
    ]
    rows["samples"] = [{**r, "note": _note(by_id[str(r["sample_id"])])} for r in rows["samples"]]
    if rows["relatives"]:
        messages.append("the message does not say how relatives are related: complete relatives.csv")
    return Imported(dossier_of(rows), tuple(messages))


def _note(specimen: CodisSpecimen) -> str:
    return "; ".join(part for part in (specimen.category, specimen.comment) if part)


def format_codis(
    dossier: Dossier,
    *,
    laboratory: str = "CENOTAPH",
    user: str = "cenotaph",
    submitted: datetime.datetime | None = None,
) -> Exported:
    """The STR profiles of a dossier as a CMF 3.2 message.

    Bones are *Unidentified Person*, missing persons *Missing Person*, relatives by their place in the pedigree. Loci
    that the format does not allow are left out, and replicates after the first.

    Args:
        dossier: the case.
        laboratory: identifier of the sending and receiving laboratory, at most 10 characters.
        user: who submits, at most 20 characters.
        submitted: time of the message, now where it is not given.
    """
    stamp = (submitted or datetime.datetime.now()).strftime("%Y-%m-%dT%H:%M:%S")
    categories, families = _relations(dossier)
    messages: list[str] = []
    left_out: dict[str, int] = {}
    body: list[str] = []
    for profile in profiles_of(dossier):
        if profile.replicate != 1:
            left_out["replicates after the first"] = left_out.get("replicates after the first", 0) + 1
            continue
        if len(profile.sample) > 24:
            raise FormatError(
                "the identifier is too long for CODIS", found=profile.sample, valid="at most 24 characters"
            )
        loci: list[str] = []
        for marker, alleles in profile.genotypes.items():
            locus = _CODIS_NAMES.get(marker, marker)
            if locus not in CODIS_LOCI or len(alleles) > MAX_ALLELES:
                left_out[f"calls at {marker}"] = left_out.get(f"calls at {marker}", 0) + 1
                continue
            values = "".join(f"<ALLELE><ALLELEVALUE>{escape(a)}</ALLELEVALUE></ALLELE>" for a in alleles)
            loci.append(
                f"    <LOCUS><LOCUSNAME>{escape(locus)}</LOCUSNAME><READINGBY>{escape(user)}</READINGBY>"
                f"<READINGDATETIME>{stamp}</READINGDATETIME>{values}</LOCUS>"
            )
        if not loci:
            continue
        category = {"specimen": "Unidentified Person", "missing": "Missing Person"}.get(
            profile.origin, categories.get(profile.origin_id, "Other")
        )
        case = families.get(profile.origin_id, "")[:32] if profile.origin == "relative" else ""
        body.append(
            f'  <SPECIMEN SOURCEID="{"No" if profile.origin == "specimen" else "Yes"}" CASEID={quoteattr(case)}>'
        )
        body.append(f"    <SPECIMENID>{escape(profile.sample)}</SPECIMENID>")
        body.append(f"    <SPECIMENCATEGORY>{category}</SPECIMENCATEGORY>")
        body += [*loci, "  </SPECIMEN>"]
    messages += [f"{count} {what} left out" for what, count in left_out.items()]
    head = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<CODISImportFile xmlns="{NAMESPACE}">',
        "  <HEADERVERSION>3.2</HEADERVERSION>",
        "  <MESSAGETYPE>Import</MESSAGETYPE>",
        f"  <DESTINATIONORI>{escape(laboratory)}</DESTINATIONORI>",
        f"  <SOURCELAB>{escape(laboratory)}</SOURCELAB>",
        f"  <SUBMITBYUSERID>{escape(user)}</SUBMITBYUSERID>",
        f"  <SUBMITDATETIME>{stamp}</SUBMITDATETIME>",
    ]
    return Exported("\n".join([*head, *body, "</CODISImportFile>"]) + "\n", tuple(messages))


_Parents = dict[str, tuple[str | None, str | None]]


def _relations(dossier: Dossier) -> tuple[dict[str, str], dict[str, str]]:
    """Category and family of every relative; where the format has no word for a relation, the side of the family."""
    columns = ("family_id", "person_id", "father_id", "mother_id", "missing_id")
    families: dict[str, str] = {}
    parents: dict[str, _Parents] = {}
    missing: dict[str, list[str]] = {}
    for family, person, father, mother, missing_id in dossier.table("relatives").select(columns).iter_rows():
        families[person] = family
        parents.setdefault(family, {})[person] = (father, mother)
        if missing_id:
            missing.setdefault(family, []).append(person)
    categories: dict[str, str] = {}
    for family, members in parents.items():
        categories |= _categories(members, missing.get(family, []))
    return categories, families


def _categories(parents: _Parents, missing: list[str]) -> dict[str, str]:
    """Category of each member of one family, as seen from its missing persons."""
    fathers_side: set[str] = set()
    categories: dict[str, str] = {}
    for person in missing:
        father, mother = parents[person]
        fathers_side |= _kin(father, parents)
        for other, pair in parents.items():
            if person in pair:
                categories.setdefault(other, "Biological Child")
            elif father and pair == (father, mother) and other != person:
                categories.setdefault(other, "Biological Sibling")
        if father and mother:
            categories[father], categories[mother] = "Biological Father", "Biological Mother"
    for person in parents:
        categories.setdefault(person, "Paternal Relative" if person in fathers_side else "Maternal Relative")
    return categories


def _kin(person: str | None, parents: _Parents) -> set[str]:
    """Ancestors of *person* and their descendants, without *person*'s own."""
    if person is None:
        return set()
    found: set[str] = set()
    open_persons = [p for p in parents.get(person, ()) if p]
    while open_persons:
        ancestor = open_persons.pop()
        if ancestor not in found:
            found.add(ancestor)
            open_persons += [p for p in parents.get(ancestor, ()) if p]
    changed = True
    while changed:
        more = {c for c, pair in parents.items() if c != person and c not in found and found & {p for p in pair if p}}
        found |= more
        changed = bool(more)
    return found
