"""Runs that wait for an event: no event that comes after the step has begun is lost, and each is taken once.

    step begins    register: a row of its own transaction. What is published from here on is for it
    published      announce: a row for each agent of whose waits some may hear the event, in the publishing transaction
    afterwards     tell: the event is written into the waits that it fits
                   let_go: the runs that wait for what has come go on

What comes afterwards begins right after the publisher's commit, for a slice of time at most; beat's duty `tell` does the rest,
a slice for each agent in turn. So a crash loses nothing, and one agent's waits and expressions take no time of another's. An agent's
events are told in order, one after the other: a wait takes the first that fits. No run is locked meanwhile, so that a worker may
move it; one that has not parked yet when its event comes is let go by the duty within a second.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from time import monotonic
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery

from pipelines import StepFailed
from pipelines.expressions.compiler import InvalidExpression, compile_query
from schedules.topics import Topic
from tasks_app import release
from tasks_app.models import Agent, Announcement, EventWait, RecordedStep, Run, StepLog
from tasks_app.queue_sql import execute
from tasks_app.release import Answer
from tasks_app.states import FINISHED, REDRIVABLE, UNFINISHED, RunState, StepState, WaitingFor
from tasks_app.waits import open_step

AT_ONCE: Final = 1000
SLICE: Final = 0.1  # seconds, and one expression's budget more
_GONE: Final = FINISHED - REDRIVABLE

# The weakest lock that a publisher's excludes: those who begin to wait do not wait for each other.
_BESIDE_NO_PUBLISHER: Final = """
SELECT FROM tasks_agent WHERE id = %(agent)s OR 'admin' = ANY(scopes) ORDER BY id FOR KEY SHARE
"""

_Wait = tuple[UUID, str]  # a run and its step


class Told(NamedTuple):
    """The runs whose waits were told something, and whether there is more to tell to their agent's."""

    runs: list[UUID]
    more: bool


@transaction.atomic
def register(run: UUID, step: str, *, agent: UUID, pattern: str, match: str = "") -> Mapping[str, Any] | None:
    """Hear events from now on, or go on hearing; answers the event that has come already, if one has.

    Publishers hold their agent's row until they commit, and then have announced what they saw waits for. Whoever reaches these
    is waited for, and waits until this is committed: between the two no event is lost.
    """
    execute(_BESIDE_NO_PUBLISHER, {"agent": agent})
    given = {"agent": agent, "pattern": pattern, "match": match}
    wait, _ = EventWait.objects.get_or_create(run_id=run, step=step, defaults=given)
    if wait.event is None:
        return None
    EventWait.objects.filter(run_id=run, step=step).update(taken=True)
    event: Mapping[str, Any] = wait.event
    return event


def announce(event: Mapping[str, Any], about: Topic, *, publisher: Agent) -> None:
    """See to it that the event is told to those that wait for it: its publisher's runs, those of all for an admin."""
    waits = EventWait.objects.unheard().filter(agent=OuterRef("pk"), pattern__in=list(about.patterns))
    reached = Agent.objects.filter(Exists(waits))
    if not publisher.is_admin:
        reached = reached.filter(pk=publisher.pk)
    agents = list(reached.order_by("pk").values_list("pk", flat=True))
    if not agents:
        return
    announced = {"event": dict(event), "patterns": list(about.patterns)}
    Announcement.objects.bulk_create(Announcement(agent=agent, **announced) for agent in agents)
    transaction.on_commit(partial(_tell_at_once, agents), robust=True)


def agents_to_tell() -> list[UUID]:
    """Those to whose waits something is still to be told."""
    return list(Announcement.objects.order_by("agent").values_list("agent", flat=True).distinct())


def tell(agent: UUID, *, seconds: float = SLICE) -> Told:
    """Write what was announced to the agent's waits into those that it fits, in order, as far as one gets in this time."""
    until = monotonic() + seconds
    runs: list[UUID] = []
    more = True
    while more and monotonic() < until:
        some, more = _tell_some(agent, until)
        runs += some
    return Told(runs, more)


@transaction.atomic
def let_go(*, runs: Sequence[UUID] | None = None, limit: int = AT_ONCE) -> int:
    """Queue the runs, among these or all, that wait for an event which has come; answers how many waits are over."""
    told = EventWait.objects.to_be_let_go()
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
    release.release(answers)
    EventWait.objects.filter(pk__in=over).update(taken=True)
    return len(over)


def _tell_at_once(agents: Sequence[UUID]) -> None:
    until = monotonic() + SLICE
    told: list[UUID] = []
    for agent in agents:
        told += tell(agent, seconds=until - monotonic()).runs
    let_go(runs=told)


@transaction.atomic
def _tell_some(agent: UUID, until: float) -> Told:
    """Tell the agent's oldest announcement to some of the waits; to none while somebody else is at it."""
    oldest = Announcement.objects.filter(agent=agent).order_by("pk").values("pk")[:1]
    announced = Announcement.objects.filter(pk=Subquery(oldest)).select_for_update(skip_locked=True).first()
    if announced is None:
        return Told([], more=False)
    hearing = list(EventWait.objects.hearing(announced).values_list("run_id", "step", "match", "run__state")[:AT_ONCE])
    fitting: list[_Wait] = []
    gone: list[_Wait] = []
    looked_at = 0
    for run, step, match, state in hearing:
        if state in _GONE:
            gone.append((run, step))
        elif state in UNFINISHED and _holds(match, announced.event["payload"]):
            fitting.append((run, step))
        looked_at += 1
        if monotonic() >= until:
            break
    EventWait.objects.unheard().filter(pk__in=gone).delete()
    told = _write(announced.event, fitting)
    if looked_at < len(hearing) or looked_at == AT_ONCE:
        _remember(announced, after=hearing[looked_at - 1][:2])
    else:
        _next_pattern(announced)
    return Told(told, more=True)


def _write(event: Any, waits: Sequence[_Wait]) -> list[UUID]:
    unheard = EventWait.objects.unheard().filter(pk__in=waits)
    runs = list(unheard.order_by("run_id", "step").select_for_update().values_list("run_id", flat=True))
    unheard.update(event=event)
    return runs


def _remember(announced: Announcement, *, after: _Wait) -> None:
    announced.after_run, announced.after_step = after
    announced.save(update_fields=["after_run", "after_step"])


def _next_pattern(announced: Announcement) -> None:
    announced.patterns = announced.patterns[1:]
    if not announced.patterns:
        announced.delete()
        return
    announced.after_run, announced.after_step = None, ""
    announced.save(update_fields=["patterns", "after_run", "after_step"])


def _answer(wait: EventWait, run: Run, steps: Mapping[str, RecordedStep] | None) -> Answer | None:
    if run.state != RunState.WAITING or run.waiting_for != WaitingFor.EVENT:
        return None
    if steps is None:  # a worker fails it for that
        return Answer(run.pk, WaitingFor.EVENT, None, "event")
    step = open_step(steps.values(), WaitingFor.EVENT, step=wait.step)
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
    except (StepFailed, InvalidExpression):
        return False
    return not (value is None or value is False or value in ("", [], {}))
