"""What a laboratory reports of the samples: STR, Y-STR and mitochondrial DNA, with the faults of old bone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.genetics.mtdna import Difference
from cenotaph.genetics.mtdna_reference import RCRS
from cenotaph.simulation.boxes import Specimen
from cenotaph.simulation.circumstances import Circumstances
from cenotaph.simulation.difficulty import Difficulty
from cenotaph.simulation.genealogy import Genealogy
from cenotaph.simulation.genomes import MARKERS, Y_MARKERS, Genomes, Haplotype
from cenotaph.simulation.tables import Floats, Ints, load_elements

OLDER_KIT = frozenset(MARKERS) - {"D10S1248", "D12S391", "D1S1656", "D22S1045", "D2S441", "Penta_D", "Penta_E"}
OLDER_KIT_SHARE = 0.25

REPLICATES = (0.55, 0.35, 0.10)
"""Shares of bone samples amplified once, twice and three times."""
DROP_OUT = (1.0, 5.0)
"""Beta distribution of a bone's drop-out rate per allele copy."""
DONOR_DROP_OUT = 0.0005
DROP_IN = 0.015
"""Per marker and amplification of bone."""
CONTAMINANT_SEEN = 0.3
OPEN_SINGLE, OPEN_PER_DROP_OUT = 0.15, 3.0
"""A single allele of bone is left open with the first probability plus the second times the drop-out rate."""

SMALL_PIECE = 0.4
"""Pieces of less than a quarter of a bone are sampled this much less often."""
BONE_Y = 0.7
"""Share of bones with an STR profile that were typed for the Y chromosome too."""
BONE_Y_MARKER = 0.85
DONOR_STR, DONOR_Y = 0.75, 0.85
DONOR_MT, DONOR_MT_ELSE = 0.95, 0.10
"""Donors in, and not in, the maternal line of a missing man of their family."""

MT_RANGES = (
    ("16024-16365 73-340", ((16024, 16365), (73, 340)), 0.60),
    ("16024-16569 1-576", ((16024, 16569), (1, 576)), 0.32),
    ("1-16569", ((1, 16569),), 0.08),
)
HETEROPLASMY = 0.02
LENGTH_CHANGE = 0.10
LOST_DIFFERENCE = 0.003
"""Profiles in which one difference was not reported."""
IUPAC = {"AG": "R", "CT": "Y", "AC": "M", "AT": "W", "CG": "S", "GT": "K"}


USUAL = Circumstances()


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample: whose label it bears, and who is in it.

    Args:
        origin: specimen or relative.
        origin_id: position of the specimen, or index in the genealogy.
        person: person whose DNA is in the tube; differs from the label where samples were swapped.
        material: bone, tooth or buccal.
        typed: which of autosomal STR, Y-STR and mtDNA were obtained.
    """

    origin: str
    origin_id: int
    person: int
    material: str
    typed: tuple[bool, bool, bool]


@dataclass(frozen=True, slots=True)
class Typings:
    """Rows of the laboratory's tables; the first column is the position of the sample."""

    str_rows: list[tuple[int, int, str, str, str | None, str | None]]
    y_rows: list[tuple[int, str, str]]
    mt_rows: list[tuple[int, str, str | None]]


def take_samples(
    specimens: list[Specimen],
    person_of: Ints,
    genealogy: Genealogy,
    male: NDArray[np.bool_],
    difficulty: Difficulty,
    rng: np.random.Generator,
    circumstances: Circumstances = USUAL,
) -> list[Sample]:
    """Samples of bones and donors; some pairs bear each other's labels.

    Args:
        specimens: all of them; animals give no human DNA and are not sampled.
        person_of: individual -> person in the genomes.
        genealogy: families with donors.
        male: sex of everyone in the genomes.
        difficulty: errors.
        rng: source of randomness.
        circumstances: what is left of the bones' DNA.
    """
    bones = _bone_samples(specimens, person_of, male, circumstances, rng)
    donors = _donor_samples(genealogy, rng)
    return _swapped(bones, difficulty.swapped_samples, rng) + _swapped(donors, difficulty.swapped_samples, rng)


