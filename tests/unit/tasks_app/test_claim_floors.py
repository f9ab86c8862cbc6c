"""From which place in the queue on a busy process looks for runs."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tasks_app.execution import claim_floors
from tasks_app.execution.claim_floors import ClaimFloors
from tasks_app.queue import ClaimedRun

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ANY = ClaimedRun(UUID(int=1), 1, 1, 0, 0, UUID(int=2), 1, UUID(int=3), "schedule", None, NOON, None, "", 0.0)
MINUTES = [NOON + timedelta(minutes=nth) for nth in range(10)]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(claim_floors.time, "monotonic", lambda: now[0])
    return now


def run(priority: int, minute: int) -> ClaimedRun:
    return ANY._replace(priority=priority, fair_at=MINUTES[minute])


def looked(*claimed: ClaimedRun, took: float = 0.001) -> ClaimFloors:
    floors = ClaimFloors()
    floors.note(claimed, whole=True, full=True, took=took)
    return floors


def test_at_first_the_whole_queue_is_looked_at(clock: list[float]) -> None:
    assert ClaimFloors().current() == ()


def test_after_a_full_claim_each_priority_goes_on_from_its_last_run(clock: list[float]) -> None:
    floors = looked(run(9, 1), run(9, 2), run(5, 0))

    assert floors.current() == [MINUTES[2], None, None, None, MINUTES[0], None, None, None, None]

    floors.note([run(5, 3)], whole=False, full=True, took=0.001)
    assert floors.current()[4] == MINUTES[3]


def test_after_two_seconds_the_whole_queue_is_looked_at_again(clock: list[float]) -> None:
    floors = looked(run(5, 0))
    clock[0] += 2.1
    assert floors.current() == ()

    floors.note([run(5, 4)], whole=True, full=True, took=0.001)
    assert floors.current()[4] == MINUTES[4]


def test_a_priority_that_was_worked_off_is_not_walked_through_again_after_a_look_at_the_whole_queue(
    clock: list[float],
) -> None:
    floors = looked(run(9, 1), run(7, 2), run(5, 3))
    clock[0] += 2.1

    floors.note([run(7, 4)], whole=True, full=True, took=0.001)

    assert floors.current()[0] == MINUTES[1], "nothing was there"
    assert floors.current()[2] == MINUTES[4]
    assert floors.current()[4] is None, "nobody has looked there"


def test_where_a_whole_look_takes_long_it_is_rare(clock: list[float]) -> None:
    floors = looked(run(5, 0), took=0.4)

    clock[0] += 19
    assert floors.current()
    clock[0] += 2
    assert floors.current() == ()


def test_however_long_a_whole_look_takes_the_next_is_half_a_minute_later(clock: list[float]) -> None:
    floors = looked(run(5, 0), took=10.0)

    clock[0] += 31
    assert floors.current() == ()


def test_a_claim_that_was_not_full_is_followed_by_a_look_at_the_whole_queue(clock: list[float]) -> None:
    floors = looked(run(5, 0))

    floors.note([run(5, 1)], whole=False, full=False, took=0.001)

    assert floors.current() == ()
