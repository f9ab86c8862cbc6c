from typing import Literal

ToolApproval = Literal["approved", "changed"]

TOOL_APPROVAL_VALUES: set[ToolApproval] = {
    "approved",
    "changed",
}


def check_tool_approval(value: str) -> ToolApproval:
    if value in TOOL_APPROVAL_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TOOL_APPROVAL_VALUES!r}")
