"""The standing duties of a beat process."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from celery import Celery
from django.db import OperationalError, connection

from schedules.beat import duties
from schedules.beat.duties import Duties, Duty
from schedules.beat.scheduler import DatabaseScheduler

ROUNDS: list[float] = []


def run_once() -> dict[str, int]:
    ROUNDS.append(time.time())
    return {"done": 1}


class Recorder:
    """A duty that notes its rounds, and does what it is told in each."""

    def __init__(self, *acts: Callable[[], object]) -> None:
        self.acts = list(acts)
        self.begun: list[float] = []
        self.changed = threading.Condition()

    def __call__(self) -> object:
        with self.changed:
            self.begun.append(time.time())
            self.changed.notify_all()
            act = self.acts.pop(0) if self.acts else dict
        return act()

    def wait_for(self, rounds: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.begun) >= rounds, timeout=10)


@pytest.fixture
def start() -> Iterator[Callable[..., Duties]]:
    started: list[Duties] = []

    def start(*given: Duty) -> Duties:
        made = Duties(given)
        started.append(made)
        made.start()
        return made

    yield start
    for made in started:
        made.stop()


def raise_(error: Exception) -> Callable[[], object]:
    def act() -> object:
        raise error

    return act


def test_a_duty_of_one_second_begins_right_after_each_whole_second(start: Callable[..., Duties]) -> None:
    recorder = Recorder()
    start(Duty("tick", recorder, 1))

    recorder.wait_for(3)

    second, third = (moment % 1 for moment in recorder.begun[1:3])
    assert second < 0.3
    assert third < 0.3
    assert 0.6 < recorder.begun[2] - recorder.begun[1] < 1.4


def test_a_duty_of_another_period_keeps_it(start: Callable[..., Duties]) -> None:
    recorder = Recorder()
    start(Duty("relay", recorder, 0.1))

    recorder.wait_for(6)

    assert recorder.begun[5] - recorder.begun[0] >= 0.45


def test_more_to_do_is_done_at_once(start: Callable[..., Duties]) -> None:
    recorder = Recorder(*[lambda: {"more": True}] * 20)
    start(Duty("prune", recorder, 3600))

    recorder.wait_for(21)

    assert recorder.begun[20] - recorder.begun[0] < 5


def test_a_failing_duty_goes_on_and_is_logged_once_a_row(
    start: Callable[..., Duties], caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder(raise_(ValueError("first")), raise_(ValueError("second")), lambda: [1, 2])
    start(Duty("reap", recorder, 0.01))

    recorder.wait_for(5)

    assert [record.getMessage() for record in caplog.records] == [
        "duty reap failed and is tried again: first",
        "duty reap works again",
    ]
    assert caplog.records[0].exc_info


def test_a_server_that_is_away_is_told_in_one_line(
    start: Callable[..., Duties], caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder(raise_(ConnectionError("Redis does not answer")))
    start(Duty("relay", recorder, 0.01))

    recorder.wait_for(3)

    assert caplog.records[0].getMessage() == "duty relay failed and is tried again: Redis does not answer"
    assert not caplog.records[0].exc_info


def test_a_slow_duty_delays_no_other(start: Callable[..., Duties]) -> None:
    release = threading.Event()
    slow, quick = Recorder(release.wait), Recorder()
    start(Duty("slow", slow, 0.01), Duty("quick", quick, 0.01))

    slow.wait_for(1)
    quick.wait_for(5)
    release.set()

    assert len(slow.begun) == 1


@pytest.mark.django_db(transaction=True)
def test_duties_of_one_thread_take_turns_on_one_connection_and_a_failure_keeps_none_from_its_turn(
    start: Callable[..., Duties],
) -> None:
    backends: list[tuple[str, int]] = []

    def noting(name: str) -> Callable[[], object]:
        return lambda: backends.append((name, backend()))

    first = Recorder(noting("first"), raise_(ValueError("mine")), noting("first"))
    second = Recorder(*[noting("second")] * 3)
    running = start(Duty("first", first, 0.01, "together"), Duty("second", second, 0.01, "together"))
    second.wait_for(4)
    running.stop()

    assert [name for name, _ in backends] == ["first", "second", "second", "first", "second"]
    assert len({backend for _, backend in backends}) == 1


def test_duties_of_different_periods_share_no_thread() -> None:
    with pytest.raises(ValueError, match="different periods"):
        Duties([Duty("often", dict, 1, "together"), Duty("rarely", dict, 60, "together")])


@pytest.mark.django_db(transaction=True)
def test_a_duty_that_is_rare_keeps_no_connection_between_its_rounds(start: Callable[..., Duties]) -> None:
    backends: list[int] = []
    start(Duty("rare", Recorder(lambda: backends.append(backend())), 3600))

    deadline = time.monotonic() + 10
    while not backends or lives(backends[0]):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def backend() -> int:
    """The pid of the Postgres process that serves this thread."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
    return pid


