from typing import Literal

TasksListStatusItem = Literal["active", "canceled", "completed", "paused"]

TASKS_LIST_STATUS_ITEM_VALUES: set[TasksListStatusItem] = {
    "active",
    "canceled",
    "completed",
    "paused",
}


def check_tasks_list_status_item(value: str) -> TasksListStatusItem:
    if value in TASKS_LIST_STATUS_ITEM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TASKS_LIST_STATUS_ITEM_VALUES!r}")
