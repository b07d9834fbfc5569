"""People with the rank or office the report gives them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from cenotaph.accounting.reading.lexicon import alternatives, party_pattern, party_rows, rows
from cenotaph.accounting.reading.sentences import Sentence

_NAME = (
    r"[A-Z][a-z]+(?:-[A-Za-z][a-z]+)?(?:\s+[A-Z]\.)?"
    r"(?:\s+(?:[A-Z][a-z]+|Mc[A-Z][a-z]+|[A-Z]\.)(?:-[A-Za-z][a-z]+)?){0,3}"
)
_DAYS = frozenset({"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"})
_NOT_NAMES = _DAYS | {"The", "A", "An", "In", "On", "At", "For", "War", "Command", "Forces", "Army", "Korea", "United"}
_HOMES = {"US", "ROK", "Japan"}
_UNMARKED = {"President", "Vice President", "Prime Minister", "Foreign Minister", "Defense Minister"}
_HONORIFIC = r"(?:former|then|acting|newly\s+appointed|senior|top|chief|deputy)"


@dataclass(frozen=True, slots=True)
class Person:
    """A person as introduced: name, rank, office, party, where, and a doubt when the office was joined by inference.

    ``is_new`` says that the report calls the holder newly appointed.
    """

    name: str
    rank: str
    office: str
    party: str
    sentence: int
    start: int
    end: int
    doubt: str = ""
    is_new: bool = False

    @property
    def surname(self) -> str:
        """Family name: first word of a Korean or Chinese name (three short words, or a hyphen), else the last.

        >>> Person("Kim Jong Un", "", "", "", 0, 0, 0).surname, Person("Mike Pompeo", "", "", "", 0, 0, 0).surname
        ('Kim', 'Pompeo')
        """
        words = self.name.split()
        eastern = (len(words) == 3 and all(len(word) <= 5 for word in words) and "." not in self.name) or (
            len(words) == 2 and "-" in words[1]
        )
        return words[0] if eastern else words[-1]


@cache
def _titled() -> re.Pattern[str]:
    titles = alternatives([form for row in rows("offices.csv") for form in (row["title"], _capital(row["title"]))])
    parties = party_pattern().pattern
    return re.compile(
        rf"(?:\b(?P<degree>chief|deputy|senior|top)\s+)?(?P<party>{parties})?(?:['’]s)?\s*(?:{_HONORIFIC}\s+)*(?<![\w.])(?P<title>{titles})"
        rf"(?P<scope>\s+(?:for|of|to)\s+(?:the\s+)?(?:{parties}))?(?P<comma>,)?\s+(?P<name>{_NAME})"
    )


def _capital(title: str) -> str:
    """The title as it opens a sentence."""
    return title[0].upper() + title[1:]


@cache
def _heads() -> str:
    return alternatives([row["title"] for row in rows("offices.csv") if row["kind"] in {"head", "office"}])


@cache
def _apposition() -> re.Pattern[str]:
    before = r"(?:(?:the|a)\s+)?(?:(?:[\w.]+|[A-Z][\w ]+?['’]s)\s+){0,4}?"
    return re.compile(rf"^,\s+(?P<office>{before}(?<![\w.])(?:{_heads()})\b(?:U\.[SN]\.|[^,;.])*)(?=[,;.])")


@cache
def _bare_office() -> re.Pattern[str]:
    return re.compile(
        rf"\b(?:[Tt]he|[Aa]|[Ii]ts|[Tt]heir)\s+(?:newly\s+appointed\s+|new\s+|outgoing\s+)?"
        rf"(?P<office>(?:{party_pattern().pattern})?\s*(?:{_heads()})(?:\s+(?:for|of|to)\s+(?:{party_pattern().pattern}))?)"
        rf"(?=\s+(?:will|would|is|was|has|had|plans)\b)"
    )


def find_people(sentences: list[Sentence]) -> list[Person]:
    """People with an office or rank, in order of first mention; later mentions by surname add what was unsaid.

    >>> from cenotaph.accounting.reading.sentences import split_sentences
    >>> [(p.name, p.rank, p.office, p.party) for p in find_people(split_sentences(
    ...     "Col. Ada Poe, chief of staff for the UNC, met North Korean Lt. Gen. Ra Un Il."))]
    [('Ada Poe', 'Col.', 'chief of staff for the UNC', 'UNC'), ('Ra Un Il', 'Lt. Gen.', '', 'DPRK')]
    """
    people: dict[str, Person] = {}
    waiting: tuple[Sentence, str, bool] | None = None
    for sentence in sentences:
        if sentence.part == "headline":
            continue
        for person in _in_sentence(sentence):
            key = _known_as(person, people)
            people[key] = _join(people[key], person) if key in people else person
        if waiting and 0 < sentence.index - waiting[0].index <= 2:
            named = _subject_without_office(sentence, people, waiting[1])
            if named:
                people[named.name] = replace(named, is_new=waiting[2])
                waiting = None
        office = _bare_office().search(sentence.text)
        if office:
            new = bool(re.search(r"\bnew(?:ly\s+appointed)?\b", office.group()))
            waiting = (sentence, " ".join(office["office"].split()), new)
    return _at_home(list(people.values()), sentences)


def _at_home(people: list[Person], sentences: list[Sentence]) -> list[Person]:
    """Gives an office without a country that of the report's home, where its unqualified institutions are of one.

    A paper that writes *the Pentagon* and *Secretary of State* without saying whose writes from the United States.
    """
    institutions = {form: row["party"] for form, row in party_rows().items() if row["kind"] == "institution"}
    told = " ".join(sentence.text for sentence in sentences if sentence.part != "headline")
    homes = {institutions[form] for form in institutions if re.search(rf"\b[Tt]he {re.escape(form)}\b", told)} & _HOMES
    home = homes.pop() if len(homes) == 1 else ""
    doubt = "the report does not say whose: taken as that of its home country"
    return [
        replace(person, party=home, doubt=doubt) if home and person.office in _UNMARKED and not person.party else person
        for person in people
    ]


def _in_sentence(sentence: Sentence) -> list[Person]:
    found = []
    kinds = {form: row for row in rows("offices.csv") for form in (_capital(row["title"]), row["title"])}
    taken = 0
    for match in _titled().finditer(sentence.text):
        name = _clean(match["name"])
        if not name or match.start("title") < taken:
            continue
        words = " ".join(match["title"].split())
        title = kinds[words]
        name_end = match.start("name") + len(name)
        taken = name_end
        rest = sentence.text[name_end:]
        appended = _apposition().match(rest)
        scope = " ".join((match["scope"] or "").split())
        office = f"{words} {scope}".strip() if title["kind"] != "rank" else ""
        if office and match["degree"] and match["party"]:
            office = f"{match['degree']} {match['party']} {office}"
        if appended and not office:
            office = " ".join(re.sub(r"^(?:the|a)\s+", "", appended["office"]).split())
        party = party_rows()[" ".join(match["party"].split())]["party"] if match["party"] else title["party"]
        if not party and office and appended:
            named = party_pattern().search(office)
            party = party_rows()[" ".join(named.group().split())]["party"] if named else ""
        end = name_end + (appended.end() if appended else 0)
        start = match.start("party") if match["party"] else match.start("title")
        rank = title["title"] if title["kind"] == "rank" else ""
        new = bool(re.search(r"\b(?:newly\s+appointed|new)\b", match.group()[: match.end("title") - match.start()]))
        found.append(
            Person(name, rank, office, party, sentence.index, sentence.start + start, sentence.start + end, is_new=new)
        )
    found.extend(_named_then_office(sentence, [person.name for person in found]))
    return found


def _named_then_office(sentence: Sentence, known: list[str]) -> list[Person]:
    """``Ada Poe, director of the laboratory,``: a full name without a title, its office behind it."""
    found = []
    for match in re.finditer(rf"(?<![\w.’'-]){_NAME}(?=,)", sentence.text):
        name = _clean(match.group())
        appended = _apposition().match(sentence.text[match.end() :])
        if (
            not appended
            or len(name.split()) < 2
            or name != match.group()
            or name in known
            or any(name in k for k in known)
        ):
            continue
        if party_pattern().fullmatch(name) or any(name.endswith(k) for k in known):
            continue
        office = " ".join(re.sub(r"^(?:the|a)\s+", "", appended["office"]).split())
        named = party_pattern().search(office)
        party = party_rows()[" ".join(named.group().split())]["party"] if named else ""
        start = sentence.start + match.start()
        found.append(
            Person(name, "", office, party, sentence.index, start, sentence.start + match.end() + appended.end())
        )
    return found


def _clean(name: str) -> str:
    """The name without a leading or trailing word that is none."""
    words = name.split()
    while words and words[-1] in _NOT_NAMES:
        words.pop()
    if not words or words[0] in _NOT_NAMES - {"An"} or party_pattern().match(" ".join(words)):
        return ""
    return " ".join(words) if len(words) > 1 or words[0] != "An" else ""


def _known_as(person: Person, people: dict[str, Person]) -> str:
    """Name under which the person is known already, or their own."""
    if " " not in person.name:
        for name, other in people.items():
            if other.surname == person.name:
                return name
    return person.name


def _join(known: Person, again: Person) -> Person:
    """First introduction, completed by what a later one adds."""
    return Person(
        known.name,
        known.rank or again.rank,
        known.office or again.office,
        known.party or again.party,
        known.sentence,
        known.start,
        known.end,
        known.doubt,
        known.is_new or again.is_new,
    )


def _subject_without_office(sentence: Sentence, people: dict[str, Person], office: str) -> Person | None:
    """A full name that opens a sentence right behind one about an unnamed holder of an office: likely that holder."""
    match = re.match(rf"({_NAME})\s+(?:had|has|will|was|is|would)\b", sentence.text)
    name = _clean(match[1]) if match else ""
    if not match or len(name.split()) < 2 or name in people:
        return None
    named = party_pattern().search(office)
    party = party_rows()[" ".join(named.group().split())]["party"] if named else ""
    doubt = "the office stands in the sentence before, without the name"
    return Person(name, "", office, party, sentence.index, sentence.start, sentence.start + match.end(1), doubt)


def mentioned(text: str, people: list[Person]) -> list[Person]:
    """People whose full name or (unambiguous, longer than two letters) surname stands in a text."""
    found = []
    for person in people:
        shared = sum(other.surname == person.surname for other in people) > 1
        names = [person.name] if shared or len(person.surname) < 3 else [person.name, person.surname]
        match = re.search(rf"(?<![\w-])(?:{alternatives(names)})(?![\w-])", text)
        if match:
            found.append((match.start(), person))
    return [person for _, person in sorted(found, key=lambda pair: pair[0])]
