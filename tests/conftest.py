"""Fixtures that every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of reference data beside the project; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the reference data beside the project is absent")
    return SHARED
