"""Which tools are there, and what does each promise?"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.calls import ToolCall
from pipelines.errors import UnknownTool
from pipelines.schemas import Check, compile_schema

_ADDRESS = re.compile(r"[a-z][a-z0-9_-]{0,63}(\.[a-z][a-z0-9_-]{0,63})*")


@dataclass(frozen=True)
class Tool:
    """A capability that steps use.

    `call` gets the checked input and a `ToolCall`; it returns a JSON value or raises `ToolFailure`, `Park` or
    `Interrupted`. `pure` means that running it twice does nothing that running it once does not; `safe_to_retry` that a
    repeated call with the same idempotency key does no harm. A tool that is neither is called at most once: where it was cut
    off, or ends with a timeout or an `OSError`, a person has to say what became of it. To be called again it raises a
    `ToolFailure` of the class retryable: that says that nothing has happened. `destination` says, of an input, what the call
    depends on outside, such as `http.request api.example.org:443`: calls to one destination are protected together; without it
    the tool talks to nobody. `max_retries` is how often a step is tried again that does not say so itself. `simulate` takes the place of `call` in a simulated run: it is `call` itself for a tool that touches
    nothing outside; without it an example is answered, or what fits the output schema. Schemas are JSON Schema 2020-12. Raises
    `ValueError`.
    """

    address: str
    call: Callable[[Any, ToolCall], Any] = field(repr=False)
    input_schema: Mapping[str, Any] = field(default_factory=dict, repr=False)
    output_schema: Mapping[str, Any] = field(default_factory=dict, repr=False)
    pure: bool = False
    safe_to_retry: bool = False
    destination: Callable[[Any], str] | None = field(default=None, repr=False, compare=False)
    timeout_seconds: float = 30.0
    max_retries: int = 0
    scopes: frozenset[str] = frozenset()
    description: str = ""
    examples: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    simulate: Callable[[Any, ToolCall], Any] | None = field(default=None, repr=False, compare=False)
    check_input: Check | None = field(init=False, repr=False, compare=False)
    check_output: Check | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _ADDRESS.fullmatch(self.address):
            raise ValueError(f"{self.address!r} is not a tool's address; write namespace.name in small letters")
        object.__setattr__(self, "check_input", compile_schema(self.input_schema))
        object.__setattr__(self, "check_output", compile_schema(self.output_schema))

    @property
    def at_most_once(self) -> bool:
        """Whether a call that may have taken effect must not be repeated."""
        return not (self.pure or self.safe_to_retry)

    @property
    def instant(self) -> bool:
        """Whether a call asks nobody outside and leaves nothing behind: nothing is to be protected, awaited or made durable."""
        return self.pure and self.destination is None

    def destination_of(self, given: Any) -> str:
        """What a call with this checked input depends on; empty for nothing outside."""
        return self.destination(given) if self.destination else ""


class Catalogue:
    """An immutable set of tools, by address."""

    def __init__(self, tools: Iterable[Tool] = ()) -> None:
        self._tools: dict[str, Tool] = {}
        for tool in tools:
            if tool.address in self._tools:
                raise ValueError(f"there are two tools called {tool.address}")
            self._tools[tool.address] = tool

    def get(self, address: str) -> Tool:
        """The tool of this address. Raises `UnknownTool`."""
        try:
            return self._tools[address]
        except KeyError:
            raise UnknownTool(address) from None

    def with_tools(self, *tools: Tool) -> "Catalogue":
        """A catalogue that holds these tools too. Raises `ValueError` if an address is taken."""
        return Catalogue([*self, *tools])

    def __contains__(self, address: object) -> bool:
        return address in self._tools

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def __len__(self) -> int:
        return len(self._tools)
