"""The workplace as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class WorkplaceConfig(AppConfig):
    """Registers what every database connection needs."""

    name = "cenotaph.workplace"
    label = "workplace"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created

        from cenotaph.workplace.ledger.context import prepare_connection

        connection_created.connect(prepare_connection, dispatch_uid="cenotaph ledger")
