"""How a stream goes on after Django has answered its request: on the event loop, without a thread of its own.

Django keeps a thread for as long as a response lasts, so a view that wants to go on telling hands over who is to be told
(`api.views.event_stream`), and answers with headers alone.
"""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from types import FrameType
from typing import Any, Final, cast

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, ASGISendEvent, Scope

from tasks_app.api.event_stream import EventStream, encoded
from tasks_app.api.views.event_stream import HANDED_OVER
from tasks_app.events.feed import Feed

_THREADS: Final = 2  # that read the backlog and ask who is still allowed, for all streams of the process


class Streams:
    """An ASGI application around another."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="streams")
        self._feed: Feed | None = None
        self._ending = asyncio.Event()

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        handed_over: list[EventStream] = []
        answered = _Answered(send, handed_over)
        try:
            await self._application({**scope, HANDED_OVER: handed_over}, receive, answered)
            if answered.goes_on:
                await self._serve(handed_over[0], receive, send)
        finally:
            for stream in handed_over:
                stream.give_back()

    async def _serve(self, stream: EventStream, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if self._feed is None:
            self._feed = Feed(encoded)
            self._heed_signals(asyncio.get_running_loop(), self._feed)
        await stream.serve(receive, send, feed=self._feed, threads=self._threads, ending=self._ending)

    def _heed_signals(self, loop: asyncio.AbstractEventLoop, feed: Feed) -> None:
        """A server that was told to stop waits for its responses to end, and streams do not end by themselves."""

        def end() -> None:
            self._ending.set()
            feed.stir()

        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                _call_before(number, lambda: loop.call_soon_threadsafe(end))


class _Answered:
    """Passes the response on, but for its end where a stream follows."""

    def __init__(self, send: ASGISendCallable, handed_over: list[EventStream]) -> None:
        self._send = send
        self._handed_over = handed_over
        self._status = 0

    @property
    def goes_on(self) -> bool:
        return bool(self._handed_over) and self._status == HTTPStatus.OK

    async def __call__(self, message: ASGISendEvent) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
        is_end = message["type"] == "http.response.body" and not message.get("more_body")
        if not (is_end and self.goes_on):
            await self._send(message)


def _call_before(number: signal.Signals, act: Callable[[], Any]) -> None:
    """Act on a signal before whoever handles it so far does."""
    before = signal.getsignal(number)

    def handle(received: int, frame: FrameType | None) -> None:
        act()
        if callable(before):
            before(received, frame)
        elif before == signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(cast("signal.Signals", received))

    signal.signal(number, handle)
