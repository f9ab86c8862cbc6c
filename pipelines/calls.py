"""What does a tool know about the call it serves?"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from pipelines.errors import ErrorClass, Interrupted, StepError, ToolFailure
from pipelines.surroundings import Clock, Journal
from pipelines.usage import Usage

LONGEST_WAIT_IN_PLACE: Final = 5  # seconds; beyond, the run gives its worker back


class ToolCall:
    """Passed to a tool beside its input. The input is shared: a tool reads it and never changes it."""

    __slots__ = ("_clock", "_context", "_journal", "_key", "deadline", "step")

    def __init__(  # noqa: PLR0913 - what surrounds a call
        self,
        step: str,
        deadline: float,
        *,
        context: Mapping[str, Any],
        journal: Journal,
        clock: Clock,
        key: str | None = None,
    ) -> None:
        self.step = step
        self.deadline = deadline  # of clock.monotonic(), for everything that the tool does
        self._context = context
        self._journal = journal
        self._clock = clock
        self._key = key

    @property
    def run_id(self) -> str:
        """The run's id, which the context must hold as `run.id`: keys made without it would clash."""
        run_id = self._run.get("id")
        if not run_id:
            raise ValueError("a tool with effects needs the run's id in the context: {'run': {'id': ...}}")
        return str(run_id)

    @property
    def request_id(self) -> str:
        """The id of the request that caused the run, else the run's own."""
        return str(self._run.get("request_id") or self.run_id)

    @property
    def agent_id(self) -> str:
        """Whose run it is: `agent.id` of the context, which must hold it."""
        agent: Mapping[str, Any] = self._context.get("agent") or {}
        if not agent.get("id"):
            raise ValueError("this tool needs the run's agent in the context: {'agent': {'id': ...}}")
        return str(agent["id"])

    @property
    def causation(self) -> int:
        """How many events, each published by a run of the one before, led to what this run publishes."""
        return int(self._run.get("causation") or 0)

    @property
    def idempotency_key(self) -> str:
        """The same for this step in every attempt of this run, and for nothing else, unless the step names its own."""
        if self._key is not None:
            return self._key
        return sha256(f"{self.run_id}\0{self.step}".encode()).hexdigest()

    @property
    def attempt(self) -> int | None:
        """Which try of the run this is, from 1; None when the context does not say."""
        return self._run.get("attempt")

    @property
    def fence(self) -> int | None:
        """The number of the lease under which the run is carried out: a later lease has a higher one."""
        return self._run.get("fence")

    @property
    def _run(self) -> Mapping[str, Any]:
        run: Mapping[str, Any] = self._context.get("run") or {}
        return run

    def remaining(self) -> float:
        """Seconds until the deadline; raises `ToolFailure` (timeout) when there are none."""
        seconds = self.deadline - self._clock.monotonic()
        if seconds <= 0:
            raise self.timed_out()
        return seconds

    def reserve(self, usage: Usage) -> None:
        """Say what the call will use up at most, just before it does: it is counted from now on, until `charge` says better.

        Raises `StepFailed` (budget_exhausted) or `Postponed`, which the tool lets pass, when the budget has not so much left.
        """
        self._journal.reserve(usage)

    def charge(self, usage: Usage) -> None:
        """Say what the call has used up, as soon as that is known: also of a call that then fails."""
        self._journal.charge(usage)

    def check(self) -> None:
        """Raise `Interrupted` if the run was told to stop."""
        if self._journal.interrupted():
            raise Interrupted

    def wait(self, seconds: float) -> None:
        """Sleep; raises `Interrupted` when told to stop, `ToolFailure` (timeout) at the deadline."""
        remaining = self.remaining()
        if self._journal.wait(min(seconds, remaining)):
            raise Interrupted
        if seconds >= remaining:
            raise self.timed_out()

    def timed_out(self) -> ToolFailure:
        message = f"step {self.step!r} was not done in time; raise its timeout_seconds if the work needs longer"
        return ToolFailure(StepError(ErrorClass.TIMEOUT, "timeout", message))
