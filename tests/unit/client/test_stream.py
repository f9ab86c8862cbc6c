"""Events as they come off the wire, and what becomes of the connection."""

from typing import Any

import httpx
import pytest
from ordinaut_client import Event, Missed, NotLoggedIn, Refused, Unreachable
from ordinaut_client import stream as module
from ordinaut_client.stream import messages

from tests.unit.client.served import Lines, Platform, problem

PAST = httpx.Response(200, json={"items": [{"pos": None}, {"pos": 7}], "next": None})
NO_PAST = httpx.Response(200, json={"items": [], "next": None})


def event(pos: int) -> str:
    return f'id: {pos}\nevent: task.updated\ndata: {{"pos": {pos}}}\n\n'


def told(*pieces: str, broken: bool = False) -> httpx.Response:
    def breaks() -> None:
        if broken:
            raise httpx.ReadError("cut")

    return httpx.Response(200, stream=Lines(pieces, then=breaks))


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it pauses; no time passes."""
    waited: list[float] = []
    usual = module.follow
    monkeypatch.setattr("ordinaut_client.connection.follow", lambda *a, **b: usual(*a, **b, sleep=waited.append))
    return waited


def follow(platform: Platform, number: int, **options: Any) -> list[Event | Missed]:
    with platform.client() as client:
        following = client.follow(**options)
        return [next(following) for _ in range(number)]


def positions(platform: Platform) -> list[str | None]:
    return [request.headers.get("Last-Event-ID") for request in platform.asked if request.url.path.endswith("/stream")]


def test_it_goes_on_behind_the_last_event_whole(waits: list[float]) -> None:
    platform = Platform(
        PAST, told("retry: 2000\n\n", event(8), event(9)[:-1], broken=True), told(": heartbeat\n\n", event(9))
    )

    assert [each.pos for each in follow(platform, 2)] == ["8", "9"]
    assert positions(platform) == ["7", "8"]
    assert waits == [1.0]


def test_it_begins_where_it_is_told_to_and_asks_for_what_is_wanted(waits: list[float]) -> None:
    platform = Platform(told(event(4)))

    [found] = follow(platform, 1, last_event_id="3", types=["run.*", "task.*"], aggregate="task:1")

    assert found == Event("4", "task.updated", {"pos": 4})
    assert positions(platform) == ["3"]
    assert platform.asked[-1].url.params.multi_items() == [
        ("type", "run.*"),
        ("type", "task.*"),
        ("aggregate", "task:1"),
    ]


def test_where_nothing_has_happened_it_begins_now(waits: list[float]) -> None:
    platform = Platform(NO_PAST, told(event(1)))

    follow(platform, 1)

    assert positions(platform) == [None]


def test_it_waits_longer_with_each_failure_and_less_after_a_success(waits: list[float]) -> None:
    failures = [httpx.ConnectError("away"), problem(503), *[httpx.ConnectError("away")] * 5]
    platform = Platform(PAST, told(), *failures, told(), told(event(8)))

    follow(platform, 1)

    assert waits == [1, 2, 4, 8, 16, 30, 30, 30, 1]


def test_what_it_has_missed_for_good_is_said(waits: list[float]) -> None:
    reset = 'id: 5\nevent: reset\ndata: {"reason": "pruned", "asked_after": "1", "continues_after": 5}\n\n'
    platform = Platform(told(reset), told(event(6)))

    assert follow(platform, 2, last_event_id="1") == [Missed("5", "pruned"), Event("6", "task.updated", {"pos": 6})]
    assert positions(platform) == ["1", "5"]


def test_an_end_that_may_begin_anew_does_and_one_that_may_not_is_said(waits: list[float]) -> None:
    end = 'event: end\ndata: {{"reason": "{}", "last_event_id": 7}}\n\n'
    platform = Platform(PAST, told(end.format("shutdown")), told(end.format("not_allowed")))

    with pytest.raises(NotLoggedIn):
        follow(platform, 1)

    assert positions(platform) == ["7", "7"]


def test_what_never_stood_is_unreachable(waits: list[float]) -> None:
    with pytest.raises(Unreachable):
        follow(Platform(PAST, httpx.ConnectError("away")), 1)
    with pytest.raises(Unreachable):
        follow(Platform(httpx.ConnectError("away")), 1)


@pytest.mark.parametrize("stood", [True, False], ids=["later", "at first"])
def test_a_refusal_is_one(waits: list[float], stood: bool) -> None:
    with pytest.raises(Refused):
        follow(Platform(PAST, *([told()] if stood else []), problem(403)), 1)


def test_data_of_several_lines_is_one_message() -> None:
    [message] = messages(["data: {", "data:}", "data", "unknown: x", "id: 1", ""])

    assert (message.data, message.id, message.event) == ("{\n}\n", "1", "")
