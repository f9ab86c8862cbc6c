"""Crew: threads that take runs from one queue, one of them at a time.

Whoever holds the baton takes runs and works on them, one after the other, for as long as nothing makes it
wait: runs that only compute need no switch between threads at all. Before a thread waits for the world it
passes the baton on, and another goes on with the queue.
"""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


class _Taker:
    """What one thread knows of itself."""

    __slots__ = ("holds_baton",)

    def __init__(self) -> None:
        self.holds_baton = False


class Crew(Generic[T]):
    """`size` daemon threads over `work`, which must not raise."""

    def __init__(self, work: Callable[[T], None], *, size: int) -> None:
        self._work = work
        self._queue: SimpleQueue[T | None] = SimpleQueue()
        self._baton = threading.Semaphore(1)
        self._local = threading.local()
        self._passing = threading.Lock()
        self._holder: _Taker | None = None
        self._taken_at = 0.0
        self._threads = [threading.Thread(target=self._serve, name=f"run-{n}", daemon=True) for n in range(1, size + 1)]
        for thread in self._threads:
            thread.start()

    def put(self, item: T) -> None:
        self._queue.put(item)

    @property
    def backlog(self) -> int:
        """Items that no thread has taken yet."""
        return self._queue.qsize()

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
        for _ in self._threads:
            self._queue.put(None)

    def _serve(self) -> None:
        taker = self._local.taker = _Taker()
        while True:
            self._baton.acquire()
            self._holder = taker
            taker.holds_baton = True
            while taker.holds_baton:
                item = self._queue.get()
                if item is None:
                    self._pass_on(taker)
                    return
                self._taken_at = time.monotonic()
                self._work(item)

    def _pass_on(self, taker: _Taker) -> None:
        with self._passing:
            if taker.holds_baton:
                taker.holds_baton = False
                self._baton.release()
