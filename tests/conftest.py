"""What tests of every tier share."""

from collections.abc import Iterator

import pytest

from tasks_app import faults


@pytest.fixture(autouse=True, scope="session")
def _emptied_of_what_is_there() -> Iterator[None]:
    from tests import emptying

    with pytest.MonkeyPatch.context() as patched:
        emptying.install(patched)
        yield


@pytest.fixture(autouse=True, scope="session")
def _secrets_are_hashed_at_once() -> Iterator[None]:
    """As always, but with the least work; what the platform does takes a tenth of a second and 100 MB each time."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    with pytest.MonkeyPatch.context() as patched:
        for cost, least in (("memory_cost", 64), ("time_cost", 1), ("parallelism", 1)):
            patched.setattr(Argon2PasswordHasher, cost, least)
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
