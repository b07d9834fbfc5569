"""The workplace that ``make demo`` fills."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

from tests.workplace.test_pages import ANSWER, RECORD

ROOT = Path(__file__).parents[2]


def test_a_workplace_to_look_at_is_filled_again_and_again(case_folder: Path, tmp_path: Path) -> None:
    result, folder = tmp_path / "result", tmp_path / "workplace"
    result.mkdir()
    (result / "run.json").write_text(RECORD, encoding="utf-8")
    for name, text in ANSWER.items():
        (result / f"{name}.csv").write_text(text, encoding="utf-8")
    drawn = []
    for _time in range(2):
        subprocess.run(
            [sys.executable, "tools/demo.py", case_folder, result, folder], cwd=ROOT, check=True, timeout=120
        )
        people = folder / "people.txt"
        assert stat.S_IMODE(people.stat().st_mode) == 0o600
        drawn += [line.split()[1] for line in people.read_text(encoding="utf-8").splitlines()[2:]]
    assert len(drawn) == len(set(drawn)) == 20
    command = [Path(sys.executable).with_name("cenotaph"), "verify", "--json"]
    command += ["--database", f"sqlite:///{folder}/record.sqlite3"]
    told = json.loads(subprocess.run(command, check=True, timeout=60, capture_output=True).stdout)
    assert not told["faults"]
