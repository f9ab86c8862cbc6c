from typing import Literal

CalendarsListOrdering = Literal["-created_at", "-id", "-name", "-updated_at", "created_at", "id", "name", "updated_at"]

CALENDARS_LIST_ORDERING_VALUES: set[CalendarsListOrdering] = {
    "-created_at",
    "-id",
    "-name",
    "-updated_at",
    "created_at",
    "id",
    "name",
    "updated_at",
}


def check_calendars_list_ordering(value: str) -> CalendarsListOrdering:
    if value in CALENDARS_LIST_ORDERING_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {CALENDARS_LIST_ORDERING_VALUES!r}")
