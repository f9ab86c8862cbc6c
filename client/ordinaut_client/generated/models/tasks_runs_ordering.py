from typing import Literal

TasksRunsOrdering = Literal["-id", "id"]

TASKS_RUNS_ORDERING_VALUES: set[TasksRunsOrdering] = {
    "-id",
    "id",
}


def check_tasks_runs_ordering(value: str) -> TasksRunsOrdering:
    if value in TASKS_RUNS_ORDERING_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TASKS_RUNS_ORDERING_VALUES!r}")
