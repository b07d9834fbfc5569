"""What a page asks of its visitor, said where the page is; a page that does not say it is not served."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.http import HttpResponse

View = TypeVar("View", bound=Callable[..., HttpResponse])


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a page asks.

    Args:
        verb, resource: the right that is needed; several resources: any of them will do.
        public: nobody needs to sign in.
        signed_in: signing in is enough.
        own_door: the view finds out itself who asks, and refuses strangers in its own words.
    """

    verb: str = "see"
    resources: tuple[str, ...] = ()
    public: bool = False
    signed_in: bool = False
    own_door: bool = False


def page(verb: str, *resources: str) -> Callable[[View], View]:
    """Marks a view that needs the right to *verb* one of *resources*. The selectors judge every field besides."""
    return _marked(Endpoint(verb, resources))


def open_to_all() -> Callable[[View], View]:
    """Marks a view that anybody may call."""
    return _marked(Endpoint(public=True))


def open_to_staff() -> Callable[[View], View]:
    """Marks a view that everyone who works here may call; it shows what the selectors let through."""
    return _marked(Endpoint(signed_in=True))


def mark_door(view: View) -> View:
    """Marks a view that finds out itself who asks, as those of the API do."""
    return _marked(Endpoint(own_door=True))(view)


def _marked(endpoint: Endpoint) -> Callable[[View], View]:
    def mark(view: View) -> View:
        vars(view)["endpoint"] = endpoint
        return view

    return mark


def endpoint_of(view: object) -> Endpoint | None:
    """What the view asks; None where nobody said."""
    return getattr(view, "endpoint", None)
