"""The transport `mcp-stdio`: tools of an MCP server that is a program, run by us, which only the operator can name."""

from collections.abc import Iterator
from typing import Any, Final

from pipelines.calls import ToolCall
from pipelines.errors import Fault
from pipelines.transports.connector import Connection, Connector
from pipelines.transports.entry import Entry, Outside
from pipelines.transports.mcp_settings import stdio_faults
from pipelines.transports.mcp_wanted import wanted_by


def _faults(entry: Entry, outside: Outside) -> Iterator[Fault]:
    yield from stdio_faults(entry.settings, outside)


def _connect(entry: Entry, outside: Outside) -> Connection:
    name = entry.settings["server"]
    server = outside.servers[name]
    destination = f"{entry.address} {name}"
    at_most_once = not (entry.pure or entry.safe_to_retry)

    def called(given: Any, call: ToolCall) -> Any:
        from pipelines.transports import mcp_stdio_calls, mcp_steps  # noqa: PLC0415 - the SDK takes 1.5 s to import

        wanted = wanted_by(entry, given, call)
        late = call.timed_out().error
        with mcp_steps.failing_as_steps(name, late=late, progress=wanted.progress, at_most_once=at_most_once):
            result = mcp_stdio_calls.call_at(name, server, wanted, seconds=call.remaining(), check=call.check)
            return mcp_steps.output_of(result)

    return Connection(called, lambda _given: destination)


CONNECTOR: Final = Connector(_faults, _connect)
