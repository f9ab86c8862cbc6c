"""How does a step call an HTTP server without being a danger to ours?

Only public addresses (see `egress.addresses`), only http and https, no redirects unless asked for and then each one
checked like the first, one deadline for everything, 1 MB at most, no compression, nothing taken from the
environment (proxies, .netrc).
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpcore2
import httpx2

from pipelines.calls import ToolCall
from pipelines.catalogue import Tool
from pipelines.egress.addresses import AddressBlocked, AddressGuard, HostUnknown, Resolve
from pipelines.egress.connection import pool_for
from pipelines.errors import ErrorClass, StepError, ToolFailure
from pipelines.tools.http_answers import Answer, answer_failure, output_of
from pipelines.values import MAX_BYTES

_ADDRESS = "http.request"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 3
_CONNECTION_HEADERS = frozenset(
    {
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "accept-encoding",
        "te",
        "upgrade",
        "expect",
        "trailer",
    }
)
_HEADERS_FOR_ANYONE = frozenset({"accept", "user-agent", "accept-encoding", "accept-language", "x-request-id"})
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")

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
        "follow_redirects": {"type": "integer", "minimum": 0, "maximum": _MOST_REDIRECTS},
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
    request = _first_request(given, call)
    try:
        answer = _answer(request, call, guard, redirects=given.get("follow_redirects", 0))
    except AddressBlocked as blocked:
        raise _failure(ErrorClass.PERMANENT, "address_blocked", str(blocked)) from None
    except HostUnknown as unknown:
        raise _failure(ErrorClass.RETRYABLE, "connect_failed", str(unknown)) from None
    except httpcore2.TimeoutException:
        call.remaining()  # at the deadline this is the step's own timeout, else the peer was slow to connect
        raise _failure(ErrorClass.TIMEOUT, "timeout", f"{request.url.host} did not answer in time") from None
    except httpcore2.NetworkError as lost:
        raise _failure(ErrorClass.RETRYABLE, "connect_failed", f"{request.url.host}: {lost}") from None
    except httpcore2.ProtocolError as wrong:
        raise _failure(ErrorClass.RETRYABLE, "http_protocol", f"{request.url.host}: {wrong}") from None
    if (error := answer_failure(answer, expected=_expected(given))) is not None:
        raise ToolFailure(error)
    return output_of(answer)


def _destination(given: dict[str, Any]) -> str:
    """The host and port that are called first; a redirect's target is not known beforehand."""
    try:
        url = _url(given["url"])
    except ToolFailure:  # the call will say what is wrong with it
        return _ADDRESS
    host = f"[{url.host}]" if ":" in url.host else url.host.lower().rstrip(".")
    return f"{_ADDRESS} {host}:{_port(url)}"


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: httpx2.URL
    headers: dict[str, str]
    content: bytes

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.url.scheme, self.url.host, _port(self.url)


def _first_request(given: dict[str, Any], call: ToolCall) -> _Request:
    url = _url(given["url"], query=given.get("query"))
    headers = {
        "accept": "*/*",
        "user-agent": "Ordinaut",
        "idempotency-key": call.idempotency_key,
        "x-request-id": call.request_id,
        **_lease_headers(call),
    }
    content = b""
    if "json" in given:
        headers["content-type"] = "application/json"
        content = json.dumps(given["json"], ensure_ascii=False, separators=(",", ":")).encode()
    elif "body" in given:
        headers["content-type"] = "text/plain; charset=utf-8"
        content = given["body"].encode()
    headers.update(_own_headers(given.get("headers", {})))
    headers["accept-encoding"] = "identity"
    return _Request(given.get("method", "GET"), url, headers, content)


def _lease_headers(call: ToolCall) -> dict[str, str]:
    """A server that remembers the highest fence of a key can refuse a worker whose lease has been lost."""
    numbers = {"x-ordinaut-attempt": call.attempt, "x-ordinaut-fence": call.fence}
    return {name: str(number) for name, number in numbers.items() if number is not None}


def _url(text: str, *, query: dict[str, Any] | None = None) -> httpx2.URL:
    try:
        url = httpx2.URL(text)
        if query:
            url = url.copy_merge_params(query)
    except (httpx2.InvalidURL, ValueError) as wrong:
        raise _invalid(f"/url is not a URL: {wrong}") from None
    if url.scheme not in _DEFAULT_PORTS or not url.host:
        raise _invalid("/url does not begin with http:// or https:// and a host")
    if url.userinfo:
        raise _invalid("/url holds a name or password; send them in a header")
    return url


