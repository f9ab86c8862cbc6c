"""How is a step tried once?"""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final

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
from pipelines.records import StepRecord
from pipelines.retries import StepRetries
from pipelines.schemas import Check, SchemaMismatch
from pipelines.spec import KEY, KEY_RULE, Step
from pipelines.surroundings import Clock, Journal
from pipelines.values import MAX_BYTES, UnfitValue, spend

_NO_RETRIES: Final = StepRetries()


class Attempt:
    """One try of one step. Holds what its record will say."""

    __slots__ = (
        "_clock",
        "_deadline",
        "_failures",
        "_input",
        "_journal",
        "_key",
        "_remembered",
        "_scope",
        "_started",
        "_step",
        "retries",
    )

    def __init__(  # noqa: PLR0913 - what surrounds a try
        self,
        step: Step,
        scope: Mapping[str, Any],
        journal: Journal,
        clock: Clock,
        *,
        deadline: float | None,
        failures: int,
    ) -> None:
        self._step = step
        self._scope = scope
        self._journal = journal
        self._clock = clock
        self._deadline = deadline
        self._failures = failures  # of earlier tries
        self._started = clock.monotonic()
        self._input: Any = None
        self._key = ""
        self._remembered = False
        self.retries = step.retries or _NO_RETRIES

    def carry_out(self, tools: Catalogue, *, ends_run: bool) -> Any:
        """Do the step, record it, return its output. Raises `StepFailed`, `Park`, `Postponed`, `Interrupted`."""
        step, journal = self._step, self._journal
        if journal.interrupted():
            raise Interrupted
        if step.condition is not None and not step.condition(self._scope):
            journal.keep(self.record("skipped"))
            return None
        tool = _tool(step.uses, tools)
        if step.retries is None and tool.max_retries:
            self.retries = StepRetries(tool.max_retries)
        self._input = step.template.render(self._scope)
        if tool.check_input is not None:
            _check(tool.check_input, self._input, "invalid_input")
        output = self._called(tool)
        if step.ttl_seconds is not None and self._key and not self._remembered:
            journal.remember(self.record("succeeded", output=output), seconds=step.ttl_seconds)
        elif tool.instant or ends_run:  # what ends the run is made durable by the run's end
            journal.keep(self.record("succeeded", output=output))
        else:
            journal.checkpoint(self.record("succeeded", output=output))
        return output

    def unfold(self, unfolded: Callable[[], tuple[Any, Callable[[], Any]]]) -> Any:
        """The same for a step whose work is other steps: `unfolded` answers what it is given, for the record, and how to do it."""
        step, journal = self._step, self._journal
        if journal.interrupted():
            raise Interrupted
        if step.condition is not None and not step.condition(self._scope):
            journal.keep(self.record("skipped"))
            return None
        self._input, do = unfolded()
        output = do()
        journal.keep(self.record("succeeded", output=output))
        return output

    def _called(self, tool: Tool) -> Any:
        step, clock, journal = self._step, self._clock, self._journal
        deadline = self._started + (step.timeout_seconds or tool.timeout_seconds)
        if self._deadline is not None and self._deadline < deadline:
            deadline = self._deadline
        key = None if tool.pure or step.key is None else _key(step.key.render(self._scope))
        call = ToolCall(step.id, deadline, context=self._scope, journal=journal, clock=clock, key=key)
        if tool.scopes:
            journal.permit(tool.address, tool.scopes)
        if tool.instant:
            output = _output_of(tool, self._input, call)
        else:
            self._key = call.idempotency_key
            seconds = call.remaining()
            if step.ttl_seconds is not None and (earlier := journal.remembered(tool.address, self._key)) is not None:
                self._remembered = True
                return _fitting(tool, earlier.output)
            journal.before_effect(step)
            with journal.calling(tool.address, tool.destination_of(self._input), seconds=seconds):
                if tool.at_most_once:
                    journal.begin(self.record("begun"))
                try:
                    output = _output_of(tool, self._input, call)
                except Postponed:
                    if tool.at_most_once:
                        journal.keep(self.record("pending"))  # it has not begun after all
                    raise
        return _fitting(tool, output)

    def record(self, state: Any, *, output: Any = None, error: StepError | None = None) -> StepRecord:
        milliseconds = int((self._clock.monotonic() - self._started) * 1000)
        step = self._step
        return StepRecord(
            step.id, state, step.uses, self._input, output, error, milliseconds, self._key, self._failures
        )

    def failed(self, error: StepError) -> StepRecord:
        """The record of this try, with it counted where that decides about the next one."""
        record = self.record("failed", error=error)
        return record._replace(failures=self._failures + 1) if self.retries.most else record


def _key(rendered: Any) -> str:
    key = str(rendered) if isinstance(rendered, int) and not isinstance(rendered, bool) else rendered
    if isinstance(key, str) and KEY.fullmatch(key):
        return key
    raise StepFailed.permanently("invalid_idempotency_key", f"`idempotency_key` came to what is none: {KEY_RULE}")


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
    except (Interrupted, Postponed):
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


def _fitting(tool: Tool, output: Any) -> Any:
    if tool.check_output is not None:
        _check(tool.check_output, output, "invalid_output")
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
