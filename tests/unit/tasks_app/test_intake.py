"""Claims follow the free threads, and a little ahead of them when runs are quick."""

import time

import pytest

from tasks_app.execution.intake import BATCH, Intake


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def busy(intake: Intake, *, claimed: int = 0, finished: int = 0) -> Intake:
    for _ in range(claimed):
        intake.claimed()
    for _ in range(finished):
        intake.finished()
    return intake


def test_as_many_are_claimed_as_threads_are_free(clock: Clock) -> None:
    intake = Intake(threads=8)

    assert intake.room(backlog=0) == 8
    assert busy(intake, claimed=5).room(backlog=0) == 3
    assert busy(intake, claimed=3).room(backlog=0) == 0


def test_no_more_than_a_batch_is_claimed_at_once(clock: Clock) -> None:
    assert Intake(threads=1000).room(backlog=0) == BATCH


def test_what_was_just_finished_is_claimed_ahead(clock: Clock) -> None:
    intake = busy(Intake(threads=4), claimed=40, finished=40)

    assert intake.room(backlog=0) == 44


def test_those_that_only_wait_to_be_written_count_as_finished(clock: Clock) -> None:
    intake = busy(Intake(threads=4), claimed=4)

    assert intake.room(backlog=0, finishing=0) == 0
    assert intake.room(backlog=0, finishing=3) == 6


def test_the_pace_is_forgotten_soon(clock: Clock) -> None:
    intake = busy(Intake(threads=4), claimed=40, finished=40)

    clock.now += 0.11
    assert intake.room(backlog=0) == 44
    clock.now += 0.11
    assert intake.room(backlog=0) == 4


def test_a_pace_that_is_older_than_two_windows_counts_nothing(clock: Clock) -> None:
    intake = busy(Intake(threads=4), claimed=40, finished=40)

    clock.now += 0.5

    assert intake.room(backlog=0) == 4


def test_no_more_than_a_few_batches_wait_for_a_thread(clock: Clock) -> None:
    intake = busy(Intake(threads=1), claimed=10 * BATCH, finished=10 * BATCH)
    busy(intake, claimed=2 * BATCH)

    assert intake.room(backlog=0) == 1
    assert busy(intake, claimed=1).room(backlog=0) == 0


def test_behind_a_backlog_only_large_batches_are_worth_a_claim(clock: Clock) -> None:
    assert Intake(threads=BATCH // 2 - 1).room(backlog=1) == 0
    assert Intake(threads=BATCH // 2).room(backlog=1) == BATCH // 2


def test_a_run_handed_back_makes_no_room_for_itself(clock: Clock) -> None:
    """Counted as finished, it would be claimed again at once by the process that has no thread for it."""
    intake = busy(Intake(threads=2), claimed=6)

    for _ in range(4):
        intake.handed_back()

    assert intake.in_flight == 2
    assert intake.room(backlog=0) == 0


def test_help_is_called_for_once_until_the_queue_was_empty() -> None:
    intake, calls = Intake(threads=1), []

    intake.call_for_help(lambda: calls.append(1))
    intake.call_for_help(lambda: calls.append(2))
    assert calls == [1]

    intake.queue_is_empty()
    intake.call_for_help(lambda: calls.append(3))
    assert calls == [1, 3]
