from typing import Literal

BackfillOverlapPolicy = Literal["allow", "queue_all"]

BACKFILL_OVERLAP_POLICY_VALUES: set[BackfillOverlapPolicy] = {
    "allow",
    "queue_all",
}


def check_backfill_overlap_policy(value: str) -> BackfillOverlapPolicy:
    if value in BACKFILL_OVERLAP_POLICY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {BACKFILL_OVERLAP_POLICY_VALUES!r}")
