"""Which tools does an MCP server offer, and what are they as entries of the catalogue?"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from pipelines.egress.urls import web_url
from pipelines.errors import ErrorClass, Fault, Interrupted, StepError, StepFailed, storable
from pipelines.transports import InvalidEntry
from pipelines.transports.disclosure import Disclosure
from pipelines.transports.entry import Outside
from pipelines.transports.mcp_definitions import Found
from pipelines.transports.mcp_headers import entry_headers
from pipelines.transports.mcp_settings import http_faults, stdio_faults

_NAMESPACE: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}(\.[a-z][a-z0-9_-]{0,63})*")
_NEW_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9_-]+")
_LONGEST_NAME: Final = 64


@dataclass(frozen=True, kw_only=True)
class Collision:
    """Tools whose names come to one address: none of them gets it, since steps could not tell them apart."""

    address: str
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Discovered:
    """`entries` are catalogue entries as JSON objects, in the server's order; `collisions` is what could not become one."""

    entries: tuple[Mapping[str, Any], ...]
    collisions: tuple[Collision, ...]


def list_tools(
    transport: str,
    settings: Mapping[str, Any],
    outside: Outside,
    *,
    seconds: float = 30.0,
    stopped: Callable[[], bool] = lambda: False,
) -> list[Found]:
    """Ask a server for all its tools: 1,000 at most, and 4 MB.

    `transport` is `mcp-http` (its settings: `endpoint` and `headers`) or `mcp-stdio` (`server`). To be called in a thread
    that may wait. Raises `InvalidEntry` whose pointers are an entry's, `StepFailed` with what went wrong, and
    `Interrupted` soon after `stopped` answers true.
    """

    def check() -> None:
        if stopped():
            raise Interrupted

    if transport == "mcp-http":
        return _list_over_http(settings, outside, seconds=seconds, check=check)
    if transport == "mcp-stdio":
        return _list_over_stdio(settings, outside, seconds=seconds, check=check)
    raise InvalidEntry((Fault("/transport", "has no servers to ask; discovery is for mcp-http and mcp-stdio"),))


def entries_of(
    found: Iterable[Found],
    *,
    namespace: str,
    transport: str,
    settings: Mapping[str, Any],
    names: Collection[str] | None = None,
) -> Discovered:
    """What the tools are as entries called `<namespace>.<name>`, pinned to the definitions that were found.

    `settings` are the server's (`endpoint` and `headers`, or `server`), which each entry gets beside its own `tool` and
    `fingerprint`. `names` chooses among the server's names; None takes all. An entry holds `address`, `transport`, `settings`,
    `input_schema`, `output_schema` and `description`; whether it is `pure` or `safe_to_retry` is for a person to say, never
    for the server's annotations. Raises `ValueError` for a namespace that is none, or a chosen name that was not found.
    """
    if not _NAMESPACE.fullmatch(namespace):
        raise ValueError(
            f"{namespace[:100]!r} is not a namespace; write small letters, digits, _ and -, a letter first"
        )
    found = list(found)
    if names is not None:
        if unknown := sorted(set(names) - {tool.name for tool in found}):
            raise ValueError(f"the server has no tool called {', '.join(unknown)}"[:500])
        found = [tool for tool in found if tool.name in names]
    by_address: dict[str, list[Found]] = {}
    for tool in found:
        by_address.setdefault(f"{namespace}.{_name_in_addresses(tool.name)}", []).append(tool)
    return Discovered(
        entries=tuple(
            _entry(address, tools[0], transport=transport, settings=settings)
            for address, tools in by_address.items()
            if len(tools) == 1
        ),
        collisions=tuple(
            Collision(address=address, names=tuple(tool.name for tool in tools))
            for address, tools in by_address.items()
            if len(tools) > 1
        ),
    )


def _list_over_http(
    settings: Mapping[str, Any], outside: Outside, *, seconds: float, check: Callable[[], None]
) -> list[Found]:
    from pipelines.transports import mcp_http_calls, mcp_steps  # noqa: PLC0415 - the SDK takes 1.5 s to import

    if faults := tuple(http_faults(settings)):
        raise InvalidEntry(faults)
    endpoint = settings["endpoint"]
    host = web_url(endpoint).host
    disclosure = Disclosure(outside, host=host)
    peer = mcp_http_calls.Peer(endpoint=endpoint, headers=entry_headers(settings, disclosure), guard=outside.guard)
    with disclosure.kept_from_errors(), mcp_steps.failing_as_steps(host, late=_late(host)):
        found = mcp_http_calls.list_at(peer, seconds=seconds, check=check)
    for tool in found:
        if disclosure.hidden(asdict(tool)) != asdict(tool):
            raise StepFailed.permanently("secret_echoed", f"{host} shows a secret that it was sent in what it lists")
    return found


def _list_over_stdio(
    settings: Mapping[str, Any], outside: Outside, *, seconds: float, check: Callable[[], None]
) -> list[Found]:
    from pipelines.transports import mcp_stdio_calls, mcp_steps  # noqa: PLC0415 - the SDK takes 1.5 s to import

    if faults := tuple(stdio_faults(settings, outside)):
        raise InvalidEntry(faults)
    name = settings["server"]
    with mcp_steps.failing_as_steps(name, late=_late(name)):
        return mcp_stdio_calls.list_at(name, outside.servers[name], seconds=seconds, check=check)


def _late(peer: str) -> StepError:
    return StepError(ErrorClass.TIMEOUT, "timeout", f"{peer} did not list its tools in time")


def _entry(address: str, tool: Found, *, transport: str, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "address": address,
        "transport": transport,
        "settings": {**settings, "tool": tool.name, "fingerprint": tool.fingerprint},
        "input_schema": dict(tool.input_schema),
        "output_schema": dict(tool.output_schema),
        "description": storable(tool.description),
    }


def _name_in_addresses(name: str) -> str:
    """`getForecast`, `get forecast` and `get.forecast` all come to `get_forecast`."""
    text = _NOT_IN_NAMES.sub("_", _NEW_WORD.sub("_", name).lower()).strip("_-")
    if not text[:1].isalpha():
        text = f"tool_{text}"
    return text[:_LONGEST_NAME].rstrip("_-")
