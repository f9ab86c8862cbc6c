"""How long a body may take to arrive: who sends it byte by byte would hold a place in the server for ever."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from asgiref.typing import ASGIReceiveCallable, ASGIReceiveEvent, ASGISendCallable, ASGISendEvent, HTTPScope, Scope

from ordinaut_site.body_limit import tell

SECONDS: Final = 30.0


class UploadLimit:
    """An ASGI application around another. Once the body is here, it waits with the other for as long as that likes."""

    def __init__(self, application: Callable[..., Awaitable[None]], *, seconds: float = SECONDS) -> None:
        self._application = application
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        upload = _Upload(receive, send, seconds=self._seconds)
        await self._application(scope, upload.receive, upload.send)
        if upload.is_late:
            await _refuse(scope, send, self._seconds)


class _Upload:
    """Where a body is late, the application is told that its client has gone: it ends without an answer."""

    def __init__(self, receive: ASGIReceiveCallable, send: ASGISendCallable, *, seconds: float) -> None:
        self._receive = receive
        self._send = send
        self._ends_at = asyncio.get_running_loop().time() + seconds
        self._is_whole = False
        self.is_late = False

    async def receive(self) -> ASGIReceiveEvent:
        if self._is_whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._ends_at):
                event = await self._receive()
        except TimeoutError:
            self._is_whole = self.is_late = True
            return {"type": "http.disconnect"}
        self._is_whole = event["type"] != "http.request" or not event.get("more_body", False)
        return event

    async def send(self, event: ASGISendEvent) -> None:
        if not self.is_late:
            await self._send(event)


async def _refuse(scope: HTTPScope, send: ASGISendCallable, seconds: float) -> None:
    detail = f"The body did not arrive within {seconds:g} s: send it again, at once."
    await tell(scope, send, HTTPStatus.REQUEST_TIMEOUT, "request_timeout", detail)
