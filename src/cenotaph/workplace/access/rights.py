"""The one declaration of who may do what: role × resource × field × verb.

Pages, API, exports and search never ask anything else, and the tests walk every cell of it. What is not granted here is
refused. Roles are those of the people who do this work; the reasons are in docs/reference/workplace.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from cenotaph.dossier.accounting_tables import ACCOUNTING_TABLES
from cenotaph.dossier.tables import TABLES
from cenotaph.errors import CenotaphError

VERBS = ("see", "add", "change", "remove", "unmask", "export")
"""``unmask``: see a field once, for a reason that the ledger keeps. ``export``: take what one may see elsewhere."""

OWN_RESOURCES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ledger": ("seq", "at", "actor", "reason", "table", "row", "action", "before", "after", "previous", "digest"),
        "users": ("name", "full_name", "roles", "state", "language"),
        "events": ("kind", "subject", "detail"),
        "runs": ("name", "ledger_count", "ledger_head", "record", "tables"),
        "jobs": ("kind", "asked_by", "asked_at", "state", "step", "done", "total", "message", "run"),
        "backups": ("file",),
        "counts": ("value",),
        "opinions": ("outcome", "specimen_ids", "missing_id", "state", "opinion", "review", "ruling"),
        "consents": (
            *("person_id", "scope", "given_on", "paper", "by"),
            *("withdrawn_on", "withdrawal", "withdrawn_by"),
        ),
        "contacts": ("missing_id", "person_id", "kind", "on_date", "note", "by", "due_on"),
        "imports": ("file", "content", "state", "rows"),
        "photos": ("table", "key", "caption", "picture", "by", "at"),
        "reports": ("source_id", "title", "published_on", "text", "choices", "state"),
        "segregation": ("individual_id", "specimens"),
        "proposals": (
            *("run", "individual_id", "specimen_id", "direction", "said", "reason", "proposed_by", "proposed_at"),
            *("state", "answer", "decided_by", "decided_at", "decision_ids"),
        ),
    }
)
"""Resources that are not tables of a dossier, with their fields."""

RESOURCES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: (*(c.name for c in table.columns), "extra") for name, table in TABLES.items()} | dict(OWN_RESOURCES)
)
"""Every resource with its fields."""

ACCOUNTS = tuple(t.name for t in ACCOUNTING_TABLES)
TALKS = ("engagements", "itinerary", "topics", "participants", "commitments", "people", "offices")
ROSTER = ("missing", "incidents")
BONES = ("containers", "specimens")
ANTHROPOLOGY = ("measurements", "age_stages", "associations", "isotopes")
FILMS = ("dental_charts", "outlines")
PROFILES = ("str_profiles", "ystr_profiles", "mtdna_profiles")
REFERENCES = ("frequencies", "reference_haplotypes", "test_costs")
ANSWERS = ("individuals", "assignments", "candidates", "links", "next_tests")
CASE = (*ROSTER, "relatives", *BONES, *ANTHROPOLOGY, *FILMS, "effects", "decisions", "samples", *PROFILES, *ANSWERS)

NAMING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "missing": ("family_name", "given_names", "birth_date", "service_number", "home_of_record", "note", "extra"),
        "containers": ("claimed_incident_id", "note", "extra"),
        "specimens": ("note", "extra"),
        "effects": ("inscription", "missing_id", "note", "extra"),
        "samples": ("note", "extra"),
        "decisions": ("missing_id", "by", "note", "extra"),
        # Whoever decides knows names and may write one.
        "proposals": ("answer",),
    }
)
"""Fields that name a person or may; blind roles do not see them."""

ALL, REMAINS, SIGNED, BOXES, FROZEN = "all", "remains", "signed", "boxes", "frozen"
"""Which rows: all; those about remains, not about families or the missing; those of a case whose opinion is signed;
photographs of boxes; those of a run that is frozen."""

BENCH = frozenset({"anthropologist", "odontologist", "geneticist"})
"""Blind roles: none may be held together with a role that sees names."""


class Refused(CenotaphError):
    """The role does not allow it."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Verbs on resources.

    Args:
        verbs: space separated.
        resources: names of resources.
        only: the fields, where not all.
        blind: all fields but those of `NAMING`.
        rows: which rows.
    """

    verbs: str
    resources: tuple[str, ...]
    only: tuple[str, ...] = ()
    blind: bool = False
    rows: str = ALL

    def fields(self, resource: str) -> frozenset[str]:
        """Fields of *resource* that are granted."""
        fields = self.only or RESOURCES[resource]
        return frozenset(fields) - (frozenset(NAMING.get(resource, ())) if self.blind else frozenset())


@dataclass(frozen=True, slots=True)
class Role:
    """A role, with the words that pages show for it."""

    name: str
    title: str
    grants: tuple[Grant, ...]


_WORK = "see add change"
_LEDGER_WITHOUT_CELLS = ("seq", "at", "actor", "table", "row", "action", "previous", "digest")
_INVENTORY_FIELDS = ("container_id", "transfer_id", "received_on", "label")


def _bench(name: str, title: str, *grants: Grant) -> Role:
    """A role at the bench: the boxes and bones, without names, and one science."""
    return Role(
        name,
        title,
        (
            Grant("see", ("containers",), only=_INVENTORY_FIELDS),
            *grants,
            Grant("unmask", ("missing",), only=("missing_id", *NAMING["missing"])),
            Grant("see", ("runs",), only=("name",)),
            Grant("see add change", ("imports",)),
            # Who takes pictures of bones knows no names, so that neither picture nor caption can tell one.
            Grant("see add remove", ("photos",), rows=REMAINS),
            # Which bones a run put together, never whose they are; not before the run is frozen.
            Grant("see", ("segregation",), rows=FROZEN),
            # A bone is proposed by those who know bones and no names, so that no name can lead them.
            Grant("see add", ("proposals",), blind=True),
        ),
    )


ROLES: Mapping[str, Role] = MappingProxyType(
    {
        role.name: role
        for role in (
            Role(
                "planner",
                "Negotiator or planner",
                (
                    Grant(f"{_WORK} export", ACCOUNTS),
                    Grant("see export", ("incidents",)),
                    Grant(
                        "see export",
                        ("missing",),
                        only=("missing_id", "service", "incident_id", "loss_date", "latitude", "longitude", "status"),
                    ),
                    Grant("see export", ("containers",), only=(*_INVENTORY_FIELDS, "claimed_place")),
                    Grant("see", ("counts",)),
                    Grant(_WORK, ("imports", "reports")),
                ),
            ),
            Role(
                "case_manager",
                "Case manager or historian",
                (
                    Grant(f"{_WORK} remove export", (*ROSTER, "relatives")),
                    Grant(f"{_WORK} export", (*BONES, "effects", "sources", "claims")),
                    Grant("see export", ("transfers", "sites", "series", "figures", "decisions", "next_tests")),
                    Grant(f"{_WORK} export", ("samples",)),
                    # Profiles of relatives come from outside laboratories, through the case manager's import.
                    Grant("add", PROFILES),
                    # That a sample was typed, never with what alleles: it tells who still needs a reference.
                    Grant("see", PROFILES, only=("sample_id",)),
                    Grant(f"{_WORK} export", FILMS),
                    Grant("see", ("individuals", "assignments", "candidates")),
                    Grant("see add", ("runs", "jobs")),
                    Grant("see", ("counts",)),
                    Grant("see add", ("opinions", "contacts")),
                    Grant(_WORK, ("consents",)),
                    Grant(_WORK, ("imports",)),
                    Grant("see", ("photos", "proposals")),
                    # What stands on a box may name somebody: its pictures are not for the blind.
                    Grant("add remove", ("photos",), rows=BOXES),
                ),
            ),
            _bench(
                "anthropologist",
                "Anthropologist",
                Grant(f"{_WORK} remove export", ("specimens",), blind=True),
                Grant("change", ("containers",), only=("label", "received_on")),
                Grant(f"{_WORK} remove export", ANTHROPOLOGY),
                Grant("see add change", ("effects",), blind=True),
            ),
            _bench(
                "odontologist",
                "Odontologist",
                Grant("see", ("specimens",), only=("specimen_id", "container_id", "element", "side", "zones")),
                Grant(f"{_WORK} remove export", FILMS, rows=REMAINS),
            ),
            _bench(
                "geneticist",
                "Geneticist",
                Grant("see", ("specimens",), only=("specimen_id", "container_id", "element", "side", "weight_g")),
                Grant(f"{_WORK} export", ("samples",), blind=True, rows=REMAINS),
                Grant(f"{_WORK} remove export", PROFILES, rows=REMAINS),
                Grant(_WORK, REFERENCES),
            ),
            Role(
                "reviewer",
                "Reviewer",
                (
                    Grant("see", (*CASE, "photos"), rows=SIGNED),
                    Grant("see", REFERENCES),
                    Grant("see", ("runs", "counts", "opinions")),
                    Grant("change", ("opinions",), only=("review",)),
                ),
            ),
            Role(
                "authority",
                "Authority",
                (
                    Grant("see export", (*CASE, *REFERENCES, *ACCOUNTS)),
                    Grant("see add", ("runs", "jobs")),
                    Grant("see", ("ledger",)),
                    Grant("see", ("counts", "events", "opinions", "contacts", "consents", "photos", "proposals")),
                    Grant("change", ("opinions",), only=("ruling",)),
                    # A ruling and an accepted proposal become decisions; nobody adds a decision by itself.
                    Grant("change", ("proposals",), only=("answer",)),
                ),
            ),
            Role(
                "liaison",
                "Family liaison",
                (
                    Grant(f"{_WORK} export", ("relatives",)),
                    Grant("see", ROSTER),
                    Grant("change", ("missing",), only=("home_of_record", "note")),
                    Grant("see add change", ("samples",), rows="families"),
                    Grant("see", PROFILES, only=("sample_id",), rows="families"),
                    Grant("see", ("decisions", "effects")),
                    Grant("see", ("counts",)),
                    Grant("see", ("opinions",), only=("outcome", "missing_id", "state", "ruling")),
                    Grant("see add", ("contacts",)),
                    Grant(_WORK, ("consents",)),
                ),
            ),
            Role(
                "oversight",
                "Oversight",
                (
                    Grant(
                        "see", ("ledger",), only=("seq", "at", "actor", "table", "row", "action", "previous", "digest")
                    ),
                    Grant("see", ("counts",)),
                    Grant("see", ("events",), only=("kind",)),
                ),
            ),
            Role(
                "administrator",
                "Administrator",
                (
                    Grant("see add change", ("users",)),
                    Grant("see add", ("backups",)),
                    Grant("see", ("jobs",), only=("kind", "asked_by", "asked_at", "state", "step", "done", "total")),
                ),
            ),
        )
    }
)
"""Every role by name."""


@cache
def allowed(role: str, resource: str, verb: str) -> Mapping[str, frozenset[str]]:
    """Fields of *resource* on which *role* may do *verb*, by the rows to which it is limited; empty where refused.

    Raises:
        Refused: there is no such role, resource or verb. What nobody declared nobody may do.

    >>> sorted(allowed("planner", "missing", "see")["all"])[:2]
    ['incident_id', 'latitude']
    >>> dict(allowed("geneticist", "missing", "see"))
    {}
    """
    if role not in ROLES or resource not in RESOURCES or verb not in VERBS:
        raise Refused(f"nobody declared {role} {verb} {resource}")
    found: dict[str, frozenset[str]] = {}
    for grant in ROLES[role].grants:
        if verb in grant.verbs.split() and resource in grant.resources:
            found[grant.rows] = found.get(grant.rows, frozenset()) | grant.fields(resource)
    return MappingProxyType(found)


def conflicts(roles: Iterable[str]) -> str | None:
    """Why nobody may hold these roles together; None where one may.

    >>> conflicts(["geneticist", "liaison"])
    'a blind role (geneticist) cannot be held with one that sees names (liaison)'
    >>> conflicts(["geneticist", "anthropologist"]) is None
    True
    """
    held = sorted(set(roles))
    blind = [r for r in held if r in BENCH]
    seeing = [r for r in held if r not in BENCH and "family_name" in _fields_seen(r, "missing")]
    if blind and seeing:
        return f"a blind role ({blind[0]}) cannot be held with one that sees names ({seeing[0]})"
    if "administrator" in held and len(held) > 1:
        return "an administrator sees no case data and so holds no other role"
    return None


def _fields_seen(role: str, resource: str) -> frozenset[str]:
    return frozenset().union(*allowed(role, resource, "see").values())


def matrix() -> list[str]:
    """The declaration written out: one line for each role, resource, verb and limit, with its fields.

    >>> [line for line in matrix() if line.startswith("administrator users see")]
    ['administrator users see all: name full_name roles state language']
    """
    return [
        f"{role} {resource} {verb} {rows}: {' '.join(f for f in RESOURCES[resource] if f in fields)}"
        for role in ROLES
        for resource in RESOURCES
        for verb in VERBS
        for rows, fields in sorted(allowed(role, resource, verb).items())
    ]
