from typing import Literal

RetryFrom = Literal["failed_step", "start"]

RETRY_FROM_VALUES: set[RetryFrom] = {
    "failed_step",
    "start",
}


def check_retry_from(value: str) -> RetryFrom:
    if value in RETRY_FROM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RETRY_FROM_VALUES!r}")
