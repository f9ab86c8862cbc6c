"""What does a run that holds no worker wait for, and what becomes of it when nobody answers?"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from pipelines.tools import approval
from tasks_app import release
from tasks_app.models import Announcement, EventWait, RecordedStep, Run, Step, StepLog
from tasks_app.models.clock import database_now
from tasks_app.models.run import RunQuerySet
from tasks_app.release import Answer
from tasks_app.states import RunState, StepState, WaitingFor

_OPEN: Final[dict[str, StepState]] = {
    WaitingFor.DECISION: StepState.UNKNOWN,
    WaitingFor.APPROVAL: StepState.PENDING,
    WaitingFor.EVENT: StepState.PENDING,
    WaitingFor.CHILD_RUN: StepState.PENDING,
}
_ASKED_BY: Final[dict[str, str]] = {
    WaitingFor.APPROVAL: approval.ADDRESS,
    WaitingFor.EVENT: "orchestrator.wait_for_event",
    WaitingFor.CHILD_RUN: "pipeline.run_task",
}
_WORDS: Final[dict[str, str]] = {WaitingFor.CHILD_RUN: "end of the run that it waits for"}

logger = logging.getLogger(__name__)


def awaited(run: Run, waiting_for: WaitingFor, *, step: str | None = None) -> Step | None:
    """The step that the run waits at for this, the named one if there are several; None if it does not.

    The run's row must be locked: it cannot go on meanwhile.
    """
    if run.state != RunState.WAITING or run.waiting_for != waiting_for:
        return None
    return open_step(StepLog.objects.of_run(run.pk), waiting_for, step=step)


def open_step(steps: Iterable[RecordedStep], waiting_for: str, *, step: str | None = None) -> Step | None:
    """The one of a run's steps at which it waits for this: of several, the named one, else the one that waits until soonest."""
    found = [each for each in steps if _is_open(each.result, waiting_for)]
    named = [each for each in found if each.result.step == step]
    first = min(named or found[::-1], key=_waits_until, default=None)
    return first and first.result


def _is_open(step: Step, waiting_for: str) -> bool:
    """Of steps that wait beside each other, each waits for what its tool asks for."""
    if step.state != _OPEN[waiting_for]:
        return False
    return step.wait is None or step.tool == _ASKED_BY[waiting_for]


def _waits_until(step: RecordedStep) -> datetime:
    return step.waits_until or step.recorded_at


def judged(step: Step, *, approved: bool, by: str, at: datetime, comment: str = "") -> Step:
    """What a step that waits for approval comes to when somebody has said it."""
    output = _judgement("approved" if approved else "rejected", by=by, at=at, comment=comment)
    if approved or given(step).get("on_reject") == "continue":
        return step._replace(state=StepState.SUCCEEDED, output=output, error=None)
    words = f"{by} says no: {comment}" if comment else f"{by} says no."
    return refused(step._replace(output=output), "rejected", words)


def _judgement(status: str, *, by: str, at: datetime, comment: str = "") -> dict[str, Any]:
    return {"status": status, "approved": status == "approved", "by": by, "comment": comment, "at": at.isoformat()}


def given(step: Step) -> Mapping[str, Any]:
    """What the step was given; nothing where a damaged log has something else for it."""
    return step.input if isinstance(step.input, Mapping) else {}


@transaction.atomic
def expire(*, limit: int) -> int:
    """Let the runs go on for whose approval, event or child's end the time is over, as their steps say; answers how many.

    Not those to whom an event was told, or may have to be told that came in time, or whose child has ended. What waited in vain
    hears nothing more.
    """
    overdue = list(_unanswered_in_time().select_for_update(skip_locked=True, of=("self",))[:limit])
    if not overdue:
        return 0
    now = database_now()
    logged = StepLog.objects.readable_of_runs([run.pk for run in overdue])
    answers = [answer for run in overdue if (answer := _out_of_time(run, logged[run.pk], now))]
    released = release.release(answers)
    _end_waits(released)
    release.await_no_more(released)
    return len(released)


def _unanswered_in_time() -> RunQuerySet:
    told = EventWait.objects.told().filter(run=OuterRef("pk"))
    untold = Announcement.objects.filter(agent=OuterRef("agent_id"), announced_at__lte=OuterRef("run_at"))
    ended = Run.objects.finished().filter(awaited_by=OuterRef("pk"))
    return (
        Run.objects.unanswered()
        .exclude(Q(waiting_for=WaitingFor.EVENT) & (Exists(told) | Exists(untold)))
        .exclude(Q(waiting_for=WaitingFor.CHILD_RUN) & Exists(ended))
    )


def _end_waits(runs: Sequence[UUID]) -> None:
    """Without waiting for one that is being told right now: it came too late, and is put aside when it is let go."""
    unheard = EventWait.objects.unheard().filter(run__in=runs).select_for_update(skip_locked=True, of=("self",))
    EventWait.objects.filter(pk__in=[wait.pk for wait in unheard]).delete()


def _out_of_time(run: Run, steps: Mapping[str, RecordedStep] | None, now: datetime) -> Answer | None:
    """What a run goes on with that nobody has answered. Where its log cannot be read, a worker fails it for that."""
    waiting_for = WaitingFor(run.waiting_for)
    if steps is None:
        return Answer(run.pk, waiting_for, None, "timeout")
    step = open_step(steps.values(), waiting_for)
    if step is None:
        logger.error("Run %s waits for its %s at no step: cancel it", run.pk, waiting_for)
        return None
    return Answer(run.pk, waiting_for, _unanswered(step, waiting_for, now), "timeout")


def _unanswered(step: Step, waiting_for: str, now: datetime) -> Step:
    policy = given(step).get("on_timeout", "fail")
    if policy in ("approve", "reject"):
        return judged(step, approved=policy == "approve", by="timeout", at=now)
    if policy == "continue":
        output = _judgement("timed_out", by="timeout", at=now) if waiting_for == WaitingFor.APPROVAL else None
        return step._replace(state=StepState.SUCCEEDED, output=output, error=None)
    awaited = _WORDS.get(waiting_for, waiting_for)
    return refused(step, f"{waiting_for}_timeout", f"No {awaited} came within the time that the step gives.")


def refused(step: Step, code: str, message: str) -> Step:
    """The step fails for good as soon as its run goes on."""
    error = {"error_class": "permanent", "code": code, "message": message}
    return step._replace(state=StepState.REFUSED, error=error)
