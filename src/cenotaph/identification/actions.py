"""Actions that a laboratory can take: what each costs, how often it succeeds, and what it is expected to bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from cenotaph.dossier.shipped import shipped_rows

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

SMALL_BONES = ("metatarsal", "metacarpal")


@dataclass(frozen=True, slots=True)
class NextTest:
    """One action.

    Args:
        action: sample_bone, type_more, sample_relative or measure.
        subject_id: specimen, sample or relative.
        expected_names: further names, expected.
        cost: in the currency of the house.
        reason: in words.
    """

    action: str
    subject_id: str
    expected_names: float
    cost: float
    reason: str

    @property
    def names_per_cost(self) -> float:
        """What the ranking goes by; free of charge is best."""
        return self.expected_names / max(self.cost, 1e-9)


def best_of_each(tests: Sequence[NextTest]) -> list[NextTest]:
    best: dict[tuple[str, str], NextTest] = {}
    for test in tests:
        key = (test.action, test.subject_id)
        if key not in best or test.expected_names > best[key].expected_names:
            best[key] = test
    return list(best.values())


@dataclass(frozen=True, slots=True)
class Costs:
    """Costs of actions: the dossier's ``test_costs.csv``, or the shipped table.

    >>> Costs([{"action": "sample_bone", "element": "femur", "relation": None, "cost": 5.0},
    ...     {"action": "sample_bone", "element": None, "relation": None, "cost": 3.0}]).of("sample_bone", "femur")
    5.0
    """

    rows: Sequence[Mapping[str, object]]

    @classmethod
    def of_dossier(cls, dossier: Dossier) -> Costs:
        """The dossier's rows first, then the shipped ones for actions that it does not name."""
        own = list(dossier.table("test_costs").select("action", "element", "relation", "cost").iter_rows(named=True))
        return cls([*own, *shipped_rows("laboratory", "test_costs.csv")])

    def of(self, action: str, special: str | None = None) -> float:
        """Cost of an action on an element or a relation; a row without either is for all others."""
        rows = [r for r in self.rows if r["action"] == action]
        exact = [r for r in rows if special and special in (r["element"], r["relation"])]
        usual = [r for r in rows if not r["element"] and not r["relation"]]
        return float(cast(float, (exact or usual)[0]["cost"]))


def success_of(element: str) -> tuple[float, float]:
    """P(autosomal profile) and P(mitochondrial DNA) of one extract of an element.

    >>> success_of("femur")[0] > success_of("rib")[0], success_of("metatarsal_2") == success_of("metatarsal_1")
    (True, True)
    """
    rows = {r["element"]: (float(r["str"]), float(r["mtdna"])) for r in shipped_rows("laboratory", "success.csv")}
    family = next((s for s in SMALL_BONES if element.startswith(s)), element)
    return rows.get(family, rows["other"])
