"""``snp_profiles.vcf.gz`` as arrays: one pass, a few bytes for each genotype.

Every refused record is counted with a reason. Nothing is flipped: a record whose alleles, strand or reference do not
fit is left out and counted.
"""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import FormatError

AUTOSOMES = {name: k for k in range(1, 23) for name in (str(k), f"chr{k}")}
MOST_READS = 255
COMPLEMENT = str.maketrans("ACGT", "TGCA")
CACHE_VERSION = 3

NOT_SORTED = "the records are not sorted"
SORTED = "chromosomes 1 to 22 in order, positions that do not decrease"
NOT_BIALLELIC = "not two alleles"
NOT_A_SNP = "not single bases"
NOT_AUTOSOMAL = "not on an autosome"
FILTERED = "did not pass the file's own filter"
TWICE = "the position is there twice"
OTHER_STRAND = "alleles of the other strand"
OTHER_ALLELES = "alleles that the frequency table does not know"


@dataclass(frozen=True, slots=True)
class SnpProfiles:
    """SNPs of all samples.

    Args:
        samples: identifiers, n of them.
        markers: the record's ID, or ``chromosome:position``.
        chromosome, position: shape (s,), sorted.
        reference, alternative: bases.
        frequency: shape (s,), INFO/AF, nan where not given.
        centimorgan: shape (s,), INFO/CM, nan where not given.
        reads: shape (s, n, 2), reads of REF and ALT, at most `MOST_READS`.
        genotype: shape (s, n), ALT alleles as called, −1 for none.
        phred: shape (s, n, 3), Phred-scaled genotype likelihoods, or of size 0 where the file has none.
        stranded: shape (s,), whether the record has reads by strand (ADF and ADR).
        spared: shape (s, n, 2), those of *reads* at transitions that are of the strand which damage cannot strike in
            a library of single strands (`cenotaph.genetics.snp_reads`), or of size 0 where the file has none.
        skipped: reason → number of records left out.
    """

    samples: tuple[str, ...]
    markers: tuple[str, ...]
    chromosome: NDArray[np.int64]
    position: NDArray[np.int64]
    reference: NDArray[np.str_]
    alternative: NDArray[np.str_]
    frequency: NDArray[np.float64]
    centimorgan: NDArray[np.float64]
    reads: NDArray[np.uint8]
    genotype: NDArray[np.int8]
    phred: NDArray[np.uint8]
    stranded: NDArray[np.bool_]
    spared: NDArray[np.uint8]
    skipped: Mapping[str, int]

    def only(self, kept: NDArray[np.bool_], reasons: Mapping[str, int]) -> SnpProfiles:
        """The kept SNPs; *reasons* are added to what was left out."""
        return SnpProfiles(
            self.samples,
            tuple(m for m, k in zip(self.markers, kept, strict=True) if k),
            self.chromosome[kept],
            self.position[kept],
            self.reference[kept],
            self.alternative[kept],
            self.frequency[kept],
            self.centimorgan[kept],
            self.reads[kept],
            self.genotype[kept],
            self.phred[kept] if self.phred.size else self.phred,
            self.stranded[kept],
            self.spared[kept] if self.spared.size else self.spared,
            dict(Counter(self.skipped) + Counter(reasons)),
        )


_ARRAYS = tuple(f.name for f in fields(SnpProfiles) if f.name != "skipped")


def read_snp_profiles(path: Path, digest: str) -> SnpProfiles:
    """Read a VCF that has passed its check, from the cache beside it where there is one.

    Args:
        path: the file.
        digest: its SHA-256; a cache of another digest is not used.

    Raises:
        FormatError: the records are not sorted, or the file cannot be read.
    """
    cache = path.parent / f".{path.name}.{digest[:16]}.v{CACHE_VERSION}.npz"
    found = _from_cache(cache) if cache.exists() else None
    if found is None:
        found = _read(path)
        _to_cache(cache, found)
        _forget_others(cache, path)
    return found


