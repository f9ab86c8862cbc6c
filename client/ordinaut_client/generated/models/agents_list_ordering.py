from typing import Literal

AgentsListOrdering = Literal["-created_at", "-id", "-name", "created_at", "id", "name"]

AGENTS_LIST_ORDERING_VALUES: set[AgentsListOrdering] = {
    "-created_at",
    "-id",
    "-name",
    "created_at",
    "id",
    "name",
}


def check_agents_list_ordering(value: str) -> AgentsListOrdering:
    if value in AGENTS_LIST_ORDERING_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {AGENTS_LIST_ORDERING_VALUES!r}")
