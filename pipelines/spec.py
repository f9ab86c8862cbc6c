"""What is a pipeline, once it has been checked and compiled?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.expressions.compiler import Scope
from pipelines.templates import Template


@dataclass(frozen=True, slots=True)
class Step:
    """One tool call. `timeout_seconds` is None where the tool's own applies."""

    id: str
    uses: str
    template: Template = field(repr=False)
    condition: Callable[[Scope], bool] | None = field(repr=False, default=None)
    save_as: str | None = None
    timeout_seconds: float | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A compiled payload. It holds no state, so one serves any number of runs and threads at a time."""

    steps: tuple[Step, ...]
    params: Mapping[str, Any]
    reads_clock: bool = False
