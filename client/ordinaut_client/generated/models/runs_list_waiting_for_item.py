from typing import Literal

RunsListWaitingForItem = Literal[
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

RUNS_LIST_WAITING_FOR_ITEM_VALUES: set[RunsListWaitingForItem] = {
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


def check_runs_list_waiting_for_item(value: str) -> RunsListWaitingForItem:
    if value in RUNS_LIST_WAITING_FOR_ITEM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RUNS_LIST_WAITING_FOR_ITEM_VALUES!r}")
