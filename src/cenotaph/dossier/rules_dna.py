"""Rules about DNA profiles and frequencies that need more than one cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from cenotaph.dossier.cells import ALLELE, VALID_ALLELE
from cenotaph.dossier.faults import Fault
from cenotaph.dossier.sheets import Sheet
from cenotaph.dossier.shipped import load_frequency_tables
from cenotaph.dossier.vocabulary import canonical_marker, control_profiles, markers, nearest
from cenotaph.errors import InvalidInput
from cenotaph.genetics.frequencies import SUM_TOLERANCE
from cenotaph.genetics.mtdna import Severity, check_differences

if TYPE_CHECKING:
    import polars as pl

CONTROL_MARKERS = 6
"""A profile is compared with a control when at least this many markers are called in full in both."""

_VALID_DIFFERENCES = "differences that fit the rCRS and the ranges"

MIXED_MARKERS = 2
"""A profile is a mixture when it shows three alleles at this many markers."""


def known_alleles(frequencies: Sheet | None) -> pl.DataFrame:
    """Marker and allele of every cell of the frequency tables: the dossier's own where it has the marker."""
    import polars as pl

    shipped = pl.DataFrame(
        [
            (marker, allele)
            for table in load_frequency_tables().values()
            for marker, frequency in table.markers.items()
            for allele in frequency.alleles
        ],
        schema={"marker": pl.String, "allele": pl.String},
        orient="row",
    ).unique()
    if frequencies is None:
        return shipped
    own = pl.DataFrame(
        {"marker": canonical(frequencies.text("marker")), "allele": plain_allele(frequencies.text("allele"))}
    ).drop_nulls()
    return pl.concat([own, shipped.join(own, on="marker", how="anti")]).unique()


def populations(frequencies: Sheet | None) -> frozenset[str]:
    """Populations of the dossier's own frequency table and of the shipped default tables."""
    shipped = {table.population for table in load_frequency_tables().values()} | set(load_frequency_tables())
    return frozenset(shipped | set([] if frequencies is None else frequencies.text("population").drop_nulls()))


def canonical(names: pl.Series) -> pl.Series:
    """Marker names in Cenotaph's spelling; names that the marker table does not carry stay as they are."""
    return names.replace({v: canonical_marker(v) or v for v in names.unique().drop_nulls()})


def plain_allele(cells: pl.Series) -> pl.Series:
    """Alleles in their shortest form: ``9.0`` is ``9``."""
    return cells.str.replace(r"^([<>]?\d+)\.0$", "$1")


def str_faults(sheets: Mapping[str, Sheet]) -> Iterator[Fault]:
    """Faults of STR profiles: markers, alleles, mixtures, controls."""
    sheet = sheets.get("str_profiles")
    if sheet is None:
        return
    known = known_alleles(sheets.get("frequencies"))
    yield from _marker_faults(sheet, {"autosomal", "X", "sex"}, set(known.get_column("marker").unique()))
    calls = calls_of(sheet)
    yield from _allele_faults(sheet, calls, known)
    yield from _order_faults(sheet)
    yield from _mixture_faults(sheet, calls)
    yield from _control_faults(sheet, calls)


def ystr_faults(sheets: Mapping[str, Sheet]) -> Iterator[Fault]:
    """Markers of Y profiles that the marker table does not carry or that are not on the Y chromosome."""
    sheet = sheets.get("ystr_profiles")
    if sheet is not None:
        yield from _marker_faults(sheet, {"Y", "sex"}, set())


def _marker_faults(sheet: Sheet, kinds: set[str], with_frequencies: set[str]) -> Iterator[Fault]:
    cells = sheet.text("marker")
    for name in cells.unique(maintain_order=True).drop_nulls():
        marker = canonical_marker(name)
        rows = (cells == name).fill_null(False).arg_true()
        if marker is None and name in with_frequencies:
            continue
        if marker is None:
            guess = nearest(name, [*markers(), *with_frequencies])
            for row in rows:
                yield sheet.fault(
                    row, "marker", "unknown marker", found=name,
                    valid=f"{guess}?" if guess else "a marker of the marker table or of frequencies.csv",
                )  # fmt: skip
        elif markers()[marker].kind not in kinds:
            other = "ystr_profiles.csv" if markers()[marker].kind == "Y" else "str_profiles.csv"
            yield sheet.warning(
                rows[0], "marker", f"the marker is not used in this table ({len(rows)} rows)", found=name,
                valid=f"the marker in {other}",
            )  # fmt: skip
        elif with_frequencies and markers()[marker].kind == "autosomal" and marker not in with_frequencies:
            yield sheet.warning(
                rows[0], "marker", f"no frequency table carries the marker: it is not used ({len(rows)} rows)",
                found=name, valid=f"rows for {marker} in frequencies.csv",
            )  # fmt: skip


