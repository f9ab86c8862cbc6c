"""A journal in memory, a clock that a test sets, and a run in one call."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipelines import Catalogue, Outcome, Step, StepRecord, builtin_catalogue, execute, parse
from pipelines.records import Remembered
from pipelines.usage import Usage

BUILTIN = builtin_catalogue()
MOMENT = datetime(2026, 10, 24, 12, 30, 15, 999, tzinfo=ZoneInfo("Europe/Chisinau"))


@dataclass
class FakeClock:
    moment: datetime = MOMENT
    seconds: float = 100.0
    asked: int = 0

    def now(self) -> datetime:
        self.asked += 1
        return self.moment

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class MemoryJournal:
    earlier: dict[str, StepRecord] = field(default_factory=dict)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    stop: bool = False
    waited: list[float] = field(default_factory=list)
    asked: list[tuple[str, str, float]] = field(default_factory=list)
    guard: Exception | None = None
    seen: list[BaseException] = field(default_factory=list)
    within_budget: bool = True
    charged: list[Usage] = field(default_factory=list)
    shared: int = 0
    memory: dict[tuple[str, str], Remembered] = field(default_factory=dict)
    kept_for: list[int] = field(default_factory=list)
    reserved: list[Usage] = field(default_factory=list)
    permits: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    refusal: Exception | None = None

    def share(self) -> None:
        self.shared += 1

    def recorded(self) -> Mapping[str, StepRecord]:
        return self.earlier

    def keep(self, record: StepRecord) -> None:
        self.calls.append(("keep", record))

    def checkpoint(self, record: StepRecord) -> None:
        self.calls.append(("checkpoint", record))

    def remembered(self, tool: str, key: str) -> Remembered | None:
        return self.memory.get((tool, key))

    def remember(self, record: StepRecord, *, seconds: int) -> None:
        self.calls.append(("remember", record))
        self.memory[record.tool, record.idempotency_key] = Remembered(record.output)
        self.kept_for.append(seconds)

    def before_effect(self, step: Step) -> None:
        self.calls.append(("before_effect", step.id))

    def begin(self, record: StepRecord) -> None:
        self.calls.append(("begin", record))

    @contextmanager
    def calling(self, tool: str, destination: str, *, seconds: float) -> Iterator[None]:
        self.asked.append((tool, destination, seconds))
        if self.guard is not None:
            raise self.guard
        try:
            yield
        except BaseException as raised:
            self.seen.append(raised)
            raise

    def permit(self, tool: str, scopes: frozenset[str]) -> None:
        self.permits.append((tool, scopes))
        if self.refusal is not None:
            raise self.refusal

    def reserve(self, usage: Usage) -> None:
        self.reserved.append(usage)
        if self.refusal is not None:
            raise self.refusal

    def charge(self, usage: Usage) -> None:
        if usage != Usage():
            self.charged.append(usage)

    def may_retry(self) -> bool:
        return self.within_budget

    def interrupted(self) -> bool:
        return self.stop

    def wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        return self.stop

    @property
    def records(self) -> list[StepRecord]:
        return [value for _, value in self.calls if isinstance(value, StepRecord)]

    @property
    def verbs(self) -> list[str]:
        return [verb for verb, _ in self.calls]


@dataclass
class Ran:
    outcome: Outcome
    journal: MemoryJournal
    clock: FakeClock

    def record(self, step: str) -> StepRecord:
        [record] = [record for record in self.journal.records if record.step == step]
        return record


def run(  # noqa: PLR0913 - each has a default
    *steps: dict[str, Any],
    params: dict[str, Any] | None = None,
    context: dict[str, Any] | None = None,
    tools: Catalogue = BUILTIN,
    journal: MemoryJournal | None = None,
    clock: FakeClock | None = None,
    deadline: float | None = None,
) -> Ran:
    """Parse and execute in one go, as run "run-1"."""
    pipeline = parse({"params": params or {}, "pipeline": list(steps)}, tools=tools)
    journal, clock = journal or MemoryJournal(), clock or FakeClock()
    surroundings = {"run": {"id": "run-1", "request_id": "request-1"}, **(context or {})}
    outcome = execute(pipeline, surroundings, journal, tools, clock, deadline=deadline)
    return Ran(outcome, journal, clock)


def echoed(value: Any, **surroundings: Any) -> Any:
    """What `debug.echo` is given for `value`, or the `StepError` of a step that failed."""
    ran = run({"uses": "debug.echo", "with": {"value": value}}, **surroundings)
    record = ran.record("step_1")
    return record.error or record.output["value"]
