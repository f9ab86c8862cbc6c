"""How does a tool, which waits in a thread of its own, use a library that is asynchronous?

All such work of a process shares one event loop, in a thread that the first call starts. A process that is forked after
that has none, and starts its own.
"""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

import anyio

T = TypeVar("T")

_LOOK_UP_SECONDS = 0.1  # how soon a waiting call notices that its run was told to stop


class OutOfTime(Exception):
    """The work was not done when its time was over. It has been cancelled."""


class _Thread:
    """The process's event loop, once there is one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="asynchronous tools", daemon=True).start()
            return self._loop


_thread = _Thread()


def _forget() -> None:
    global _thread  # noqa: PLW0603 - the thread has not come along into this process, and its lock may be held for ever
    _thread = _Thread()


os.register_at_fork(after_in_child=_forget)


def in_loop(work: Callable[[], Awaitable[T]], *, seconds: float, check: Callable[[], None]) -> T:
    """Do `work` on the event loop; wait for what it returns or raises.

    `check` is asked ten times a second; what it raises is raised at once. Then, and when the `seconds` are over
    (`OutOfTime`), the work is cancelled: it may still be closing what it had opened when the caller goes on.
    """
    loop = _thread.loop()
    job = _Job(work, seconds)
    future: Future[T] = asyncio.run_coroutine_threadsafe(job.run(), loop)
    try:
        while not wait([future], timeout=_LOOK_UP_SECONDS).done:
            check()
    except BaseException:
        loop.call_soon_threadsafe(job.cancel)
        raise
    return future.result()


class _Job(Generic[T]):
    """Work that can be cancelled by its scope: unlike a task's cancellation, that cancels what cleaning up waits for, too."""

    def __init__(self, work: Callable[[], Awaitable[T]], seconds: float) -> None:
        self._work = work
        self._seconds = seconds
        self._scope: anyio.CancelScope | None = None
        self._canceled = False

    async def run(self) -> T:
        with anyio.move_on_after(self._seconds) as self._scope:
            if self._canceled:
                self._scope.cancel()
            return await self._work()
        raise OutOfTime

    def cancel(self) -> None:
        self._canceled = True
        if self._scope is not None:
            self._scope.cancel()
