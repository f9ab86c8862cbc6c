from typing import Literal

TasksListOrdering = Literal[
    "-created_at",
    "-id",
    "-next_run_at",
    "-priority",
    "-title",
    "-updated_at",
    "created_at",
    "id",
    "next_run_at",
    "priority",
    "title",
    "updated_at",
]

TASKS_LIST_ORDERING_VALUES: set[TasksListOrdering] = {
    "-created_at",
    "-id",
    "-next_run_at",
    "-priority",
    "-title",
    "-updated_at",
    "created_at",
    "id",
    "next_run_at",
    "priority",
    "title",
    "updated_at",
}


def check_tasks_list_ordering(value: str) -> TasksListOrdering:
    if value in TASKS_LIST_ORDERING_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TASKS_LIST_ORDERING_VALUES!r}")
