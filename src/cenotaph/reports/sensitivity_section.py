"""The report's section on how far the names depend on what was assumed; nothing where a run did not ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

MOST_ROWS = 20


def sensitivity_section(run: Mapping[str, Any], environment: Environment) -> Markup | str:
    """The section from ``run.json``, empty where the run has no ``sensitivity``."""
    from markupsafe import Markup

    found = run.get("results", {}).get("sensitivity")
    if not found:
        return ""
    template = environment.get_template("sensitivity.html.j2")
    return Markup(template.render(found=found, weakest=found["weakest"][:MOST_ROWS]))
