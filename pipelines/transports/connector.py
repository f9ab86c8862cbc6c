"""What does each transport bring?"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.calls import ToolCall
from pipelines.errors import Fault
from pipelines.transports.entry import Entry, Outside


@dataclass(frozen=True, slots=True)
class Connection:
    """How an entry's tool is called: `call` and `destination` are those of `Tool`.

    `safe_to_retry` holds whatever the entry says: by what is sent, a repeated call does no harm. `input_schema` is for an
    entry that has none.
    """

    call: Callable[[Any, ToolCall], Any]
    destination: Callable[[Any], str] | None = None
    safe_to_retry: bool = False
    input_schema: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Connector:
    """A transport: `faults` finds what is wrong with an entry's settings, `connect` serves those without a fault."""

    faults: Callable[[Entry, Outside], Iterable[Fault]]
    connect: Callable[[Entry, Outside], Connection]
