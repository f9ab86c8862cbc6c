from typing import Literal

ResolveOutcome = Literal["failed", "retry", "succeeded"]

RESOLVE_OUTCOME_VALUES: set[ResolveOutcome] = {
    "failed",
    "retry",
    "succeeded",
}


def check_resolve_outcome(value: str) -> ResolveOutcome:
    if value in RESOLVE_OUTCOME_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RESOLVE_OUTCOME_VALUES!r}")
