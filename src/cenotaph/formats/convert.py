"""Foreign files into dossiers and dossiers into foreign files, by the name of the format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cenotaph.dossier.files import read_foreign_text
from cenotaph.dossier.read import Dossier, read_dossier
from cenotaph.dossier.write import write_dossier, write_file
from cenotaph.errors import InvalidInput
from cenotaph.formats import codis, cora, familias_dossier, genemapper, haplogrep, osteosort_case, plink, wide
from cenotaph.formats.profiles import Exported, Imported

if TYPE_CHECKING:
    import polars as pl

DOSSIER = "dossier"


@dataclass(frozen=True, slots=True)
class Format:
    """A foreign format.

    Args:
        name: what the command line calls it.
        title: for people.
        suffixes: of its files, lower case.
        looks_like: whether a text may be of this format.
        read: file to dossier.
        write: dossier to text.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    looks_like: Callable[[str], bool]
    read: Callable[[Path], Imported]
    write: Callable[[Dossier], Exported]


def _is_familias(text: str) -> bool:
    return "familias" in text[:200].lower()


_FORMATS = (
    Format("codis", "CODIS CMF 3.2", (".xml", ".cmf"), codis.looks_like, codis.read_codis, codis.format_codis),
    Format(
        "familias", "Familias project", (".fam",), _is_familias,
        familias_dossier.read_familias_dossier, familias_dossier.format_familias_dossier,
    ),
    Format(
        "haplogrep", "HaploGrep", (".hsd",), haplogrep.looks_like,
        haplogrep.read_haplogrep, haplogrep.format_haplogrep,
    ),
    Format(
        "genemapper", "GeneMapper or GlobalFiler genotype table", (".txt", ".tsv"), genemapper.looks_like,
        genemapper.read_genemapper, genemapper.format_genemapper,
    ),
    Format(
        "osteosort", "OsteoSort case, version 2", (), osteosort_case.looks_like,
        osteosort_case.read_osteosort, osteosort_case.format_osteosort,
    ),
    Format(
        "osteosort-1", "OsteoSort case, version 1", (), lambda text: osteosort_case.version_of(text) == 1,
        osteosort_case.read_osteosort, osteosort_case.format_osteosort_1,
    ),
    Format(
        "cora", "CoRA measurements", (), cora.looks_like_measurements,
        cora.read_cora_measurements, cora.format_cora_measurements,
    ),
    Format(
        "cora-pairs", "CoRA pairs and articulations", (), cora.looks_like_pairs,
        cora.read_cora_pairs, cora.format_cora_associations,
    ),
    Format("wide", "wide genotype CSV", (".csv",), wide.looks_like, wide.read_wide, wide.format_wide),
    Format("plink", "PLINK .ped with .map", (".ped",), plink.looks_like, plink.read_ped, plink.format_ped),
)  # fmt: skip

