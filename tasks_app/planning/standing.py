"""What goes on of a task while its next instants are decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from tasks_app.models import Task
from tasks_app.states import OverlapPolicy


@dataclass(frozen=True, slots=True)
class Standing:
    """unfinished: runs that have not ended. waiting: those among them that wait for their turn. deferred_to: the end of the
    quiet hours (UTC) that one was deferred to last. repeated: whether a run under the task's dedupe key is too recent.
    """

    unfinished: int = 0
    waiting: int = 0
    deferred_to: datetime | None = None
    repeated: bool = False


NOTHING = Standing()


def lane_of(task: Task) -> str:
    """The lane of the runs that a task's schedule gives; empty for a task to which they do not matter to each other."""
    return "" if task.overlap_policy == OverlapPolicy.ALLOW else f"task:{task.pk}"


def standings(tasks: Sequence[Task]) -> dict[UUID, Standing]:
    """How each task stands that has a policy which asks for it; the others are left out."""
    asking = [task for task in tasks if lane_of(task) or task.dedupe_key or task.quiet_hours]
    lanes = _lanes([lane for task in asking if (lane := lane_of(task))])
    repeated = _repeated([task for task in asking if task.dedupe_key])
    return {
        task.pk: Standing(*lanes.get(lane_of(task), (0, 0)), task.deferred_to, task.pk in repeated) for task in asking
    }


def _lanes(lanes: list[str]) -> dict[str, tuple[int, int]]:
    """How many runs of each lane have not ended, and how many of them wait for their turn."""
    if not lanes:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT lane, count(*), count(*) FILTER (WHERE takes_turn)
              FROM tasks_run
             WHERE lane = ANY(%s) AND lane <> '' AND state IN ('queued', 'running', 'waiting')
             GROUP BY lane
            """,
            [lanes],
        )
        return {lane: (unfinished, waiting) for lane, unfinished, waiting in cursor.fetchall()}


def _repeated(tasks: Sequence[Task]) -> set[UUID]:
    """The tasks for whose dedupe key a run was made within its window: by any task of the same agent."""
    if not tasks:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT task.id
              FROM tasks_task AS task
             WHERE task.id = ANY(%s)
               AND EXISTS (SELECT FROM tasks_run AS run
                            WHERE run.agent_id = task.created_by_id AND run.dedupe_key = task.dedupe_key
                              AND run.dedupe_key <> ''
                              AND run.created_at > clock_timestamp() - task.dedupe_window_seconds * interval '1 second')
            """,
            [[task.pk for task in tasks]],
        )
        return {row[0] for row in cursor.fetchall()}
