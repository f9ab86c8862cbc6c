"""The tasks to forecast, as they are stored: a few queries however many there are, nothing written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

import schedules
from tasks_app.models import Agent, Task
from tasks_app.models.task import TaskQuerySet
from tasks_app.planning.forecast.subject import UNKNOWN_DURATION, Subject, rounded_up
from tasks_app.planning.timing import timing_of
from tasks_app.states import RunState, ScheduleKind, TaskStatus

MOST_TASKS: Final = 10_000
RUNS_MEASURED: Final = 20
_FORESEEABLE: Final = (ScheduleKind.RRULE, ScheduleKind.CRON, ScheduleKind.INTERVAL, ScheduleKind.ONCE)
_RAN: Final = (RunState.SUCCEEDED, RunState.FAILED, RunState.TIMED_OUT)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What is forecast, and how many tasks are not.

    runs_per_day: of the owners that have such a limit. unforeseeable: active tasks that wait for an event, a condition or
    somebody's word. unreadable: their schedule cannot be evaluated. left_out: beyond `MOST_TASKS`.
    """

    subjects: Sequence[Subject]
    runs_per_day: Mapping[UUID, int]
    unforeseeable: int
    paused: int
    unreadable: int
    left_out: int


def read(tasks: TaskQuerySet, *, start: datetime) -> Reading:
    """Read those of `tasks` that have foreseeable instants; runs that ended before `start` tell how long theirs last."""
    active = tasks.filter(status=TaskStatus.ACTIVE)
    foreseeable = active.filter(schedule_kind__in=_FORESEEABLE, due_at__isnull=False)
    chosen = list(foreseeable.for_planning("title").order_by("due_at", "id")[:MOST_TASKS])
    counts = tasks.aggregate(
        unforeseeable=Count("pk", filter=Q(status=TaskStatus.ACTIVE) & ~Q(schedule_kind__in=_FORESEEABLE)),
        paused=Count("pk", filter=Q(status=TaskStatus.PAUSED)),
        foreseeable=Count(
            "pk", filter=Q(status=TaskStatus.ACTIVE, schedule_kind__in=_FORESEEABLE, due_at__isnull=False)
        ),
    )
    lasts = _durations([task.pk for task in chosen], before=start)
    subjects = [subject for task in chosen if (subject := _subject(task, lasts))]
    return Reading(
        subjects=subjects,
        runs_per_day=_limits({task.created_by_id: None for task in chosen}),
        unforeseeable=counts["unforeseeable"],
        paused=counts["paused"],
        unreadable=len(chosen) - len(subjects),
        left_out=max(counts["foreseeable"] - len(chosen), 0),
    )


def _subject(task: Task, lasts: Mapping[UUID, timedelta]) -> Subject | None:
    try:
        return Subject(task, timing_of(task), lasts.get(task.pk, UNKNOWN_DURATION))
    except (schedules.InvalidSchedule, schedules.InvalidCalendar):
        return None


def _limits(owners: Mapping[UUID, None]) -> dict[UUID, int]:
    limited = Agent.objects.filter(pk__in=owners, runs_per_day__isnull=False)
    return {pk: limit for pk, limit in limited.values_list("pk", "runs_per_day") if limit is not None}


def _durations(tasks: Sequence[UUID], *, before: datetime) -> dict[UUID, timedelta]:
    """The median of each task's last live runs, from begin to end, whatever they waited for in between."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT task.id, percentile_disc(0.5) WITHIN GROUP (ORDER BY run.seconds)
              FROM unnest(%(tasks)s::uuid[]) AS task (id)
             CROSS JOIN LATERAL (
                       SELECT extract(epoch FROM finished_at - started_at)::float8 AS seconds
                         FROM tasks_run
                        WHERE task_id = task.id
                          AND state = ANY(%(ran)s)
                          AND NOT simulated
                          AND started_at IS NOT NULL
                          AND finished_at < %(before)s
                        ORDER BY id DESC
                        LIMIT %(measured)s) AS run
             GROUP BY task.id
            """,
            {"tasks": list(tasks), "ran": list(_RAN), "before": before, "measured": RUNS_MEASURED},
        )
        return {task: rounded_up(seconds) for task, seconds in cursor.fetchall()}
