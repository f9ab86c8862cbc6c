from typing import Literal

WaitingFor = Literal[
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

WAITING_FOR_VALUES: set[WaitingFor] = {
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


def check_waiting_for(value: str) -> WaitingFor:
    if value in WAITING_FOR_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {WAITING_FOR_VALUES!r}")
