"""Runs that wait for an event: no event that comes after the step has begun is lost, and each is taken once.

    step begins    register: a row of its own transaction. Whoever publishes from here on finds it
    published      tell: the event is written into the rows that it matches, in the publishing transaction
    afterwards     let_go: runs that wait for what has come go on; after the publisher's commit, and by the promoter

The event may come before the run has parked. Then nobody lets it go at that moment, and the promoter does within a second.
Whoever publishes locks rows of this table only, and no run: the one under way may be moved by its worker meanwhile.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from pipelines import StepFailed
from pipelines.expressions.compiler import compile_query
from schedules.topics import Topic
from tasks_app import release
from tasks_app.models import Agent, EventWait, RecordedStep, Run, StepLog
from tasks_app.release import Answer
from tasks_app.states import FINISHED, RunState, StepState, WaitingFor
from tasks_app.waits import open_step

AT_ONCE: Final = 1000


@transaction.atomic
def register(run: UUID, step: str, *, agent: UUID, pattern: str, match: str = "") -> Mapping[str, Any] | None:
    """Hear events from now on, or go on hearing; answers the event that has come already, if one has."""
    given = {"agent": agent, "pattern": pattern, "match": match}
    wait, _ = EventWait.objects.get_or_create(run_id=run, step=step, defaults=given)
    if wait.event is None:
        return None
    EventWait.objects.filter(run_id=run, step=step).update(taken=True)
    event: Mapping[str, Any] = wait.event
    return event


def tell(event: Mapping[str, Any], about: Topic, *, publisher: Agent) -> None:
    """Write the event into the waits that it ends, and let their runs go after the commit. Call it last in a transaction."""
    hearing = EventWait.objects.hearing(about.patterns, publisher)
    matching = [wait.pk for wait in hearing if _holds(wait.match, event["payload"])]
    if not matching:
        return
    ended = EventWait.objects.filter(pk__in=matching, event__isnull=True).order_by("run_id", "step").select_for_update()
    runs = [wait.run_id for wait in ended]
    EventWait.objects.filter(pk__in=matching, event__isnull=True).update(event=dict(event))
    transaction.on_commit(lambda: let_go(runs=runs), robust=True)


@transaction.atomic
def let_go(*, runs: Sequence[UUID] | None = None, limit: int = AT_ONCE) -> int:
    """Queue the runs, among these or all, that wait for an event which has come; answers how many."""
    told = EventWait.objects.told()
    waits = list((told if runs is None else told.filter(run__in=runs))[:limit])
    if not waits:
        return 0
    found = Run.objects.filter(pk__in={wait.run_id for wait in waits}).order_by("pk")
    locked = {run.pk: run for run in found.select_for_update(skip_locked=True, of=("self",))}
    logged = StepLog.objects.readable_of_runs(list(locked))
    answers, over = [], []
    for wait in waits:
        run = locked.get(wait.run_id)  # missing: somebody moves it right now
        if run is None:
            continue
        answer = _answer(wait, run, logged[run.pk])
        if answer:
            answers.append(answer)
        if answer or _is_over(wait, run, logged[run.pk]):
            over.append(wait.pk)
    released = release.release(answers)
    EventWait.objects.filter(pk__in=over).update(taken=True)
    return len(released)


def _answer(wait: EventWait, run: Run, steps: Mapping[str, RecordedStep] | None) -> Answer | None:
    if run.state != RunState.WAITING or run.waiting_for != WaitingFor.EVENT:
        return None
    if steps is None:  # a worker fails it for that
        return Answer(run.pk, WaitingFor.EVENT, None, "event")
    step = open_step(steps.values(), WaitingFor.EVENT)
    if step is None or step.step != wait.step:
        return None
    done = step._replace(state=StepState.SUCCEEDED, output=wait.event, error=None)
    return Answer(run.pk, WaitingFor.EVENT, done, "event")


def _is_over(wait: EventWait, run: Run, steps: Mapping[str, RecordedStep] | None) -> bool:
    """Whether the run has gone past this wait: by its time, say."""
    recorded = (steps or {}).get(wait.step)
    return run.state in FINISHED or (recorded is not None and recorded.result.state != StepState.PENDING)


def _holds(match: str, payload: Any) -> bool:
    """Whether the payload is what is waited for; an expression that cannot be evaluated on it does not hold."""
    if not match:
        return True
    try:
        value = compile_query(match)(payload)
    except StepFailed:
        return False
    return not (value is None or value is False or value in ("", [], {}))
