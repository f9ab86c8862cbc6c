"""How do things go wrong in a pipeline, and whose business is each way?"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias

LONGEST_TEXT: Final = 4000  # characters of an error; events carry it, too
_MOST_TOLD: Final = 10  # faults

Awaited: TypeAlias = Literal["time", "approval", "event", "child_run"]


class ErrorClass(StrEnum):
    """What a failure means for whoever decides about a retry."""

    RETRYABLE = "retryable"
    PERMANENT = "permanent"
    TIMEOUT = "timeout"
    CANCELED = "canceled"
    LOST_WORKER = "lost_worker"


@dataclass(frozen=True, slots=True)
class StepError:
    """Why a step failed: `code` is for programs, `message` for people, `retry_after` is in seconds."""

    error_class: ErrorClass
    code: str
    message: str
    retry_after: float | None = None


def storable(said: object) -> str:
    """What a tool put into an error, as far as it can be stored: it may be other programs' words, or bytes that are no text."""
    return str(said)[:LONGEST_TEXT].encode("utf-8", "replace").decode().replace("\0", "\ufffd")


class StepFailed(Exception):
    """A step cannot succeed; carries the `StepError` that is recorded."""

    def __init__(self, error: StepError) -> None:
        super().__init__(error.message)
        self.error = error

    @classmethod
    def permanently(cls, code: str, message: str) -> "StepFailed":
        return cls(StepError(ErrorClass.PERMANENT, code, message))


class ToolFailure(StepFailed):
    """Raised by a tool that could not do what it was asked."""


class Interrupted(Exception):
    """The run was told to stop: nothing is recorded, the caller decides what becomes of it."""


class OutcomeUnknown(StepFailed):
    """A call that must not be repeated may have taken effect, or not."""


class Park(Exception):
    """Raised by a tool that has nothing to do for `seconds`: the run gives its worker back until then.

    When only time has to pass, the step has then succeeded with `output`. Else somebody has to say by then what it comes to.
    """

    def __init__(self, seconds: float, *, output: Any = None, waiting_for: Awaited = "time") -> None:
        super().__init__(f"parked for {seconds} s")
        self.seconds = seconds
        self.output = output
        self.waiting_for = waiting_for


class Postponed(Exception):
    """Raised by the guard of a call that may not happen yet: the run waits `seconds` without a worker, then asks again.

    Nothing has been done and nothing is recorded of the step. `reason` says what it waits for.
    """

    def __init__(self, seconds: float, *, reason: str) -> None:
        super().__init__(f"postponed by {seconds:.1f} s: {reason}")
        self.seconds = seconds
        self.reason = reason


class UnknownTool(LookupError):
    """No tool of this address is in the catalogue."""

    def __init__(self, address: str) -> None:
        super().__init__(f"there is no tool called {address!r}")
        self.address = address


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a payload: where (an RFC 6901 pointer into it), and what would cure it."""

    pointer: str
    message: str


class InvalidPipeline(ValueError):
    """The payload breaks a rule; `faults` lists every place, the text only the first ones."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.message}" for fault in faults[:_MOST_TOLD]))
        self.faults = faults
