from typing import Literal

RunStatus = Literal["canceled", "dead", "failed", "queued", "running", "succeeded", "timed_out", "waiting"]

RUN_STATUS_VALUES: set[RunStatus] = {
    "canceled",
    "dead",
    "failed",
    "queued",
    "running",
    "succeeded",
    "timed_out",
    "waiting",
}


def check_run_status(value: str) -> RunStatus:
    if value in RUN_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RUN_STATUS_VALUES!r}")
