from typing import Literal

HooksListOrdering = Literal["-created_at", "-id", "-name", "created_at", "id", "name"]

HOOKS_LIST_ORDERING_VALUES: set[HooksListOrdering] = {
    "-created_at",
    "-id",
    "-name",
    "created_at",
    "id",
    "name",
}


def check_hooks_list_ordering(value: str) -> HooksListOrdering:
    if value in HOOKS_LIST_ORDERING_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {HOOKS_LIST_ORDERING_VALUES!r}")
