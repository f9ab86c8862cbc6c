"""The transport `http`: a tool is one request to an endpoint of its own."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pipelines.calls import ToolCall
from pipelines.egress.answers import answer_failure, content_of
from pipelines.egress.exchange import MOST_REDIRECTS, Request
from pipelines.errors import Fault, StepFailed
from pipelines.transports.connector import Connection, Connector
from pipelines.transports.disclosure import Disclosure
from pipelines.transports.endpoints import Endpoint, endpoint_faults, misplaced, parse_endpoint, unknown_settings
from pipelines.transports.entry import Entry, Outside
from pipelines.transports.sending import failed, header_faults, headers_for, json_bytes, sent

_SETTINGS: Final = ("endpoint", "method", "headers", "query", "follow_redirects")
_METHODS: Final = ("GET", "HEAD", "DELETE", "POST", "PUT", "PATCH")
_WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "DELETE"})
_IDEMPOTENT: Final = frozenset({"GET", "HEAD", "DELETE", "PUT"})  # RFC 9110, 9.2.2


def _faults(entry: Entry, _outside: Outside) -> Iterator[Fault]:
    settings = entry.settings
    yield from unknown_settings(settings, _SETTINGS)
    yield from endpoint_faults(settings, takes_fields=True)
    yield from header_faults(settings)
    yield from misplaced(
        settings,
        {
            "method": (lambda value: value in _METHODS, f"is not one of {', '.join(_METHODS)}"),
            "query": (_is_query, 'is not an object of texts, numbers and booleans; write {"name": "value"}'),
            "follow_redirects": (
                lambda value: type(value) is int and 0 <= value <= MOST_REDIRECTS,
                f"is not a number from 0 to {MOST_REDIRECTS}",
            ),
        },
    )


def _is_query(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str | int | float) for each in value.values())


def _connect(entry: Entry, outside: Outside) -> Connection:
    endpoint = parse_endpoint(entry.settings["endpoint"])
    method = entry.settings.get("method", "POST")
    idempotent = method in _IDEMPOTENT
    at_most_once = not (entry.pure or entry.safe_to_retry or idempotent)

    def called(given: Any, call: ToolCall) -> Any:
        disclosure = Disclosure(outside, host=endpoint.host)
        with disclosure.kept_from_errors():
            request = _request(given, call, endpoint, entry.settings, disclosure)
            redirects = entry.settings.get("follow_redirects", 0)
            answer = sent(request, call, outside, at_most_once=at_most_once, redirects=redirects)
            error = answer_failure(disclosure.hidden_answer(answer), expected=None)
            if error is not None:
                raise failed(error, status=answer.status, at_most_once=at_most_once)
        return disclosure.hidden(content_of(answer))

    destination = f"{entry.address} {endpoint.place}"
    return Connection(called, lambda _given: destination, safe_to_retry=idempotent)


def _request(
    given: Any, call: ToolCall, endpoint: Endpoint, settings: Mapping[str, Any], disclosure: Disclosure
) -> Request:
    method = settings.get("method", "POST")
    fields = given if isinstance(given, dict) else {}
    left = {name: value for name, value in fields.items() if name not in endpoint.fields} if fields else given
    query = {name: _revealed(value, disclosure) for name, value in settings.get("query", {}).items()}
    headers = headers_for(call, settings.get("headers", {}), disclosure)
    content = b""
    if method in _WITHOUT_BODY:  # the input cannot change what the entry fixes
        query = {name: value for name, value in _as_query(left).items() if name not in endpoint.fixed} | query
    else:
        content = json_bytes(left)
        headers.setdefault("content-type", "application/json")
    return Request(method, endpoint.url(fields, disclosure, query=query), headers, content, disclosure.pattern)


def _revealed(value: Any, disclosure: Disclosure) -> Any:
    return disclosure.text(value) if isinstance(value, str) else value


def _as_query(given: Any) -> dict[str, Any]:
    """The input's fields as a query: null is left out, a list comes once for each of its items."""
    if not isinstance(given, dict):
        raise StepFailed.permanently("invalid_input", "/ is not an object; its fields become the query")
    for name, value in given.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict | list) or (each is None and isinstance(value, list)):
                message = f"/{name[:100]} cannot be sent in a query; give a text, a number or a list of them"
                raise StepFailed.permanently("invalid_input", message)
    return {name: value for name, value in given.items() if value is not None}


CONNECTOR: Final = Connector(_faults, _connect)
