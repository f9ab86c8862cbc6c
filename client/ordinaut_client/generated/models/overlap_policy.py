from typing import Literal

OverlapPolicy = Literal["allow", "cancel_running", "queue_all", "queue_one", "skip"]

OVERLAP_POLICY_VALUES: set[OverlapPolicy] = {
    "allow",
    "cancel_running",
    "queue_all",
    "queue_one",
    "skip",
}


def check_overlap_policy(value: str) -> OverlapPolicy:
    if value in OVERLAP_POLICY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {OVERLAP_POLICY_VALUES!r}")
