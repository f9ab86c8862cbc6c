"""A run in hand may go on while nothing interrupts it and its lease is surely ours."""

import threading
import time
import uuid
from datetime import UTC, datetime
from unittest.mock import sentinel

import pytest

from tasks_app.execution.definitions import Definition
from tasks_app.execution.held import HeldRun, Interruption
from tasks_app.execution.retry import RetryPolicy
from tasks_app.models.run import Lease
from tasks_app.queue import ClaimedRun
from tasks_app.states import BackoffStrategy


def held(*, trusted_for: float = 60, timeout: float = 300, losses: int = 0, number: uuid.UUID | None = None) -> HeldRun:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    claimed = ClaimedRun(
        id=number or uuid.uuid4(), fence=3, attempt=1, failures=0, losses=losses, task=uuid.uuid4(), task_version=1,
        agent=uuid.uuid4(), trigger="run_now", scheduled_for=None, started_at=moment, input=None, request_id="",
        waited_seconds=0.0,
    )  # fmt: skip
    policy = RetryPolicy(0, BackoffStrategy.FIXED, 1)
    definition = Definition("A task", {}, sentinel.zone, sentinel.pipeline, policy, timeout)
    return HeldRun(claimed, definition, {}, trusted_until=time.monotonic() + trusted_for)


def test_a_fresh_run_may_go_on_until_its_deadline() -> None:
    run = held(timeout=120)

    assert run.may_go_on()
    assert run.deadline == run.claimed_at + 120
    assert run.lease == Lease(run.claimed.id, 3)


def test_a_lease_that_is_not_surely_ours_any_more_ends_it() -> None:
    run = held(trusted_for=-0.001)

    assert not run.may_go_on()
    assert run.interruption is Interruption.LEASE_LOST


def test_a_run_that_should_stop_at_its_next_step_stops_there() -> None:
    run = held()
    run.stop_at_next_step = True
    assert run.interruption is None

    assert not run.may_go_on()
    assert run.why_stopped is Interruption.STOPPING
    assert run.interruption is None, "calls that are under way may end"


def test_what_interrupted_it_first_is_kept_as_the_reason() -> None:
    run = held(trusted_for=-1)
    run.interrupt(Interruption.TIMED_OUT)

    assert not run.may_go_on()
    assert run.interruption is Interruption.TIMED_OUT


def test_a_sleep_ends_early_when_the_run_is_interrupted() -> None:
    run, woken = held(), []
    sleeper = threading.Thread(target=lambda: woken.append(run.wait(30)))
    sleeper.start()

    run.interrupt(Interruption.TIMED_OUT)
    sleeper.join(5)

    assert woken == [True]


def test_a_sleep_that_nothing_interrupts_says_so() -> None:
    assert held().wait(0.001) is False


@pytest.mark.parametrize("slept_before", [True, False])
def test_an_interrupted_run_sleeps_no_more(slept_before: bool) -> None:
    run = held()
    if slept_before:
        run.wait(0.001)
    run.interrupt(Interruption.STOPPING)
    began = time.monotonic()

    assert run.wait(30) is True
    assert time.monotonic() - began < 5
