"""Runner: carries out one run and says how it goes on."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from time import monotonic
from typing import Any, Final

import pipelines
from pipelines import ErrorClass, Failed, InDoubt, Interrupted, Outcome, Parked, StepError
from pipelines.simulation import SimulatedCatalogue
from tasks_app import queue
from tasks_app.destinations.guard import Guard
from tasks_app.execution.held import HeldRun, Interruption
from tasks_app.execution.journal import RunJournal, error_as_json
from tasks_app.live_catalogue import LIVE
from tasks_app.states import TaskMode, WaitingFor

_WAITING_FOR: Final = {
    "time": WaitingFor.SLEEP,
    "approval": WaitingFor.APPROVAL,
    "event": WaitingFor.EVENT,
    "child_run": WaitingFor.CHILD_RUN,
}

logger = logging.getLogger(__name__)


class RunClock:
    """One `now` for the whole run, over all its attempts: the time of its first start, in the task's zone."""

    __slots__ = ("_run",)

    def __init__(self, run: HeldRun) -> None:
        self._run = run

    def now(self) -> datetime:
        return self._run.claimed.started_at.astimezone(self._run.definition.zone)

    monotonic = staticmethod(monotonic)


def carry_out(
    run: HeldRun, *, write: Callable[[queue.Move], bool], step_aside: Callable[[], None], guard: Guard
) -> queue.Move | None:
    """Execute the run's pipeline. Answers the move that ends this attempt; None when the lease was lost."""
    journal = RunJournal(run, write=write, step_aside=step_aside, guard=guard)
    try:
        return _carried_out(run, journal)
    except Interrupted:
        return _interrupted(run, journal)
    except BaseException:  # the edge: what goes wrong in here, even a tool's sys.exit(), is this run's failure alone
        logger.exception("Run %s broke the executor", run.claimed.id)
        error = StepError(
            ErrorClass.PERMANENT, "internal_error", "The platform failed to execute this run; see its log."
        )
        return queue.fail(run.lease, error=error_as_json(error), steps=journal.unwritten())


def timed_out(run: HeldRun, *, steps: Sequence[queue.Step] = ()) -> queue.Move:
    """The move of a run that took too long."""
    message = f"The attempt took longer than the task's timeout of {run.definition.timeout:g} s."
    error = StepError(ErrorClass.TIMEOUT, "run_timeout", message)
    return queue.time_out(run.lease, error=error_as_json(error), steps=steps)


def not_storable(run: HeldRun) -> queue.Move:
    """The move of a run whose own was refused by the database."""
    message = "What this run came to could not be stored; see the worker's log."
    return queue.fail(run.lease, error=error_as_json(StepError(ErrorClass.PERMANENT, "not_storable", message)))


def _carried_out(run: HeldRun, journal: RunJournal) -> queue.Move:
    if unreadable := _unreadable(run):
        return queue.fail(run.lease, error=error_as_json(unreadable))
    pipeline = run.definition.pipeline
    if isinstance(pipeline, pipelines.InvalidPipeline):
        error = StepError(ErrorClass.PERMANENT, "invalid_pipeline", str(pipeline))
        return queue.fail(run.lease, error=error_as_json(error))
    tools = SimulatedCatalogue(LIVE) if run.claimed.simulated else LIVE
    outcome = pipelines.execute(pipeline, _context(run), journal, tools, RunClock(run), deadline=run.deadline)
    return _ended(run, outcome, journal)


def _unreadable(run: HeldRun) -> StepError | None:
    """Why it cannot be known what to do."""
    if run.claimed.unreadable:
        why = f"Its input is stored as JSON that cannot be read: {run.claimed.unreadable}. Plan a new run instead."
        return StepError(ErrorClass.PERMANENT, "unreadable_input", why)
    if run.recorded is None:
        why = "What its earlier attempts recorded of its steps cannot be read; see the worker's log. Plan a new run instead."
        return StepError(ErrorClass.PERMANENT, "unreadable_steps", why)
    return None


def _ended(run: HeldRun, outcome: Outcome, journal: RunJournal) -> queue.Move:
    if isinstance(outcome, Parked):
        why = WaitingFor(outcome.postponed) if outcome.postponed else _WAITING_FOR[outcome.waiting_for]
        return queue.park(run.lease, delay=outcome.seconds, waiting_for=why, steps=journal.unwritten())
    if isinstance(outcome, InDoubt):
        logger.warning("Run %s waits for a decision: nobody knows what became of step %s", run.claimed.id, outcome.step)
        error = error_as_json(outcome.error) | {"step": outcome.step}
        return queue.doubt(run.lease, error=error, steps=journal.unwritten())
    if isinstance(outcome, Failed):
        return (
            timed_out(run, steps=journal.unwritten()) if monotonic() >= run.deadline else _failed(run, outcome, journal)
        )
    return queue.succeed(run.lease, steps=journal.unwritten())


def _failed(run: HeldRun, outcome: Failed, journal: RunJournal) -> queue.Move:
    error = error_as_json(outcome.error) | {"step": outcome.step}
    delay = run.definition.retry.delay_after(
        outcome.error, failures=run.claimed.failures, within_budget=journal.may_retry
    )
    # Of the error its code alone: the message may hold what another program answered.
    what = (run.claimed.id, run.definition.title, outcome.step, outcome.error.code)
    if delay is None:
        logger.warning("Run %s of %r has failed at step %s: %s", *what)
        return queue.fail(run.lease, error=error, steps=journal.unwritten())
    logger.info("Run %s of %r failed at step %s: %s; tried again in %.1f s", *what, delay)
    return queue.retry(run.lease, delay=delay, error=error, steps=journal.unwritten())


def _interrupted(run: HeldRun, journal: RunJournal) -> queue.Move | None:
    if run.why_stopped == Interruption.STOPPING:
        return queue.release(run.lease, steps=journal.unwritten())
    if run.interruption == Interruption.TIMED_OUT:
        return timed_out(run, steps=journal.unwritten())
    return None


def _context(run: HeldRun) -> dict[str, Any]:
    claimed, definition = run.claimed, run.definition
    given = claimed.input or {}
    return {
        "params": given.get("params"),
        "trigger": claimed.trigger,
        "event": _event(given.get("event")),
        "probe": given.get("probe"),
        "task": definition.task,
        "run": {
            "id": str(claimed.id),
            "attempt": claimed.attempt,
            "fence": claimed.fence,
            "scheduled_for": claimed.scheduled_for and claimed.scheduled_for.isoformat(),
            "request_id": claimed.request_id,
            "causation": given["causation"] + 1 if "causation" in given else 0,
            "mode": TaskMode.SIMULATE.value if claimed.simulated else TaskMode.LIVE.value,
        },
        "agent": {"id": str(claimed.agent)},
    }


def _event(event: dict[str, Any] | None) -> dict[str, Any] | None:
    """`event.x` is short for `event.payload.x`, except for the names that an event has itself."""
    return event and {**event["payload"], **event}
