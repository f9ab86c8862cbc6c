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
    quiet hours (UTC) that one of them waits for. repeated: whether a run under the task's dedupe key is too recent.
    """

    unfinished: int = 0
    waiting: int = 0
    deferred_to: datetime | None = None
    repeated: bool = False


NOTHING = Standing()


def lane_of(task: Task) -> str:
    """The lane of the runs that a task's schedule gives; empty for a task to which they do not matter to each other."""
    if task.overlap_policy == OverlapPolicy.ALLOW and not task.quiet_hours:
        return ""
    return f"task:{task.pk}"


def standings(tasks: Sequence[Task]) -> dict[UUID, Standing]:
    """How each task stands that has a policy which asks for it; the others are left out."""
    lanes = {lane: task for task in tasks if (lane := lane_of(task))}
    keyed = [task for task in tasks if task.dedupe_key]
    if not lanes and not keyed:
        return {}
    repeated = _repeated(keyed)
    found = {task.pk: Standing(repeated=task.pk in repeated) for task in [*lanes.values(), *keyed]}
    for lane, unfinished, waiting, deferred_to in _lanes(list(lanes)):
        pk = lanes[lane].pk
        found[pk] = Standing(unfinished, waiting, deferred_to, found[pk].repeated)
    return found


def _lanes(lanes: list[str]) -> list[tuple[str, int, int, datetime | None]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT lane, count(*), count(*) FILTER (WHERE takes_turn),
                   max(run_at) FILTER (WHERE waiting_for = 'start')
              FROM tasks_run
             WHERE lane = ANY(%s) AND lane <> '' AND state IN ('queued', 'running', 'waiting')
             GROUP BY lane
            """,
            [lanes],
        )
        rows: list[tuple[str, int, int, datetime | None]] = cursor.fetchall()
        return rows


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