def _read(path: Path) -> SnpProfiles:
    from cyvcf2 import VCF

    try:
        reader = VCF(str(path), gts012=True)
    except Exception as error:  # the reader of htslib has no exception of its own
        raise FormatError("the file cannot be read", found=str(error), where=path.name) from error
    skipped: Counter[str] = Counter()
    rows: list[tuple[str, int, int, str, str, float, float]] = []
    reads: list[NDArray[np.uint8]] = []
    spared: list[NDArray[np.uint8]] = []
    genotypes: list[NDArray[np.int8]] = []
    phred: list[NDArray[np.uint8]] = []
    stranded: list[bool] = []
    n = len(reader.samples)
    formats = {h["ID"] for h in reader.header_iter() if h["HeaderType"] == "FORMAT"}
    for chromosome, record in _usable(reader, path, skipped):
        info, bases = record.INFO, (record.REF.upper(), record.ALT[0].upper())
        name = record.ID or f"{record.CHROM}:{record.POS}"
        rows.append((name, chromosome, int(record.POS), *bases, _number(info.get("AF")), _number(info.get("CM"))))
        genotypes.append(_calls(record, n))
        forward, reverse = (_counts(record, key, formats) for key in ("ADF", "ADR"))
        reads.append(_reads(record, formats, n, forward, reverse))
        stranded.append(forward is not None and reverse is not None)
        if {"ADF", "ADR"} <= formats:
            # A C that turns into T is of the forward strand, a G that turns into A is a C of the reverse strand.
            other = {"CT": reverse, "AG": forward}.get("".join(sorted(bases)))
            spared.append(
                np.minimum(other, reads[-1]) if stranded[-1] and other is not None else np.zeros_like(reads[-1])
            )
        if formats & {"PL", "GL"}:
            phred.append(_phred(record, formats, n))
    names, chromosomes, positions, references, alternatives, frequency, centimorgan = (
        [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(7)]
    )
    return SnpProfiles(
        tuple(reader.samples),
        tuple(names),
        np.array(chromosomes, dtype=np.int64),
        np.array(positions, dtype=np.int64),
        np.array(references, dtype="U1"),
        np.array(alternatives, dtype="U1"),
        np.array(frequency, dtype=np.float64),
        np.array(centimorgan, dtype=np.float64),
        np.array(reads, dtype=np.uint8).reshape(len(rows), n, 2),
        np.array(genotypes, dtype=np.int8).reshape(len(rows), n),
        np.array(phred, dtype=np.uint8),
        np.array(stranded, dtype=np.bool_),
        np.array(spared, dtype=np.uint8),
        dict(skipped),
    )


def _records(reader: Any, path: Path) -> Iterator[Any]:
    try:
        yield from reader
    except Exception as error:  # as above
        raise FormatError("the file cannot be read", found=str(error), where=path.name) from error


def _usable(reader: Any, path: Path, skipped: Counter[str]) -> Iterator[tuple[int, Any]]:
    """Records that are used, with their chromosomes; the others are counted."""
    before = (0, 0)
    for record in _records(reader, path):
        chromosome = AUTOSOMES.get(record.CHROM)
        reason = _unusable(record, chromosome, before)
        if chromosome is not None:
            if (place := (chromosome, int(record.POS))) < before:
                raise FormatError(NOT_SORTED, found=f"{record.CHROM}:{record.POS}", valid=SORTED, where=path.name)
            before = place
        if chromosome is None or reason is not None:
            skipped[str(reason)] += 1
        else:
            yield chromosome, record


def _unusable(record: Any, chromosome: int | None, before: tuple[int, int]) -> str | None:
    """Why a record is left out, None where it is not."""
    if chromosome is None:
        return NOT_AUTOSOMAL
    if len(record.ALT) != 1:
        return NOT_BIALLELIC
    bases = {record.REF.upper(), record.ALT[0].upper()}
    if len(bases) != 2 or not bases <= set("ACGT"):
        return NOT_A_SNP
    if record.FILTER is not None:
        return FILTERED
    if (chromosome, record.POS) == before:
        return TWICE
    return None


def _number(value: Any) -> float:
    """A number of INFO, nan where it is missing or several."""
    return float(value) if isinstance(value, int | float) else float("nan")


