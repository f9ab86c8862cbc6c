"""`manage.py migrate`: Django's own, with the bounds that fit a change of tables.

A statement may take as long as a large table needs. A lock is waited for two seconds at most, since everybody else would
wait behind the migration that waits; then the migration steps back and tries again.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable

_TRIES: Final = 20  # each waits for a lock for two seconds
_BETWEEN_TRIES: Final = 1.0  # seconds

logger = logging.getLogger(__name__)


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Raises `OperationalError` when a table has been in use for a minute."""
        with _statements_of_any_length(options["database"]):
            for tries_left in reversed(range(_TRIES)):
                try:
                    super().handle(*args, **options)
                except OperationalError as error:
                    if not (tries_left and isinstance(error.__cause__, LockNotAvailable)):
                        raise
                    logger.info("A table is in use; trying to migrate again in a second")
                    time.sleep(_BETWEEN_TRIES)
                else:
                    return


@contextmanager
def _statements_of_any_length(database: str) -> Iterator[None]:
    with connections[database].cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        [usual] = cursor.fetchone()
        cursor.execute("SET statement_timeout = 0")
    try:
        yield
    finally:
        with connections[database].cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [usual])
