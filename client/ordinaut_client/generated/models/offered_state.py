from typing import Literal

OfferedState = Literal["changed", "new", "same"]

OFFERED_STATE_VALUES: set[OfferedState] = {
    "changed",
    "new",
    "same",
}


def check_offered_state(value: str) -> OfferedState:
    if value in OFFERED_STATE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {OFFERED_STATE_VALUES!r}")
