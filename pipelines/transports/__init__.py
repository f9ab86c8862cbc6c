"""How does a catalogue entry become a tool that steps can call?

Each transport is a module with a `CONNECTOR`. What it says about bad settings is said when an entry is
saved; what it does to the world, at the call alone.
"""

from collections.abc import Mapping
from typing import Final

from pipelines.catalogue import Tool
from pipelines.errors import Fault
from pipelines.transports import http, jsonrpc, llm, mcp_http, mcp_stdio, python
from pipelines.transports.connector import Connector
from pipelines.transports.entry import TRANSPORTS, Entry, Outside, SecretRefused, StdioServer

__all__ = ["TRANSPORTS", "Entry", "InvalidEntry", "Outside", "SecretRefused", "StdioServer", "tool_of"]


class InvalidEntry(ValueError):
    """An entry cannot be a tool; `faults` say where (pointers into the entry) and what would cure it."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.message}" for fault in faults))
        self.faults = faults


_CONNECTORS: Final[Mapping[str, Connector]] = {
    "python": python.CONNECTOR,
    "http": http.CONNECTOR,
    "jsonrpc": jsonrpc.CONNECTOR,
    "mcp-http": mcp_http.CONNECTOR,
    "mcp-stdio": mcp_stdio.CONNECTOR,
    "llm": llm.CONNECTOR,
}


def tool_of(entry: Entry, outside: Outside) -> Tool:
    """The tool that an entry describes. Makes no connection. Raises `InvalidEntry`."""
    connector = _CONNECTORS.get(entry.transport)
    if connector is None:
        message = f"is not a transport; known are {', '.join(TRANSPORTS)}"
        raise InvalidEntry((Fault("/transport", message),))
    if faults := tuple(connector.faults(entry, outside)):
        raise InvalidEntry(faults)
    try:
        connection = connector.connect(entry, outside)
        return Tool(
            entry.address,
            connection.call,
            input_schema=entry.input_schema or connection.input_schema,
            output_schema=entry.output_schema,
            pure=entry.pure,
            safe_to_retry=entry.safe_to_retry or connection.safe_to_retry,
            destination=connection.destination,
            timeout_seconds=entry.timeout_seconds,
            scopes=entry.scopes,
            description=entry.description,
            examples=entry.examples,
        )
    except ValueError as error:
        raise InvalidEntry((Fault("", str(error)),)) from None
