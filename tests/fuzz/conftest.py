"""The record of the workplace's tests."""

from __future__ import annotations

from tests.workplace.conftest import case, case_folder, record, sqlite_template, sqlite_url

__all__ = ["case", "case_folder", "record", "sqlite_template", "sqlite_url"]
