"""The transport `llm`: a tool is one question to a language model behind an OpenAI-compatible API.

A port of our own, one POST of /chat/completions: no client library sends through the guarded exchange and keeps the
call's deadline, and those that retry by themselves wait in place for what a run should wait for without a worker.
What a model says is data. It is checked, returned and never carried out; an answer that asks for a tool is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipelines.calls import ToolCall
from pipelines.errors import StepFailed
from pipelines.schemas import Check, compile_schema
from pipelines.transports.connector import Connection, Connector
from pipelines.transports.disclosure import Disclosure
from pipelines.transports.entry import Entry, Outside
from pipelines.transports.llm.conversation import Conversation
from pipelines.transports.llm.model import Model, faults, questions_of
from pipelines.transports.llm.prompts import INPUT_SCHEMA

_ANY_OBJECT: Final = {"type": "object"}


def _connect(entry: Entry, outside: Outside) -> Connection:
    endpoint = questions_of(entry.settings)
    model = Model.of(entry.settings)
    fixed = _Wanted.by(entry.output_schema)

    def called(given: Any, call: ToolCall) -> Any:
        disclosure = Disclosure(outside, host=endpoint.host)
        with disclosure.kept_from_errors():
            conversation = Conversation(endpoint, model, entry, call, outside, disclosure)
            wanted = _asked_for(given) if fixed is None else fixed
            output = conversation.json(given, wanted.schema, wanted.check) if wanted else conversation.text(given)
        return disclosure.hidden(output)

    destination = f"{entry.address} {endpoint.place}"
    # A question that is asked again costs again, and does nothing else.
    return Connection(called, lambda _given: destination, safe_to_retry=True, input_schema=INPUT_SCHEMA)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """JSON that an answer has to be."""

    schema: Mapping[str, Any]
    check: Check

    @classmethod
    def by(cls, schema: Mapping[str, Any]) -> "_Wanted | None":
        """None where a text will do: what it comes with is an object, if any object is wanted. Raises `ValueError`."""
        check = None if schema == _ANY_OBJECT else compile_schema(schema)
        return None if check is None else cls(schema, check)


def _asked_for(given: Any) -> _Wanted | None:
    """What a step asks for itself, of an entry that leaves it open. Raises `StepFailed`."""
    schema = given.get("output_schema", {}) if isinstance(given, dict) else {}
    if not isinstance(schema, dict):
        raise StepFailed.permanently("invalid_input", "/output_schema is not an object")
    try:
        return _Wanted.by(schema)
    except ValueError as wrong:
        raise StepFailed.permanently("invalid_input", f"/output_schema: {wrong}"[:500]) from None


CONNECTOR: Final = Connector(faults, _connect)
