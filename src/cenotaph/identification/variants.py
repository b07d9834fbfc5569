"""What `sensitivity` varies: one parameter at a time, and only the lines that depend on it are built again."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.dossier.shipped import load_frequency_tables, tables_from_rows
from cenotaph.evidence.autosomal import AutosomalLine
from cenotaph.evidence.combine import ErrorSettings, Evidence
from cenotaph.evidence.line import Floats, Line
from cenotaph.evidence.mtdna import MtdnaLine
from cenotaph.evidence.provenance import Provenance
from cenotaph.evidence.ystr import YstrLine
from cenotaph.genetics.frequencies import FrequencyTable, genotype_frequencies
from cenotaph.identification.scorer import SpecimenScorer
from cenotaph.identification.settings import Settings

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

FACTORS = (1 / 3, 3.0)
THETA_FACTORS = (0.5, 2.0)
LABEL_TRUST = (0.5, 0.95)
ON_RECORDS = ("stature", "dental", "clavicle", "age", "resemblance", "isotopes", "material", "articulation")
ON_LINEAGES = ("mtdna", "ystr")
OTHER_TABLES = {
    "nist1036:Caucasian": "fbi2016:Caucasian",
    "nist1036:African American": "fbi2016:African American",
    "nist1036:Hispanic": "fbi2016:SW Hispanic",
    "nist1036:Asian": "fbi2016:Filipino",
}
"""Another sample of people like those of the table, where one ships."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One parameter at one value.

    Args:
        parameter: its name, as in ``run.json`` where it stands there.
        value: in words.
        scorer: makes everything that depends on it.
    """

    parameter: str
    value: str
    scorer: Callable[[], SpecimenScorer]


def variants(dossier: Dossier, scorer: SpecimenScorer, settings: Settings) -> tuple[Variant, ...]:
    """Every variant of a run that its lines have a use for.

    Args:
        dossier: the case, in order.
        scorer: of the run, its shares learned.
        settings: of the run.
    """
    return (
        *_of_prior(dossier, scorer, settings),
        *_of_errors(scorer, settings),
        *_of_lineages(scorer, settings),
        *_of_autosomal(dossier, scorer, settings),
    )


def _of_prior(dossier: Dossier, scorer: SpecimenScorer, settings: Settings) -> Iterator[Variant]:
    prior = scorer.prior
    for factor in FACTORS:
        odds = prior.roster / (1 - prior.roster) * factor
        changed = replace(prior, roster=odds / (1 + odds))
        yield Variant("share on the roster", f"{changed.roster:.3g}", _call(replace, scorer, prior=changed, _known={}))
    for factor in FACTORS:
        odds = prior.origins[0] / (1 - prior.origins[0]) * factor
        share = odds / (1 + odds)
        origins = np.append(share, prior.origins[1:] / prior.origins[1:].sum() * (1 - share))
        changed = replace(prior, origins=origins)
        yield Variant("share of unlisted compatriots among the others", f"{share:.3g}",
                      _call(replace, scorer, prior=changed, _known={}))  # fmt: skip
    if "provenance" not in settings.without:
        for trust in LABEL_TRUST:
            yield Variant("prior.label_trust", f"{trust:g}", _call(_trusting, dossier, scorer, trust))


def _of_errors(scorer: SpecimenScorer, settings: Settings) -> Iterator[Variant]:
    for name in ("sample", "bone", "donor"):
        for factor in FACTORS:
            value = getattr(settings.errors, name) * factor
            errors = replace(settings.errors, **{name: value})
            yield Variant(f"errors.{name}", f"{value:.3g}", _call(_with_evidence, scorer, {}, errors=errors))
    for name, lines in (("record_error", ON_RECORDS), ("lineage_error", ON_LINEAGES)):
        used = [line for line in scorer.evidence.lines if line.name in lines]
        for factor in FACTORS if used else ():
            value = getattr(settings.lines, name) * factor
            yield Variant(f"lines.{name}", f"{value:.3g}", _call(_with_line_error, scorer, used, value))


def _of_lineages(scorer: SpecimenScorer, settings: Settings) -> Iterator[Variant]:
    used = [line for line in scorer.evidence.lines if isinstance(line, MtdnaLine | YstrLine)]
    for factor in FACTORS if used else ():
        theta = settings.lines.lineage_theta * factor
        yield Variant("lines.lineage_theta", f"{theta:.3g}", _call(_with_rarity, scorer, used, theta))


def _of_autosomal(dossier: Dossier, scorer: SpecimenScorer, settings: Settings) -> Iterator[Variant]:
    line = next((x for x in scorer.evidence.lines if isinstance(x, AutosomalLine)), None)
    if line is None:
        return

    def against(frequencies: Callable[[], Floats], theta: Floats) -> SpecimenScorer:
        return _with_evidence(scorer, {"str": _OtherPopulations(line, frequencies(), theta)})

    def reading(name: str, value: float) -> SpecimenScorer:
        return _with_evidence(scorer, {"str": _OtherReading(dossier, line, name, value)})

    def structured(factor: float) -> SpecimenScorer:
        return _with_evidence(scorer, {"str": _OtherTheta(line, line.model.frequencies, line.theta * factor)})

    for factor in THETA_FACTORS:
        yield Variant("theta", f"×{factor:g}", _call(structured, factor))
    tables = _tables_used(dossier, line)
    yield Variant(
        "frequency tables", "another shipped", _call(against, lambda: _frequencies(line, _others(tables)), line.theta)
    )
    yield Variant(
        "frequency tables", "drawn", _call(against, lambda: _frequencies(line, _drawn(tables, settings)), line.theta)
    )
    for name in ("least_dropout", "dropin"):
        for factor in FACTORS:
            value = getattr(line.settings, name) * factor
            yield Variant(f"lines.autosomal.{name}", f"{value:.3g}", _call(reading, name, value))


def _call(function: Callable[..., SpecimenScorer], *args: object, **kwargs: object) -> Callable[[], SpecimenScorer]:
    return lambda: function(*args, **kwargs)


def _trusting(dossier: Dossier, scorer: SpecimenScorer, trust: float) -> SpecimenScorer:
    return replace(scorer, provenance=Provenance(dossier, scorer.evidence.case, trust=trust), _known={})


def _with_line_error(scorer: SpecimenScorer, used: Sequence[Line], error: float) -> SpecimenScorer:
    """The error is mixed in when lines are combined: what the lines themselves have said stays."""
    changed = {}
    for line in used:
        changed[line.name] = copy.copy(line)
        changed[line.name].error = error
    return _with_evidence(scorer, changed, said=True)


def _with_rarity(scorer: SpecimenScorer, used: Sequence[MtdnaLine | YstrLine], theta: float) -> SpecimenScorer:
    """Haplogroups and profiles stay as they were read; what was said with the old floor of rarity is forgotten."""
    changed: dict[str, Line] = {}
    for line in used:
        other = copy.copy(line)
        other.theta = theta
        vars(other).update({name: {} for name in ("_judged", "_gains", "_within") if name in vars(other)})
        # All that was judged before in one call: one by one is far slower.
        other.score([tuple(samples) for samples in line._consensus], np.array([], dtype=np.int64))
        changed[line.name] = other
    return _with_evidence(scorer, changed)


def _with_evidence(
    scorer: SpecimenScorer, changed: Mapping[str, Line], *, errors: ErrorSettings | None = None, said: bool = False
) -> SpecimenScorer:
    old = scorer.evidence
    lines = tuple(changed.get(line.name, line) for line in old.lines)
    new = _Varied(old.case, old.states, lines, errors or old.errors, old.nobody)
    new.remember(old, frozenset() if said else frozenset(changed))
    return replace(scorer, evidence=new, _known={})


class _Varied(Evidence):
    """Evidence that knows what unchanged lines have said before."""

    def remember(self, old: Evidence, changed: frozenset[str]) -> None:
        """Take over what *old* has been told by lines that are not *changed*."""
        self._known = {key: said for key, said in old._known.items() if key[0] not in changed}


class _OtherPopulations(AutosomalLine):
    """The same profiles of the same families, against other frequencies or another theta.

    The chance that a drop-in is a certain allele stays as it was.
    """

    def __init__(self, line: AutosomalLine, frequencies: Floats, theta: Floats) -> None:
        vars(self).update(vars(line))
        self._line = line
        self.model, self.theta = replace(line.model, frequencies=frequencies), theta
        self.baseline = _genotypes(frequencies, theta, line)
        self._joint, self._last_same, self._split = {}, None, {}
        self._peel()


class _OtherTheta(_OtherPopulations):
    """Another theta: strangers change, families do not."""

    def _peel(self) -> None:
        self.tables = np.concatenate([self.baseline.astype(np.float32), self.tables[len(self.populations) :]])
        self.reference_loglik = self.reference_loglik.copy()
        states = self.states
        shift: dict[tuple[int, int, int], float] = {}
        for s in np.flatnonzero((states.wrong >= 0) & (states.family >= 0)):
            family, wrong, population = int(states.family[s]), int(states.wrong[s]), int(states.population[s])
            key = (family, wrong, population)
            if key not in shift:
                genotype = self._genotype_of(self.case.families[family], wrong)
                shift[key] = self._random_person_loglik(genotype, population) - self._line._random_person_loglik(
                    genotype, population
                )
            self.reference_loglik[s] += shift[key]


class _OtherReading(AutosomalLine):
    """The bones' profiles with another chance of drop-out or drop-in, the families as they were peeled."""

    def __init__(self, dossier: Dossier, line: AutosomalLine, name: str, value: float) -> None:
        self._peeled = line
        super().__init__(dossier, line.case, line.states, replace(line.settings, **{name: value}))

    def _peel(self) -> None:
        self.tables, self.column_of_state = self._peeled.tables, self._peeled.column_of_state
        self.reference_loglik = self._peeled.reference_loglik


