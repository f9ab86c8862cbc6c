"""Hands: made on demand, bounded, and gone when nobody needs them."""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

import pytest

from pipelines.crowd import MOST_AT_ONCE, Team
from pipelines.hands import Hands
from tests.unit.pipelines.fakes import MemoryJournal


class Gate:
    """Work that says when it has begun and ends when it is let."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.finish = threading.Event()

    def __call__(self) -> None:
        self.begun.set()
        assert self.finish.wait(10)


def until(holds: object) -> None:
    deadline = time.monotonic() + 10
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_no_more_hands_are_lent_than_there_may_be() -> None:
    hands, gates = Hands(most=2), [Gate(), Gate()]
    assert all(hands.lend(gate) for gate in gates)
    assert all(gate.begun.wait(10) for gate in gates)

    assert not hands.lend(lambda: None)
    assert hands.threads == 2
    for gate in gates:
        gate.finish.set()


def test_a_hand_that_is_free_is_lent_again() -> None:
    hands, threads = Hands(most=1), []
    for _ in range(3):
        done = threading.Event()
        until(lambda done=done: hands.lend(lambda: (threads.append(threading.get_ident()), done.set())))
        assert done.wait(10)

    assert len(set(threads)) == 1


def test_a_hand_that_nobody_needs_ends() -> None:
    hands = Hands(most=1, idle=0.01)
    assert hands.lend(lambda: None)

    until(lambda: hands.threads == 0)
    assert hands.lend(lambda: None)


class LateQueue:
    """Whoever gives up waiting here is given something at that very moment."""

    def __init__(self, hands: Hands, work: Callable[[], None]) -> None:
        self._hands = hands
        self._work = work
        self._queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.put = self._queue.put
        self.get_nowait = self._queue.get_nowait

    def get(self, *, timeout: float) -> Callable[[], None]:
        self.get = self._queue.get  # type: ignore[method-assign]
        assert self._hands.lend(self._work)
        raise Empty


def test_work_that_is_given_while_a_hand_is_about_to_end_is_done() -> None:
    hands, done = Hands(most=1, idle=0.01), threading.Event()
    hands._given = LateQueue(hands, done.set)  # type: ignore[assignment]

    assert hands.lend(lambda: None)

    assert done.wait(10)
    until(lambda: hands.threads == 0)


def test_where_the_machine_gives_no_thread_nobody_is_lent(monkeypatch: pytest.MonkeyPatch) -> None:
    hands = Hands(most=1)
    with monkeypatch.context() as broken:
        broken.setattr(threading.Thread, "start", _refuse)
        assert not hands.lend(lambda: None)

    assert hands.lend(lambda: None)


def _refuse(_thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_a_run_gets_a_bounded_number_of_hands_and_gives_them_back() -> None:
    journal, gate = MemoryJournal(), Gate()
    team = Team(journal, Hands(most=200))

    assert [team.lend(gate) for _ in range(MOST_AT_ONCE)] == [True] * (MOST_AT_ONCE - 1) + [False]
    gate.finish.set()

    until(lambda: team.lend(lambda: None))
    assert journal.shared == 1


def test_a_run_that_is_lent_nobody_may_be_lent_somebody_later() -> None:
    hands, gate = Hands(most=1), Gate()
    team = Team(MemoryJournal(), hands)
    assert hands.lend(gate)

    assert not any(team.lend(lambda: None) for _ in range(MOST_AT_ONCE + 1))
    gate.finish.set()

    until(lambda: team.lend(lambda: None))
