"""One stream of events to one client (Server-Sent Events, of the HTML standard, 9.2), as an ASGI application.

It holds neither a thread nor a connection of the database: what is new comes from the process's feed, what is older
from Postgres, portion by portion, by a few threads that all streams share. The client's position is all that it keeps.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable
from django.db import Error, close_old_connections

from tasks_app.api.serializers.event import shown
from tasks_app.events import backlog
from tasks_app.events.choice import Choice
from tasks_app.events.event import Event
from tasks_app.events.feed import Feed
from tasks_app.models import Agent
from tasks_app.outages import is_outage

HEARTBEAT_SECONDS: Final = 15.0
STALLED_SECONDS: Final = 30.0  # that a client may leave unread what it was sent
FAREWELL_SECONDS: Final = 1.0
RECHECK_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 1.0
_CHUNK_BYTES: Final = 65_536
_COMES_BACK_AFTER: Final = 2_000  # milliseconds, which clients that reconnect by themselves heed

logger = logging.getLogger(__name__)


class _Ended(Exception):
    """The stream ends here; the client is told why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class EventStream:
    """What a client has asked for, and how far it has come.

    agent: as it was when that was last asked. still_allowed: the agent as it is now, or None when it may not read events any
    more; called in a thread.
    """

    choice: Choice
    pos: int
    agent: Agent
    still_allowed: Callable[[], Agent | None]
    give_back: Callable[[], None]
    first_words: bytes = b""

    async def serve(
        self,
        receive: ASGIReceiveCallable,
        send: ASGISendCallable,
        *,
        feed: Feed,
        threads: Executor,
        ending: asyncio.Event,
    ) -> None:
        """Tell events until the client has gone, or may not be told more, or the server ends."""
        telling = asyncio.create_task(_Telling(self, send, feed=feed, threads=threads, ending=ending).run())
        watching = asyncio.create_task(_gone(receive))
        feed.join()
        try:
            await asyncio.wait({telling, watching}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            feed.leave()
            telling.cancel()
            watching.cancel()
            await asyncio.gather(telling, watching, return_exceptions=True)
        if not telling.cancelled() and (error := telling.exception()):
            raise error


class _Telling:
    def __init__(
        self,
        stream: EventStream,
        send: ASGISendCallable,
        *,
        feed: Feed,
        threads: Executor,
        ending: asyncio.Event,
    ) -> None:
        self._stream = stream
        self._send = send
        self._feed = feed
        self._threads = threads
        self._ending = ending
        self._live = False  # has reached what the feed remembers
        self._spoke_at = self._checked_at = time.monotonic()
        self._itself = f"agent:{stream.agent.pk}"

    async def run(self) -> None:
        try:
            await self._say(f"retry: {_COMES_BACK_AFTER}\n\n".encode() + self._stream.first_words)
            while True:
                await self._round()
        except _Ended as end:
            await self._farewell(end.reason)
        except TimeoutError:
            # It reads nothing, so it cannot be told: it knows what it has read, and comes back with that.
            stream = self._stream
            logger.warning("A stream of agent %s was cut off at event %s: nobody reads it", stream.agent.pk, stream.pos)

    async def _round(self) -> None:
        pulse = self._feed.pulse()
        if self._ending.is_set():
            raise _Ended("shutdown")
        if time.monotonic() - self._checked_at >= RECHECK_SECONDS:
            await self._check()
        told = self._feed.since(self._stream.pos)
        if told is None:
            if self._live:
                raise _Ended("too_slow")
            await self._catch_up()
        elif told:
            await self._tell([(each.event, each.text) for each in told])
            self._live = True
        else:
            self._live = self._live or self._feed.head is not None
            await self._wait(pulse)

    async def _catch_up(self) -> None:
        head = self._feed.head
        assert head is not None
        portion = await self._in_thread(lambda: self._portion(head))
        if portion is None:
            await asyncio.sleep(_PAUSE_SECONDS)
            return
        if portion.pruned_to is not None:
            await self._say(reset("pruned", asked=str(self._stream.pos), pos=portion.pruned_to))
        await self._tell([(event, encoded(event)) for event in portion.events])
        self._stream.pos = portion.reached

    def _portion(self, head: int) -> backlog.Portion | None:
        """None while the database does not answer."""
        try:
            return backlog.read(self._stream.choice, after=self._stream.pos, until=head)
        except Error as error:
            if not is_outage(error):
                raise
            return None
        finally:
            close_old_connections()

    async def _tell(self, told: list[tuple[Event, bytes]]) -> None:
        """What of it was chosen, in pieces; the position follows what was sent."""
        piece: list[bytes] = []
        at = self._stream.pos
        for event, text in told:
            if event.aggregate == self._itself:  # its rights may have changed
                await self._flush(piece, at)
                await self._check()
            at = event.pos
            if self._stream.choice.takes(event):
                piece.append(text)
                if sum(map(len, piece)) > _CHUNK_BYTES:
                    await self._flush(piece, at)
        await self._flush(piece, at)

    async def _flush(self, piece: list[bytes], pos: int) -> None:
        if piece:
            await self._say(b"".join(piece))
            piece.clear()
        self._stream.pos = pos

    async def _check(self) -> None:
        """End unless the agent may still read events; see what an admin sees only as long as it is one."""
        agent = await self._in_thread(self._allowed)
        self._checked_at = time.monotonic()
        if agent is None:
            raise _Ended("not_allowed")
        self._stream.agent = agent
        self._stream.choice = replace(self._stream.choice, agent=None if agent.is_admin else agent.pk)

    def _allowed(self) -> Agent | None:
        try:
            return self._stream.still_allowed()
        except Error as error:
            if not is_outage(error):
                raise
            return self._stream.agent  # nobody can tell now: as it was when it was last asked
        finally:
            close_old_connections()

    async def _wait(self, pulse: asyncio.Event) -> None:
        now = time.monotonic()
        silent_until = self._spoke_at + HEARTBEAT_SECONDS
        if now >= silent_until:
            await self._say(b": heartbeat\n\n")
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(min(silent_until, self._checked_at + RECHECK_SECONDS) - now):
                await pulse.wait()

    async def _farewell(self, reason: str) -> None:
        data = json.dumps({"reason": reason, "last_event_id": self._stream.pos})
        with suppress(TimeoutError):
            await self._say(f"event: end\ndata: {data}\n\n".encode(), seconds=FAREWELL_SECONDS)
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _say(self, text: bytes, *, seconds: float | None = None) -> None:
        """Raises `TimeoutError` when the client does not read for so long, or for STALLED_SECONDS."""
        async with asyncio.timeout(STALLED_SECONDS if seconds is None else seconds):
            await self._send({"type": "http.response.body", "body": text, "more_body": True})
        self._spoke_at = time.monotonic()

    async def _in_thread(self, ask: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, ask)


def encoded(event: Event) -> bytes:
    """An event as the standard writes it. Its id is its position: where to go on is found at once by it."""
    data = json.dumps(shown(event), separators=(",", ":"), default=str)
    return f"id: {event.pos}\nevent: {event.type}\ndata: {data}\n\n".encode()


def reset(reason: str, *, asked: str, pos: int) -> bytes:
    """Tells the client that it has missed events for good, and that what follows comes behind `pos`."""
    data = json.dumps({"reason": reason, "asked_after": asked, "continues_after": pos})
    return f"id: {pos}\nevent: reset\ndata: {data}\n\n".encode()


async def _gone(receive: ASGIReceiveCallable) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
