"""Places on the line of time, with a front that the test sets."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tasks_app import fair_order as module
from tasks_app import queue_sql
from tasks_app.fair_order import STEP, FairOrder

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
A, B, C = uuid4(), uuid4(), uuid4()


class Queue:
    """The clocks and, by priority, the first place in line."""

    def __init__(self) -> None:
        self.fronts: dict[int, datetime] = {}
        self.clock = NINE
        self.monotonic_seconds = 100.0
        self.looks: list[list[int]] = []

    def execute(self, _sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        self.looks.append(parameters["priorities"])
        return [(level, self.clock, self.fronts.get(level)) for level in parameters["priorities"]]

    def monotonic(self) -> float:
        return self.monotonic_seconds

    def pass_by(self, seconds: float) -> None:
        self.clock += timedelta(seconds=seconds)
        self.monotonic_seconds += seconds


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    fake = Queue()
    monkeypatch.setattr(queue_sql, "execute", fake.execute)
    monkeypatch.setattr(module, "time", fake)
    return fake


@pytest.fixture
def order(queue: Queue) -> FairOrder:
    return FairOrder()


def of(agent: UUID, runs: int = 1, *, priority: int = 5) -> list[tuple[int, UUID, datetime | None]]:
    return [(priority, agent, None)] * runs


def after(place: datetime, *steps: int) -> list[datetime]:
    return [place + step * STEP for step in steps]


def test_in_an_empty_queue_the_first_place_is_the_clocks_and_an_agents_runs_follow_each_other(order: FairOrder) -> None:
    assert order.places(of(A, 3)) == after(NINE, 0, 1, 2)


def test_agents_that_come_together_take_turns(order: FairOrder) -> None:
    assert order.places(of(A, 2) + of(B, 2)) == after(NINE, 0, 1, 0, 1)


def test_one_that_comes_later_gets_the_place_that_is_being_served(order: FairOrder, queue: Queue) -> None:
    order.places(of(A, 5000))
    queue.pass_by(2)
    queue.fronts[5] = NINE + 40 * STEP

    assert order.places(of(B, 2)) == after(NINE, 40, 41)
    assert order.places(of(A)) == after(NINE, 5000)


def test_one_that_comes_before_the_next_look_is_not_put_behind_what_the_clock_says_meanwhile(
    order: FairOrder, queue: Queue
) -> None:
    order.places(of(A, 5000))
    queue.pass_by(0.9)

    assert order.places(of(B)) == [NINE]


def test_a_front_that_is_far_ahead_or_long_past_is_where_newcomers_begin(order: FairOrder, queue: Queue) -> None:
    queue.fronts = {5: NINE + timedelta(hours=3), 4: NINE - timedelta(days=2)}

    assert order.places(of(A, 2)) == after(NINE + timedelta(hours=3), 0, 1)
    assert order.places(of(A, 2, priority=4)) == after(NINE - timedelta(days=2), 0, 1)


def test_an_empty_queue_forgives_the_past(order: FairOrder, queue: Queue) -> None:
    order.places(of(A, 5000))
    queue.pass_by(2)

    assert order.places(of(A)) == [queue.clock]


def test_whose_runs_have_all_been_served_is_forgotten_and_whose_have_not_is_not(order: FairOrder, queue: Queue) -> None:
    order.places(of(A, 10) + of(B, 100))
    queue.pass_by(2)
    queue.fronts[5] = NINE + 50 * STEP

    order.places(of(C))

    assert order._levels[5].last.keys() == {B, C}
    assert order.places(of(A) + of(B)) == after(NINE, 50, 100)


def test_priorities_are_lines_of_their_own(order: FairOrder, queue: Queue) -> None:
    order.places(of(A, 5000))

    assert order.places(of(A, priority=9)) == [NINE]
    assert queue.looks == [[5], [9]]


def test_the_queue_is_looked_at_once_a_second_however_many_ask(order: FairOrder, queue: Queue) -> None:
    for _ in range(10):
        order.places(of(A, 3))
        queue.pass_by(0.1)
    assert queue.looks == [[5]]

    queue.pass_by(0.2)
    order.places(of(A))
    assert queue.looks == [[5], [5]]


def test_a_run_that_begins_later_takes_no_place_from_those_that_begin_now(order: FairOrder, queue: Queue) -> None:
    order.places(of(A))
    queue.pass_by(0.5)
    now, later = NINE + timedelta(seconds=0.5), NINE + timedelta(hours=1)

    assert order.places([(5, A, later)] * 5000) == [later] * 5000
    assert order.places([(5, A, now), (5, A, NINE - timedelta(days=1))]) == after(NINE, 1, 2)


def test_a_wider_step_leaves_more_room_between_an_agents_runs(order: FairOrder) -> None:
    assert order.places(of(A, 3), step=4 * STEP) == after(NINE, 0, 4, 8)


def test_a_clock_that_was_set_back_puts_nobody_before_those_in_line(order: FairOrder, queue: Queue) -> None:
    order.places(of(A, 100))
    queue.fronts[5] = NINE
    queue.pass_by(2)
    queue.clock = NINE - timedelta(minutes=10)

    assert order.places(of(B) + of(A)) == after(NINE, 0, 100)


def test_a_look_that_hangs_does_not_keep_those_waiting_who_need_none(
    order: FairOrder, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    order.places(of(A))
    looking, answered = threading.Event(), threading.Event()

    def hang(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        looking.set()
        assert answered.wait(10)
        return queue.execute(sql, parameters)

    monkeypatch.setattr(queue_sql, "execute", hang)
    other = threading.Thread(target=order.places, args=(of(B, priority=9),))
    other.start()
    assert looking.wait(10)

    assert order.places(of(A)) == after(NINE, 1)

    answered.set()
    other.join(10)


def test_two_who_look_at_once_do_not_forget_what_one_of_them_gave_out(
    order: FairOrder, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = []

    def overtaken(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        rows = queue.execute(sql, parameters)
        monkeypatch.setattr(queue_sql, "execute", queue.execute)
        places.extend(order.places(of(A, 100)))
        return rows

    monkeypatch.setattr(queue_sql, "execute", overtaken)
    order.places(of(B))

    assert order.places(of(A)) == after(places[0], 100)
