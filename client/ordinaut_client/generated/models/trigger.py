from typing import Literal

Trigger = Literal["backfill", "condition", "event", "run_now", "schedule", "step"]

TRIGGER_VALUES: set[Trigger] = {
    "backfill",
    "condition",
    "event",
    "run_now",
    "schedule",
    "step",
}


def check_trigger(value: str) -> Trigger:
    if value in TRIGGER_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TRIGGER_VALUES!r}")
