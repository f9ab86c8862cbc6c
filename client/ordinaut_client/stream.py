"""Events as they happen (Server-Sent Events, of the HTML standard, 9.2), over as many connections as it takes."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from ordinaut_client.refusals import NotLoggedIn, Refused, Unreachable

PATH: Final = "/api/v1/events/stream"
_SILENT_SECONDS: Final = 45.0  # three heartbeats
_PAUSE: Final = 1.0  # before a connection is made anew, and twice that with every failure
_LONGEST_PAUSE: Final = 30.0


@dataclass(frozen=True)
class Event:
    """`pos` is where it stands on the stream: what comes behind it is asked for by that. `told` is the whole event."""

    pos: str
    type: str
    told: dict[str, Any]


@dataclass(frozen=True)
class Missed:
    """Events are gone for good, as a `reset` of the stream says; what follows comes behind `pos`."""

    pos: str
    reason: str


@dataclass
class _Message:
    id: str = ""
    event: str = ""
    data: str = ""
    retry: str = ""


def follow(
    http: httpx.Client,
    *,
    types: Sequence[str],
    aggregate: str,
    last_event_id: str,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[Event | Missed]:
    """Without an end. Raises `NotLoggedIn` and `Refused`; `Unreachable` only before the first connection stands."""
    position, pause, stood = last_event_id or _newest(http), _PAUSE, False
    asked = {"type": list(types)} | ({"aggregate": aggregate} if aggregate else {})
    while True:
        try:
            headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": position} if position else {})
            limits = httpx.Timeout(_SILENT_SECONDS, connect=10)
            with http.stream("GET", PATH, params=asked, headers=headers, timeout=limits) as answer:
                stood, pause = True, _PAUSE
                for message in messages(answer.iter_lines()):
                    if found := _meant(message):
                        position = found.pos
                        yield found
        except (httpx.TransportError, Unreachable) as error:
            if not stood:
                raise error if isinstance(error, Unreachable) else Unreachable(str(error)) from error
        except Refused as refused:
            if not stood or refused.status not in {429, 502, 503, 504}:
                raise
        sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


def _newest(http: httpx.Client) -> str:
    """Where the stream is now, as far as its reader sees it: a connection that breaks before its first event misses none."""
    items: list[dict[str, Any]] = http.get("/api/v1/events").json()["items"]
    return next((str(each["pos"]) for each in items if each["pos"] is not None), "")


def messages(lines: Iterable[str]) -> Iterator[_Message]:
    """What stands between blank lines; a message that was cut off is none."""
    message = _Message()
    for line in lines:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            yield message
            message = _Message()
        elif name == "data":
            message.data += f"\n{value}" if message.data else value
        elif name in {"id", "event", "retry"}:
            setattr(message, name, value)


def _meant(message: _Message) -> Event | Missed | None:
    if not message.data:
        return None
    data = json.loads(message.data)
    if message.event == "reset":
        return Missed(message.id, data["reason"])
    if message.event == "end":
        if data["reason"] == "not_allowed":
            raise NotLoggedIn("The agent may not read events any more, or its login has ended.")
        return None
    return Event(message.id, message.event, data)
