from typing import Literal

TasksRunsWaitingForItem = Literal[
    "agent_limit",
    "approval",
    "breaker",
    "budget",
    "child_run",
    "decision",
    "event",
    "rate_limit",
    "retry",
    "sleep",
    "start",
    "turn",
]

TASKS_RUNS_WAITING_FOR_ITEM_VALUES: set[TasksRunsWaitingForItem] = {
    "agent_limit",
    "approval",
    "breaker",
    "budget",
    "child_run",
    "decision",
    "event",
    "rate_limit",
    "retry",
    "sleep",
    "start",
    "turn",
}


def check_tasks_runs_waiting_for_item(value: str) -> TasksRunsWaitingForItem:
    if value in TASKS_RUNS_WAITING_FOR_ITEM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TASKS_RUNS_WAITING_FOR_ITEM_VALUES!r}")
