from typing import Literal

RunsListStatusItem = Literal["canceled", "dead", "failed", "queued", "running", "succeeded", "timed_out", "waiting"]

RUNS_LIST_STATUS_ITEM_VALUES: set[RunsListStatusItem] = {
    "canceled",
    "dead",
    "failed",
    "queued",
    "running",
    "succeeded",
    "timed_out",
    "waiting",
}


def check_runs_list_status_item(value: str) -> RunsListStatusItem:
    if value in RUNS_LIST_STATUS_ITEM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RUNS_LIST_STATUS_ITEM_VALUES!r}")
