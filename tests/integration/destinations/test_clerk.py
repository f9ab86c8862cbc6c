"""The clerk asks Postgres for a process's threads, and survives what goes wrong."""

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError, connection

from tasks_app.destinations import clerk
from tasks_app.destinations.clerk import Clerk, NoAnswer
from tests.integration.execution.conftest import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def make_clerk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Clerk]]:
    monkeypatch.setattr(clerk, "EVERY", 0.01)
    made: list[Clerk] = []

    def make(duty: Callable[[], None] = lambda: None) -> Clerk:
        made.append(Clerk(duty))
        made[-1].start()
        return made[-1]

    yield make
    for each in made:
        each.stop()


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
        return pid


def test_all_threads_share_one_connection_that_is_not_their_own(make_clerk: Callable[..., Clerk]) -> None:
    asking, answers = make_clerk(), []
    threads = [threading.Thread(target=lambda: answers.append(asking.do(backend))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert len(answers) == 5
    assert len(set(answers)) == 1
    assert backend() not in answers


def test_a_lost_connection_fails_one_question_and_no_other(make_clerk: Callable[..., Clerk]) -> None:
    asking = make_clerk()
    pid = asking.do(backend)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])

    with pytest.raises(NoAnswer):
        asking.do(backend)

    assert asking.do(backend) != pid


def test_a_fault_of_the_one_who_asks_is_raised_there(make_clerk: Callable[..., Clerk]) -> None:
    asking = make_clerk()

    with pytest.raises(ZeroDivisionError):
        asking.do(lambda: 1 // 0)

    assert asking.do(lambda: "alive") == "alive"


@pytest.mark.parametrize("fault", [OperationalError("gone"), RuntimeError("a fault of ours")], ids=str)
def test_a_duty_that_fails_is_done_again(
    make_clerk: Callable[..., Clerk], fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    done = []

    def duty() -> None:
        done.append(1)
        if len(done) == 1:
            raise fault

    make_clerk(duty)

    until(lambda: len(done) > 2)
    assert "could not be shared" in caplog.text


def test_a_question_that_nobody_waits_for_any_more_is_not_asked(
    make_clerk: Callable[..., Clerk], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, finish, asked = threading.Event(), threading.Event(), []
    asking = make_clerk()
    busy = threading.Thread(target=lambda: asking.do(lambda: begun.set() or finish.wait(5)))
    busy.start()
    begun.wait(5)
    monkeypatch.setattr(clerk, "_PATIENCE", 0.01)

    with pytest.raises(NoAnswer):
        asking.do(lambda: asked.append("too late"))
    finish.set()
    busy.join(10)
    monkeypatch.setattr(clerk, "_PATIENCE", 5.0)

    assert asking.do(lambda: "alive") == "alive"
    assert asked == []


def test_one_that_has_stopped_does_its_duty_a_last_time_and_answers_nobody(make_clerk: Callable[..., Clerk]) -> None:
    begun, finish, outcomes = threading.Event(), threading.Event(), []
    done: list[int] = []
    asking = make_clerk(lambda: done.append(1))

    def waiting() -> None:
        try:
            outcomes.append(asking.do(lambda: "too late"))
        except NoAnswer as refused:
            outcomes.append(str(refused))

    busy = threading.Thread(target=lambda: asking.do(lambda: begun.set() or finish.wait(5)))
    busy.start()
    begun.wait(5)
    late = threading.Thread(target=waiting)
    late.start()
    until(lambda: not asking._given.empty())
    before = len(done)
    stopping = threading.Thread(target=asking.stop)
    stopping.start()
    until(asking._stopped.is_set)
    finish.set()
    for thread in (stopping, busy, late):
        thread.join(10)

    assert outcomes == ["the worker stops"]
    assert len(done) > before
    with pytest.raises(NoAnswer):
        asking.do(lambda: 1)
