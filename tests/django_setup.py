"""Django, set up once in a process, in a folder that nobody else uses."""

from __future__ import annotations

import os
import tempfile


def set_up() -> None:
    """Makes the modules of the workplace importable."""
    import django
    from django.apps import apps

    if not apps.ready:
        os.environ["CENOTAPH_DATA"] = tempfile.mkdtemp(prefix="cenotaph-tests-")
        os.environ["DJANGO_SETTINGS_MODULE"] = "cenotaph.workplace.settings"
        os.environ.pop("DATABASE_URL", None)
        django.setup()
