"""The feed's thread outlives whatever its reading meets, and leaves nobody with a hole."""

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError

from tasks_app.events import feed as feed_module
from tasks_app.events import history
from tasks_app.events.event import Event
from tasks_app.events.feed import Feed


def event(pos: int, text: str = "") -> Event:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Event(uuid4(), pos, "task.updated", "task:1", pos, at, None, "", 0, {"text": text})


class AReader:
    """Gives what the test has put there, and raises what it has put there."""

    given: list[Any]

    def next(self, *, after: int, limit: int, stop: threading.Event) -> list[Event]:
        if not self.given:
            stop.wait(0.01)
            return []
        found = self.given.pop(0)
        if isinstance(found, Exception):
            raise found
        return list(found)

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> AReader:
    made = AReader()
    made.given = []
    monkeypatch.setattr(feed_module, "Reader", lambda: made)
    monkeypatch.setattr(feed_module, "_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(feed_module, "close_old_connections", lambda: None)
    monkeypatch.setattr(feed_module.connection, "close", lambda: None)
    monkeypatch.setattr(history, "kept", lambda: history.Kept(oldest=1, newest=4))
    return made


def followed(until: Callable[[Feed], bool]) -> Feed:
    async def follow() -> Feed:
        feed = Feed(lambda each: str(each.data["text"]).encode())
        feed.join()
        thread = feed._thread
        assert thread is not None
        async with asyncio.timeout(10):
            while not until(feed):
                pulse = feed.pulse()
                if not until(feed):
                    await pulse.wait()
        feed.leave()
        await asyncio.to_thread(thread.join, 10)
        assert not thread.is_alive()
        return feed

    return asyncio.run(follow())


def positions(feed: Feed, since: int) -> list[int] | None:
    told = feed.since(since)
    return None if told is None else [each.event.pos for each in told]


def test_it_begins_behind_the_newest_event(reader: AReader) -> None:
    reader.given = [[event(5), event(6)]]

    feed = followed(lambda feed: feed.head == 6)

    assert (positions(feed, 4), positions(feed, 5), positions(feed, 6)) == ([5, 6], [6], [])
    assert positions(feed, 3) is None
    assert [told.event.pos for told in feed.since(4, limit=1) or ()] == [5]


def test_an_outage_and_a_fault_of_ours_are_told_and_outlived(reader: AReader, caplog: pytest.LogCaptureFixture) -> None:
    reader.given = [OperationalError("away"), ValueError("ours"), [event(5)]]

    with caplog.at_level(logging.WARNING):
        feed = followed(lambda feed: feed.head == 5)

    assert positions(feed, 4) == [5]
    assert "waits for the database: away" in caplog.text
    assert "reading broke" in caplog.text


def test_behind_a_gap_that_nobody_can_fill_it_begins_anew(reader: AReader) -> None:
    reader.given = [[event(5)], [event(9)]]

    feed = followed(lambda feed: feed.head == 9)

    assert (positions(feed, 5), positions(feed, 8)) == (None, [9])


@pytest.mark.parametrize(("most", "limit"), [("MOST_EVENTS", 2), ("MOST_BYTES", 25)])
def test_it_forgets_the_oldest_beyond_its_bounds(
    reader: AReader, monkeypatch: pytest.MonkeyPatch, most: str, limit: int
) -> None:
    monkeypatch.setattr(feed_module, most, limit)
    reader.given = [[event(pos, "x" * 10) for pos in range(5, 9)]]

    feed = followed(lambda feed: feed.head == 8)

    assert (positions(feed, 5), positions(feed, 6)) == (None, [7, 8])


def test_one_event_larger_than_its_bounds_is_told_all_the_same(
    reader: AReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "MOST_BYTES", 5)
    reader.given = [[event(5, "x" * 10)]]

    assert positions(followed(lambda feed: feed.head == 5), 4) == [5]


def test_a_loop_that_is_closed_ends_the_thread(reader: AReader) -> None:
    async def begin() -> threading.Thread:
        feed = Feed(lambda _: b"")
        feed.join()
        async with asyncio.timeout(10):
            await feed.pulse().wait()
        assert feed._thread is not None
        return feed._thread

    thread = asyncio.run(begin())
    reader.given = [[event(5)]]
    thread.join(10)

    assert not thread.is_alive()
