"""Tools that somebody brought, by a transport that reaches nobody: it keeps what it would have sent, and answers it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from pipelines import Fault, ToolCall, transports
from pipelines.transports import Entry, Outside
from pipelines.transports.connector import Connection, Connector
from pipelines.transports.secrets import revealed
from tasks_app.models import Tool
from tasks_app.services import tools
from tasks_app.services.actor import SYSTEM

ENTRY: dict[str, Any] = {
    "address": "weather.forecast",
    "transport": "http",
    "settings": {"endpoint": "https://api.example.org/forecast"},
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def use_a_transport_that_reaches_nobody(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Let `http` be one. Answers the list of what it sends: the headers, with their secrets."""
    sent: list[dict[str, str]] = []

    def faults(entry: Entry, _outside: Outside) -> Iterator[Fault]:
        endpoint = entry.settings.get("endpoint")
        if not isinstance(endpoint, str) or not endpoint.startswith("https://"):
            yield Fault("/settings/endpoint", "is no URL that begins with https://")

    def connect(entry: Entry, outside: Outside) -> Connection:
        headers: Mapping[str, str] = entry.settings.get("headers", {})
        host = entry.settings["endpoint"].split("/")[2]
        if entry.settings.get("breaks"):
            raise KeyError("a fault of the transport's own")

        def call(given: Any, _call: ToolCall) -> Any:
            sent.append({name: revealed(text, host=host, outside=outside) for name, text in headers.items()})
            return {"said": entry.settings.get("says", "hello"), "given": given}

        return Connection(call, lambda _given: f"{entry.address} {host}:443")

    monkeypatch.setattr(transports, "_CONNECTORS", {"http": Connector(faults, connect)})
    return sent


def bring(**fields: Any) -> Tool:
    return tools.create_tool(actor=SYSTEM, **(ENTRY | fields))


def counted(given: Any, _call: ToolCall) -> Any:
    """A function that an operator may make a tool of."""
    return {"letters": len(given["text"])}
