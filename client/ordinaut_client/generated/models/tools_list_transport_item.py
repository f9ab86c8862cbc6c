from typing import Literal

ToolsListTransportItem = Literal["builtin", "http", "jsonrpc", "llm", "mcp-http", "mcp-stdio", "python"]

TOOLS_LIST_TRANSPORT_ITEM_VALUES: set[ToolsListTransportItem] = {
    "builtin",
    "http",
    "jsonrpc",
    "llm",
    "mcp-http",
    "mcp-stdio",
    "python",
}


def check_tools_list_transport_item(value: str) -> ToolsListTransportItem:
    if value in TOOLS_LIST_TRANSPORT_ITEM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TOOLS_LIST_TRANSPORT_ITEM_VALUES!r}")
