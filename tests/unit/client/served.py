"""A platform that answers what a test says, without a network."""

from collections.abc import Callable, Iterable
from typing import Any

import httpx
from ordinaut_client import Ordinaut

URL = "http://platform"
SECRET = {"agent_id": "a", "agent_secret": "s"}


def tokens(number: int = 1, *, seconds: float = 900, refresh_seconds: float = 9000) -> httpx.Response:
    """An answer of `/auth/token`."""
    told = {
        "access_token": f"access {number}",
        "token_type": "Bearer",
        "expires_in": seconds,
        "refresh_token": f"refresh {number}",
        "refresh_expires_in": refresh_seconds,
        "scopes": ["tasks:read"],
    }
    return httpx.Response(200, json=told)


def problem(status: int, **more: Any) -> httpx.Response:
    told = {"status": status, "detail": "No.", "code": "no", "request_id": "r", "errors": [], "more_errors": 0}
    return httpx.Response(status, json=told | more)


class Platform:
    """Answers in the order given, and keeps what it was asked; a login comes first unless it is among the answers."""

    def __init__(self, *answers: httpx.Response | Exception, login: bool = True) -> None:
        self.answers: list[httpx.Response | Exception] = [*([tokens()] if login else []), *answers]
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, **options: Any) -> Ordinaut:
        return Ordinaut(URL, transport=httpx.MockTransport(self), **SECRET | options)

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.asked]


class Lines(httpx.SyncByteStream):
    """A body that comes in pieces, and may break off."""

    def __init__(self, pieces: Iterable[str], *, then: Callable[[], None] = lambda: None) -> None:
        self._pieces = pieces
        self._then = then

    def __iter__(self) -> Any:
        for piece in self._pieces:
            yield piece.encode()
        self._then()
