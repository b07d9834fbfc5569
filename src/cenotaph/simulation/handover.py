"""A whole handover: a dossier about people who do not exist, and the truth about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.dossier.read import Dossier
from cenotaph.dossier.tables import SNP_FILE
from cenotaph.dossier.write import new_folder, write_csv, write_dossier
from cenotaph.errors import InvalidInput
from cenotaph.simulation.bodies import make_bodies
from cenotaph.simulation.boxes import Individuals, Specimen, claims, make_individuals, make_specimens, turnovers
from cenotaph.simulation.captures import capture_snps
from cenotaph.simulation.films import outline_rows
from cenotaph.simulation.genealogy import Genealogy, People, make_genealogy
from cenotaph.simulation.genomes import ORIGINS, drop_genes
from cenotaph.simulation.laboratory import Sample, Typings, take_samples, type_samples
from cenotaph.simulation.maturity import stage_rows
from cenotaph.simulation.plan import HandoverPlan
from cenotaph.simulation.records import (
    Row,
    chart_rows,
    effect_rows,
    isotope_rows,
    measurement_rows,
    missing_rows,
)
from cenotaph.simulation.roster import AFFINITIES, AFFINITY_SHARE, make_roster
from cenotaph.simulation.tables import Ints, load_incidents

if TYPE_CHECKING:
    import polars as pl

TITLE = "Synthetic handover: nobody in it exists"

HEADERS: Mapping[str, str] = {
    "missing": "missing_id family_name given_names sex birth_date population stature_cm incident_id loss_date latitude "
    "longitude radius_km status",
    "incidents": "incident_id name from_date to_date latitude longitude radius_km",
    "relatives": "family_id person_id father_id mother_id sex missing_id",
    "transfers": "transfer_id from_party to_party on_date place mechanism containers claimed_individuals",
    "containers": "container_id transfer_id received_on label claimed_place claimed_incident_id",
    "specimens": "specimen_id container_id element side zones completeness age_from age_to",
    "measurements": "specimen_id code value_mm",
    "age_stages": "specimen_id method feature stage",
    "associations": "specimen_a specimen_b kind grade",
    "dental_charts": "subject_type subject_id tooth code",
    "outlines": "subject_type subject_id structure side view point x y",
    "isotopes": "specimen_id tissue ratio value",
    "effects": "effect_id container_id specimen_id kind inscription missing_id",
    "samples": "sample_id origin origin_id material",
    "str_profiles": "sample_id replicate marker allele_1 allele_2 more_alleles",
    "ystr_profiles": "sample_id marker alleles",
    "mtdna_profiles": "sample_id ranges differences",
}
TRUTH_HEADER = "specimen_id individual_id missing_id origin"


@dataclass(frozen=True)
class Handover:
    """A simulated handover.

    Args:
        dossier: what a laboratory would hand over.
        truth: specimen_id, individual_id, missing_id (empty: nobody on the roster) and origin of every specimen.
        vcf: SNPs, packed, or None.
    """

    dossier: Dossier
    truth: pl.DataFrame
    vcf: bytes | None = None


def simulate_handover(plan: HandoverPlan) -> Handover:
    """Draws a handover. The same plan gives the same handover.

    Each stage has its own stream of random numbers, so that a change of one leaves the others as they were.
    """
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(plan.seed).spawn(17)]
    difficulty = plan.difficulty
    roster = make_roster(plan, streams[0])
    claimed = claims(plan)
    turnover = turnovers(plan, streams[14])
    individuals = make_individuals(plan, roster, claimed, streams[1])
    specimens, refits = make_specimens(plan, individuals, turnover, streams[2])
    missing_ids = _ids("M", len(roster), 5)
    genealogy = make_genealogy(roster, missing_ids, difficulty, streams[3])
    person_of_man, person_of, people = _everyone(genealogy, individuals, len(roster))
    genomes = drop_genes(people, difficulty.drift, streams[4], plan.circumstances.common_mitotypes)
    build = _builds(people.origin, plan.circumstances.same_build, streams[15])
    bodies = make_bodies(build, ORIGINS, streams[5])
    samples = take_samples(specimens, person_of, genealogy, people.male, difficulty, streams[6], plan.circumstances)
    typings = type_samples(samples, genomes, people.origin, people.male, difficulty, streams[7])

    specimen_ids = _ids("S", len(specimens), 5)
    box_ids = _ids("BOX", plan.boxes, 3)
    rows: dict[str, list[Row]] = {
        "missing": missing_rows(plan, roster, missing_ids, bodies.stature_cm[person_of_man], streams[8]),
        "incidents": _incident_rows(plan),
        "relatives": _relative_rows(genealogy, missing_ids),
        "transfers": _transfer_rows(plan, turnover),
        "containers": _container_rows(plan, claimed, turnover, box_ids),
        "specimens": _specimen_rows(specimens, specimen_ids, box_ids),
        "measurements": measurement_rows(specimens, specimen_ids, person_of, bodies, streams[9]),
        "age_stages": stage_rows(individuals, specimens, specimen_ids, difficulty, streams[12]),
        "associations": [(specimen_ids[a], specimen_ids[b], "refit", "certain") for a, b in refits],
        "dental_charts": chart_rows(
            missing_ids, person_of_man, specimens, specimen_ids, person_of, bodies, difficulty, streams[10]
        ),
        "outlines": outline_rows(
            missing_ids, person_of_man, specimens, specimen_ids, person_of, bodies, difficulty, streams[13]
        ),
        "isotopes": isotope_rows(specimens, specimen_ids, person_of, bodies, streams[11]),
        "effects": effect_rows(individuals, roster, box_ids, streams[11]),
        **_laboratory_rows(samples, typings, specimen_ids, genealogy),
    }
    about = {
        "name": "synthetic-handover",
        "title": TITLE,
        "synthetic": True,
        "individuals": plan.individuals,
        "boxes": plan.boxes,
        "missing": plan.missing,
        "seed": plan.seed,
        **({"snps": plan.snps} if plan.snps else {}),
        **_changed_rates(plan),
    }
    tables = {name: _frame(HEADERS[name], found) for name, found in rows.items()}
    truth = _frame(TRUTH_HEADER, _truth_rows(specimens, specimen_ids, individuals, missing_ids))
    vcf = None
    if plan.snps:
        captures = capture_snps(people, samples, plan.snps, difficulty.contaminated, streams[16])
        vcf = captures.as_vcf(_sample_ids(samples))
    return Handover(Dossier.from_texts(tables, descriptor=about), truth, vcf)


def write_handover(handover: Handover, folder: Path) -> Path:
    """Writes the dossier to *folder* and the truth beside it, to ``<folder>.truth/truth.csv``.

    Returns:
        The folder of the truth.

    Raises:
        InvalidInput: either folder is there and not empty; then nothing is written.
    """
    beside = truth_folder(folder)
    refuse_occupied(folder)
    with new_folder(beside) as work, TemporaryDirectory() as aside:
        write_csv(handover.truth, work / "truth.csv")
        dossier = handover.dossier
        if handover.vcf is not None:
            (Path(aside) / SNP_FILE).write_bytes(handover.vcf)
            dossier = replace(dossier, snp_path=Path(aside) / SNP_FILE)
        write_dossier(dossier, folder)
    return beside


def truth_folder(folder: Path) -> Path:
    """Where the truth about the dossier in *folder* stands.

    >>> truth_folder(Path("cases/small")).as_posix()
    'cases/small.truth'
    """
    return folder.with_name(f"{folder.name}.truth")


def refuse_occupied(folder: Path) -> None:
    """Makes sure that both folders of a handover are free.

    Raises:
        InvalidInput: one of them is a file or not empty.
    """
    for place in (folder, truth_folder(folder)):
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise InvalidInput(
                "the folder is not empty", found=str(place), valid="a folder that is empty or not there yet"
            )


def _everyone(genealogy: Genealogy, individuals: Individuals, men: int) -> tuple[Ints, Ints, People]:
    """Row of the roster -> person, individual -> person, and all people: the genealogy, then the others."""
    person_of_man = np.full(men, -1)
    for person, man in enumerate(genealogy.missing):
        if man >= 0:
            person_of_man[man] = person
    others = np.flatnonzero(individuals.man < 0)
    person_of = np.where(individuals.man >= 0, person_of_man[individuals.man], -1)
    person_of[others] = len(genealogy) + np.arange(others.size)
    none = np.full(others.size, -1)
    foreign = np.array([ORIGINS.index(individuals.affinity[k]) for k in others], dtype=np.int64)
    people = People(
        np.concatenate([np.array(genealogy.true_father), none]),
        np.concatenate([np.array(genealogy.true_mother), none]),
        np.concatenate([np.array(genealogy.male), np.ones(others.size, dtype=bool)]),
        np.concatenate([np.array(genealogy.affinity), foreign]),
    )
    return person_of_man, person_of, people


def _builds(origin: Ints, share: float, rng: np.random.Generator) -> Ints:
    """The population whose build and diet everyone has; a share of the foreign have those of the roster's men."""
    foreign = origin >= len(AFFINITIES)
    alike = foreign & (rng.random(origin.size) < share)
    return np.where(alike, rng.choice(len(AFFINITIES), origin.size, p=AFFINITY_SHARE), origin)


