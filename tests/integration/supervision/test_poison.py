"""A run that kills its worker is found out; those that shared its process are not blamed for long."""

import pytest

from tasks_app import queue
from tasks_app.models import Run
from tasks_app.states import Trigger
from tests.integration.supervision.conftest import Start, until
from tests.making import make_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]


def of_tool(tool: str, *, number: int, **given: object) -> set[object]:
    task = make_task(payload={"pipeline": [{"id": "a", "uses": tool, "with": given}]})
    new = queue.NewRun(
        task=task.pk, task_version=1, agent=task.created_by_id, priority=task.priority, trigger=Trigger.RUN_NOW
    )
    return set(queue.enqueue([new] * number))


def test_poison_among_two_hundred_runs_is_dead_and_nobody_else(start_worker: Start) -> None:
    ordinary = of_tool("harm.nap", number=100, seconds=0.2)
    poison = of_tool("harm.kill", number=3)
    ordinary |= of_tool("harm.nap", number=100, seconds=0.2)

    start_worker(processes=2)
    until(lambda: not Run.objects.unfinished().exists(), seconds=90)

    assert set(Run.objects.filter(state="dead").values_list("pk", flat=True)) == poison
    assert set(Run.objects.filter(state="succeeded").values_list("pk", flat=True)) == ordinary
    assert max(Run.objects.filter(pk__in=ordinary).values_list("losses", flat=True)) <= 2
    assert set(Run.objects.filter(pk__in=poison).values_list("losses", flat=True)) == {3}
