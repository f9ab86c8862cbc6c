"""How is a tool called that no run asks for? With a deadline, and with nobody who keeps anything or could stop it."""

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime

from pipelines.calls import ToolCall
from pipelines.records import StepRecord
from pipelines.spec import Step
from pipelines.usage import Usage


def call_alone(name: str, *, seconds: float, run_id: str, request_id: str = "", key: str | None = None) -> ToolCall:
    """A call that ends after `seconds`. run_id: stands for the run's where one is told. key: its Idempotency-Key."""
    context = {"run": {"id": run_id, "request_id": request_id}}
    deadline = time.monotonic() + seconds
    return ToolCall(name, deadline, context=context, journal=_NoJournal(), clock=_SystemClock(), key=key)


class _SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class _NoJournal:
    def share(self) -> None:
        """A call has one thread."""

    def recorded(self) -> Mapping[str, StepRecord]:
        return {}

    def keep(self, record: StepRecord) -> None:
        """Nothing is kept."""

    def checkpoint(self, record: StepRecord) -> None:
        """Nothing is kept."""

    def remembered(self, tool: str, key: str) -> None:
        """Nothing is kept."""

    def remember(self, record: StepRecord, *, seconds: int) -> None:
        """Nothing is kept."""

    def before_effect(self, step: Step) -> None:
        """Nothing is kept."""

    def begin(self, record: StepRecord) -> None:
        """Nothing is kept."""

    def calling(self, tool: str, destination: str, *, seconds: float) -> AbstractContextManager[None]:
        """Nobody is asked."""
        return nullcontext()

    def permit(self, tool: str, scopes: frozenset[str]) -> None:
        """It is called for no agent."""

    def reserve(self, usage: Usage) -> None:
        """Nobody pays."""

    def charge(self, usage: Usage) -> None:
        """Nobody pays."""

    def may_retry(self) -> bool:
        return True

    def interrupted(self) -> bool:
        return False

    def wait(self, seconds: float) -> bool:
        time.sleep(seconds)
        return False
