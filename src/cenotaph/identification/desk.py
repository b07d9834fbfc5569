"""An identification as the next test is chosen from it: who is without a name, how his name stands, what can be cut."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log10
from typing import TYPE_CHECKING, cast

import numpy as np

from cenotaph.evidence.case import evenly
from cenotaph.evidence.line import Floats
from cenotaph.evidence.provenance import Provenance
from cenotaph.identification.actions import Costs, success_of
from cenotaph.identification.identify import Identification, Individual
from cenotaph.identification.prospects import DNA, STR, Extract, Potential, Standing, names_by_samples, odds_of, shares
from cenotaph.identification.references import References
from cenotaph.identification.settings import Settings
from cenotaph.identification.verdicts import Candidate

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

LEAST_CANDIDATE = 0.01
CLOSED = ("identification", "unlisted")
MOST_SAMPLES = 3
TYPICAL_MEN = 60
"""Men of the roster, evenly spaced, who stand for anybody on it."""

AGAIN = (0.85, 0.95)
"""Success of a further extract of a bone that gave an autosomal profile; an assumption."""
AGAIN_AFTER_FAILURE = 0.5
"""Factor on the success of a bone that gave none; an assumption."""


@dataclass
class Desk:
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
    open: list[int] = field(init=False)
    typical: Sequence[int] = field(init=False)
    references: References = field(init=False)
    known: dict[tuple[object, ...], object] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Identification, dossier: Dossier, settings: Settings, samplable: frozenset[str] | None) -> Desk:
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

    def lacking(self, k: int) -> str:
        """What keeps an individual from the likeliest name that can still be given, in words."""
        one, rules = self.found.individuals[k], self.settings.verdict
        _, man, _ = max(self.names_of(k), key=lambda c: (c[0], -c[1]))
        if one.verdict.word == "shortlist" and one.candidates[0].man == man:
            return one.verdict.reason.replace("; ", ", ")
        if len(self.extracts(one)) < rules.extracts:
            return "all support rests on one extract"
        return f"the probability is below {rules.identification}"
