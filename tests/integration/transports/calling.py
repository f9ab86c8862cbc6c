"""A catalogue entry's tool in a run of one step, and peers for it."""

import json
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines import Catalogue, Outcome, StepError, execute, parse
from pipelines.egress.addresses import AddressGuard, Resolve
from pipelines.transports import tool_of
from pipelines.transports.entry import Entry, Outside, SecretRefused
from tests.integration.http_tool.calling import RealClock
from tests.integration.http_tool.servers import Answer, answering
from tests.unit.pipelines.fakes import MemoryJournal

SECRET = 'sk-4f/9+Q&a=z7"é~'


@dataclass(frozen=True)
class Called:
    outcome: Outcome
    journal: MemoryJournal

    @property
    def output(self) -> Any:
        [record] = self.journal.records[-1:]
        assert record.error is None, record.error
        return record.output

    @property
    def error(self) -> StepError:
        """Of the step that failed, or about which a person has to decide."""
        error = getattr(self.outcome, "error", None)
        assert isinstance(error, StepError), self.outcome
        return error


def outside(
    *,
    allow: Sequence[str] = (),
    secrets: Mapping[str, str] | None = None,
    resolve: Resolve | None = None,
    hosts: Sequence[str] = ("127.0.0.1",),
) -> Outside:
    """`secrets` by name, for `hosts` alone."""

    def reveal(name: str, host: str) -> str:
        if name not in (secrets or {}) or host not in hosts:
            raise SecretRefused(f"there is no secret {name!r} for {host}")
        return (secrets or {})[name]

    return Outside(guard=AddressGuard(allow, resolve=resolve), reveal=reveal)


def entry(transport: str, settings: Mapping[str, Any], **fields: Any) -> Entry:
    return Entry(**{"address": "shop.order", "transport": transport, "settings": settings, **fields})


def called(
    entry: Entry,
    given: Any = None,
    *,
    outside: Outside,
    timeout_seconds: float = 5,
    journal: MemoryJournal | None = None,
) -> Called:
    step = {"id": "call", "uses": entry.address, "with": {} if given is None else "${params.given}"}
    pipeline = parse({"params": {"given": given}, "pipeline": [{**step, "timeout_seconds": timeout_seconds}]})
    journal = journal or MemoryJournal()
    context = {"run": {"id": "run-1", "request_id": "request-1", "attempt": 2, "fence": 3}}
    outcome = execute(pipeline, context, journal, Catalogue([tool_of(entry, outside)]), RealClock())
    return Called(outcome, journal)


def answering_json(value: Any, status: str = "200 OK", **headers: str) -> Answer:
    return answering(status, json.dumps(value).encode(), content_type="application/json", **headers)


def answering_with(make: Callable[[bytes], Any]) -> Answer:
    """JSON that depends on the request."""

    def answer(request: bytes, connection: socket.socket) -> None:
        answering_json(make(request))(request, connection)

    return answer


def in_turn(*answers: Answer) -> Answer:
    """One answer after the other, and the last one for all that follow."""
    left = list(answers)

    def answer(request: bytes, connection: socket.socket) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(request, connection)

    return answer


def body_of(request: bytes) -> Any:
    return json.loads(request.partition(b"\r\n\r\n")[2])


def headers_of(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def target_of(request: bytes) -> str:
    return request.split(b" ")[1].decode()
