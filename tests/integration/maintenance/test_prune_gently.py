"""Pruning disturbs nobody: it reads along indexes, stops when its time is over, and lets be what somebody has."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
import redis
from django.db import connection, models
from django.test import override_settings

from tasks_app.conf import conf
from tasks_app.events import stream
from tasks_app.maintenance import prune, relay
from tasks_app.models import DutyRound, OutboxEntry, Run, SkippedOccurrence, Task
from tasks_app.models.clock import database_now
from tasks_app.models.ids import new_id
from tests.integration.maintenance.test_prune import done
from tests.making import make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

OLD = timedelta(days=40)


@pytest.fixture
def history() -> Task:
    """Thousands of finished runs and of published events, few of them of a task that is deleted."""
    kept, deleted = make_task(), make_task(deleted_at=database_now())
    moment = database_now()
    claimed = {"attempt": 1, "fence": 1, "worker": "w", "claimed_at": moment, "started_at": moment}
    Run.objects.bulk_create(
        Run(task=task, task_version=1, agent=task.created_by, state="succeeded", finished_at=moment, **claimed)
        for task, number in ((kept, 4000), (deleted, 50))
        for _ in range(number)
    )
    OutboxEntry.objects.bulk_create(
        OutboxEntry(aggregate_kind="run", aggregate_id=new_id(), seq=1, pos=pos, at=moment, facts=[["run.queued", {}]])
        for pos in range(1000, 5000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_run, tasks_outboxentry, tasks_task")
    return deleted


def plan_of(rows: models.QuerySet[models.Model]) -> str:
    chosen = rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:100]
    sql, parameters = chosen.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", parameters)
        return "\n".join(row[0] for row in cursor.fetchall())


def test_what_is_to_be_forgotten_is_found_along_an_index(history: Task) -> None:
    with override_settings(ORDINAUT=replace(conf(), retention=timedelta(0), event_retention=timedelta(0))):
        plans = {
            "tasks_run_pkey": plan_of(prune._old_runs()),
            "Index Cond: (task_id = ": plan_of(prune._runs_of_deleted_tasks(100)),
            "entry_one_a_position": plan_of(prune._oldest_events()),
        }

    assert {words for words, plan in plans.items() if words not in plan} == set()
    assert [plan for plan in plans.values() if "Seq Scan" in plan or "Sort" in plan] == []


def test_deleted_tasks_are_found_without_reading_the_others_or_all_runs(history: Task) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # there are three tasks
        plan = plan_of(prune._deleted_tasks_without_runs())

    assert "task_deleted" in plan
    assert "Index Cond: (task_id = " in plan
    assert "Seq Scan" not in plan


def test_a_round_whose_time_is_over_begins_nothing_more_and_asks_for_another() -> None:
    done(ended=OLD)

    assert prune.run_once(seconds=0) == {"trimmed": 0, "more": True}
    assert Run.objects.count() == 1
    assert prune.run_once()["runs"] == 1


def test_between_full_batches_it_rests_for_as_long_as_it_worked(monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    monkeypatch.setattr(prune.time, "sleep", rests.append)
    for _ in range(2):
        done(ended=OLD)

    prune.run_once(batch=1)
    prune.run_once(batch=5)

    assert len(rests) == 1
    assert 0 < rests[0] <= prune.SECONDS


def test_without_redis_the_database_is_pruned_and_the_trim_left_for_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done(ended=OLD)
    nobody = redis.Redis(unix_socket_path="/nonexistent/redis.sock", decode_responses=True)

    with monkeypatch.context() as away, caplog.at_level(logging.WARNING):
        away.setattr(stream, "client", lambda: nobody)
        pruned = prune.run_once()

    assert (pruned["runs"], pruned["trimmed"]) == (1, 0)
    assert "not trimmed" in caplog.text


def test_events_and_the_ledger_have_retentions_of_their_own() -> None:
    done(ended=timedelta(days=3))
    relay.run_once()
    OutboxEntry.objects.update(at=database_now() - timedelta(days=3))
    when = database_now() - timedelta(days=3)
    SkippedOccurrence.objects.create(task=make_task(), scheduled_for=when, reason="paused", created_at=when)

    with override_settings(ORDINAUT=replace(conf(), event_retention=timedelta(days=2))):
        events = prune.run_once()
    with override_settings(ORDINAUT=replace(conf(), ledger_retention=timedelta(days=2))):
        ledger = prune.run_once()

    assert (events["events"] > 0, events["skipped"], events["runs"]) == (True, 0, 0)
    assert (ledger["events"], ledger["skipped"], ledger["runs"]) == (0, 1, 0)


def test_duties_that_no_beat_has_any_more_are_forgotten() -> None:
    DutyRound.objects.create(name="tick", ended_at=database_now(), beat="a:1")
    DutyRound.objects.create(name="of old", ended_at=database_now() - OLD, beat="a:1")

    assert prune.run_once()["rounds"] == 1
    assert DutyRound.objects.get().name == "tick"
