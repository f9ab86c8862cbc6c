from typing import Literal

TasksLedgerOrdering = Literal["-scheduled_for", "scheduled_for"]

TASKS_LEDGER_ORDERING_VALUES: set[TasksLedgerOrdering] = {
    "-scheduled_for",
    "scheduled_for",
}


def check_tasks_ledger_ordering(value: str) -> TasksLedgerOrdering:
    if value in TASKS_LEDGER_ORDERING_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TASKS_LEDGER_ORDERING_VALUES!r}")
