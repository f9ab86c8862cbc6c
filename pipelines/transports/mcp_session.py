"""What does a session with an MCP server do, whichever way the server is reached: list its tools, check one, call one."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

import anyio
from mcp import Client, MCPError
from mcp_types import (
    HEADER_MISMATCH,
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    DiscoverResult,
    Implementation,
    InputRequiredResult,
    PaginatedRequestParams,
    Tool,
    ToolListChangedNotification,
)
from pydantic import TypeAdapter

from pipelines.errors import StepFailed
from pipelines.transports.mcp_definitions import Found
from pipelines.transports.mcp_wanted import Wanted
from pipelines.values import MAX_BYTES

LONGEST_MESSAGE: Final = 4 * MAX_BYTES  # bytes; an output stands in it twice, as text and as structured content
CLIENT_INFO: Final = Implementation(name="ordinaut", version="1")
MOST_TOOLS: Final = 1000
_MOST_PAGES: Final = 100
_KNOWN_SECONDS: Final = 60.0

_ANSWER: Final[TypeAdapter[CallToolResult | InputRequiredResult]] = TypeAdapter(CallToolResult | InputRequiredResult)


@dataclass(eq=False, kw_only=True)
class Known:
    """What is known of a server for a minute: which protocol it speaks, and its tools' definitions."""

    protocol: str = "auto"  # a `mode` of `Client`
    discovered: DiscoverResult | None = None
    fingerprints: Mapping[str, str] | None = None
    until: float = field(default_factory=lambda: monotonic() + _KNOWN_SECONDS)
    listing: anyio.Lock = field(default_factory=anyio.Lock)

    @property
    def fresh(self) -> bool:
        return monotonic() < self.until

    def learn_protocol(self, client: Client) -> None:
        self.discovered = client.session.discover_result
        self.protocol = client.protocol_version if self.discovered else "legacy"

    def forget_tools(self) -> None:
        self.fingerprints = None

    async def heard(self, message: object) -> None:
        """What a server says of itself. It may say so while a call of ours is under way, and only then do we hear it."""
        if isinstance(message, ToolListChangedNotification):
            self.forget_tools()


async def call_tool(client: Client, wanted: Wanted, *, known: Known) -> CallToolResult:
    """Call the tool, if it is the approved one. Raises `StepFailed` (tool_changed) and what the SDK raises."""
    if wanted.fingerprint:
        await _check_definition(client, wanted, known)
    meta: Any = dict(wanted.meta)
    arguments = dict(wanted.arguments)
    request = CallToolRequest(params=CallToolRequestParams(name=wanted.tool, arguments=arguments, _meta=meta))
    wanted.progress.asked = True
    # Not `client.call_tool`: it validates what comes back, which the step does, too, and lists all tools first to do so.
    try:
        answer = await client.session.send_request(request, _ANSWER)
    except MCPError as refusal:
        if refusal.code != HEADER_MISMATCH:
            raise
        await tools_of(client)  # the session learns which arguments the server wants in headers, too
        answer = await client.session.send_request(request, _ANSWER)
    if isinstance(answer, InputRequiredResult):
        raise StepFailed.permanently("mcp_input_required", f"{wanted.tool} wants to ask somebody, and nobody is there")
    return answer


async def _check_definition(client: Client, wanted: Wanted, known: Known) -> None:
    async with known.listing:
        if known.fingerprints is not None and known.fingerprints.get(wanted.tool) == wanted.fingerprint:
            return
        # Not asked yet, or approved after we had asked: see what it is now.
        found = await tools_of(client)
        known.fingerprints = {tool.name: tool.fingerprint for tool in found}
    current = known.fingerprints.get(wanted.tool)
    if current is None:
        raise StepFailed.permanently("tool_changed", f"the server has no tool called {wanted.tool!r} any more")
    if current != wanted.fingerprint:
        message = (
            f"the server defines {wanted.tool!r} otherwise than it was approved; it is not called until somebody has looked "
            "at the new definition and imports it again"
        )
        raise StepFailed.permanently("tool_changed", message)


async def tools_of(client: Client) -> list[Found]:
    """All tools of the server. Raises `StepFailed` (too_many_tools) when there are more than `MOST_TOOLS`."""
    found: list[Found] = []
    async for page in _pages(client):
        found += map(_found, page)
        if len(found) > MOST_TOOLS:
            raise _too_many()
    return found


async def _pages(client: Client) -> AsyncIterator[list[Tool]]:
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        listing = await client.session.list_tools(params=PaginatedRequestParams(cursor=cursor))
        yield listing.tools
        cursor = listing.next_cursor
        if cursor is None:
            return
    raise _too_many()


def _too_many() -> StepFailed:
    return StepFailed.permanently("too_many_tools", f"the server lists more than {MOST_TOOLS} tools, or never ends")


def _found(tool: Tool) -> Found:
    said = tool.model_dump(mode="json", by_alias=True, exclude_none=True)
    return Found(
        name=tool.name,
        description=tool.description or "",
        input_schema=tool.input_schema,
        output_schema=tool.output_schema or {},
        annotations=said.get("annotations", {}),
    )
