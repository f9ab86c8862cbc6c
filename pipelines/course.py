"""How does a run come from one step to the next?

Of a list of steps, each goes through condition, input, tool and record, and what it came to is seen by those that follow. What
earlier attempts recorded is taken as it is. The lists inside a step are courses of their own, at a place of their own.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from pipelines.attempts import Attempt
from pipelines.calls import LONGEST_WAIT_IN_PLACE
from pipelines.catalogue import Catalogue
from pipelines.crowd import Crowd, Halted, Over, Parts, Team
from pipelines.errors import ErrorClass, Interrupted, OutcomeUnknown, Park, Postponed, StepError, StepFailed
from pipelines.records import Failed, InDoubt, Parked, StepRecord
from pipelines.retries import StepRetries
from pipelines.spec import Body, Order, Recovery, Step
from pipelines.surroundings import Clock, Journal

_DONE = frozenset({"succeeded", "skipped", "waiting"})
_TRIED_AGAIN = frozenset({"failed", "pending", "retrying"})

Unfold: TypeAlias = Callable[["Course", Step], tuple[Any, Callable[[], Any]]]


class Means:
    """What the courses of one run have in common. `unfold` says, of a step that holds others, its input and how to do it."""

    __slots__ = ("_team", "began", "clock", "deadline", "journal", "recorded", "tools", "unfold")

    def __init__(
        self, journal: Journal, tools: Catalogue, clock: Clock, *, deadline: float | None, unfold: Unfold
    ) -> None:
        self.journal = journal
        self.tools = tools
        self.clock = clock
        self.deadline = deadline
        self.unfold = unfold
        self.recorded = journal.recorded()
        self.began = clock.monotonic() if self.recorded else 0.0
        self._team: Team | None = None

    @property
    def team(self) -> Team:
        """Those who work for the run, from its first crowd on, before which it has a single thread."""
        if self._team is None:
            self._team = Team(self.journal)
        return self._team

    def time_is_over(self) -> bool:
        return self.deadline is not None and self.clock.monotonic() >= self.deadline

    def quick(self, step: Step) -> bool:
        """Whether the step makes nobody wait, so that no other thread need do it."""
        if step.block is not None:
            return False
        return step.uses not in self.tools or self.tools.get(step.uses).instant


class Course:
    """One list of steps on its way, in its own `scope`: the pipeline's, or at a `place` inside a step.

    Where other steps run beside these, `halted` says whether these may not go on because of them; `alone` they have no such.
    """

    __slots__ = ("_halted", "_place", "means", "scope")

    def __init__(
        self, means: Means, scope: dict[str, Any], *, place: str = "", halted: Callable[[], bool] | None = None
    ) -> None:
        self.means = means
        self.scope = scope  # its "steps" are what the steps done so far came to
        self._place = place
        self._halted = halted

    def through(self, body: Body) -> Any:
        """Do all steps of the body; answers what the last listed one is seen as. Raises `Over`, `Interrupted`, `Halted`."""
        if body.order is not None:
            return self._by_order(body.steps, body.order)
        whole_run = not self._place
        results = self.scope["steps"]
        last = body.steps[-1]
        seen = None
        for step in body.steps:
            seen = self.seen(step, ends_run=whole_run and step is last)
            results[step.id] = seen
            if step.save_as is not None:
                results[step.save_as] = seen
        return seen

    def seen(self, step: Step, *, ends_run: bool = False) -> Any:
        """What later steps see of this one, once it is done. Raises `Over`, `Interrupted`, `Halted`."""
        if self._halted is not None and self._halted():
            raise Halted
        if self._place:
            step = replace(step, id=self._place + step.id)
        recorded = self.means.recorded
        earlier = recorded.get(step.id) if recorded else None
        if earlier is None:
            return self._done(step, ends_run=ends_run)
        return self._resumed(step, earlier, ends_run=ends_run)

    def inside(self, place: str, *, halted: Callable[[], bool] | None, **names: Any) -> "Course":
        """A course at `place`, such as `each[3]`, that sees what this one sees so far, and these names."""
        scope = {**self.scope, **names, "steps": dict(self.scope["steps"])}
        return Course(self.means, scope, place=f"{place}.", halted=halted or self._halted)

    def _by_order(self, steps: tuple[Step, ...], order: Order) -> Any:
        means = self.means
        came_to: dict[int, Any] = {}

        def do(position: int) -> None:
            step = steps[position]
            results = dict(self.scope["steps"])
            for before in sorted(order.sees[position]):
                _note(results, steps[before], came_to[before])
            course = Course(means, {**self.scope, "steps": results}, place=self._place, halted=crowd.halted)
            came_to[position] = course.seen(step)

        parts = Parts(len(steps), do, lambda position: means.quick(steps[position]), after=order.after)
        crowd = self.crowd(parts)
        crowd.carry_out()
        return came_to[len(steps) - 1]

    def crowd(self, parts: Parts) -> Crowd:
        """Those who do the parts, which end when this course does not go on."""
        return Crowd(parts, self.means.team, self.means.clock, halted=self._halted or _never)

    # One step.

    def _resumed(self, step: Step, earlier: StepRecord, *, ends_run: bool) -> Any:
        if earlier.state in _DONE or earlier.mark:
            if earlier.state == "waiting":
                self._wait_out(step, earlier)
                self.means.journal.keep(earlier._replace(state="succeeded", wait=None))
            return earlier.seen
        if earlier.state in _TRIED_AGAIN:
            if earlier.state == "retrying":
                self._wait_out(step, earlier, why="retry")
            return self._done(step, earlier=earlier, ends_run=ends_run)
        if earlier.state == "refused":
            assert earlier.error is not None, "who refuses says why"
            return self.without(step, earlier._replace(state="failed", wait=None), earlier.error, ends_run=ends_run)
        raise Over(self._doubted(earlier))

    def _done(self, step: Step, *, ends_run: bool, earlier: StepRecord | None = None) -> Any:
        """Try the step as often as its own rule says, and answer what later ones see of it."""
        means = self.means
        failures = earlier.failures if earlier else 0
        while True:
            attempt = Attempt(step, self.scope, means.journal, means.clock, deadline=means.deadline, failures=failures)
            try:
                if step.block is not None:
                    return attempt.unfold(lambda: means.unfold(self, step))
                return attempt.carry_out(means.tools, ends_run=ends_run)
            except Park as park:
                raise self._parked(attempt, park, earlier) from None
            except Postponed as postponed:
                raise Over(Parked(step.id, postponed.seconds, postponed.reason)) from None
            except OutcomeUnknown as doubt:
                means.journal.keep(attempt.record("unknown", error=doubt.error))
                raise Over(InDoubt(step.id, doubt.error)) from None
            except StepFailed as failed:
                failure, error = attempt.failed(failed.error), failed.error
            if not self._waited_to_retry(step, attempt.retries, failure, error):
                return self.without(step, failure, error, ends_run=ends_run)
            failures = failure.failures

    def _doubted(self, earlier: StepRecord) -> InDoubt:
        message = f"{earlier.tool} must not be called twice, and it is not known what became of its call: say what did"
        error = StepError(ErrorClass.LOST_WORKER, "outcome_unknown", message)
        self.means.journal.keep(earlier._replace(state="unknown", error=error))
        return InDoubt(earlier.step, error)

    # Waiting.

    def _parked(self, attempt: Attempt, park: Park, earlier: StepRecord | None) -> Over:
        """Whoever is asked again by a run that went on elsewhere meanwhile has no more time than was given at first."""
        timed = park.waiting_for == "time"
        if not timed and earlier is not None and earlier.state == "pending" and earlier.wait is not None:
            left = max(self._left(earlier), 0.0)
            return Over(Parked(earlier.step, left, waiting_for=park.waiting_for), earlier)
        record = attempt.record("waiting" if timed else "pending", output=park.output)
        return self._waits(record, Parked(record.step, park.seconds, waiting_for=park.waiting_for))

    def _waits(self, record: StepRecord, parked: Parked) -> Over:
        """Where the run may go on before this wait is over, its record says how long it is, and is durable at once."""
        if self._halted is None:
            self.means.journal.keep(record)
            return Over(parked)
        record = record._replace(wait=parked.seconds)
        self.means.journal.checkpoint(record)
        return Over(parked, record)

    def _wait_out(self, step: Step, earlier: StepRecord, *, why: str = "") -> None:
        """Wait as long as the step's wait is not over yet, if the run has gone on elsewhere."""
        if earlier.wait is None:
            return
        left = self._left(earlier)
        if left > LONGEST_WAIT_IN_PLACE:
            raise Over(Parked(step.id, left, why), earlier._replace(wait=left))
        if left > 0 and self.means.journal.wait(left):
            raise Interrupted

    def _left(self, earlier: StepRecord) -> float:
        assert earlier.wait is not None
        return earlier.wait - (self.means.clock.monotonic() - self.means.began)

    def _waited_to_retry(self, step: Step, retries: StepRetries, failure: StepRecord, error: StepError) -> bool:
        """Whether the step is to be tried again now. The number of its tries is durable before it waits."""
        if not retries.most or self.means.time_is_over():
            return False
        journal = self.means.journal
        earlier = failure.failures - 1
        delay = retries.delay_after(error, failures=earlier, within_budget=journal.may_retry)
        if delay is None:
            return False
        again = failure._replace(state="retrying")
        if delay > LONGEST_WAIT_IN_PLACE:
            raise self._waits(again, Parked(step.id, delay, "retry"))
        journal.checkpoint(again)
        if journal.wait(delay):
            raise Interrupted
        return True

    # Failing.

    def without(self, step: Step, failure: StepRecord, error: StepError, *, ends_run: bool = False) -> Any:
        """What later steps see of one that has failed for good, where the run goes on over it. Raises `Over`."""
        journal = self.means.journal
        if step.recovery is None or error.error_class == ErrorClass.CANCELED or self.means.time_is_over():
            journal.keep(failure)
            raise Over(Failed(step.id, error))
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
            return failure._replace(mark="fallback", output=recovery.fallback.render(self.scope))
        except StepFailed as failed:
            both = replace(error, message=f"{error.message} Its fallback_value failed, too: {failed.error.message}")
            self.means.journal.keep(failure._replace(error=both))
            raise Over(Failed(failure.step, both)) from None


def _note(results: dict[str, Any], step: Step, seen: Any) -> None:
    results[step.id] = seen
    if step.save_as is not None:
        results[step.save_as] = seen


def _never() -> bool:
    return False
