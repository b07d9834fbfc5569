"""The case document, version 1: kinship cases as JSON.

The layout is that of a published oracle of kinship programs, so that their files run as they are. The JSON schema
ships as ``cenotaph/data/schemas/case-1.json`` and is made from the models below.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from cenotaph.errors import CenotaphError, FormatError, InvalidInput, Unsupported
from cenotaph.genetics import mutation as mutation_models
from cenotaph.genetics.case import Case, CaseResult, evaluate
from cenotaph.genetics.kinship import Hypothesis
from cenotaph.genetics.marker import Called, Marker, Observation, Replicates
from cenotaph.genetics.mutation import TRANSFORMS, Mutation
from cenotaph.genetics.pedigree import FEMALE, MALE, UNKNOWN_SEX, Pedigree
from cenotaph.genetics.reduction import UntypedFounders

SEXES = {"M": MALE, "F": FEMALE, "U": UNKNOWN_SEX}
LARGEST_FILE_BYTES = 200_000_000

Matrix = list[list[float]]


class Document(BaseModel):
    """Fields that are not known are ignored; numbers are finite."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)


class IndividualDocument(Document):
    """A member of a family; a founder has no parents, and one parent alone stands for an unknown other."""

    id: str = Field(min_length=1)
    father: str | None = None
    mother: str | None = None
    sex: Literal["M", "F", "U"] = "U"


class ComponentDocument(Document):
    """One family."""

    individuals: list[IndividualDocument]
    founder_inbreeding: dict[str, float] | None = None
    founder_inbreeding_X: dict[str, float] | None = None


class HypothesisDocument(Document):
    """Families that are not related with each other."""

    components: list[ComponentDocument]


class MutationSideDocument(Document):
    """Mutation in one sex: a model with its parameters, or a matrix over the alleles of the marker."""

    model: str = "custom"
    rate: float | None = None
    rate2: float | None = None
    range: float | None = None
    transform: Literal["MH", "BA", "PR", "PM"] | None = None
    matrix: Matrix | None = None


class MutationDocument(MutationSideDocument):
    """Mutation of a marker: one model for both sexes, or ``female`` and ``male`` apart."""

    female: MutationSideDocument | Matrix | None = None
    male: MutationSideDocument | Matrix | None = None


class MarkerDocument(Document):
    """A marker; with ``silent_last`` the last allele is the silent one."""

    name: str
    chrom: Literal["autosomal", "X"] = "autosomal"
    alleles: list[str]
    freqs: list[float]
    silent_last: bool = False
    mutation: MutationDocument | None = None


Genotype = list[str | None]


def empty_is_object(value: Any) -> Any:
    """R writes an empty object as an empty list."""
    return {} if value == [] else value


Genotypes = Annotated[dict[str, dict[str, Genotype]], BeforeValidator(empty_is_object)]


class CaseDocument(Document):
    """One case."""

    id: str
    func: str | None = None
    markers: list[MarkerDocument]
    genotypes: Genotypes = {}
    known_genotypes: dict[str, Genotype] = {}
    hypotheses: dict[str, HypothesisDocument] = {}
    denominator: str | None = None
    theta: float | None = None
    untyped_founders: UntypedFounders | None = None
    rho: list[float] | None = None
    victim: str | None = None
    victim_observed_allele_sets_per_replicate: list[list[str]] | None = None
    dropout_het: float | None = None
    dropout_hom: float | None = None
    dropin: float | None = None


class CasesDocument(Document):
    """A file of cases."""

    cases: list[CaseDocument]


def schema() -> dict[str, Any]:
    """The JSON schema of a case document, version 1."""
    body = CasesDocument.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "cenotaph/case-1.json",
        **body,
        "title": "Cenotaph case document, version 1",
        "description": "Either one case, or an object with the list `cases`.",
        "anyOf": [{"$ref": "#/$defs/CaseDocument"}, {"type": "object", "required": ["cases"]}],
        "required": [],
    }


