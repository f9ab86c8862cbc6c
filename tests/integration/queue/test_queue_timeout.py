"""A run that no worker begins with in time is given up."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from tasks_app import queue, release_sql
from tasks_app.maintenance import give_up
from tasks_app.models import Run
from tasks_app.models.clock import database_now
from tasks_app.services import runs, tasks
from tasks_app.services.actor import SYSTEM
from tests.making import attempts_of, claim_one, events_of, make_run, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

MINUTE = timedelta(minutes=1)


def overdue(**fields: Any) -> Run:
    run = make_run(**({"queue_timeout": 60} | fields))
    Run.objects.filter(pk=run.pk).update(claim_by=database_now() - MINUTE)
    return run


def test_it_has_until_its_timeout_after_it_was_due() -> None:
    before = database_now()
    at_once, later = make_run(queue_timeout=60), make_run(queue_timeout=60, start=before + MINUTE)

    assert make_run().claim_by is None
    assert at_once.claim_by is not None
    assert before + MINUTE <= at_once.claim_by <= database_now() + MINUTE
    assert later.claim_by == before + 2 * MINUTE


def test_an_instant_that_is_caught_up_with_has_its_time_from_now() -> None:
    run = make_run(queue_timeout=60, scheduled_for=database_now() - timedelta(days=1), start=database_now() - MINUTE)

    assert give_up.run_once()["given_up"] == 0
    run.refresh_from_db()
    assert run.state == "queued"


def test_it_is_timed_out_and_says_why() -> None:
    run, patient, endless = overdue(), make_run(queue_timeout=60), make_run()

    assert give_up.run_once()["given_up"] == 1

    run.refresh_from_db()
    assert (run.state, run.attempt, run.error["code"]) == ("timed_out", 0, "queue_timeout")
    assert run.finished_at is not None
    assert events_of(run) == ["run.queued", "run.timed_out"]
    assert attempts_of(run) == []
    assert {Run.objects.get(pk=each.pk).state for each in (patient, endless)} == {"queued"}


def test_one_that_a_worker_has_begun_with_is_not_given_up_even_when_it_is_queued_again() -> None:
    run = overdue()
    lease = claim_one().lease
    assert queue.give_up_unclaimed(limit=10) == 0

    queue.apply(queue.release(lease))

    assert queue.give_up_unclaimed(limit=10) == 0
    assert Run.objects.get(pk=run.pk).state == "queued"


def test_one_that_waits_for_its_turn_or_place_is_given_up_and_one_that_is_not_due_is_not() -> None:
    task = make_task()
    turn = overdue(task=task, lane="lane", takes_turn=True)
    later = overdue(start=database_now() + MINUTE)

    assert queue.give_up_unclaimed(limit=10) == 1

    turn.refresh_from_db()
    assert (turn.state, turn.waiting_for, turn.takes_turn) == ("timed_out", "", False)
    assert Run.objects.get(pk=later.pk).state == "waiting"


def test_no_more_are_given_up_at_a_time_than_asked() -> None:
    for _ in range(3):
        overdue()

    assert [queue.give_up_unclaimed(limit=2) for _ in range(3)] == [2, 1, 0]


def test_one_that_gets_another_chance_has_all_the_time() -> None:
    run = overdue()
    queue.give_up_unclaimed(limit=10)

    runs.retry(run, actor=SYSTEM)

    assert queue.give_up_unclaimed(limit=10) == 0
    assert claim_one().id == run.pk


def test_a_tasks_runs_have_its_timeout() -> None:
    task = make_task(queue_timeout_seconds=60)

    assert tasks.run_now(task, actor=SYSTEM).claim_by is not None


def test_the_overdue_ones_are_found_by_an_index_that_holds_no_others() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {release_sql.GIVE_UP_UNCLAIMED}", {"limit": 10})
        plan = "\n".join(row[0] for row in cursor.fetchall())

    found = plan[: plan.index("CTE given_up")]
    assert "run_unclaimed" in found
    assert "Index Cond: (claim_by <" in found, "those that still have time are not read"
    assert "Sort" not in found
