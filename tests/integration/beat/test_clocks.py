"""A host whose clock is not the database's."""

import threading
import time
from collections.abc import Callable
from unittest.mock import patch

import pytest
from celery import Celery
from django.db import connections
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from prometheus_client import REGISTRY

from schedules.beat import clocks, duties
from schedules.beat.clocks import Agreement, ClocksApart
from schedules.beat.scheduler import DatabaseScheduler

pytestmark = pytest.mark.django_db
ROUNDS: list[float] = []


def run_once() -> dict[str, int]:
    ROUNDS.append(time.monotonic())
    return {}


@pytest.fixture(autouse=True)
def _clocks_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "_agreement", Agreement.GOOD)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Set the host's clock ahead of the real one, by seconds."""
    return lambda ahead: monkeypatch.setattr(clocks, "host_time", lambda: time.time() + ahead)


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == clocks.logger.name]


@pytest.mark.parametrize("ahead", [0, 4, -4])
def test_clocks_that_differ_by_less_than_five_seconds_agree(
    set_clock: Callable[[float], None], caplog: pytest.LogCaptureFixture, ahead: float
) -> None:
    set_clock(ahead)

    clocks.require_agreement()

    assert messages(caplog) == []


@pytest.mark.parametrize("ahead", [6, -6, 29])
def test_five_seconds_are_warned_of_once(
    set_clock: Callable[[float], None], caplog: pytest.LogCaptureFixture, ahead: float
) -> None:
    set_clock(ahead)

    for _ in range(3):
        clocks.require_agreement()

    [message] = messages(caplog)
    assert f"database are {abs(ahead)}.0 s apart" in message


@pytest.mark.parametrize(("ahead", "words"), [(31, "31.0 s ahead of the database's"), (-90, "90.0 s behind the")])
def test_thirty_seconds_are_refused_with_the_cure(set_clock: Callable[[float], None], ahead: float, words: str) -> None:
    set_clock(ahead)

    with pytest.raises(ClocksApart, match=f"{words}.*set the host's clock"):
        clocks.require_agreement()


def test_a_clock_that_is_set_right_is_trusted_again_and_that_is_told_once(
    set_clock: Callable[[float], None], caplog: pytest.LogCaptureFixture
) -> None:
    set_clock(40)
    for _ in range(2):
        with pytest.raises(ClocksApart):
            clocks.require_agreement()
    set_clock(0)
    for _ in range(2):
        clocks.require_agreement()

    assert len(messages(caplog)) == 2
    assert "have come nearer: 0.0 s" in messages(caplog)[1]


def test_a_clock_right_at_the_limit_is_not_told_of_again_and_again(
    set_clock: Callable[[float], None], caplog: pytest.LogCaptureFixture
) -> None:
    for ahead in (5.1, 4.9, 5.1, 4.9):
        set_clock(ahead)
        clocks.require_agreement()

    assert len(messages(caplog)) == 1


def test_the_skew_is_a_metric(set_clock: Callable[[float], None]) -> None:
    set_clock(-3)

    clocks.require_agreement()

    assert REGISTRY.get_sample_value("orchestrator_clock_skew_seconds") == pytest.approx(-3, abs=0.5)


def test_an_answer_that_took_long_proves_nothing(set_clock: Callable[[float], None]) -> None:
    readings = iter([0.0, 62.0])
    set_clock(0)

    with patch.object(clocks.time, "monotonic", lambda: next(readings)):
        clocks.require_agreement()


def test_a_database_whose_clock_is_not_known_is_not_asked(set_clock: Callable[[float], None]) -> None:
    set_clock(90)

    with patch.object(type(connections["default"]), "vendor", "mysql"):
        clocks.require_agreement()


@pytest.mark.django_db(transaction=True)
def test_duties_that_plan_stand_still_while_the_clocks_are_apart_and_the_others_go_on(
    set_clock: Callable[[float], None], settings: object, caplog: pytest.LogCaptureFixture
) -> None:
    others = threading.Event()
    settings.BEAT_DUTIES = {  # type: ignore[attr-defined]
        "plan": (f"{__name__}.run_once", 0.01),
        "other": (f"{__name__}.OTHER", 0.01),
    }
    settings.BEAT_DUTIES_THAT_PLAN = {"plan"}  # type: ignore[attr-defined]
    ROUNDS.clear()
    set_clock(60)

    with patch(f"{__name__}.OTHER", others.set, create=True):
        scheduler = DatabaseScheduler(app=Celery("clocks", broker="memory://", set_as_current=False))
        try:
            assert others.wait(10)
            assert not ROUNDS
            set_clock(0)
            deadline = time.monotonic() + 10
            while not ROUNDS and time.monotonic() < deadline:
                time.sleep(0.01)
        finally:
            scheduler.close()

    assert ROUNDS
    failed = next(record for record in caplog.records if record.name == duties.logger.name)
    assert "duty plan failed and is tried again: The clock of this host is 60.0 s ahead" in failed.getMessage()
    assert not failed.exc_info


@pytest.mark.django_db(transaction=True)
def test_periodic_tasks_wait_until_the_clocks_agree_again(
    set_clock: Callable[[float], None], scheduler: DatabaseScheduler, caplog: pytest.LogCaptureFixture
) -> None:
    sent: list[str] = []
    often = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.SECONDS)
    task = PeriodicTask.objects.create(name="waits", task="report", interval=often)
    PeriodicTask.objects.update(last_run_at="2026-01-01T00:00:00Z")
    set_clock(-31)

    with patch.object(DatabaseScheduler, "apply_async", lambda _self, entry, **_: sent.append(entry.name)):
        waits = [scheduler.tick() for _ in range(3)]
        task.refresh_from_db()
        assert (sent, task.total_run_count, waits[-1]) == ([], 0, 1.0)
        set_clock(0)
        scheduler.tick()

    assert sent == ["waits"]
    refused = [record.getMessage() for record in caplog.records if "cannot be sent" in record.getMessage()]
    assert len(refused) == 1
