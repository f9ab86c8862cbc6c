from typing import Literal

TasksRunsStatusItem = Literal["canceled", "dead", "failed", "queued", "running", "succeeded", "timed_out", "waiting"]

TASKS_RUNS_STATUS_ITEM_VALUES: set[TasksRunsStatusItem] = {
    "canceled",
    "dead",
    "failed",
    "queued",
    "running",
    "succeeded",
    "timed_out",
    "waiting",
}


def check_tasks_runs_status_item(value: str) -> TasksRunsStatusItem:
    if value in TASKS_RUNS_STATUS_ITEM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TASKS_RUNS_STATUS_ITEM_VALUES!r}")
