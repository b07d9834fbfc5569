"""Every bone is in exactly one place whatever is done, and its way can be told; moves leave with the record."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cenotaph.errors import InvalidInput
from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.database import open_database
from cenotaph.workplace.ledger.verify import verify
from cenotaph.workplace.services import custody, records
from cenotaph.workplace.services.export import export_record
from tests.fuzz.effort import EFFORT
from tests.unit.dossiers import write_tables
from tests.workplace.conftest import CASE, load, make_person
from tests.workplace.test_pages import client_of

MANAGER = Viewer("a manager", ("case_manager",))
_numbers = count()
BOXES = st.sampled_from(["BOX1", "BOX2", "BOX3"])


class Bench(RuleBasedStateMachine):
    """Boxes and bones, and beside them what must be true of them."""

    template: Path
    folder: Path

    @initialize()
    def begin(self) -> None:
        self.where: dict[str, str] = {}
        self.way: dict[str, list[str]] = {}
        path = self.folder / f"record-{next(_numbers)}.sqlite3"
        shutil.copyfile(self.template, path)
        shutil.copyfile(f"{self.template}.key", f"{path}.key")
        open_database(f"sqlite:///{path}")
        for box in ("BOX1", "BOX2", "BOX3"):
            records.add(MANAGER, "containers", {"container_id": box})

    @rule(box=BOXES)
    def comes_in(self, box: str) -> None:
        bone = f"S{len(self.where)}"
        records.add(MANAGER, "specimens", {"specimen_id": bone, "container_id": box, "element": "rib", "side": "U"})
        self.where[bone], self.way[bone] = box, [box]

    @rule(box=BOXES, chosen=st.sets(st.integers(0, 11), min_size=1))
    def is_moved(self, box: str, chosen: set[int]) -> None:
        bones = sorted(f"S{i}" for i in chosen)
        is_known = all(bone in self.where for bone in bones)
        if not is_known:
            with pytest.raises(records.Unsound):
                custody.move(MANAGER, bones, box, "a manager", "laid out")
            return
        moved = [bone for bone in bones if self.where[bone] != box]
        assert custody.move(MANAGER, bones, box, "a manager", "laid out") == len(moved)
        for bone in moved:
            self.where[bone] = box
            self.way[bone].append(box)

    @rule(box=BOXES)
    def goes_astray(self, box: str) -> None:
        for bones, to, taker in ((["S0"], "BOX9", "a"), (["S0"], box, " "), ([], box, "a")):
            with pytest.raises(records.Unsound):
                custody.move(MANAGER, bones, to, taker, "")

    @invariant()
    def each_is_in_one_place(self) -> None:
        if not hasattr(self, "where"):
            return
        found = {box: custody.contents(MANAGER, box) for box in ("BOX1", "BOX2", "BOX3")}
        assert found == {box: sorted(b for b, at in self.where.items() if at == box) for box in found}

    @invariant()
    def its_way_can_be_told(self) -> None:
        for bone, way in getattr(self, "way", {}).items():
            moves = custody.history(MANAGER, bone)
            assert [m.to_box for m in moves] == way[1:]
            assert [m.from_box for m in moves] == way[:-1]

    def teardown(self) -> None:
        if hasattr(self, "where"):
            assert verify().faults == ()


def test_every_bone_is_in_one_place(sqlite_template: Path, tmp_path: Path) -> None:
    Bench.template, Bench.folder = sqlite_template, tmp_path
    run_state_machine_as_test(
        Bench,
        settings=settings(
            max_examples=8 * EFFORT,
            stateful_step_count=20,
            deadline=None,
            derandomize=EFFORT == 1,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def moved(case: str) -> Any:
    """A record in which a bone went to another box and back, and there again."""
    records.add(MANAGER, "containers", {"container_id": "BOX2"})
    for box in ("BOX2", "BOX1", "BOX2"):
        assert custody.move(MANAGER, ["S1"], box, "Ms Two", "to be measured") == 1
    return custody.history(MANAGER, "S1")


def test_moves_leave_with_the_record(moved: Any, tmp_path: Path, sqlite_template: Path) -> None:
    export_record(tmp_path / "out", "command line", "test")
    assert (tmp_path / "out" / "custody.csv").read_text().count("to be measured") == 3
    new = tmp_path / "new.sqlite3"
    shutil.copyfile(sqlite_template, new)
    shutil.copyfile(f"{sqlite_template}.key", f"{new}.key")
    open_database(f"sqlite:///{new}")
    load(tmp_path / "out")
    assert custody.history(MANAGER, "S1") == moved
    assert custody.contents(MANAGER, "BOX2") == ["S1"]
    export_record(tmp_path / "again", "command line", "test")
    for path in (tmp_path / "out").iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()
    assert load(tmp_path / "out") == 0
    assert verify().faults == ()


def test_moves_of_other_columns_are_refused(case: str, tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "d", **{**CASE, "custody": "bone,box\nS1,BOX1\n"})
    with pytest.raises(InvalidInput, match="not the columns of moves"):
        load(folder)


@pytest.fixture
def two(case: str) -> tuple[Viewer, Viewer]:
    """The one who hands over and the one who receives, both with an account."""
    records.add(MANAGER, "containers", {"container_id": "BOX2"})
    for role in ("anthropologist", "geneticist", "planner"):
        make_person(role)
    return Viewer("anthropologist", ("anthropologist",)), Viewer("geneticist", ("geneticist",))


def test_a_move_counts_once_the_other_has_it(two: tuple[Viewer, Viewer]) -> None:
    giver, taker = two
    assert custody.move(giver, ["S1", "S2"], "BOX2", "geneticist", "to be cut") == 2
    assert custody.contents(giver, "BOX1") == ["S1", "S2"], "it is where it was"
    with pytest.raises(records.Unsound, match="not yet received"):
        custody.move(giver, ["S1"], "BOX2", "a porter", "")
    first, second = (m.number for m in custody.handed_over(taker)[0])
    assert custody.handed_over(giver)[0] == []
    with pytest.raises(Refused):
        custody.answer(giver, [first], received=True)
    with pytest.raises(Refused):
        custody.answer(MANAGER, [first], received=False, reason="because")
    with pytest.raises(records.Unsound, match="say why"):
        custody.answer(taker, [second], received=False)
    custody.answer(taker, [first], received=True)
    custody.answer(taker, [second], received=False, reason="not in the tray")
    assert (custody.contents(giver, "BOX1"), custody.contents(giver, "BOX2")) == (["S2"], ["S1"])
    assert [custody.history(giver, bone)[0].state for bone in ("S1", "S2")] == [custody.COUNTS, custody.DECLINED]
    with pytest.raises(Refused):
        custody.answer(taker, [first], received=False, reason="twice")
    assert [m["specimen_id"] for m in custody.record()] == ["S1"]
    assert custody.move(giver, ["S2"], "BOX2", "geneticist", "again") == 1
    [again] = custody.handed_over(giver)[1]
    custody.answer(giver, [again.number], received=False, reason="not today")
    assert custody.handed_over(taker) == ([], [])
    assert custody.contents(giver, "BOX1") == ["S2"]
    assert verify().faults == ()


@pytest.mark.parametrize("name", ["anthropologist", "planner", "a porter"])
def test_who_cannot_say_it_for_himself_is_believed(two: tuple[Viewer, Viewer], name: str) -> None:
    giver, _ = two
    custody.move(giver, ["S1"], "BOX2", name, "")
    assert custody.contents(giver, "BOX2") == ["S1"]


def test_the_receiver_confirms_on_a_page(two: tuple[Viewer, Viewer]) -> None:
    giver, taker = client_of("anthropologist"), client_of("geneticist")
    moved = {"act": "move", "to_box": "BOX2", "received_by": "geneticist", "reason": "to be cut"}
    assert giver.post("/bench/S1/", moved)["Location"] == "/receipts/"
    assert "Take back" in giver.get("/receipts/").content.decode()
    assert "not yet received" in giver.get("/bench/S1/").content.decode()
    assert "Bones handed to you" in taker.get("/").content.decode()
    [move] = custody.handed_over(two[1])[0]
    assert giver.post("/receipts/", {"move": move.number, "answer": "received"}).status_code == 403
    assert taker.post("/receipts/", {"answer": "received"}).status_code == 422
    assert taker.post("/receipts/", {"move": move.number, "answer": "declined"}).status_code == 422
    assert taker.post("/receipts/", {"move": move.number, "answer": "received"}).status_code == 302
    assert custody.contents(two[0], "BOX2") == ["S1"]
    assert "Bones handed to you" not in taker.get("/").content.decode()
