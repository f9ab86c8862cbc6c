"""Whether the clock of this host agrees with the database's, which decides when anything is due."""

import logging
import threading
import time
from collections.abc import Callable
from enum import IntEnum
from functools import wraps
from typing import Final, TypeVar

import prometheus_client as prometheus
from django.db import connection

WARNED_AT: Final = 5.0
REFUSED_AT: Final = 30.0
_BACK_AT: Final = 0.8  # of a limit: a clock right at it is not told of again and again

_skew = prometheus.Gauge(
    "orchestrator_clock_skew_seconds",
    "How far the clock of this host is ahead of the database's.",
    multiprocess_mode="livemostrecent",
)
_Answer = TypeVar("_Answer")

host_time: Callable[[], float] = time.time  # seconds since 1970; tests put another clock here
logger = logging.getLogger(__name__)


class ClocksApart(Exception):
    """The clocks of host and database are too far apart to plan by."""


class Agreement(IntEnum):
    """How well the clocks agree."""

    GOOD = 0
    DOUBTFUL = 1
    REFUSED = 2


_agreement = Agreement.GOOD
_change = threading.Lock()


def require_agreement() -> None:
    """Compare the clocks. Warns once when they come to be 5 s apart, and raises `ClocksApart` while it is 30 s or more."""
    if connection.vendor != "postgresql":
        return
    skew, error = _measure()
    _skew.set(skew)
    if _noted(max(abs(skew) - error, 0)) == Agreement.REFUSED:
        raise ClocksApart(f"{_told(skew)}. Nothing is planned until they agree: set the host's clock (NTP).")


def while_they_agree(act: Callable[[], _Answer]) -> Callable[[], _Answer]:
    """The same, refused with `ClocksApart` while the clocks are too far apart."""

    @wraps(act)
    def guarded() -> _Answer:
        require_agreement()
        return act()

    return guarded


def _measure() -> tuple[float, float]:
    """Host minus database, and how wrong that may be (seconds): the answer was given at some time in the round trip."""
    begun, sent = time.monotonic(), host_time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        theirs: float = cursor.fetchone()[0]
    half = (time.monotonic() - begun) / 2
    return sent + half - theirs, half


def _noted(apart: float) -> Agreement:
    """The agreement from now on, which is logged when it is another than before."""
    global _agreement
    with _change:
        before, _agreement = _agreement, _judge(apart, _agreement)
        now = _agreement
    if now > before:
        logger.warning("The clocks of this host and the database are %.1f s apart: set the host's clock (NTP)", apart)
    elif now < before:
        logger.warning("The clocks of this host and the database have come nearer: %.1f s", apart)
    return now


def _judge(apart: float, before: Agreement) -> Agreement:
    limits = {Agreement.DOUBTFUL: WARNED_AT, Agreement.REFUSED: REFUSED_AT}
    held = (level for level, limit in limits.items() if apart >= (limit * _BACK_AT if before >= level else limit))
    return max(held, default=Agreement.GOOD)


def _told(skew: float) -> str:
    return f"The clock of this host is {abs(skew):.1f} s {'ahead of' if skew > 0 else 'behind'} the database's"
