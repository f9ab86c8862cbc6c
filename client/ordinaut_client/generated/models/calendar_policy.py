from typing import Literal

CalendarPolicy = Literal["exclude", "next_business_day", "previous_business_day"]

CALENDAR_POLICY_VALUES: set[CalendarPolicy] = {
    "exclude",
    "next_business_day",
    "previous_business_day",
}


def check_calendar_policy(value: str) -> CalendarPolicy:
    if value in CALENDAR_POLICY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {CALENDAR_POLICY_VALUES!r}")
