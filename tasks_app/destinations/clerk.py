"""Clerk: the one thread of a process that asks Postgres about destinations, on a connection of its own.

Not the dispatcher: its transactions move hundreds of runs, and a call that waits for its permit would wait for those;
nor the crew: each of its threads would need a connection. The connection is opened by the first question.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

from django.db import Error, connection

from tasks_app.outages import is_outage

T = TypeVar("T")

EVERY: Final = 1.0  # seconds
_PATIENCE: Final = 5.0  # seconds that a call waits for an answer

logger = logging.getLogger(__name__)


class NoAnswer(Exception):
    """Postgres could not be asked now, or not in time."""


class Clerk:
    """Does what it is given, one after the other, and `duty` every second."""

    def __init__(self, duty: Callable[[], None]) -> None:
        self._duty = duty
        self._given: SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = SimpleQueue()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="destinations", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Do the duty a last time. Whoever asks from now on is not answered."""
        self._stopped.set()
        self._given.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout=_PATIENCE)

    def do(self, act: Callable[[], T]) -> T:
        """What `act` answers on the clerk's connection. Raises `NoAnswer`."""
        if self._stopped.is_set() or not self._thread.is_alive():
            raise NoAnswer("nobody asks any more")
        future: Future[T] = Future()
        self._given.put((act, future))
        try:
            return future.result(timeout=_PATIENCE)
        except (Error, TimeoutError) as error:
            future.cancel()
            raise NoAnswer(str(error)) from error

    def _serve(self) -> None:
        next_duty = time.monotonic() + EVERY
        while not self._stopped.is_set():
            try:
                given = self._given.get(timeout=max(next_duty - time.monotonic(), 0.0))
            except Empty:
                given = None
            if given is not None:
                _answer(*given)
            if time.monotonic() >= next_duty:
                self._do_duty()
                next_duty = time.monotonic() + EVERY
        self._refuse_all()
        self._do_duty()
        connection.close()

    def _do_duty(self) -> None:
        try:
            self._duty()
        except Error as error:
            logger.warning("The state of destinations could not be shared; trying again in a second: %s", error)
            connection.close()
        except Exception:  # a fault of ours must not leave the runs of this process without a clerk
            logger.exception("The state of destinations could not be shared; going on")

    def _refuse_all(self) -> None:
        while True:
            try:
                given = self._given.get_nowait()
            except Empty:
                return
            if given is not None and given[1].set_running_or_notify_cancel():
                given[1].set_exception(TimeoutError("the worker stops"))


def _answer(act: Callable[[], Any], future: "Future[Any]") -> None:
    """A question that nobody waits for any more is not asked: it would take a trial or a slot, and time from the others."""
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(act())
    except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
        if is_outage(error):
            connection.close()
        future.set_exception(error)
