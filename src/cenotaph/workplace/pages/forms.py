"""Forms made from the registry: one field for each column that the viewer may write, judged by the registry's rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext

from cenotaph.dossier.tables import TABLES, Column
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.services.records import Unsound, problem_of

_INPUT_MODES = {"number": "decimal", "integer": "numeric"}


class RowForm(forms.Form):
    """A row of a dossier's table, or the part of it that a viewer may write.

    Attributes:
        resource: the table.
    """

    resource: str

    def clean(self) -> dict[str, Any]:
        """Every value by the registry's rules, each problem beside its field."""
        data = super().clean() or {}
        columns = TABLES[self.resource].by_name
        for name in self.fields:
            if name in data and (problem := problem_of(columns[name], data[name].strip() or None)):
                self.add_error(name, problem)
        return data

    def values(self) -> dict[str, str | None]:
        """The values, for `records.add` or `records.change`."""
        return {name: text.strip() or None for name, text in self.cleaned_data.items()}

    def seen(self) -> dict[str, str | None]:
        """What the page had shown, for `records.change` to notice that another was faster."""
        return {name: self.initial.get(name) for name in self.fields if name in self.initial}

    def take(self, error: Unsound) -> None:
        """Puts the problems that the database found beside their fields."""
        for name, problem in error.problems.items():
            self.add_error(name if name in self.fields else None, problem)


def form_for(
    viewer: Viewer,
    resource: str,
    verb: str,
    data: Mapping[str, Any] | None = None,
    *,
    row: Mapping[str, Any] | None = None,
    only: tuple[str, ...] = (),
    labels: Mapping[str, Any] | None = None,
) -> RowForm:
    """A form to *verb* (``add`` or ``change``) a row.

    Args:
        viewer, resource, verb: who writes what; fields that are not open are not in the form.
        data: what was sent, None to show the form.
        row: the row as `selectors.rows` gave it.
        only: the fields wanted, in their order; by default all that are open.
        labels: words for columns, by name; by default the column's name.

    Raises:
        Refused: the viewer may not.
    """
    viewer.require(verb, resource, only)
    columns = TABLES[resource].by_name
    names = only or tuple(f for f in viewer.fields(verb, resource) if f in columns)
    fields = {n: _field(columns[n], (labels or {}).get(n) or gettext(n.replace("_", " ").capitalize())) for n in names}
    form_class = type("RowForm", (RowForm,), {"resource": resource, **fields})
    initial = {n: row[n] for n in names if n in row} if row is not None else {}
    form: RowForm = form_class(data, initial=initial)
    return form


def _field(column: Column, label: Any) -> forms.Field:
    unit = f" ({column.unit})" if column.unit else ""
    # What the registry says is in English; the catalogue has the words of the columns that are written most.
    hint = f"{gettext(column.meaning)}{unit}" if column.meaning else unit
    if column.vocabulary:
        choices = [("", "–"), *((word, word.replace("_", " ")) for word in column.vocabulary)]
        return forms.ChoiceField(choices=choices, required=column.filled, label=label, help_text=hint)
    widget: forms.Widget = forms.TextInput({"autocomplete": "off", "inputmode": _INPUT_MODES.get(column.type, "text")})
    if column.name == "note":
        widget = forms.Textarea({"rows": 3})
    return forms.CharField(required=column.filled, label=label, help_text=hint, widget=widget, max_length=100_000)
