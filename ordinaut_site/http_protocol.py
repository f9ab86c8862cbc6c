"""How the server reads HTTP: `uvicorn --http ordinaut_site.http_protocol:Protocol`.

uvicorn refuses what is no HTTP with a line of text, before any application is asked, and waits for ever for the end of a
request's head. This tells it as every other problem is told, and waits `HEAD_SECONDS`.
"""

import asyncio
import json
import uuid
from http import HTTPStatus
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from ordinaut_site.request_ids import HEADER
from tasks_app.api import problems

HEAD_SECONDS: Final = 15.0
LARGEST_HEAD: Final = 16_384  # bytes: uvicorn's own limit


class Protocol(H11Protocol):
    _too_slow: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.conn.their_state is h11.IDLE and self._too_slow is None:
            self._expect_head()
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._forget()

    def send_400_response(self, msg: str) -> None:
        if len(self.conn.trailing_data[0]) > LARGEST_HEAD:
            detail = f"The head of the request is over {LARGEST_HEAD} bytes: send less."
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head_too_large", detail)
        else:
            self._refuse(HTTPStatus.BAD_REQUEST, "bad_request", "This is not HTTP/1.1 (RFC 9112).")

    def _expect_head(self) -> None:
        self._too_slow = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _forget(self) -> None:
        if self._too_slow is not None:
            self._too_slow.cancel()
            self._too_slow = None

    def _give_up(self) -> None:
        self._too_slow = None
        if not self.transport.is_closing() and self.conn.their_state is h11.IDLE:
            detail = f"The head of the request did not arrive within {HEAD_SECONDS:g} s: send it at once."
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "request_timeout", detail)

    def _refuse(self, status: HTTPStatus, code: str, detail: str) -> None:
        if self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:  # an answer has begun: it ends here
            self.transport.close()
            return
        request_id = str(uuid.uuid4())
        told: dict[str, Any] = problems.body(status, code=code, detail=detail, request_id=request_id)
        body = json.dumps(told).encode()
        headers = [
            ("content-type", problems.MEDIA_TYPE),
            ("content-length", str(len(body))),
            (HEADER.lower(), request_id),
            ("connection", "close"),
        ]
        for event in (
            h11.Response(status_code=status, headers=headers, reason=status.phrase.encode()),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