def _bone_samples(
    specimens: list[Specimen],
    person_of: Ints,
    male: NDArray[np.bool_],
    circumstances: Circumstances,
    rng: np.random.Generator,
) -> list[Sample]:
    rates = {e.element: e for e in load_elements()}
    found = []
    for position, specimen in enumerate(specimens):
        if specimen.individual < 0:
            continue
        rate = rates[specimen.element]
        small = specimen.span[1] - specimen.span[0] < 0.25
        if rng.random() >= rate.sampled * circumstances.sampled * (SMALL_PIECE if small else 1.0):
            continue
        person = int(person_of[specimen.individual])
        autosomal = bool(rng.random() < rate.str_ * circumstances.autosomal)
        y = autosomal and bool(male[person]) and bool(rng.random() < BONE_Y)
        mt = bool(rng.random() < rate.mtdna * circumstances.mtdna)
        material = "tooth" if specimen.element == "tooth" else "bone"
        found.append(Sample("specimen", position, person, material, (autosomal, y, mt)))
    return found


def _donor_samples(genealogy: Genealogy, rng: np.random.Generator) -> list[Sample]:
    maternal, paternal = _lines(genealogy.mother), _lines(genealogy.father)
    men = [k for k, m in enumerate(genealogy.missing) if m >= 0]
    maternal_of_men, paternal_of_men = {maternal[k] for k in men}, {paternal[k] for k in men}
    found = []
    for k in (k for k, donor in enumerate(genealogy.donor) if donor):
        autosomal = bool(rng.random() < DONOR_STR)
        in_line = genealogy.male[k] and paternal[k] in paternal_of_men
        y = in_line and bool(rng.random() < DONOR_Y)
        mt = bool(rng.random() < (DONOR_MT if maternal[k] in maternal_of_men else DONOR_MT_ELSE))
        found.append(Sample("relative", k, k, "buccal", (autosomal, y, mt)))
    return found


def _lines(parent: list[int]) -> list[int]:
    """The first known ancestor of everyone along one parent; parents stand before their children."""
    line: list[int] = []
    for k, p in enumerate(parent):
        line.append(k if p < 0 else line[p])
    return line


def _swapped(samples: list[Sample], share: float, rng: np.random.Generator) -> list[Sample]:
    """The samples, a share of them, in pairs, with each other's content."""
    result = list(samples)
    order = [int(k) for k in rng.permutation(len(samples))]
    for _ in range(int(np.ceil(share * len(samples) / 2))):
        a = order.pop()
        others = [k for k in order if samples[k].person != samples[a].person]
        if not others:
            break
        b = others[0]
        order.remove(b)
        for label, content in ((a, b), (b, a)):
            here, there = samples[label], samples[content]
            result[label] = Sample(here.origin, here.origin_id, there.person, here.material, there.typed)
    return result


def type_samples(
    samples: list[Sample],
    genomes: Genomes,
    origin: Ints,
    male: NDArray[np.bool_],
    difficulty: Difficulty,
    rng: np.random.Generator,
) -> Typings:
    """What is read of every sample.

    Args:
        samples: samples.
        genomes: what everyone carries.
        origin: shape (people,), founder population; drop-in alleles come from the first one, the laboratory's.
        male: sex of everyone in the genomes.
    """
    typings = Typings([], [], [])
    for position, sample in enumerate(samples):
        bone = sample.origin == "specimen"
        autosomal, y, mt = sample.typed
        if autosomal:
            contaminated = bone and rng.random() < difficulty.contaminated
            other = int(rng.integers(0, len(origin))) if contaminated else -1
            _type_str(typings, position, sample.person, other, bone, genomes, rng)
        if y and male[sample.person]:
            _type_y(typings, position, genomes.y[sample.person], BONE_Y_MARKER if bone else 1.0, rng)
        if mt:
            _type_mt(typings, position, genomes.haplotypes[genomes.mt[sample.person]], rng)
    return typings