def _calls(record: Any, samples: int) -> NDArray[np.int8]:
    """ALT alleles of complete diploid calls, −1 otherwise: half a call or a single allele is no genotype."""
    if "GT" not in record.FORMAT:
        return np.full(samples, -1, dtype=np.int8)
    # A column for each allele, −1 where it is missing and −2 where a sample has fewer, and one for the phase.
    alleles = record.genotype.array()[:, :-1]
    first, more = alleles[:, :2], alleles[:, 2:]
    known = (alleles.shape[1] > 1) & ((first >= 0) & (first <= 1)).all(axis=1) & (more == -2).all(axis=1)
    return np.where(known, first.sum(axis=1), -1).astype(np.int8)


def _counts(record: Any, key: str, formats: set[str]) -> NDArray[np.uint8] | None:
    """Reads of REF and ALT, shape (samples, 2), at most `MOST_READS`; None where the record has none."""
    found = record.format(key) if key in formats else None
    return None if found is None or found.shape[1] != 2 else np.clip(found, 0, MOST_READS).astype(np.uint8)


def _reads(
    record: Any,
    formats: set[str],
    samples: int,
    forward: NDArray[np.uint8] | None,
    reverse: NDArray[np.uint8] | None,
) -> NDArray[np.uint8]:
    """Reads of AD, otherwise of both strands together."""
    found = _counts(record, "AD", formats)
    if found is not None:
        return found
    if forward is None or reverse is None:
        return np.zeros((samples, 2), dtype=np.uint8)
    both: NDArray[np.uint8] = np.minimum(forward.astype(np.int64) + reverse, MOST_READS).astype(np.uint8)
    return both


def _phred(record: Any, formats: set[str], samples: int) -> NDArray[np.uint8]:
    """Phred-scaled likelihoods of PL, otherwise of GL; zeros where a sample has none."""
    values = record.format("PL") if "PL" in formats else None
    if values is None and "GL" in formats:
        values = record.format("GL")
        values = None if values is None else -10 * values
    if values is None or values.shape[1] != 3:
        return np.zeros((samples, 3), dtype=np.uint8)
    # htslib marks what is missing by the least integer or by nan.
    known = np.isfinite(values).all(axis=1) & (values >= -1e-6).all(axis=1)
    values = np.where(known[:, None], values, 0)
    result: NDArray[np.uint8] = np.clip(np.round(values - values.min(axis=1, keepdims=True)), 0, MOST_READS).astype(
        np.uint8
    )
    return result


def _to_cache(cache: Path, profiles: SnpProfiles) -> None:
    """Beside the dossier, readable by its owner only; a folder that cannot be written to gets none."""
    import json

    temporary = cache.with_suffix(".tmp")
    arrays: dict[str, Any] = {name: np.asarray(getattr(profiles, name)) for name in _ARRAYS}
    arrays["skipped"] = np.array(json.dumps(dict(profiles.skipped)))
    try:
        with open(temporary, "xb", opener=_private) as handle:
            np.savez_compressed(handle, **arrays)
        temporary.replace(cache)
    except OSError:
        temporary.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    import os

    return os.open(path, flags, 0o600)


def _forget_others(cache: Path, path: Path) -> None:
    """What is kept of an earlier file goes when a new one is read: genotypes that were withdrawn must not stay."""
    for other in path.parent.glob(f".{glob.escape(path.name)}.*.npz"):
        if other != cache:
            try:
                other.unlink()
            except OSError:
                continue


def _from_cache(cache: Path) -> SnpProfiles | None:
    """None where the file is damaged: it is only a copy, and is made again."""
    import json
    import zipfile

    try:
        with cache.open("rb") as handle, np.load(handle, allow_pickle=False) as found:
            values: dict[str, Any] = {name: found[name] for name in (*_ARRAYS, "skipped")}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    values["samples"] = tuple(str(x) for x in values["samples"])
    values["markers"] = tuple(str(x) for x in values["markers"])
    values["skipped"] = json.loads(str(values["skipped"]))
    return SnpProfiles(**values)


def strand_reason(given: tuple[str, str], known: frozenset[str]) -> str | None:
    """Why REF and ALT do not fit the alleles of a table; None where they do.

    >>> strand_reason(("A", "G"), frozenset("AG")) is None
    True
    >>> strand_reason(("T", "C"), frozenset("AG"))
    'alleles of the other strand'
    """
    if set(given) == known:
        return None
    turned = {a.translate(COMPLEMENT) for a in given}
    return OTHER_STRAND if turned == known else OTHER_ALLELES
