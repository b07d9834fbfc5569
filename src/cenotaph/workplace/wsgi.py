"""The pages for a web server that speaks WSGI."""

from __future__ import annotations

from cenotaph.workplace.database import open_database

open_database()

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()
