from typing import Literal

TasksLedgerReasonItem = Literal[
    "blackout",
    "budget",
    "coalesced",
    "cooldown",
    "deduplicated",
    "dst_gap",
    "holiday",
    "misfired",
    "overlap",
    "paused",
    "snoozed",
]

TASKS_LEDGER_REASON_ITEM_VALUES: set[TasksLedgerReasonItem] = {
    "blackout",
    "budget",
    "coalesced",
    "cooldown",
    "deduplicated",
    "dst_gap",
    "holiday",
    "misfired",
    "overlap",
    "paused",
    "snoozed",
}


def check_tasks_ledger_reason_item(value: str) -> TasksLedgerReasonItem:
    if value in TASKS_LEDGER_REASON_ITEM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TASKS_LEDGER_REASON_ITEM_VALUES!r}")
