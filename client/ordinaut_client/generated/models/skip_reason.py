from typing import Literal

SkipReason = Literal[
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

SKIP_REASON_VALUES: set[SkipReason] = {
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


def check_skip_reason(value: str) -> SkipReason:
    if value in SKIP_REASON_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {SKIP_REASON_VALUES!r}")
