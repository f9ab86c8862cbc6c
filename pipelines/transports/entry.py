"""What does a catalogue entry say about a tool, and what does it need from outside?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, get_args

from pipelines.egress.addresses import AddressGuard

Transport: TypeAlias = Literal["python", "http", "jsonrpc", "mcp-http", "mcp-stdio", "llm"]
TRANSPORTS: Final[tuple[str, ...]] = get_args(Transport)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A tool as the catalogue has it.

    `settings` are the transport's own: `endpoint`, `headers`, `method`, `model`, `server`, `tool`, `callable` and the like.
    In them, and nowhere else, `${secrets('name')}` stands for a secret.
    """

    address: str
    transport: str
    settings: Mapping[str, Any] = field(repr=False)
    input_schema: Mapping[str, Any] = field(default_factory=dict, repr=False)
    output_schema: Mapping[str, Any] = field(default_factory=dict, repr=False)
    timeout_seconds: float = 30.0
    scopes: frozenset[str] = frozenset()
    cost_tier: str = "free"
    description: str = ""
    examples: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    pure: bool = False
    safe_to_retry: bool = False


@dataclass(frozen=True, kw_only=True)
class StdioServer:
    """A program that speaks MCP over its standard input and output. The operator names them; nobody else can."""

    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)


class SecretRefused(Exception):
    """There is no secret of this name, or it may not go to this host. The message names both, and never the secret."""


def no_secrets(name: str, _host: str) -> str:
    raise SecretRefused(f"there is no secret called {name!r}")


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What the transports reach, each as far as the operator allows.

    `reveal(name, host)` answers the secret of this name for use on this host (in small letters, without its port), or raises
    `SecretRefused`; it is asked at every call. `servers` are the stdio servers by name, `callables` the registered Python
    functions, each of which gets the input and the `ToolCall`.
    """

    guard: AddressGuard
    reveal: Callable[[str, str], str] = field(default=no_secrets, repr=False)
    servers: Mapping[str, StdioServer] = field(default_factory=dict)
    callables: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
