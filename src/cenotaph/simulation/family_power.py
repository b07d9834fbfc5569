"""What SNPs could show for one missing man of a dossier, and which relative to type next, on what.

The man's family is taken as recorded, its donors as typed for a panel, and a bone of his as read at each coverage
(`cenotaph.simulation.snp_power`). A relative who could give a sample is compared on the panel and on autosomal STRs: by
what the family's data would say of his bone with the relative in them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import log10, sqrt
from typing import TYPE_CHECKING, cast

import numpy as np

from cenotaph.errors import InvalidInput
from cenotaph.evidence.case import Case
from cenotaph.evidence.line import States
from cenotaph.evidence.registry import LINES, LineSettings, build_lines
from cenotaph.genetics.relationship import relationship
from cenotaph.identification.prospects import STR, upper_tail
from cenotaph.identification.relatives import donor_gain, pedigree_of, who_can_be_asked, without_donor
from cenotaph.identification.settings import VerdictSettings
from cenotaph.provenance import Run
from cenotaph.simulation.snp_power import Panel, Pedigree, Ratios, power_of_family
from cenotaph.simulation.tables import Floats

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier
    from cenotaph.evidence.autosomal import AutosomalLine

STR_DRAWS = 16
LOW_SD = 1.645
"""Standard deviations below the mean of a normal variate that 5 % of it lie under."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """log10 likelihood ratio of a bone of his.

    Args:
        median, low: the middle, and what 5 % lie under.
        named: share over what would name him by itself.
    """

    median: float
    low: float
    named: float

    @classmethod
    def of(cls, ratios: Floats, needed: float) -> Outlook:
        """Of drawn ratios.

        >>> Outlook.of(np.array([1.0, 5.0, 9.0]), 6.0).median
        5.0
        """
        low, median = np.quantile(ratios, (0.05, 0.5))
        return cls(float(median), float(low), float((ratios >= needed).mean()))

    @classmethod
    def normal(cls, mean: float, variance: float, needed: float) -> Outlook:
        """Of a normal variate.

        >>> Outlook.normal(6.0, 1.0, 6.0)
        Outlook(median=6.0, low=4.355, named=0.5)
        """
        return cls(mean, round(mean - LOW_SD * sqrt(variance), 12), upper_tail(needed, mean, variance))


@dataclass(frozen=True, slots=True)
class Choice:
    """The family's donors and one relative more, or as they are.

    Args:
        relative_id: whom to ask; empty for the donors as they are.
        relation: what he or she is to the missing man.
        str_: on autosomal STRs, complete profiles; None where the dossier has none or the pedigree has a loop.
        snp: on the panel, the bone read at the lowest coverage asked for.
    """

    relative_id: str
    relation: str
    str_: Outlook | None
    snp: Outlook


@dataclass(frozen=True, slots=True)
class FamilyPower:
    """The power of a panel for one missing man.

    Args:
        missing_id: he.
        panel: what was imagined to be typed.
        donors: of his family, each with what he or she is to him.
        needed: log10 LR that would give him the probability of a name if it stood alone.
        ratios: by coverage, if it is he and if not.
        choices: the donors as they are, then with each kind of relative who could be asked, the best on SNPs first.
    """

    missing_id: str
    panel: str
    donors: tuple[tuple[str, str], ...]
    needed: float
    ratios: tuple[Ratios, ...]
    choices: tuple[Choice, ...]

    def outlook(self, at: Ratios) -> Outlook:
        """Of his bones at one coverage."""
        return Outlook.of(at.he, self.needed)


Progress = Callable[[str, int, int], None]
"""Told the step, how much of it is done, and of how much."""


def power_of_man(
    dossier: Dossier,
    missing_id: str,
    panel: Panel,
    coverages: Sequence[float],
    draws: int,
    rng: np.random.Generator,
    progress: Progress = lambda step, done, total: None,
) -> FamilyPower:
    """What the panel could show for a missing man of a dossier that has passed its check.

    Where all donors together need too large a chain along the genome, those who are farthest from him are left out, as
    the line ``snp`` leaves them out. On STRs a family has the donors with an STR profile.

    Args:
        coverages: mean reads a SNP of a bone; relatives are compared at the lowest, where one more matters most.
        draws: families drawn for the panel, and again for each relative.

    Raises:
        InvalidInput: he is not on the roster, or no family is on record for him.
    """
    dossier = dossier.in_order()
    everyone = Case.from_dossier(dossier)
    if missing_id not in everyone.missing_ids:
        raise InvalidInput("nobody of this id is missing", found=missing_id, valid="a missing_id of missing.csv")
    case = everyone.part(np.array([everyone.missing_ids.index(missing_id)]))
    if case.family_of[0] < 0:
        raise InvalidInput("no family is on record for this missing person", found=missing_id, valid="one in pedigrees")
    family, node = case.families[int(case.family_of[0])], int(case.node_of[0])
    words = pedigree_of(family)
    donors = tuple(
        (family.ids[i], relationship(words, family.ids[i], family.ids[node])) for i in family.donors if i != node
    )
    needed = needed_log10(len(everyone.missing_ids), VerdictSettings().identification)
    progress("the panel by coverage", 0, 1)
    pedigree = Pedigree(family.father, family.mother, tuple(i for i in family.donors if i != node), node)
    ratios = tuple(power_of_family(pedigree, panel, coverages, draws, rng))
    choices = _choices(dossier, case, pedigree, panel, min(coverages), draws, needed, rng, progress)
    return FamilyPower(missing_id, panel.name, donors, needed, ratios, choices)


def needed_log10(men: int, probability: float) -> float:
    """log10 LR at which one of so many equally likely missing, or nobody of them, has the probability.

    >>> round(needed_log10(2800, 0.9995), 2)
    6.75
    """
    return log10(men) + log10(probability / (1 - probability))


def _choices(
    dossier: Dossier,
    case: Case,
    pedigree: Pedigree,
    panel: Panel,
    coverage: float,
    draws: int,
    needed: float,
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[Choice, ...]:
    """As the donors are, and with one relative of each relation."""
    family, node = case.families[int(case.family_of[0])], pedigree.man
    line = _autosomal(dossier, case)
    population = int(case.population[0]) if case.population[0] >= 0 else int(np.argmax(case.population_share))

    def on_snps(more: tuple[int, ...]) -> Outlook:
        wider = replace(pedigree, donors=(*pedigree.donors, *more))
        return Outlook.of(power_of_family(wider, panel, [coverage], draws, rng, strangers=0)[0].he, needed)

    def on_strs(relative: int) -> Outlook | None:
        gain = None if line is None else donor_gain(line, family, node, relative, population, None, rng, STR_DRAWS)
        return None if gain is None else Outlook.normal(gain.complete, gain.complete_variance, needed)

    now = None if line is None else Outlook.normal(*without_donor(line, 0, population, None), needed)
    first_of: dict[str, int] = {}
    for relative, relation in who_can_be_asked(family, node):
        first_of.setdefault(relation, relative)
    found = []
    for k, (relation, relative) in enumerate(first_of.items()):
        progress("relatives", k, len(first_of))
        found.append(Choice(family.ids[relative], relation, on_strs(relative), on_snps((relative,))))
    found.sort(key=lambda c: (-c.snp.named, -c.snp.median, c.relative_id))
    return (Choice("", "", now, on_snps(())), *found)


def _autosomal(dossier: Dossier, case: Case) -> AutosomalLine | None:
    others = frozenset(LINES) - {STR}
    lines = build_lines(dossier, case, States.of(case), LineSettings(), others, Run("power", 0, {}))
    return cast("AutosomalLine", lines[0]) if lines else None
