"""Watch: look at the conditions whose time has come, and give those that have become true their run.

    take     one short transaction: the next look's instant is written down, so that nobody else takes this one
    look     in a thread of its own, outside of any transaction: the probe may take its time, and a slow one delays no other
    settle   one transaction, only if nothing about the task has changed since: what was found, and the run

Any number of beats may watch. One that is killed has missed a look; one that wakes up late finds that the next look has been
taken, and what it has seen no longer counts.
"""

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final
from uuid import UUID

from django.db import transaction

import pipelines
from pipelines import ErrorClass, Seen, StepError
from pipelines.simulation import SimulatedCatalogue
from schedules.zones import zone
from tasks_app import catalogue, faults
from tasks_app.conf import conf
from tasks_app.destinations.rights import Rights
from tasks_app.events import wakeup
from tasks_app.models import Task
from tasks_app.models.clock import as_text, database_now
from tasks_app.planning.advance import complete
from tasks_app.planning.answer import Happening, answer
from tasks_app.planning.condition import Edge, Verdict, judge, next_look
from tasks_app.states import ScheduleKind, SkipReason, TaskMode, TaskStatus, Trigger

LONGEST_LOOK: Final = timedelta(seconds=30)
PATIENCE: Final = 0.5  # seconds that a round waits for its looks; what takes longer is settled by a later round

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Look:
    """One look that was taken: at `at`, by the task's `version`; the next is due at `next_at`, and `deadline` ends this one."""

    task: UUID
    version: int
    title: str
    at: datetime
    next_at: datetime
    now: datetime
    timezone: str
    expression: str
    probe: Any
    params: Mapping[str, Any]
    told: Mapping[str, Any]
    rights: Rights
    simulated: bool
    deadline: float


class Watch:
    """The looks of one process that are under way."""

    def __init__(self) -> None:
        self._under_way: dict[Future[Seen], Look] = {}

    def round(self) -> dict[str, int]:
        free = conf().watch_threads - len(self._under_way)
        looks = take(limit=free) if free > 0 else []
        faults.hit("after_take")
        if looks:  # they are done in threads of their own, which ask the database nothing
            catalogue.refresh()
        for each in looks:
            self._under_way[_begun(each)] = each
        wait(self._under_way, timeout=PATIENCE)
        ended = {future: each for future, each in self._under_way.items() if future.done()}
        runs = 0
        for future, each in ended.items():
            del self._under_way[future]
            runs += settle(each, future.result())
        if runs:
            wakeup.send()
        return {"looks": len(looks), "settled": len(ended), "runs": runs, "more": bool(looks) and len(looks) == free}


_watch: Final = Watch()


def run_once() -> dict[str, int]:
    return _watch.round()


@transaction.atomic
def take(*, limit: int) -> list[Look]:
    """Take the looks that are due, at most `limit`; a task whose time is over is ended instead."""
    due = Task.objects.to_be_looked_at().with_last_run().select_related("created_by")
    looks = []
    for task in due.select_for_update(skip_locked=True, of=("self",))[:limit]:
        assert task.due_at is not None
        now = database_now()
        every = timedelta(seconds=task.poll_seconds)
        next_at = next_look(task.due_at, now=now, every=every)
        if task.ends_at and next_at - every > task.ends_at:
            complete(task)
            continue
        looks.append(_look_of(task, at=next_at - every, next_at=next_at, now=now))
        task.due_at = next_at
        task.save(update_fields=["due_at"])
    return looks


def settle(taken: Look, seen: Seen) -> int:
    """Write down what a look has found, unless the task is another by now or the next look was taken; how many runs."""
    with transaction.atomic():
        present = Task.objects.present().select_related("calendar").select_for_update(of=("self",))
        unchanged = present.filter(
            pk=taken.task,
            version=taken.version,
            due_at=taken.next_at,
            status=TaskStatus.ACTIVE,
            schedule_kind=ScheduleKind.CONDITION,
        )
        task = unchanged.first()
        if task is None:
            return 0
        verdict = judge(
            before=task.condition_met,
            seen=seen.met,
            at=taken.at,
            fired_at=task.condition_fired_at,
            cooldown=timedelta(seconds=task.cooldown_seconds),
        )
        runs = _answered(task, taken, seen, verdict)
        if runs:
            task.condition_fired_at = taken.at
        _tell(task, taken, seen)
        task.condition_met, task.condition_error = verdict.met, _as_json(seen.error, taken.at)
        task.save(update_fields=["condition_met", "condition_error", "condition_fired_at"])
        return runs


