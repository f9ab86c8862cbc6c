"""What Prometheus reads: the platform's own metrics, of every process, beside Django's."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from tasks_app import queue
from tasks_app.services.actor import SYSTEM
from tasks_app.services.porting import carrying_out
from tasks_app.services.porting.shape import document_in
from tests.making import claim, claim_one, make_run, make_task

pytestmark = pytest.mark.django_db


def scraped() -> dict[str, float]:
    """Every sample of `/metrics`, by its name and labels."""
    answer = Client().get("/metrics")
    assert answer.status_code == 200
    lines = answer.content.decode().splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))
    }


def test_the_queue_is_counted_by_state_at_each_scrape() -> None:
    task = make_task()
    for _ in range(3):
        make_run(task)
    [claimed] = claim(limit=1)

    before = scraped()
    queue.apply(queue.park(claimed.lease, delay=60))
    after = scraped()

    assert [before[f'orchestrator_queue_depth{{state="{state}"}}'] for state in ("queued", "running", "waiting")] == [
        2,
        1,
        0,
    ]
    assert [after[f'orchestrator_queue_depth{{state="{state}"}}'] for state in ("queued", "running", "waiting")] == [
        2,
        0,
        1,
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("redis_emptied")
def test_finished_runs_and_their_start_delay_are_counted() -> None:
    make_run()
    before = scraped()

    queue.apply(queue.succeed(claim()[0].lease))

    after = scraped()
    succeeded = 'orchestrator_runs_total{state="succeeded"}'
    assert after[succeeded] == before.get(succeeded, 0) + 1
    assert after["orchestrator_start_delay_seconds_count"] == before["orchestrator_start_delay_seconds_count"] + 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("redis_emptied")
def test_a_stale_write_is_counted() -> None:
    make_run()
    lease = claim()[0].lease
    queue.apply(queue.succeed(lease))
    before = scraped()["orchestrator_stale_writes_refused_total"]

    queue.move([queue.succeed(lease)])

    assert scraped()["orchestrator_stale_writes_refused_total"] == before + 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("redis_emptied")
@pytest.mark.parametrize("taken_back", [True, False])
def test_what_is_taken_back_is_not_counted(taken_back: bool) -> None:
    task = make_task()
    first, second = make_run(task), make_run(task)
    before = scraped()

    with transaction.atomic():
        lease = claim_one().lease
        queue.apply(queue.succeed(lease))
        queue.move([queue.succeed(lease)])
        queue.cancel([first.pk, second.pk], reason="Enough.")
        transaction.set_rollback(taken_back)

    after = scraped()
    names = [f'orchestrator_runs_total{{state="{state}"}}' for state in ("succeeded", "canceled")]
    names += ["orchestrator_start_delay_seconds_count", "orchestrator_stale_writes_refused_total"]
    assert [after.get(name, 0) - before.get(name, 0) for name in names] == [0 if taken_back else 1] * 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("redis_emptied")
def test_a_plan_that_would_delete_tasks_cancels_and_counts_no_run() -> None:
    run = make_run()
    canceled = 'orchestrator_runs_total{state="canceled"}'
    before = scraped().get(canceled, 0)
    empty = document_in({"ordinaut": 1, "tasks": []})

    plan = carrying_out.plan(empty, owner=run.task.created_by, actor=SYSTEM, prune=True)

    run.refresh_from_db()
    assert (plan.differs, run.state, scraped().get(canceled, 0)) == (True, "queued", before)


def test_counters_of_all_processes_are_added_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    count = "from prometheus_client import Counter; Counter('bench_things_total', 'Things.').inc(2)"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", count], check=True, timeout=30)

    samples = scraped()

    assert samples["bench_things_total"] == 4
    assert samples['orchestrator_queue_depth{state="queued"}'] == 0


def test_djangos_own_metrics_are_there() -> None:
    Client().get("/health/live")

    assert any(name.startswith("django_http_responses_total_by_status_total") for name in scraped())
