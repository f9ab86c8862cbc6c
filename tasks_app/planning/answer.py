"""What becomes of something that happens now and that tasks answer to: an event, a condition that came true.

The policies are those of a schedule's instants, but for two: it is never missed, since it is decided on when it happens; and
quiet hours delay each run, where of a schedule's instants the first stands for all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from tasks_app import queue
from tasks_app.models import Task
from tasks_app.planning.advance import complete, end_runs, keep_ledger, lock_dedupe_keys, new_runs, pause_broken
from tasks_app.planning.budget import Budgets
from tasks_app.planning.decide import Plan, Skip, decide_on
from tasks_app.planning.standing import NOTHING, Standing, standings
from tasks_app.planning.timing import attach_calendars, timing_of
from tasks_app.states import SkipReason, Trigger


@dataclass(frozen=True, kw_only=True)
class Happening:
    """at: when (UTC), the nominal instant of the runs. given: their input. withheld: why it makes no run, if it does not."""

    trigger: Trigger
    at: datetime
    given: Mapping[str, Any] = field(repr=False)
    request_id: str = ""
    withheld: SkipReason | None = None


def answer(tasks: Sequence[Task], happening: Happening) -> list[UUID]:
    """Give each task its run or its ledger row; the runs. Their rows must be locked by the transaction under way."""
    attach_calendars(tasks)
    lock_dedupe_keys(tasks)
    standing = standings(tasks)
    made_under: set[tuple[UUID, str]] = set()
    budgets = Budgets(tasks, now=happening.at)
    planned: list[tuple[Task, Plan]] = []
    for task in tasks:
        key, stands = (task.created_by_id, task.dedupe_key), standing.get(task.pk, NOTHING)
        try:
            plan = _decided(task, happening, replace(stands, repeated=True) if key in made_under else stands, budgets)
        except Exception as error:  # noqa: BLE001  what is wrong with one task must not keep the others from their run
            pause_broken(task, error)
        else:
            planned.append((task, plan))
            if task.dedupe_key and plan.fires:
                made_under.add(key)
    end_runs([task for task, plan in planned if plan.ends_runs])
    runs = [
        run
        for task, plan in planned
        for run in new_runs(
            task, plan.fires, trigger=happening.trigger, given=happening.given, request_id=happening.request_id
        )
    ]
    made = queue.enqueue(runs)
    budgets.keep()
    keep_ledger(planned)
    _count(planned, happening.at)
    return made


def _decided(task: Task, happening: Happening, standing: Standing, budgets: Budgets) -> Plan:
    timing = timing_of(task)
    occurrence = timing.occurrence_at(happening.at)
    if occurrence is None:
        return Plan()
    if happening.withheld:
        return Plan(skips=[Skip(occurrence.at, happening.withheld)])
    afford = budgets.purse(task.created_by_id)
    return decide_on([occurrence], task=task, timing=timing, now=occurrence.at, standing=standing, afford=afford)


def _count(planned: Sequence[tuple[Task, Plan]], at: datetime) -> None:
    """Remember what was decided, and end the tasks whose last run this was."""
    Task.objects.filter(pk__in=[task.pk for task, _ in planned]).update(planned_until=at)
    fired = [task for task, plan in planned if plan.fires]
    Task.objects.filter(pk__in=[task.pk for task in fired]).update(occurrences=F("occurrences") + 1)
    for task in fired:
        task.occurrences += 1
        if task.max_occurrences is not None and task.occurrences >= task.max_occurrences:
            complete(task)
