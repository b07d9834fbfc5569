"""The SNPs that a case can use: their places, their frequencies in each population, and the people's data on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cenotaph.dossier.genetic_map import read_genetic_map
from cenotaph.dossier.shipped import load_genetic_map, load_str_places
from cenotaph.dossier.vcf_profiles import SnpProfiles, read_snp_profiles, strand_reason
from cenotaph.errors import InvalidInput
from cenotaph.evidence.case import Case
from cenotaph.evidence.line import FOREIGN, Floats, Ints
from cenotaph.genetics.snp_family import Singles, SnpMap
from cenotaph.genetics.snp_panel import (
    LEAST_DONORS,
    LEAST_FREQUENCY,
    PopulationFrequencies,
    panel_frequencies,
    population_frequencies,
    pruned,
)
from cenotaph.genetics.snp_reads import (
    DOUBLE,
    SINGLE,
    ReadErrors,
    call_likelihood,
    confident_calls,
    damage_kinds,
    read_likelihood,
    sample_likelihood,
)
from cenotaph.provenance import sha256_of_file

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

CONTRADICTED = "the donors contradict the stated frequency"
NO_FREQUENCY = "no frequency, and too few donors to estimate it"
IN_DISEQUILIBRIUM = "in linkage disequilibrium with a SNP before it"
NEAR_STR = "linked with an STR marker that the bones are typed for"
RARE = "nearly all alleles alike"
LEAST_ORIGINS = 2
"""Populations with stated frequencies from which on SNPs tell origin."""


@dataclass(frozen=True, slots=True)
class SnpSettings:
    """Parameters of the line, all of them named in ``run.json``.

    Args:
        call_error: a donor's called genotype is another one.
        snp_error: the data of a sample at one SNP say nothing (wrong place in the genome).
        least_minor: SNPs with a rarer allele are left out.
        most_r2, window_cm: linkage disequilibrium on the donors beyond which a SNP is left out.
        least_snps: fewer SNPs with data make a sample that is not judged.
        label_error: the population on record says nothing of a man's ancestry.
        linked_cm: SNPs nearer than this to an STR marker of the bones are left out.
        library: `DOUBLE` or `SINGLE`: strands that the libraries of the reads were made of.
        genetic_map: file of a user's map, None for the places that the record states or the shipped map.
        brothers: two people of one handover are full brothers.
        error: the line is wrong altogether.

    Raises:
        InvalidInput: no such library.
    """

    call_error: float = 0.005
    snp_error: float = 0.002
    least_minor: float = 0.02
    most_r2: float = 0.1
    window_cm: float = 1.0
    least_snps: int = 50
    linked_cm: float = 10.0
    library: str = DOUBLE
    genetic_map: str | None = None
    label_error: float = 0.01
    brothers: float = 0.002
    error: float = 1e-4

    def __post_init__(self) -> None:
        if self.library not in (DOUBLE, SINGLE):
            raise InvalidInput("no such library", found=self.library, valid=f"{DOUBLE}, {SINGLE}")


class PackedPeople(Mapping[int, Singles]):
    """Genotype likelihoods of many people, shape (SNPs, 3) each, kept as numbers of their distinct rows: a person of
    called genotypes has four of them."""

    def __init__(self) -> None:
        self._people: dict[int, tuple[NDArray[np.uint16], Singles]] = {}

    def add(self, sample: int, likelihood: Singles) -> None:
        """Keep a person."""
        rows = np.ascontiguousarray(likelihood).view([("", np.float32)] * 3).ravel()
        distinct, code = np.unique(rows, return_inverse=True)
        self._people[sample] = (code.astype(np.uint16), distinct.view(np.float32).reshape(-1, 3))

    def __getitem__(self, sample: int) -> Singles:
        code, distinct = self._people[sample]
        result: Singles = distinct[code]
        return result

    def __iter__(self) -> Iterator[int]:
        return iter(self._people)

    def __len__(self) -> int:
        return len(self._people)


@dataclass(frozen=True, slots=True)
class SnpData:
    """SNPs in use and what each sample says of them.

    Args:
        frequency: shape (SNPs,), of ALT in all donors together.
        populations: of each population of the case, its own.
        origin: frequencies that origin is judged by, of each population of the case and of `FOREIGN`; None for all of
            them where the dossier states fewer than two.
        map: places.
        row_of_sample: shape (exhibits,), row of *likelihood*, −1 for what is no bone's sample with SNPs.
        likelihood: shape (bone samples, SNPs, 3), scaled to a maximum of one.
        donors: alike, by sample of a relative.
        donor_calls: genotypes of donors where the data leave no doubt, −1 elsewhere.
    """

    frequency: Floats
    populations: tuple[PopulationFrequencies, ...]
    origin: tuple[Floats | None, ...]
    map: SnpMap
    row_of_sample: Ints
    likelihood: Singles
    donors: Mapping[int, Singles]
    donor_calls: Mapping[int, NDArray[np.int8]]


@dataclass(frozen=True, slots=True)
class SnpAbout:
    """What a run tells of its SNPs.

    Args:
        source: where frequencies come from.
        map_source: where places come from.
        skipped: reason → records left out.
        read_errors: by sample.
        too_few: samples with too few SNPs.
        not_by_strand: transitions where damage of a library of single strands cannot be told from alleles by strand.
    """

    source: str
    map_source: str
    skipped: Mapping[str, int]
    read_errors: Mapping[str, ReadErrors]
    too_few: tuple[str, ...]
    not_by_strand: int

    @property
    def warnings(self) -> list[str]:
        """One sentence for whatever an examiner should know."""
        found = []
        if self.too_few:
            found.append(f"SNPs: too few for {len(self.too_few)} samples, which are not judged")
        if self.not_by_strand:
            found.append(
                f"SNPs: single-stranded library, but {self.not_by_strand} transitions have no reads by strand (ADF, "
                "ADR): damage is told from true alleles by its rate alone there"
            )
        return found


def snp_data(dossier: Dossier, case: Case, settings: SnpSettings) -> tuple[SnpData, SnpAbout]:
    """SNPs of a dossier that has a VCF."""
    panel = _panel(dossier, case, settings)
    kind = damage_kinds(panel.profiles.reference, panel.profiles.alternative)
    row_of_sample = np.full(case.exhibits, -1, dtype=np.int64)
    donors, donor_calls = PackedPeople(), dict[int, NDArray[np.int8]]()
    read_errors: dict[str, ReadErrors] = {}
    rows: list[Singles] = []
    too_few: list[str] = []
    for column, sample in enumerate(panel.sample_of_column):
        if sample < 0:
            continue
        likelihood, known, errors = _sample_likelihood(panel, column, kind, settings)
        if errors is not None:
            read_errors[case.sample_ids[sample]] = errors
        if known < settings.least_snps:
            too_few.append(case.sample_ids[sample])
        elif case.specimen_of[sample] < 0:
            donors.add(int(sample), likelihood)
            donor_calls[int(sample)] = panel.calls[:, column]
        else:
            row_of_sample[sample] = len(rows)
            rows.append(likelihood)
    data = SnpData(
        panel.frequency,
        panel.populations,
        panel.origin,
        panel.map,
        row_of_sample,
        np.array(rows, dtype=np.float32).reshape(len(rows), len(panel.frequency), 3),
        donors,
        donor_calls,
    )
    is_flagged = settings.library == SINGLE and bool(read_errors)
    not_by_strand = int(((kind > 0) & ~panel.profiles.stranded).sum()) if is_flagged else 0
    about = SnpAbout(panel.source, panel.map_source, panel.profiles.skipped, read_errors, tuple(too_few), not_by_strand)
    return data, about


@dataclass(frozen=True, slots=True)
class _Panel:
    """SNPs in use, of the record alone: *calls* has shape (SNPs, columns of the record)."""

    profiles: SnpProfiles
    sample_of_column: Ints
    calls: NDArray[np.int8]
    frequency: Floats
    populations: tuple[PopulationFrequencies, ...]
    origin: tuple[Floats | None, ...]
    map: SnpMap
    source: str
    map_source: str


def _panel(dossier: Dossier, case: Case, settings: SnpSettings) -> _Panel:
    """Which SNPs are used, with what frequencies."""
    assert dossier.snp_path is not None
    profiles = read_snp_profiles(dossier.snp_path, sha256_of_file(dossier.snp_path))
    profiles, loaded = _loaded(dossier, profiles)
    stated = _mean(list(loaded.values())) if loaded else profiles.frequency
    index = {s: k for k, s in enumerate(case.sample_ids)}
    sample = np.array([index.get(s, -1) for s in profiles.samples], dtype=np.int64)
    donor = np.flatnonzero([s >= 0 and case.specimen_of[s] < 0 for s in sample])
    calls = confident_calls(profiles.reads, profiles.genotype, profiles.phred)
    weight = _weights(case, sample[donor])
    found = panel_frequencies(stated, calls[:, donor], weight)
    cm, map_source = _places(profiles, settings)
    usable = {
        CONTRADICTED: ~found.contradicted,
        NO_FREQUENCY: np.isfinite(stated) | ((calls[:, donor] >= 0).sum(axis=1) >= LEAST_DONORS),
        NEAR_STR: ~_near_strs(dossier, case, profiles, cm, settings.linked_cm),
        RARE: np.minimum(found.frequency, 1 - found.frequency) >= settings.least_minor,
    }
    good, counts = _sifted(usable)
    if len(donor) >= LEAST_DONORS:
        kept = np.flatnonzero(good)
        own = calls[kept][:, donor]
        apart = pruned(own, profiles.chromosome[kept], cm[kept], settings.most_r2, settings.window_cm)
        counts[IN_DISEQUILIBRIUM] = len(kept) - len(apart)
        good = np.isin(np.arange(len(good)), kept[apart])
    kept = np.flatnonzero(good)
    frequency, calls = found.frequency[kept], calls[kept]
    loaded = {name: f[kept] for name, f in loaded.items()}
    of_donor = _population_of(case, sample[donor])
    populations = tuple(
        population_frequencies(
            _with(loaded.get(name), frequency), calls[:, donor[of_donor == k]], weight[of_donor == k]
        )
        for k, name in enumerate(case.populations)
    )
    return _Panel(
        profiles.only(good, {k: n for k, n in counts.items() if n}),
        sample,
        calls,
        frequency,
        populations,
        _origins(loaded, frequency, case),
        SnpMap(profiles.chromosome[kept], np.maximum(cm[kept], 0.0)),
        f"{_stated_source(loaded, profiles)}; {found.source}",
        map_source,
    )


def _sifted(usable: Mapping[str, NDArray[np.bool_]]) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """SNPs that every reason spares, and how many each reason takes of those that the ones before it left."""
    good = np.ones(len(next(iter(usable.values()))), dtype=np.bool_)
    counts: dict[str, int] = {}
    for reason, spared in usable.items():
        counts[reason] = int((good & ~spared).sum())
        good &= spared
    return good, counts


def _sample_likelihood(
    panel: _Panel, column: int, kind: Ints, settings: SnpSettings
) -> tuple[Singles, int, ReadErrors | None]:
    """P(data of a sample | genotype): of reads, otherwise of stated likelihoods, otherwise of a call.

    Returns:
        Shape (SNPs, 3), scaled to a maximum of one; at how many SNPs there are data; errors of reads where there are.
    """
    profiles = panel.profiles
    reads, called = profiles.reads[:, column], profiles.genotype[:, column]
    has_reads = reads.sum(axis=1) > 0
    result = call_likelihood(called, settings.call_error)
    known = has_reads | (called >= 0)
    errors = None
    if has_reads.any():
        spared = profiles.spared[:, column] if settings.library == SINGLE and profiles.spared.size else None
        by_reads, errors = read_likelihood(reads, kind, panel.frequency, spared)
        result[has_reads] = by_reads[has_reads]
    if profiles.phred.size:
        phred = profiles.phred[:, column].astype(np.float64)
        stated = (phred > 0).any(axis=1) & ~has_reads
        result[stated] = 10 ** (-phred[stated] / 10)
        known |= stated
    return sample_likelihood(result, settings.snp_error), int(known.sum()), errors


def _loaded(dossier: Dossier, profiles: SnpProfiles) -> tuple[SnpProfiles, dict[str, Floats]]:
    """Frequency of ALT by population where the dossier's table states it; SNPs with other alleles are left out."""
    table = dossier.table("frequencies").select("marker", "allele", "population", "frequency")
    index = {m: k for k, m in enumerate(profiles.markers)}
    alleles: dict[int, set[str]] = {}
    stated: dict[tuple[str, int, str], float] = {}
    for marker, allele, population, frequency in table.iter_rows():
        if marker in index and frequency is not None:
            alleles.setdefault(index[marker], set()).add(str(allele))
            stated[str(population), index[marker], str(allele)] = float(frequency)
    pairs = list(zip(profiles.reference.tolist(), profiles.alternative.tolist(), strict=True))
    reasons = [
        strand_reason(pair, frozenset(alleles[k])) if len(alleles.get(k, ())) == 2 else None
        for k, pair in enumerate(pairs)
    ]
    found: dict[str, Floats] = {}
    for (population, k, allele), frequency in stated.items():
        if allele == pairs[k][1]:
            found.setdefault(population, np.full(len(pairs), np.nan))[k] = frequency
    good = np.array([reason is None for reason in reasons], dtype=np.bool_)
    counts = {reason: reasons.count(reason) for reason in set(reasons) if reason is not None}
    return profiles.only(good, counts), {name: f[good] for name, f in found.items()}


