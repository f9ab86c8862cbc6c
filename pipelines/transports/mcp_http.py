"""The transport `mcp-http`: tools of an MCP server that is reached over HTTP."""

from collections.abc import Iterator
from typing import Any, Final

from pipelines.calls import ToolCall
from pipelines.egress.headers import call_headers
from pipelines.egress.urls import place_of, web_url
from pipelines.errors import Fault
from pipelines.transports.connector import Connection, Connector
from pipelines.transports.disclosure import Disclosure
from pipelines.transports.entry import Entry, Outside
from pipelines.transports.mcp_headers import entry_headers
from pipelines.transports.mcp_settings import http_faults
from pipelines.transports.mcp_wanted import wanted_by


def _faults(entry: Entry, _outside: Outside) -> Iterator[Fault]:
    yield from http_faults(entry.settings)


def _connect(entry: Entry, outside: Outside) -> Connection:
    endpoint = entry.settings["endpoint"]
    url = web_url(endpoint)
    destination = f"{entry.address} {place_of(url)}"
    at_most_once = not (entry.pure or entry.safe_to_retry)

    def called(given: Any, call: ToolCall) -> Any:
        from pipelines.transports import mcp_http_calls, mcp_steps  # noqa: PLC0415 - the SDK takes 1.5 s to import

        wanted = wanted_by(entry, given, call)
        late = call.timed_out().error
        disclosure = Disclosure(outside, host=url.host)
        peer = mcp_http_calls.Peer(
            endpoint=endpoint, headers=entry_headers(entry.settings, disclosure), guard=outside.guard
        )
        with (
            disclosure.kept_from_errors(),
            mcp_steps.failing_as_steps(url.host, late=late, progress=wanted.progress, at_most_once=at_most_once),
        ):
            result = mcp_http_calls.call_at(
                peer, wanted, own_headers=call_headers(call), seconds=call.remaining(), check=call.check
            )
            return disclosure.hidden(mcp_steps.output_of(result))

    return Connection(called, lambda _given: destination)


CONNECTOR: Final = Connector(_faults, _connect)
