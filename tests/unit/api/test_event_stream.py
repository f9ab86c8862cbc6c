"""One stream, with a feed, a backlog and a client of the test's own."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError

from tasks_app.api import event_stream
from tasks_app.api.event_stream import EventStream, encoded
from tasks_app.events import backlog
from tasks_app.events.backlog import Portion
from tasks_app.events.choice import Choice
from tasks_app.events.event import Event
from tasks_app.events.feed import Feed, Told
from tasks_app.models import Agent

ALICE = Agent(id=uuid4(), name="alice", scopes=["events:read"])
TASK = f"task:{uuid4()}"


def event(pos: int, *, agent: UUID = ALICE.pk, aggregate: str = TASK, **data: Any) -> Event:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Event(uuid4(), pos, "task.updated", aggregate, pos, at, agent, "", 0, data)


async def until(happened: Callable[[], bool]) -> None:
    while not happened():  # noqa: ASYNC110 - what is waited for sets no event
        await asyncio.sleep(0.005)


class ATestFeed(Feed):
    """Is told events by the test; no thread reads."""

    def join(self) -> None:
        """No thread is begun."""

    def leave(self) -> None:
        """No thread is to be ended."""

    def tell(self, *events: Event) -> None:
        self._take([Told(each, encoded(each)) for each in events], 0 if self._head is None else None)


class ATestClient:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.ended = False
        self.deaf = asyncio.Event()
        self.left = asyncio.Event()

    async def send(self, message: Any) -> None:
        if self.deaf.is_set():
            await asyncio.Event().wait()
        self.said.append(message["body"].decode())
        self.ended = not message["more_body"]

    async def receive(self) -> Any:
        await self.left.wait()
        return {"type": "http.disconnect"}

    @property
    def positions(self) -> list[int]:
        return [int(line[4:]) for text in self.said for line in text.splitlines() if line.startswith("id: ")]

    async def hears(self, what: str) -> None:
        async with asyncio.timeout(5):
            await until(lambda: what in "".join(self.said))


Scene = Callable[[ATestFeed, ATestClient, EventStream], Any]


def played(scene: Scene, *, pos: int = 0, allowed: Callable[[], Agent | None] = lambda: ALICE) -> ATestClient:
    """What the client was told in the scene."""

    async def play() -> ATestClient:
        feed, client = ATestFeed(encoded), ATestClient()
        stream = EventStream(Choice(agent=ALICE.pk), pos, ALICE, allowed, lambda: None)
        with ThreadPoolExecutor(1) as threads:
            serving = asyncio.create_task(
                stream.serve(client.receive, client.send, feed=feed, threads=threads, ending=asyncio.Event())
            )
            await client.hears("retry: ")
            await scene(feed, client, stream)
            client.left.set()
            async with asyncio.timeout(5):
                await serving
        return client

    return asyncio.run(play())


@pytest.fixture(autouse=True)
def _no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "close_old_connections", lambda: None)


def test_a_silent_stream_beats_so_that_nobody_between_takes_it_for_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_SECONDS", 0.01)

    async def wait(_feed: ATestFeed, client: ATestClient, _stream: EventStream) -> None:
        await client.hears(": heartbeat\n\n: heartbeat\n\n")

    assert played(wait).positions == []


def test_a_client_that_has_fallen_behind_what_is_remembered_is_cut_off_with_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tasks_app.events.feed.MOST_EVENTS", 3)

    async def fall_behind(feed: ATestFeed, client: ATestClient, _stream: EventStream) -> None:
        feed.tell(event(1))
        await client.hears("id: 1\n")
        feed.tell(*[event(pos) for pos in range(2, 8)])
        await client.hears("event: end")

    client = played(fall_behind)

    assert client.positions == [1]
    assert '{"reason": "too_slow", "last_event_id": 1}' in client.said[-2]
    assert client.ended


def test_a_client_that_reads_nothing_is_given_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(event_stream, "STALLED_SECONDS", 0.02)

    async def go_deaf(feed: ATestFeed, client: ATestClient, _stream: EventStream) -> None:
        feed.tell(event(1))
        await client.hears("id: 1\n")
        client.deaf.set()
        feed.tell(event(2))
        await until(lambda: "cut off" in caplog.text)

    with caplog.at_level(logging.WARNING):
        client = played(go_deaf)

    assert "cut off at event 1" in caplog.text
    assert not client.ended


def test_who_is_an_admin_no_more_sees_only_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "RECHECK_SECONDS", 0.0)

    async def lose_rights(feed: ATestFeed, client: ATestClient, stream: EventStream) -> None:
        stream.choice = Choice(agent=None)
        await asyncio.sleep(0.05)
        feed.tell(event(1, agent=uuid4()), event(2))
        await client.hears("id: 2\n")

    assert played(lose_rights).positions == [2]


def test_a_database_that_is_away_takes_no_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "RECHECK_SECONDS", 0.0)

    def away() -> Agent:
        raise OperationalError

    async def go_on(feed: ATestFeed, client: ATestClient, _stream: EventStream) -> None:
        feed.tell(event(1))
        await client.hears("id: 1\n")

    assert played(go_on, allowed=away).positions == [1]


def test_an_event_about_the_agent_itself_has_its_rights_looked_at_before_it_is_told() -> None:
    allowed = [ALICE]

    async def be_disabled(feed: ATestFeed, client: ATestClient, _stream: EventStream) -> None:
        allowed.clear()
        feed.tell(event(1), event(2, aggregate=f"agent:{ALICE.pk}"), event(3))
        await client.hears("event: end")

    client = played(be_disabled, allowed=lambda: allowed[0] if allowed else None)

    assert client.positions == [1]
    assert '{"reason": "not_allowed", "last_event_id": 1}' in client.said[-2]


def test_what_is_older_than_the_feed_is_read_when_the_database_answers_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "_PAUSE_SECONDS", 0.0)
    asked: list[tuple[int, int]] = []

    def read(_choice: Choice, *, after: int, until: int) -> Portion:
        asked.append((after, until))
        if len(asked) == 1:
            raise OperationalError
        return Portion([event(after + 1)], after + 1)

    monkeypatch.setattr(backlog, "read", read)

    async def catch_up(feed: ATestFeed, client: ATestClient, _stream: EventStream) -> None:
        feed._take([], 4)
        feed.tell(event(5))
        await client.hears("id: 5\n")

    client = played(catch_up, pos=2)

    assert client.positions == [3, 4, 5]
    assert asked == [(2, 5), (2, 5), (3, 5)]


def test_large_events_are_sent_one_by_one() -> None:
    async def tell(feed: ATestFeed, client: ATestClient, _stream: EventStream) -> None:
        feed.tell(*[event(pos, text="x" * 70_000) for pos in range(1, 4)])
        await client.hears("id: 3\n")

    assert len(played(tell).said) == 4


def test_a_fault_of_ours_is_not_hidden() -> None:
    async def tell(feed: ATestFeed, _client: ATestClient, stream: EventStream) -> None:
        stream.choice = None  # type: ignore[assignment]
        feed.tell(event(1))
        await asyncio.sleep(0.05)

    with pytest.raises(AttributeError):
        played(tell)
