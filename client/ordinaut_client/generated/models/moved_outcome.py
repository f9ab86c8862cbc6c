from typing import Literal

MovedOutcome = Literal["already", "illegal", "moved", "not_found"]

MOVED_OUTCOME_VALUES: set[MovedOutcome] = {
    "already",
    "illegal",
    "moved",
    "not_found",
}


def check_moved_outcome(value: str) -> MovedOutcome:
    if value in MOVED_OUTCOME_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {MOVED_OUTCOME_VALUES!r}")