def _own_headers(given: dict[str, Any]) -> dict[str, str]:
    headers = {}
    for name, value in given.items():
        text = str(value)
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(text):
            raise _invalid(f"/headers/{name[:100]!a} is not a header: names and values are printable ASCII")
        if name.lower() in _CONNECTION_HEADERS or name.lower().startswith("proxy-"):
            raise _invalid(f"/headers/{name} belongs to the connection; leave it out")
        headers[name.lower()] = text
    return headers


def _answer(request: _Request, call: ToolCall, guard: AddressGuard, *, redirects: int) -> Answer:
    with pool_for(call, guard) as pool:
        while True:
            guard.check_port(request.url.host, _port(request.url))
            answer = _one_answer(pool, request)
            target = answer.headers.get("location")
            if not redirects or answer.status not in _REDIRECTS or target is None:
                return answer
            redirects -= 1
            request = _redirected(request, answer.status, target)


def _one_answer(pool: httpcore2.ConnectionPool, request: _Request) -> Answer:
    headers = {**request.headers, "host": request.url.netloc.decode("ascii")}
    if request.content or request.method in ("POST", "PUT", "PATCH"):
        headers["content-length"] = str(len(request.content))
    with pool.stream(
        request.method,
        httpcore2.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=_port(request.url),
            target=request.url.raw_path,
        ),
        headers=list(headers.items()),
        content=request.content,
    ) as response:
        answered = _header_texts(response.headers)
        encoding = answered.get("content-encoding", "identity").lower()
        if encoding not in ("identity", ""):
            message = f"{request.url.host} sent {encoding[:50]} though only identity was accepted"
            raise _failure(ErrorClass.PERMANENT, "content_encoding", message)
        return Answer(response.status, answered, _body(response, request.url.host), request.url.host)


def _header_texts(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("ascii").lower(), value.decode("latin-1")
        texts[key] = f"{texts[key]}, {text}" if key in texts else text
    return texts


def _body(response: httpcore2.Response, host: str) -> bytes:
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise _failure(ErrorClass.PERMANENT, "answer_too_large", f"{host} sent more than {MAX_BYTES} bytes")
    return bytes(body)


def _redirected(request: _Request, status: int, location: str) -> _Request:
    try:
        url = _url(str(request.url.join(location)))
    except (httpx2.InvalidURL, ToolFailure) as wrong:
        message = f"{request.url.host} redirects to what is not a web address: {wrong}"
        raise _failure(ErrorClass.PERMANENT, "redirect_refused", message) from None
    if request.url.scheme == "https" and url.scheme == "http":
        raise _failure(ErrorClass.PERMANENT, "redirect_refused", f"{request.url.host} redirects from https to http")
    method, content = request.method, request.content
    if status == 303 or (status in (301, 302) and method == "POST"):  # RFC 9110, 15.4
        method, content = ("HEAD" if method == "HEAD" else "GET"), b""
    moved = _Request(method, url, request.headers, content)
    if moved.origin != request.origin:
        if content:
            message = (
                f"{request.url.host} redirects the request's body to {url.host}; call that URL itself if it is meant"
            )
            raise _failure(ErrorClass.PERMANENT, "redirect_refused", message)
        headers = {name: value for name, value in request.headers.items() if name in _HEADERS_FOR_ANYONE}
        return _Request(method, url, headers, content)
    if not content:
        return _Request(method, url, {k: v for k, v in request.headers.items() if k != "content-type"}, content)
    return moved


def _expected(given: dict[str, Any]) -> tuple[int, ...] | None:
    expected = given.get("expect_status")
    if expected is None:
        return None
    return tuple(expected) if isinstance(expected, list) else (expected,)


def _port(url: httpx2.URL) -> int:
    return url.port or _DEFAULT_PORTS[url.scheme]


def _invalid(message: str) -> ToolFailure:
    return _failure(ErrorClass.PERMANENT, "invalid_input", message)


def _failure(error_class: ErrorClass, code: str, message: str) -> ToolFailure:
    return ToolFailure(StepError(error_class, code, message[:500]))
