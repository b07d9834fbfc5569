"""A search in tiles gives one answer, however it is cut, whoever works on it and whatever dies on the way."""

from __future__ import annotations

import json
import math
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from benchmarks.invented_families import InventedFamilies
from typer.testing import CliRunner

from cenotaph.cli.main import app, run
from cenotaph.dossier.read import Dossier
from cenotaph.dossier.write import write_dossier
from cenotaph.errors import InvalidInput
from cenotaph.evidence.autosomal import AutosomalLine, AutosomalSettings
from cenotaph.evidence.case import Case
from cenotaph.evidence.combine import ErrorSettings, Evidence
from cenotaph.evidence.line import States
from cenotaph.genetics.mixed_search import Hits, Hypotheses
from cenotaph.identification import tiles
from cenotaph.identification.cluster import cluster_workers
from cenotaph.identification.search import StrProblem, key_of
from cenotaph.identification.tiles import Workers, in_this_process, remove_work, search_in_tiles
from tests.unit.handovers import SMALL, handover

BONES, MEN, TILE = 50, 60, 16
BANDS, TILES = math.ceil(MEN / TILE), math.ceil(MEN / TILE) * math.ceil(BONES / TILE)
INVENTED = InventedFamilies(MEN, markers=6, alleles=8)


def silent(step: str, done: int, total: int) -> None:
    """Nobody watches."""


def problem(tile: int = TILE, families: InventedFamilies = INVENTED, least: float = 0.5) -> StrProblem:
    inputs = {"families": str(families.seed)}
    return StrProblem(INVENTED.bones(BONES), families, 1e-4, least, 5, tile, key_of(inputs, tile=tile, least=least))


