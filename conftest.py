"""The modules of the workplace can be collected only when Django is set up; nothing else waits for that."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def pytest_collect_file(file_path: Path) -> None:
    if "workplace" in file_path.parts and "DJANGO_SETTINGS_MODULE" not in os.environ:
        import django

        os.environ["CENOTAPH_DATA"] = tempfile.mkdtemp(prefix="cenotaph-tests-")
        os.environ["DJANGO_SETTINGS_MODULE"] = "cenotaph.workplace.settings"
        django.setup()
