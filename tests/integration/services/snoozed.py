"""Hourly tasks, and time that passes for them alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tasks_app.maintenance import tick
from tasks_app.models import Run, SkippedOccurrence, Task
from tasks_app.models.clock import database_now
from tasks_app.services import snoozing
from tasks_app.services.actor import Actor
from tests.making import make_task

ACTOR = Actor("user:ann", request_id="req-7")
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def hourly(**fields: Any) -> Task:
    """Its next instant is in half an hour."""
    now = database_now().replace(microsecond=0)
    anchor = (now - timedelta(hours=48.5)).replace(tzinfo=None).isoformat()
    planned = {"next_run_at": now + HOUR / 2, "planned_until": now - HOUR / 2}
    return make_task(**{"schedule_kind": "interval", "schedule_expr": "PT1H", "dtstart": anchor} | planned | fields)


def snooze(task: Task, minutes: float, **more: Any) -> Task:
    return snoozing.snooze(task, actor=ACTOR, delay=minutes * MINUTE, **more)


def let_pass(task: Task, span: timedelta) -> None:
    """Everything planned of the task comes so much sooner, and what is due is decided on."""
    row = Task.objects.get(pk=task.pk)
    row.dtstart = (datetime.fromisoformat(row.dtstart) - span).isoformat()
    row.planned_until -= span
    row.due_at = row.due_at and row.due_at - span
    row.next_run_at = row.next_run_at and row.next_run_at - span
    row.paused_at = row.paused_at and row.paused_at - span
    row.snoozes = row.snoozes and [
        {**each, **{name: _sooner(each[name], span) for name in ("at", "to")}} for each in row.snoozes
    ]
    row.save()
    for kept in SkippedOccurrence.objects.filter(task=row).order_by("scheduled_for"):
        kept.scheduled_for -= span
        kept.moved_to = kept.moved_to and kept.moved_to - span
        kept.save()
    while tick.run_once()["tasks"]:
        pass
    task.refresh_from_db()


def _sooner(moment: str, span: timedelta) -> str:
    return (datetime.fromisoformat(moment) - span).isoformat()


def after(task: Task, *, start: datetime) -> tuple[list[float], list[tuple[float, str]]]:
    """The task's runs and ledger rows, each in minutes after `start`."""

    def minutes(moment: datetime | None) -> float:
        assert moment is not None
        return (moment.astimezone(UTC) - start) / MINUTE

    runs = Run.objects.filter(task=task).order_by("scheduled_for").values_list("scheduled_for", flat=True)
    rows = SkippedOccurrence.objects.filter(task=task).order_by("scheduled_for").values_list("scheduled_for", "reason")
    return [minutes(each) for each in runs], [(minutes(at), reason) for at, reason in rows]
