"""What is wrong with the settings of an entry whose tool is an MCP server's?"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pipelines.egress.urls import web_url
from pipelines.errors import Fault
from pipelines.transports.endpoints import misplaced, unknown_settings
from pipelines.transports.entry import Outside
from pipelines.transports.secrets import secret_names
from pipelines.transports.sending import header_faults
from pipelines.values import pointer_part

_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")
_LONGEST_NAME: Final = 256
_LONGEST_URL: Final = 2000
_OF_BOTH: Final = ("tool", "fingerprint")
# The protocol's, or the call's own.
_RESERVED: Final = frozenset(
    {"accept", "content-encoding", "content-type", "idempotency-key", "last-event-id", "traceparent", "user-agent"}
    | {"x-request-id"}
)


def http_faults(settings: Mapping[str, Any]) -> Iterator[Fault]:
    yield from unknown_settings(settings, ("endpoint", "headers", *_OF_BOTH))
    yield from _endpoint_faults(settings.get("endpoint"))
    yield from header_faults(settings)
    headers = settings.get("headers")
    for name in headers if isinstance(headers, dict) else ():
        if name.lower() in _RESERVED or name.lower().startswith("mcp-"):
            yield Fault(f"/settings/headers/{pointer_part(name)}", "belongs to the protocol or the call; leave it out")
    yield from misplaced(settings, _RULES)


def stdio_faults(settings: Mapping[str, Any], outside: Outside) -> Iterator[Fault]:
    if "command" in settings:
        message = "is the operator's to set: name one of the servers in ORDINAUT_MCP_SERVERS as `server` instead"
        yield Fault("/settings/command", message)
    others = {name: value for name, value in settings.items() if name != "command"}
    yield from unknown_settings(others, ("server", *_OF_BOTH))
    server = settings.get("server")
    if not isinstance(server, str) or server not in outside.servers:
        names = ", ".join(sorted(outside.servers)) or "none"
        yield Fault("/settings/server", f"is not a server that the operator has named; there are: {names}")
    yield from misplaced(settings, _RULES)


def _endpoint_faults(endpoint: Any) -> Iterator[Fault]:
    if not isinstance(endpoint, str) or not endpoint or len(endpoint) > _LONGEST_URL:
        yield Fault("/settings/endpoint", "is the server's URL, such as https://mcp.example.org/mcp")
        return
    if any(True for _ in secret_names(endpoint)):
        yield Fault("/settings/endpoint", "holds a secret, which the SDK would log; send it in a header")
        return
    try:
        web_url(endpoint)
    except ValueError as wrong:
        yield Fault("/settings/endpoint", str(wrong))


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME


def _is_fingerprint(value: Any) -> bool:
    return isinstance(value, str) and _FINGERPRINT.fullmatch(value) is not None


_RULES: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "tool": (_is_name, f"is the tool's name on its server, of 1 to {_LONGEST_NAME} characters"),
    "fingerprint": (_is_fingerprint, "is not a fingerprint: 64 hexadecimal digits, as discovery gives them"),
}