def _mean(loaded: Sequence[Floats]) -> Floats:
    """Over the populations that state a frequency; nan where none does."""
    stated = np.isfinite(loaded)
    total = np.where(stated, loaded, 0.0).sum(axis=0)
    result: Floats = np.divide(total, stated.sum(axis=0), out=np.full(len(total), np.nan), where=stated.any(axis=0))
    return result


def _with(own: Floats | None, panel: Floats) -> Floats:
    """A population's stated frequencies, the panel's where it states none."""
    if own is None:
        return panel
    result: Floats = np.clip(np.where(np.isfinite(own), own, panel), LEAST_FREQUENCY, 1 - LEAST_FREQUENCY)
    return result


def _stated_source(loaded: Mapping[str, Floats], profiles: SnpProfiles) -> str:
    if loaded:
        return f"frequencies.csv ({', '.join(sorted(loaded))})"
    return "INFO/AF" if np.isfinite(profiles.frequency).any() else "none stated"


def _places(profiles: SnpProfiles, settings: SnpSettings) -> tuple[Floats, str]:
    """Centimorgans: of the user's map, otherwise of the record itself, otherwise of the shipped map."""
    if settings.genetic_map is None and np.isfinite(profiles.centimorgan).all():
        return profiles.centimorgan, "INFO/CM of the VCF"
    map_ = load_genetic_map()
    if settings.genetic_map is not None:
        path = Path(settings.genetic_map)
        map_ = replace(read_genetic_map(path), source=f"{path.name}, SHA-256 {sha256_of_file(path)}")
    return map_.at(profiles.chromosome, profiles.position), map_.source


