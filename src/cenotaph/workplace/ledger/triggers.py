"""The triggers that write the ledger, made from the models, for SQLite and for PostgreSQL.

Both write the same bytes: a row is a JSON object of text, its names sorted, without spaces; an entry's digest is the
SHA-256 of the JSON list ``[seq, at, actor, reason, table, row, action, before, after, previous]``.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, models, transaction

from cenotaph.workplace.ledger.context import LEDGER, maintaining
from cenotaph.workplace.models import recorded_models

GENESIS = "0" * 64
"""What stands as the digest before the first entry."""

ADVISORY_LOCK = 0x43454E4F
"""Number of the lock that makes writers of the chain queue on PostgreSQL."""


def recorded_columns(model: type[models.Model]) -> list[str]:
    """Columns of a model that its ledger entries show, sorted."""
    left_out = set(model.unrecorded)
    return sorted(f.column for f in model._meta.concrete_fields if f.name not in left_out)


def row_expression(model: type[models.Model], vendor: str, prefix: str = "") -> str:
    """SQL that makes the canonical JSON of a row; *prefix* is ``NEW.`` or ``OLD.`` in a trigger."""
    digested = set(model.digested)
    parts = []
    for position, column in enumerate(recorded_columns(model)):
        value = f'CAST({prefix}"{column}" AS TEXT)'
        if column in digested:
            value = _SHA256[vendor].format(value)
        parts.append(f"""'{"{" if position == 0 else ","}"{column}":' || {_QUOTED[vendor].format(value)}""")
    return " || ".join([*parts, "'}'"])


_SHA256 = {
    "sqlite": "cenotaph_sha256({})",
    "postgresql": "encode(sha256(convert_to({}, 'UTF8')), 'hex')",
}
_QUOTED = {"sqlite": "json_quote({})", "postgresql": "COALESCE(to_json({})::text, 'null')"}


def statements(vendor: str) -> dict[str, str]:
    """Every trigger by name, as the SQL that makes it."""
    return _sqlite() if vendor == "sqlite" else _postgresql()


def _sqlite() -> dict[str, str]:
    found = {}
    for model in recorded_models():
        table = model._meta.db_table
        new, old = (row_expression(model, "sqlite", prefix) for prefix in ("NEW.", "OLD."))
        changed = " OR ".join(f'OLD."{c}" IS NOT NEW."{c}"' for c in recorded_columns(model))
        for action, when, row, before, after in (
            ("insert", "", "NEW", "NULL", new),
            ("update", f"WHEN {changed} ", "OLD", old, new),
            ("delete", "", "OLD", old, "NULL"),
        ):
            name = f"ledger_{table}_{action}"
            found[name] = (
                f'CREATE TRIGGER "{name}" AFTER {action.upper()} ON "{table}" {when}BEGIN '
                "INSERT INTO ledger (seq, at, actor, reason, table_name, row, action, before, after, previous, digest) "
                "SELECT seq, at, actor, reason, table_name, row, action, before, after, previous, "
                "cenotaph_sha256('[' || seq || ',' || json_quote(at) || ',' || json_quote(actor) || ',' || "
                "json_quote(reason) || ',' || json_quote(table_name) || ',' || json_quote(row) || ',' || "
                "json_quote(action) || ',' || coalesce(before, 'null') || ',' || coalesce(after, 'null') || ',' || "
                "json_quote(previous) || ']') FROM ("
                "SELECT coalesce((SELECT max(seq) FROM ledger), 0) + 1 AS seq, cenotaph_at() AS at, "
                "cenotaph_actor() AS actor, cenotaph_reason() AS reason, "
                f"'{table}' AS table_name, CAST({row}.id AS TEXT) AS row, '{action}' AS action, "
                f"{before} AS before, {after} AS after, "
                f"coalesce((SELECT digest FROM ledger ORDER BY seq DESC LIMIT 1), '{GENESIS}') AS previous); END"
            )
    for action in ("update", "delete"):
        name = f"ledger_no_{action}"
        found[name] = (
            f"CREATE TRIGGER {name} BEFORE {action.upper()} ON {LEDGER} BEGIN "
            "SELECT RAISE(ABORT, 'the ledger is never altered'); END"
        )
    return found


def _postgresql() -> dict[str, str]:
    found = {
        "ledger_append": f"""
