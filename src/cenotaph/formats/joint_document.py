"""Joint identification problems as JSON: victims, families, missing, markers; and their solution."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, ValidationError

from cenotaph.errors import FormatError
from cenotaph.formats.case_document import (
    SEXES,
    ComponentDocument,
    Document,
    Genotypes,
    MarkerDocument,
    empty_is_object,
    first_fault,
    read_json,
    to_called,
    to_hypothesis,
    to_json_number,
    to_marker,
)
from cenotaph.genetics.dvi import JointProblem, JointSolution, MissingFamily, Victim
from cenotaph.genetics.marker import Observation
from cenotaph.genetics.reduction import UntypedFounders

VictimGenotypes = Annotated[dict[str, list[str | None]], BeforeValidator(empty_is_object)]


class VictimDocument(Document):
    """An unidentified person."""

    sex: Literal["M", "F", "U"] = "U"
    genotypes: VictimGenotypes = Field(default_factory=dict)


class FamilyDocument(Document):
    """A family with its typed relatives."""

    components: list[ComponentDocument]
    genotypes: Genotypes = Field(default_factory=dict)


class DatasetDocument(Document):
    """The whole problem."""

    victims: dict[str, VictimDocument]
    families: dict[str, FamilyDocument]
    missing: list[str]
    markers: list[MarkerDocument]
    untyped_founders: UntypedFounders = "transmit"


class JointDocument(Document):
    """A file with a problem under ``dataset``."""

    dataset: DatasetDocument


def read_joint_problem(path: Path) -> JointProblem:
    """A joint identification problem.

    Raises:
        FormatError: the file is not JSON, or not such a problem; names the field.
        CenotaphError: a family, marker or genotype contradicts itself.
    """
    try:
        document = JointDocument.model_validate(read_json(path)).dataset
    except ValidationError as error:
        raise FormatError(**first_fault(error), where=path.name) from error
    families = []
    for name, family in document.families.items():
        hypothesis = to_hypothesis(family.components)
        profiles = {p: _profile(g, p) for p, g in family.genotypes.items()}
        families.append(MissingFamily(name, hypothesis.families, profiles))
    victims = tuple(Victim(n, SEXES[v.sex], _profile(v.genotypes, n)) for n, v in document.victims.items())
    markers = tuple(to_marker(m) for m in document.markers)
    return JointProblem(markers, victims, tuple(families), tuple(document.missing), document.untyped_founders)


def _profile(genotypes: dict[str, list[str | None]], person: str) -> dict[str, Observation]:
    called = {m: to_called(g, f"{m} of {person}") for m, g in genotypes.items()}
    return {m: g for m, g in called.items() if g is not None}


def solution_to_json(problem: JointProblem, solution: JointSolution) -> dict[str, Any]:
    """The published output. Ratios are not logarithms, as the peer prints them; ``loglik`` is natural."""
    victims, missing = [v.name for v in problem.victims], list(problem.missing)
    posterior = solution.posterior
    answer: dict[str, Any] = {
        "method": posterior.method,
        "assignments": None if posterior.count < 0 else posterior.count,
        "loglik_nobody": to_json_number(solution.log_null),
        "pairwiseLR": _matrix(np.exp(solution.pairwise_loglr), victims, missing),
        "exclusion_matrix": _matrix(np.where(solution.exclusions < 0, np.nan, solution.exclusions), victims, missing),
        "Bmarginal": _matrix(posterior.marginals, victims, [*missing, "*"]),
        "error": _matrix(posterior.error, victims, [*missing, "*"]),
        "GLR": _matrix(np.exp(solution.log_glr), victims, missing),
    }
    if solution.table is not None:
        table = solution.table
        answer["joint"] = {
            "n_assignments": len(table.loglik),
            "victims": victims,
            "assignments": [[missing[m] if m >= 0 else "*" for m in row] for row in table.assigned.tolist()],
            "loglik": [to_json_number(x) for x in table.loglik],
            "LR": [to_json_number(x) for x in np.exp(table.loglr)],
            "posterior": [to_json_number(x) for x in table.posterior],
        }
    return answer


def _matrix(values: NDArray[np.float64], rows: list[str], columns: list[str]) -> dict[str, Any]:
    return {"rows": rows, "cols": columns, "values": [[_cell(x) for x in row] for row in values.tolist()]}


def _cell(value: float) -> float | str | None:
    return None if np.isnan(value) else to_json_number(value)
