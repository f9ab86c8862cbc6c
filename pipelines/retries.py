"""Is what failed worth another try, and how long does that wait?"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pipelines.errors import ErrorClass, StepError

LONGEST_DELAY: Final = 300.0  # seconds, of those that nobody has written down
WORTH_RETRYING: Final = frozenset({ErrorClass.RETRYABLE, ErrorClass.TIMEOUT, ErrorClass.LOST_WORKER})


@dataclass(frozen=True, slots=True)
class StepRetries:
    """A step's own rule: it is tried again at most `most` times in a run.

    `delays` are the seconds before each retry, the last one also before all further; without them they double from 1 s.
    """

    most: int = 0
    delays: tuple[float, ...] = ()

    def delay_after(self, error: StepError, *, failures: int, within_budget: Callable[[], bool]) -> float | None:
        """Seconds until the next try of a step that has now failed with `error`, after `failures` earlier ones.

        None: it is not tried again by this rule. `within_budget` is asked about a try that there will be.
        """
        if failures >= self.most or error.error_class not in WORTH_RETRYING:
            return None
        return put_off(self._own(failures), error, within_budget=within_budget())

    def _own(self, failures: int) -> float:
        if self.delays:
            return self.delays[min(failures, len(self.delays) - 1)]
        return spread(min(2.0**failures, LONGEST_DELAY))


def put_off(own: float, error: StepError, *, within_budget: bool) -> float:
    """A retry's own delay, or a longer one: a server's Retry-After is honoured up to the longest delay, and a retry beyond
    the budget of its destination comes as late as one can.
    """
    asked = min(error.retry_after or 0.0, LONGEST_DELAY)
    late = 0.0 if within_budget else spread(LONGEST_DELAY)
    return max(own, late, asked)  # in this order NaN asks for nothing


def spread(longest: float) -> float:
    """50 to 100 % of `longest`."""
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
