"""Snooze: put the next instant of a task off, and leave its schedule as it is."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from schedules.snoozes import Snooze
from tasks_app.events import outbox
from tasks_app.events.types import EventType
from tasks_app.exceptions import IllegalMove
from tasks_app.models import SkippedOccurrence, Task
from tasks_app.models.clock import as_text, database_now
from tasks_app.planning import snoozes
from tasks_app.planning.cursor import place_cursor, settle
from tasks_app.planning.standing import NOTHING, standings
from tasks_app.planning.timing import gives, timing_of
from tasks_app.services import audit, local_times
from tasks_app.services.actor import Actor
from tasks_app.states import TaskStatus

SHORTEST: Final = 1  # second
LONGEST: Final = 604_800
FURTHEST: Final = timedelta(days=366)  # from where the schedule has an instant, all its snoozes together
MOST: Final = 100  # instants of one task that are put off at a time


@transaction.atomic
def snooze(task: Task, *, actor: Actor, delay: timedelta, reason: str = "", at: datetime | None = None) -> Task:
    """Let the next instant that makes a run take place `delay` later; those after it stay where they are.

    Twice adds up, unless `at` says which instant is meant: one that was put off so already is not put off again. What becomes of
    it is decided at its new time, by the task's policies as they are then.

    Raises `IllegalMove` for a task that is not active, has no next instant or another one than `at`, and for what would be put
    off too far.
    """
    present = Task.objects.present().select_for_update(of=("self",)).select_related("created_by", "calendar")
    found = present.filter(pk=task.pk).first()
    if found is None:
        raise IllegalMove("The task was deleted meanwhile: create a new one.")
    now = database_now()
    at = local_times.instant(at, "at", timezone=found.timezone) if at else None
    settle(found, now=now)
    if found.status != TaskStatus.ACTIVE:
        raise IllegalMove(f"The task is {found.status} and has no next instant to be snoozed.")
    instant = found.next_run_at
    if at is not None and at != instant and _is_put_off(found, at, delay):
        return found
    if instant is None:
        raise IllegalMove(f"A task of the kind {found.schedule_kind} without a next instant cannot be snoozed.")
    if at is not None and at != instant:
        raise IllegalMove(f"The next instant is {as_text(instant)} by now: look whether it is to be snoozed, too.")
    _put_off(found, instant, instant + delay, reason)
    _plan(found, now=now)
    _announce(found, actor, at=instant, delay=delay, reason=reason)
    return found


def _is_put_off(task: Task, at: datetime, delay: timedelta) -> bool:
    return any(each.to == at + delay and each.at <= at for each in snoozes.of(task))


def _put_off(task: Task, instant: datetime, to: datetime, reason: str) -> None:
    """Every instant that makes this run: those that were put off to it before, and the schedule's own."""
    before = [each for each in snoozes.of(task) if max(each.at, each.to) > task.planned_until]
    moved = [replace(each, to=to, reason=reason) for each in before if each.to == instant]
    others = [each for each in before if each.to != instant]
    bare = replace(timing_of(task), snoozes=())
    if instant not in {each.at for each in before} and gives(bare, instant):
        moved.append(Snooze(instant, to, reason))
    if not moved:
        raise IllegalMove("The rules have changed, and the task is being planned anew: try again in a moment.")
    if any(to - each.at > FURTHEST for each in moved):
        raise IllegalMove(f"It would be more than {FURTHEST.days} days late: change the schedule instead.")
    if len(others) + len(moved) > MOST:
        raise IllegalMove(f"{MOST} instants of the task are put off already: pause it instead.")
    snoozes.keep(task, [*others, *moved])
    passed = [each.at for each in moved if each.at <= task.planned_until]
    SkippedOccurrence.objects.filter(task=task, scheduled_for__in=passed, moved_to__isnull=False).update(moved_to=to)


def _plan(task: Task, *, now: datetime) -> None:
    standing = standings([task]).get(task.pk, NOTHING)
    place_cursor(task, after=max(now, task.planned_until), standing=standing)
    task.updated_at = now
    task.save(update_fields=["snoozes", "due_at", "next_run_at", "planned_until", "updated_at"])


def _announce(task: Task, actor: Actor, *, at: datetime, delay: timedelta, reason: str) -> None:
    told: dict[str, Any] = {
        "at": as_text(at),
        "to": as_text(at + delay),
        "delay_seconds": int(delay.total_seconds()),
        "reason": reason,
    }
    next_run_at = task.next_run_at and as_text(task.next_run_at)
    outbox.record(
        EventType.TASK_SNOOZED,
        task,
        agent=task.created_by_id,
        request_id=actor.request_id,
        **told,
        next_run_at=next_run_at,
    )
    audit.note(EventType.TASK_SNOOZED.value, task, actor=actor, **told)