def _near_strs(dossier: Dossier, case: Case, profiles: SnpProfiles, cm: Floats, within: float) -> NDArray[np.bool_]:
    """SNPs that are linked with an STR marker of the bones: what an STR there tells of kinship, they tell again."""
    table = dossier.table("str_profiles")
    bones = {case.sample_ids[s] for s in np.flatnonzero(case.specimen_of >= 0)}
    markers = table.filter(pl.col("sample_id").is_in(bones))["marker"].unique().to_list() if table.height else []
    near = np.zeros(len(cm), dtype=np.bool_)
    for chromosome, position in (load_str_places()[m] for m in markers if m in load_str_places()):
        own = profiles.chromosome == chromosome
        if own.any():
            place = np.interp(position, profiles.position[own], cm[own])
            near |= own & (np.abs(cm - place) < within)
    return near


def _weights(case: Case, samples: Ints) -> Floats:
    """One donor in full for each family, the others half: relatives share genomes."""
    place = case.place_of_sample()
    seen: set[int] = set()
    weight = np.ones(len(samples))
    for k, sample in enumerate(samples):
        f, _ = place.get(int(sample), (-1, -1))
        weight[k] = 0.5 if f in seen and f >= 0 else 1.0
        seen.add(f)
    return weight


def _population_of(case: Case, samples: Ints) -> Ints:
    """Population on record of the missing of each donor's family, −1 where there is none or several."""
    of_family: dict[int, set[int]] = {}
    for man, f in enumerate(case.family_of):
        of_family.setdefault(int(f), set()).add(int(case.population[man]))
    place = case.place_of_sample()
    families = (place.get(int(s), (-1, -1))[0] for s in samples)
    return np.array([_only(of_family.get(f, set()) if f >= 0 else set()) for f in families], dtype=np.int64)


def _only(populations: set[int]) -> int:
    return next(iter(populations)) if len(populations) == 1 else -1


def _origins(loaded: Mapping[str, Floats], panel: Floats, case: Case) -> tuple[Floats | None, ...]:
    names = (*case.populations, *FOREIGN)
    if len(loaded) < LEAST_ORIGINS:
        return (None,) * len(names)
    return tuple(_with(loaded[name], panel) if name in loaded else None for name in names)
