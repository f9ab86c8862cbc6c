"""What docs/pipelines.md shows of the tools that act on the platform is what becomes of the tasks shown."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tasks_app.maintenance import hear
from tasks_app.models import Agent, Run
from tasks_app.services import gates, tasks
from tasks_app.services.actor import SYSTEM
from tests.integration.execution.conftest import until
from tests.integration.execution.work import MakeWorker
from tests.making import make_agent, steps_of

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = (Path(__file__).parents[3] / "docs" / "pipelines.md").read_text()
EXAMPLES = re.findall(r"```json platform\n(.*?)```\n```text\n(.*?)```", TEXT, flags=re.DOTALL)


def shown(run: Run) -> str:
    if run.state == "waiting":
        return f"{run.task.title}: waiting for its {run.waiting_for}"
    last = steps_of(run)[-1]
    told = f" with {json.dumps(last.output)}" if last.tool == "debug.echo" else ""
    return f"{run.task.title}: {run.state}{told}"


def as_shown(owner: Agent) -> list[str]:
    return [shown(run) for run in Run.objects.filter(agent=owner).select_related("task").order_by("id")]


def still_going_on(owner: Agent) -> bool:
    hear.run_once()
    return Run.objects.filter(agent=owner).unfinished().exclude(waiting_for__in=["start", "sleep"]).exists()


@pytest.mark.parametrize(("made", "expected"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_tasks_shown_do_what_is_shown_below_them(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch, made: str, expected: str
) -> None:
    monkeypatch.setattr(gates, "database_now", lambda: datetime(2026, 11, 23, 23, 30, tzinfo=UTC))
    owner = make_agent(scopes=("tasks:create", "runs:write", "events:publish"))
    *_, last = [tasks.create_task(owner, actor=SYSTEM, **fields) for fields in json.loads(made)]

    tasks.run_now(last, actor=SYSTEM)
    make_worker().drain()
    until(lambda: not still_going_on(owner), seconds=20)

    assert as_shown(owner) == expected.splitlines()


def test_every_example_is_read() -> None:
    assert len(EXAMPLES) == TEXT.count("```json platform") >= 3
