"""What is a pipeline, once it has been checked and compiled?"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pipelines.expressions.compiler import Scope
from pipelines.retries import StepRetries
from pipelines.templates import Template

# As a header's value can carry it.
KEY: Final = re.compile("[!-~]([ -~]{0,253}[!-~])?")
KEY_RULE: Final = "a key has 1 to 255 printable ASCII characters, with no blank at either end"

_NO_RETRIES: Final = StepRetries()


@dataclass(frozen=True, slots=True)
class Recovery:
    """A run goes on over a step that failed for good, with `fallback` for its output if there is one."""

    fallback: Template | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Step:
    """One tool call. `timeout_seconds` is None where the tool's own applies, `key` where the idempotency key is the run's
    and the step's, `recovery` where the run fails with the step.
    """

    id: str
    uses: str
    template: Template = field(repr=False)
    condition: Callable[[Scope], bool] | None = field(repr=False, default=None)
    save_as: str | None = None
    timeout_seconds: float | None = None
    retries: StepRetries = _NO_RETRIES
    recovery: Recovery | None = None
    key: Template | None = field(repr=False, default=None)
    description: str = ""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A compiled payload. It holds no state, so one serves any number of runs and threads at a time."""

    steps: tuple[Step, ...]
    params: Mapping[str, Any]
    reads_clock: bool = False
