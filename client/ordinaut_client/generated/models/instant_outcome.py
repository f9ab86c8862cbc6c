from typing import Literal

InstantOutcome = Literal["due", "fired", "not_an_instant", "skipped", "unknown", "will_fire", "will_not_fire"]

INSTANT_OUTCOME_VALUES: set[InstantOutcome] = {
    "due",
    "fired",
    "not_an_instant",
    "skipped",
    "unknown",
    "will_fire",
    "will_not_fire",
}


def check_instant_outcome(value: str) -> InstantOutcome:
    if value in INSTANT_OUTCOME_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {INSTANT_OUTCOME_VALUES!r}")
