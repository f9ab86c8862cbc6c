"""What becomes of the instants that passed while a task was paused, once it goes on."""

from collections.abc import Sequence
from datetime import datetime

from schedules.occurrence import Occurrence
from schedules.timing import Timing
from tasks_app import queue
from tasks_app.models import SkippedOccurrence, Task
from tasks_app.planning.advance import end_runs, lock_dedupe_keys, new_runs
from tasks_app.planning.budget import Budgets
from tasks_app.planning.decide import decide_on
from tasks_app.planning.standing import NOTHING, standings
from tasks_app.planning.timing import timing_of
from tasks_app.states import ScheduleKind, SkipReason


def catch_up(task: Task, *, now: datetime) -> int:
    """Give a task that is active again the runs that its misfire policy grants; answers how many.

    An event that passed is over: a task that listens is given none. The ledger loses their rows: an instant ends as a run or as a
    row. The task must be locked.
    """
    if task.paused_at is None or task.schedule_kind == ScheduleKind.EVENT:
        return 0
    passed = SkippedOccurrence.objects.filter(
        task=task, reason=SkipReason.PAUSED, scheduled_for__gte=task.paused_at
    ).order_by("-scheduled_for")[: task.catch_up_limit]
    lock_dedupe_keys([task])
    timing = timing_of(task)
    plan = decide_on(
        _as_of(now, [row.scheduled_for for row in reversed(passed)], timing),
        task=task,
        timing=timing,
        now=now,
        standing=standings([task]).get(task.pk, NOTHING),
        afford=(budgets := Budgets([task], now=now)).purse(task.created_by_id),
    )
    if plan.ends_runs:
        end_runs([task])
    budgets.keep()
    SkippedOccurrence.objects.filter(task=task, scheduled_for__in=[fire.at for fire in plan.fires]).delete()
    task.occurrences += len(plan.fires)
    task.deferred_to = max((fire.start for fire in plan.fires if fire.deferred), default=task.deferred_to)
    return len(queue.enqueue(new_runs(task, plan.fires)))


def _as_of(now: datetime, instants: Sequence[datetime], timing: Timing) -> list[Occurrence]:
    """They begin now, or at the end of the quiet hours."""
    start = timing.quiet_hours.end_after(now, zone=timing.zone)
    return [Occurrence(at, start or at, deferred=start is not None) for at in instants]