def read_json(path: Path) -> Any:
    """A JSON file.

    Raises:
        FormatError: it is too large, not UTF-8, or not JSON; says where.
    """
    size = path.stat().st_size
    if size > LARGEST_FILE_BYTES:
        raise FormatError("the file is too large for a case", found=f"{size} bytes", where=path.name)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise FormatError("not UTF-8 text", found=f"byte {error.start}", where=path.name) from error
    except json.JSONDecodeError as error:
        where = f"{path.name}:{error.lineno}:{error.colno}"
        raise FormatError("not JSON", found=error.msg, valid="a case document", where=where) from error
    except RecursionError as error:
        raise FormatError("nested too deeply", valid="a case document", where=path.name) from error


def read_cases(path: Path) -> list[CaseDocument]:
    """The cases of a file that holds one case or ``{"cases": […]}``.

    Raises:
        FormatError: the file is not JSON or not a case document; names the field.
    """
    content = read_json(path)
    whole = content if isinstance(content, dict) and "cases" in content else {"cases": [content]}
    try:
        document = CasesDocument.model_validate(whole)
    except ValidationError as error:
        raise FormatError(**first_fault(error), where=path.name) from error
    ids = [case.id for case in document.cases]
    if len(set(ids)) < len(ids):
        twice = next(i for i in ids if ids.count(i) > 1)
        raise FormatError("two cases have one id", found=twice, where=path.name)
    return document.cases


def first_fault(error: ValidationError) -> dict[str, Any]:
    """The first thing that a document has wrong, as arguments of an error."""
    fault = error.errors(include_url=False)[0]
    path = "/".join(str(part) for part in fault["loc"])
    return {"what": f"{path}: {fault['msg']}", "found": repr(fault.get("input"))[:80]}


def to_case(document: CaseDocument) -> Case:
    """The case that a document describes.

    Raises:
        CenotaphError: the case contradicts itself or asks for something that the model does not cover.
    """
    if not document.hypotheses:
        raise Unsupported(f"case {document.id} has no hypotheses")
    markers = tuple(to_marker(m) for m in document.markers)
    hypotheses = {name: to_hypothesis(h.components) for name, h in document.hypotheses.items()}
    return Case(
        document.id,
        markers,
        hypotheses,
        {m.name: _observations(document, m.name) for m in markers},
        document.denominator or list(hypotheses)[-1],
        document.theta or 0.0,
        document.untyped_founders or _usual_convention(document),
        tuple(document.rho or ()),
    )


def _usual_convention(document: CaseDocument) -> UntypedFounders:
    familias = (document.func or "").startswith("Familias::")
    return "from_frequencies" if familias or document.victim_observed_allele_sets_per_replicate else "transmit"


def to_hypothesis(components: Iterable[ComponentDocument]) -> Hypothesis:
    """Families with an added founder for every parent who is not named."""
    families, implied = [], set()
    for component in components:
        rows: list[tuple[str, str | None, str | None, int]] = []
        for person in component.individuals:
            father, mother = person.father, person.mother
            if father is None and mother is not None:
                father = f"father of {person.id}"
                implied.add(father)
                rows.append((father, None, None, MALE))
            if mother is None and father is not None:
                mother = f"mother of {person.id}"
                implied.add(mother)
                rows.append((mother, None, None, FEMALE))
            rows.append((person.id, father, mother, SEXES[person.sex]))
        pedigree = Pedigree.from_rows(rows)
        women = {
            m: f for m, f in (component.founder_inbreeding_X or {}).items() if pedigree.sex[pedigree.index(m)] != MALE
        }
        families.append(pedigree.with_founder_inbreeding(component.founder_inbreeding or {}, women))
    return Hypothesis(tuple(families), frozenset(implied))


def to_marker(document: MarkerDocument) -> Marker:
    """The marker that a document describes."""
    frequencies = np.array(document.freqs)
    alleles = tuple(document.alleles)
    silent = len(alleles) - 1 if document.silent_last else -1
    if len(alleles) != len(frequencies):
        raise InvalidInput("alleles and frequencies differ in number", where=f"marker {document.name}")
    mutation = None if document.mutation is None else _to_mutation(document.mutation, alleles, frequencies)
    return Marker(document.name, alleles, frequencies, document.chrom == "X", mutation, silent)


