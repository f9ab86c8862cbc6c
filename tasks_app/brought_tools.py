"""How does an entry of the catalogue become a tool that steps can call?"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, NoReturn
from uuid import UUID

import pipelines
from pipelines import StepFailed, ToolCall
from pipelines.transports import Entry, InvalidEntry, Outside, tool_of
from tasks_app import rate_limits
from tasks_app.disclosure import acting_for
from tasks_app.models import Tool
from tasks_app.states import ToolApproval

_OF_ENTRIES: Final = (
    "address",
    "transport",
    "settings",
    "input_schema",
    "output_schema",
    "timeout_seconds",
    "cost_tier",
    "description",
    "pure",
    "safe_to_retry",
)

logger = logging.getLogger(__name__)


class BroughtTool:
    """A version of a tool that somebody brought. `key` is another one whenever what it does is another."""

    def __init__(self, row: Tool) -> None:
        self.key = (row.pk, row.version, row.approval)
        self.address = row.address
        self.rate_limit = limit_of(row.address, row.rate_limit)
        self._row = row
        self._making = threading.Lock()
        self._made: tuple[Outside, pipelines.Tool] | None = None

    def tool(self, outside: Outside) -> pipelines.Tool:
        """Made once. An entry of which no tool can be made any more is one whose calls fail, and say why."""
        made = self._made
        if made is None or made[0] is not outside:
            with self._making:
                self._made = made = outside, _made(self._row, outside)
        return made[1]


def entry_of(definition: Mapping[str, Any]) -> Entry:
    """What a tool's definition says, for its transport."""
    fields = {name: definition[name] for name in _OF_ENTRIES}
    return Entry(**fields, scopes=frozenset(definition["scopes"]), examples=tuple(definition["examples"]))


def limit_of(address: str, text: str | None) -> rate_limits.RateLimit | None:
    """The rate limit that a tool's entry writes as `10/m`. Raises `ValueError`."""
    return rate_limits.parse([f"{address}={text}"])[address] if text else None


def _made(row: Tool, outside: Outside) -> pipelines.Tool:
    if row.approval == ToolApproval.CHANGED:
        why = f"what {row.address} says of itself has changed, and nobody has approved it yet"
        return _failing(row, "tool_changed", why)
    try:
        made = tool_of(entry_of(row.definition), outside)
    except InvalidEntry as invalid:
        return _failing(row, "tool_unusable", f"{row.address} cannot be used as its entry is: {invalid}")
    except Exception:  # the edge: what one entry does to its transport is no fault of the other tools
        logger.exception("The tool %s cannot be made", row.address)
        return _failing(row, "tool_unusable", f"{row.address} cannot be used; see the worker's log")
    return replace(made, call=_on_behalf(made.call), max_retries=row.max_retries or 0)


def _on_behalf(call: Callable[[Any, ToolCall], Any]) -> Callable[[Any, ToolCall], Any]:
    def called(given: Any, tool_call: ToolCall) -> Any:
        with acting_for(_agent_of(tool_call)):
            return call(given, tool_call)

    return called


def _agent_of(call: ToolCall) -> UUID | None:
    """None where nobody's run calls, such as a look at a condition."""
    try:
        return UUID(call.agent_id)
    except ValueError:
        return None


def _failing(row: Tool, code: str, why: str) -> pipelines.Tool:
    def fail(_given: Any, _call: ToolCall) -> NoReturn:
        raise StepFailed.permanently(code, why)

    return pipelines.Tool(row.address, fail, pure=True, scopes=frozenset(row.scopes), description=row.description)
