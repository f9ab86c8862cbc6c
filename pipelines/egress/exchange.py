"""How does a tool get one answer from an HTTP server without being a danger to ours?

Only public addresses (see `egress.addresses`), only http and https, no redirects unless asked for and then each one
checked like the first, one deadline for everything, 1 MB at most, packed or not, nothing taken from the
environment (proxies, .netrc).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import httpcore2
import httpx2

from pipelines.calls import ToolCall
from pipelines.egress import bodies
from pipelines.egress.addresses import AddressBlocked, AddressGuard, HostUnknown
from pipelines.egress.answers import Answer
from pipelines.egress.connection import connection_for
from pipelines.egress.urls import check_url, port_of
from pipelines.errors import ErrorClass, StepError, ToolFailure
from pipelines.values import MAX_BYTES

MOST_REDIRECTS: Final = 3
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_HEADERS_FOR_ANYONE: Final = frozenset(
    {"accept", "user-agent", "accept-encoding", "accept-language", "x-request-id", "traceparent"}
)


class Unanswered(ToolFailure):
    """No whole answer came. `sent` says whether the request may have reached the server and taken effect."""

    def __init__(self, error: StepError, *, sent: bool) -> None:
        super().__init__(error)
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. Names of headers are in small letters; `secrets` finds what no other origin may be sent."""

    method: str
    url: httpx2.URL = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(default=b"", repr=False)
    secrets: re.Pattern[str] | None = field(default=None, repr=False)

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.url.scheme, self.url.host, port_of(self.url)


def exchange(request: Request, call: ToolCall, guard: AddressGuard, *, redirects: int = 0) -> Answer:
    """Send the request, and follow at most so many redirects; whatever status comes then is an answer.

    A packed answer is unpacked where the request's accept-encoding allows it. Raises `ToolFailure`, which is
    `Unanswered` where the server was not reached or broke off, and `Interrupted`.
    """
    host = request.url.host
    try:
        return _last_answer(request, call, guard, redirects=redirects)
    except AddressBlocked as blocked:
        raise failure(ErrorClass.PERMANENT, "address_blocked", str(blocked)) from None
    except HostUnknown as unknown:
        raise _unanswered(ErrorClass.RETRYABLE, "connect_failed", str(unknown), sent=False) from None
    except httpcore2.TimeoutException as slow:
        call.remaining()  # at the deadline this is the step's own timeout, else the peer was slow to connect
        sent = not isinstance(slow, httpcore2.ConnectTimeout)
        raise _unanswered(ErrorClass.TIMEOUT, "timeout", f"{host} did not answer in time", sent=sent) from None
    except httpcore2.NetworkError as lost:
        sent = not isinstance(lost, httpcore2.ConnectError)
        raise _unanswered(ErrorClass.RETRYABLE, "connect_failed", f"{host}: {lost}", sent=sent) from None
    except httpcore2.ProtocolError as wrong:
        raise _unanswered(ErrorClass.RETRYABLE, "http_protocol", f"{host}: {wrong}", sent=True) from None


def failure(error_class: ErrorClass, code: str, message: str) -> ToolFailure:
    return ToolFailure(StepError(error_class, code, message[:500]))


def _unanswered(error_class: ErrorClass, code: str, message: str, *, sent: bool) -> Unanswered:
    return Unanswered(StepError(error_class, code, message[:500]), sent=sent)


def _last_answer(request: Request, call: ToolCall, guard: AddressGuard, *, redirects: int) -> Answer:
    while True:
        answer = _one_answer(request, call, guard)
        target = answer.headers.get("location")
        if not redirects or answer.status not in _REDIRECTS or target is None:
            return answer
        redirects -= 1
        request = _redirected(request, answer.status, target)


def _one_answer(request: Request, call: ToolCall, guard: AddressGuard) -> Answer:
    headers = {**request.headers, "host": request.url.netloc.decode("ascii")}
    if request.content or request.method in ("POST", "PUT", "PATCH"):
        headers["content-length"] = str(len(request.content))
    url = httpcore2.URL(
        scheme=request.url.raw_scheme,
        host=request.url.raw_host,
        port=port_of(request.url),
        target=request.url.raw_path,
    )
    with (
        connection_for(call, guard, url) as connection,
        connection.stream(request.method, url, headers=list(headers.items()), content=request.content) as response,
    ):
        answered = _header_texts(response.headers)
        body = _body(response, request, coding=answered.get("content-encoding", "").strip().lower())
        return Answer(response.status, answered, body, request.url.host)


def _header_texts(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("ascii").lower(), value.decode("latin-1")
        texts[key] = f"{texts[key]}, {text}" if key in texts else text
    return texts


def _body(response: httpcore2.Response, request: Request, *, coding: str) -> bytes:
    host, accepted = request.url.host, request.headers.get("accept-encoding", "identity")
    if not bodies.is_known(coding) or (coding not in ("", "identity") and accepted != bodies.CODINGS):
        message = f"{host} sent {coding[:50]} though only {accepted} was accepted"
        raise failure(ErrorClass.PERMANENT, "content_encoding", message)
    try:
        return bodies.read(response.iter_stream(), coding=coding, most=MAX_BYTES)
    except bodies.BodyTooLarge:
        message = f"{host} sent more than {MAX_BYTES} bytes"
        raise failure(ErrorClass.PERMANENT, "answer_too_large", message) from None
    except bodies.BodyGarbled as garbled:
        message = f"{host} sent what is not {coding}: {garbled}"
        raise _unanswered(ErrorClass.RETRYABLE, "http_protocol", message, sent=True) from None


def _redirected(request: Request, status: int, location: str) -> Request:
    url = _target(request, location)
    method, content = request.method, request.content
    if status == 303 or (status in (301, 302) and method == "POST"):  # RFC 9110, 15.4
        method, content = ("HEAD" if method == "HEAD" else "GET"), b""
    headers = request.headers
    if not content:
        headers = {name: value for name, value in headers.items() if name != "content-type"}
    moved = replace(request, method=method, url=url, headers=headers, content=content)
    return moved if moved.origin == request.origin else _for_another(moved, host=request.url.host)


def _target(request: Request, location: str) -> httpx2.URL:
    host = request.url.host
    try:
        url = request.url.join(location)
        check_url(url)
    except (httpx2.InvalidURL, ValueError) as wrong:
        raise _refused(f"{host} redirects to what is not a web address: {wrong}") from None
    if request.url.scheme == "https" and url.scheme == "http":
        raise _refused(f"{host} redirects from https to http")
    return url


def _for_another(moved: Request, *, host: str) -> Request:
    """What another origin than the request was meant for may be sent: neither its body nor anything that is secret."""
    if moved.content:
        raise _refused(f"{host} redirects the request's body to {moved.url.host}; call that URL itself if it is meant")
    if _holds_secret(str(moved.url), moved.secrets):
        raise _refused(f"{host} redirects to another host with a secret in the URL")
    public = {
        name: value
        for name, value in moved.headers.items()
        if name in _HEADERS_FOR_ANYONE and not _holds_secret(value, moved.secrets)
    }
    return replace(moved, headers=public)


def _holds_secret(text: str, secrets: re.Pattern[str] | None) -> bool:
    return secrets is not None and secrets.search(text) is not None


def _refused(message: str) -> ToolFailure:
    return failure(ErrorClass.PERMANENT, "redirect_refused", message)