def _genotypes(frequencies: Floats, theta: Floats, line: AutosomalLine) -> Floats:
    return np.array(
        [
            np.concatenate(
                [genotype_frequencies(p[m, : len(a)], float(th)) for m, a in enumerate(line.model.alleles)] or [[]]
            )
            for p, th in zip(frequencies, theta, strict=True)
        ]
    )


def _tables_used(dossier: Dossier, line: AutosomalLine) -> list[FrequencyTable]:
    """The frequency table of each population of the line."""
    own: Mapping[str, FrequencyTable] = {}
    given = dossier.table("frequencies")
    if given.height:
        names = ("population", "marker", "allele", "frequency", "chromosomes")
        rows = [{k: str(v or "") for k, v in row.items()} for row in given.select(names).iter_rows(named=True)]
        own = tables_from_rows(rows, prefix="dossier:", source="the dossier", chromosomes_assumed=200)
    used = [line.tables_used[p].rpartition(", theta ")[0] for p in line.populations]
    return [own[name] if name in own else load_frequency_tables(name.split(":")[0])[name] for name in used]


def _others(tables: Sequence[FrequencyTable]) -> list[FrequencyTable]:
    """Another shipped table for each that has one; the others stay."""
    named = [OTHER_TABLES.get(table.name) for table in tables]
    return [
        load_frequency_tables(name.split(":")[0])[name] if name else table
        for name, table in zip(named, tables, strict=True)
    ]


