"""Is what a task waits for the case now?

A condition is an expression over the task's `params`, the `task` itself, the time, and what a `probe` answers: one tool call,
made for each look. A look ends in true, in false, or in not knowing, when the probe or the expression fails.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Final, TypeAlias

from pipelines.catalogue import Catalogue
from pipelines.errors import ErrorClass, Fault, InvalidPipeline, StepError, StepFailed
from pipelines.executor import execute
from pipelines.expressions import times
from pipelines.expressions.compiler import InvalidExpression, Scope, truth
from pipelines.expressions.references import Path, path_text
from pipelines.parsing import parse
from pipelines.records import Failed, InDoubt, Parked, StepRecord
from pipelines.spec import Pipeline, Step
from pipelines.surroundings import Clock
from pipelines.templates import unwrapped
from pipelines.usage import Usage
from pipelines.values import pointer_part

Permit: TypeAlias = Callable[[str, frozenset[str]], StepError | None]

_PROBE: Final = "probe"
_PROBE_FIELDS: Final = ("uses", "with", "timeout_seconds")
_PROBE_ROOTS: Final = ("params", *sorted(times.TIME_WORDS))
_ROOTS: Final = (_PROBE, "task", *_PROBE_ROOTS)


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked and compiled condition. It holds no state: one serves any number of looks and threads."""

    holds: Callable[[Scope], bool] = field(repr=False)
    params: Mapping[str, Any]
    probe: Pipeline | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look has found: whether the condition is `met`, and the probe's output; or why that is not known."""

    met: bool | None
    probe: Any = None
    error: StepError | None = None


def parse_condition(
    expression: str, *, probe: Any = None, params: Mapping[str, Any] | None = None, tools: Catalogue | None = None
) -> Condition:
    """Check and compile. Raises `InvalidPipeline` whose pointers begin with `/schedule_expr` or `/probe`."""
    faults: list[Fault] = []
    holds, parsed = None, None
    try:
        holds = _expression(expression, has_probe=probe is not None)
    except InvalidExpression as invalid:
        faults.append(Fault("/schedule_expr", str(invalid)))
    if probe is not None:
        try:
            parsed = _probe(probe, tools)
        except InvalidPipeline as invalid:
            faults += invalid.faults
    if faults or holds is None:
        raise InvalidPipeline(tuple(faults))
    return Condition(holds, params or {}, parsed)


def look(  # noqa: PLR0913 - what surrounds a look
    condition: Condition,
    *,
    context: Mapping[str, Any],
    tools: Catalogue,
    clock: Clock,
    deadline: float,
    permit: Permit | None = None,
) -> Seen:
    """Call the probe and evaluate the expression. Never raises for what either of them does.

    `context` holds `task` and `run` (with an `id`, for the tools' idempotency keys). `deadline` is one of `clock.monotonic()`.
    `permit` says why a tool that needs these scopes may not be called; without it any may.
    """
    output = None
    if condition.probe is not None:
        memory = _Memory(permit)
        given = {"params": condition.params, "run": context["run"]}
        outcome = execute(condition.probe, given, memory, tools, clock, deadline=deadline)
        if isinstance(outcome, Failed | InDoubt):
            return Seen(None, error=outcome.error)
        if isinstance(outcome, Parked):
            return Seen(None, error=_PARKED)
        output = memory.output
    scope = {"params": condition.params, "task": context["task"], _PROBE: output, **times.words_for(clock.now())}
    try:
        return Seen(condition.holds(scope), output)
    except StepFailed as failed:
        return Seen(None, output, failed.error)


def _expression(text: str, *, has_probe: bool) -> Callable[[Scope], bool]:
    holds, paths = truth(unwrapped(text))
    roots = _ROOTS if has_probe else _ROOTS[1:]
    for path in paths:
        if path[0] == _PROBE and not has_probe:
            raise InvalidExpression(f"`{path_text(path)}`: there is no probe; give one, the tool call to look at")
        _check_root(path, roots)
    return holds


def _probe(probe: Any, tools: Catalogue | None) -> Pipeline:
    """One step of a pipeline, as far as a step can be a probe."""
    if not isinstance(probe, Mapping):
        message = 'is not a tool call: write {"uses": "http.request", "with": {...}}'
        raise InvalidPipeline((Fault("/probe", message),))
    if unknown := [name for name in probe if name not in _PROBE_FIELDS]:
        message = f"is not a field of a probe; known are {', '.join(_PROBE_FIELDS)}"
        raise InvalidPipeline(tuple(Fault(f"/probe/{pointer_part(name)}", message) for name in unknown))
    try:
        pipeline = parse({"pipeline": [{**probe, "id": _PROBE}]}, tools=tools)
    except InvalidPipeline as invalid:
        raise InvalidPipeline(
            tuple(Fault(_in_probe(fault.pointer), fault.message) for fault in invalid.faults)
        ) from None
    if pipeline.steps[0].block:
        message = "is no call of a tool, but of other steps; a probe is one call"
        raise InvalidPipeline((Fault("/probe/uses", message),))
    for pointer, path in pipeline.steps[0].template.paths:
        try:
            _check_root(path, _PROBE_ROOTS)
        except InvalidExpression as invalid:
            raise InvalidPipeline((Fault(f"/probe/with{pointer}", str(invalid)),)) from None
    return pipeline


def _check_root(path: Path, roots: tuple[str, ...]) -> None:
    if path[0] not in roots:
        known = ", ".join(roots)
        raise InvalidExpression(f"`{path_text(path)}`: nothing is called {path[0]!r} here; known are {known}")


def _in_probe(pointer: str) -> str:
    return f"/probe{pointer.removeprefix('/pipeline/0')}" if pointer.startswith("/pipeline/0") else "/probe"


_PARKED: Final = StepError(
    ErrorClass.PERMANENT, "probe_waits", "A probe answers at once: this tool wants to be asked again later."
)


class _Memory:
    """The journal of one look: nobody goes on with it, so nothing is written down."""

    def __init__(self, permit: Permit | None) -> None:
        self.output: Any = None
        self._permit = permit

    def share(self) -> None:
        """A look is one step, which no other thread does."""

    def recorded(self) -> Mapping[str, StepRecord]:
        return {}

    def keep(self, record: StepRecord) -> None:
        self.output = record.output

    def checkpoint(self, record: StepRecord) -> None:
        self.output = record.output

    def remembered(self, tool: str, key: str) -> None:
        """Each look is a call of its own."""

    def remember(self, record: StepRecord, *, seconds: int) -> None:
        self.output = record.output

    def before_effect(self, step: Step) -> None:
        """Nothing is kept that would have to be durable first."""

    def begin(self, record: StepRecord) -> None:
        """A look that is cut off is not looked up again."""

    def calling(self, tool: str, destination: str, *, seconds: float) -> AbstractContextManager[None]:
        """Looks are few and evenly spread by themselves: they ask nobody."""
        return nullcontext()

    def permit(self, tool: str, scopes: frozenset[str]) -> None:
        refusal = self._permit(tool, scopes) if self._permit else None
        if refusal is not None:
            raise StepFailed(refusal)

    def reserve(self, usage: Usage) -> None:
        """A look is charged to nobody."""

    def charge(self, usage: Usage) -> None:
        """A look is charged to nobody."""

    def may_retry(self) -> bool:
        return True

    def interrupted(self) -> bool:
        return False

    def wait(self, seconds: float) -> bool:
        return Event().wait(seconds)
