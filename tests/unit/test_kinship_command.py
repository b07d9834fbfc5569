"""The case document, its schema, and the kinship command."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from cenotaph.cli.kinship import kinship
from cenotaph.errors import FormatError, Unsupported
from cenotaph.formats.case_document import CaseDocument, from_case, read_cases, schema, to_case
from cenotaph.genetics.case import evaluate
from cenotaph.genetics.marker import Called, Marker, Replicates

app = typer.Typer()
app.command()(kinship)
runner = CliRunner()


def paternity(**changes: Any) -> dict[str, Any]:
    def person(name: str, father: str | None = None, sex: str = "M") -> dict[str, Any]:
        return {"id": name, "father": father, "mother": None, "sex": sex}

    return {
        "id": "duo",
        "markers": [{"name": "M1", "alleles": ["1", "2"], "freqs": [0.1, 0.9]}],
        "genotypes": {"AF": {"M1": ["1", "1"]}, "CH": {"M1": ["1", "2"]}},
        "hypotheses": {
            "H1": {"components": [{"individuals": [person("AF"), person("CH", "AF")]}]},
            "H2": {"components": [{"individuals": [person("AF")]}, {"individuals": [person("CH")]}]},
        },
        "denominator": "H2",
        **changes,
    }


def write(folder: Path, content: object, name: str = "case.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_json_of_one_case(tmp_path: Path) -> None:
    result = runner.invoke(app, [str(write(tmp_path, paternity())), "--json"])
    assert result.exit_code == 0, result.output
    case = json.loads(result.stdout)["cases"]["duo"]
    assert case["loglik"]["H1"] == pytest.approx(np.log(0.01 * 0.9))
    assert case["loglik_per_marker"]["H2"]["M1"] == pytest.approx(np.log(0.01 * 0.18))
    assert case["log10_lr"] == {"H1": pytest.approx(np.log10(5)), "H2": 0.0}
    assert "loglik_by_rho" not in case


def test_impossible_is_null_and_an_error_stays_with_its_case(tmp_path: Path) -> None:
    impossible = paternity(id="no", genotypes={"AF": {"M1": ["1", "1"]}, "CH": {"M1": ["2", "2"]}})
    unknown = paternity(id="what", genotypes={"AF": {"M1": ["7", "1"]}})
    result = runner.invoke(app, [str(write(tmp_path, {"cases": [impossible, unknown, paternity()]})), "--json"])
    assert result.exit_code == 0
    cases = json.loads(result.stdout)["cases"]
    assert cases["no"]["loglik"]["H1"] is None
    assert cases["no"]["log10_lr"]["H1"] is None
    assert "no such allele" in cases["what"]["error"]
    assert cases["duo"]["loglik"]["H1"] < 0


def test_untyped_founders_by_name_of_the_program() -> None:
    marker = {"name": "M1", "alleles": ["1", "2"], "freqs": [0.1, 0.9], "mutation": {"model": "equal", "rate": 0.01}}
    seen = {"CH": {"M1": ["1", "1"]}}
    transmit = evaluate(to_case(CaseDocument.model_validate(paternity(markers=[marker], genotypes=seen))))
    familias = CaseDocument.model_validate(paternity(markers=[marker], genotypes=seen, func="Familias::X"))
    mutated = 0.1 * 0.99 + 0.9 * 0.01
    assert transmit.loglik["H1"] == pytest.approx(2 * np.log(mutated))
    assert evaluate(to_case(familias)).loglik["H1"] == pytest.approx(2 * np.log(0.1))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not JSON"),
        ("[]", "case"),
        ('{"cases": [{"id": "a"}]}', "markers"),
        (json.dumps({"cases": [paternity(), paternity()]}), "one id"),
        ("[" * 100_000, "JSON|deep"),
    ],
)
def test_bad_files_exit_2_and_say_where(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FormatError, match=words):
        read_cases(path)
    result = runner.invoke(app, [str(path)])
    assert result.exit_code == 2
    assert "bad.json" in result.output


def test_tables_for_the_reader(tmp_path: Path) -> None:
    linked = paternity(
        id="linked",
        markers=[{"name": n, "alleles": ["1", "2"], "freqs": [0.1, 0.9]} for n in ("M1", "M2")],
        rho=[0.0, 0.5],
    )
    result = runner.invoke(app, [str(write(tmp_path, {"cases": [linked, paternity(hypotheses={})]}))])
    assert result.exit_code == 0
    assert "log10 LR" in result.output
    assert "no result" in result.output
    missing = runner.invoke(app, [str(tmp_path / "absent.json")])
    assert missing.exit_code == 2


def test_a_case_survives_writing_and_reading() -> None:
    case = to_case(CaseDocument.model_validate(paternity(theta=0.02)))
    again = to_case(CaseDocument.model_validate_json(from_case(case).model_dump_json()))
    assert evaluate(again) == evaluate(case)
    assert again.hypotheses == case.hypotheses
    observed = {"M1": {"CH": Replicates((frozenset({"1"}),), 0.1, 0.01), "AF": Called("1", "2")}}
    degraded = to_case(from_case(type(case)("d", case.markers, case.hypotheses, observed, "H2")))
    assert degraded.observations == observed
    two = (*case.markers, Marker("M2", ("1", "2"), np.array([0.5, 0.5])))
    with pytest.raises(Unsupported, match="one marker"):
        from_case(type(case)("d", two, case.hypotheses, observed, "H2"))


def test_the_published_schema_is_the_one_of_the_models() -> None:
    published = resources.files("cenotaph.data").joinpath("schemas/case-1.json").read_text(encoding="utf-8")
    assert json.loads(published) == schema()


def test_joint_identification(tmp_path: Path) -> None:
    people = [
        {"id": "F", "father": None, "mother": None, "sex": "M"},
        {"id": "M", "father": None, "mother": None, "sex": "F"},
        {"id": "X", "father": "F", "mother": "M", "sex": "M"},
    ]
    problem = {
        "dataset": {
            "victims": {"V1": {"sex": "M", "genotypes": {"M1": ["1", "2"]}}, "V2": {"sex": "F", "genotypes": {}}},
            "families": {"fam": {"components": [{"individuals": people}], "genotypes": {"F": {"M1": ["1", "1"]}}}},
            "missing": ["X"],
            "markers": [{"name": "M1", "alleles": ["1", "2"], "freqs": [0.1, 0.9]}],
        }
    }
    path = write(tmp_path, problem)
    result = runner.invoke(app, [str(path), "--dvi", "--json"])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["pairwiseLR"]["values"] == [[pytest.approx(5.0)], [None]]
    assert answer["Bmarginal"]["values"][0] == [pytest.approx(5 / 6), pytest.approx(1 / 6)]
    assert answer["joint"]["assignments"] == [["X", "*"], ["*", "*"]]
    assert answer["method"] == "exact"
    assert runner.invoke(app, [str(path), "--dvi"]).exit_code == 0
    assert runner.invoke(app, [str(write(tmp_path, {"dataset": {}}, "bad.json")), "--dvi"]).exit_code == 2


def test_familias_project(shared: Path) -> None:
    folder = shared / "data" / "dna" / "cases"
    result = runner.invoke(app, [str(folder / "dvir" / "Ch4-table-4-4.fam"), "--json"])
    case = json.loads(result.stdout)["cases"]["Ch4-table-4-4"]
    assert case["loglik"]["H1"] == pytest.approx(-169.148019233583, rel=1e-12)  # KETPchap481: V1 = M1, V2 = M2
    assert runner.invoke(app, [str(folder / "dvir" / "KETPex497.fam")]).exit_code == 2
