"""Counters: how often has something been tried in this window of time, by all processes together?

Redis counts. While it does not answer, each process counts for itself and asks it again after a few seconds: a limit is then
looser by the number of processes, but it is there, and nobody waits for Redis at every request.
"""

import logging
import threading
import time
from dataclasses import dataclass
from typing import Final

import redis

from tasks_app.events import stream

_QUIET_SECONDS: Final = 5.0
_MOST_NAMES: Final = 10_000

# One step, so that no counter is left without an end.
_COUNT: Final = """
local tries = redis.call('INCR', KEYS[1])
if tries == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {tries, redis.call('PTTL', KEYS[1])}
"""

logger = logging.getLogger(__name__)

_quiet_until = 0.0
_counting = threading.Lock()
_own: dict[str, tuple[float, int]] = {}  # when the window ends, and the tries in it


@dataclass(frozen=True)
class Tries:
    """How many there were in the window, this one included, and in how many seconds it ends."""

    number: int
    ends_in: float


def count(name: str, *, window: float) -> Tries:
    """Count one more try under a name; window: seconds, from its first try on. Never raises."""
    global _quiet_until  # noqa: PLW0603 - one memory a process of a Redis that does not answer
    if time.monotonic() >= _quiet_until:
        try:
            number, left = stream.client().eval(_COUNT, 1, f"ordinaut:tries:{name}", str(int(window * 1000)))
            return Tries(int(number), max(int(left), 0) / 1000)
        except redis.RedisError as error:
            _quiet_until = time.monotonic() + _QUIET_SECONDS
            logger.warning("Tries are counted by each process for itself: %s", error)
    return _count_here(name, window)


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
