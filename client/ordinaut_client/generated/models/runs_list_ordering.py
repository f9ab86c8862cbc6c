from typing import Literal

RunsListOrdering = Literal["-id", "id"]

RUNS_LIST_ORDERING_VALUES: set[RunsListOrdering] = {
    "-id",
    "id",
}


def check_runs_list_ordering(value: str) -> RunsListOrdering:
    if value in RUNS_LIST_ORDERING_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RUNS_LIST_ORDERING_VALUES!r}")