def calls_of(sheet: Sheet) -> pl.DataFrame:
    """Profiles with canonical markers, plain alleles, row numbers and the profile each row belongs to."""
    import polars as pl

    return pl.DataFrame(
        {
            "row": pl.Series(range(sheet.frame.height), dtype=pl.Int64),
            "sample_id": sheet.text("sample_id"),
            "replicate": sheet.text("replicate").fill_null("1"),
            "marker": canonical(sheet.text("marker")),
            "allele_1": plain_allele(sheet.text("allele_1")),
            "allele_2": plain_allele(sheet.text("allele_2")),
            "more_alleles": sheet.text("more_alleles"),
        }
    )


def _allele_faults(sheet: Sheet, calls: pl.DataFrame, known: pl.DataFrame) -> Iterator[Fault]:
    """Values that are no alleles, and alleles that the frequency table does not carry."""
    import polars as pl

    long = pl.concat(
        [
            calls.select("row", "marker", column=pl.lit(name), allele=name).drop_nulls()
            for name in ("allele_1", "allele_2")
        ]
        + [
            calls.filter(pl.col("more_alleles").is_not_null())
            .select(
                "row", "marker", column=pl.lit("more_alleles"), allele=pl.col("more_alleles").str.extract_all(r"\S+")
            )
            .explode("allele")
            .drop_nulls()
            .with_columns(plain_allele_of("allele"))
        ]
    )
    distinct = long.select("marker", "allele").unique()
    unlisted = distinct.join(known, on=["marker", "allele"], how="anti")
    sex = pl.col("marker").is_in([m.name for m in markers().values() if m.kind == "sex"])
    word = pl.col("allele").is_in(["X", "Y"])
    valid = pl.col("allele").str.contains(f"^{ALLELE}$") & (sex | ~word)
    listed_markers = known.select("marker").unique()
    bad = unlisted.filter(~valid)
    rare = unlisted.filter(valid).join(listed_markers, on="marker", how="semi")
    for row, column, allele in (
        long.join(bad, on=["marker", "allele"]).sort("row").select("row", "column", "allele").iter_rows()
    ):
        yield sheet.fault(row, column, "not an allele", found=allele, valid=VALID_ALLELE)
    outside = long.join(rare, on=["marker", "allele"]).unique(["row", "allele"], keep="first", maintain_order=True)
    for row, column, marker, allele in outside.sort("row").select("row", "column", "marker", "allele").iter_rows():
        yield sheet.warning(
            row, column, f"allele of {marker} outside the frequency table: it gets the table's minimum", found=allele,
            valid="an allele of the table",
        )  # fmt: skip


def plain_allele_of(column: str) -> pl.Expr:
    """`plain_allele` as an expression."""
    import polars as pl

    return pl.col(column).str.replace(r"^([<>]?\d+)\.0$", "$1")


def _order_faults(sheet: Sheet) -> Iterator[Fault]:
    second, more = sheet.text("allele_2"), sheet.text("more_alleles")
    for row in (second.is_null() & more.is_not_null()).arg_true():
        yield sheet.fault(row, "allele_2", "a further allele without a second", found=more[row], valid="allele_2 first")


def _mixture_faults(sheet: Sheet, calls: pl.DataFrame) -> Iterator[Fault]:
    import polars as pl

    three = calls.filter(pl.col("more_alleles").is_not_null())
    mixed = (
        three.group_by("sample_id", "replicate", maintain_order=True)
        .agg(pl.col("row").first(), pl.col("marker").n_unique().alias("markers"))
        .filter(pl.col("markers") >= MIXED_MARKERS)
    )
    for sample, _, row, count in mixed.iter_rows():
        found = f"three alleles at {count} markers of {sample}"
        yield sheet.warning(
            row, "more_alleles", "a mixture: it is not used by itself", found=found,
            valid=f"three alleles at fewer than {MIXED_MARKERS} markers",
        )  # fmt: skip


def _genotypes(calls: pl.DataFrame) -> pl.DataFrame:
    """Calls that are complete, as one word each: the two alleles in text order."""
    import polars as pl

    full = calls.filter(pl.col("allele_2").is_not_null() & pl.col("more_alleles").is_null())
    return full.with_columns(
        genotype=pl.min_horizontal("allele_1", "allele_2") + " " + pl.max_horizontal("allele_1", "allele_2")
    )


