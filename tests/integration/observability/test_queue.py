"""Prometheus is told what is in the queue, who works on it, and how the database under it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError, connection
from django.db.models import F
from django.db.models.functions import Now

from tasks_app import queue, workers
from tasks_app.models import DutyRound, Run
from tasks_app.services import database_state, queue_state
from tests.integration.observability.test_metrics import scraped
from tests.making import claim, claim_one, expire, make_run, make_task


@pytest.mark.django_db
def test_queued_and_running_runs_are_told_by_priority() -> None:
    task = make_task()
    make_run(task, priority=9)
    claim()
    make_run(task)
    make_run(task)

    seen = scraped()

    assert seen['orchestrator_queue_priority_depth{priority="5",state="queued"}'] == 2
    assert seen['orchestrator_queue_priority_depth{priority="9",state="running"}'] == 1


@pytest.mark.django_db
def test_the_oldest_queued_run_and_overdue_leases_are_told() -> None:
    make_run()
    expire(claim_one().lease)
    make_run()
    Run.objects.filter(state="queued").update(run_at=F("run_at") - timedelta(minutes=2))

    seen = scraped()

    assert 120 <= seen["orchestrator_oldest_queued_seconds"] < 150
    assert seen["orchestrator_leases_overdue"] == 1


@pytest.mark.django_db
def test_waiting_and_dead_runs_are_told() -> None:
    make_run()
    queue.apply(queue.park(claim_one().lease, delay=60))
    make_run()
    queue.apply(queue.fail(claim_one().lease, error={"code": "x"}))
    Run.objects.filter(state="failed").update(state="dead")

    seen = scraped()

    assert seen['orchestrator_waiting_runs{waiting_for="sleep"}'] == 1
    assert seen["orchestrator_dead_runs"] == 1


@pytest.mark.django_db
def test_workers_and_the_rounds_of_beat_are_told() -> None:
    workers.register(name="w", host="a", pid=1, threads=1)
    DutyRound.objects.create(name="tick", ended_at=Now() - timedelta(minutes=5), beat="a:1")

    seen = scraped()

    assert seen['orchestrator_workers{state="running"}'] == 1
    assert seen['orchestrator_workers{state="lost"}'] == 0
    assert 300 <= seen['orchestrator_beat_round_age_seconds{duty="tick"}'] < 320


@contextmanager
def snapshot_held() -> Iterator[None]:
    """Another session, in a transaction that has read something."""
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        other.execute("SELECT count(*) FROM tasks_run")
        yield


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_that_somebody_holds_is_told_with_its_age() -> None:
    with snapshot_held():
        for _ in range(3):
            make_task()
        held = database_state.look()
        seen = scraped()

    assert held.oldest_snapshot_seconds > 0
    assert held.oldest_xmin_age >= 3
    assert seen["orchestrator_oldest_snapshot_seconds"] >= held.oldest_snapshot_seconds
    assert seen["orchestrator_oldest_xmin_age"] >= held.oldest_xmin_age


@pytest.mark.django_db(transaction=True)
def test_dead_tuples_of_the_queue_are_told() -> None:
    with snapshot_held():  # so that nothing is cleaned up meanwhile
        make_run()
        for _ in range(5):
            Run.objects.update(failures=F("failures") + 1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")

        assert scraped()["orchestrator_queue_dead_tuples"] >= 5


@pytest.mark.django_db
def test_without_the_database_that_is_told_beside_what_the_processes_count(monkeypatch: pytest.MonkeyPatch) -> None:
    assert scraped()["orchestrator_database_reachable"] == 1

    def fail() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(queue_state, "look", fail)
    seen = scraped()

    assert seen["orchestrator_database_reachable"] == 0
    assert "orchestrator_queue_dead_tuples" not in seen
    assert "orchestrator_stale_writes_refused_total" in seen
