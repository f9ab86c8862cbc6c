"""An agent's tasks have no more runs on one day (UTC) than it may have."""

from datetime import timedelta
from typing import Any

import pytest

from tasks_app.maintenance import tick
from tasks_app.models import Agent, Run, SkippedOccurrence, Task
from tasks_app.models.clock import database_now
from tests.making import make_agent, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]


def limited(runs: int, **fields: Any) -> Agent:
    agent = make_agent()
    Agent.objects.filter(pk=agent.pk).update(runs_per_day=runs, **fields)
    return agent


def due(agent: Agent) -> Task:
    minute = database_now().replace(second=0, microsecond=0)
    return make_task(created_by=agent, schedule_kind="cron", schedule_expr="* * * * *", next_run_at=minute)


def test_what_exceeds_the_day_goes_into_the_ledger_over_all_tasks_of_the_agent() -> None:
    agent, free = limited(2), make_agent()
    for owner in (agent, agent, agent, free):
        due(owner)

    tick.run_once()

    assert Run.objects.filter(agent=agent).count() == 2
    assert Run.objects.filter(agent=free).count() == 1
    [row] = SkippedOccurrence.objects.all()
    assert (row.task.created_by, row.reason) == (agent, "budget")
    agent.refresh_from_db()
    assert (agent.runs_counted, agent.runs_counted_on) == (2, database_now().date())


def test_what_was_used_up_earlier_on_the_same_day_counts() -> None:
    agent = limited(2, runs_counted=1, runs_counted_on=database_now().date())
    due(agent), due(agent)

    tick.run_once()

    assert Run.objects.count() == 1


def test_a_new_day_begins_anew() -> None:
    agent = limited(1, runs_counted=1, runs_counted_on=database_now().date() - timedelta(days=1))
    due(agent)

    tick.run_once()

    assert Run.objects.count() == 1
