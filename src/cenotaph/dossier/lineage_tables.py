"""Shipped lineage tables, read into records of the genetics room."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping
from functools import cache
from importlib import resources

import numpy as np

from cenotaph.genetics.haplogroup import Haplogroups, OriginFractions
from cenotaph.genetics.mtdna_comparison import SiteRates
from cenotaph.genetics.mtdna_rarity import MtReference
from cenotaph.genetics.mtdna_sequence import MtProfile


def _rows(folder: str, name: str) -> list[dict[str, str]]:
    data = resources.files("cenotaph.data").joinpath(folder, name).read_bytes()
    text = gzip.decompress(data) if name.endswith(".gz") else data
    return list(csv.DictReader(text.decode("utf-8").splitlines()))


@cache
def load_site_rates() -> SiteRates:
    """Relative mutation rates of the mitochondrial positions.

    >>> int(load_site_rates().share.argmax())
    16519
    """
    return SiteRates.from_counts({int(r["position"]): int(r["events"]) for r in _rows("mtdna", "site_events.csv")})


@cache
def load_mtdna_haplotypes() -> tuple[tuple[str, MtProfile, int], ...]:
    """Shipped reference haplotypes: population (white black asian hispanic african), profile, count."""
    return tuple(
        (r["population"], MtProfile.from_text(r["ranges"], r["differences"]), int(r["count"]))
        for r in _rows("mtdna", "haplotypes.csv.gz")
    )


@cache
def load_mtdna_reference() -> MtReference:
    """The shipped haplotypes as a reference.

    >>> load_mtdna_reference().populations
    ('african', 'asian', 'black', 'hispanic', 'white')
    """
    populations, profiles, counts = zip(*load_mtdna_haplotypes(), strict=True)
    return MtReference.from_entries(profiles, populations, counts, canonical=len(profiles))


@cache
def load_haplogroups() -> Haplogroups:
    """PhyloTree build 17."""
    return Haplogroups.from_rows(
        (r["haplogroup"], r["parent"], r["differences"]) for r in _rows("mtdna", "haplogroups.csv.gz")
    )


@cache
def load_origin_fractions() -> OriginFractions:
    """Major haplogroup fractions per class of origin.

    >>> load_origin_fractions().origins
    ('asian', 'black', 'chinese', 'hispanic', 'korean', 'other', 'white')
    """
    rows = _rows("mtdna", "haplogroup_fractions.csv")
    origins = tuple(dict.fromkeys(r["origin"] for r in rows))
    haplogroups = tuple(dict.fromkeys(r["haplogroup"] for r in rows))
    fraction = np.array([float(r["fraction"]) for r in rows]).reshape(len(origins), len(haplogroups))
    return OriginFractions(origins, haplogroups, fraction)


@cache
def load_ystr_mutation_rates() -> Mapping[str, float]:
    """Mutations per meiosis of each Y marker, half a mutation added.

    >>> round(load_ystr_mutation_rates()["DYS19"], 5)
    0.00227
    """
    return {
        r["marker"]: (int(r["mutations"]) + 0.5) / (int(r["meioses"]) + 1.0)
        for r in _rows("ystr", "mutation_counts.csv")
    }
