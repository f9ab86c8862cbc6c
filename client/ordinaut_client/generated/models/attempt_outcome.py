from typing import Literal

AttemptOutcome = Literal["canceled", "failed", "handed_back", "lost", "retried", "succeeded", "timed_out", "waiting"]

ATTEMPT_OUTCOME_VALUES: set[AttemptOutcome] = {
    "canceled",
    "failed",
    "handed_back",
    "lost",
    "retried",
    "succeeded",
    "timed_out",
    "waiting",
}


def check_attempt_outcome(value: str) -> AttemptOutcome:
    if value in ATTEMPT_OUTCOME_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {ATTEMPT_OUTCOME_VALUES!r}")