def _changed_rates(plan: HandoverPlan) -> dict[str, dict[str, float]]:
    """Rates that are not the usual ones, for the descriptor."""
    changed = {
        f.name: getattr(record, f.name)
        for record in (plan.difficulty, plan.circumstances)
        for f in fields(record)
        if f.name != "turnovers" and getattr(record, f.name) != f.default
    }
    return {"rates": changed} if changed else {}


def _ids(prefix: str, count: int, digits: int) -> list[str]:
    return [f"{prefix}{k:0{digits}d}" for k in range(1, count + 1)]


def _incident_rows(plan: HandoverPlan) -> list[Row]:
    known = [load_incidents()[i.incident_id] for i in plan.incidents]
    return [
        (i.incident_id, i.name, i.from_date.isoformat(), i.to_date.isoformat(),
         f"{i.latitude:g}", f"{i.longitude:g}", f"{i.radius_km:g}")
        for i in known
    ]  # fmt: skip


def _relative_rows(genealogy: Genealogy, missing_ids: list[str]) -> list[Row]:
    names = genealogy.names
    return [
        (
            genealogy.families[k],
            name,
            names[genealogy.father[k]] if genealogy.father[k] >= 0 else None,
            names[genealogy.mother[k]] if genealogy.mother[k] >= 0 else None,
            "M" if genealogy.male[k] else "F",
            missing_ids[genealogy.missing[k]] if genealogy.missing[k] >= 0 else None,
        )
        for k, name in enumerate(names)
        if name
    ]