def _look_of(task: Task, *, at: datetime, next_at: datetime, now: datetime) -> Look:
    seconds = min(timedelta(seconds=task.poll_seconds), LONGEST_LOOK).total_seconds()
    return Look(
        task=task.pk,
        version=task.version,
        title=task.title,
        at=at,
        next_at=next_at,
        now=now,
        timezone=task.timezone,
        expression=task.schedule_expr,
        probe=task.probe,
        params=task.payload.get("params") or {},
        told={
            "id": str(task.pk),
            "title": task.title,
            "last_run_at": task.last_run_at and task.last_run_at.isoformat(),
            "last_status": task.last_status,
            "occurrences": task.occurrences,
        },
        rights=Rights.of(task.created_by),
        simulated=task.mode == TaskMode.SIMULATE,
        deadline=monotonic() + seconds,
    )


def _begun(taken: Look) -> Future[Seen]:
    """A thread of its own, which ends with the process: a pool's would have to be waited for."""
    future: Future[Seen] = Future()

    def carry_out() -> None:
        try:
            future.set_result(_seen(taken))
        except BaseException:  # the edge: whatever a tool does is this look's failure alone
            logger.exception("The look at the condition of task %s broke", taken.task)
            future.set_result(Seen(None, error=_BROKEN))

    threading.Thread(target=carry_out, name=f"look-{taken.task}", daemon=True).start()
    return future


def _seen(taken: Look) -> Seen:
    tools = SimulatedCatalogue(catalogue.known()) if taken.simulated else catalogue.known()
    try:
        condition = pipelines.parse_condition(taken.expression, probe=taken.probe, params=taken.params, tools=tools)
    except pipelines.InvalidPipeline as invalid:
        return Seen(None, error=StepError(ErrorClass.PERMANENT, "invalid_condition", str(invalid)))
    context = {"task": taken.told, "run": {"id": f"{taken.task}:{taken.at.isoformat()}"}}
    clock = _Clock(taken.now.astimezone(zone(taken.timezone)))
    permit, deadline = taken.rights.refusal, taken.deadline
    return pipelines.look(condition, context=context, tools=tools, clock=clock, deadline=deadline, permit=permit)


def _answered(task: Task, taken: Look, seen: Seen, verdict: Verdict) -> int:
    if verdict.edge == Edge.NONE:
        return 0
    withheld = SkipReason.COOLDOWN if verdict.edge == Edge.COOLDOWN else None
    given = {"probe": seen.probe}
    return len(answer([task], Happening(trigger=Trigger.CONDITION, at=taken.at, given=given, withheld=withheld)))


def _tell(task: Task, taken: Look, seen: Seen) -> None:
    """Once when it begins to fail, and once when it is over: not at each look."""
    before = (task.condition_error or {}).get("code")
    if seen.error and seen.error.code != before:
        # Of the error its code alone: the message may hold what another program answered.
        logger.warning("The condition of task %s of %r cannot be told: %s", taken.task, taken.title, seen.error.code)
    elif before and not seen.error:
        logger.info("The condition of task %s of %r can be told again", taken.task, taken.title)


def _as_json(error: StepError | None, at: datetime) -> dict[str, str] | None:
    if error is None:
        return None
    message = error.message.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    return {"code": error.code, "message": message, "at": as_text(at)}


_BROKEN: Final = StepError(ErrorClass.PERMANENT, "internal_error", "The platform failed to look; see beat's log.")


@dataclass(frozen=True, slots=True)
class _Clock:
    """The look's own `now`, in the task's zone."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return monotonic()
