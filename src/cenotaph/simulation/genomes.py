"""Genes dropped through real genealogies: autosomal STR, Y-STR and mitochondrial DNA.

Rates are drawn around published means, not around those that the engine assumes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.lineage_tables import load_mtdna_haplotypes, load_site_rates, load_ystr_mutation_rates
from cenotaph.dossier.shipped import load_affinities, load_frequency_tables, shipped_rows
from cenotaph.genetics.mtdna import Difference
from cenotaph.genetics.mtdna_reference import LENGTH, RCRS
from cenotaph.genetics.mtdna_sequence import TRACTS
from cenotaph.simulation.genealogy import People
from cenotaph.simulation.tables import Floats, Ints

ORIGINS = ("white", "black", "hispanic", "asian", "korean", "chinese", "other")
"""Founder populations; the first four are the roster's affinities in its order."""
DRIFT_FACTOR = (1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 1.5)

MARKERS = (
    "CSF1PO", "D10S1248", "D12S391", "D13S317", "D16S539", "D18S51", "D19S433", "D1S1656", "D21S11", "D22S1045",
    "D2S1338", "D2S441", "D3S1358", "D5S818", "D7S820", "D8S1179", "FGA", "Penta_D", "Penta_E", "TH01", "TPOX", "vWA",
)  # fmt: skip

MALE_RATE, FEMALE_RATE, RATE_SPREAD = 0.0025, 0.0006, 0.6
"""Median mutations per meiosis; each marker's own rate is log-normal around it with this standard deviation."""
TWO_STEPS = 0.05

Y_MARKERS = tuple(r["marker"] for r in shipped_rows("simulation", "ystr_modal.csv"))
"""DYS385 as its two copies, a and b."""
Y_MODAL = {"white": "european", "black": "african", "hispanic": "european", "other": "european"}
Y_CLANS, Y_CLAN_CONCENTRATION = 300, 0.3
Y_CLAN_DEPTH, Y_MAN_DEPTH, Y_DEPTH_SPREAD = 180.0, 12.0, 0.8
"""Median generations from the modal haplotype to a clan's founder, and from him to a man of today."""
Y_RATE_SPREAD = 0.4

MT_PRIVATE, MT_RATE = 1.2, 0.012
"""Mutations of a lineage beyond the shipped haplotype it comes from; mutations per transmission; whole genome."""
MT_COMMON = 4
"""Haplotypes of each population that common lineages bear, without private mutations."""
TRANSITION = dict(zip("AGCT", "GATC", strict=True))
TRANSITION_SHARE = 0.95
MT_OF_ORIGIN = {"korean": "asian", "chinese": "asian", "other": "white"}

Haplotype = tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Genomes:
    """What everyone carries.

    Args:
        str_: shape (people, markers, 2), tenths of repeats, paternal allele first.
        y: shape (people, Y markers), repeats; meaningless for women.
        mt: shape (people,), index into `haplotypes`.
        haplotypes: mitochondrial sequences.
        frequencies: origin -> marker -> (alleles in tenths, frequencies after drift).
    """

    str_: NDArray[np.int16]
    y: NDArray[np.int16]
    mt: Ints
    haplotypes: tuple[Haplotype, ...]
    frequencies: tuple[tuple[tuple[Ints, Floats], ...], ...]


def drop_genes(people: People, drift: float, rng: np.random.Generator, common_mitotypes: float = 0.0) -> Genomes:
    """Founders' genomes, and everyone else's by descent; a share of maternal lineages bears a few common haplotypes."""
    frequencies = drifted_frequencies(drift, rng)
    generations = people.generations()
    str_ = _drop_str(people, generations, frequencies, rng)
    y = _drop_y(people, generations, rng)
    mt, haplotypes = _drop_mt(people, generations, common_mitotypes, rng)
    return Genomes(str_, y, mt, haplotypes, frequencies)


@cache
def shipped_frequencies() -> tuple[tuple[tuple[Ints, Floats], ...], ...]:
    """Alleles in tenths of repeats and frequencies of every marker, for every origin."""
    tables, affinities = load_frequency_tables(), load_affinities()
    found = []
    for origin in ORIGINS:
        markers = tables[affinities[origin].table].markers
        found.append(
            tuple(
                (
                    np.array([round(float(a) * 10) for a in markers[m].alleles]),
                    markers[m].frequencies / markers[m].frequencies.sum(),
                )
                for m in MARKERS
            )
        )
    return tuple(found)


def drifted_frequencies(drift: float, rng: np.random.Generator) -> tuple[tuple[tuple[Ints, Floats], ...], ...]:
    """Frequencies of the populations that the founders come from: Dirichlet(p (1 − θ) / θ) around the shipped p."""
    result = []
    for factor, by_marker in zip(DRIFT_FACTOR, shipped_frequencies(), strict=True):
        theta = drift * factor
        result.append(tuple((alleles, rng.dirichlet(p * (1 - theta) / theta)) for alleles, p in by_marker))
    return tuple(result)


