"""What tests of every tier share."""

from collections.abc import Iterator
from typing import Any

import pytest

from tasks_app import faults


@pytest.fixture(autouse=True, scope="session")
def _the_audit_may_be_emptied() -> Iterator[None]:
    """Between tests that commit, as every other table is. Outside of tests nothing truncates it."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    usual = DatabaseOperations.sql_flush

    def emptying(*args: Any, **options: Any) -> list[str]:
        return ["SELECT set_config('ordinaut.pruning_audit', 'yes', true)", *usual(*args, **options)]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(DatabaseOperations, "sql_flush", emptying)
        yield


@pytest.fixture(autouse=True)
def _no_planted_faults() -> Iterator[None]:
    yield
    faults.clear()


@pytest.fixture(autouse=True)
def _hints_are_sent_by_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the process's thread for them may send those of one test in the time of another."""
    from tasks_app.events import wakeup

    monkeypatch.setattr(wakeup, "send", wakeup.send_now)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice of time is enough to tell an event to all who wait for it, however slow the machine is."""
    from tasks_app import event_waits

    monkeypatch.setattr(event_waits, "monotonic", lambda: 0.0)


@pytest.fixture
def redis_emptied() -> Iterator[None]:
    """An empty Redis database before and after."""
    from tasks_app.events import stream

    stream.client().flushdb()
    yield
    stream.client().flushdb()
