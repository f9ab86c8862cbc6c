"""Rules: when a breaker opens, how long it stays open, how fast what waited returns, how many retries there may be."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from tasks_app.catalogue import RateLimits
from tasks_app.conf import Conf
from tasks_app.rate_limits import RateLimit, that_hold

WINDOW: Final = timedelta(minutes=1)
LONGEST_COOLDOWN: Final = timedelta(minutes=5)
RETURN_FACTOR: Final = 1.5  # of the rate before the outage: what waited and what is new, together
LEAST_RETURN_RATE: Final = 1.0  # calls per second
RETRY_FLOOR: Final = 1.0  # retries per second that any destination stands
LINE_OF_RETURN: Final = "return to "


@dataclass(frozen=True, kw_only=True)
class Rules:
    """A breaker opens when `least_calls` calls in succession have failed, or `percent` of as many in the window.

    The window alone would notice too late: half a minute of success hides half a minute of failure.
    """

    percent: int = 50
    least_calls: int = 10
    cooldown: timedelta = timedelta(seconds=30)
    patience: timedelta = timedelta(hours=1)
    retry_percent: int = 10
    limits: Mapping[str, RateLimit] = field(default_factory=dict)

    @classmethod
    def of(cls, conf: Conf) -> "Rules":
        return cls(
            percent=conf.breaker_percent,
            least_calls=conf.breaker_calls,
            cooldown=conf.breaker_cooldown,
            patience=conf.breaker_patience,
            retry_percent=conf.retry_percent,
            limits=RateLimits(conf.rate_limits),
        )

    def of_opening(self) -> dict[str, Any]:
        return self.of_cooldown() | {
            "percent": float(self.percent),
            "least_calls": float(self.least_calls),
            "return_factor": RETURN_FACTOR,
            "least_rate": LEAST_RETURN_RATE,
        }

    def of_cooldown(self) -> dict[str, Any]:
        return {"cooldown": self.cooldown.total_seconds(), "longest": LONGEST_COOLDOWN.total_seconds()}

    def of_retries(self) -> dict[str, Any]:
        return {"percent": self.retry_percent, "floor": RETRY_FLOOR * WINDOW.total_seconds()}

    def retries_left(self, calls: int, retries: int) -> int:
        """How many more retries there may be in a window of so many calls and retries."""
        budget = calls * self.retry_percent / 100 + RETRY_FLOOR * WINDOW.total_seconds()
        return max(math.ceil(budget - retries), 0)

    def limits_of(self, tool: str, destination: str) -> list[RateLimit]:
        """The rate limits that a call has to keep."""
        return that_hold(self.limits, tool=tool, destination=destination)


def return_limit(destination: str, rate: float) -> RateLimit:
    """How fast the calls of a destination may return, `rate` in calls per second."""
    return RateLimit(f"{LINE_OF_RETURN}{destination}", 1.0 / rate)
