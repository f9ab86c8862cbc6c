"""How is a pipeline carried out?

Step by step: condition, input, tool, record. Results that earlier attempts recorded are taken as they are. What a run
of pure steps costs is a few dictionaries and the journal's `keep`: no lock, no I/O, nothing compiled.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from pipelines.calls import ToolCall
from pipelines.catalogue import Catalogue, Tool
from pipelines.errors import (
    ErrorClass,
    Interrupted,
    OutcomeUnknown,
    Park,
    Postponed,
    StepError,
    StepFailed,
    UnknownTool,
)
from pipelines.expressions import times
from pipelines.records import Failed, InDoubt, Outcome, Parked, StepRecord, Succeeded
from pipelines.schemas import Check, SchemaMismatch
from pipelines.spec import Pipeline, Step
from pipelines.surroundings import Clock, Journal
from pipelines.values import MAX_BYTES, UnfitValue, spend

_SUCCEEDED = Succeeded()
_DONE = frozenset({"succeeded", "skipped", "waiting"})
_TRIED_AGAIN = frozenset({"failed", "pending"})


def execute(  # noqa: PLR0913 - what surrounds a run
    pipeline: Pipeline,
    context: Mapping[str, Any],
    journal: Journal,
    tools: Catalogue,
    clock: Clock,
    *,
    deadline: float | None = None,
) -> Outcome:
    """Carry out what the journal does not yet record, and say how it ended.

    `context` holds JSON values: `run` (with `id`, and `request_id` if there is one), `task`, `trigger`, `event`, `agent`,
    and `params`, which overrule the pipeline's own one by one. `deadline` (of `clock.monotonic()`) bounds every step.
    `Interrupted`, from the journal or a tool, passes through.
    """
    results: dict[str, Any] = {}
    scope = _scope(pipeline, context, results, clock)
    recorded = journal.recorded()
    last = pipeline.steps[-1]
    for step in pipeline.steps:
        earlier = recorded.get(step.id) if recorded else None
        if earlier is not None and earlier.state in _DONE:
            output = _resumed(earlier, journal)
        elif earlier is not None and earlier.state not in _TRIED_AGAIN:
            return _ended_by(earlier, journal)
        else:
            attempt = _Attempt(step, scope, journal, clock, deadline)
            try:
                output = attempt.carry_out(tools, ends_run=step is last)
            except Park as park:
                state = "waiting" if park.waiting_for == "time" else "pending"
                journal.keep(attempt.record(state, output=park.output))
                return Parked(step.id, park.seconds, waiting_for=park.waiting_for)
            except Postponed as postponed:
                return Parked(step.id, postponed.seconds, postponed.reason)
            except OutcomeUnknown as doubt:
                journal.keep(attempt.record("unknown", error=doubt.error))
                return InDoubt(step.id, doubt.error)
            except StepFailed as failed:
                journal.keep(attempt.record("failed", error=failed.error))
                return Failed(step.id, failed.error)
        results[step.id] = output
        if step.save_as is not None:
            results[step.save_as] = output
    return _SUCCEEDED


def _scope(pipeline: Pipeline, context: Mapping[str, Any], results: dict[str, Any], clock: Clock) -> dict[str, Any]:
    scope = dict(context)
    own = scope.get("params")
    scope["params"] = {**pipeline.params, **own} if own else pipeline.params
    scope["steps"] = results
    if pipeline.reads_clock:
        scope.update(times.words_for(clock.now()))
    return scope


def _resumed(earlier: StepRecord, journal: Journal) -> Any:
    if earlier.state == "waiting":
        journal.keep(earlier._replace(state="succeeded"))
    return earlier.output


def _ended_by(earlier: StepRecord, journal: Journal) -> Outcome:
    """How the run ends, for now, at a step that is neither done nor may be tried."""
    if earlier.state == "refused":
        assert earlier.error is not None
        journal.keep(earlier._replace(state="failed"))
        return Failed(earlier.step, earlier.error)
    message = f"{earlier.tool} must not be called twice, and it is not known what became of its call: say what did"
    error = StepError(ErrorClass.LOST_WORKER, "outcome_unknown", message)
    journal.keep(earlier._replace(state="unknown", error=error))
    return InDoubt(earlier.step, error)


class _Attempt:
    """One try of one step. Holds what its record will say."""

    __slots__ = ("_clock", "_deadline", "_input", "_journal", "_key", "_scope", "_started", "_step")

    def __init__(
        self, step: Step, scope: dict[str, Any], journal: Journal, clock: Clock, deadline: float | None
    ) -> None:
        self._step = step
        self._scope = scope
        self._journal = journal
        self._clock = clock
        self._deadline = deadline
        self._started = clock.monotonic()
        self._input: Any = None
        self._key = ""

    def carry_out(self, tools: Catalogue, *, ends_run: bool) -> Any:
        """Do the step, record it, return its output. Raises `StepFailed`, `Park`, `Postponed`, `Interrupted`."""
        step, journal = self._step, self._journal
        if journal.interrupted():
            raise Interrupted
        if step.condition is not None and not step.condition(self._scope):
            journal.keep(self.record("skipped"))
            return None
        tool = _tool(step.uses, tools)
        self._input = step.template.render(self._scope)
        if tool.check_input is not None:
            _check(tool.check_input, self._input, "invalid_input")
        output = self._called(tool)
        if tool.pure or ends_run:  # what ends the run is made durable by the run's end
            journal.keep(self.record("succeeded", output=output))
        else:
            journal.checkpoint(self.record("succeeded", output=output))
        return output

    def _called(self, tool: Tool) -> Any:
        step, clock, journal = self._step, self._clock, self._journal
        deadline = self._started + (step.timeout_seconds or tool.timeout_seconds)
        if self._deadline is not None and self._deadline < deadline:
            deadline = self._deadline
        call = ToolCall(step.id, deadline, context=self._scope, journal=journal, clock=clock)
        if tool.pure:
            output = _output_of(tool, self._input, call)
        else:
            self._key = call.idempotency_key
            seconds = call.remaining()
            journal.before_effect(step)
            with journal.calling(tool.address, tool.destination_of(self._input), seconds=seconds):
                if tool.at_most_once:
                    journal.begin(self.record("begun"))
                output = _output_of(tool, self._input, call)
        if tool.check_output is not None:
            _check(tool.check_output, output, "invalid_output")
        return output

    def record(self, state: Any, *, output: Any = None, error: StepError | None = None) -> StepRecord:
        milliseconds = int((self._clock.monotonic() - self._started) * 1000)
        step = self._step
        return StepRecord(step.id, state, step.uses, self._input, output, error, milliseconds, self._key)


def _tool(address: str, tools: Catalogue) -> Tool:
    try:
        return tools.get(address)
    except UnknownTool as unknown:
        raise StepFailed.permanently("unknown_tool", str(unknown)) from None


def _output_of(tool: Tool, given: Any, call: ToolCall) -> Any:
    try:
        output = tool.call(given, call)
    except Park as park:
        if not isfinite(park.seconds):
            message = f"{tool.address} asked to wait for {park.seconds} seconds"
            raise StepFailed.permanently("invalid_wait", message) from None
        raise
    except Interrupted:
        raise
    except StepFailed as failed:
        if tool.at_most_once and failed.error.error_class == ErrorClass.TIMEOUT:
            raise OutcomeUnknown(failed.error) from failed
        raise
    except Exception as crash:  # the executor's edge: whatever a tool does becomes an outcome
        error = _as_error(tool, crash)
        if tool.at_most_once and error.error_class != ErrorClass.PERMANENT:
            raise OutcomeUnknown(error) from crash
        raise StepFailed(error) from crash
    if output is not None:
        try:
            spend(output, MAX_BYTES)
        except UnfitValue as unfit:
            message = f"{tool.address} returned what cannot be stored: {unfit.pointer or '/'} {unfit.reason}"
            raise StepFailed.permanently("invalid_output", message) from None
    return output


def _as_error(tool: Tool, crash: Exception) -> StepError:
    message = f"{tool.address} raised {type(crash).__name__}: {crash}"[:500]
    if isinstance(crash, TimeoutError):
        return StepError(ErrorClass.TIMEOUT, "timeout", message)
    if isinstance(crash, OSError):
        return StepError(ErrorClass.RETRYABLE, "tool_unreachable", message)
    return StepError(ErrorClass.PERMANENT, "tool_crashed", message)


def _check(check: Check, value: Any, code: str) -> None:
    try:
        check(value)
    except SchemaMismatch as mismatch:
        raise StepFailed.permanently(code, str(mismatch)) from None
