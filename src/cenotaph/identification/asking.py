"""Which relative to call: what a reference of each living member of a candidate's family is expected to bring."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from cenotaph.evidence.case import Family
from cenotaph.identification.actions import NextTest
from cenotaph.identification.desk import LEAST_CANDIDATE, MOST_SAMPLES, Desk
from cenotaph.identification.prospects import (
    COMPLETE,
    DNA,
    HAPLOID,
    MTDNA,
    STR,
    YSTR,
    Potential,
    Standing,
    names_by_samples,
    odds_of,
)
from cenotaph.identification.relatives import Gain, donor_gain, typed_donors, who_can_be_asked

MOST_PEELED = 40
"""Pairs of an individual and a relative, the likeliest first, for which the family is peeled with the relative."""
DRAWS, TYPICAL_DRAWS = 4, 16
WORDS = {MTDNA: "mitochondrial DNA", YSTR: "Y chromosome"}
REPLY = 0.6
"""Share of relatives who can be found and give a sample; an assumption."""


@dataclass(frozen=True, slots=True)
class _Relative:
    """Somebody who could give a sample.

    Args:
        node: in the family; word: what he is to the missing person.
        in_line: haploid lines that he shares with the missing person.
        descends: from the missing person.
    """

    node: int
    word: str
    in_line: frozenset[str]
    descends: bool


def ask_relatives(desk: Desk) -> list[NextTest]:
    """Donors who could be asked: for candidates, and for men without references whom the roster cannot exclude."""
    case, line = desk.found.case, desk.references.autosomal
    if line is None:
        return []
    rng = np.random.default_rng(desk.settings.seed)
    wanted: list[tuple[float, int, int, Standing]] = []
    for k in desk.open:
        if desk.is_typed(k):
            wanted += [(p, k, man, st) for p, man, st in [*desk.names_of(k), *_unpointed(desk, k)]]
    wanted.sort(key=lambda w: (-w[0], w[1], w[2]))
    total: dict[tuple[int, int], float] = defaultdict(float)
    best: dict[tuple[int, int], tuple[float, int, int, _Relative]] = {}
    peeled = 0
    for p, k, man, standing in wanted:
        family = int(case.family_of[man])
        own = bool(typed_donors(line, case.families[family])) if family >= 0 else False
        for relative in _askable(desk, man):
            if own and peeled >= MOST_PEELED:
                break
            peeled += own
            names = p * REPLY * _relative_gain(desk, k, man, standing, relative, rng)
            key = family, relative.node
            total[key] += names
            if key not in best or names > best[key][0]:
                best[key] = (names, k, man, relative)
    return [
        NextTest(
            "sample_relative",
            case.families[family].ids[node],
            total[family, node],
            desk.costs.of("sample_relative", relative.word),
            f"{relative.word} of {case.missing_ids[man]}, a candidate of {desk.found.individuals[k].individual_id}; "
            + ", ".join(["autosomal STR", *(WORDS[name] for name in HAPLOID if name in relative.in_line)]),
        )
        for (family, node), (_, k, man, relative) in best.items()
    ]


def _askable(desk: Desk, man: int) -> list[_Relative]:
    """Relatives of a man who can be asked, one of each relation."""
    key = ("askable", man)
    if key not in desk.known:
        case, found = desk.found.case, dict[str, _Relative]()
        if case.family_of[man] >= 0:
            family, node = case.families[case.family_of[man]], int(case.node_of[man])
            for i, word in who_can_be_asked(family, node):
                if word not in found:
                    lines = desk.references.haploid.items()
                    in_line = frozenset(name for name, line in lines if line.meioses(family, node, i) >= 0)
                    found[word] = _Relative(i, word, in_line, relative_descends(family, node, i))
        desk.known[key] = list(found.values())
    return cast("list[_Relative]", desk.known[key])


def _unpointed(desk: Desk, k: int) -> list[tuple[float, int, Standing]]:
    """Men on the roster at whom nothing points because nobody of their family gave a sample."""
    case, one = desk.found.case, desk.found.individuals[k]
    mass = float(one.names.classes[0])
    if mass < LEAST_CANDIDATE:
        return []
    if "unreferenced" not in desk.known:
        without = [m for m, f in enumerate(case.family_of) if f >= 0 and not case.families[f].donors]
        desk.known["unreferenced"] = np.array([m for m in without if _askable(desk, m)], dtype=np.int64)
    men = np.setdiff1d(cast("np.ndarray", desk.known["unreferenced"]), [*one.names.men, *desk.named])
    prior = np.exp(desk.provenance.log_prior(one.specimens))
    share = mass * prior / max(float(np.delete(prior, one.names.men).sum()), 1e-12)
    extracts, standings, found = desk.extracts(one), dict[float, Standing](), list[tuple[float, int, Standing]]()
    for man in men.astype(int).tolist():
        p = float(share[man])
        if p not in standings:
            standings[p] = Standing(odds_of(p), 0.0, {}, extracts, 0, False, Potential(0.0, 0.0, {}))
        found.append((p, man, standings[p]))
    return found


def _relative_gain(
    desk: Desk, k: int, man: int, standing: Standing, relative: _Relative, rng: np.random.Generator
) -> float:
    """P(identification | he is this man) that the relative adds, alone or as a share of a plan with more extracts."""
    population = int(desk.found.evidence.own_population[man])
    key = ("gain", k, relative.word, relative.in_line, population, standing.log10_odds)
    if standing.lines:
        return _computed_gain(desk, k, man, standing, relative, rng)
    # Of men at whom nothing points yet, the relation and the prior tell everything.
    if key not in desk.known:
        desk.known[key] = _computed_gain(desk, k, man, standing, relative, rng)
    return cast(float, desk.known[key])


def _computed_gain(
    desk: Desk, k: int, man: int, standing: Standing, relative: _Relative, rng: np.random.Generator
) -> float:
    one, rules = desk.found.individuals[k], desk.settings.verdict
    gain = _gain_of(desk, k, man, relative, rng)
    if gain is None:
        return 0.0
    known = standing.potential.haploid
    haploid = {
        name: desk.references.rarity_seen(name, one.exhibits)
        if name in relative.in_line and not known.get(name)
        else known.get(name, 0.0)
        for name in desk.references.haploid
    }
    lines = {**standing.lines, STR: gain.seen}
    lines.update((name, value) for name, value in haploid.items() if not standing.lines.get(name))
    # Odds now do not hold what the relative adds.
    shift = sum(lines.get(n, 0.0) - standing.lines.get(n, 0.0) for n in DNA if any(n in e for e in standing.extracts))
    moved = replace(
        standing,
        log10_odds=standing.log10_odds + shift,
        rivals=0.0 if relative.descends else standing.rivals,
        lines=lines,
    )
    typed = replace(moved, potential=Potential(gain.seen, gain.seen_variance, haploid))
    fuller = replace(moved, potential=Potential(gain.complete, gain.complete_variance, haploid))
    as_variate = tuple(e | {COMPLETE} if STR in e else e for e in standing.extracts)
    bones = [b[0] for b in desk.bones_of(one)[: MOST_SAMPLES - 1]]
    alone = names_by_samples(standing, bones, rules)
    after = [typed.chance(as_variate, rules), *names_by_samples(fuller, bones, rules)[1:]]
    return max(0.0, *((b - a) / (n + 1) for n, (a, b) in enumerate(zip(alone, after, strict=True))))


def relative_descends(family: Family, node: int, relative: int) -> bool:
    """Whether a relative descends from a person."""
    frontier = [relative]
    while frontier:
        one = frontier.pop()
        if one == node:
            return True
        frontier += [int(p) for p in (family.father[one], family.mother[one]) if p >= 0]
    return False


def _gain_of(desk: Desk, k: int, man: int, relative: _Relative, rng: np.random.Generator) -> Gain | None:
    """What a donor adds to the autosomal line; where he would be the family's only one, by his relation alone."""
    case, line = desk.found.case, desk.references.autosomal
    assert line is not None
    family, node = case.families[case.family_of[man]], int(case.node_of[man])
    population = int(desk.found.evidence.own_population[man])
    seen = desk.references.seen(desk.found.individuals[k].exhibits)
    if typed_donors(line, family):
        return donor_gain(line, family, node, relative.node, population, seen, rng, DRAWS)
    key = ("relation", relative.word, population)
    if key not in desk.known:
        desk.known[key] = donor_gain(line, family, node, relative.node, population, None, rng, TYPICAL_DRAWS)
    typical = cast("Gain | None", desk.known[key])
    if typical is None or seen is None:
        return typical
    share = float((np.minimum.reduceat(seen, line.offsets[:-1]) < 0.5).mean())
    return Gain(
        share * typical.complete, share * typical.complete_variance, typical.complete, typical.complete_variance
    )
