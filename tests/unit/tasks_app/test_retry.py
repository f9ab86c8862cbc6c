"""Whether a failed run is tried again, and when."""

import random
from statistics import mean

import pytest

from pipelines import ErrorClass, StepError
from pipelines.retries import LONGEST_DELAY
from tasks_app.execution.retry import RetryPolicy
from tasks_app.states import BackoffStrategy

EXPONENTIAL, LINEAR, FIXED = BackoffStrategy.EXPONENTIAL_JITTER, BackoffStrategy.LINEAR, BackoffStrategy.FIXED


def broken(error_class: ErrorClass = ErrorClass.RETRYABLE, *, retry_after: float | None = None) -> StepError:
    return StepError(error_class, "broken", "It broke.", retry_after)


def delays(strategy: BackoffStrategy, *, base: float, tries: int = 10) -> list[float | None]:
    policy = RetryPolicy(10, strategy, base)
    return [policy.delay_after(broken(), failures=failures) for failures in range(tries)]


@pytest.mark.parametrize("error_class", [ErrorClass.RETRYABLE, ErrorClass.TIMEOUT, ErrorClass.LOST_WORKER])
def test_what_may_pass_by_itself_is_tried_again(error_class: ErrorClass) -> None:
    assert RetryPolicy(1, FIXED, 2).delay_after(broken(error_class), failures=0) == 2


@pytest.mark.parametrize("error_class", [ErrorClass.PERMANENT, ErrorClass.CANCELED])
def test_what_will_not_change_is_not_tried_again(error_class: ErrorClass) -> None:
    assert RetryPolicy(10, FIXED, 2).delay_after(broken(error_class), failures=0) is None


@pytest.mark.parametrize("most", [0, 1, 3])
def test_a_run_is_tried_again_as_often_as_its_task_allows(most: int) -> None:
    policy = RetryPolicy(most, FIXED, 1)

    answers = [policy.delay_after(broken(), failures=failures) is not None for failures in range(5)]

    assert answers == [True] * most + [False] * (5 - most)


def test_a_fixed_delay_stays_the_same() -> None:
    assert delays(FIXED, base=7) == [7] * 10
    assert delays(FIXED, base=1000, tries=1) == [LONGEST_DELAY]


def test_a_linear_delay_grows_by_its_base_up_to_the_longest() -> None:
    assert delays(LINEAR, base=50) == [50, 100, 150, 200, 250, 300, 300, 300, 300, 300]


def test_an_exponential_delay_doubles_up_to_the_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda _least, most: most)

    assert delays(EXPONENTIAL, base=1) == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]


def test_an_exponential_delay_is_spread_over_the_half_of_it() -> None:
    policy = RetryPolicy(10, EXPONENTIAL, 100)

    drawn = [policy.delay_after(broken(), failures=1) or 0 for _ in range(2000)]

    assert min(drawn) >= 100
    assert max(drawn) <= 200
    assert 145 < mean(drawn) < 155


@pytest.mark.parametrize(
    ("asked", "waited"),
    [(None, 10), (0, 10), (5, 10), (60, 60), (86_400, LONGEST_DELAY), (float("inf"), LONGEST_DELAY)],
)
def test_a_server_that_asks_for_patience_gets_it_within_the_longest_delay(asked: float | None, waited: float) -> None:
    assert RetryPolicy(1, FIXED, 10).delay_after(broken(retry_after=asked), failures=0) == waited


@pytest.mark.parametrize("asked", [float("nan"), -5.0, float("-inf")])
def test_what_is_no_delay_asks_for_nothing(asked: float) -> None:
    assert RetryPolicy(1, FIXED, 10).delay_after(broken(retry_after=asked), failures=0) == 10


def test_a_retry_beyond_the_budget_comes_late_and_is_not_lost() -> None:
    drawn = {
        RetryPolicy(1, FIXED, 1).delay_after(broken(), failures=0, within_budget=lambda: False) for _ in range(200)
    }

    assert None not in drawn
    assert LONGEST_DELAY / 2 <= min(filter(None, drawn)) < max(filter(None, drawn)) <= LONGEST_DELAY


def test_a_server_that_asks_for_patience_gets_it_beyond_the_budget_too() -> None:
    policy = RetryPolicy(1, FIXED, 1)

    assert policy.delay_after(broken(retry_after=9999), failures=0, within_budget=lambda: False) == LONGEST_DELAY


@pytest.mark.parametrize(("error_class", "failures"), [(ErrorClass.PERMANENT, 0), (ErrorClass.RETRYABLE, 1)])
def test_a_retry_that_there_will_not_be_takes_nothing_of_the_budget(error_class: ErrorClass, failures: int) -> None:
    asked: list[bool] = []

    RetryPolicy(1, FIXED, 1).delay_after(
        broken(error_class), failures=failures, within_budget=lambda: bool(asked.append(True))
    )

    assert asked == []
