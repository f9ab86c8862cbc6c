"""What is wrong with the settings of an entry whose tool is an MCP server's?"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx2

from pipelines.errors import Fault
from pipelines.transports.entry import Outside
from pipelines.transports.secrets import secret_names
from pipelines.values import pointer_part

HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e]*")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")
_LONGEST_NAME: Final = 256
_LONGEST_URL: Final = 2000
_OF_BOTH: Final = ("tool", "fingerprint")
# The connection's, the protocol's, or the call's own.
_RESERVED: Final = frozenset(
    {"accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "expect", "host"}
    | {"idempotency-key", "last-event-id", "te", "traceparent", "trailer", "transfer-encoding", "upgrade", "user-agent"}
    | {"x-request-id"}
)
_RESERVED_BEGINNINGS: Final = ("mcp-", "proxy-")


def http_faults(settings: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _unknown(settings, ("endpoint", "headers", *_OF_BOTH))
    yield from _endpoint_faults(settings.get("endpoint"))
    yield from _header_faults(settings.get("headers", {}))
    yield from _tool_faults(settings)


def stdio_faults(settings: Mapping[str, Any], outside: Outside) -> Iterator[Fault]:
    if "command" in settings:
        message = "is the operator's to set: name one of the servers in ORDINAUT_MCP_SERVERS as `server` instead"
        yield Fault("/settings/command", message)
    known = {name: value for name, value in settings.items() if name != "command"}
    yield from _unknown(known, ("server", *_OF_BOTH))
    server = settings.get("server")
    if not isinstance(server, str) or server not in outside.servers:
        names = ", ".join(sorted(outside.servers)) or "none"
        yield Fault("/settings/server", f"is not a server that the operator has named; there are: {names}")
    yield from _tool_faults(settings)


def _unknown(settings: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Fault]:
    for name in settings:
        if name not in known:
            yield Fault(f"/settings/{pointer_part(name)}", f"is not known; known are {', '.join(known)}")


def _endpoint_faults(endpoint: Any) -> Iterator[Fault]:
    if not isinstance(endpoint, str) or not endpoint or len(endpoint) > _LONGEST_URL:
        yield Fault("/settings/endpoint", "is the server's URL, such as https://mcp.example.org/mcp")
        return
    if any(True for _ in secret_names(endpoint)):
        yield Fault("/settings/endpoint", "holds a secret, which URLs are no place for; send it in a header")
        return
    try:
        url = httpx2.URL(endpoint)
    except (httpx2.InvalidURL, ValueError) as wrong:
        yield Fault("/settings/endpoint", f"is not a URL: {wrong}")
        return
    if url.scheme not in ("http", "https") or not url.host:
        yield Fault("/settings/endpoint", "does not begin with http:// or https:// and a host")
    if url.userinfo:
        yield Fault("/settings/endpoint", "holds a name or password; send them in a header")


def _header_faults(headers: Any) -> Iterator[Fault]:
    if not isinstance(headers, dict):
        yield Fault("/settings/headers", 'is not an object; write {"authorization": "Bearer ${secrets(\'name\')}"}')
        return
    for name, value in headers.items():
        at = f"/settings/headers/{pointer_part(name)}"
        if not _HEADER_NAME.fullmatch(name) or not isinstance(value, str) or not HEADER_VALUE.fullmatch(value):
            yield Fault(at, "is not a header: names and values are texts of printable ASCII")
        elif name.lower() in _RESERVED or name.lower().startswith(_RESERVED_BEGINNINGS):
            yield Fault(at, "belongs to the connection, the protocol or the call; leave it out")


def _tool_faults(settings: Mapping[str, Any]) -> Iterator[Fault]:
    tool = settings.get("tool")
    if tool is not None and not (isinstance(tool, str) and 0 < len(tool) <= _LONGEST_NAME):
        yield Fault("/settings/tool", f"is the tool's name on its server, of 1 to {_LONGEST_NAME} characters")
    fingerprint = settings.get("fingerprint")
    if fingerprint is not None and not (isinstance(fingerprint, str) and _FINGERPRINT.fullmatch(fingerprint)):
        yield Fault("/settings/fingerprint", "is not a fingerprint: 64 hexadecimal digits, as discovery gives them")
