"""The reference page of the dossier, made from the registry."""

from __future__ import annotations

from cenotaph.dossier.tables import GROUPS, TABLES, TYPES, Column, Table

_HEAD = """# The dossier: reference

<!-- Made from the registry by `python -m cenotaph.dossier.reference`; do not edit. -->

A dossier is a folder of CSV tables: UTF-8, comma, header row, `.` decimal point; an empty cell is not recorded. Any
table may be absent. Columns marked *key* and *required* must be there; any other may be absent. Unknown extra columns
and tables are kept. `datapackage.json` is optional on input and always written; its `war`, an interval such as
`1950-06-25/1953-07-27`, binds every date of loss.
"""


def reference_page() -> str:
    """The page as Markdown."""
    parts = [_HEAD, "## Types of columns\n", "| type | a cell holds |", "|---|---|"]
    parts += [f"| {name} | {_cell(meaning)} |" for name, meaning in TYPES.items()]
    for group in GROUPS:
        parts.append(f"\n## {group}")
        for table in TABLES.values():
            if table.group == group:
                parts += _table(table)
    return "\n".join(parts) + "\n"


def _table(table: Table) -> list[str]:
    lines = [f"\n### `{table.file}`\n", table.meaning]
    if table.unique:
        lines.append("Once for each: " + ", ".join(f"`{c}`" for c in table.unique) + ".")
    if table.open_columns:
        lines.append(f"Further columns begin with `{table.open_columns}`, one for each line of evidence.")
    lines += ["\n| column | type | meaning | values | empty means |", "|---|---|---|---|---|"]
    return lines + [_row(c) for c in table.columns]


def _row(column: Column) -> str:
    mark = " *key*" if column.key else " *required*" if column.required else ""
    unit = f" ({column.unit})" if column.unit else ""
    return (
        f"| `{column.name}`{mark} | {column.type} | {_cell(column.meaning + unit)} | {_cell(_values(column))} "
        f"| {_cell(column.missing)} |"
    )


def _values(column: Column) -> str:
    if column.vocabulary:
        return ", ".join(f"`{word}`" for word in column.vocabulary)
    if column.references:
        return " or ".join(f"a `{target}`" for target in column.references.split())
    if column.references_by:
        by, targets = column.references_by
        return "; ".join(f"a `{target}` where {by} is {value}" for value, target in targets.items())
    bounds = []
    if column.least is not None or column.most is not None:
        low = "" if column.least is None else f"{column.least:g}"
        high = "" if column.most is None else f"{column.most:g}"
        bounds.append(f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}")
    if column.plausible:
        bounds.append(f"plausible {column.plausible[0]:g} to {column.plausible[1]:g}")
    return "; ".join(bounds)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(reference_page(), end="")