@cache
def recombination() -> tuple[tuple[tuple[int, float], ...], ...]:
    """Markers of one chromosome in map order, each with its recombination fraction (Haldane) to the one before.

    >>> [(MARKERS[m], round(r, 2)) for m, r in recombination()[4]]
    [('D5S818', 0.5), ('CSF1PO', 0.21)]
    """
    place = {
        r["marker"]: (int(r["chromosome"]), float(r["position_cm"]))
        for r in shipped_rows("simulation", "marker_positions.csv")
    }
    chromosomes: dict[int, list[tuple[float, int]]] = {}
    for k, marker in enumerate(MARKERS):
        chromosome, position = place[marker]
        chromosomes.setdefault(chromosome, []).append((position, k))
    found = []
    for _, markers in sorted(chromosomes.items()):
        before, chain = -np.inf, []
        for position, k in sorted(markers):
            chain.append((k, 0.5 * (1 - float(np.exp(-2 * (position - before) / 100)))))
            before = position
        found.append(tuple(chain))
    return tuple(found)


def _drop_str(
    people: People,
    generations: list[Ints],
    frequencies: tuple[tuple[tuple[Ints, Floats], ...], ...],
    rng: np.random.Generator,
) -> NDArray[np.int16]:
    genotypes = np.zeros((len(people.father), len(MARKERS), 2), dtype=np.int16)
    founder = people.father < 0
    for origin, by_marker in enumerate(frequencies):
        those = np.flatnonzero(founder & (people.origin == origin))
        for m, (alleles, p) in enumerate(by_marker):
            genotypes[those, m] = rng.choice(alleles, (those.size, 2), p=p)
    rates = rng.lognormal(0.0, RATE_SPREAD, len(MARKERS))
    for children in generations:
        for side, (parents, rate) in enumerate(((people.father, MALE_RATE), (people.mother, FEMALE_RATE))):
            parental = genotypes[parents[children]]
            which = _phases(children.size, rng)
            given = np.take_along_axis(parental, which[:, :, None], axis=2)[:, :, 0]
            genotypes[children, :, side] = mutated(given, rates * rate, rng)
    return genotypes


def _phases(count: int, rng: np.random.Generator) -> Ints:
    """Shape (count, markers): which of a parent's two alleles is handed on; linked markers together."""
    which = np.zeros((count, len(MARKERS)), dtype=np.int64)
    for chain in recombination():
        phase = rng.integers(0, 2, count)
        for marker, fraction in chain:
            phase = phase ^ (rng.random(count) < fraction)
            which[:, marker] = phase
    return which


def mutated(alleles: NDArray[np.int16], rates: Floats, rng: np.random.Generator) -> NDArray[np.int16]:
    """Alleles in tenths after one transmission: one repeat up or down, seldom two."""
    changed = rng.random(alleles.shape) < rates
    steps = 1 + (rng.random(alleles.shape) < TWO_STEPS)
    moved = alleles + changed * steps * rng.choice((-10, 10), alleles.shape)
    return np.where(moved >= 30, moved, alleles).astype(np.int16)


def _drop_y(people: People, generations: list[Ints], rng: np.random.Generator) -> NDArray[np.int16]:
    """Founders from a star of clans, each a star around its own founder; then father to son."""
    rates = np.array([_y_rate(m) for m in Y_MARKERS]) * rng.lognormal(0.0, Y_RATE_SPREAD, len(Y_MARKERS))
    modal = shipped_rows("simulation", "ystr_modal.csv")
    inner, outer = Y_MARKERS.index("DYS389I"), Y_MARKERS.index("DYS389II")
    y = np.zeros((len(people.father), len(Y_MARKERS)), dtype=np.int16)
    for origin, name in enumerate(ORIGINS):
        those = np.flatnonzero((people.father < 0) & people.male & (people.origin == origin))
        start = np.array([int(r[Y_MODAL.get(name, "east_asian")]) for r in modal])
        start[outer] -= start[inner]
        clans = start + _walk((Y_CLANS, len(Y_MARKERS)), Y_CLAN_DEPTH, rates, rng)
        weights = rng.dirichlet(np.full(Y_CLANS, Y_CLAN_CONCENTRATION))
        clan = rng.choice(Y_CLANS, those.size, p=weights)
        y[those] = np.maximum(clans[clan] + _walk((those.size, len(Y_MARKERS)), Y_MAN_DEPTH, rates, rng), 5)
    for children in generations:
        sons = children[people.male[children]]
        y[sons] = y[people.father[sons]] + _steps(rng.random((sons.size, len(Y_MARKERS))) < rates, rng)
    y[:, outer] += y[:, inner]  # DYS389II is reported with DYS389I inside it
    return y


