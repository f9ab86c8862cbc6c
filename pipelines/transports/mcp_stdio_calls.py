"""How is an MCP server over standard input and output asked for something?"""

import atexit
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from mcp_types import CallToolResult

from pipelines.transports import mcp_children
from pipelines.transports.entry import StdioServer
from pipelines.transports.event_loop import OutOfTime, in_loop
from pipelines.transports.mcp_definitions import Found
from pipelines.transports.mcp_session import call_tool, tools_of
from pipelines.transports.mcp_wanted import Wanted

_END_SECONDS: Final = 4.0


def call_at(
    name: str, server: StdioServer, wanted: Wanted, *, seconds: float, check: Callable[[], None]
) -> CallToolResult:
    """Call a tool. Raises `OutOfTime`, what `check` raises, and the rest."""

    async def work() -> CallToolResult:
        child = mcp_children.child_of(name, server)
        async with child.used() as client:
            return await call_tool(client, wanted, known=child.known)

    return in_loop(work, seconds=seconds, check=check)


def list_at(name: str, server: StdioServer, *, seconds: float, check: Callable[[], None]) -> list[Found]:
    """The server's tools. Raises as `call_at`."""

    async def work() -> list[Found]:
        async with mcp_children.child_of(name, server).used() as client:
            return await tools_of(client)

    return in_loop(work, seconds=seconds, check=check)


def end_all() -> None:
    """End all servers of this process, which the exit of the process does, too."""
    if not mcp_children.are_there():  # a process that ends may start no thread any more to find that out
        return
    with suppress(OutOfTime):
        in_loop(mcp_children.end_all, seconds=_END_SECONDS, check=lambda: None)


atexit.register(end_all)
