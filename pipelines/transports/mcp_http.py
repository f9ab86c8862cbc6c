"""The transport `mcp-http`: tools of an MCP server that is reached over HTTP."""

from collections.abc import Iterator
from typing import Any, Final

import httpx2

from pipelines.calls import ToolCall
from pipelines.errors import Fault
from pipelines.transports.connector import Connection, Connector
from pipelines.transports.entry import Entry, Outside
from pipelines.transports.mcp_disclosure import Disclosure
from pipelines.transports.mcp_settings import http_faults
from pipelines.transports.mcp_wanted import headers_of, wanted_by

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def _faults(entry: Entry, _outside: Outside) -> Iterator[Fault]:
    yield from http_faults(entry.settings)


def _connect(entry: Entry, outside: Outside) -> Connection:
    endpoint = entry.settings["endpoint"]
    url = httpx2.URL(endpoint)
    destination = f"{entry.address} {_place(url)}"
    at_most_once = not (entry.pure or entry.safe_to_retry)

    def called(given: Any, call: ToolCall) -> Any:
        from pipelines.transports import mcp_http_calls, mcp_steps  # noqa: PLC0415 - the SDK takes 1.5 s to import

        wanted = wanted_by(entry, given, call)
        late = call.timed_out().error
        disclosure = Disclosure(outside, host=url.host)
        peer = mcp_http_calls.Peer(endpoint=endpoint, headers=disclosure.headers(entry.settings), guard=outside.guard)
        with (
            disclosure.kept_from_errors(),
            mcp_steps.failing_as_steps(url.host, late=late, progress=wanted.progress, at_most_once=at_most_once),
        ):
            result = mcp_http_calls.call_at(
                peer, wanted, own_headers=headers_of(call), seconds=call.remaining(), check=call.check
            )
            return disclosure.hidden(mcp_steps.output_of(result))

    return Connection(called, lambda _given: destination)


def _place(url: httpx2.URL) -> str:
    host = f"[{url.host}]" if ":" in url.host else url.host.lower().rstrip(".")
    return f"{host}:{url.port or _DEFAULT_PORTS[url.scheme]}"


CONNECTOR: Final = Connector(_faults, _connect)