def _transfer_rows(plan: HandoverPlan, turnover: Ints) -> list[Row]:
    return [
        (f"T{k + 1}", t.from_party, t.to_party, t.date, t.place, t.mechanism, str(int((turnover == k).sum())), None)
        for k, t in enumerate(plan.circumstances.turnovers)
    ]


def _container_rows(plan: HandoverPlan, claimed: Ints, turnover: Ints, box_ids: list[str]) -> list[Row]:
    rows: list[Row] = []
    for k, box in enumerate(box_ids):
        incident = load_incidents()[plan.incidents[claimed[k]].incident_id]
        received = plan.circumstances.turnovers[turnover[k]].date
        rows.append((box, f"T{turnover[k] + 1}", received, str(k + 1), incident.name, incident.incident_id))
    return rows


def _specimen_rows(specimens: list[Specimen], ids: list[str], box_ids: list[str]) -> list[Row]:
    return [
        (
            name,
            box_ids[s.box],
            s.recorded_element,
            s.recorded_side,
            s.zones or None,
            f"{s.completeness:.2f}",
            None if s.age_from is None else str(s.age_from),
            None if s.age_to is None else str(s.age_to),
        )
        for name, s in zip(ids, specimens, strict=True)
    ]


def _laboratory_rows(
    samples: list[Sample], typings: Typings, specimen_ids: list[str], genealogy: Genealogy
) -> dict[str, list[Row]]:
    ids = _sample_ids(samples)
    names = {"specimen": specimen_ids, "relative": genealogy.names}
    return {
        "samples": [(i, s.origin, names[s.origin][s.origin_id], s.material) for i, s in zip(ids, samples, strict=True)],
        "str_profiles": [(ids[k], str(replicate), *rest) for k, replicate, *rest in typings.str_rows],
        "ystr_profiles": [(ids[k], *rest) for k, *rest in typings.y_rows],
        "mtdna_profiles": [(ids[k], *rest) for k, *rest in typings.mt_rows],
    }


def _sample_ids(samples: list[Sample]) -> list[str]:
    return [f"{'B' if s.origin == 'specimen' else 'R'}{k:06d}" for k, s in enumerate(samples, 1)]


def _truth_rows(
    specimens: list[Specimen], ids: list[str], individuals: Individuals, missing_ids: list[str]
) -> list[Row]:
    rows: list[Row] = []
    for name, s in zip(ids, specimens, strict=True):
        if s.individual < 0:
            rows.append((name, f"A{name}", None, "animal"))
            continue
        man = int(individuals.man[s.individual])
        who = missing_ids[man] if man >= 0 else None
        rows.append((name, f"I{s.individual + 1:04d}", who, individuals.origin[s.individual]))
    return rows


def _frame(header: str, rows: list[Row]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(rows, schema=dict.fromkeys(header.split(), pl.String), orient="row")
