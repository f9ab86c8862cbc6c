"""What is older than the retention is forgotten, whole, in batches; what is needed stays."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from tasks_app import queue
from tasks_app.conf import conf
from tasks_app.events import stream
from tasks_app.maintenance import prune, relay
from tasks_app.models import Attempt, OutboxEntry, Run, SkippedOccurrence, StepLog, Task, TaskDefinition
from tasks_app.models.clock import database_now
from tasks_app.models.ids import oldest_id
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tests.making import claim_one, make_run, make_task, step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

NOTHING = {
    "runs": 0,
    "events": 0,
    "skipped": 0,
    "dead_letters": 0,
    "tasks": 0,
    "destinations": 0,
    "lines": 0,
    "places": 0,
    "remembered": 0,
    "receipts": 0,
    "deliveries": 0,
    "answers": 0,
    "rounds": 0,
    "spendings": 0,
    "logins": 0,
    "audit": 0,
    "trimmed": 0,
    "more": False,
}


def done(task: Task | None = None, *, ended: timedelta | None = None) -> Run:
    """A run that has finished, `ended` ago, with an attempt and a step."""
    run = make_run(task)
    queue.apply(queue.release(claim_one().lease))
    queue.apply(queue.succeed(claim_one().lease, steps=[step()]))
    if ended:
        age(run, ended)
    return Run.objects.get(pk=run.pk) if not ended else run


def age(run: Run, by: timedelta) -> None:
    """Let the run have been made and finished `by` ago."""
    moment = database_now() - by
    key = oldest_id(moment).int + run.pk.int % 2**70
    for model in (Attempt, StepLog):
        model.objects.filter(run_id=run.pk).update(run_id=as_uuid(key))
    Run.objects.filter(pk=run.pk).update(id=as_uuid(key), finished_at=moment)
    run.pk = as_uuid(key)


def as_uuid(number: int) -> Any:
    from uuid import UUID

    return UUID(int=number)


def counts() -> tuple[int, int, int]:
    return Run.objects.count(), Attempt.objects.count(), StepLog.objects.count()


def test_where_nothing_is_old_nothing_is_forgotten() -> None:
    done()
    make_run()

    assert prune.run_once() == NOTHING
    assert counts() == (2, 1, 1)


def test_an_old_run_goes_with_its_attempts_and_steps_and_a_young_one_stays() -> None:
    old, young = done(ended=timedelta(days=31)), done(ended=timedelta(days=29))

    assert prune.run_once()["runs"] == 1

    assert Run.objects.get() == young
    assert Attempt.objects.get().run_id == young.pk
    assert StepLog.objects.get().run_id == young.pk
    assert old.pk != young.pk


def test_an_old_run_that_has_not_finished_stays() -> None:
    run = make_run()
    Run.objects.filter(pk=run.pk).update(id=oldest_id(database_now() - timedelta(days=300)))

    assert prune.run_once()["runs"] == 0


def test_a_run_made_long_ago_that_ended_lately_stays() -> None:
    run = done(ended=timedelta(days=300))
    Run.objects.filter(pk=run.pk).update(finished_at=database_now())

    assert prune.run_once()["runs"] == 0


def test_the_retention_is_the_one_that_is_set() -> None:
    done(ended=timedelta(days=2))

    with override_settings(ORDINAUT=replace(conf(), retention=timedelta(days=1))):
        assert prune.run_once()["runs"] == 1


def test_a_full_batch_asks_for_another_round() -> None:
    for _ in range(3):
        done(ended=timedelta(days=40))

    assert prune.run_once(batch=2) == NOTHING | {"runs": 2, "more": True}
    assert prune.run_once(batch=2) == NOTHING | {"runs": 1}


def test_old_events_go_but_never_the_newest_position_nor_one_that_was_not_published() -> None:
    done()
    relay.run_once()
    done()
    OutboxEntry.objects.update(at=database_now() - timedelta(days=40))
    published, newest = (
        OutboxEntry.objects.exclude(pos=None).count(),
        OutboxEntry.objects.exclude(pos=None).latest("pos"),
    )
    waiting = OutboxEntry.objects.filter(pos=None).count()

    assert prune.run_once()["events"] == published - 1

    assert OutboxEntry.objects.exclude(pos=None).get() == newest
    assert OutboxEntry.objects.filter(pos=None).count() == waiting > 0
    relay.run_once()
    kept = OutboxEntry.objects.order_by("pos").events()
    assert len(OutboxEntry.objects.filter(pos__gt=newest.pos)) == waiting
    assert [event.pos for event in kept] == list(range(newest.pos, newest.pos + len(kept)))


def test_young_events_stay() -> None:
    done()
    relay.run_once()

    assert prune.run_once()["events"] == 0


def test_old_rows_of_the_ledger_go() -> None:
    task, now = make_task(), database_now()
    for days in (1, 40):
        SkippedOccurrence.objects.create(
            task=task, scheduled_for=now - timedelta(days=days), reason="paused", created_at=now - timedelta(days=days)
        )

    assert prune.run_once()["skipped"] == 1
    assert SkippedOccurrence.objects.count() == 1


def test_a_deleted_task_goes_with_all_that_belongs_to_it_and_its_neighbour_stays() -> None:
    task, kept = make_task(), make_task()
    done(task), done(kept)
    make_run(task)
    for each in (task, kept):
        SkippedOccurrence.objects.create(task=each, scheduled_for=database_now(), reason="paused")
    tasks.delete(task, actor=SYSTEM)

    assert prune.run_once() == NOTHING | {"runs": 2, "tasks": 1}

    assert Task.objects.get() == kept
    assert TaskDefinition.objects.get().task_id == kept.pk
    assert SkippedOccurrence.objects.get().task == kept
    assert counts() == (1, 1, 1)


def test_a_deleted_task_stays_until_the_last_of_its_runs_is_gone() -> None:
    task = make_task()
    for _ in range(3):
        make_run(task)
    tasks.delete(task, actor=SYSTEM)

    assert prune.run_once(batch=2) == NOTHING | {"runs": 2, "more": True}
    assert Task.objects.exists()
    assert prune.run_once(batch=2) == NOTHING | {"runs": 1, "tasks": 1}
    assert not Task.objects.exists()


def test_the_stream_is_cut_to_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    trim: Callable[..., int] = lambda **limits: asked.append(limits["keep"]) or 7  # noqa: E731
    monkeypatch.setattr(stream, "trim", trim)

    assert prune.run_once()["trimmed"] == 7
    assert asked == [prune.STREAM_ENTRIES]


def test_without_redis_what_is_in_postgres_is_pruned_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        done(ended=timedelta(days=40))
    nobody = redis.Redis(unix_socket_path="/nonexistent/redis.sock", decode_responses=True)
    with monkeypatch.context() as away:
        away.setattr(stream, "client", lambda: nobody)

        assert prune.run_once(batch=2) == NOTHING | {"runs": 2, "more": True}
        assert prune.run_once(batch=2) == NOTHING | {"runs": 1}


def test_the_smallest_key_of_a_moment_is_below_every_key_made_then() -> None:
    from tasks_app.models.ids import new_id

    moment: datetime = database_now()

    assert oldest_id(moment - timedelta(seconds=5)) < new_id() < oldest_id(moment + timedelta(seconds=5))


def test_events_that_are_kept_are_not_read_to_find_those_that_are_not() -> None:
    for _ in range(10):
        done()
    relay.run_once()

    with CaptureQueriesContext(connection) as asked:
        assert prune.run_once(batch=5)["events"] == 0
    [looked] = [each["sql"] for each in asked if 'ORDER BY "tasks_outboxentry"."pos" ASC' in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN ANALYZE {looked}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "Rows Removed by Filter" not in plan