def _y_rate(marker: str) -> float:
    return load_ystr_mutation_rates()[marker.rstrip("ab") if marker.startswith("DYS385") else marker]


def _walk(shape: tuple[int, int], depth: float, rates: Floats, rng: np.random.Generator) -> Ints:
    """Steps of a symmetric random walk over log-normal many generations, for each row one time."""
    time = rng.lognormal(np.log(depth), Y_DEPTH_SPREAD, (shape[0], 1))
    half = time * rates / 2
    return rng.poisson(half) - rng.poisson(half)


def _steps(changed: NDArray[np.bool_], rng: np.random.Generator) -> Ints:
    result: Ints = changed * rng.choice((-1, 1), changed.shape)
    return result


def _drop_mt(
    people: People, generations: list[Ints], common: float, rng: np.random.Generator
) -> tuple[Ints, tuple[Haplotype, ...]]:
    haplotypes: list[Haplotype] = []
    mt = np.zeros(len(people.father), dtype=np.int64)
    for origin, name in enumerate(ORIGINS):
        those = np.flatnonzero((people.father < 0) & (people.origin == origin))
        pool, counts = _mt_pool(MT_OF_ORIGIN.get(name, name))
        drawn = rng.choice(len(pool), those.size, p=rng.dirichlet(counts))
        private = rng.poisson(MT_PRIVATE, those.size)
        if common:
            alike = rng.random(those.size) < common
            drawn[alike] = rng.choice(np.argsort(-counts, kind="stable")[:MT_COMMON], int(alike.sum()))
            private[alike] = 0
        for person, base, number in zip(those, drawn, private, strict=True):
            mt[person] = len(haplotypes)
            haplotypes.append(_with_lengths(with_mutations(pool[base], int(number), rng), rng))
    for children in generations:
        mt[children] = mt[people.mother[children]]
        for child in children[rng.random(children.size) < MT_RATE]:
            haplotypes.append(with_mutations(haplotypes[mt[child]], 1, rng))
            mt[child] = len(haplotypes) - 1
    return mt, tuple(haplotypes)


@cache
def _mt_pool(population: str) -> tuple[tuple[Haplotype, ...], Floats]:
    """Whole-genome haplotypes of a population and their counts; positions of uncertain base are left out."""
    found = [
        (tuple(d for d in profile.differences if set(d.bases) <= set("ACGT-") and d.position != 3107), count)
        for name, profile, count in load_mtdna_haplotypes()
        if name == population and profile.ranges == ((1, LENGTH),)
    ]
    return tuple(h for h, _ in found), np.array([float(c) for _, c in found])


@cache
def _mt_sites() -> tuple[Ints, Floats]:
    """Positions that may mutate and their shares; tracts are left alone, their length varies on its own."""
    share = load_site_rates().share.copy()
    for tract in TRACTS:
        share[tract.first : tract.last + 1] = 0
    share[[0, 3107]] = 0
    return np.arange(share.size), np.cumsum(share / share.sum())


def with_mutations(haplotype: Haplotype, number: int, rng: np.random.Generator) -> Haplotype:
    """The haplotype after *number* substitutions, mostly transitions at fast positions."""
    if number == 0:
        return haplotype
    _, cumulative = _mt_sites()
    bases = {d.position: d.bases for d in haplotype if not d.is_insertion and not d.is_deletion}
    others = [d for d in haplotype if d.is_insertion or d.is_deletion]
    gone = {p for d in others for p in range(d.position, d.last + 1)}
    for position in np.searchsorted(cumulative, rng.random(number), side="right"):
        p = int(min(position, LENGTH))
        if p in gone:
            continue
        now = bases.get(p, RCRS[p - 1])
        choices = [b for b in "ACGT" if b not in (now, TRANSITION[now])]
        new = TRANSITION[now] if rng.random() < TRANSITION_SHARE else choices[int(rng.integers(0, 2))]
        bases[p] = new
    kept = [Difference(p, 0, b, p) for p, b in bases.items() if b != RCRS[p - 1]]
    return tuple(sorted([*kept, *others]))


def _with_lengths(haplotype: Haplotype, rng: np.random.Generator) -> Haplotype:
    """With the lengths of tracts as a lineage has them."""
    present = {d.position for d in haplotype}
    extra = set()
    if 315 not in present and rng.random() < 0.97:
        extra.add(Difference(315, 1, "C", 315))
    if not present & {309, 310} and rng.random() < 0.45:
        extra.add(Difference(309, 1, "C", 309))
    if not present & set(range(514, 526)) and rng.random() < 0.2:
        extra.add(Difference(523, 0, "-", 524))
    if 16189 in present and not present & {16188, 16190, 16191, 16192, 16193} and rng.random() < 0.35:
        extra.add(Difference(16193, 1, "C", 16193))
    return tuple(sorted({*haplotype, *extra}))
