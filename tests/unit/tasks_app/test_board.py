"""What a process shows of itself is there when it is not."""

import threading
import uuid

import pytest

from tasks_app.execution.board import Board, Obituary, Seat, Slot
from tasks_app.models.run import Lease


@pytest.fixture
def slot() -> Slot:
    return Board(processes=3, threads=4).slots[1]


def lease() -> Lease:
    return Lease(uuid.uuid4(), 7)


def test_a_slot_that_nobody_had_tells_of_no_death(slot: Slot) -> None:
    assert slot.take("first", pid=42) is None
    assert (slot.pid, slot.worker, slot.ticks) == (42, "first", 0)


def test_who_takes_the_slot_of_a_dead_process_learns_what_it_was_at(slot: Slot) -> None:
    ended, under_way = lease(), lease()
    slot.take("first", pid=42)
    slot.begin(0, ended, deadline=1.0)
    slot.begin(3, under_way, deadline=2.0)
    slot.end(0)

    died = slot.take("second", pid=42)

    assert died == Obituary("first", 42, (Seat(3, threading.get_native_id(), under_way, 2.0, blamed=False),), 0.0)
    assert died.blamed == ()
    assert slot.busy() == []


def test_who_takes_the_slot_of_one_that_left_learns_nothing(slot: Slot) -> None:
    slot.take("first", pid=42)
    slot.begin(0, lease(), deadline=1.0)
    slot.leave()

    assert slot.take("second", pid=42) is None


def test_the_one_that_was_condemned_is_told_from_its_neighbours(slot: Slot) -> None:
    slot.take("first", pid=42)
    slot.begin(0, lease(), deadline=1.0)
    slot.begin(1, lease(), deadline=1.0)
    slot.condemn(slot.busy()[1:], silent=10.5)

    died = slot.take("second", pid=42)

    assert died is not None
    assert [seat.number for seat in died.blamed] == [1]
    assert [seat.number for seat in died.begun] == [0, 1]
    assert died.silent == 10.5


def test_slots_do_not_touch_each_other() -> None:
    board = Board(processes=2, threads=2)
    first, second = board.slots
    first.take("first", pid=42)
    first.begin(1, lease(), deadline=1.0)
    first.tick()

    assert second.take("second", pid=42) is None
    assert (second.ticks, second.busy()) == (0, [])
    assert (first.ticks, first.worker, len(first.busy())) == (1, "first", 1)


def test_a_long_name_is_cut_and_a_thread_beyond_the_seats_is_not_shown(slot: Slot) -> None:
    slot.take("x" * 200, pid=42)
    slot.begin(4, lease(), deadline=1.0)
    slot.end(4)

    assert slot.worker == "x" * 99
    assert slot.busy() == []


def test_a_process_without_a_place_in_a_pool_has_no_slot() -> None:
    board = Board(processes=2, threads=1)

    assert board.slot(None) is board.slot(2) is None
    assert board.slot(1) is board.slots[1]
