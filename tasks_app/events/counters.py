"""Counters: how often has something been tried in this window of time, by all processes together?

Redis counts. While it does not answer within a tenth of a second, each process counts for itself, and one request asks it again
after a few seconds: a limit is then looser by the number of processes, but it is there, and nobody else waits for Redis.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import redis

from tasks_app.events import stream

_QUIET_SECONDS: Final = 5.0
_MOST_NAMES: Final = 10_000

# One step, so that no counter is left without an end.
_COUNT: Final = """
local told = {}
for number, key in ipairs(KEYS) do
  local tries = redis.call('INCR', key)
  if tries == 1 then redis.call('PEXPIRE', key, ARGV[1]) end
  told[number] = {tries, redis.call('PTTL', key)}
end
return told
"""

logger = logging.getLogger(__name__)

_quiet_until = 0.0  # 0: it has answered
_counting = threading.Lock()
_own: dict[str, tuple[float, int]] = {}  # when the window ends, and the tries in it


@dataclass(frozen=True)
class Tries:
    """How many there were in the window, this one included, and in how many seconds it ends."""

    number: int
    ends_in: float


def count(name: str, *, window: float) -> Tries:
    """Count one more try under a name; window: seconds, from its first try on. Never raises."""
    return count_each([name], window=window)[0]


def count_each(names: Sequence[str], *, window: float) -> list[Tries]:
    """The same under several names, in one question to Redis."""
    if _may_ask():
        try:
            keys = [f"ordinaut:tries:{name}" for name in names]
            told = stream.quick_client().eval(_COUNT, len(keys), *keys, str(int(window * 1000)))
        except redis.RedisError as error:
            _fell_silent(error)
        else:
            _ask_from(0.0)
            return [Tries(int(number), max(int(left), 0) / 1000) for number, left in told]
    return [_count_here(name, window) for name in names]


def is_counted(name: str) -> bool:
    """Whether anything was tried under a name in its window, without counting a try. Never raises."""
    if _may_ask():
        try:
            found = bool(stream.quick_client().exists(f"ordinaut:tries:{name}"))
        except redis.RedisError as error:
            _fell_silent(error)
        else:
            _ask_from(0.0)
            return found
    with _counting:
        ends, _ = _own.get(name, (0.0, 0))
    return ends > time.monotonic()


def _fell_silent(error: redis.RedisError) -> None:
    _ask_from(time.monotonic() + _QUIET_SECONDS)
    logger.warning("Tries are counted by each process for itself: %s", error)


def _may_ask() -> bool:
    """Whether Redis is to be asked. Once it was silent, one caller asks again, while the others go on without."""
    now = time.monotonic()
    if _quiet_until == 0.0:
        return True
    if now < _quiet_until:
        return False
    _ask_from(now + _QUIET_SECONDS)
    return True


def _ask_from(moment: float) -> None:
    global _quiet_until  # noqa: PLW0603 - one memory a process of a Redis that does not answer
    _quiet_until = moment


def _count_here(name: str, window: float) -> Tries:
    now = time.monotonic()
    with _counting:
        ends, tries = _own.get(name, (0.0, 0))
        if ends <= now:
            ends, tries = now + window, 0
            _make_room(now)
        _own[name] = (ends, tries + 1)
    return Tries(tries + 1, ends - now)


def _make_room(now: float) -> None:
    """Forget windows that are over; if all are open, the oldest name: memory is bounded, whatever names are tried."""
    if len(_own) < _MOST_NAMES:
        return
    for name in [name for name, (ends, _) in _own.items() if ends <= now] or [next(iter(_own))]:
        del _own[name]