def _control_faults(sheet: Sheet, calls: pl.DataFrame) -> Iterator[Fault]:
    """Profiles that equal a control at every marker called in both."""
    import polars as pl

    rows = []
    for control, profile in control_profiles().items():
        for marker, alleles in profile.items():
            if len(alleles) <= 2 and markers()[marker].kind == "autosomal":
                ordered = sorted(alleles)
                rows.append((control, marker, f"{ordered[0]} {ordered[-1]}"))
    table = pl.DataFrame(
        rows, schema={"control": pl.String, "marker": pl.String, "of_control": pl.String}, orient="row"
    )
    compared = (
        _genotypes(calls)
        .join(table, on="marker")
        .group_by("sample_id", "replicate", "control")
        .agg(
            pl.len().alias("markers"),
            (pl.col("genotype") == pl.col("of_control")).sum().alias("equal"),
            pl.col("row").min(),
        )
        .filter((pl.col("markers") >= CONTROL_MARKERS) & (pl.col("markers") == pl.col("equal")))
        .sort("row", "control")
    )
    for sample, _, control, count, _, row in compared.iter_rows():
        yield sheet.warning(
            row, "sample_id", f"the profile equals the control {control} at all {count} markers", found=sample,
            valid="a profile of the sample, not of the control",
        )  # fmt: skip


def mtdna_faults(sheets: Mapping[str, Sheet]) -> Iterator[Fault]:
    """Differences that do not fit the rCRS or lie outside the ranges."""
    import polars as pl

    sheet = sheets.get("mtdna_profiles")
    if sheet is None:
        return
    pairs = pl.DataFrame({"ranges": sheet.text("ranges"), "differences": sheet.text("differences")}).with_row_index(
        "row"
    )
    for ranges, differences, rows in (
        pairs.drop_nulls().group_by("ranges", "differences", maintain_order=True).agg("row").iter_rows()
    ):
        for difference, problem, severity in _difference_problems(differences, ranges):
            make = sheet.fault if severity is Severity.ERROR else sheet.warning
            what, _, valid = problem.partition("; valid: ")
            for row in rows:
                yield make(row, "differences", what, found=difference, valid=valid or _VALID_DIFFERENCES)


def _difference_problems(differences: str, ranges: str) -> list[tuple[str, str, Severity]]:
    """Problems of a list of differences; none where the ranges cannot be read, which is a fault of its own."""
    try:
        return check_differences(differences, ranges)
    except InvalidInput:
        return []


def haplotype_faults(sheets: Mapping[str, Sheet]) -> Iterator[Fault]:
    """Reference haplotypes without what their kind needs, or that do not fit their ranges or markers."""
    sheet = sheets.get("reference_haplotypes")
    if sheet is None:
        return
    kinds, ranges, names, haplotypes = (sheet.text(c).to_list() for c in ("kind", "ranges", "markers", "haplotype"))
    for row, kind in enumerate(kinds):
        column, needed = ("ranges", ranges[row]) if kind == "mtdna" else ("markers", names[row])
        if kind in {"mtdna", "ystr"} and needed is None:
            yield sheet.fault(row, column, f"the cell is empty, and kind is {kind}", valid=f"the {column} typed")
        elif kind == "mtdna":
            for difference, problem, severity in _difference_problems(haplotypes[row] or "", ranges[row] or ""):
                make = sheet.fault if severity is Severity.ERROR else sheet.warning
                yield make(
                    row, "haplotype", problem.partition("; valid: ")[0], found=difference, valid=_VALID_DIFFERENCES
                )
        elif kind == "ystr":
            markers_typed, alleles = len((needed or "").split()), len((haplotypes[row] or "").split())
            if markers_typed != alleles:
                yield sheet.fault(
                    row, "haplotype", "not one allele for each marker", found=f"{alleles}", valid=f"{markers_typed}"
                )


def frequency_faults(sheets: Mapping[str, Sheet]) -> Iterator[Fault]:
    """Frequencies of a marker in a population that do not sum to one; chromosome counts that differ."""
    import polars as pl

    sheet = sheets.get("frequencies")
    if sheet is None:
        return
    frame = pl.DataFrame(
        {
            "row": pl.Series(range(sheet.frame.height), dtype=pl.Int64),
            "population": sheet.text("population"),
            "marker": canonical(sheet.text("marker")),
            "frequency": sheet.text("frequency").cast(pl.Float64, strict=False),
            "chromosomes": sheet.text("chromosomes"),
        }
    )
    sums = frame.group_by("population", "marker", maintain_order=True).agg(
        pl.col("row").first(), pl.col("frequency").sum(), pl.col("chromosomes").n_unique()
    )
    for population, marker, row, total, counts in sums.iter_rows():
        if abs(total - 1) > SUM_TOLERANCE:
            what = f"the frequencies of {marker} in {population} do not sum to one"
            yield sheet.fault(
                row, "frequency", what, found=f"{total:.4f}",
                valid=f"{1 - SUM_TOLERANCE:g} to {1 + SUM_TOLERANCE:g}",
            )  # fmt: skip
        if counts > 1:
            yield sheet.warning(
                row, "chromosomes", f"several chromosome counts for {marker} in {population}: the largest is taken",
                found=f"{counts} counts", valid="one count",
            )  # fmt: skip
    if sheet.text("chromosomes").null_count():
        row = int(sheet.text("chromosomes").is_null().arg_true()[0])
        yield sheet.warning(row, "chromosomes", "the number of chromosomes is not stated: 200 is taken", valid="2N")
