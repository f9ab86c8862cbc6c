"""How the database is emptied between tests that commit.

Django truncates every table and makes content types and permissions anew, each time: half a second on a slow disk, as
Postgres removes some 300 files. A test leaves a few rows in a few tables.
"""

from typing import Any

import pytest
from django.core.management.commands import flush
from django.db.backends.postgresql.operations import DatabaseOperations

MADE_BY_MIGRATE = {"django_content_type", "auth_permission"}
MUCH = 512 * 1024  # bytes of a table, from where on truncating is the faster


def install(patched: pytest.MonkeyPatch) -> None:
    usual = DatabaseOperations.sql_flush

    def statements(operations: DatabaseOperations, style: Any, tables: list[str], **options: Any) -> list[str]:
        used = _used(operations, [name for name in tables if name not in MADE_BY_MIGRATE])
        if any(size > MUCH for size in used.values()):
            deletes = usual(operations, style, [name for name in tables if name not in MADE_BY_MIGRATE], **options)
        else:
            deletes = [f"DELETE FROM {operations.quote_name(name)}" for name in used]
        # Outside of tests nothing empties the audit.
        return ["SELECT set_config('ordinaut.pruning_audit', 'yes', true)", *deletes] if deletes else []

    patched.setattr(DatabaseOperations, "sql_flush", statements)
    patched.setattr(flush, "emit_post_migrate_signal", lambda *_, **__: None)


def _used(operations: DatabaseOperations, tables: list[str]) -> dict[str, int]:
    """The tables that hold rows, with their bytes. Foreign keys are looked at when all are emptied: they are deferred."""
    look = "SELECT '{0}', pg_relation_size('{0}') WHERE EXISTS (SELECT FROM {0})"
    with operations.connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(look.format(name) for name in tables))
        return dict(cursor.fetchall())
