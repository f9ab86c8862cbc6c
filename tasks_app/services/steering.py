"""The fields of many tasks that steer them, written in one guarded statement."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import orjson

from tasks_app.exceptions import IllegalMove
from tasks_app.models import Task
from tasks_app.queue_sql import execute

_WRITE: Final = """
UPDATE tasks_task AS task
   SET status = moved.status, next_run_at = moved.next_run_at, due_at = moved.due_at,
       planned_until = moved.planned_until, occurrences = moved.occurrences, paused_at = moved.paused_at,
       deferred_to = moved.deferred_to, condition_met = moved.condition_met, condition_error = moved.condition_error,
       deleted_at = moved.deleted_at, updated_at = statement_timestamp()
  FROM json_to_recordset(%(tasks)s) AS moved (
           id uuid, was text, status text, next_run_at timestamptz, due_at timestamptz, planned_until timestamptz,
           occurrences int, paused_at timestamptz, deferred_to timestamptz, condition_met boolean,
           condition_error jsonb, deleted_at timestamptz)
 WHERE task.id = moved.id
   AND task.status = moved.was
   AND task.deleted_at IS NULL
RETURNING task.id
"""
FIELDS: Final = (  # that verbs change
    "status",
    "next_run_at",
    "due_at",
    "planned_until",
    "occurrences",
    "paused_at",
    "deferred_to",
    "condition_met",
    "condition_error",
    "deleted_at",
)


@contextmanager
def steered(tasks: Sequence[Task]) -> Iterator[Callable[[Sequence[Task]], None]]:
    """Gives what writes those of the locked `tasks` that were changed since: they must still be in the state they were in."""
    was = {task.pk: task.status for task in tasks}

    def write(changed: Sequence[Task]) -> None:
        rows = [
            {"id": task.pk, "was": was[task.pk], **{name: getattr(task, name) for name in FIELDS}} for task in changed
        ]
        if len(execute(_WRITE, {"tasks": orjson.dumps(rows).decode()})) < len(rows):
            raise IllegalMove("Some of the tasks were changed by somebody else meanwhile: ask again.")

    yield write