CREATE OR REPLACE FUNCTION ledger_append(table_ text, row_ text, action_ text, before_ text, after_ text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  seq_ bigint; previous_ text;
  at_ text := to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
  actor_ text := NULLIF(current_setting('cenotaph.actor', true), '');
  reason_ text := COALESCE(current_setting('cenotaph.reason', true), '');
BEGIN
  PERFORM pg_advisory_xact_lock({ADVISORY_LOCK});
  SELECT seq, digest INTO seq_, previous_ FROM ledger ORDER BY seq DESC LIMIT 1;
  seq_ := COALESCE(seq_, 0) + 1;
  previous_ := COALESCE(previous_, '{GENESIS}');
  INSERT INTO ledger (seq, at, actor, reason, table_name, row, action, before, after, previous, digest)
  VALUES (seq_, at_, actor_, reason_, table_, row_, action_, before_, after_, previous_,
    encode(sha256(convert_to('[' || seq_ || ',' || to_json(at_)::text || ',' || to_json(actor_)::text || ',' ||
      to_json(reason_)::text || ',' || to_json(table_)::text || ',' || to_json(row_)::text || ',' ||
      to_json(action_)::text || ',' || COALESCE(before_, 'null') || ',' || COALESCE(after_, 'null') || ',' ||
      to_json(previous_)::text || ']', 'UTF8')), 'hex'));
END $$""",
        "ledger_refuse": """
CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the ledger is never altered'; END $$""",
        "ledger_only_triggers": """
CREATE OR REPLACE FUNCTION ledger_only_triggers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() < 2 THEN RAISE EXCEPTION 'only triggers write the ledger'; END IF;
  RETURN NEW;
END $$""",
        "ledger_no_change": f"CREATE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE ON {LEDGER} "
        "FOR EACH ROW EXECUTE FUNCTION ledger_refuse()",
        "ledger_no_truncate": f"CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON {LEDGER} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()",
        "ledger_no_forging": f"CREATE TRIGGER ledger_no_forging BEFORE INSERT ON {LEDGER} "
        "FOR EACH ROW EXECUTE FUNCTION ledger_only_triggers()",
    }
    for model in recorded_models():
        table = model._meta.db_table
        new, old = (row_expression(model, "postgresql", prefix) for prefix in ("NEW.", "OLD."))
        found[f"ledger_{table}"] = f"""
CREATE OR REPLACE FUNCTION ledger_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before_ text; after_ text; row_ text;
BEGIN
  IF TG_OP <> 'INSERT' THEN before_ := {old}; row_ := OLD.id::text; END IF;
  IF TG_OP <> 'DELETE' THEN after_ := {new}; row_ := COALESCE(row_, NEW.id::text); END IF;
  IF before_ IS DISTINCT FROM after_ THEN
    PERFORM ledger_append('{table}', row_, lower(TG_OP), before_, after_);
  END IF;
  RETURN NULL;
END $$"""
        found[f"ledger_{table}_row"] = (
            f'CREATE TRIGGER "ledger_{table}_row" AFTER INSERT OR UPDATE OR DELETE ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION ledger_{table}()"
        )
        found[f"ledger_{table}_truncate"] = (
            f'CREATE TRIGGER "ledger_{table}_truncate" BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"
        )
    return found


def installed() -> dict[str, str | None]:
    """Triggers of the ledger that the database has, with the table of each."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger%%'")
        else:
            cursor.execute(
                "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE NOT t.tgisinternal AND t.tgname LIKE 'ledger%%' AND n.nspname = current_schema() "
                "AND t.tgenabled <> 'D'"
            )
        return dict(cursor.fetchall())


def missing_triggers() -> list[str]:
    """Names of triggers that are not in place, or not as this version of the program makes them."""
    there = installed()
    wanted = statements(connection.vendor)
    if connection.vendor == "sqlite":
        return sorted(name for name, sql in wanted.items() if there.get(name) != sql)
    return sorted(n for n, sql in wanted.items() if sql.startswith("CREATE TRIGGER") and n not in there)


def install() -> None:
    """Puts every trigger in place, in one transaction."""
    with maintaining(), transaction.atomic(), connection.cursor() as cursor:
        _remove(cursor)
        for sql in statements(connection.vendor).values():
            cursor.execute(sql)


def remove() -> None:
    """Takes every trigger away: only to restore a backup, whose ledger comes with it."""
    with maintaining(), transaction.atomic(), connection.cursor() as cursor:
        _remove(cursor)


def _remove(cursor: Any) -> None:
    for name, table in installed().items():
        cursor.execute(f'DROP TRIGGER "{name}"' + ("" if connection.vendor == "sqlite" else f' ON "{table}"'))
