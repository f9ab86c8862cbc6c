from typing import Literal

ToolHealth = Literal["closed", "open", "recovering", "unknown"]

TOOL_HEALTH_VALUES: set[ToolHealth] = {
    "closed",
    "open",
    "recovering",
    "unknown",
}


def check_tool_health(value: str) -> ToolHealth:
    if value in TOOL_HEALTH_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TOOL_HEALTH_VALUES!r}")
