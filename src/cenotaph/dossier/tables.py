"""The registry: one declaration of every table and column of a dossier.

Reading, checking, the Data Package descriptor and the reference page are made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Args:
        name: header of the column.
        type: one of `TYPES`.
        meaning: plain words for a reader.
        key: part of the table's key; implies *required* and *filled*.
        required: the column must be there.
        filled: every cell must say something.
        references: ``table.column`` that every value must be found in.
        references_by: ``(column, {value: table.column})``: a column of the same row decides where to look.
        vocabulary: the values allowed, where they are few.
        least, most: bounds; a number outside is an error.
        plausible: bounds; a number outside is a warning.
        unit: unit of a number.
        default: value that an empty cell means in the typed table.
        missing: what an empty cell means, in words.
    """

    name: str
    type: str
    meaning: str
    key: bool = False
    required: bool = False
    filled: bool = False
    references: str | None = None
    references_by: tuple[str, Mapping[str, str]] | None = None
    vocabulary: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    plausible: tuple[float, float] | None = None
    unit: str = ""
    default: str | None = None
    missing: str = "not recorded"


TYPES = MappingProxyType(
    {
        "text": "any text",
        "id": "an identifier: no space at either end",
        "ids": "identifiers, space separated",
        "number": "a number with a decimal point",
        "integer": "a whole number",
        "date": "an ISO 8601 date, or EDTF where it is uncertain (1950, 1950-11, 1950-11-28?, 1950-11-27/1950-12-12)",
        "marker": "a marker of the marker table, in any of its spellings",
        "allele": "an allele: 9, 9.3, <6, >15; X or Y at Amelogenin",
        "alleles": "one allele, or the copies of a multi-copy marker joined by hyphens: 14, 11-14",
        "more_alleles": "alleles, space separated",
        "element": "a skeletal element of the element table",
        "zones": "zone numbers, space separated, or complete",
        "tooth": "a tooth in FDI notation: 11 to 48",
        "dental_code": "a WinID code: V, X, J, U, / or surfaces of M O D F L I, then -secondary",
        "mtdna_ranges": "ranges of the rCRS, space separated: 16024-16365 73-340",
        "mtdna_differences": "differences from the rCRS, space separated: 16126C 263G 315.1C 249d",
    }
)
"""Types of columns and what a cell of each holds."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    Args:
        name: file name without ``.csv``.
        group: heading under which the reference page shows it.
        meaning: one sentence: what a row is.
        columns: in canonical order.
        unique: columns that together may occur once, beside the key.
        open_columns: prefix of further columns that belong to the table, as ``log10_lr_``.
    """

    name: str
    group: str
    meaning: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()
    open_columns: str | None = None
    by_name: Mapping[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", MappingProxyType({c.name: c for c in self.columns}))

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the key columns."""
        return tuple(c.name for c in self.columns if c.key)

    @property
    def file(self) -> str:
        """Name of the file."""
        return f"{self.name}.csv"


MISSING, REMAINS, LABORATORY, ANSWERS = (
    "Who is missing",
    "What came back",
    "What the laboratory typed",
    "What the program answers",
)

SEXES = ("M", "F", "U")
AFFINITIES = ("white", "black", "asian", "hispanic", "american_indian", "pacific_islander", "unknown")


def _key(name: str, meaning: str) -> Column:
    return Column(name, "id", meaning, key=True, required=True, filled=True, missing="not allowed")


def _reference(name: str, target: str, meaning: str, *, gives_meaning: bool = False) -> Column:
    missing = "not allowed" if gives_meaning else "none, or not known"
    return Column(name, "id", meaning, references=target, required=gives_meaning, filled=gives_meaning, missing=missing)


def _bold(name: str, type_: str, meaning: str, vocabulary: tuple[str, ...] = ()) -> Column:
    return Column(name, type_, meaning, required=True, filled=True, vocabulary=vocabulary, missing="not allowed")


def _latitude() -> Column:
    return Column("latitude", "number", "WGS 84 latitude, north positive", least=-90, most=90, unit="degree")


def _longitude() -> Column:
    return Column("longitude", "number", "WGS 84 longitude, east positive", least=-180, most=180, unit="degree")


def _radius() -> Column:
    return Column(
        "radius_km", "number", "radius within which the place is known", least=0, plausible=(0, 500), unit="km"
    )


def _note() -> Column:
    return Column("note", "text", "anything else")


def _sex(meaning: str, *, required: bool = False) -> Column:
    return Column("sex", "text", meaning, required=required, vocabulary=SEXES, default="U", missing="unknown")


_TABLES = (
    Table(
        "missing",
        MISSING,
        "A missing person.",
        (
            _key("missing_id", "identifier of the missing person"),
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
            _reference("incident_id", "incidents.incident_id", "loss incident"),
            Column("loss_date", "date", "date of loss"),
            _latitude(),
            _longitude(),
            _radius(),
            Column(
                "status",
                "text",
                "accounted: identified before; stays a candidate, because later parts of a named man are found",
                vocabulary=("unaccounted", "accounted"),
                default="unaccounted",
                missing="unaccounted",
            ),
            _note(),
        ),
    ),
    Table(
        "incidents",
        MISSING,
        "A loss incident: a battle, camp, march or crash.",
        (
            _key("incident_id", "identifier of the incident"),
            Column("name", "text", "name"),
            Column("from_date", "date", "first day"),
            Column("to_date", "date", "last day"),
            _latitude(),
            _longitude(),
            _radius(),
            _note(),
        ),
    ),
    Table(
        "relatives",
        MISSING,
        "A member of a family's pedigree: donors, the missing, and those who only connect them. An unknown parent is a "
        "row of its own.",
        (
            _bold("family_id", "id", "identifier of the family"),
            _key("person_id", "identifier of the person"),
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
            _note(),
        ),
    ),
    Table(
        "transfers",
        REMAINS,
        "A transfer of remains between parties.",
        (
            _key("transfer_id", "identifier of the transfer"),
            Column("from_party", "text", "who handed over"),
            Column("to_party", "text", "who received"),
            Column("on_date", "date", "date"),
            Column("place", "text", "where"),
            Column("mechanism", "text", "unilateral turnover, joint recovery, disinterment, ..."),
            Column("containers", "integer", "number of containers", least=0),
            Column("claimed_individuals", "integer", "number of individuals that the giver claims", least=0),
            Column("assessed_low", "integer", "least number of individuals by the laboratory", least=0),
            Column("assessed_high", "integer", "greatest number of individuals by the laboratory", least=0),
            Column("identified_own", "integer", "individuals identified as the receiver's own", least=0),
            Column("identified_other", "integer", "individuals identified as others", least=0),
            Column("identified_as_of", "date", "date for which the identified numbers hold"),
            _reference("destination_site_id", "sites.site_id", "where the remains went"),
            Column("series", "text", "series of transfers that this one belongs to"),
            _reference("engagement_id", "engagements.engagement_id", "talk that led to it"),
        ),
    ),
    Table(
        "containers",
        REMAINS,
        "A box, as declared by whoever handed it over.",
        (
            _key("container_id", "identifier of the container"),
            _reference("transfer_id", "transfers.transfer_id", "transfer that brought it"),
            Column("received_on", "date", "date of receipt"),
            Column("label", "text", "what the label says"),
            Column("claimed_place", "text", "place of recovery as claimed"),
            _reference("claimed_incident_id", "incidents.incident_id", "incident as claimed"),
            _latitude(),
            _longitude(),
            _note(),
        ),
    ),
    Table(
        "specimens",
        REMAINS,
        "A bone, or fragment of a bone, as inventoried.",
        (
            _key("specimen_id", "identifier of the specimen"),
            _reference("container_id", "containers.container_id", "box it came in"),
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
            _note(),
        ),
    ),
    Table(
        "measurements",
        REMAINS,
        "A measurement of a bone.",
        (
            _reference("specimen_id", "specimens.specimen_id", "specimen", gives_meaning=True),
            _bold("code", "text", "code of the measurement, as Fem_01"),
            Column(
                "value_mm",
                "number",
                "value",
                required=True,
                filled=True,
                least=0,
                plausible=(1, 600),
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
            _reference("specimen_id", "specimens.specimen_id", "specimen", gives_meaning=True),
            _bold("method", "text", "method"),
            _bold("feature", "text", "feature that was staged"),
            _bold("stage", "text", "stage, in the method's words"),
            Column("observer", "text", "who staged"),
        ),
    ),
    Table(
        "associations",
        REMAINS,
        "What an examiner says of two specimens.",
        (
            _reference("specimen_a", "specimens.specimen_id", "one specimen", gives_meaning=True),
            _reference("specimen_b", "specimens.specimen_id", "the other specimen", gives_meaning=True),
            _bold("kind", "text", "ground", ("refit", "articulation", "pair", "morphology", "exclusion")),
            _bold("grade", "text", "how sure", ("certain", "probable", "possible", "excluded")),
            Column("observer", "text", "who judged"),
            Column("reason", "text", "why"),
        ),
    ),
    Table(
        "dental_charts",
        REMAINS,
        "The state of one tooth of a missing person or of a specimen.",
        (
            _bold("subject_type", "text", "whose tooth", ("missing", "specimen")),
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
            _bold("tooth", "tooth", "tooth"),
            _bold("code", "dental_code", "state of the tooth"),
            Column("charted_on", "date", "date of the chart"),
        ),
        unique=("subject_type", "subject_id", "tooth", "charted_on"),
    ),
    Table(
        "outlines",
        REMAINS,
        "A point of a closed outline, points in order.",
        (
            _bold("subject_type", "text", "whose outline", ("missing", "specimen")),
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
            _bold("structure", "text", "structure", ("clavicle",)),
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
            _reference("specimen_id", "specimens.specimen_id", "specimen", gives_meaning=True),
            _bold("tissue", "text", "tissue", ("collagen", "apatite", "enamel")),
            _bold("ratio", "text", "ratio", ("d13C", "d15N", "d18O", "d34S", "87Sr86Sr")),
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
            _key("effect_id", "identifier of the object"),
            _reference("container_id", "containers.container_id", "box it came in"),
            _reference("specimen_id", "specimens.specimen_id", "specimen it was with"),
            _bold("kind", "text", "kind", ("identification_tag", "name_bearing", "uniform", "equipment", "other")),
            Column("inscription", "text", "what is written on it"),
            _reference("missing_id", "missing.missing_id", "missing person whom it names"),
            _note(),
        ),
    ),
    Table(
        "decisions",
        REMAINS,
        "What examiners have settled; identify takes it as a constraint.",
        (
            _key("decision_id", "identifier of the decision"),
            _bold(
                "kind",
                "text",
                "what was decided",
                ("link", "separate", "identification", "exclusion", "premature", "unlisted"),
            ),
            Column("specimen_ids", "ids", "specimens it is about", references="specimens.specimen_id"),
            _reference("missing_id", "missing.missing_id", "missing person it is about"),
            Column("decided_on", "date", "date"),
            Column("by", "text", "who decided"),
            _note(),
        ),
    ),
    Table(
        "samples",
        LABORATORY,
        "A sample taken for DNA.",
        (
            _key("sample_id", "identifier of the sample"),
            _bold("origin", "text", "what it was taken from", ("specimen", "relative", "missing")),
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
            _note(),
        ),
    ),
    Table(
        "str_profiles",
        LABORATORY,
        "The genotype of a sample at one autosomal or X marker. A homozygote is written twice; an empty second allele "
        "could not be called: it may be the same or have dropped out.",
        (
            _reference("sample_id", "samples.sample_id", "sample", gives_meaning=True),
            Column("replicate", "integer", "number of the amplification", least=1, default="1", missing="1"),
            _bold("marker", "marker", "marker"),
            _bold("allele_1", "allele", "one allele"),
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
            _reference("sample_id", "samples.sample_id", "sample", gives_meaning=True),
            _bold("marker", "marker", "marker"),
            _bold("alleles", "alleles", "allele, or the copies of a multi-copy marker"),
        ),
        unique=("sample_id", "marker"),
    ),
    Table(
        "mtdna_profiles",
        LABORATORY,
        "The mitochondrial DNA of a sample; outside the ranges nothing is known.",
        (
            _reference("sample_id", "samples.sample_id", "sample", gives_meaning=True),
            _bold("ranges", "mtdna_ranges", "what was sequenced"),
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
            _bold("marker", "marker", "marker"),
            _bold("allele", "text", "allele"),
            _bold("population", "text", "population"),
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
            _bold("kind", "text", "kind", ("mtdna", "ystr")),
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
            _bold("action", "text", "what is done: sample_bone, type_more, sample_relative, measure"),
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
            _key("individual_id", "identifier of the individual"),
            Column("specimens", "integer", "number of specimens", least=0),
            _reference("missing_id", "missing.missing_id", "most probable name; empty: nobody on the roster"),
            Column("probability", "number", "probability of the name, at the anchor specimen", least=0, most=1),
            _reference("runner_up_id", "missing.missing_id", "second most probable name"),
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
            _reference("specimen_id", "specimens.specimen_id", "specimen", gives_meaning=True),
            _reference("individual_id", "individuals.individual_id", "individual"),
            _reference("missing_id", "missing.missing_id", "missing person; empty: nobody on the roster"),
            Column("probability", "number", "marginal probability of the answer", least=0, most=1),
        ),
        unique=("specimen_id",),
    ),
    Table(
        "candidates",
        ANSWERS,
        "One of the ten best names for an individual.",
        (
            _reference("individual_id", "individuals.individual_id", "individual", gives_meaning=True),
            Column("rank", "integer", "1 is the best", least=1),
            _reference("missing_id", "missing.missing_id", "missing person; empty: nobody on the roster"),
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
            _reference("specimen_a", "specimens.specimen_id", "one specimen", gives_meaning=True),
            _reference("specimen_b", "specimens.specimen_id", "the other specimen", gives_meaning=True),
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
            _bold("action", "text", "what to do", ("sample_bone", "type_more", "sample_relative", "measure")),
            _bold("subject_id", "id", "specimen, sample or relative"),
            Column("expected_names", "number", "expected number of further names", least=0),
            Column("cost", "number", "cost", least=0),
            Column("reason", "text", "why"),
        ),
    ),
)

TABLES: Mapping[str, Table] = MappingProxyType({t.name: t for t in _TABLES})
"""Every table by name, in the order of the reference page."""

GROUPS = (MISSING, REMAINS, LABORATORY, ANSWERS)

SNP_FILE = "snp_profiles.vcf.gz"
DESCRIPTOR_FILE = "datapackage.json"
