"""A small dossier with made-up people, and a result for it written by hand."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from cenotaph.dossier.read import Dossier, read_dossier

PARTS = ("origin", "str", "mtdna", "ystr", "stature", "provenance", "errors")

DOSSIER: dict[str, str] = {
    "incidents": "incident_id,name\nHILL,The hill\n",
    "missing": (
        "missing_id,family_name,given_names,sex,birth_date,population,incident_id\n"
        "M1,Arden,Piers,M,1930-01-02,white,HILL\n"
        "M2,Arden,Hugh,M,1931-03-04,white,HILL\n"
        "M3,<script>alert(1)</script>,Rowan & Co,M,1929-05-06,white,HILL\n"
    ),
    "relatives": (
        "family_id,person_id,father_id,mother_id,sex,missing_id\n"
        "F1,F1.father,,,M,\nF1,F1.mother,,,F,\nF1,F1.M1,F1.father,F1.mother,M,M1\n"
        "F1,F1.M2,F1.father,F1.mother,M,M2\nF1,F1.sister,F1.father,F1.mother,F,\n"
    ),
    "containers": "container_id,claimed_place\nBOX1,The hill\nBOX2,The hill\n",
    "specimens": (
        "specimen_id,container_id,element,side\n"
        "S1,BOX1,femur,L\nS2,BOX2,mandible,M\nS3,BOX1,metacarpal_3,L\nS4,BOX2,tibia,R\nS5,BOX2,rib,U\n"
    ),
    "samples": "sample_id,origin,origin_id\nB1,specimen,S1\nB3,specimen,S3\nR1,relative,F1.sister\n",
    "dental_charts": (
        "subject_type,subject_id,tooth,code\n"
        "missing,M3,36,MO\nmissing,M3,46,V\nmissing,M3,45,X\nmissing,M1,36,V\n"
        "specimen,S2,36,MO\nspecimen,S2,46,X\nspecimen,S2,45,V\nspecimen,S2,44,J\n"
    ),
    "str_profiles": "sample_id,marker,allele_1,allele_2\nB1,TH01,6,9.3\nB3,TH01,6,7\nR1,TH01,6,9.3\n",
    "mtdna_profiles": "sample_id,ranges,differences\nB1,16024-16365,16126C\nR1,16024-16365,16126C\n",
}

INDIVIDUALS = [
    ("I-S1", 2, "M3", 0.99973, "", 0.00027, "roster", "identification", "autosomal mtdna", "", "log10 LR 9.4"),
    (
        *("I-S3", 1, "M1", 0.55, "M2", 0.44, "roster", "shortlist", "autosomal", "ystr -2.4"),
        "one of 2 of one family: M1, M2; support from autosomal alone",
    ),
    ("I-S4", 1, "", 0.995, "", "", "korean", "unlisted", "", "", "nobody on the roster with probability 0.9950"),
    ("I-S5", 1, "", 0.52, "", "", "roster", "unresolved", "", "", "no answer; what would help: a sample of this bone"),
]
ASSIGNMENTS = [
    ("S1", "I-S1", "M3", 0.99973),
    ("S2", "I-S1", "M3", 0.9921),
    ("S3", "I-S3", "M1", 0.55),
    ("S4", "I-S4", "", 0.995),
    ("S5", "I-S5", "", 0.52),
]
CANDIDATES = [
    ("I-S1", 1, "M3", 0.99973, 9.4, 0.4, 7.7, 2.3, 0.0, -1.2, 0.3, -0.1),
    ("I-S1", 2, "M2", 0.00001, -14.0, 0.4, -14.0, -0.6, 0.0, 0.0, 0.3, -0.1),
    ("I-S3", 1, "M1", 0.55, 4.6, 0.4, 6.3, 0.0, -2.4, 0.0, 0.3, 0.0),
    ("I-S3", 2, "M2", 0.44, 4.5, 0.4, 6.2, 0.0, -2.4, 0.0, 0.3, 0.0),
]
RUN: dict[str, Any] = {
    "program": "cenotaph",
    "version": "0.1.0",
    "command": "cenotaph identify case --out result",
    "seed": 7,
    "parameters": {
        "verdict": {"identification": 0.9995, "shortlist": 0.9, "unlisted": 0.99},
        "prior": {"roster_alpha": 2.0, "roster_beta": 2.0, "origins": {"unlisted": 0.1, "korean": 0.7}},
    },
    "inputs": {"missing.csv": "ab" * 32},
    "tables": {"frequencies of white": "NIST 1036"},
    "timings_s": {"lines": 0.2},
    "warnings": ["a warning", "a warning"],
    "results": {
        "roster": 3,
        "expected_individuals": 4.2,
        "prior": {"roster": 0.4, "origins": {"unlisted": 0.05, "korean": 0.8}},
    },
}


def write_dossier(folder: Path, descriptor: dict[str, Any] | None = None) -> Dossier:
    """The dossier in *folder*, read back."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in DOSSIER.items():
        (folder / f"{name}.csv").write_text(table, encoding="utf-8")
    if descriptor is not None:
        (folder / "datapackage.json").write_text(json.dumps({"resources": [], **descriptor}), encoding="utf-8")
    return read_dossier(folder)


def write_result(folder: Path) -> Path:
    """The result in *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    header = "individual_id specimens missing_id probability runner_up_id runner_up_probability origin verdict lines"
    _write(folder / "individuals.csv", [*header.split(), "conflicts", "reason"], INDIVIDUALS)
    _write(folder / "assignments.csv", ["specimen_id", "individual_id", "missing_id", "probability"], ASSIGNMENTS)
    columns = ["individual_id", "rank", "missing_id", "probability", "log10_lr_total"]
    _write(folder / "candidates.csv", [*columns, *(f"log10_lr_{part}" for part in PARTS)], CANDIDATES)
    links = [("S1", "S2", 0.987, 5.1)]
    _write(folder / "links.csv", ["specimen_a", "specimen_b", "probability_same", "log10_lr_total"], links)
    tests = ["rank", "action", "subject_id", "expected_names", "cost", "reason"]
    _write(folder / "next_tests.csv", tests, [])
    (folder / "run.json").write_text(json.dumps(RUN), encoding="utf-8")
    return folder


def _write(path: Path, header: list[str], rows: list[tuple[Any, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
