"""Addresses of the API."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from cenotaph.provenance import program_version
from cenotaph.workplace.api.answers import explain
from cenotaph.workplace.api.casework import add_casework
from cenotaph.workplace.api.doors import DOORS
from cenotaph.workplace.api.families import add_families
from cenotaph.workplace.api.proposals import add_proposals
from cenotaph.workplace.api.tables import add_tables
from cenotaph.workplace.pages.endpoint import mark_door, open_to_staff

ABOUT = (
    "The record for programs. A request speaks for a person, by a token of his (`Authorization: Bearer …`) or by the "
    "session of his browser, and sees and does what his role allows, as on the pages. Cells are text, as in a dossier; "
    "none is an empty cell. A change is entered in the ledger under the person's name."
)


class _DescribedOnce(NinjaAPI):
    """An API whose description, which takes a second to make, is made once in each process."""

    _description: OpenAPISchema | None = None

    def get_openapi_schema(self, **about: Any) -> OpenAPISchema:
        if self._description is None:
            self._description = super().get_openapi_schema(**about)
        return self._description


def _made() -> NinjaAPI:
    api = _DescribedOnce(
        title="Cenotaph", version=program_version(), description=ABOUT, auth=DOORS, docs_url=None, urls_namespace="api"
    )
    explain(api)
    add_casework(api)
    add_proposals(api)
    add_families(api)
    add_tables(api)
    return api


def _marked(api: NinjaAPI) -> Any:
    """The addresses of *api*, each saying what it asks: the description is for staff, the rest has its own door."""
    patterns, app, namespace = api.urls
    for pattern in patterns:
        (open_to_staff() if pattern.name == "openapi-json" else mark_door)(pattern.callback)
    return patterns, app, namespace


API = _made()
URLS = _marked(API)
