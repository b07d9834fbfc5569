"""The modules of the workplace can be collected only when Django is set up; nothing else waits for that."""

from __future__ import annotations

from pathlib import Path


def pytest_collect_file(file_path: Path) -> None:
    if {"workplace", "fuzz"} & set(file_path.parts):
        from tests.django_setup import set_up

        set_up()
