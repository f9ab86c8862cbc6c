"""A tool of an MCP server in a run of one step, with a real clock."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipelines import Catalogue, StepError, execute, parse
from pipelines.transports import tool_of
from pipelines.transports.entry import Entry, Outside
from tests.integration.http_tool.calling import RealClock
from tests.unit.pipelines.fakes import MemoryJournal

CONTEXT = {"run": {"id": "run-1", "request_id": "request-1", "attempt": 2, "fence": 3}}


def entry_for(transport: str, settings: Mapping[str, Any], **fields: Any) -> Entry:
    return Entry(address=f"peer.{settings['tool']}", transport=transport, settings=settings, **fields)


def call(
    entry: Entry,
    given: Mapping[str, Any],
    outside: Outside,
    *,
    timeout_seconds: float = 20,
    journal: MemoryJournal | None = None,
) -> Any:
    """The step's output, or its `StepError`."""
    step = {"id": "call", "uses": entry.address, "with": dict(given), "timeout_seconds": timeout_seconds}
    journal = journal or MemoryJournal()
    execute(parse({"pipeline": [step]}), CONTEXT, journal, Catalogue([tool_of(entry, outside)]), RealClock())
    record = journal.records[-1]
    return record.error or record.output


def error_of(entry: Entry, given: Mapping[str, Any], outside: Outside, **how: Any) -> StepError:
    error = call(entry, given, outside, **how)
    assert isinstance(error, StepError), error
    return error


def said_in(error: BaseException | None) -> Iterator[str]:
    """Everything that an exception and those behind it could tell."""
    while error is not None:
        yield f"{error!r} {error}"
        error = error.__cause__ or error.__context__
