"""The ``datapackage.json`` of a dossier: Data Package version 2 with Table Schemas, made from the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cenotaph.dossier.tables import SNP_FILE, TABLES, Column, Table

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
SCHEMA_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"


def describe(
    columns: Mapping[str, Sequence[str]], about: Mapping[str, object] | None = None, *, has_snp: bool = False
) -> dict[str, object]:
    """The descriptor of a dossier.

    Args:
        columns: headers of each table that is there.
        about: properties of the package that stay as they were (name, title, version, ...).
        has_snp: whether there is a VCF file.

    >>> describe({"isotopes": ["specimen_id", "tissue", "ratio", "value"]})["resources"][0]["path"]
    'isotopes.csv'
    """
    order = [*(t for t in TABLES if t in columns), *sorted(t for t in columns if t not in TABLES)]
    resources: list[dict[str, object]] = [_resource(name, columns[name], columns) for name in order]
    if has_snp:
        resources.append({"name": SNP_FILE.partition(".")[0], "path": SNP_FILE, "format": "vcf", "compression": "gz"})
    package: dict[str, object] = {"$schema": PROFILE, "name": "dossier", "title": "Dossier", "version": "1.0.0"}
    package |= {key: value for key, value in (about or {}).items() if key != "resources"}
    return package | {"resources": resources}


def _resource(name: str, header: Sequence[str], present: Mapping[str, Sequence[str]]) -> dict[str, object]:
    table = TABLES.get(name)
    resource: dict[str, object] = {
        "name": name,
        "type": "table",
        "path": f"{name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
    }
    if table is not None:
        resource["description"] = table.meaning
    resource["schema"] = _schema(table, header, present)
    return resource


def _schema(table: Table | None, header: Sequence[str], present: Mapping[str, Sequence[str]]) -> dict[str, object]:
    known = table.by_name if table is not None else {}
    schema: dict[str, object] = {
        "$schema": SCHEMA_PROFILE,
        "fields": [_field(known[n]) if n in known else {"name": n, "type": "string"} for n in header],
        "missingValues": [""],
    }
    if table is None:
        return schema
    if table.key and set(table.key) <= set(header):
        schema["primaryKey"] = list(table.key)
    keys = []
    for column in table.columns:
        if column.references is None or column.type == "ids" or column.name not in header:
            continue
        target, _, key = column.references.partition(".")
        if target in present and key in present[target]:
            resource = "" if target == table.name else target
            keys.append({"fields": [column.name], "reference": {"resource": resource, "fields": [key]}})
    if keys:
        schema["foreignKeys"] = keys
    return schema


def _field(column: Column) -> dict[str, object]:
    described = column.meaning + (f" ({column.unit})" if column.unit else "")
    found: dict[str, object] = {
        "name": column.name,
        "type": column.type if column.type in {"number", "integer"} else "string",
        "description": f"{described}. Empty: {column.missing}.",
    }
    constraints: dict[str, object] = {}
    if column.filled:
        constraints["required"] = True
    if column.vocabulary:
        constraints["enum"] = list(column.vocabulary)
    if column.least is not None:
        constraints["minimum"] = column.least
    if column.most is not None:
        constraints["maximum"] = column.most
    if constraints:
        found["constraints"] = constraints
    return found
