"""The transport `llm`: a tool is one question to a language model behind an OpenAI-compatible API.

A port of our own, one POST of /chat/completions: no client library sends through the guarded exchange and keeps the
call's deadline, and those that retry by themselves wait in place for what a run should wait for without a worker.
What a model says is data. It is checked, returned and never carried out; an answer that asks for a tool is refused.
"""

from typing import Any, Final

from pipelines.calls import ToolCall
from pipelines.schemas import compile_schema
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
    # Of an object that may be any, the model need not be told: the text and what it cost are one.
    schema = {} if entry.output_schema == _ANY_OBJECT else entry.output_schema
    check = compile_schema(schema)

    def called(given: Any, call: ToolCall) -> Any:
        disclosure = Disclosure(outside, host=endpoint.host)
        with disclosure.kept_from_errors():
            conversation = Conversation(endpoint, model, entry, call, outside, disclosure)
            output = conversation.text(given) if check is None else conversation.json(given, schema, check)
        return disclosure.hidden(output)

    destination = f"{entry.address} {endpoint.place}"
    # A question that is asked again costs again, and does nothing else.
    return Connection(called, lambda _given: destination, safe_to_retry=True, input_schema=INPUT_SCHEMA)


CONNECTOR: Final = Connector(faults, _connect)
