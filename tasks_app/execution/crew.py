"""Crew: threads that take runs from one queue, one of them at a time.

Whoever holds the baton takes runs and works on them, one after the other, for as long as nothing makes it
wait: runs that only compute need no switch between threads at all. Before a thread waits for the world it
passes the baton on, and another goes on with the queue.

A thread is made when the baton is free and nobody is there to take it, and ends when it has not had it for a while.
"""

import logging
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final, Generic, TypeVar

T = TypeVar("T")

IDLE_SECONDS: Final = 60.0  # after which a thread that has had nothing to do ends

logger = logging.getLogger(__name__)


class _Taker:
    """What one thread knows of itself."""

    __slots__ = ("holds_baton", "seat")

    def __init__(self, seat: int) -> None:
        self.seat = seat
        self.holds_baton = False


class Crew(Generic[T]):
    """At most `size` daemon threads over `work`, which must not raise."""

    def __init__(self, work: Callable[[T], None], *, size: int, idle: float = IDLE_SECONDS) -> None:
        self._work = work
        self._idle_seconds = idle
        self._queue: SimpleQueue[T | None] = SimpleQueue()
        self._baton = threading.Semaphore(1)
        self._local = threading.local()
        self._changing = threading.Lock()
        self._holder: _Taker | None = None
        self._taken_at = 0.0
        self._free_seats = list(range(size - 1, -1, -1))
        self._threads: set[threading.Thread] = set()
        self._expecting = 0  # threads that wait for the baton, or are about to
        self._stopping = False

    def put(self, item: T) -> None:
        self._queue.put(item)
        if not self._threads:
            with self._changing:
                self._see_to_a_taker()

    @property
    def backlog(self) -> int:
        """Items that no thread has taken yet."""
        return self._queue.qsize()

    @property
    def threads(self) -> int:
        return len(self._threads)

    @property
    def seat(self) -> int:
        """The number, below `size`, that the calling thread of the crew has for as long as it lives."""
        seat: int = self._local.taker.seat
        return seat

    def take_back(self) -> list[T]:
        """The items that no thread has taken; none of them will be worked on."""
        items: list[T] = []
        ends = 0
        while True:
            try:
                item = self._queue.get_nowait()
            except Empty:
                break
            if item is None:
                ends += 1
            else:
                items.append(item)
        for _ in range(ends):  # those are for the threads: `stop` asked each to end
            self._queue.put(None)
        return items

    def step_aside(self) -> None:
        """Called by a thread of the crew that is about to wait: another goes on with the queue."""
        self._pass_on(self._local.taker)

    def relieve(self, *, after: float) -> None:
        """Pass the baton on for a holder that has been busy with one item for `after` seconds while others wait."""
        holder = self._holder
        if holder and self.backlog and time.monotonic() - self._taken_at > after:
            self._pass_on(holder)

    def stop(self) -> None:
        """Let every idle thread end; busy ones end when they are done."""
        with self._changing:
            self._stopping = True
            for _ in self._threads:
                self._queue.put(None)

    def _serve(self, taker: _Taker) -> None:
        self._local.taker = taker
        while self._got_baton(taker):
            while taker.holds_baton:
                item = self._queue.get()
                if item is None:
                    self._leave(taker)
                    return
                self._taken_at = time.monotonic()
                self._work(item)
            with self._changing:
                self._expecting += 1

    def _got_baton(self, taker: _Taker) -> bool:
        """Wait for the baton; False when there was no need of this thread for so long that it ends."""
        got = self._baton.acquire(timeout=self._idle_seconds)
        with self._changing:
            self._expecting -= 1
            # Passed on between the wait and the lock, perhaps because this thread was counted upon.
            got = got or self._baton.acquire(blocking=False)
            if not got:
                self._end(taker)
                return False
            self._holder = taker
            taker.holds_baton = True
            return True

    def _pass_on(self, taker: _Taker) -> None:
        with self._changing:
            if taker.holds_baton:
                taker.holds_baton = False
                self._baton.release()
                self._see_to_a_taker()

    def _leave(self, taker: _Taker) -> None:
        self._pass_on(taker)
        with self._changing:
            self._end(taker)

    def _end(self, taker: _Taker) -> None:
        self._threads.discard(threading.current_thread())
        self._free_seats.append(taker.seat)

    def _see_to_a_taker(self) -> None:
        """Somebody must take the baton when there is anybody left who could."""
        if self._expecting or not self._free_seats or self._stopping:
            return
        seat = self._free_seats.pop()
        thread = threading.Thread(target=self._serve, args=[_Taker(seat)], name=f"run-{seat + 1}", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            self._free_seats.append(seat)
            logger.warning("The machine gives no further thread than %d: %s", len(self._threads), error)
            return
        self._threads.add(thread)
        self._expecting += 1
