from typing import Literal

StepStatus = Literal["begun", "failed", "pending", "refused", "retrying", "skipped", "succeeded", "unknown", "waiting"]

STEP_STATUS_VALUES: set[StepStatus] = {
    "begun",
    "failed",
    "pending",
    "refused",
    "retrying",
    "skipped",
    "succeeded",
    "unknown",
    "waiting",
}


def check_step_status(value: str) -> StepStatus:
    if value in STEP_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {STEP_STATUS_VALUES!r}")
