"""A language model's API, as far as tests need one."""

import json
from typing import Any

from tests.integration.http_tool.servers import Answer, LoopbackServer
from tests.integration.transports.calling import Called, answering_json, called, entry, outside

PRICES = {"dollars_per_million_in": 0.5, "dollars_per_million_out": 2}
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
}


def saying(content: Any, *, tokens: tuple[int, int] | None = (100, 10), **choice: Any) -> Answer:
    """A chat completion that says `content`."""
    message = {"role": "assistant", "content": content}
    usage = {"usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]}} if tokens else {}
    choices = [{"index": 0, "finish_reason": "stop", "message": message, **choice}]
    return answering_json({"model": "small-1", "choices": choices, **usage})


def saying_json(value: Any) -> Answer:
    return saying(json.dumps(value))


def ask(
    server: LoopbackServer, given: Any = None, *, fields: Any = None, timeout_seconds: float = 5, **settings: Any
) -> Called:
    made = entry("llm", {"endpoint": f"{server.url}/v1", "model": "small", **settings}, **(fields or {}))
    around = outside(allow=[server.address], secrets={"key": "sk-test"})
    return called(made, {"prompt": "Hi"} if given is None else given, outside=around, timeout_seconds=timeout_seconds)


def charges(ran: Called) -> list[tuple[int, int, int]]:
    return [(used.tokens_in, used.tokens_out, used.microdollars) for used in ran.journal.charged]