def same(a: Hits, b: Hits) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("bone", "man", "log10_lr"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Hits:
    """The answer of one tile that holds everything."""
    found, made = search_in_tiles(problem(tile=1000), tmp_path_factory.mktemp("whole"), in_this_process, silent)
    assert made == 1
    assert len(found.bone) > BONES
    return found


def test_equals_the_formula(whole: Hits) -> None:
    """LR of every pair in plain floats; the pairs at or above the least, best first, five a bone."""
    bones, men = INVENTED.bones(BONES), INVENTED.hypotheses(0, MEN)
    expected: list[tuple[int, int, float]] = []
    for bone in range(BONES):
        row = []
        for man in range(MEN):
            ratio = 0.0
            for h in range(men.man_start[man], men.man_start[man + 1]):
                likelihood = 1.0
                for m, (low, high) in enumerate(zip(men.offsets, men.offsets[1:], strict=False)):
                    code = bones.codes[bone, m]
                    of_family = bones.types[m][code].astype(float) @ men.tables[h, low:high].astype(float)
                    likelihood *= of_family / math.exp(bones.type_loglik[m][code, 0])
                ratio += math.exp(men.log_weight[h]) * ((1 - 1e-4) * likelihood + 1e-4)
            row.append((math.log10(0.998 * ratio + 0.002), man))
        best = sorted(row, key=lambda x: (-x[0], x[1]))[:5]
        expected += [(bone, man, x) for x, man in best if x >= 0.5]
    assert [(b, m) for b, m, _ in expected] == list(zip(whole.bone, whole.man, strict=True))
    np.testing.assert_allclose(whole.log10_lr, [x for *_, x in expected], atol=2e-5)


@pytest.mark.parametrize("tile", [13, 16, 59])
def test_tiles_of_any_size_give_the_same_bits(tile: int, whole: Hits, tmp_path: Path) -> None:
    found, made = search_in_tiles(problem(tile), tmp_path, in_this_process, silent)
    assert made == math.ceil(BONES / tile) * math.ceil(MEN / tile)
    assert same(found, whole)


def test_many_kinds_of_observation_give_the_same_bits(
    whole: Hits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cenotaph.identification.search.MOST_TYPES", 0)
    assert same(search_in_tiles(problem(), tmp_path, in_this_process, silent)[0], whole)


def test_of_equals_the_first_man_is_kept(tmp_path: Path) -> None:
    """Everybody twice: two men of one ratio stand in the order of the roster, whichever tile they are in."""
    for tile in (1000, 60, 35):
        doubled = replace(problem(tile), families=TwiceTheSame(INVENTED), top=1)
        found, _ = search_in_tiles(doubled, tmp_path, in_this_process, silent)
        assert (found.man < MEN).all()
        assert len(found.man) > BONES / 2


@dataclass(frozen=True)
class TwiceTheSame:
    """A roster with everybody on it a second time."""

    once: InventedFamilies

    def __len__(self) -> int:
        return 2 * len(self.once)

    def hypotheses(self, first: int, last: int) -> Hypotheses:
        if first % len(self.once) + last - first <= len(self.once):
            return self.once.hypotheses(first % len(self.once), first % len(self.once) + last - first)
        one, two = self.hypotheses(first, len(self.once)), self.hypotheses(len(self.once), last)
        return Hypotheses(
            np.concatenate([one.tables, two.tables]),
            one.offsets,
            np.concatenate([one.population, two.population]),
            np.concatenate([one.log_weight, two.log_weight]),
            np.concatenate([one.man_start[:-1], one.man_start[-1] + two.man_start]),
            np.concatenate([one.own, two.own]),
        )


def test_a_search_cut_short_makes_only_what_is_missing(whole: Hits, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        search_in_tiles(problem(), tmp_path, in_this_process, stop_after(2))
    begun = list(tmp_path.glob("*.tile"))
    assert len(begun) == 2 * TILES // BANDS
    times = {p: p.stat().st_mtime_ns for p in begun}
    begun[0].unlink()
    found, made = search_in_tiles(problem(), tmp_path, in_this_process, silent)
    assert made == TILES - len(begun) + 1
    assert all(p.stat().st_mtime_ns == times[p] for p in begun[1:])
    assert same(found, whole)
    assert search_in_tiles(problem(), tmp_path, in_this_process, silent)[1] == 0
    (tmp_path / "somebody's.txt").write_text("stays")
    remove_work(problem(), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["somebody's.txt"]


def stop_after(bands: int) -> Callable[[str, int, int], None]:
    def show(step: str, done: int, total: int) -> None:
        if done == bands:
            raise KeyboardInterrupt

    return show


@pytest.mark.parametrize(
    "other", [problem(families=replace(INVENTED, seed=2)), problem(least=1.0)], ids=["inputs", "parameters"]
)
def test_tiles_of_something_else_are_not_used(other: StrProblem, tmp_path: Path) -> None:
    search_in_tiles(problem(), tmp_path, in_this_process, silent)
    assert search_in_tiles(other, tmp_path, in_this_process, silent)[1] == TILES


@pytest.fixture(scope="module")
def processes() -> Iterator[Workers]:
    """Two worker processes."""
    with cluster_workers("local:2") as workers:
        yield workers


def test_processes_give_the_same_bits(processes: Workers, whole: Hits, tmp_path: Path) -> None:
    found, made = search_in_tiles(problem(), tmp_path, processes, silent)
    assert made == TILES
    assert same(found, whole)
    # A cluster goes on where somebody else stopped.
    next(tmp_path.glob("*.tile")).unlink()
    assert search_in_tiles(problem(), tmp_path, processes, silent)[1] == 1


@dataclass(frozen=True)
class DeadlyFamilies:
    """Families whose worker is killed once, in the middle of the band of one missing person."""

    once: InventedFamilies
    man: int
    note: str

    def __len__(self) -> int:
        return len(self.once)

    def hypotheses(self, first: int, last: int) -> Hypotheses:
        if first <= self.man < last and not Path(self.note).exists():
            Path(self.note).write_text(str(os.getpid()))
            os.kill(os.getpid(), signal.SIGKILL)
        return self.once.hypotheses(first, last)


def test_a_worker_killed_in_the_middle_changes_nothing(processes: Workers, whole: Hits, tmp_path: Path) -> None:
    note = tmp_path / "note"
    deadly = replace(problem(), families=DeadlyFamilies(INVENTED, MEN // 2, str(note)))
    # One tile of the fatal band is there already: whoever takes the band over must not make it again.
    search_in_tiles(problem(), tmp_path / "all", in_this_process, silent)
    ready = tiles.tile_path(tmp_path / "all", problem().key, 0, MEN // 2 // TILE * TILE)
    (tmp_path / "work").mkdir()
    ready.rename(tmp_path / "work" / ready.name)
    found, made = search_in_tiles(deadly, tmp_path / "work", processes, silent)
    assert int(note.read_text()) != os.getpid()
    assert made == TILES - 1
    assert same(found, whole)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "local", "local:0", "gossip://x", "nonsense"])
def test_a_cluster_that_is_none(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cenotaph.identification.cluster.CONNECT_S", 1)
    with pytest.raises(InvalidInput, match="--cluster"), cluster_workers(address):
        pass


def harder() -> Dossier:
    """A handover with bones of two and three samples, one sample without STR, and men of unknown population."""
    texts = dict(handover(SMALL).dossier.texts)
    samples = texts["samples"]
    owners = samples.filter(pl.col("origin") == "specimen")["origin_id"].unique(maintain_order=True).to_list()
    moved = {owners[1]: owners[0], owners[3]: owners[2], owners[4]: owners[2]}
    texts["samples"] = samples.with_columns(pl.col("origin_id").replace(moved))
    silent_sample = samples.filter(pl.col("origin_id") == owners[1])["sample_id"][0]
    texts["str_profiles"] = texts["str_profiles"].filter(pl.col("sample_id") != silent_sample)
    unknown = pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.lit("unknown")).otherwise(pl.col("population"))
    texts["missing"] = texts["missing"].with_columns(unknown.alias("population"))
    return Dossier.from_texts(texts)


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("case") / "dossier"
    write_dossier(harder(), folder)
    return folder


def test_the_command_agrees_with_all_hypotheses_at_once(dossier: Path, tmp_path: Path) -> None:
    """`Evidence` mixes errors for whole tables of sets × men; the search must find the same ratios pair by pair."""
    command = ["search", str(dossier), "--json", "--quiet", "--least", "-2", "--top", "1000", "--tile", "57"]
    outcome = CliRunner().invoke(app, [*command, "--work", str(tmp_path / "work")])
    assert outcome.exit_code == 0, outcome.output
    assert not (tmp_path / "work").exists()
    found = {(r["specimen_id"], r["missing_id"]): r["log10_lr"] for r in json.loads(outcome.output)["families"]}

    made = harder()
    case = Case.from_dossier(made)
    states = States.of(case)
    line = AutosomalLine(made, case, states, AutosomalSettings())
    nobody = np.full(len(line.populations), 1 / len(line.populations))
    evidence = Evidence(case, states, [line], ErrorSettings(), nobody)
    bones = [s for s, samples in enumerate(case.samples_of) if line.seen[list(samples)].any()]
    assert {len(case.samples_of[s]) for s in bones} == {1, 2, 3}
    assert (case.population < 0).any()
    dense = evidence.likelihoods([case.samples_of[s] for s in bones], np.arange(len(case.missing_ids)))
    ratio = (dense.men - dense.populations[:, evidence.own_population]) / math.log(10)
    expected = {
        (case.specimen_ids[bone], case.missing_ids[man]): ratio[row, man]
        for row, bone in enumerate(bones)
        for man in range(len(case.missing_ids))
        if ratio[row, man] >= -2
    }
    assert found.keys() == expected.keys()
    np.testing.assert_allclose([found[k] for k in expected], list(expected.values()), atol=2e-4)


def test_the_command_answers_bad_input(dossier: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outcome = CliRunner().invoke(app, ["search", str(dossier), "--work", str(tmp_path / "file")])
    assert isinstance(outcome.exception, InvalidInput)


def test_nobody_at_the_address_is_status_two(
    dossier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("cenotaph.identification.cluster.CONNECT_S", 1)
    command = ["cenotaph", "search", str(dossier), "--quiet", "--cluster", "tcp://127.0.0.1:9"]
    monkeypatch.setattr("sys.argv", [*command, "--work", str(tmp_path / "work")])
    with pytest.raises(SystemExit) as end:
        run()
    assert end.value.code == 2
    assert "no scheduler answers, found tcp://127.0.0.1:9" in capsys.readouterr().err
    assert not (tmp_path / "work").exists()
