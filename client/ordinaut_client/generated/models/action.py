from typing import Literal

Action = Literal["changed", "created", "deleted", "unchanged"]

ACTION_VALUES: set[Action] = {
    "changed",
    "created",
    "deleted",
    "unchanged",
}


def check_action(value: str) -> Action:
    if value in ACTION_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {ACTION_VALUES!r}")