def _drawn(tables: Sequence[FrequencyTable], settings: Settings) -> list[FrequencyTable]:
    """Tables that might have been counted instead: Dirichlet with as many chromosomes; one draw for each table."""
    drawn: dict[str, FrequencyTable] = {}
    for table in sorted(tables, key=lambda t: t.name):
        if table.name not in drawn:
            rng = np.random.default_rng([settings.seed, len(drawn)])
            markers = {
                name: replace(one, frequencies=rng.dirichlet(np.maximum(one.frequencies * one.chromosomes, 1e-3)))
                for name, one in table.markers.items()
            }
            drawn[table.name] = replace(table, markers=markers)
    return [drawn[table.name] for table in tables]


def _frequencies(line: AutosomalLine, tables: Sequence[FrequencyTable]) -> Floats:
    """Frequencies in the shape of the line's model; a marker that a table lacks keeps what it had."""
    found = line.model.frequencies.copy()
    for p, table in enumerate(tables):
        for m, (marker, alleles) in enumerate(zip(line.model.markers, line.model.alleles, strict=True)):
            if marker in table.markers:
                wider = table.markers[marker].with_alleles(alleles)
                place = {a: i for i, a in enumerate(wider.alleles)}
                row = np.array([wider.frequencies[place[a]] for a in alleles])
                found[p, m, : len(alleles)] = row / row.sum()
    return found
