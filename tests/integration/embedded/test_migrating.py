"""Tables are changed while others work on them."""

from contextlib import nullcontext
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable, UndefinedTable

from ordinaut_site.management.commands import migrate

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "_BETWEEN_TRIES", 0.0)


def failing(*causes: BaseException) -> Any:
    """Django's part of the command: it fails so often before it succeeds, and notes its connection's bounds."""
    left, seen = list(causes), []

    def handle(*_: object, **__: object) -> None:
        seen.append((bound("lock_timeout"), bound("statement_timeout")))
        if left:
            raise OperationalError("no") from left.pop(0)

    handle.seen = seen  # type: ignore[attr-defined]
    return handle


def bound(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return cursor.fetchone()[0]


def test_a_migration_waits_two_seconds_for_a_lock_and_then_steps_back_and_tries_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Migrate, "handle", handle := failing(LockNotAvailable(), LockNotAvailable()))

    call_command("migrate")

    assert [lock for lock, _ in handle.seen] == ["2s"] * 3


@pytest.mark.parametrize("cause", [[], [UndefinedTable()]])
def test_a_migration_may_take_longer_than_other_statements_which_keep_their_limit(
    monkeypatch: pytest.MonkeyPatch, cause: list[BaseException]
) -> None:
    monkeypatch.setattr(Migrate, "handle", handle := failing(*cause))

    with pytest.raises(OperationalError) if cause else nullcontext():
        call_command("migrate")

    assert [statement for _, statement in handle.seen] == ["0"]
    assert bound("statement_timeout") == "5s"


def test_any_other_failure_of_a_migration_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Migrate, "handle", handle := failing(UndefinedTable()))

    with pytest.raises(OperationalError):
        call_command("migrate")

    assert len(handle.seen) == 1


def test_a_table_that_stays_in_use_ends_the_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Migrate, "handle", failing(*[LockNotAvailable()] * 20))

    with pytest.raises(OperationalError):
        call_command("migrate")


@pytest.mark.parametrize(
    ("name", "value"),
    [("statement_timeout", "5s"), ("lock_timeout", "2s"), ("idle_in_transaction_session_timeout", "30s")],
)
def test_every_connection_has_its_bounds(name: str, value: str) -> None:
    assert bound(name) == value
