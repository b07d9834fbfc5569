"""The registry: one declaration of every table and column of a dossier.

Reading, checking, the Data Package descriptor and the reference page are made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cenotaph.dossier.accounting_tables import ACCOUNT, ACCOUNTING_TABLES
from cenotaph.dossier.declaration import (
    TYPES,
    Column,
    Table,
    filled,
    key,
    latitude,
    longitude,
    note,
    radius,
    reference,
)

__all__ = ["AFFINITIES", "DESCRIPTOR_FILE", "GROUPS", "SEXES", "SNP_FILE", "TABLES", "TYPES", "Column", "Table"]

MISSING, REMAINS, LABORATORY, ANSWERS = (
    "Who is missing",
    "What came back",
    "What the laboratory typed",
    "What the program answers",
)

SEXES = ("M", "F", "U")
AFFINITIES = ("white", "black", "asian", "hispanic", "american_indian", "pacific_islander", "unknown")


def _sex(meaning: str, *, required: bool = False) -> Column:
    return Column("sex", "text", meaning, required=required, vocabulary=SEXES, default="U", missing="unknown")


_TABLES = (
    Table(
        "missing",
        MISSING,
        "A missing person.",
        (
            key("missing_id", "identifier of the missing person"),
            Column("family_name", "text", "family name"),
            Column("given_names", "text", "given names"),
            _sex("M, F, or U for unknown"),
            Column("birth_date", "date", "date of birth"),
            Column(
                "population",
                "text",
                "affinity that the record states; unknown means the mixture of the roster",
                required=True,
                default="unknown",
                missing="unknown",
            ),
            Column("stature_cm", "number", "stature on the record", least=0, plausible=(120, 220), unit="cm"),
            Column("service", "text", "branch of service"),
            Column("grade", "text", "military grade"),
            Column("unit", "text", "military unit"),
            Column("service_number", "text", "service number"),
            Column("home_of_record", "text", "home of record"),
            reference("incident_id", "incidents.incident_id", "loss incident"),
            Column("loss_date", "date", "date of loss"),
            latitude(),
            longitude(),
            radius(),
            Column(
                "status",
                "text",
                "accounted: identified before; stays a candidate, because later parts of a named man are found",
                vocabulary=("unaccounted", "accounted"),
                default="unaccounted",
                missing="unaccounted",
            ),
            note(),
        ),
    ),
    Table(
        "incidents",
        MISSING,
        "A loss incident: a battle, camp, march or crash.",
        (
            key("incident_id", "identifier of the incident"),
            Column("name", "text", "name"),
            Column("from_date", "date", "first day"),
            Column("to_date", "date", "last day"),
            latitude(),
            longitude(),
            radius(),
            note(),
        ),
    ),
    Table(
        "relatives",
        MISSING,
        "A member of a family's pedigree: donors, the missing, and those who only connect them. An unknown parent is a "
        "row of its own.",
        (
            filled("family_id", "id", "identifier of the family"),
            key("person_id", "identifier of the person"),
            Column(
                "father_id",
                "id",
                "father; both parents or neither",
                required=True,
                references="relatives.person_id",
                missing="a founder",
            ),
            Column(
                "mother_id",
                "id",
                "mother; both parents or neither",
                required=True,
                references="relatives.person_id",
                missing="a founder",
            ),
            _sex("M, F, or U for unknown", required=True),
            Column(
                "missing_id",
                "id",
                "the missing person that this node of the pedigree is",
                required=True,
                references="missing.missing_id",
                missing="not a missing person",
            ),
            note(),
        ),
    ),
    Table(
        "containers",
        REMAINS,
        "A box, as declared by whoever handed it over.",
        (
            key("container_id", "identifier of the container"),
            reference("transfer_id", "transfers.transfer_id", "transfer that brought it"),
            Column("received_on", "date", "date of receipt"),
            Column("label", "text", "what the label says"),
            Column("claimed_place", "text", "place of recovery as claimed"),
            reference("claimed_incident_id", "incidents.incident_id", "incident as claimed"),
            latitude(),
            longitude(),
            note(),
        ),
    ),
    Table(
        "specimens",
        REMAINS,
        "A bone, or fragment of a bone, as inventoried.",
        (
            key("specimen_id", "identifier of the specimen"),
            reference("container_id", "containers.container_id", "box it came in"),
            Column("element", "element", "skeletal element", required=True, default="unknown", missing="unknown"),
            Column(
                "side",
                "text",
                "left, right, midline or unknown",
                required=True,
                vocabulary=("L", "R", "M", "U"),
                default="U",
                missing="unknown",
            ),
            Column("zones", "zones", "zones present"),
            Column("completeness", "number", "share of the element that is there", least=0, most=1),
            Column("weight_g", "number", "weight", least=0, plausible=(0, 2000), unit="g"),
            _sex("sex as assessed from the bone"),
            Column("age_from", "number", "least age as assessed", least=0, plausible=(0, 110), unit="year"),
            Column("age_to", "number", "greatest age as assessed", least=0, plausible=(0, 110), unit="year"),
            Column("population", "text", "affinity as assessed", missing="not assessed"),
            note(),
        ),
    ),
    Table(
        "measurements",
        REMAINS,
        "A measurement of a bone.",
        (
            reference("specimen_id", "specimens.specimen_id", "specimen", gives_meaning=True),
            filled("code", "text", "code of the measurement, as Fem_01"),
            Column(
                "value_mm",
                "number",
                "value; what adults do not have at this code is a warning",
                required=True,
                filled=True,
                least=0,
                unit="mm",
                missing="not allowed",
            ),
            Column("observer", "text", "who measured"),
            Column("replicate", "integer", "number of the repetition", least=1, default="1", missing="1"),
        ),
    ),
    Table(
        "age_stages",
        REMAINS,
        "A stage of a feature that tells age.",
        (
            reference("specimen_id", "specimens.specimen_id", "specimen", gives_meaning=True),
            filled("method", "text", "method"),
            filled("feature", "text", "feature that was staged"),
            filled("stage", "text", "stage, in the method's words"),
            Column("observer", "text", "who staged"),
        ),
    ),
    Table(
        "associations",
        REMAINS,
        "What an examiner says of two specimens.",
        (
            reference("specimen_a", "specimens.specimen_id", "one specimen", gives_meaning=True),
            reference("specimen_b", "specimens.specimen_id", "the other specimen", gives_meaning=True),
            filled("kind", "text", "ground", ("refit", "articulation", "pair", "morphology", "exclusion")),
            filled("grade", "text", "how sure", ("certain", "probable", "possible", "excluded")),
            Column("observer", "text", "who judged"),
            Column("reason", "text", "why"),
        ),
    ),
    Table(
        "dental_charts",
        REMAINS,
        "The state of one tooth of a missing person or of a specimen.",
        (
            filled("subject_type", "text", "whose tooth", ("missing", "specimen")),
            Column(
                "subject_id",
                "id",
                "identifier of the missing person or specimen",
                required=True,
                filled=True,
                references_by=(
                    "subject_type",
                    MappingProxyType({"missing": "missing.missing_id", "specimen": "specimens.specimen_id"}),
                ),
                missing="not allowed",
            ),
            filled("tooth", "tooth", "tooth"),
            filled("code", "dental_code", "state of the tooth"),
            Column("charted_on", "date", "date of the chart"),
        ),
        unique=("subject_type", "subject_id", "tooth", "charted_on"),
    ),
    Table(
        "outlines",
        REMAINS,
        "A point of a closed outline, points in order.",
        (
            filled("subject_type", "text", "whose outline", ("missing", "specimen")),
            Column(
                "subject_id",
                "id",
                "identifier of the missing person or specimen",
                required=True,
                filled=True,
                references_by=(
                    "subject_type",
                    MappingProxyType({"missing": "missing.missing_id", "specimen": "specimens.specimen_id"}),
                ),
                missing="not allowed",
            ),
            filled("structure", "text", "structure", ("clavicle",)),
            Column(
                "side", "text", "left, right or unknown", vocabulary=("L", "R", "U"), default="U", missing="unknown"
            ),
            Column("view", "text", "kind of picture", vocabulary=("radiograph", "scan")),
            Column(
                "point", "integer", "number of the point", required=True, filled=True, least=0, missing="not allowed"
            ),
            Column("x", "number", "across", required=True, filled=True, missing="not allowed"),
            Column("y", "number", "up", required=True, filled=True, missing="not allowed"),
        ),
        unique=("subject_type", "subject_id", "structure", "side", "view", "point"),
    ),
    Table(
        "isotopes",
        REMAINS,
        "An isotope ratio of a specimen.",
        (
            reference("specimen_id", "specimens.specimen_id", "specimen", gives_meaning=True),
            filled("tissue", "text", "tissue", ("collagen", "apatite", "enamel")),
            filled("ratio", "text", "ratio", ("d13C", "d15N", "d18O", "d34S", "87Sr86Sr")),
            Column(
                "value",
                "number",
                "value: per mille, or the ratio itself for strontium",
                required=True,
                filled=True,
                plausible=(-60, 60),
                missing="not allowed",
            ),
        ),
    ),
    Table(
        "effects",
        REMAINS,
        "An object found with remains.",
        (
            key("effect_id", "identifier of the object"),
            reference("container_id", "containers.container_id", "box it came in"),
            reference("specimen_id", "specimens.specimen_id", "specimen it was with"),
            filled("kind", "text", "kind", ("identification_tag", "name_bearing", "uniform", "equipment", "other")),
            Column("inscription", "text", "what is written on it"),
            reference("missing_id", "missing.missing_id", "missing person whom it names"),
            note(),
        ),
    ),
    Table(
        "decisions",
        REMAINS,
        "What examiners have settled; identify takes it as a constraint.",
        (
            key("decision_id", "identifier of the decision"),
            filled(
                "kind",
                "text",
                "what was decided",
                ("link", "separate", "identification", "exclusion", "premature", "unlisted"),
            ),
            Column("specimen_ids", "ids", "specimens it is about", references="specimens.specimen_id"),
            reference("missing_id", "missing.missing_id", "missing person it is about"),
            Column("decided_on", "date", "date"),
            Column("by", "text", "who decided"),
            note(),
        ),
    ),
    Table(
        "samples",
        LABORATORY,
        "A sample taken for DNA.",
        (
            key("sample_id", "identifier of the sample"),
            filled("origin", "text", "what it was taken from", ("specimen", "relative", "missing")),
            Column(
                "origin_id",
                "id",
                "identifier of the specimen, relative or missing person",
                required=True,
                filled=True,
                references_by=(
                    "origin",
                    MappingProxyType(
                        {
                            "specimen": "specimens.specimen_id",
                            "relative": "relatives.person_id",
                            "missing": "missing.missing_id",
                        }
                    ),
                ),
                missing="not allowed",
            ),
            Column("material", "text", "bone, tooth, buccal, blood, ..."),
            Column("laboratory", "text", "laboratory"),
            Column("collected_on", "date", "date of collection"),
            note(),
        ),
    ),
    Table(
        "str_profiles",
        LABORATORY,
        "The genotype of a sample at one autosomal or X marker. A homozygote is written twice; an empty second allele "
        "could not be called: it may be the same or have dropped out.",
        (
            reference("sample_id", "samples.sample_id", "sample", gives_meaning=True),
            Column("replicate", "integer", "number of the amplification", least=1, default="1", missing="1"),
            filled("marker", "marker", "marker"),
            filled("allele_1", "allele", "one allele"),
            Column("allele_2", "allele", "the other allele", missing="could not be called"),
            Column("more_alleles", "more_alleles", "further alleles", missing="none"),
        ),
        unique=("sample_id", "replicate", "marker"),
    ),
    Table(
        "ystr_profiles",
        LABORATORY,
        "The allele of a sample at one Y marker.",
        (
            reference("sample_id", "samples.sample_id", "sample", gives_meaning=True),
            filled("marker", "marker", "marker"),
            filled("alleles", "alleles", "allele, or the copies of a multi-copy marker"),
        ),
        unique=("sample_id", "marker"),
    ),
    Table(
        "mtdna_profiles",
        LABORATORY,
        "The mitochondrial DNA of a sample; outside the ranges nothing is known.",
        (
            reference("sample_id", "samples.sample_id", "sample", gives_meaning=True),
            filled("ranges", "mtdna_ranges", "what was sequenced"),
            Column(
                "differences",
                "mtdna_differences",
                "differences from the revised Cambridge Reference Sequence",
                required=True,
                missing="none: equal to the reference in the ranges",
            ),
        ),
        unique=("sample_id", "ranges"),
    ),
    Table(
        "frequencies",
        LABORATORY,
        "The frequency of an allele in a population; used before the tables that ship.",
        (
            filled("marker", "marker", "marker"),
            filled("allele", "text", "allele"),
            filled("population", "text", "population"),
            Column(
                "frequency",
                "number",
                "share of the chromosomes",
                required=True,
                filled=True,
                least=0,
                most=1,
                missing="not allowed",
            ),
            Column(
                "chromosomes",
                "integer",
                "chromosomes counted at the marker (2N)",
                least=1,
                default="200",
                missing="200, an assumption",
            ),
        ),
        unique=("marker", "allele", "population"),
    ),
    Table(
        "reference_haplotypes",
        LABORATORY,
        "A haplotype of a reference population, with its count.",
        (
            filled("kind", "text", "kind", ("mtdna", "ystr")),
            Column("population", "text", "population", missing="one pooled set"),
            Column("ranges", "mtdna_ranges", "what was sequenced (mtdna)", missing="kind is ystr"),
            Column("markers", "text", "markers typed, space separated (ystr)", missing="kind is mtdna"),
            Column("haplotype", "text", "differences (mtdna) or alleles in the order of the markers (ystr)"),
            Column("count", "integer", "how many carried it", least=0, default="1", missing="1"),
        ),
    ),
    Table(
        "test_costs",
        LABORATORY,
        "The cost of a further test.",
        (
            filled("action", "text", "what is done: sample_bone, type_more, sample_relative, measure"),
            Column("element", "text", "element of the bone sampled", missing="any"),
            Column("relation", "text", "relation of the person sampled", missing="any"),
            Column("cost", "number", "cost in the currency of the house", required=True, filled=True, least=0),
        ),
    ),
    Table(
        "individuals",
        ANSWERS,
        "A person inferred from specimens.",
        (
            key("individual_id", "identifier of the individual"),
            Column("specimens", "integer", "number of specimens", least=0),
            reference("missing_id", "missing.missing_id", "most probable name; empty: nobody on the roster"),
            Column("probability", "number", "probability of the name, at the anchor specimen", least=0, most=1),
            reference("runner_up_id", "missing.missing_id", "second most probable name"),
            Column("runner_up_probability", "number", "its probability", least=0, most=1),
            Column("origin", "text", "most probable origin: roster, unlisted, korean, chinese, other, animal"),
            Column("verdict", "text", "verdict", vocabulary=("identification", "shortlist", "unlisted", "unresolved")),
            Column("lines", "text", "groups of evidence that support it, space separated"),
            Column("conflicts", "text", "lines that speak against it"),
            Column("reason", "text", "why this verdict"),
        ),
    ),
    Table(
        "assignments",
        ANSWERS,
        "The most probable answer for a specimen.",
        (
            reference("specimen_id", "specimens.specimen_id", "specimen", gives_meaning=True),
            reference("individual_id", "individuals.individual_id", "individual"),
            reference("missing_id", "missing.missing_id", "missing person; empty: nobody on the roster"),
            Column("probability", "number", "marginal probability of the answer", least=0, most=1),
        ),
        unique=("specimen_id",),
    ),
    Table(
        "candidates",
        ANSWERS,
        "One of the ten best names for an individual.",
        (
            reference("individual_id", "individuals.individual_id", "individual", gives_meaning=True),
            Column("rank", "integer", "1 is the best", least=1),
            reference("missing_id", "missing.missing_id", "missing person; empty: nobody on the roster"),
            Column("probability", "number", "probability", least=0, most=1),
            Column("log10_lr_total", "number", "sum of the columns that follow"),
            Column("log10_lr_origin", "number", "origin classes and prior"),
        ),
        open_columns="log10_lr_",
    ),
    Table(
        "links",
        ANSWERS,
        "Two specimens that may be of one person.",
        (
            reference("specimen_a", "specimens.specimen_id", "one specimen", gives_meaning=True),
            reference("specimen_b", "specimens.specimen_id", "the other specimen", gives_meaning=True),
            Column("probability_same", "number", "probability that one person had both", least=0, most=1),
            Column("log10_lr_total", "number", "sum of the columns that follow"),
        ),
        open_columns="log10_lr_",
    ),
    Table(
        "next_tests",
        ANSWERS,
        "A further test, by what it is expected to bring.",
        (
            Column("rank", "integer", "1 is the best", least=1),
            filled("action", "text", "what to do", ("sample_bone", "type_more", "sample_relative", "measure")),
            filled("subject_id", "id", "specimen, sample or relative"),
            Column("expected_names", "number", "expected number of further names", least=0),
            Column("cost", "number", "cost", least=0),
            Column("reason", "text", "why"),
        ),
    ),
)

TABLES: Mapping[str, Table] = MappingProxyType({t.name: t for t in (*_TABLES, *ACCOUNTING_TABLES)})
"""Every table by name, in the order of the reference page."""

GROUPS = (MISSING, REMAINS, ACCOUNT, LABORATORY, ANSWERS)

SNP_FILE = "snp_profiles.vcf.gz"
DESCRIPTOR_FILE = "datapackage.json"
