from typing import Literal

TasksListScheduleKindItem = Literal["condition", "cron", "event", "interval", "manual", "once", "rrule"]

TASKS_LIST_SCHEDULE_KIND_ITEM_VALUES: set[TasksListScheduleKindItem] = {
    "condition",
    "cron",
    "event",
    "interval",
    "manual",
    "once",
    "rrule",
}


def check_tasks_list_schedule_kind_item(value: str) -> TasksListScheduleKindItem:
    if value in TASKS_LIST_SCHEDULE_KIND_ITEM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TASKS_LIST_SCHEDULE_KIND_ITEM_VALUES!r}")
