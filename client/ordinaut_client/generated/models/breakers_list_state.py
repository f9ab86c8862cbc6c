from typing import Literal

BreakersListState = Literal["closed", "open", "recovering"]

BREAKERS_LIST_STATE_VALUES: set[BreakersListState] = {
    "closed",
    "open",
    "recovering",
}


def check_breakers_list_state(value: str) -> BreakersListState:
    if value in BREAKERS_LIST_STATE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {BREAKERS_LIST_STATE_VALUES!r}")
