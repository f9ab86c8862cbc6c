"""What Prometheus reads: the platform's own metrics, of every process, beside Django's."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from tasks_app import queue
from tests.making import claim, make_run, make_task

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


def test_finished_runs_and_their_start_delay_are_counted() -> None:
    make_run()
    before = scraped()

    queue.apply(queue.succeed(claim()[0].lease))

    after = scraped()
    succeeded = 'orchestrator_runs_total{state="succeeded"}'
    assert after[succeeded] == before.get(succeeded, 0) + 1
    assert after["orchestrator_start_delay_seconds_count"] == before["orchestrator_start_delay_seconds_count"] + 1


def test_a_stale_write_is_counted() -> None:
    make_run()
    lease = claim()[0].lease
    queue.apply(queue.succeed(lease))
    before = scraped()["orchestrator_stale_writes_refused_total"]

    queue.move([queue.succeed(lease)])

    assert scraped()["orchestrator_stale_writes_refused_total"] == before + 1


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
