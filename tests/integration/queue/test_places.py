"""Under one concurrency key, as many of an agent's runs are queued or running as its limit says."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from tasks_app import admission, queue
from tasks_app.admission import Openings
from tasks_app.models import Run, Task
from tasks_app.models.clock import database_now
from tests.making import claim, claim_one, events_of, expire, make_run, make_task

pytestmark = pytest.mark.django_db

KEY = "printer"
ERROR = {"error_class": "retryable", "code": "busy", "message": "Busy."}


def keyed(task: Task, *, limit: int = 1, **fields: Any) -> Run:
    return make_run(task, concurrency_key=KEY, concurrency_limit=limit, **fields)


def let_in(*tasks: Task) -> int:
    return admission.admit(Openings(keys={(task.created_by_id, KEY) for task in tasks}))


def queued() -> list[UUID]:
    return list(Run.objects.filter(state="queued").order_by("id").values_list("pk", flat=True))


@pytest.mark.parametrize("limit", [1, 3])
def test_as_many_go_on_as_the_limit_says_and_no_more(limit: int) -> None:
    task = make_task()
    runs = [keyed(task, limit=limit) for _ in range(5)]

    assert let_in(task) == limit
    assert let_in(task) == 0
    assert queued() == [run.pk for run in runs[:limit]]
    queue.apply(queue.succeed(claim_one().lease))
    assert let_in(task) == 1


def test_the_most_urgent_goes_first_and_among_equals_the_one_that_was_due_first() -> None:
    task = make_task()
    now = database_now()
    later = keyed(task, start=now)
    sooner = keyed(task, start=now - timedelta(hours=1))
    urgent = keyed(task, start=now, priority=9)
    order = []

    for _ in range(3):
        assert let_in(task) == 1
        lease = claim_one().lease
        order.append(lease.run_id)
        queue.apply(queue.succeed(lease))

    assert order == [urgent.pk, sooner.pk, later.pk]


def test_the_most_urgent_goes_first_even_where_no_index_has_that_order() -> None:
    task = make_task()
    keyed(task), keyed(task, priority=8)
    urgent = keyed(task, priority=9)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")

    let_in(task)

    assert queued() == [urgent.pk]


def test_a_run_that_got_its_place_says_so_and_is_due_from_then_on() -> None:
    asked = database_now()
    run = keyed(make_task(), start=asked - timedelta(hours=1))

    let_in(run.task)

    run.refresh_from_db()
    assert (run.state, run.waiting_for) == ("queued", "")
    assert run.run_at >= asked
    assert events_of(run) == ["run.queued", "run.queued"]


def test_agents_do_not_share_a_key_but_tasks_of_one_agent_do() -> None:
    task, stranger = make_task(), make_task()
    sibling = make_task(created_by=task.created_by)
    first, _, other = keyed(task), keyed(sibling), keyed(stranger)

    assert let_in(task, stranger) == 2
    assert queued() == [first.pk, other.pk]


@pytest.mark.parametrize("wait", ["retry", "sleep"])
def test_a_run_that_waits_gives_up_its_place_and_must_get_one_again(wait: str) -> None:
    task = make_task()
    first, second = keyed(task), keyed(task)
    let_in(task)
    lease = claim_one().lease
    queue.apply(queue.retry(lease, delay=-1, error=ERROR) if wait == "retry" else queue.park(lease, delay=-1))

    assert let_in(task) == 1
    assert queued() == [second.pk]
    assert queue.promote(limit=10) == 1
    first.refresh_from_db()
    assert (first.state, first.waiting_for) == ("waiting", "turn")
    assert let_in(task) == 0

    queue.apply(queue.succeed(claim_one().lease))
    assert let_in(task) == 1
    assert queued() == [first.pk]
    again = claim_one()
    assert (again.id, again.attempt, again.failures) == (first.pk, 2, int(wait == "retry"))


def test_a_run_whose_wait_is_over_asks_for_a_place_itself(django_capture_on_commit_callbacks: Any) -> None:
    task = make_task()
    run = keyed(task)
    let_in(task)
    queue.apply(queue.park(claim_one().lease, delay=-1))

    with django_capture_on_commit_callbacks(execute=True):
        queue.promote(limit=10)

    assert queued() == [run.pk]
    assert events_of(run) == ["run.queued", "run.queued", "run.started", "run.waiting", "run.waiting", "run.queued"]


@pytest.mark.parametrize("way", ["release", "reap"])
def test_a_run_that_is_handed_back_keeps_its_place(way: str) -> None:
    task = make_task()
    keyed(task), keyed(task)
    let_in(task)
    lease = claim_one().lease
    if way == "release":
        queue.apply(queue.release(lease))
    else:
        expire(lease)
        queue.reap(limit=10)

    assert let_in(task) == 0
    assert claim_one().id == lease.run_id


def test_nobody_overtakes_one_that_wants_fewer_neighbours() -> None:
    task = make_task()
    keyed(task, limit=5)
    let_in(task)
    alone, social = keyed(task, limit=1), keyed(task, limit=5)

    assert let_in(task) == 0
    assert not admission.overlooked(limit=10)
    queue.apply(queue.succeed(claim_one().lease))
    assert let_in(task) == 1
    assert queued() == [alone.pk]
    queue.apply(queue.succeed(claim_one().lease))
    assert let_in(task) == 1
    assert queued() == [social.pk]


def test_one_that_wants_fewer_neighbours_stops_those_behind_it_only() -> None:
    task = make_task()
    first, second = keyed(task, limit=5), keyed(task, limit=5)
    keyed(task, limit=2), keyed(task, limit=5)

    assert let_in(task) == 2
    assert queued() == [first.pk, second.pk]


def test_a_place_can_be_waited_for_after_a_late_start() -> None:
    task = make_task()
    run = keyed(task, start=database_now() + timedelta(hours=1))
    assert (run.state, run.waiting_for) == ("waiting", "start")
    assert let_in(task) == 0

    Run.objects.filter(pk=run.pk).update(run_at=database_now())
    queue.promote(limit=10)

    assert let_in(task) == 1


def test_only_a_key_with_room_is_overlooked() -> None:
    full, free, stranger = make_task(), make_task(), make_task()
    keyed(full)
    let_in(full)
    for task in (full, free, stranger):
        keyed(task), keyed(task)
        make_run(task, concurrency_key="another key")

    found = admission.overlooked(limit=10)

    agents = [task.created_by_id for task in (free, stranger)]
    others = {(task.created_by_id, "another key") for task in (full, free, stranger)}
    assert found == Openings(keys={(agent, KEY) for agent in agents} | others)
    assert len(admission.overlooked(limit=2).keys) == 2


def test_whoever_claims_is_told_the_key_and_the_lane() -> None:
    task = make_task()
    keyed(task, lane="task:one"), make_run(task)
    let_in(task)

    assert {(run.lane, run.concurrency_key) for run in claim()} == {("task:one", KEY), ("", "")}
