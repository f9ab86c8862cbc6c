"""What is written down about a step, and how can a run end?"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from pipelines.errors import Awaited, StepError, storable

StepState: TypeAlias = Literal[
    "succeeded", "failed", "skipped", "waiting", "pending", "begun", "unknown", "refused", "retrying"
]
Mark: TypeAlias = Literal["", "continued", "fallback"]


class StepRecord(NamedTuple):
    """One step's result, as the journal keeps it, or how far it has come.

    waiting: it is done when its time is over. pending: somebody has to say what it comes to. begun: a call that must not
    be repeated was about to be made. unknown: it is not known what became of it. refused: somebody decided that the step
    fails, which it does as soon as the run goes on. retrying: it has failed and is tried again by its own rule.

    A named tuple because three of these are made in every run: a frozen dataclass takes 0.6 us longer each.
    `idempotency_key` is "" for a pure tool, which nobody needs to recognise. `failures` says how many tries have failed, in
    all attempts of the run, of a step that has retries of its own. `wait` is how many seconds after it was recorded what it waits
    for is over, where the run may go on sooner, at another step; None where it does not. In what a journal says was recorded they
    are the seconds that are left. A `mark` says that the run goes on over a step that failed: `continued` without an output,
    or with its `fallback`. Such a record is final.
    """

    step: str
    state: StepState
    tool: str
    input: Any
    output: Any
    error: StepError | None
    duration_ms: int
    idempotency_key: str
    failures: int = 0
    mark: Mark = ""
    wait: float | None = None

    @property
    def seen(self) -> Any:
        """What later steps see of it: its output, or why there is none."""
        if self.mark != "continued":
            return self.output
        assert self.error is not None, "what failed says why"
        error_class, code, message = self.error.error_class, self.error.code, self.error.message
        return {"error": {"error_class": str(error_class), "code": storable(code), "message": storable(message)}}


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an earlier step has come to that stands for this one, too."""

    output: Any


@dataclass(frozen=True, slots=True)
class Succeeded:
    """Every step succeeded or was skipped."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The step `step` failed, and with it the run."""

    step: str
    error: StepError


@dataclass(frozen=True, slots=True)
class Parked:
    """The run waits at `step` for `seconds`, or for somebody until then, and needs no worker meanwhile.

    `postponed` is empty when the step waits by itself; else its call may not happen yet, and this says why.
    """

    step: str
    seconds: float
    postponed: str = ""
    waiting_for: Awaited = "time"


@dataclass(frozen=True, slots=True)
class InDoubt:
    """Nobody knows whether the call of the step `step` took effect, and it must not be repeated: a person has to say."""

    step: str
    error: StepError


Outcome: TypeAlias = Succeeded | Failed | Parked | InDoubt
