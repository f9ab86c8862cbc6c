"""Two workers, two connections, one queue."""

import threading
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection, transaction

from tasks_app import queue, queue_sql
from tasks_app.exceptions import LeaseLost
from tasks_app.models import Run
from tasks_app.models.run import Lease
from tests.concurrency.another import as_another
from tests.making import LEASE, claim, claim_one, events_of, expire, make_run, make_task, told

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_being_claimed_is_skipped_by_the_other_worker() -> None:
    task = make_task()
    make_run(task), make_run(task)

    with transaction.atomic():
        ours = claim("ours", limit=1)
        theirs = as_another(lambda: claim("theirs", limit=10))

    assert len(ours) == len(theirs) == 1
    assert ours[0].id != theirs[0].id


def test_no_run_is_claimed_twice_by_workers_that_claim_at_the_same_time() -> None:
    task = make_task()
    for _ in range(200):
        make_run(task)
    claimed: list[queue.ClaimedRun] = []
    ready = threading.Barrier(4)

    def work(name: str) -> None:
        ready.wait(10)
        while batch := claim(name, limit=7):
            claimed.extend(batch)
        connection.close()

    threads = [threading.Thread(target=work, args=(f"worker {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(claimed) == len({run.id for run in claimed}) == 200
    assert Run.objects.filter(attempt=1, fence=1).count() == 200


def test_a_stale_fence_writes_nothing_although_the_run_is_running_again() -> None:
    run = make_run()
    stale = claim_one("slow").lease
    expire(stale)
    queue.reap(limit=10)
    fresh = as_another(lambda: claim_one("fast")).lease

    with pytest.raises(LeaseLost):
        queue.apply(queue.succeed(stale))
    assert queue.renew([stale], lease=LEASE) == queue.Renewal(set(), {run.pk})
    as_another(lambda: queue.apply(queue.succeed(fresh)))

    run.refresh_from_db()
    assert (run.state, run.attempt, run.fence) == ("succeeded", 2, 2)
    assert events_of(run) == ["run.queued", "run.started", "run.retried", "run.started", "run.succeeded"]


@pytest.mark.parametrize(
    "rival",
    [
        lambda lease: queue.reap(limit=10),
        lambda lease: queue.cancel([lease.run_id], reason="enough"),
    ],
    ids=["reaper", "cancel"],
)
def test_whoever_commits_first_decides_how_a_run_goes_on(rival: Callable[[Lease], object]) -> None:
    run = make_run()
    lease = claim_one().lease
    expire(lease)

    with transaction.atomic():
        rival(lease)
        with pytest.raises(OperationalError, match="lock timeout"):
            as_another(lambda: queue.apply(queue.succeed(lease)))

    with pytest.raises(LeaseLost):
        queue.apply(queue.succeed(lease))
    run.refresh_from_db()
    assert run.state in {"queued", "canceled"}


def test_a_reaper_leaves_a_run_alone_whose_renewal_is_under_way() -> None:
    make_run()
    lease = claim_one().lease

    with transaction.atomic():
        assert queue.renew([lease], lease=LEASE).renewed == {lease.run_id}
        assert as_another(lambda: queue.reap(limit=10)) == []

    assert Run.objects.get().lease == lease


def test_a_renewal_waits_for_no_run_that_is_being_moved_and_does_not_take_it_for_lost() -> None:
    task = make_task()
    for _ in range(2):
        make_run(task)
    moved, free = (run.lease for run in claim())

    with transaction.atomic():
        queue.move([queue.checkpoint(moved, steps=[])])
        renewal = as_another(lambda: queue.renew([moved, free], lease=LEASE))

    assert renewal == queue.Renewal({free.run_id}, set())
    assert queue.renew([moved, free], lease=LEASE).renewed == {moved.run_id, free.run_id}


def test_two_reapers_take_a_lost_run_back_once() -> None:
    make_run()
    expire(claim_one().lease)

    with transaction.atomic():
        assert queue.reap(limit=10) == ["queued"]
        assert as_another(lambda: queue.reap(limit=10)) == []

    assert Run.objects.get().losses == 1
    assert len(told("run.retried")) == 1


def test_a_batch_is_worked_on_in_the_order_of_urgency_whatever_the_plan() -> None:
    task = make_task()
    for nth in range(300):
        make_run(task, priority=nth * 7 % 9 + 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_run")

    claimed = [Run.objects.get(pk=run.id).priority for run in claim(limit=100)]

    assert claimed == sorted(claimed, reverse=True)
    assert claimed[0] == 9


def test_a_claim_reads_the_index_in_its_own_order_and_sorts_nothing() -> None:
    task = make_task()
    new = queue.NewRun(task=task.pk, task_version=1, agent=task.created_by_id, priority=5, trigger="run_now")  # type: ignore[arg-type]
    for _ in range(20):  # in a small table reading all of it may be cheaper
        queue.enqueue([new] * 1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_run")
        cursor.execute(f"EXPLAIN {queue_sql.CLAIM}", {"worker": "w", "limit": 100, "lease": LEASE})
        plan = "\n".join(row[0] for row in cursor.fetchall())

    due = plan[plan.index("CTE due") : plan.index("CTE claimed")]
    assert "Index Scan using run_claim_order" in due
    assert "Sort" not in due
    assert "Seq Scan" not in plan
