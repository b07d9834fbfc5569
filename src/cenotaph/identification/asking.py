"""Which relative to call: what a reference of each living member of a candidate's family is expected to bring."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import cast

import numpy as np

from cenotaph.evidence.case import Family
from cenotaph.identification.actions import NextTest
from cenotaph.identification.desk import LEAST_CANDIDATE, MOST_SAMPLES, Desk
from cenotaph.identification.prospects import (
    COMPLETE,
    DNA,
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
REPLY = 0.6
"""Share of relatives who can be found and give a sample; an assumption."""


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
    best: dict[tuple[int, int], tuple[float, int, int, str]] = {}
    peeled = 0
    for p, k, man, standing in wanted:
        family = int(case.family_of[man])
        for relative, word in _askable(desk, man):
            own = bool(typed_donors(line, case.families[family]))
            if own and peeled >= MOST_PEELED:
                continue
            peeled += own
            names = p * REPLY * _relative_gain(desk, k, man, standing, relative, word, rng)
            total[family, relative] += names
            if (family, relative) not in best or names > best[family, relative][0]:
                best[family, relative] = (names, k, man, word)
    return [
        NextTest(
            "sample_relative",
            case.families[family].ids[relative],
            total[family, relative],
            desk.costs.of("sample_relative", word),
            f"{word} of {case.missing_ids[man]}, a candidate of {desk.found.individuals[k].individual_id}; "
            f"{_markers(desk, case.families[family], int(case.node_of[man]), relative)}",
        )
        for (family, relative), (_, k, man, word) in best.items()
    ]


def _askable(desk: Desk, man: int) -> list[tuple[int, str]]:
    """Relatives of a man who can be asked, one of each relation."""
    if man not in desk.asked:
        family, found = int(desk.found.case.family_of[man]), dict[str, int]()
        if family >= 0:
            for i, word in who_can_be_asked(desk.found.case.families[family], int(desk.found.case.node_of[man])):
                found.setdefault(word, i)
        desk.asked[man] = [(i, word) for word, i in found.items()]
    return desk.asked[man]


def _unpointed(desk: Desk, k: int) -> list[tuple[float, int, Standing]]:
    """Men on the roster at whom nothing points because nobody of their family gave a sample."""
    case, one = desk.found.case, desk.found.individuals[k]
    mass = float(one.names.classes[0])
    if mass < LEAST_CANDIDATE:
        return []
    if "unreferenced" not in desk.known:
        desk.known["unreferenced"] = np.array(
            [m for m, f in enumerate(case.family_of) if f < 0 or not case.families[f].donors], dtype=np.int64
        )
    men = np.setdiff1d(cast("np.ndarray", desk.known["unreferenced"]), one.names.men)
    prior = np.exp(desk.provenance.log_prior(one.specimens))
    share = prior / max(float(np.delete(prior, one.names.men).sum()), 1e-12)
    extracts = desk.extracts(one)
    return [
        (p, int(man), Standing(odds_of(p), 0.0, {}, extracts, 0, False, Potential(0.0, 0.0, {})))
        for man in men
        if man not in desk.named and _askable(desk, int(man)) and (p := float(mass * share[man])) > 0
    ]


def _relative_gain(
    desk: Desk, k: int, man: int, standing: Standing, relative: int, word: str, rng: np.random.Generator
) -> float:
    """P(identification | he is this man) that the relative adds, alone or as a share of a plan with more extracts."""
    one, rules = desk.found.individuals[k], desk.settings.verdict
    family = desk.found.case.families[desk.found.case.family_of[man]]
    node = int(desk.found.case.node_of[man])
    gain = _gain_of(desk, k, man, relative, word, rng)
    if gain is None:
        return 0.0
    haploid = {
        name: desk.references.rarity_seen(name, one.exhibits)
        if line.meioses(family, node, relative) >= 0 and not standing.potential.haploid.get(name)
        else standing.potential.haploid.get(name, 0.0)
        for name, line in desk.references.haploid.items()
    }
    lines = {**standing.lines, STR: gain.seen}
    for name, value in haploid.items():
        if not standing.lines.get(name):
            lines[name] = value
    # Odds now do not hold what the relative adds.
    shift = sum(lines.get(n, 0.0) - standing.lines.get(n, 0.0) for n in DNA if any(n in e for e in standing.extracts))
    moved = replace(
        standing,
        log10_odds=standing.log10_odds + shift,
        rivals=0.0 if relative_descends(family, node, relative) else standing.rivals,
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


def _gain_of(desk: Desk, k: int, man: int, relative: int, word: str, rng: np.random.Generator) -> Gain | None:
    """What a donor adds to the autosomal line; where he would be the family's only one, by his relation alone."""
    case, line = desk.found.case, desk.references.autosomal
    assert line is not None
    family = case.families[case.family_of[man]]
    population = int(desk.found.evidence.own_population[man])
    seen = desk.references.seen(desk.found.individuals[k].exhibits)
    if typed_donors(line, family):
        return donor_gain(line, family, int(case.node_of[man]), relative, population, seen, rng, DRAWS)
    key = ("relation", word, population)
    if key not in desk.known:
        desk.known[key] = donor_gain(
            line, family, int(case.node_of[man]), relative, population, None, rng, TYPICAL_DRAWS
        )
    typical = cast("Gain | None", desk.known[key])
    if typical is None or seen is None:
        return typical
    share = float((np.minimum.reduceat(seen, line.offsets[:-1]) < 0.5).mean())
    return Gain(
        share * typical.complete, share * typical.complete_variance, typical.complete, typical.complete_variance
    )


def _markers(desk: Desk, family: Family, node: int, relative: int) -> str:
    """Which markers of a relative tell something."""
    words = {MTDNA: "mitochondrial DNA", YSTR: "Y chromosome"}
    in_line = [words[n] for n, line in desk.references.haploid.items() if line.meioses(family, node, relative) >= 0]
    return ", ".join(["autosomal STR", *in_line])
