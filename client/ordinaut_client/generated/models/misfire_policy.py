from typing import Literal

MisfirePolicy = Literal["all", "latest", "skip"]

MISFIRE_POLICY_VALUES: set[MisfirePolicy] = {
    "all",
    "latest",
    "skip",
}


def check_misfire_policy(value: str) -> MisfirePolicy:
    if value in MISFIRE_POLICY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {MISFIRE_POLICY_VALUES!r}")
