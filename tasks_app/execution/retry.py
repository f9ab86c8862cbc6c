"""Whether a failed run is tried again, and when. The only place that decides it."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pipelines import ErrorClass, StepError
from tasks_app.states import BackoffStrategy

LONGEST_DELAY: Final = 300.0  # seconds

_WORTH_RETRYING: Final = frozenset({ErrorClass.RETRYABLE, ErrorClass.TIMEOUT, ErrorClass.LOST_WORKER})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a run is tried again and how long it waits before; `base` is in seconds."""

    max_retries: int
    strategy: BackoffStrategy
    base: float

    def delay_after(
        self, error: StepError, *, failures: int, within_budget: Callable[[], bool] = lambda: True
    ) -> float | None:
        """Seconds until the next try of a run that has now failed with `error`, after `failures` earlier ones.

        None: it is not tried again. A server's Retry-After is honoured up to the longest delay. `within_budget` is asked
        about a try that there will be; beyond the budget of its destination it comes as late as one can, not sooner.
        """
        if error.error_class not in _WORTH_RETRYING or failures >= self.max_retries:
            return None
        asked = min(error.retry_after or 0.0, LONGEST_DELAY)
        own = self._backoff(failures + 1) if within_budget() else _spread(LONGEST_DELAY)
        return max(own, asked)  # in this order NaN asks for nothing

    def _backoff(self, nth: int) -> float:
        if self.strategy == BackoffStrategy.FIXED:
            return min(self.base, LONGEST_DELAY)
        if self.strategy == BackoffStrategy.LINEAR:
            return min(self.base * nth, LONGEST_DELAY)
        return _spread(min(self.base * 2.0 ** (nth - 1), LONGEST_DELAY))


def _spread(longest: float) -> float:
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
