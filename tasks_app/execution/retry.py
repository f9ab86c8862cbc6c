"""Whether a failed run is tried again, and when. Whether a failed step is, before that: `pipelines.retries`."""

from collections.abc import Callable
from dataclasses import dataclass

from pipelines import StepError
from pipelines.retries import LONGEST_DELAY, WORTH_RETRYING, put_off, spread
from tasks_app.states import BackoffStrategy


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
        if error.error_class not in WORTH_RETRYING or failures >= self.max_retries:
            return None
        return put_off(self._backoff(failures + 1), error, within_budget=within_budget())

    def _backoff(self, nth: int) -> float:
        if self.strategy == BackoffStrategy.FIXED:
            return min(self.base, LONGEST_DELAY)
        if self.strategy == BackoffStrategy.LINEAR:
            return min(self.base * nth, LONGEST_DELAY)
        return spread(min(self.base * 2.0 ** (nth - 1), LONGEST_DELAY))
