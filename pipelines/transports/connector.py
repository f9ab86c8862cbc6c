"""What does each transport bring?"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pipelines.calls import ToolCall
from pipelines.errors import Fault
from pipelines.transports.entry import Entry, Outside


@dataclass(frozen=True, slots=True)
class Connection:
    """How an entry's tool is called: `call` and `destination` are those of `Tool`."""

    call: Callable[[Any, ToolCall], Any]
    destination: Callable[[Any], str] | None = None


@dataclass(frozen=True, slots=True)
class Connector:
    """A transport: `faults` finds what is wrong with an entry's settings, `connect` serves those without a fault."""

    faults: Callable[[Entry, Outside], Iterable[Fault]]
    connect: Callable[[Entry, Outside], Connection]
