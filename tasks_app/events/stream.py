"""The stream `ordinaut:events`: how events reach Redis, in order and without a hole.

An entry's id is `<pos>-0`. A script adds an event only when the stream's newest id is the one before it,
so a relay that was asleep while another went on, or while Redis lost its data, can neither skip nor repeat.

Beside each event stands its seal, which only those make who know the platform's `SECRET_KEY`: whoever else can write to
Redis is not believed, and the event read from Postgres.
"""

import hmac
import json
from collections.abc import Callable, Sequence
from functools import cache, wraps
from hashlib import sha256
from typing import Any, Final, ParamSpec, TypeVar

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from tasks_app.models import Event

P = ParamSpec("P")
T = TypeVar("T")

STREAM: Final = "ordinaut:events"
WAIT_SECONDS: Final = 1.0  # that a read blocks, unless it is told otherwise
QUICK_SECONDS: Final = 0.1

MOST_BYTES: Final = 8_000_000  # of bodies in one call: Redis must take them within the client's timeout

# KEYS[1] the stream; ARGV: the oldest pos that Postgres still holds, then pos, body and seal of each event.
# Answers how many were added: it stops at the first event that does not follow the stream's newest.
_APPEND: Final = """
local last = -1
if redis.call('EXISTS', KEYS[1]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then last = tonumber(string.match(info[i + 1], '^(%d+)')) end
  end
end
local oldest = tonumber(ARGV[1])
local added = 0
for i = 2, #ARGV, 3 do
  local pos = tonumber(ARGV[i])
  if pos ~= last + 1 and not (last < oldest and pos == oldest) then return added end
  redis.call('XADD', KEYS[1], ARGV[i] .. '-0', 'event', ARGV[i + 1], 'seal', ARGV[i + 2])
  last = pos
  added = added + 1
end
return added
"""


@cache
def client() -> redis.Redis:
    """The process's Redis client; no call on it may wait for long."""
    return blocking_client(wait=0)


@cache
def quick_client() -> redis.Redis:
    """A client of what nobody waits for: without an answer within a tenth of a second it goes on without."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        decode_responses=True,
        socket_timeout=QUICK_SECONDS,
        socket_connect_timeout=QUICK_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def blocking_client(*, wait: float = WAIT_SECONDS) -> redis.Redis:
    """A new client, for reads that block up to `wait` seconds, and never for much longer, whatever the network does."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        decode_responses=True,
        socket_timeout=wait + 2,
        socket_connect_timeout=1,
        health_check_interval=10,
        retry=Retry(NoBackoff(), 0),
    )


class StreamUnreachable(ConnectionError):
    """Redis does not answer, or takes no writes. The events stay in the outbox until it does."""


def _named_if_unreachable(ask: Callable[P, T]) -> Callable[P, T]:
    @wraps(ask)
    def asking(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return ask(*args, **kwargs)
        except (redis.ConnectionError, redis.TimeoutError, redis.ReadOnlyError) as error:
            raise StreamUnreachable(f"Redis does not answer: {error}") from error

    return asking


@_named_if_unreachable
def newest_pos() -> int:
    """The position of the newest event that the stream ever held; 0 after a loss of its data."""
    try:
        info = client().xinfo_stream(STREAM)
    except redis.ResponseError:  # no such key
        return 0
    return int(str(info["last-generated-id"]).partition("-")[0])


@_named_if_unreachable
def append(events: Sequence[Event], *, oldest_pos: int) -> int:
    """Add numbered events in the order of `pos`; answers how many followed the stream's newest and were added.

    Of many large ones only the first are sent: the others follow at the next round.
    """
    arguments: list[str | int] = [oldest_pos]
    left = MOST_BYTES
    for event in events:
        assert event.pos
        body = json.dumps(event.envelope, separators=(",", ":"))
        left -= len(body)
        if left < 0 and len(arguments) > 1:
            break
        arguments += [event.pos, body, seal(event.pos, body)]
    return int(client().eval(_APPEND, 1, STREAM, *arguments))


def seal(pos: int, body: str) -> str:
    """Proof that the platform has written this event at this position: 64 hex digits (HMAC-SHA256)."""
    return hmac.new(_sealing_key(settings.SECRET_KEY), f"{pos}\n{body}".encode(), sha256).hexdigest()


@cache
def _sealing_key(secret: str) -> bytes:
    return hmac.new(secret.encode(), b"ordinaut events", sha256).digest()


@_named_if_unreachable
def discard() -> None:
    """Forget every entry, and the consumer groups with them: what follows is another history."""
    client().delete(STREAM)


@_named_if_unreachable
def groups() -> list[dict[str, Any]]:
    """The consumer groups that Redis knows, as it tells of them."""
    try:
        return list(client().xinfo_groups(STREAM))
    except redis.ResponseError:  # no such key
        return []


@_named_if_unreachable
def trim(*, keep: int, at_most: int, wanted: int | None = None) -> int:
    """Drop the oldest entries beyond `keep`, but for those that a reader has not finished with, `at_most` of all.

    wanted: the first position that a reader whose position is in Postgres has still to read, None without such a one.
    A reader further behind than `at_most` finds the gap by the positions, and the events in Postgres.
    """
    newest = newest_pos()
    boundary = newest - keep + 1 if wanted is None else min(newest - keep + 1, wanted)
    for group in groups():
        delivered = str(group["last-delivered-id"])
        pending = client().xpending(STREAM, group["name"])
        unfinished = str(pending["min"] or delivered)
        boundary = min(boundary, int(unfinished.partition("-")[0]))
    boundary = max(boundary, newest - at_most + 1)
    return int(client().xtrim(STREAM, minid=boundary, approximate=True)) if boundary > 1 else 0
