from typing import Literal

ToolsListApprovalItem = Literal["approved", "changed"]

TOOLS_LIST_APPROVAL_ITEM_VALUES: set[ToolsListApprovalItem] = {
    "approved",
    "changed",
}


def check_tools_list_approval_item(value: str) -> ToolsListApprovalItem:
    if value in TOOLS_LIST_APPROVAL_ITEM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TOOLS_LIST_APPROVAL_ITEM_VALUES!r}")
