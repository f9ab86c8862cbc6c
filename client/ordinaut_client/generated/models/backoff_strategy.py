from typing import Literal

BackoffStrategy = Literal["exponential_jitter", "fixed", "linear"]

BACKOFF_STRATEGY_VALUES: set[BackoffStrategy] = {
    "exponential_jitter",
    "fixed",
    "linear",
}


def check_backoff_strategy(value: str) -> BackoffStrategy:
    if value in BACKOFF_STRATEGY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {BACKOFF_STRATEGY_VALUES!r}")
