"""The transport `python`: a tool is a function that the operator has registered."""

from collections.abc import Iterator
from typing import Final

from pipelines.errors import Fault
from pipelines.names import did_you_mean
from pipelines.transports.connector import Connection, Connector
from pipelines.transports.endpoints import unknown_settings
from pipelines.transports.entry import Entry, Outside


def _faults(entry: Entry, outside: Outside) -> Iterator[Fault]:
    yield from unknown_settings(entry.settings, ("callable",))
    name = entry.settings.get("callable")
    if not isinstance(name, str) or name not in outside.callables:
        known = ", ".join(sorted(outside.callables)) or "none"
        hint = did_you_mean(name, outside.callables) if isinstance(name, str) else ""
        message = f"is not a function that the operator has registered{hint}; known are: {known}"
        yield Fault("/settings/callable", message)


def _connect(entry: Entry, outside: Outside) -> Connection:
    return Connection(outside.callables[entry.settings["callable"]])


CONNECTOR: Final = Connector(_faults, _connect)
