"""What `docs/operating.md` shows is what the commands print, and every metric is in it."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import F
from django.db.models.functions import Now

from ordinaut_site import env
from tasks_app import queue, workers
from tasks_app.models import Agent, DutyRound, Run, Worker
from tests.architecture.sources import modules
from tests.integration.observability.test_metrics import scraped
from tests.making import claim_one, make_agent, make_run, make_task

DOCUMENT = (env.BASE_DIR / "docs" / "operating.md").read_text()

pytestmark = pytest.mark.django_db


def shown(command: str) -> list[str]:
    """The lines that the document shows as the command's."""
    [text] = re.findall(rf"```\n\$ manage\.py {command}\n(.*?)```", DOCUMENT, flags=re.DOTALL)
    return str(text).splitlines()


def printed(command: str) -> list[str]:
    output = StringIO()
    call_command(command, stdout=output)
    return output.getvalue().splitlines()


def without_times(lines: list[str]) -> list[str]:
    return [re.sub(r"\d+\.\d+", "0.0", line) for line in lines]


def test_the_queue_that_is_shown_is_printed() -> None:
    agent = make_agent()
    Agent.objects.filter(pk=agent.pk).update(name="reports")
    task = make_task(created_by=agent)
    make_run(task)
    queue.apply(queue.park(claim_one().lease, delay=60))
    make_run(task)
    claim_one()
    for _ in range(2):
        make_run(task)
    Run.objects.filter(state="queued").update(run_at=F("run_at") - timedelta(minutes=2))

    assert without_times(printed("queue")) == without_times(shown("queue"))


def test_the_workers_that_are_shown_are_printed() -> None:
    worker = workers.register(name="node-1:77:3fa", host="node-1", pid=77, threads=200)
    Worker.objects.filter(pk=worker.pk).update(held=1, started_at=Now() - timedelta(seconds=3600))
    DutyRound.objects.create(name="tick", ended_at=Now(), beat="node-1:76")

    assert without_times(printed("workers")) == without_times(shown("workers"))


def test_every_command_that_is_named_is_there() -> None:
    named = set(re.findall(r"manage\.py (\w+)", DOCUMENT))

    ours = [*modules(within="tasks_app/management/"), *modules(within="ordinaut_site/management/")]
    assert named <= {name.rpartition("/")[2].removesuffix(".py") for name, _ in ours}


def named_metrics() -> set[str]:
    first_cells = re.findall(r"^\| (`orchestrator_[^|]+)\|", DOCUMENT, flags=re.MULTILINE)
    return {name for cell in first_cells for name in re.findall(r"orchestrator_\w+", cell)}


def test_every_metric_of_ours_is_explained_and_no_other() -> None:
    made = {name for _, text in modules() for name in re.findall(r'"(orchestrator_\w+)"', text)}

    assert named_metrics() == made


def test_what_the_database_tells_is_there_at_every_scrape() -> None:
    told = DOCUMENT.partition("### Told by the database")[2].partition("### Counted")[0]
    asked = {name for name in re.findall(r"`(orchestrator_\w+)`", told) if f'"{name}"' in _WITHOUT_LABELS}

    assert len(asked) >= 10
    assert asked <= scraped().keys()


_WITHOUT_LABELS = "".join(
    re.sub(r'"orchestrator_\w+",[^)]*labels=|_by\(\s*"orchestrator_\w+"', "", text)
    for _, text in modules(within="plugins/observability/")
)
