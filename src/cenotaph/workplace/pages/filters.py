"""Filters that every template has."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def moment(text: str | None) -> str:
    """A time of the ledger (UTC) to the minute.

    >>> moment("2018-07-27T09:05:31.120000Z")
    '2018-07-27 09:05'
    """
    return (text or "")[:16].replace("T", " ")
