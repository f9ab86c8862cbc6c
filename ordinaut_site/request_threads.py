"""How Django answers under ASGI: each request whole in one thread, of a few that are kept.

Everything here is synchronous: middleware, views, the database. Django's own handler runs such a stack on the event loop and sends
each middleware, signal and view to a thread and back, two dozen times a request, to a thread that is made for it and thrown away.
"""

import asyncio
import contextvars
import json
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from io import BytesIO
from typing import Any, Final, cast

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.core import signals
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from ordinaut_site.request_ids import HEADER, accepted
from tasks_app.api import problems

_HEALTH: Final = "/health"
_HEALTH_THREADS: Final = 2  # so that it is told how we are while all the others wait for the database
MOST_WAITING: Final = 1000  # requests, their bodies in memory


class RequestThreads(ASGIHandler):
    """Django as an ASGI application. `threads`: how many requests go on at one time; the others wait for their turn."""

    def __init__(self, *, threads: int) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._health_threads = ThreadPoolExecutor(_HEALTH_THREADS, thread_name_prefix="request of health")
        self._under_way = 0

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = await _read(receive)
        if body is None:
            return
        if self._under_way >= MOST_WAITING:
            await _answer_busy(scope, send)
            return
        threads = self._health_threads if scope["path"].startswith(_HEALTH) else self._threads
        self._under_way += 1
        try:
            context = contextvars.copy_context()
            answering = asyncio.get_running_loop().run_in_executor(threads, context.run, self._answer, scope, body)
            # The thread goes on to its end, whatever becomes of the client: a change is not left half done.
            response = await asyncio.shield(answering)
        finally:
            self._under_way -= 1
        await self.send_response(response, send)

    def _answer(self, scope: HTTPScope, body: bytes) -> HttpResponseBase:
        """In a thread: everything up to the bytes of the response. A stream's own bytes come from whoever serves it."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(cast("dict[str, Any]", scope), BytesIO(body))
        response: Any = refusal if request is None else self.get_response(request)
        response._handler_class = self.__class__  # noqa: SLF001 - as Django's own handlers do
        response.close()  # gives the connection back; the content stays
        return cast("HttpResponseBase", response)


async def _read(receive: ASGIReceiveCallable) -> bytes | None:
    """The whole body, whose size `BodyLimit` has bounded; None when the client has gone."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def _answer_busy(scope: HTTPScope, send: ASGISendCallable) -> None:
    request_id = accepted(dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1"))
    told: dict[str, Any] = problems.body(
        HTTPStatus.SERVICE_UNAVAILABLE,
        code="busy",
        detail="Too many requests wait already: try again in a moment.",
        request_id=request_id,
    )
    headers = [
        (b"content-type", problems.MEDIA_TYPE.encode()),
        (HEADER.lower().encode(), request_id.encode()),
        (b"retry-after", b"1"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": json.dumps(told).encode(), "more_body": False})
