"""What to do next: expected names gained by each further test, and what it costs.

Of an individual that may be missing person j with probability p_j, an action *a* is expected to bring

    Σ_j p_j · [ P(identification | he is j, a) − P(identification | he is j, now) ]

names (`cenotaph.identification.prospects`), nothing where the individual or the man has his name already. Where only
several actions together can bring a name, as two extracts where none is yet, each is given its share of what they
bring. The grouping is held fixed; a bone that stands alone counts for every individual that it may be of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log10
from typing import TYPE_CHECKING, cast

import numpy as np

from cenotaph.dossier.shipped import shipped_rows
from cenotaph.evidence.case import Family
from cenotaph.evidence.line import Floats
from cenotaph.evidence.provenance import Provenance
from cenotaph.identification.identify import Identification, Individual
from cenotaph.identification.prospects import (
    COMPLETE,
    DNA,
    MTDNA,
    STR,
    YSTR,
    Extract,
    Potential,
    Standing,
    names_by_samples,
    odds_of,
    shares,
)
from cenotaph.identification.references import References, evenly
from cenotaph.identification.relatives import Gain, donor_gain, typed_donors, who_can_be_asked
from cenotaph.identification.settings import Settings
from cenotaph.identification.verdicts import Candidate

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

LEAST_CANDIDATE = 0.01
LEAST_EXPECTED = 1e-4
MOST_SAMPLES = 3
MOST_ROWS = 500
MOST_PEELED = 40
"""Pairs of an individual and a relative, the likeliest first, for which the family is peeled with the relative."""
DRAWS, TYPICAL_DRAWS = 4, 16
TYPICAL_MEN = 60
"""Men of the roster, evenly spaced, who stand for anybody on it."""

AGAIN = (0.85, 0.95)
"""Success of a further extract of a bone that gave an autosomal profile; an assumption."""
AGAIN_AFTER_FAILURE = 0.5
"""Factor on the success of a bone that gave none; an assumption."""
TYPED = {MTDNA: 0.90, YSTR: 0.80, STR: 0.60}
"""Success of typing more of an extract that gave something; assumptions."""
REPLY = 0.6
"""Share of relatives who can be found and give a sample; an assumption."""
MEASURED_DECIDES = 0.3
"""Probability that measurements of a bone decide an open grouping; an assumption."""
LEAST_OPEN, MOST_OPEN = 0.05, 0.95
CLOSED = ("identification", "unlisted")
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
    desk = _Desk.of(found, dossier.in_order(), settings or Settings(), samplable)
    tests = [*_bones(desk), *_lone_bones(desk), *_typing(desk), *_relatives(desk), *_measurements(desk)]
    worth = [one for one in tests if one.expected_names >= LEAST_EXPECTED]
    return tuple(sorted(worth, key=lambda t: (-t.names_per_cost, t.action, t.subject_id))[:MOST_ROWS])


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


@dataclass
class _Desk:
    """The identification and everything that is asked of it again and again."""

    found: Identification
    settings: Settings
    element: tuple[str, ...]
    measured: frozenset[str]
    costs: Costs
    samplable: frozenset[str] | None
    provenance: Provenance
    success: Mapping[str, tuple[float, float]]
    dna_groups: frozenset[str]
    named: frozenset[int]
    individual_of: Mapping[int, int]
    standings: dict[int, list[tuple[float, int, Standing]]] = field(default_factory=dict)
    asked: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    open: list[int] = field(init=False)
    typical: Sequence[int] = field(init=False)
    references: References = field(init=False)
    known: dict[tuple[object, ...], object] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Identification, dossier: Dossier, settings: Settings, samplable: frozenset[str] | None) -> _Desk:
        elements = tuple(e or "unknown" for e in dossier.table("specimens").get_column("element").to_list())
        trust = 0.0 if "provenance" in settings.without else settings.prior.label_trust
        return cls(
            found,
            settings,
            elements,
            frozenset(dossier.table("measurements").get_column("specimen_id").to_list()),
            Costs.of_dossier(dossier),
            samplable,
            Provenance(dossier, found.case, trust=trust),
            {e: success_of(e) for e in sorted(set(elements))},
            frozenset(line.group for line in found.evidence.lines if line.name in DNA),
            frozenset(one.candidates[0].man for one in found.individuals if one.verdict.word == "identification"),
            {s: k for k, one in enumerate(found.individuals) for s in one.specimens},
        )

    def __post_init__(self) -> None:
        evidence, individuals = self.found.evidence, self.found.individuals
        self.open = [k for k, one in enumerate(individuals) if one.verdict.word not in CLOSED]
        self.typical = evenly(len(self.found.case.missing_ids), TYPICAL_MEN)
        men = {c.man for k in self.open for c in individuals[k].candidates if self._is_candidate(c)} | set(self.typical)
        self.references = References(evidence.lines, evidence.own_population, np.array(sorted(men), dtype=np.int64))

    def extracts(self, one: Individual) -> tuple[Extract, ...]:
        """What each sample of an individual gave."""
        lines = {line.name: line.seen for line in self.found.evidence.lines if line.name in DNA}
        samples = [e for e in one.exhibits if self.found.case.is_sample(e)]
        given = (frozenset(name for name, seen in lines.items() if seen[e]) for e in samples)
        return tuple(e for e in given if e)

    def _is_candidate(self, c: Candidate) -> bool:
        return c.probability >= LEAST_CANDIDATE and c.man not in self.named

    def names_of(self, k: int) -> list[tuple[float, int, Standing]]:
        """Candidates of an individual that can still get a name: probability, man, where the name stands."""
        if k not in self.standings:
            one = self.found.individuals[k]
            seen, extracts = self.references.seen(one.exhibits), self.extracts(one)
            self.standings[k] = [
                (c.probability, c.man, self._standing(one, c.man, c.probability, c.lines, seen, extracts))
                for c in one.candidates
                if self._is_candidate(c)
            ]
        return self.standings[k]

    def _standing(
        self,
        one: Individual,
        man: int,
        probability: float,
        lines: Mapping[str, float],
        seen: Floats | None,
        extracts: tuple[Extract, ...],
    ) -> Standing:
        rules, case = self.settings.verdict, self.found.case
        group_of = {line.name: line.group for line in self.found.evidence.lines}
        groups: dict[str, float] = defaultdict(float)
        for name, value in lines.items():
            groups[group_of[name]] += value
        family = int(case.family_of[man])
        rivals = sum(
            float(p)
            for other, p in zip(one.names.men, one.names.probability, strict=True)
            if other != man and family >= 0 and case.family_of[other] == family
        )
        return Standing(
            odds_of(probability, rivals),
            rivals / probability,
            {name: lines[name] for name in DNA if name in lines},
            extracts,
            sum(v >= rules.support_log10 for g, v in groups.items() if g not in self.dna_groups),
            any(v <= rules.against_log10 for v in (*lines.values(), *groups.values())),
            self.references.potential(man, seen),
        )

    def bones_of(self, one: Individual) -> list[tuple[tuple[float, float], int, str]]:
        """Bones of an individual that can be cut, the most promising first: success, specimen, what it would be."""
        case, line = self.found.case, self.references.autosomal
        found = []
        for s in one.specimens:
            if self.samplable is not None and case.specimen_ids[s] not in self.samplable:
                continue
            full, alone = self.success[self.element[s]]
            samples = case.samples_of[s]
            if any(line is not None and line.seen[e] for e in samples):
                found.append((AGAIN, s, "a further extract of this"))
            elif samples:
                found.append(
                    ((full * AGAIN_AFTER_FAILURE, alone * AGAIN_AFTER_FAILURE), s, "a further extract of this")
                )
            else:
                found.append(((full, alone), s, "an extract of this"))
        return sorted(found, key=lambda b: (-b[0][0], -b[0][1], b[1]))

    def bone_gains(self, k: int, success: Sequence[tuple[float, float]]) -> list[float]:
        """Expected names after none, one, two … extracts with these chances."""
        total = np.zeros(len(success) + 1)
        for p, _, standing in self.names_of(k):
            total += p * np.array(names_by_samples(standing, success, self.settings.verdict))
        return [float(x) for x in total - total[0]]

    def first_share(self, k: int, success: tuple[float, float]) -> float:
        """What one extract with this chance brings an individual, or its share of what several bring."""
        key = ("share", k, success)
        if key not in self.known:
            self.known[key] = shares(self.bone_gains(k, [success] * MOST_SAMPLES))[0]
        return cast(float, self.known[key])

    def anybody_share(self, success: tuple[float, float], probability: float) -> float:
        """The same for a new individual who is anybody on the roster, with this probability on each man."""
        step = round(2 * log10(max(probability, 1e-9))) / 2
        key = ("anybody", success, step)
        if key not in self.known:
            gains = np.zeros(MOST_SAMPLES + 1)
            for man in (m for m in self.typical if m not in self.named):
                standing = self._fresh(man, step)
                gains += names_by_samples(standing, [success] * MOST_SAMPLES, self.settings.verdict)
            self.known[key] = shares([float(x) for x in gains / len(self.typical)])[0]
        return cast(float, self.known[key])

    def _fresh(self, man: int, log10_probability: float) -> Standing:
        """A man of whom nothing is known yet but a prior probability."""
        if ("potential", man) not in self.known:
            self.known["potential", man] = self.references.potential(man, None)
        key = ("fresh", man, log10_probability)
        if key not in self.known:
            potential = cast(Potential, self.known["potential", man])
            self.known[key] = Standing(odds_of(10.0**log10_probability), 0.0, {}, (), 0, False, potential)
        return cast(Standing, self.known[key])

    def best_name(self, k: int) -> str:
        """The likeliest name that can still be given, in words."""
        p, man, _ = max(self.names_of(k), key=lambda c: (c[0], -c[1]))
        return f"{self.found.case.missing_ids[man]} (now {p:.2f})"

    def is_typed(self, k: int) -> bool:
        """Whether an individual has an autosomal profile."""
        return any(STR in e for e in self.extracts(self.found.individuals[k]))


def _bones(desk: _Desk) -> list[NextTest]:
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
                f"{_lacking(desk, k)}; gives a profile with probability {success[0]:.2f}{also}"
            )
            cost = desk.costs.of("sample_bone", desk.element[s])
            tests.append(NextTest("sample_bone", desk.found.case.specimen_ids[s], names, cost, reason))
    return tests


def _lacking(desk: _Desk, k: int) -> str:
    """What keeps an individual from its name, first things first."""
    one, rules = desk.found.individuals[k], desk.settings.verdict
    extracts = len(desk.extracts(one))
    if extracts < rules.extracts:
        return "all support rests on one extract"
    p, _, standing = max(desk.names_of(k), key=lambda c: (c[0], -c[1]))
    if standing.rivals > 1.0 / rules.identification - 1.0:
        return "another man of his family is as likely"
    if p < rules.identification:
        return f"the probability is below {rules.identification}"
    return "support is too narrow, or does not stand without one sample"


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


def _lone_bones(desk: _Desk) -> list[NextTest]:
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


def _lone(desk: _Desk) -> list[_Lone]:
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


def _by_itself(desk: _Desk, k: int, groups: Mapping[int, float], success: tuple[float, float]) -> float:
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


def _nobody(desk: _Desk, k: int) -> float:
    return desk.found.individuals[k].names.nobody


def _probability(desk: _Desk, k: int, man: int) -> float:
    names = desk.found.individuals[k].names
    return float(names.probability[names.men == man].sum())


def _typing(desk: _Desk) -> list[NextTest]:
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
                reason = f"{words[name]} of an extract of {one.individual_id}, {desk.best_name(k)}: {_lacking(desk, k)}"
                cost = desk.costs.of("type_more")
                tests.append(NextTest("type_more", case.sample_ids[sample], gained, cost, reason))
    return _best_of_each(tests)


def _best_of_each(tests: Sequence[NextTest]) -> list[NextTest]:
    best: dict[tuple[str, str], NextTest] = {}
    for test in tests:
        key = (test.action, test.subject_id)
        if key not in best or test.expected_names > best[key].expected_names:
            best[key] = test
    return list(best.values())


def _relatives(desk: _Desk) -> list[NextTest]:
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


def _askable(desk: _Desk, man: int) -> list[tuple[int, str]]:
    """Relatives of a man who can be asked, one of each relation."""
    if man not in desk.asked:
        family, found = int(desk.found.case.family_of[man]), dict[str, int]()
        if family >= 0:
            for i, word in who_can_be_asked(desk.found.case.families[family], int(desk.found.case.node_of[man])):
                found.setdefault(word, i)
        desk.asked[man] = [(i, word) for word, i in found.items()]
    return desk.asked[man]


def _unpointed(desk: _Desk, k: int) -> list[tuple[float, int, Standing]]:
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
    desk: _Desk, k: int, man: int, standing: Standing, relative: int, word: str, rng: np.random.Generator
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


def _gain_of(desk: _Desk, k: int, man: int, relative: int, word: str, rng: np.random.Generator) -> Gain | None:
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


def _markers(desk: _Desk, family: Family, node: int, relative: int) -> str:
    """Which markers of a relative tell something."""
    words = {MTDNA: "mitochondrial DNA", YSTR: "Y chromosome"}
    in_line = [words[n] for n, line in desk.references.haploid.items() if line.meioses(family, node, relative) >= 0]
    return " and ".join(["autosomal STR", *in_line])


def _measurements(desk: _Desk) -> list[NextTest]:
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
    return _best_of_each(tests)


def _joined(
    standing: Standing,
    told: Mapping[str, float],
    extracts: tuple[Extract, ...],
    group_of: Mapping[str, str],
    desk: _Desk,
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
