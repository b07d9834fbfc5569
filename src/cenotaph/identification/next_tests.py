"""What to do next: expected names gained by each further test, and what it costs.

Of an individual that may be missing person j with probability p_j, an action *a* is expected to bring

    Σ_j p_j · [ P(identification | he is j, a) − P(identification | he is j, now) ]

names (`cenotaph.identification.prospects`), nothing where the individual or the man has his name already. Where only
several actions together can bring a name, as two extracts where none is yet, each is given its share of what they
bring. The grouping is held fixed; a bone that stands alone counts for every individual that it may be of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cenotaph.identification.actions import NextTest, best_of_each
from cenotaph.identification.asking import ask_relatives
from cenotaph.identification.desk import AGAIN_AFTER_FAILURE, CLOSED, LEAST_CANDIDATE, MOST_SAMPLES, Desk
from cenotaph.identification.identify import Identification
from cenotaph.identification.prospects import (
    COMPLETE,
    DNA,
    MTDNA,
    STR,
    YSTR,
    Extract,
    Standing,
    names_by_samples,
    shares,
)
from cenotaph.identification.settings import Settings

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

LEAST_EXPECTED = 1e-4
MOST_ROWS = 500
TYPED = {MTDNA: 0.90, YSTR: 0.80, STR: 0.60}
"""Success of typing more of an extract that gave something; assumptions."""
MEASURED_DECIDES = 0.3
"""Probability that measurements of a bone decide an open grouping; an assumption."""
LEAST_OPEN, MOST_OPEN = 0.05, 0.95


def next_tests(
    found: Identification,
    dossier: Dossier,
    settings: Settings | None = None,
    *,
    samplable: frozenset[str] | None = None,
) -> tuple[NextTest, ...]:
    """Actions by expected names per cost, the best first.

    Args:
        found: the identification of the dossier.
        dossier: elements, measurements, costs.
        settings: those of the identification.
        samplable: specimens that can be cut; None for all.

    Cost: seconds at the size of K55; families are peeled for the likeliest candidates only.
    """
    desk = Desk.of(found, dossier.in_order(), settings or Settings(), samplable)
    tests = [*_bones(desk), *_lone_bones(desk), *_typing(desk), *ask_relatives(desk), *_measurements(desk)]
    worth = [one for one in tests if one.expected_names >= LEAST_EXPECTED]
    return tuple(sorted(worth, key=lambda t: (-t.names_per_cost, t.action, t.subject_id))[:MOST_ROWS])


def _bones(desk: Desk) -> list[NextTest]:
    """Bones of individuals that have a profile: one more extract, of the most promising bones."""
    tests = []
    for k in desk.open:
        one = desk.found.individuals[k]
        if not desk.is_typed(k) or not desk.names_of(k):
            continue
        bones = desk.bones_of(one)[:MOST_SAMPLES]
        worth = shares(desk.bone_gains(k, [b[0] for b in bones]))
        for (success, s, what), names in zip(bones, worth, strict=True):
            together = sum(w == names for w in worth)
            also = f"; one of {together} extracts that bring the name together" if together > 1 else ""
            reason = (
                f"{what} {desk.element[s].replace('_', ' ')} for {one.individual_id}, {desk.best_name(k)}: "
                f"{desk.lacking(k)}; gives a profile with probability {success[0]:.2f}{also}"
            )
            cost = desk.costs.of("sample_bone", desk.element[s])
            tests.append(NextTest("sample_bone", desk.found.case.specimen_ids[s], names, cost, reason))
    return tests


@dataclass(frozen=True, slots=True)
class _Lone:
    """A bone whose person has no profile yet: what a sample of it would bring to whom.

    Args:
        specimen: the bone; what: what its sample would be; success: of that.
        groups: individual → P(the bone is of that person).
        itself: names expected where it is of nobody among them.
    """

    specimen: int
    what: str
    success: tuple[float, float]
    groups: Mapping[int, float]
    itself: float


def _lone_bones(desk: Desk) -> list[NextTest]:
    """Bones without a profile of their person: for every individual that they may be of, and for somebody new."""
    bones = _lone(desk)
    is_open = set(desk.open)
    worth: list[dict[int, float]] = [
        {g: q * desk.first_share(g, one.success) for g, q in one.groups.items() if g in is_open} for one in bones
    ]
    # The same individual needs no further extract once one that stands before this has succeeded.
    for group in sorted({g for parts in worth for g in parts}):
        needed = 1.0
        for n in sorted((n for n, parts in enumerate(worth) if group in parts), key=lambda n: (-worth[n][group], n)):
            worth[n][group] *= needed
            needed *= 1.0 - bones[n].groups[group] * bones[n].success[0]
    tests = []
    for one, parts in zip(bones, worth, strict=True):
        best = max(parts, key=lambda g: (parts[g], -g), default=-1)
        where = (
            f"may be of {desk.found.individuals[best].individual_id} ({one.groups[best]:.2f})"
            if best >= 0 and parts[best] > one.itself
            else "may be of somebody not yet met"
        )
        element = desk.element[one.specimen]
        reason = (
            f"{one.what} {element.replace('_', ' ')}, which {where}; "
            f"gives a profile with probability {one.success[0]:.2f}"
        )
        names, cost = sum(parts.values()) + one.itself, desk.costs.of("sample_bone", element)
        tests.append(NextTest("sample_bone", desk.found.case.specimen_ids[one.specimen], names, cost, reason))
    return tests


def _lone(desk: Desk) -> list[_Lone]:
    """The bones of individuals without a profile that can be cut."""
    belongs: dict[int, dict[int, float]] = defaultdict(dict)
    for a, b, p, _ in desk.found.joint.pairs:
        for bone, other in ((a, b), (b, a)):
            group = desk.individual_of[other]
            if group != desk.individual_of[bone] and desk.is_typed(group):
                belongs[bone][group] = max(belongs[bone].get(group, 0.0), p)
    return [
        _Lone(s, what, success, groups, _by_itself(desk, k, groups, success))
        for k in desk.open
        if not desk.is_typed(k)
        for groups in (belongs[desk.found.individuals[k].specimens[0]],)
        for success, s, what in desk.bones_of(desk.found.individuals[k])[:MOST_SAMPLES]
    ]


def _by_itself(desk: Desk, k: int, groups: Mapping[int, float], success: tuple[float, float]) -> float:
    """Names expected of an individual without a profile where it is nobody among the groups."""
    one = desk.found.individuals[k]
    roster = 1.0 - one.names.nobody - sum(q * (1.0 - _nobody(desk, g)) for g, q in groups.items())
    expected = 0.0
    for p, man, standing in desk.names_of(k):
        left = p - sum(q * _probability(desk, g, man) for g, q in groups.items())
        if left >= LEAST_CANDIDATE:
            gains = names_by_samples(standing, [success] * MOST_SAMPLES, desk.settings.verdict)
            expected += left * shares([g - gains[0] for g in gains])[0]
            roster -= left
    somebody = max(roster, 0.0)
    return expected + somebody * desk.anybody_share(success, somebody / len(desk.found.case.missing_ids))


def _nobody(desk: Desk, k: int) -> float:
    return desk.found.individuals[k].names.nobody


def _probability(desk: Desk, k: int, man: int) -> float:
    names = desk.found.individuals[k].names
    return float(names.probability[names.men == man].sum())


def _typing(desk: Desk) -> list[NextTest]:
    """More systems or a fuller profile of an extract that is there."""
    case, rules = desk.found.case, desk.settings.verdict
    lines = {line.name: line for line in desk.found.evidence.lines if line.name in DNA}
    words = {MTDNA: "mitochondrial DNA", YSTR: "the Y chromosome", STR: "a fuller autosomal profile"}
    tests = []
    for k in desk.open:
        one, names = desk.found.individuals[k], desk.names_of(k)
        samples = [e for e in one.exhibits if case.is_sample(e) and any(line.seen[e] for line in lines.values())]
        if not names or not samples:
            continue
        extracts = desk.extracts(one)
        for name in lines:
            worth = []
            for n, (sample, has) in enumerate(zip(samples, extracts, strict=True)):
                if name not in has or name == STR:
                    gives = has | ({STR, COMPLETE} if name == STR else {name})
                    more = (*extracts[:n], gives, *extracts[n + 1 :])
                    gain = sum(p * (st.chance(more, rules) - st.chance(extracts, rules)) for p, _, st in names)
                    success = TYPED[name] * (AGAIN_AFTER_FAILURE if name == STR and STR not in has else 1.0)
                    worth.append((success * max(gain, 0.0), sample))
            # Of the extracts of one individual the most promising: typing the others too would bring little more.
            if worth:
                gained, sample = max(worth, key=lambda w: (w[0], -w[1]))
                reason = f"{words[name]} of an extract of {one.individual_id}, {desk.best_name(k)}: {desk.lacking(k)}"
                cost = desk.costs.of("type_more")
                tests.append(NextTest("type_more", case.sample_ids[sample], gained, cost, reason))
    return best_of_each(tests)


def _measurements(desk: Desk) -> list[NextTest]:
    """Bones whose grouping is open, that carry evidence for the individual and were never measured."""
    case, rules = desk.found.case, desk.settings.verdict
    cost, tests = desk.costs.of("measure"), list[NextTest]()
    for a, b, q, _ in desk.found.joint.pairs:
        for bone, other in ((a, b), (b, a)):
            k, alone = desk.individual_of[other], desk.individual_of[bone]
            one = desk.found.individuals[alone]
            if (
                not LEAST_OPEN < q < MOST_OPEN
                or k == alone
                or len(one.specimens) > 1
                or case.specimen_ids[bone] in desk.measured
                or desk.found.individuals[k].verdict.word in CLOSED
                or not one.exhibits
            ):
                continue
            told = {c.man: c.lines for c in one.candidates}
            group_of = {line.name: line.group for line in desk.found.evidence.lines}
            gain = 0.0
            for p, man, standing in desk.names_of(k):
                more = _joined(standing, told.get(man, {}), desk.extracts(one), group_of, desk)
                gain += p * max(more.chance(more.extracts, rules) - standing.chance(standing.extracts, rules), 0.0)
            reason = (
                f"this {desk.element[bone].replace('_', ' ')} may be of {desk.found.individuals[k].individual_id} "
                f"({q:.2f}) and would support its name; measurements may decide"
            )
            tests.append(NextTest("measure", case.specimen_ids[bone], q * MEASURED_DECIDES * gain, cost, reason))
    return best_of_each(tests)


def _joined(
    standing: Standing,
    told: Mapping[str, float],
    extracts: tuple[Extract, ...],
    group_of: Mapping[str, str],
    desk: Desk,
) -> Standing:
    """Where the name stands with what the bone alone says of the man; the bone's own DNA as far as it is new."""
    lines = dict(standing.lines)
    for name in DNA:
        if name in told and not lines.get(name):
            lines[name] = told[name]
    groups: dict[str, float] = defaultdict(float)
    for name, value in told.items():
        if group_of[name] not in desk.dna_groups:
            groups[group_of[name]] += value
    added = sum(groups.values()) + sum(lines.get(n, 0.0) - standing.lines.get(n, 0.0) for n in DNA)
    return replace(
        standing,
        log10_odds=standing.log10_odds + added,
        lines=lines,
        extracts=(*standing.extracts, *extracts),
        support=standing.support + sum(v >= desk.settings.verdict.support_log10 for v in groups.values()),
    )
