"""Tables are changed while others work on them."""

from typing import Any

import pytest
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable, UndefinedTable

from ordinaut_site import first_start

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_start, "_BETWEEN_TRIES", 0.0)


def failing(*causes: BaseException) -> Any:
    """A migrate command that fails so often before it succeeds; answers what its connection's bounds were."""
    left, seen = list(causes), []

    def migrate(*_: object, **__: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            seen.append(cursor.fetchone()[0])
        if left:
            raise OperationalError("no") from left.pop(0)

    migrate.seen = seen  # type: ignore[attr-defined]
    return migrate


def test_a_migration_waits_two_seconds_for_a_lock_and_then_steps_back_and_tries_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(first_start, "call_command", migrate := failing(LockNotAvailable(), LockNotAvailable()))

    first_start.migrate()

    assert migrate.seen == ["2s"] * 3


def test_any_other_failure_of_a_migration_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_start, "call_command", migrate := failing(UndefinedTable()))

    with pytest.raises(OperationalError):
        first_start.migrate()

    assert len(migrate.seen) == 1


def test_a_table_that_stays_in_use_ends_the_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_start, "call_command", failing(*[LockNotAvailable()] * 20))

    with pytest.raises(OperationalError):
        first_start.migrate()


@pytest.mark.parametrize(
    ("bound", "value"),
    [("statement_timeout", "5s"), ("lock_timeout", "2s"), ("idle_in_transaction_session_timeout", "30s")],
)
def test_every_connection_has_its_bounds(bound: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {bound}")
        assert cursor.fetchone() == (value,)
