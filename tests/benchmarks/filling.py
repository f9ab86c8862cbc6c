"""Runs that are all there at once, as `queue.enqueue` makes them; without their events, which are not measured."""

from uuid import UUID

from django.db import connection, transaction

from tasks_app.models import Task

FILL = """
INSERT INTO tasks_run (id, task_id, task_version, agent_id, priority, trigger, run_at, fair_at, request_id, state,
                       waiting_for, worker, fence, attempt, failures, losses, event_seq)
SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
        || '7' || lpad(to_hex(nth / 4096), 3, '0') || '8' || lpad(to_hex(nth %% 4096), 3, '0')
        || substr(gen_random_uuid()::text, 25))::uuid,
       %(task)s, 1, %(agent)s, %(priorities)s - nth %% %(priorities)s, 'schedule',
       clock_timestamp() - %(age)s * interval '1 s' + nth * interval '1 us',
       clock_timestamp() - %(age)s * interval '1 s' + nth * interval '1 us', '', 'queued', '', '', 0, 0, 0, 0, 1
  FROM generate_series(1, %(runs)s) AS nth
"""


def fill(task: Task, runs: int, *, priorities: int = 1, age: float = 0) -> None:
    """Queue `runs` of the task, evenly under so many priorities, due `age` seconds ago."""
    _fill(task.pk, task.created_by_id, runs, priorities=priorities, age=age)


@transaction.atomic
def _fill(task: UUID, agent: UUID, runs: int, *, priorities: int, age: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        asked = {"task": task, "agent": agent, "runs": runs, "priorities": priorities, "age": age}
        cursor.execute(FILL, asked)
        cursor.execute("ANALYZE tasks_run")
