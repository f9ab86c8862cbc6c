"""What is a pipeline, once it has been checked and compiled?"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from pipelines.expressions.compiler import Scope
from pipelines.retries import StepRetries
from pipelines.templates import Template

# As a header's value can carry it.
KEY: Final = re.compile("[!-~]([ -~]{0,253}[!-~])?")
KEY_RULE: Final = "a key has 1 to 255 printable ASCII characters, with no blank at either end"

Holds: TypeAlias = Callable[[Scope], bool]


@dataclass(frozen=True, slots=True)
class Recovery:
    """A run goes on over a step that failed for good, with `fallback` for its output if there is one."""

    fallback: Template | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Order:
    """Which steps of a list wait for which, each by its position.

    `after`: those that a step waits for itself. `sees`: all that are done when it begins.
    """

    after: tuple[frozenset[int], ...]
    sees: tuple[frozenset[int], ...]


@dataclass(frozen=True, slots=True)
class Body:
    """A list of steps, of a pipeline or inside a step. Without an `order` they run as listed, one after the other."""

    steps: tuple["Step", ...]
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Foreach:
    """The body, once for each of the items. `goes_on`: over an item that fails."""

    items: Callable[[Scope], Any] = field(repr=False)
    body: Body
    concurrency: int
    goes_on: bool
    most: int


@dataclass(frozen=True, slots=True)
class Parallel:
    """Bodies beside each other, by their names or numbers. `goes_on`: over one that fails."""

    branches: tuple[tuple[str, Body], ...]
    named: bool
    concurrency: int
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """The first body whose condition holds; no condition holds always."""

    cases: tuple[tuple[str, Holds | None, Body], ...] = field(repr=False)


Block: TypeAlias = Foreach | Parallel | Choice


@dataclass(frozen=True, slots=True)
class Step:
    """One tool call, or a `block` of other steps. `timeout_seconds` and `retries` are None where the tool's own apply, `key` where the
    idempotency key is the run's and the step's, `recovery` where the run fails with the step, `ttl_seconds` where each call is made, whatever its key.
    """

    id: str
    uses: str
    template: Template = field(repr=False)
    condition: Holds | None = field(repr=False, default=None)
    save_as: str | None = None
    timeout_seconds: float | None = None
    retries: StepRetries | None = None
    recovery: Recovery | None = None
    key: Template | None = field(repr=False, default=None)
    description: str = ""
    block: Block | None = None
    ttl_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A compiled payload. It holds no state, so one serves any number of runs and threads at a time."""

    steps: tuple[Step, ...]
    params: Mapping[str, Any]
    reads_clock: bool = False
    order: Order | None = None

    @property
    def body(self) -> Body:
        return Body(self.steps, self.order)