def _to_mutation(
    document: MutationDocument, alleles: tuple[str, ...], frequencies: NDArray[np.float64]
) -> Mutation | None:
    female, male = document.female, document.male
    if female is None and male is None:
        matrix = mutation_matrix(document, alleles, frequencies)
        return None if matrix is None else Mutation(matrix, matrix)
    sides = []
    for side in (female, male):
        if isinstance(side, list):
            sides.append(np.array(side))
            continue
        matrix = None if side is None else mutation_matrix(side, alleles, frequencies)
        sides.append(np.eye(len(alleles)) if matrix is None else matrix)
    return Mutation(sides[0], sides[1])


def mutation_matrix(
    document: MutationSideDocument, alleles: tuple[str, ...], frequencies: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """The matrix of a model; None without mutation.

    Raises:
        InvalidInput: no such model, or a parameter that the model needs is missing.
    """
    if document.matrix is not None:
        return np.array(document.matrix)
    model = document.model.lower()
    if model in ("none", "no mutations"):
        return None
    if document.rate is None:
        raise InvalidInput("a mutation model needs its rate, or else a matrix", found=document.model)
    rate, step_range = document.rate, 0.1 if document.range is None else document.range
    if model == "equal":
        matrix = mutation_models.equal(len(alleles), rate)
    elif model == "proportional":
        matrix = mutation_models.proportional(frequencies, rate)
    elif model == "stepwise":
        matrix = mutation_models.stepwise(alleles, rate, rate2=document.rate2 or 0.0, step_range=step_range)
    elif model == "onestep":
        matrix = mutation_models.onestep(alleles, rate)
    elif model == "dawid":
        matrix = mutation_models.dawid(frequencies, rate, step_range=step_range)
    else:
        valid = "equal, proportional, stepwise, onestep, dawid, or a matrix"
        raise InvalidInput("no such mutation model", found=document.model, valid=valid)
    return matrix if document.transform is None else TRANSFORMS[document.transform](matrix, frequencies)


def to_called(genotype: Genotype, where: str) -> Called | None:
    """A genotype of one or two alleles; None if no allele was observed."""
    if len(genotype) not in (1, 2):
        raise InvalidInput("a genotype has one or two alleles", found=genotype, where=where)
    seen = [a for a in genotype if a is not None]
    if not seen:
        return None
    return Called(seen[0], seen[1] if len(seen) == 2 else None)


def _observations(document: CaseDocument, marker: str) -> dict[str, Observation]:
    called: dict[str, Observation] = {}
    typed = {p: g[marker] for p, g in document.genotypes.items() if marker in g}
    for person, genotype in {**typed, **document.known_genotypes}.items():
        value = to_called(genotype, f"case {document.id}, {marker} of {person}")
        if value is not None:
            called[person] = value
    sets = document.victim_observed_allele_sets_per_replicate
    if sets is not None:
        if document.victim is None or document.dropout_het is None:
            raise InvalidInput("replicates need `victim` and `dropout_het`", where=f"case {document.id}")
        hom = document.dropout_het**2 if document.dropout_hom is None else document.dropout_hom
        replicates = tuple(frozenset(s) for s in sets)
        called[document.victim] = Replicates(replicates, document.dropout_het, hom, document.dropin or 0.0)
    return called


def evaluate_documents(documents: Iterable[CaseDocument]) -> dict[str, CaseResult | CenotaphError]:
    """The result of each case by its id, or the error that says why there is none."""
    results: dict[str, CaseResult | CenotaphError] = {}
    for document in documents:
        try:
            results[document.id] = evaluate(to_case(document))
        except CenotaphError as error:
            results[document.id] = error
    return results


def results_to_json(results: Mapping[str, CaseResult | CenotaphError]) -> dict[str, Any]:
    """The published output: minus infinity is null, plus infinity "Inf", and 0 / 0 "NaN".

    ``loglik_by_rho`` is a list for a case of one hypothesis, otherwise a list for each hypothesis.
    """
    return {"cases": {name: _result(result) for name, result in results.items()}}


def _result(result: CaseResult | CenotaphError) -> dict[str, Any]:
    if isinstance(result, CenotaphError):
        return {"error": str(result)}
    answer: dict[str, Any] = {
        "loglik_per_marker": {h: _numbers(values) for h, values in result.loglik_per_marker.items()},
        "loglik": _numbers(result.loglik),
        "log10_lr": _numbers(result.log10_lr),
    }
    if result.loglik_by_rho:
        lists = {h: [to_json_number(x) for x in values] for h, values in result.loglik_by_rho.items()}
        answer["loglik_by_rho"] = next(iter(lists.values())) if len(lists) == 1 else lists
    return answer


def _numbers(values: Mapping[str, float]) -> dict[str, float | str | None]:
    return {name: to_json_number(x) for name, x in values.items()}


def to_json_number(value: float) -> float | str | None:
    """A float that JSON can carry.

    >>> to_json_number(float("-inf")), to_json_number(float("inf")), to_json_number(0.5)
    (None, 'Inf', 0.5)
    """
    if np.isfinite(value):
        return float(value)
    if np.isnan(value):
        return "NaN"
    return None if value < 0 else "Inf"


def from_case(case: Case) -> CaseDocument:
    """The document of a case: the inverse of :func:`to_case`, with mutation as matrices.

    Raises:
        Unsupported: replicates together with more than one marker; the document has no place for them.
    """
    replicates = [
        (person, seen)
        for people in case.observations.values()
        for person, seen in people.items()
        if isinstance(seen, Replicates)
    ]
    if replicates and len(case.markers) > 1:
        raise Unsupported("a case document has replicates for one marker only")
    genotypes: Genotypes = {}
    for marker, people in case.observations.items():
        for person, seen in people.items():
            if isinstance(seen, Called):
                genotypes.setdefault(person, {})[marker] = _from_called(seen, case, marker, person)
    fields: dict[str, Any] = {}
    for person, seen in replicates:
        fields = {
            "victim": person,
            "victim_observed_allele_sets_per_replicate": [sorted(s) for s in seen.sets],
            "dropout_het": seen.dropout_het,
            "dropout_hom": seen.dropout_hom,
            "dropin": seen.dropin,
        }
    return CaseDocument(
        id=case.id,
        markers=[_from_marker(m) for m in case.markers],
        genotypes=genotypes,
        hypotheses={name: _from_hypothesis(h) for name, h in case.hypotheses.items()},
        denominator=case.denominator,
        theta=case.theta,
        untyped_founders=case.untyped_founders,
        rho=list(case.rho) or None,
        **fields,
    )


def _from_called(seen: Called, case: Case, marker: str, person: str) -> Genotype:
    x_linked = next(m.x_linked for m in case.markers if m.name == marker)
    family = next(f for h in case.hypotheses.values() for f in h.families if person in f)
    man = family.sex[family.index(person)] == MALE
    return [seen.first] if x_linked and man and seen.second is None else [seen.first, seen.second]


def _from_marker(marker: Marker) -> MarkerDocument:
    mutation = None
    if marker.mutation is not None:
        mutation = MutationDocument(female=marker.mutation.female.tolist(), male=marker.mutation.male.tolist())
    if marker.silent not in (-1, len(marker.alleles) - 1):
        raise Unsupported(f"the silent allele of {marker.name} must be the last one in a case document")
    return MarkerDocument(
        name=marker.name,
        chrom="X" if marker.x_linked else "autosomal",
        alleles=list(marker.alleles),
        freqs=marker.frequencies.tolist(),
        silent_last=marker.silent >= 0,
        mutation=mutation,
    )


def _from_hypothesis(hypothesis: Hypothesis) -> HypothesisDocument:
    letters = {value: letter for letter, value in SEXES.items()}
    components = []
    for family in hypothesis.families:
        people = []
        for i, member in enumerate(family.ids):
            if member in hypothesis.implied:
                continue
            father, mother = family.parents(member) or (None, None)
            people.append(
                IndividualDocument(
                    id=member,
                    father=None if father in hypothesis.implied else father,
                    mother=None if mother in hypothesis.implied else mother,
                    sex=letters[int(family.sex[i])],  # type: ignore[arg-type]
                )
            )
        autosomal, x = (
            {m: float(f) for m, f in zip(family.ids, values, strict=True) if f}
            for values in (family.founder_inbreeding, family.founder_inbreeding_x)
        )
        components.append(
            ComponentDocument(individuals=people, founder_inbreeding=autosomal or None, founder_inbreeding_X=x or None)
        )
    return HypothesisDocument(components=components)
