"""Replan: what is planned follows the rules that it was planned by.

Two things change under a task's feet: a calendar, and the release of the zone rules and holidays that this program brings.
Either is noticed by its version, and the tasks concerned are walked in the order of their ids, a batch a transaction, with
the place reached kept in the row that is locked: any number of beats may do it, and one that dies loses a batch's work.
"""

from typing import Final
from uuid import UUID

from django.db import models, transaction

from schedules.rules_release import is_newer, release
from tasks_app.models import Calendar, PlanningRules, Task
from tasks_app.models.clock import database_now
from tasks_app.planning.replan import replan
from tasks_app.planning.timing import attach_calendars

BATCH: Final = 500


def run_once(*, batch: int = BATCH) -> dict[str, int]:
    by_rules = _after_release(batch)
    by_calendar = _after_calendar(batch)
    counts = [each for each in (by_rules, by_calendar) if each]
    return {
        "tasks": sum(tasks for tasks, _ in counts),
        "moved": sum(moved for _, moved in counts),
        "more": bool(counts),
    }


@transaction.atomic
def _after_release(batch: int) -> tuple[int, int] | None:
    """Walk every task after an upgrade of the rules. An older program beside a newer one leaves it alone."""
    mine = release()
    rules = PlanningRules.objects.select_for_update(skip_locked=True).first()
    if rules is None:
        PlanningRules.objects.bulk_create([PlanningRules(version=mine)], ignore_conflicts=True)
        return None
    if not is_newer(mine, rules.version) or (rules.next_version and is_newer(rules.next_version, mine)):
        return None
    if rules.next_version != mine:
        rules.next_version, rules.replanned_to = mine, None
    reason = f"{rules.version} became {mine}"
    tasks, moved, rules.replanned_to = _walk(Task.objects.all(), rules.replanned_to, reason=reason, batch=batch)
    if rules.replanned_to is None:
        rules.version, rules.next_version, rules.changed_at = mine, "", database_now()
    rules.save()
    return tasks, moved


@transaction.atomic
def _after_calendar(batch: int) -> tuple[int, int] | None:
    """Walk the tasks of a calendar that has changed."""
    changed = Calendar.objects.changed().defer("definition", "fetched").order_by("id")
    calendar = changed.select_for_update(skip_locked=True, of=("self",)).first()
    if calendar is None:
        return None
    reason = f"calendar {calendar.name!r} changed"
    tasks, moved, reached = _walk(calendar.tasks.all(), calendar.replanned_to, reason=reason, batch=batch)
    calendar.replanned_to = reached
    if reached is None:
        calendar.replanned_version = calendar.version
    calendar.save(update_fields=["replanned_to", "replanned_version"])
    return tasks, moved


def _walk(
    tasks: models.QuerySet[Task], reached: UUID | None, *, reason: str, batch: int
) -> tuple[int, int, UUID | None]:
    """Plan the next batch of `tasks` anew: how many, how many moved, and the last one's id; None when that was all."""
    planned = (
        Task.objects.filter(pk__in=tasks.values("pk"))
        .planned()
        .for_planning("next_run_at", "planned_until")
        .order_by("id")
    )
    if reached is not None:
        planned = planned.filter(pk__gt=reached)
    rows = list(planned.select_for_update(of=("self",))[:batch])
    attach_calendars(rows)
    now = database_now()
    moved = sum(replan(task, now=now, reason=reason) for task in rows)
    return len(rows), moved, rows[-1].pk if len(rows) == batch else None
