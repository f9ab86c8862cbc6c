"""How requests share the threads of a web process: each whole in one, no more at a time than there are, and none left half done."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from ordinaut_site import request_threads
from ordinaut_site.request_threads import RequestThreads

PATIENCE = 10  # seconds


class Gate:
    """Views that tell in which thread they are, wait to be let through, and what went on at one time."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.threads: list[str] = []
        self.ended = 0

    def view(self, request: HttpRequest) -> HttpResponse:
        self.threads.append(threading.current_thread().name)
        assert self.open.wait(PATIENCE)
        self.ended += 1
        return HttpResponse(request.body)


def slow(request: HttpRequest) -> HttpResponse:
    return gate.view(request)


gate = Gate()  # another one for each test
urlpatterns = [
    path("slow", slow),
    path("health/live", lambda request: HttpResponse("alive")),
]


@pytest.fixture(autouse=True)
def _gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "gate", Gate())


async def asked(application: Any, address: str, *, events: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """What is sent to a client of whom these events come."""
    coming = iter(events or [{"type": "http.request", "body": b"hi"}])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(coming)

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    headers = [(b"host", b"localhost"), (b"x-request-id", b"mine")]
    scope = {"type": "http", "method": "POST", "path": address, "query_string": b"", "headers": headers}
    await application(scope, receive, send)
    return sent


def played(play: Callable[[RequestThreads], Awaitable[None]], *, threads: int = 2) -> None:
    plain = override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[])

    async def run() -> None:
        async with asyncio.timeout(PATIENCE):
            await play(RequestThreads(threads=threads))

    with plain:
        asyncio.run(run())


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - nobody could tell us
        await asyncio.sleep(0.005)


def test_a_body_that_comes_in_parts_is_answered_whole() -> None:
    async def play(application: RequestThreads) -> None:
        gate.open.set()
        parts = [
            {"type": "http.request", "body": b"one ", "more_body": True},
            {"type": "http.request", "body": b"two", "more_body": False},
        ]
        start, body = await asked(application, "/slow", events=parts)
        assert (start["status"], body["body"]) == (200, b"one two")

    played(play)


def test_whoever_leaves_before_the_end_of_the_body_is_not_answered_and_nothing_is_done() -> None:
    async def play(application: RequestThreads) -> None:
        gone = [{"type": "http.request", "body": b"one", "more_body": True}, {"type": "http.disconnect"}]
        assert await asked(application, "/slow", events=gone) == []
        assert gate.threads == []

    played(play)


def test_no_more_go_on_than_there_are_threads_and_health_is_told_meanwhile() -> None:
    async def play(application: RequestThreads) -> None:
        waiting = [asyncio.create_task(asked(application, "/slow")) for _ in range(5)]
        await until(lambda: len(gate.threads) == 2)
        _, health = await asked(application, "/health/live")
        at_one_time = len(gate.threads)
        gate.open.set()
        answers = await asyncio.gather(*waiting)
        assert (health["body"], at_one_time) == (b"alive", 2)
        assert [start["status"] for start, _ in answers] == [200] * 5
        assert len(set(gate.threads)) == 2

    played(play)


def test_where_too_many_wait_the_next_one_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(application: RequestThreads) -> None:
        waiting = asyncio.create_task(asked(application, "/slow"))
        await until(lambda: len(gate.threads) == 1)
        start, body = await asked(application, "/slow")
        gate.open.set()
        await waiting
        told, headers = json.loads(body["body"]), dict(start["headers"])
        assert (start["status"], told["code"], told["request_id"]) == (503, "busy", "mine")
        assert headers[b"retry-after"] == b"1"
        assert headers[b"content-type"] == b"application/problem+json"
        assert (await asked(application, "/slow"))[0]["status"] == 200

    monkeypatch.setattr(request_threads, "MOST_WAITING", 1)
    played(play)


def test_what_has_begun_goes_on_to_its_end_though_the_server_gives_the_request_up() -> None:
    async def play(application: RequestThreads) -> None:
        waiting = asyncio.create_task(asked(application, "/slow"))
        await until(lambda: len(gate.threads) == 1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        gate.open.set()
        await until(lambda: gate.ended == 1)

    played(play)
