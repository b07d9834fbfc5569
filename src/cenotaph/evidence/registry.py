"""The lines of evidence there are, and how each is built from a dossier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from cenotaph.dossier.tables import SNP_FILE
from cenotaph.errors import InvalidInput
from cenotaph.evidence.age import AgeLine
from cenotaph.evidence.articulation import ArticulationLine
from cenotaph.evidence.autosomal import AutosomalLine, AutosomalSettings
from cenotaph.evidence.case import Case
from cenotaph.evidence.clavicle import ClavicleLine
from cenotaph.evidence.dental import DentalLine
from cenotaph.evidence.isotopes import IsotopeLine
from cenotaph.evidence.line import Line, States
from cenotaph.evidence.material import MaterialLine
from cenotaph.evidence.mtdna import MtdnaLine
from cenotaph.evidence.resemblance import ResemblanceLine, StatureLine
from cenotaph.evidence.snp import SnpLine
from cenotaph.evidence.snp_data import SnpSettings, snp_data
from cenotaph.evidence.snp_pedigrees import pedigree_flags
from cenotaph.evidence.ystr import YstrLine
from cenotaph.provenance import Run

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier


@dataclass(frozen=True, slots=True)
class LineSettings:
    """Parameters of the lines.

    Args:
        autosomal: of ``str``.
        snp: of ``snp``.
        mtdna_mutation_rate: per control-region transmission.
        lineage_theta: floor of the rarity of a haplotype.
        lineage_error: probability that mtDNA or Y-STR is wrong altogether.
        record_error: share of files that hold another man's stature, chart or film.
        record_sd_cm: standard deviation of a recorded stature around the stature at death.
    """

    autosomal: AutosomalSettings = field(default_factory=AutosomalSettings)
    snp: SnpSettings = field(default_factory=SnpSettings)
    mtdna_mutation_rate: float = 0.01
    lineage_theta: float = 0.001
    lineage_error: float = 1e-3
    record_error: float = 0.015
    record_sd_cm: float = 3.0


Builder = Callable[["Dossier", Case, States, LineSettings, Run], Line]


def _str(dossier: Dossier, case: Case, states: States, settings: LineSettings, run: Run) -> Line:
    line = AutosomalLine(dossier, case, states, settings.autosomal)
    run.tables.update({f"frequencies of {name}": used for name, used in line.tables_used.items()})
    run.warnings.extend(line.warnings)
    return line


def _snp(dossier: Dossier, case: Case, states: States, settings: LineSettings, run: Run) -> Line:
    data, about = snp_data(dossier, case, settings.snp)
    line = SnpLine(data, case, states, settings.snp)
    run.tables["SNPs"] = f"{len(data.frequency)} used; frequencies: {about.source}; places: {about.map_source}"
    run.tables["SNPs left out"] = "; ".join(f"{n} {why}" for why, n in about.skipped.items()) or "none"
    for name, own, inflation in zip(case.populations, data.populations, line.inflation, strict=True):
        if inflation.pairs:
            run.tables[f"SNPs of {name}"] = (
                f"{own.donors} donors, drift {own.drift:.3f} from the panel; {inflation.pairs} unrelated pairs: "
                f"mean LR {inflation.mean:.2g}, {inflation.beyond} over 10^4"
            )
    run.warnings.extend(line.warnings)
    run.warnings.extend(pedigree_flags(data, case))
    run.warnings.extend(about.warnings)
    run.results["SNP read errors"] = {
        name: [e.error, e.damage, e.contamination] for name, e in sorted(about.read_errors.items())
    }
    return line


def _mtdna(dossier: Dossier, case: Case, states: States, settings: LineSettings, run: Run) -> Line:
    line = MtdnaLine(
        dossier,
        case,
        states,
        mutation_rate=settings.mtdna_mutation_rate,
        theta=settings.lineage_theta,
        error=settings.lineage_error,
    )
    run.tables["mtDNA reference"] = f"{int(line.reference.count.sum())} haplotypes, one donor per family among them"
    return line


def _ystr(dossier: Dossier, case: Case, states: States, settings: LineSettings, run: Run) -> Line:
    line = YstrLine(dossier, case, states, theta=settings.lineage_theta, error=settings.lineage_error)
    run.tables["Y-STR reference"] = f"{int(line.reference.count.sum())} haplotypes, one donor per family"
    return line


def _resemblance(dossier: Dossier, case: Case, states: States, settings: LineSettings, run: Run) -> Line:
    line = ResemblanceLine(dossier, case, states, error=settings.record_error)
    run.tables["skeleton model"] = f"{line.model.reference_size} people, {line.model.df:.1f} degrees of freedom"
    return line


def _stature(dossier: Dossier, case: Case, states: States, settings: LineSettings, run: Run) -> Line:
    return StatureLine(dossier, case, states, record_sd_cm=settings.record_sd_cm, error=settings.record_error)


def _dental(dossier: Dossier, case: Case, states: States, settings: LineSettings, run: Run) -> Line:
    line = DentalLine(dossier, case, states, error=settings.record_error)
    run.tables["mouths"] = line.mouths.basis
    return line


def _articulation(dossier: Dossier, case: Case, states: States, settings: LineSettings, run: Run) -> Line:
    return ArticulationLine(dossier, case, states, error=settings.record_error)


def _age(dossier: Dossier, case: Case, states: States, settings: LineSettings, run: Run) -> Line:
    return AgeLine(dossier, case, states, error=settings.record_error)


def _clavicle(dossier: Dossier, case: Case, states: States, settings: LineSettings, run: Run) -> Line:
    line = ClavicleLine(dossier, case, states, error=settings.record_error)
    run.tables["clavicle model"] = f"{line.model.pairs} pairs; {line.model.basis}"
    return line


def _isotopes(dossier: Dossier, case: Case, states: States, settings: LineSettings, run: Run) -> Line:
    run.tables["isotopes"] = "shipped classes of origin; mostly assumptions"
    return IsotopeLine(dossier, case, states, error=settings.record_error)


def _material(dossier: Dossier, case: Case, states: States, settings: LineSettings, run: Run) -> Line:
    return MaterialLine(dossier, case, states, error=settings.record_error)


LINES: MappingProxyType[str, tuple[str, Builder]] = MappingProxyType(
    {
        "str": ("str_profiles", _str),
        "snp": (SNP_FILE, _snp),
        "mtdna": ("mtdna_profiles", _mtdna),
        "ystr": ("ystr_profiles", _ystr),
        "resemblance": ("measurements", _resemblance),
        "stature": ("measurements", _stature),
        "age": ("specimens", _age),
        "dental": ("dental_charts", _dental),
        "clavicle": ("outlines", _clavicle),
        "isotopes": ("isotopes", _isotopes),
        "material": ("effects", _material),
        "articulation": ("associations", _articulation),
    }
)
"""Name of a line → the table or file it needs and its builder."""


def build_lines(
    dossier: Dossier, case: Case, states: States, settings: LineSettings, without: frozenset[str], run: Run
) -> tuple[Line, ...]:
    """The lines that the dossier has data for.

    Raises:
        InvalidInput: *without* names a line that does not exist.
    """
    unknown = without - set(LINES) - {"provenance"}
    if unknown:
        raise InvalidInput(
            "no such line of evidence", found=", ".join(sorted(unknown)), valid=", ".join([*LINES, "provenance"])
        )
    return tuple(
        build(dossier, case, states, settings, run)
        for name, (table, build) in LINES.items()
        if name not in without and _is_given(dossier, table)
    )


def _is_given(dossier: Dossier, table: str) -> bool:
    return dossier.snp_path is not None if table == SNP_FILE else dossier.table(table).height > 0
