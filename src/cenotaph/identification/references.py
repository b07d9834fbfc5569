"""What the references of a missing person would say of his bones, before any bone is typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import numpy as np

from cenotaph.evidence.autosomal import AutosomalLine
from cenotaph.evidence.line import Exhibits, Floats, Ints, Line
from cenotaph.evidence.lineage import LineageLine
from cenotaph.identification.prospects import HAPLOID, STR, Potential, profile_moments
from cenotaph.units import LN10


class References:
    """The lines of DNA of a case.

    Args:
        lines: lines of the case, of whatever kind.
        own_population: shape (missing,), population of each missing person.
        men: whom `potential` will be asked about; the rarity of their donors' haplotypes is found in one call.
    """

    def __init__(self, lines: Iterable[Line], own_population: Ints, men: Ints) -> None:
        by_name: Mapping[str, Any] = {line.name: line for line in lines}
        self.own_population = own_population
        self.autosomal = cast("AutosomalLine | None", by_name.get(STR))
        self.haploid: Mapping[str, LineageLine[Any]] = {name: by_name[name] for name in HAPLOID if name in by_name}
        self.rarity = {name: self._rarities(name, men) for name in self.haploid}

    def _rarities(self, name: str, men: Ints) -> dict[int, float]:
        """log10 of one over the rarity of the haplotype of the men's donors, by donor."""
        line = self.haploid[name]
        columns = np.unique(line.column_of_state[line.states.first[men]] - len(line.populations))
        columns = columns[columns >= 0]
        values = -line.log_rarity([line.donors[c] for c in columns]) / LN10 if len(columns) else np.zeros(0)
        return {int(c): float(v) for c, v in zip(columns, values, strict=True)}

    def seen(self, exhibits: Exhibits) -> Floats | None:
        """P(autosomal profiles of the exhibits | genotype) up to a factor per marker; None where there is none."""
        line = self.autosomal
        rows = [] if line is None else [int(line.row_of_sample[e]) for e in exhibits if line.row_of_sample[e] >= 0]
        if line is None or not rows:
            return None
        vector = line.log_observed[rows].sum(axis=0).astype(np.float64)
        top = np.maximum.reduceat(vector, line.offsets[:-1])
        result: Floats = np.exp(vector - np.repeat(top, np.diff(line.offsets)))
        return result

    def potential(self, man: int, seen: Floats | None = None) -> Potential:
        """What a complete profile of a man would say for him, given what was seen of the individual."""
        mean = variance = 0.0
        line = self.autosomal
        if line is not None:
            table = line.tables[line.column_of_state[line.states.first[man]]].astype(np.float64)
            base = line.baseline[self.own_population[man]]
            mean, variance = profile_moments(table, base, np.ones_like(base) if seen is None else seen, line.offsets)
        return Potential(mean, variance, {name: self._donor_rarity(name, man) for name in self.haploid})

    def _donor_rarity(self, name: str, man: int) -> float:
        """0 where no donor is in the man's line."""
        line = self.haploid[name]
        column = int(line.column_of_state[line.states.first[man]]) - len(line.populations)
        return 0.0 if column < 0 else self.rarity[name][column]

    def rarity_seen(self, name: str, exhibits: Exhibits) -> float:
        """log10 of one over the rarity of the individual's own haplotype; of a usual one where it was not typed."""
        line = self.haploid[name]
        found = line.consensus_of(exhibits)
        if found is not None:
            return float(-line.log_rarity([found[0]])[0] / LN10)
        return float(np.median(list(self.rarity[name].values()) or [0.0]))
