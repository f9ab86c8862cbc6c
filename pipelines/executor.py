"""How is a pipeline carried out?

Step by step: condition, input, tool, record. Results that earlier attempts recorded are taken as they are. What a run
of pure steps costs is a few dictionaries and the journal's `keep`: no lock, no I/O, nothing compiled.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipelines.attempts import Attempt
from pipelines.calls import LONGEST_WAIT_IN_PLACE
from pipelines.catalogue import Catalogue
from pipelines.errors import ErrorClass, Interrupted, OutcomeUnknown, Park, Postponed, StepError, StepFailed
from pipelines.expressions import times
from pipelines.records import Failed, InDoubt, Outcome, Parked, StepRecord, Succeeded
from pipelines.spec import Pipeline, Recovery, Step
from pipelines.surroundings import Clock, Journal

_SUCCEEDED = Succeeded()
_DONE = frozenset({"succeeded", "skipped", "waiting"})
_TRIED_AGAIN = frozenset({"failed", "pending", "retrying"})


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
    course = _Course(_scope(pipeline, context, results, clock), journal, tools, clock, deadline)
    recorded = journal.recorded()
    last = pipeline.steps[-1]
    for step in pipeline.steps:
        earlier = recorded.get(step.id) if recorded else None
        try:
            if earlier is None:
                seen = course.done(step, ends_run=step is last)
            else:
                seen = course.resumed(step, earlier, ends_run=step is last)
        except _Over as over:
            return over.outcome
        results[step.id] = seen
        if step.save_as is not None:
            results[step.save_as] = seen
    return _SUCCEEDED


def _scope(pipeline: Pipeline, context: Mapping[str, Any], results: dict[str, Any], clock: Clock) -> dict[str, Any]:
    scope = dict(context)
    own = scope.get("params")
    scope["params"] = {**pipeline.params, **own} if own else pipeline.params
    scope["steps"] = results
    if pipeline.reads_clock:
        scope.update(times.words_for(clock.now()))
    return scope


class _Over(Exception):
    """The run does not go on to the next step now."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class _Course:
    """How a run comes from one step to the next."""

    __slots__ = ("_clock", "_deadline", "_journal", "_scope", "_tools")

    def __init__(
        self, scope: Mapping[str, Any], journal: Journal, tools: Catalogue, clock: Clock, deadline: float | None
    ) -> None:
        self._scope = scope
        self._journal = journal
        self._tools = tools
        self._clock = clock
        self._deadline = deadline

    def resumed(self, step: Step, earlier: StepRecord, *, ends_run: bool) -> Any:
        """What later steps see of one that an earlier attempt recorded. Raises `_Over`, `Interrupted`."""
        if earlier.state in _DONE or earlier.mark:
            if earlier.state == "waiting":
                self._journal.keep(earlier._replace(state="succeeded"))
            return earlier.seen
        if earlier.state in _TRIED_AGAIN:
            return self.done(step, failures=earlier.failures, ends_run=ends_run)
        if earlier.state == "refused":
            assert earlier.error is not None, "who refuses says why"
            return self._without(step, earlier._replace(state="failed"), earlier.error, ends_run=ends_run)
        raise _Over(self._doubted(earlier))

    def done(self, step: Step, *, failures: int = 0, ends_run: bool) -> Any:
        """Try the step as often as its own rule says, and return what later ones see of it. Raises `_Over`, `Interrupted`."""
        journal = self._journal
        while True:
            attempt = Attempt(step, self._scope, journal, self._clock, deadline=self._deadline, failures=failures)
            try:
                return attempt.carry_out(self._tools, ends_run=ends_run)
            except Park as park:
                state = "waiting" if park.waiting_for == "time" else "pending"
                journal.keep(attempt.record(state, output=park.output))
                raise _Over(Parked(step.id, park.seconds, waiting_for=park.waiting_for)) from None
            except Postponed as postponed:
                raise _Over(Parked(step.id, postponed.seconds, postponed.reason)) from None
            except OutcomeUnknown as doubt:
                journal.keep(attempt.record("unknown", error=doubt.error))
                raise _Over(InDoubt(step.id, doubt.error)) from None
            except StepFailed as failed:
                failure, error = attempt.failed(failed.error), failed.error
            if not self._waited_to_retry(step, failure, error):
                return self._without(step, failure, error, ends_run=ends_run)
            failures = failure.failures

    def _doubted(self, earlier: StepRecord) -> InDoubt:
        message = f"{earlier.tool} must not be called twice, and it is not known what became of its call: say what did"
        error = StepError(ErrorClass.LOST_WORKER, "outcome_unknown", message)
        self._journal.keep(earlier._replace(state="unknown", error=error))
        return InDoubt(earlier.step, error)

    def _waited_to_retry(self, step: Step, failure: StepRecord, error: StepError) -> bool:
        """Whether the step is to be tried again now. The number of its tries is durable before it waits."""
        if not step.retries.most or self._time_is_over():
            return False
        earlier = failure.failures - 1
        delay = step.retries.delay_after(error, failures=earlier, within_budget=self._journal.may_retry)
        if delay is None:
            return False
        again = failure._replace(state="retrying")
        if delay > LONGEST_WAIT_IN_PLACE:
            self._journal.keep(again)
            raise _Over(Parked(step.id, delay, "retry"))
        self._journal.checkpoint(again)
        if self._journal.wait(delay):
            raise Interrupted
        return True

    def _without(self, step: Step, failure: StepRecord, error: StepError, *, ends_run: bool) -> Any:
        """What later steps see of one that has failed for good, where the run goes on over it. Raises `_Over`."""
        journal = self._journal
        if step.recovery is None or error.error_class == ErrorClass.CANCELED or self._time_is_over():
            journal.keep(failure)
            raise _Over(Failed(step.id, error))
        if journal.interrupted():  # which may be why it failed
            raise Interrupted
        record = self._recovered(step.recovery, failure, error)
        if record.idempotency_key and not ends_run:
            journal.checkpoint(record)
        else:
            journal.keep(record)
        return record.seen

    def _recovered(self, recovery: Recovery, failure: StepRecord, error: StepError) -> StepRecord:
        if recovery.fallback is None:
            return failure._replace(mark="continued")
        try:
            return failure._replace(mark="fallback", output=recovery.fallback.render(self._scope))
        except StepFailed as failed:
            both = replace(error, message=f"{error.message} Its fallback_value failed, too: {failed.error.message}")
            self._journal.keep(failure._replace(error=both))
            raise _Over(Failed(failure.step, both)) from None

    def _time_is_over(self) -> bool:
        return self._deadline is not None and self._clock.monotonic() >= self._deadline
