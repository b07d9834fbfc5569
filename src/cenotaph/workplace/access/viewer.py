"""Who is asking: a person with roles, or the command line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cenotaph.workplace.access.rights import RESOURCES, ROLES, Refused, allowed
from cenotaph.workplace.models import User


@dataclass(frozen=True, slots=True)
class Viewer:
    """Someone who asks for rows.

    Args:
        name: as the ledger will write it.
        roles: names of roles; their rights add up.
    """

    name: str
    roles: tuple[str, ...]

    @classmethod
    def of(cls, user: object) -> Viewer:
        """The viewer that a signed-in user is; one without rights for anybody else."""
        if isinstance(user, User) and user.is_active:
            return cls(user.name, tuple(r for r in user.roles.split() if r in ROLES))
        return cls("", ())

    def may(self, verb: str, resource: str, field: str | None = None) -> bool:
        """Whether any row of *resource* (and *field* of it) is open to *verb*."""
        found = self.fields_by_rows(verb, resource)
        return any(field in fields for fields in found.values()) if field else bool(found)

    def fields_by_rows(self, verb: str, resource: str) -> dict[str, frozenset[str]]:
        """Fields open to *verb*, by the rows to which they are limited."""
        found: dict[str, frozenset[str]] = {}
        for role in self.roles:
            for rows, fields in allowed(role, resource, verb).items():
                found[rows] = found.get(rows, frozenset()) | fields
        return found

    def fields(self, verb: str, resource: str) -> list[str]:
        """Fields open to *verb* on at least some rows, in the registry's order."""
        found = frozenset[str]().union(*self.fields_by_rows(verb, resource).values())
        return [f for f in RESOURCES[resource] if f in found]

    def require(self, verb: str, resource: str, fields: Iterable[str] = ()) -> None:
        """Nothing where *verb* is open on *resource* and all *fields*.

        Raises:
            Refused: it is not.
        """
        if not self.may(verb, resource):
            raise Refused(f"your role may not {verb} {resource}")
        open_fields = self.fields(verb, resource)
        for field in fields:
            if field not in open_fields:
                raise Refused(f"your role may not {verb} {field} of {resource}")
