"""Tick: turn the instants that have come into runs.

Due tasks are locked with SKIP LOCKED, their runs inserted, their cursors moved, in one transaction: any number of beats may
tick at once, and one that dies has done nothing.
"""

from typing import Final

from django.db import transaction

from tasks_app import faults
from tasks_app.events import wakeup
from tasks_app.models import Task
from tasks_app.models.clock import database_now
from tasks_app.planning.advance import advance

BATCH: Final = 1000


def run_once(*, batch: int = BATCH) -> dict[str, int]:
    with transaction.atomic():
        due = Task.objects.due().for_planning()
        tasks = list(due.select_for_update(skip_locked=True, of=("self",))[:batch])
        if not tasks:
            return {"tasks": 0, "runs": 0, "skipped": 0, "more": False}
        advanced = advance(tasks, now=database_now())
        faults.hit("before_tick_commit")
    if advanced.runs:
        wakeup.send()
    more = advanced.behind or len(tasks) == batch
    return {"tasks": len(tasks), "runs": advanced.runs, "skipped": advanced.skipped, "more": more}
