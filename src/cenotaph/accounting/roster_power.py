"""How many names the references on file could give: each missing person's power, and names of boxes to come.

The *power* of a man is P(identification | his bones come back), from what his own family gave: a complete profile has a
log10 likelihood ratio whose mean and variance follow from the family's genotype tables, haplotypes bring the rarity of
his donors', and the rules of the verdict are bounds on the sum (`cenotaph.identification.prospects`). Each donor may be
wrong, and then no name is counted. Teeth, films, build and place are left out, and no bone is cut a second time: a
laboratory that works for years names more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cenotaph.accounting.appraisal.rates import Estimate
from cenotaph.accounting.power import BONES
from cenotaph.errors import InvalidInput

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier
    from cenotaph.identification.settings import Settings

Floats = NDArray[np.float64]

COMPLETE: Final = (1.0, 1.0)
"""Success of an extract that gives everything."""


@dataclass(frozen=True, slots=True)
class RosterPower:
    """Power of every man on the roster.

    Args:
        missing_ids: the roster; accounted: shape (m,), whether he is accounted for already.
        referenced: shape (m,), whether anybody of his family gave a sample.
        complete: shape (m,), P(named | three complete profiles of his).
        cut: shape (m,), P(named | three bones of his are cut once each), by the success of their elements.
    """

    missing_ids: tuple[str, ...]
    accounted: NDArray[np.bool_]
    referenced: NDArray[np.bool_]
    complete: Floats
    cut: Floats


@dataclass(frozen=True, slots=True)
class ExpectedNames:
    """What boxes to come would give.

    Args:
        individuals: people in them; own: of the roster; names: of these named.
    """

    individuals: Estimate
    own: Estimate
    names: Estimate


def power_of_roster(dossier: Dossier, settings: Settings | None = None) -> RosterPower:
    """The power of the references of a dossier that has passed its check.

    Before the bones are typed, an individual is as likely as anybody to be any man of the roster.

    Raises:
        InvalidInput: nobody is missing.

    Cost: the family tables, once; 2,800 men take some ten seconds.
    """
    from cenotaph.evidence.case import Case
    from cenotaph.evidence.line import States
    from cenotaph.evidence.registry import build_lines
    from cenotaph.identification.actions import success_of
    from cenotaph.identification.prospects import DNA, Standing, names_by_samples, odds_of
    from cenotaph.identification.references import References
    from cenotaph.identification.settings import Settings as Defaults
    from cenotaph.provenance import Run

    settings = settings or Defaults()
    dossier = dossier.in_order()
    case = Case.from_dossier(dossier)
    m = len(case.missing_ids)
    if not m:
        raise InvalidInput("nobody is missing", found="missing.csv without rows", valid="a roster")
    everyone = np.arange(m)
    lines = build_lines(dossier, case, States.of(case), settings.lines, _others(DNA), Run("power", 0, {}))
    own = np.where(case.population >= 0, case.population, int(np.argmax(case.population_share)))
    references = References(lines, own, everyone)
    prior = settings.prior.roster_alpha / (settings.prior.roster_alpha + settings.prior.roster_beta) / m
    success = [success_of(element) for element, _ in BONES]
    complete, cut = np.zeros(m), np.zeros(m)
    donors = np.array([len(case.families[f].donors) if f >= 0 else 0 for f in case.family_of])
    for man in np.flatnonzero(donors):
        standing = Standing(odds_of(prior), 0.0, {}, (), 0, False, references.potential(int(man)))
        sound = 1.0 - min(settings.errors.donor * donors[man], 0.5)
        complete[man] = sound * names_by_samples(standing, [COMPLETE] * len(BONES), settings.verdict)[-1]
        cut[man] = sound * names_by_samples(standing, success, settings.verdict)[-1]
    status = dossier.table("missing").get_column("status").to_list()
    return RosterPower(case.missing_ids, np.array([s == "accounted" for s in status]), donors > 0, complete, cut)


def _others(kept: tuple[str, ...]) -> frozenset[str]:
    from cenotaph.evidence.registry import LINES

    return frozenset(LINES) - frozenset(kept)


def expected_names(
    power: RosterPower,
    a_box: Floats,
    on_roster: tuple[float, float],
    boxes: int,
    handovers: int,
    rng: np.random.Generator,
) -> ExpectedNames:
    """Individuals, own men and names of boxes to come, with 80 % intervals.

    Individuals of each handover ~ Poisson(boxes · λ), λ drawn for each; own men ~ Binomial(individuals, u),
    u ~ Beta; they are men of the roster who are not accounted for, without replacement, each named with his power.

    Args:
        power: of the roster.
        a_box: draws of individuals a box at the next handover (`individuals_a_unit`).
        on_roster: parameters of the Beta distribution of the share of individuals on the roster.
        boxes: of each handover; *handovers*: how many.
        rng: draws.
    """
    still = np.flatnonzero(~power.accounted)
    named_if_found = power.cut[still]
    individuals, own, names = (np.zeros(len(a_box)) for _ in range(3))
    for k in range(len(a_box)):
        people = rng.poisson(boxes * a_box[rng.integers(0, len(a_box), handovers)]).sum()
        mine = min(rng.binomial(people, rng.beta(*on_roster)), len(still))
        men = rng.choice(len(still), mine, replace=False)
        individuals[k], own[k], names[k] = people, mine, (rng.random(mine) < named_if_found[men]).sum()
    return ExpectedNames(Estimate.of(individuals), Estimate.of(own), Estimate.of(names))
