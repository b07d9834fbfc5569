"""Reading the oracle of kinship programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from cenotaph.formats.case_document import CaseDocument, ComponentDocument, read_cases, to_hypothesis
from cenotaph.genetics.pedigree import Pedigree


def documents(shared: Path, name: str) -> list[tuple[CaseDocument, dict[str, Any]]]:
    """Cases of an oracle file, each beside its raw content with the expected numbers."""
    path = shared / "oracle" / "dna" / f"{name}.json"
    raw = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return list(zip(read_cases(path), raw, strict=True))


def raw_cases(shared: Path, name: str) -> list[dict[str, Any]]:
    """Cases of an oracle file as they are."""
    cases: list[dict[str, Any]] = json.loads((shared / "oracle" / "dna" / f"{name}.json").read_text("utf-8"))["cases"]
    return cases


def first_pedigree(components: list[dict[str, Any]]) -> Pedigree:
    """The first family of a list of components."""
    return to_hypothesis([ComponentDocument.model_validate(c) for c in components]).families[0]


def number(value: float | str | None) -> float:
    """A number of an oracle file: "-Inf" and null included."""
    if value is None:
        return float("nan")
    return {"Inf": float("inf"), "-Inf": float("-inf")}.get(value, float("nan")) if isinstance(value, str) else value


def matrix(document: dict[str, Any]) -> np.ndarray:
    """A matrix with rows and columns of an oracle file."""
    return np.array([[number(x) for x in row] for row in document["values"]])
