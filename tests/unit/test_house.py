"""Rules of the house that no other test sees: pins without hosts, data with an origin, a command line that starts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONDITION = r"[a-z_]+ [<>=!]+ '[A-Za-z0-9.]+'"
PIN = re.compile(rf"[a-z0-9-]+==[0-9][A-Za-z0-9.+]*( ; {CONDITION}( (and|or) {CONDITION})*)?")


def test_pins_are_names_and_versions_only() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert lines
    assert [line for line in lines if not PIN.fullmatch(line)] == []


def test_every_data_folder_has_its_origin_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    data = ROOT / "src" / "cenotaph" / "data"
    folders = [p.name for p in data.iterdir() if p.is_dir() and p.name != "__pycache__"]
    assert folders
    assert [f for f in folders if f"src/cenotaph/data/{f}\n" not in notice] == []


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_help_names_every_command() -> None:
    program = Path(sys.executable).with_name("cenotaph")
    done = subprocess.run([program, "--help"], capture_output=True, text=True, check=True)
    assert [c for c in ("check", "convert", "identify", "search", "kinship", "simulate") if c not in done.stdout] == []
