"""Samples of one bone that cannot be of one person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import TYPE_CHECKING

from cenotaph.dossier.faults import Fault
from cenotaph.dossier.rules_dna import calls_of, canonical
from cenotaph.dossier.sheets import Sheet
from cenotaph.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

DISCORDANT_MARKERS = 3
"""Two profiles of one bone cannot be of one person when they disagree, beyond drop-out, at this many STR markers."""

DISCORDANT_Y_MARKERS = 3
"""The same for Y markers."""


def bone_sample_faults(sheets: Mapping[str, Sheet]) -> Iterator[Fault]:
    """Profiles of one specimen that disagree beyond drop-out, lineage by lineage."""
    import polars as pl

    samples = sheets.get("samples")
    if samples is None:
        return
    origin = (
        pl.DataFrame(
            {
                "sample_id": samples.text("sample_id"),
                "origin": samples.text("origin"),
                "specimen": samples.text("origin_id"),
            }
        )
        .filter((pl.col("origin") == "specimen") & pl.col("specimen").is_not_null())
        .unique("sample_id")
    )
    if "str_profiles" in sheets:
        yield from _str_faults(sheets["str_profiles"], origin)
    if "ystr_profiles" in sheets:
        yield from _ystr_faults(sheets["ystr_profiles"], origin)
    if "mtdna_profiles" in sheets:
        yield from _mtdna_faults(sheets["mtdna_profiles"], origin)


def _str_faults(sheet: Sheet, origin: pl.DataFrame) -> Iterator[Fault]:
    """Profiles of one specimen that cannot be of one person.

    One person shows at most two alleles at a marker; two profiles whose alleles make three or more disagree there
    beyond drop-out.
    """
    import polars as pl

    calls = calls_of(sheet)
    single = calls.filter(pl.col("more_alleles").is_null() & pl.col("allele_1").is_not_null())
    of_bones = single.join(origin, on="sample_id").with_columns(
        first=pl.col("row").min().over("sample_id", "replicate")
    )
    several = of_bones.filter(pl.col("first").n_unique().over("specimen") > 1)
    pairs = several.join(several, on=["specimen", "marker"], suffix="_b").filter(pl.col("first") < pl.col("first_b"))
    counted = (
        pairs.with_columns(
            distinct=pl.concat_list("allele_1", "allele_2", "allele_1_b", "allele_2_b")
            .list.drop_nulls()
            .list.n_unique()
        )
        .group_by("specimen", "first", "first_b")
        .agg(
            (pl.col("distinct") > 2).sum().alias("discordant"),
            pl.len().alias("markers"),
            pl.col("sample_id").first(),
            pl.col("sample_id_b").first(),
        )
        .filter(pl.col("discordant") >= DISCORDANT_MARKERS)
        .sort("first", "first_b")
    )
    for specimen, _, row, discordant, count, sample, other in counted.iter_rows():
        yield sheet.warning(
            row, "sample_id", f"two samples of the bone {specimen} cannot be of one person",
            found=f"{sample} and {other} disagree at {discordant} of {count} markers",
            valid=f"disagreement at fewer than {DISCORDANT_MARKERS} markers",
        )  # fmt: skip


def _ystr_faults(sheet: Sheet, origin: pl.DataFrame) -> Iterator[Fault]:
    import polars as pl

    calls = pl.DataFrame(
        {
            "row": pl.Series(range(sheet.frame.height), dtype=pl.Int64),
            "sample_id": sheet.text("sample_id"),
            "marker": canonical(sheet.text("marker")),
            "alleles": sheet.text("alleles"),
        }
    )
    several = calls.join(origin, on="sample_id").filter(pl.col("sample_id").n_unique().over("specimen") > 1)
    counted = (
        several.join(several, on=["specimen", "marker"], suffix="_b")
        .filter(pl.col("sample_id") < pl.col("sample_id_b"))
        .group_by("specimen", "sample_id", "sample_id_b")
        .agg((pl.col("alleles") != pl.col("alleles_b")).sum().alias("discordant"), pl.len(), pl.col("row").min())
        .filter(pl.col("discordant") >= DISCORDANT_Y_MARKERS)
        .sort("row", "sample_id_b")
    )
    for specimen, sample, other, discordant, count, row in counted.iter_rows():
        yield sheet.warning(
            row,
            "sample_id",
            f"two samples of the bone {specimen} cannot be of one man",
            found=f"{sample} and {other} disagree at {discordant} of {count} markers",
            valid=f"disagreement at fewer than {DISCORDANT_Y_MARKERS} markers",
        )


def _mtdna_faults(sheet: Sheet, origin: pl.DataFrame) -> Iterator[Fault]:
    """Sequences of one bone that the guideline's comparison excludes from one maternal line."""
    import polars as pl

    from cenotaph.genetics.mtdna_comparison import Outcome, compare
    from cenotaph.genetics.mtdna_sequence import MtProfile

    profiles = pl.DataFrame(
        {
            "row": pl.Series(range(sheet.frame.height), dtype=pl.Int64),
            "sample_id": sheet.text("sample_id"),
            "ranges": sheet.text("ranges"),
            "differences": sheet.text("differences").fill_null(""),
        }
    )
    several = (
        profiles.drop_nulls()
        .join(origin, on="sample_id", maintain_order="left")
        .filter(pl.col("sample_id").n_unique().over("specimen") > 1)
    )
    for specimen, found in several.group_by("specimen", maintain_order=True):
        read = []
        for row, sample, ranges, differences in found.select("row", "sample_id", "ranges", "differences").iter_rows():
            try:
                read.append((row, sample, MtProfile.from_text(ranges, differences)))
            except InvalidInput:
                continue
        for (row, sample, one), (_, other, second) in combinations(read, 2):
            comparison = compare(one, second) if sample != other else None
            if comparison is not None and comparison.outcome is Outcome.EXCLUSION:
                yield sheet.warning(
                    row,
                    "sample_id",
                    f"two samples of the bone {specimen[0]} cannot be of one maternal line",
                    found=f"{sample} and {other} differ at {', '.join(comparison.sites)}",
                    valid="at most one difference",
                )
