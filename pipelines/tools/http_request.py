"""How does a step call an HTTP server?

Through the guarded exchange: see `egress.exchange` for what is refused. Compressed answers are not asked for.
"""

import json
from collections.abc import Sequence
from typing import Any

from pipelines.calls import ToolCall
from pipelines.catalogue import Tool
from pipelines.egress.addresses import AddressGuard, Resolve
from pipelines.egress.answers import answer_failure, output_of
from pipelines.egress.exchange import MOST_REDIRECTS, Request, exchange, failure
from pipelines.egress.headers import InvalidHeader, call_headers, own_headers
from pipelines.egress.urls import place_of, web_url
from pipelines.errors import ErrorClass, ToolFailure
from pipelines.values import pointer_part

_ADDRESS = "http.request"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_TEXTS = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}
_STATUS = {"type": "integer", "minimum": 100, "maximum": 599}
_INPUT_SCHEMA = {
    "type": "object",
    "properties": {
        "url": {"type": "string", "minLength": 1, "maxLength": 2_000},
        "method": {"enum": list(_METHODS)},
        "headers": _TEXTS,
        "query": _TEXTS,
        "json": {},
        "body": {"type": "string"},
        "expect_status": {"anyOf": [_STATUS, {"type": "array", "items": _STATUS, "minItems": 1}]},
        "follow_redirects": {"type": "integer", "minimum": 0, "maximum": MOST_REDIRECTS},
    },
    "required": ["url"],
    "not": {"required": ["json", "body"]},
    "additionalProperties": False,
}
_OUTPUT_SCHEMA = {
    "type": "object",
    "properties": {"status": _STATUS, "headers": {"type": "object"}, "json": {}, "text": {"type": "string"}},
    "required": ["status", "headers"],
}


def http_request(allow: Sequence[str] = (), *, resolve: Resolve | None = None) -> Tool:
    """The `http.request` tool. `allow` are the operator's `host:port` entries. Raises `ValueError` for a bad one."""
    guard = AddressGuard(allow, resolve=resolve)

    def call_http(given: dict[str, Any], call: ToolCall) -> dict[str, Any]:
        return _call_http(given, call, guard)

    return Tool(
        _ADDRESS,
        call_http,
        input_schema=_INPUT_SCHEMA,
        output_schema=_OUTPUT_SCHEMA,
        pure=False,
        # Every attempt carries the same Idempotency-Key, so a server that heeds it acts once.
        safe_to_retry=True,
        destination=_destination,
        description="Calls an HTTP server; returns status, headers and the answer as json or text.",
        examples=(
            {
                "input": {"url": "https://example.org/api", "query": {"q": "x"}},
                "output": {"status": 200, "headers": {"content-type": "application/json"}, "json": {"found": 1}},
            },
        ),
    )


def _call_http(given: dict[str, Any], call: ToolCall, guard: AddressGuard) -> dict[str, Any]:
    answer = exchange(_request(given, call), call, guard, redirects=given.get("follow_redirects", 0))
    if (error := answer_failure(answer, expected=_expected(given))) is not None:
        raise ToolFailure(error)
    return output_of(answer)


def _destination(given: dict[str, Any]) -> str:
    """The host and port that are called first; a redirect's target is not known beforehand."""
    try:
        return f"{_ADDRESS} {place_of(web_url(given['url']))}"
    except ValueError:  # the call will say what is wrong with it
        return _ADDRESS


def _request(given: dict[str, Any], call: ToolCall) -> Request:
    try:
        url = web_url(given["url"], query=given.get("query"))
        own = own_headers(given.get("headers", {}))
    except InvalidHeader as wrong:
        raise _invalid(f"/headers/{pointer_part(wrong.name)} {wrong}") from None
    except ValueError as wrong:
        raise _invalid(f"/url {wrong}") from None
    headers = {"accept": "*/*", **call_headers(call)}
    content = b""
    if "json" in given:
        headers["content-type"] = "application/json"
        content = json.dumps(given["json"], ensure_ascii=False, separators=(",", ":")).encode()
    elif "body" in given:
        headers["content-type"] = "text/plain; charset=utf-8"
        content = given["body"].encode()
    return Request(given.get("method", "GET"), url, headers | own | {"accept-encoding": "identity"}, content)


def _expected(given: dict[str, Any]) -> tuple[int, ...] | None:
    expected = given.get("expect_status")
    if expected is None:
        return None
    return tuple(expected) if isinstance(expected, list) else (expected,)


def _invalid(message: str) -> ToolFailure:
    return failure(ErrorClass.PERMANENT, "invalid_input", message)
