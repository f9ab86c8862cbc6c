"""Which headers does a request carry: those that say whose call it is, and which of its sender's own?"""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from pipelines.calls import ToolCall

_CONNECTION_HEADERS: Final = frozenset(
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
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e]*")
_TRACE_ID: Final = re.compile(r"(?!0{32})[0-9a-f]{32}")


class InvalidHeader(ValueError):
    """`name` cannot be a header, or not with its value; the text, which never holds the value, says why."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name = name


def call_headers(call: ToolCall) -> dict[str, str]:
    """What every request says of the call that it is made for.

    A server that remembers the highest fence of a key can refuse a worker whose lease has been lost.
    """
    numbers = {"x-ordinaut-attempt": call.attempt, "x-ordinaut-fence": call.fence}
    return {
        "user-agent": "Ordinaut",
        "idempotency-key": call.idempotency_key,
        "x-request-id": call.request_id,
        "traceparent": traceparent(call),
        **{name: str(number) for name, number in numbers.items() if number is not None},
    }


def traceparent(call: ToolCall) -> str:
    """Where the call stands in its trace (W3C Trace Context, 3.2.2).

    All calls that one request led to share its trace: its id is the request's where that is a UUID. Each try of a step is
    a span of its own.
    """
    request = call.request_id.lower().replace("-", "")
    trace = request if _TRACE_ID.fullmatch(request) else sha256(call.request_id.encode()).hexdigest()[:32]
    span = sha256(f"{call.run_id}\0{call.step}\0{call.attempt}".encode()).hexdigest()[:16]
    return f"00-{trace}-{span}-01"


def own_headers(given: Mapping[str, Any]) -> dict[str, str]:
    """Headers that somebody asks for, by their names in small letters. Raises `InvalidHeader`."""
    headers = {}
    for name, value in given.items():
        text = str(value).strip(" \t")  # the white space around a value is none of it (RFC 9110, 5.5)
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(text):
            raise InvalidHeader(name, "is not a header: names and values are printable ASCII")
        if name.lower() in _CONNECTION_HEADERS or name.lower().startswith("proxy-"):
            raise InvalidHeader(name, "belongs to the connection; leave it out")
        headers[name.lower()] = text
    return headers
