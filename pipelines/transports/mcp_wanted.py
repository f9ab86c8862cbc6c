"""What does a step want of an MCP server, and how far has it come?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.calls import ToolCall
from pipelines.egress.headers import traceparent
from pipelines.errors import StepFailed
from pipelines.transports.entry import Entry


class Progress:
    """How far a call has come: from `asked` on, the tool may have acted, whatever is heard of it."""

    __slots__ = ("asked",)

    def __init__(self) -> None:
        self.asked = False


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A call of one tool. `fingerprint` is that of the approved definition; empty asks for no particular one."""

    tool: str
    arguments: Mapping[str, Any] = field(repr=False)
    meta: Mapping[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    progress: Progress = field(default_factory=Progress, compare=False, repr=False)


def wanted_by(entry: Entry, given: Any, call: ToolCall) -> Wanted:
    """What the step's call comes to. Raises `StepFailed` (invalid_input) for an input that is no object."""
    if given is not None and not isinstance(given, dict):
        raise StepFailed.permanently("invalid_input", "/ is not an object: an MCP tool takes named arguments")
    settings = entry.settings
    return Wanted(
        tool=settings.get("tool") or entry.address.rpartition(".")[2],
        arguments=given or {},
        meta={
            # The place for what a tool may want to know of its call; the prefix keeps the names ours.
            "ordinaut/idempotency-key": call.idempotency_key,
            "ordinaut/request-id": call.request_id,
            "traceparent": traceparent(call),
        },
        fingerprint=settings.get("fingerprint", ""),
    )