def _type_str(
    typings: Typings, position: int, person: int, other: int, bone: bool, genomes: Genomes, rng: np.random.Generator
) -> None:
    drop_out = float(rng.beta(*DROP_OUT)) if bone else DONOR_DROP_OUT
    older = rng.random() < OLDER_KIT_SHARE
    number = 1 + int(rng.choice(3, p=REPLICATES)) if bone else 1
    for replicate in range(1, number + 1):
        for m, marker in enumerate(MARKERS):
            if older and marker not in OLDER_KIT:
                continue
            seen = {int(a) for a in genomes.str_[person, m] if rng.random() >= drop_out}
            own = len(seen)
            if other >= 0:
                seen |= {int(a) for a in genomes.str_[other, m] if rng.random() < CONTAMINANT_SEEN}
            if bone and rng.random() < DROP_IN:
                alleles, share = genomes.frequencies[0][m]
                seen.add(int(_draw(alleles, share, rng)))
            if seen:
                left_open = bone and rng.random() < OPEN_SINGLE + OPEN_PER_DROP_OUT * drop_out
                typings.str_rows.append((position, replicate, marker, *_called(seen, left_open and own < 2)))


def _draw(alleles: Ints, share: Floats, rng: np.random.Generator) -> int:
    return int(alleles[min(int(np.searchsorted(np.cumsum(share), rng.random())), alleles.size - 1)])


def _called(seen: set[int], left_open: bool) -> tuple[str, str | None, str | None]:
    """Columns of alleles; the second of a single allele may be left open."""
    names = [allele_name(a) for a in sorted(seen)]
    if len(names) == 1:
        return names[0], None if left_open else names[0], None
    return names[0], names[1], " ".join(names[2:]) or None


def allele_name(tenths: int) -> str:
    """Name of an allele in tenths of repeats.

    >>> allele_name(93), allele_name(140)
    ('9.3', '14')
    """
    whole, part = divmod(tenths, 10)
    return f"{whole}.{part}" if part else str(whole)


def _type_y(
    typings: Typings, position: int, repeats: NDArray[np.int16], success: float, rng: np.random.Generator
) -> None:
    of = dict(zip(Y_MARKERS, (int(r) for r in repeats), strict=True))
    copies = sorted((of.pop("DYS385a"), of.pop("DYS385b")))
    cells = {marker: str(value) for marker, value in of.items()} | {"DYS385": "-".join(map(str, copies))}
    for marker, cell in sorted(cells.items()):
        if rng.random() < success:
            typings.y_rows.append((position, marker, cell))


def _type_mt(typings: Typings, position: int, haplotype: Haplotype, rng: np.random.Generator) -> None:
    which = int(rng.choice(len(MT_RANGES), p=[share for *_, share in MT_RANGES]))
    text, ranges, _ = MT_RANGES[which]
    read = _with_changed_length(haplotype, rng) if rng.random() < LENGTH_CHANGE else haplotype
    inside = [d for d in read if any(low <= d.position and d.last <= high for low, high in ranges)]
    lost = [k for k, d in enumerate(inside) if not d.is_insertion]
    if lost and rng.random() < LOST_DIFFERENCE:
        inside.pop(lost[int(rng.integers(0, len(lost)))])
    substitutions = [k for k, d in enumerate(inside) if not d.is_insertion and not d.is_deletion]
    if substitutions and rng.random() < HETEROPLASMY:
        k = substitutions[int(rng.integers(0, len(substitutions)))]
        d = inside[k]
        pair = "".join(sorted({d.bases, RCRS[d.position - 1]}))
        inside[k] = Difference(d.position, 0, IUPAC[pair], d.position)
    typings.mt_rows.append((position, text, " ".join(str(d) for d in inside) or None))


def _with_changed_length(haplotype: Haplotype, rng: np.random.Generator) -> Haplotype:
    """One C more or less behind 309, where the tract is as in the reference otherwise."""
    behind = [d for d in haplotype if d.position == 309 and d.is_insertion]
    if any(d.position in (309, 310) for d in haplotype if d not in behind) or len(behind) > 1:
        return haplotype
    if behind and rng.random() < 0.5:
        return tuple(d for d in haplotype if d not in behind)
    return tuple(sorted([*haplotype, Difference(309, len(behind) + 1, "C", 309)]))
