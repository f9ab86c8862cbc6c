"""Feed: the newest events, read once a process for all who follow them there.

    thread "feed"  ──▶ Reader: the stream, else Postgres ──▶ event loop: the last events, and a pulse ──▶ followers

A follower keeps its own position and takes what lies behind it, so it neither loses nor doubles an event, and a slow one
costs no memory: what the feed has forgotten by then is in Postgres. Everything but the thread runs in one event loop.
"""

import asyncio
import concurrent.futures
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from django.db import Error, close_old_connections, connection

from tasks_app.events import history
from tasks_app.events.event import Event
from tasks_app.events.reading import Reader
from tasks_app.outages import is_outage

MOST_EVENTS: Final = 2_000
MOST_BYTES: Final = 8_000_000
BATCH: Final = 200
_PAUSE_SECONDS: Final = 1.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """An event, and how it is written to followers: once for all of them."""

    event: Event
    text: bytes


class Feed:
    """encode: how an event is written, called in the thread."""

    def __init__(self, encode: Callable[[Event], bytes]) -> None:
        self._encode = encode
        self._loop = asyncio.get_running_loop()
        self._followers = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._pulse = asyncio.Event()
        self._forget()

    @property
    def head(self) -> int | None:
        """The last position that was read; None before the first reading."""
        return self._head

    def join(self) -> None:
        """Begin to follow; the first follower starts the reading."""
        self._followers += 1
        if self._thread is None:
            self._stop = threading.Event()
            self._forget()
            self._thread = threading.Thread(target=self._read, args=[self._stop], name="feed", daemon=True)
            self._thread.start()

    def leave(self) -> None:
        """Follow no more; the last one to leave ends the reading, within a second or two."""
        self._followers -= 1
        if self._followers == 0:
            self._stop.set()
            self._thread = None

    def since(self, pos: int, *, limit: int = BATCH) -> list[Told] | None:
        """What was read behind `pos`, at most `limit`; None when the feed does not reach so far back."""
        if self._head is None or pos >= self._head:
            return []
        if pos < self._base:
            return None
        # Positions are dense here, so the place of the next one is known.
        begin = pos - self._base
        return list(islice(self._ring, begin, begin + limit))

    def pulse(self) -> asyncio.Event:
        """Is set at the next news."""
        return self._pulse

    def stir(self) -> None:
        """Wake every follower, though there may be no events."""
        before, self._pulse = self._pulse, asyncio.Event()
        before.set()

    def _forget(self) -> None:
        self._ring: deque[Told] = deque()
        self._bytes = 0
        self._base = 0
        self._head: int | None = None

    def _read(self, stop: threading.Event) -> None:
        reader = Reader()
        pos: int | None = None
        try:
            while not stop.is_set():
                try:
                    pos = self._round(reader, pos, stop)
                except _LoopGone:
                    return
                except Error as error:
                    if not is_outage(error):
                        logger.exception("The feed's reading broke, it is tried again")
                    else:
                        logger.warning("The feed waits for the database: %s", error)
                    connection.close()
                    stop.wait(_PAUSE_SECONDS)
                except Exception:  # a fault of ours must not leave the followers without events for good
                    logger.exception("The feed's reading broke, it is tried again")
                    stop.wait(_PAUSE_SECONDS)
        finally:
            reader.close()
            connection.close()

    def _round(self, reader: Reader, pos: int | None, stop: threading.Event) -> int:
        try:
            if pos is None:
                pos = history.kept().newest
                self._hand_over([], stop, base=pos)
                return pos
            events = reader.next(after=pos, limit=BATCH, stop=stop)
        finally:
            close_old_connections()  # to the pool, where there is one
        if not events:
            return pos
        told = [Told(event, self._encode(event)) for event in events]
        # Events that nobody keeps any more leave a gap: what was read before it leads nowhere.
        self._hand_over(told, stop, base=events[0].pos - 1 if events[0].pos > pos + 1 else None)
        return events[-1].pos

    def _hand_over(self, told: list[Told], stop: threading.Event, *, base: int | None = None) -> None:
        """Waits until the loop has it, so that a loop that is late is not buried."""
        taken: concurrent.futures.Future[None] = concurrent.futures.Future()

        def take() -> None:
            if not stop.is_set():
                self._take(told, base)
            taken.set_result(None)

        try:
            self._loop.call_soon_threadsafe(take)
        except RuntimeError as error:
            raise _LoopGone from error
        while not taken.done():
            concurrent.futures.wait([taken], _PAUSE_SECONDS)
            if self._loop.is_closed():
                raise _LoopGone

    def _take(self, told: list[Told], base: int | None) -> None:
        if base is not None:
            self._forget()
            self._base = self._head = base
        assert self._head is not None
        self._ring.extend(told)
        self._bytes += sum(len(each.text) for each in told)
        self._head += len(told)
        while len(self._ring) > MOST_EVENTS or (self._bytes > MOST_BYTES and len(self._ring) > 1):
            self._bytes -= len(self._ring.popleft().text)
            self._base += 1
        self.stir()


class _LoopGone(Exception):
    """The event loop has ended: nobody follows any more."""
