"""A child that runs no Python for too long is killed; one that was stopped, or whose parent was, is not."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator

import pytest

from tasks_app.execution import warden
from tasks_app.execution.board import Board
from tasks_app.execution.warden import LOOK_EVERY, Warden
from tasks_app.models.run import Lease

LIMIT = 10.0
LOOKS = int(LIMIT / LOOK_EVERY)


class Pool:
    """A warden over one child, by a clock of ours."""

    def __init__(self, pid: int) -> None:
        self.now = 1000.0
        board = Board(processes=2, threads=3)
        self.slot = board.slots[1]
        self.slot.take("child", pid=pid)
        self.warden = Warden(board, limit=LIMIT, clock=lambda: self.now)

    def look(self, times: int = 1, *, every: float = LOOK_EVERY, ticking: bool = False) -> list[int]:
        killed: list[int] = []
        for _ in range(times):
            self.now += every
            if ticking:
                self.slot.tick()
            killed += self.warden.look()
        return killed


@pytest.fixture
def spawn() -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Starts children that say when they are there."""
    made = []

    def start(code: str = "import time; time.sleep(60)") -> "subprocess.Popen[bytes]":
        child = subprocess.Popen([sys.executable, "-c", f"print(flush=True); {code}"], stdout=subprocess.PIPE)
        assert child.stdout
        child.stdout.readline()
        made.append(child)
        return child

    yield start
    for child in made:
        child.kill()
        child.communicate()


Spawn = Callable[..., "subprocess.Popen[bytes]"]


def test_a_child_that_stays_silent_for_too_long_is_killed(spawn: Spawn) -> None:
    child = spawn()
    pool = Pool(child.pid)

    assert pool.look(LOOKS) == []
    assert pool.look() == [child.pid]

    assert child.wait(5) == -signal.SIGKILL


def test_a_child_that_ticks_is_left_alone(spawn: Spawn) -> None:
    assert Pool(spawn().pid).look(3 * LOOKS, ticking=True) == []


def test_one_tick_ends_the_silence(spawn: Spawn) -> None:
    pool = Pool(spawn().pid)

    assert pool.look(LOOKS) == []
    assert pool.look(ticking=True) == []
    assert pool.look(LOOKS - 1) == []


def test_while_the_parent_was_away_nobody_was_silent(spawn: Spawn) -> None:
    pool = Pool(spawn().pid)

    assert pool.look(3) == []
    assert pool.look(every=3600) == []
    assert pool.look(3) == []


def test_a_child_that_somebody_stopped_is_left_alone(spawn: Spawn) -> None:
    child = spawn()
    pool = Pool(child.pid)
    os.kill(child.pid, signal.SIGSTOP)
    os.waitpid(child.pid, os.WUNTRACED)

    assert pool.look(3 * LOOKS) == []


def test_neither_a_dead_child_nor_a_stranger_is_killed(spawn: Spawn) -> None:
    child = spawn("pass")
    child.wait(5)

    assert Pool(child.pid).look(3 * LOOKS) == []
    assert Pool(os.getppid()).look(3 * LOOKS) == []


def test_a_slot_that_nobody_has_is_left_alone() -> None:
    assert Pool(0).look(3 * LOOKS) == []


def test_the_run_whose_thread_was_on_the_processor_is_the_one_to_blame(
    spawn: Spawn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pool = Pool(spawn().pid)
    idle, stuck = Lease(uuid.uuid4(), 1), Lease(uuid.uuid4(), 1)
    for seat, (thread, lease) in enumerate([(11, idle), (12, stuck)]):
        monkeypatch.setattr("tasks_app.execution.board.threading.get_native_id", lambda thread=thread: thread)
        pool.slot.begin(seat, lease, deadline=0)
    spent = {11: 5.0, 12: 5.0}
    monkeypatch.setattr(warden, "seconds_by_thread", lambda _pid: dict(spent))
    pool.look(2)
    spent |= {11: 5.1, 12: 14.0}

    assert len(pool.look(LOOKS)) == 1

    died = pool.slot.take("next", pid=1)
    assert died is not None
    assert [seat.lease for seat in died.blamed] == [stuck]
    assert died.silent == LIMIT
    assert str(stuck.run_id) in caplog.text
    assert str(idle.run_id) not in caplog.text


def test_processor_time_is_told_by_thread() -> None:
    seconds = warden.seconds_by_thread(os.getpid())

    assert seconds[os.getpid()] > 0
    assert warden.seconds_by_thread(2**22 + 1) == {}


def test_a_fault_in_a_look_does_not_end_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []

    class Enough(BaseException):
        pass

    def look() -> None:
        looks.append(1)
        if len(looks) == 3:
            raise Enough
        raise ValueError

    monkeypatch.setattr(warden.time, "sleep", lambda _seconds: None)
    watching = Warden(Board(processes=1, threads=1), limit=LIMIT)
    monkeypatch.setattr(watching, "look", look)

    with pytest.raises(Enough):
        watching._watch()