def lives(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [pid])
        return bool(cursor.fetchone()[0])


def test_rounds_tell_the_last_success_only(start: Callable[..., Duties]) -> None:
    before = datetime.now(UTC)
    good, bad = Recorder(), Recorder(*[raise_(ValueError("no"))] * 1000)
    start(Duty("good", good, 0.01), Duty("bad", bad, 0.01))

    good.wait_for(3)
    bad.wait_for(3)

    assert duties.rounds()["good"] >= before
    assert "bad" not in duties.rounds()


def test_stop_ends_the_threads_and_may_be_called_again(start: Callable[..., Duties]) -> None:
    recorder = Recorder()
    running = start(Duty("ending", recorder, 3600))
    recorder.wait_for(1)

    running.stop()
    running.stop()

    assert "duty-ending" not in {thread.name for thread in threading.enumerate()}


def test_a_duty_in_the_middle_of_its_round_is_not_waited_for_long(
    start: Callable[..., Duties], caplog: pytest.LogCaptureFixture
) -> None:
    release = threading.Event()
    recorder = Recorder(release.wait)
    running = start(Duty("stuck", recorder, 1))
    recorder.wait_for(1)

    begun = time.monotonic()
    running.stop(timeout=0.2)

    assert time.monotonic() - begun < 2
    assert "duty-stuck has not ended" in caplog.text
    release.set()


def test_duties_that_were_never_started_stop_quietly() -> None:
    Duties([Duty("idle", dict, 1)]).stop()


@pytest.mark.django_db(transaction=True)
def test_a_duty_has_its_own_connection_and_opens_another_after_it_breaks(start: Callable[..., Duties]) -> None:
    backends: list[int] = []

    def note() -> None:
        backends.append(backend())

    def broken() -> object:
        note()
        raise OperationalError("the server closed the connection")

    recorder = Recorder(note, broken, note)
    running = start(Duty("db", recorder, 0.01))
    recorder.wait_for(4)
    running.stop()

    assert backends[0] == backends[1] != backends[2]
    assert backend() not in backends


@pytest.mark.django_db(transaction=True)
def test_only_a_scheduler_that_is_set_up_runs_the_duties_and_close_ends_them(settings: object) -> None:
    settings.BEAT_DUTIES = {"mine": (f"{__name__}.run_once", 0.01)}  # type: ignore[attr-defined]
    app = Celery("duties", broker="memory://", set_as_current=False)
    ROUNDS.clear()

    lazy = DatabaseScheduler(app=app, lazy=True)
    lazy.close()
    assert ROUNDS == []

    scheduler = DatabaseScheduler(app=app)
    deadline = time.monotonic() + 5
    while len(ROUNDS) < 3 and time.monotonic() < deadline:
        scheduler.tick()
    scheduler.close()

    assert len(ROUNDS) >= 3
    assert "duty-mine" not in {thread.name for thread in threading.enumerate()}