FORMATS: Mapping[str, Format] = MappingProxyType({f.name: f for f in _FORMATS})
"""Every foreign format by name, in the order in which contents are tried."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a conversion will do.

    Args:
        source, target: what is read, and what is written.
        from_format, to_format: their formats.
        homozygotes_once: a single allele in *source* is a homozygote; otherwise its second allele is open, as it
            may have dropped out.
    """

    source: Path
    target: Path
    from_format: str
    to_format: str
    homozygotes_once: bool = False


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a conversion did."""

    plan: Plan
    messages: tuple[str, ...]
    written: tuple[Path, ...]


def guess_format(path: Path) -> str:
    """The format of a file or folder that is there: a folder is a dossier, a file is known by its content.

    Raises:
        InvalidInput: there is no such file, or no format fits.
    """
    if path.is_dir():
        return DOSSIER
    if not path.exists():
        raise InvalidInput("no such file", found=str(path), valid="a file or the folder of a dossier")
    text = read_foreign_text(path)
    fitting = [f.name for f in _FORMATS if f.looks_like(text)]
    by_suffix = [name for name in fitting if path.suffix.lower() in FORMATS[name].suffixes]
    if not fitting:
        raise InvalidInput("the format is not known", found=path.name, valid=f"--from with one of {' '.join(FORMATS)}")
    return (by_suffix or fitting)[0]


def plan_conversion(
    source: Path,
    target: Path,
    *,
    from_format: str | None = None,
    to_format: str | None = None,
    homozygotes_once: bool = False,
) -> Plan:
    """Decides how *source* is read and *target* written.

    A foreign file becomes a dossier unless *to_format* says otherwise; a dossier becomes what the suffix of *target*
    says.

    Raises:
        InvalidInput: unknown format; source and target are both dossiers; the target is there already.
    """
    for name in (from_format, to_format):
        if name is not None and name not in {DOSSIER, *FORMATS}:
            raise InvalidInput("no such format", found=name, valid=" ".join([DOSSIER, *FORMATS]))
    source_format = from_format or guess_format(source)
    if to_format is None:
        to_format = _by_suffix(target) if source_format == DOSSIER else DOSSIER
    if source_format == to_format == DOSSIER:
        raise InvalidInput("both are dossiers", found=str(target), valid="a foreign file on one side")
    if to_format == DOSSIER and target.is_dir() and any(target.iterdir()):
        raise InvalidInput(
            "the folder is not empty", found=str(target), valid="a folder that is empty or not there yet"
        )
    if to_format != DOSSIER and target.exists():
        raise InvalidInput("the file is there already", found=str(target), valid="a new file")
    return Plan(source, target, source_format, to_format, homozygotes_once)


def _by_suffix(target: Path) -> str:
    suffix = target.suffix.lower()
    for known in _FORMATS:
        if suffix in known.suffixes:
            return known.name
    raise InvalidInput("the format is not known", found=target.name, valid=f"--to with one of {' '.join(FORMATS)}")


def _is_single() -> pl.Expr:
    import polars as pl

    return pl.col("allele_2").is_null() & pl.col("allele_1").str.contains(r"^\d")


def _single_calls(dossier: Dossier) -> int:
    text = dossier.texts.get("str_profiles")
    return 0 if text is None or "allele_2" not in text.columns else text.filter(_is_single()).height


def with_homozygotes(dossier: Dossier) -> Dossier:
    """The same dossier with every single allele written twice."""
    import polars as pl

    if not _single_calls(dossier):
        return dossier
    text = dossier.texts["str_profiles"].with_columns(
        allele_2=pl.when(_is_single()).then(pl.col("allele_1")).otherwise(pl.col("allele_2"))
    )
    return Dossier.from_texts({**dossier.texts, "str_profiles": text}, snp_path=dossier.snp_path)


def apply_conversion(plan: Plan) -> Conversion:
    """Does what *plan* says: the target is there whole, or not at all.

    Raises:
        InvalidInput: the source cannot be read, or the target is there already.
    """
    messages: tuple[str, ...] = ()
    if plan.from_format == DOSSIER:
        dossier = read_dossier(plan.source)
    else:
        imported = FORMATS[plan.from_format].read(plan.source)
        dossier, messages = imported.dossier, imported.messages
        if plan.homozygotes_once:
            dossier = with_homozygotes(dossier)
        elif single := _single_calls(dossier):
            messages += (f"{single} calls show one allele: the second is left open, as it may have dropped out",)
    if not dossier.texts:
        raise InvalidInput(
            "nothing in the file that a dossier holds", found=plan.source.name, valid="profiles or bones"
        )
    if plan.to_format == DOSSIER:
        write_dossier(dossier, plan.target)
        return Conversion(plan, messages, (plan.target,))
    exported = FORMATS[plan.to_format].write(dossier)
    companions = {plan.target.with_suffix(suffix): text for suffix, text in exported.companions.items()}
    for path in companions:
        if path.exists():
            raise InvalidInput("the file is there already", found=str(path), valid="a new file")
    for path, text in companions.items():
        write_file(text, path)
    try:
        write_file(exported.text, plan.target)
    except BaseException:
        for path in companions:
            path.unlink(missing_ok=True)
        raise
    return Conversion(plan, (*messages, *exported.messages), (plan.target, *companions))
