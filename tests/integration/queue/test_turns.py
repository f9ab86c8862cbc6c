"""Of one lane, runs that take turns go one after another, the oldest first."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from tasks_app import admission, queue
from tasks_app.admission import Openings
from tasks_app.models import Run, Task
from tasks_app.models.clock import database_now
from tests.making import claim, claim_one, events_of, expire, make_run, make_task

pytestmark = pytest.mark.django_db

LANE = "task:one"
ERROR = {"error_class": "retryable", "code": "busy", "message": "Busy."}


def in_turn(task: Task, *, day: int, **fields: Any) -> Run:
    values = {"lane": LANE, "takes_turn": True, "scheduled_for": datetime(2026, 1, day, tzinfo=UTC)} | fields
    return make_run(task, **values)


def let_in(*lanes: str) -> int:
    return admission.admit(Openings(lanes=set(lanes or [LANE])))


def states() -> dict[Any, str]:
    return dict(Run.objects.values_list("pk", "state"))


def test_the_oldest_instant_goes_first_and_the_next_when_it_has_ended() -> None:
    task = make_task()
    third, first, second = in_turn(task, day=3), in_turn(task, day=1), in_turn(task, day=2)

    assert let_in() == 1
    assert states() == {first.pk: "queued", second.pk: "waiting", third.pk: "waiting"}
    assert let_in() == 0

    queue.apply(queue.succeed(claim_one().lease))
    assert let_in() == 1
    assert states() == {first.pk: "succeeded", second.pk: "queued", third.pk: "waiting"}


def test_the_oldest_goes_first_even_where_no_index_has_that_order() -> None:
    task = make_task()
    in_turn(task, day=3), in_turn(task, day=2)
    first = in_turn(task, day=1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")

    let_in()

    assert Run.objects.get(state="queued") == first


def test_of_one_instant_the_run_made_first_goes_first() -> None:
    first, second = in_turn(make_task(), day=1), in_turn(make_task(), day=1)

    let_in()

    assert states() == {first.pk: "queued", second.pk: "waiting"}


def test_a_run_whose_turn_has_come_says_so_and_is_due_from_then_on() -> None:
    asked = database_now()
    run = in_turn(make_task(), day=1)

    let_in()

    run.refresh_from_db()
    assert (run.state, run.waiting_for, run.takes_turn) == ("queued", "", False)
    assert run.run_at >= asked
    assert events_of(run) == ["run.queued", "run.queued"]
    assert claim_one().waited_seconds < 5


@pytest.mark.parametrize("way", ["queued", "running", "retry", "sleep", "start", "place"])
def test_a_run_that_goes_on_keeps_the_others_of_its_lane_waiting(way: str) -> None:
    task = make_task()
    if way == "start":
        make_run(task, lane=LANE, start=database_now() + timedelta(hours=1))
    elif way == "place":
        make_run(task, lane=LANE, concurrency_key="printer")
    else:
        make_run(task, lane=LANE)
    if way not in {"queued", "start", "place"}:
        lease = claim_one().lease
        if way == "retry":
            queue.apply(queue.retry(lease, delay=60, error=ERROR))
        elif way == "sleep":
            queue.apply(queue.park(lease, delay=60))
    in_turn(task, day=1)

    assert let_in() == 0
    assert not admission.overlooked(limit=10).lanes


def test_a_run_that_was_put_back_by_the_reaper_keeps_its_turn() -> None:
    task = make_task()
    in_turn(task, day=1), in_turn(task, day=2)
    let_in()
    expire(claim_one().lease)
    queue.reap(limit=10)

    assert let_in() == 0


def test_a_run_that_may_not_begin_yet_holds_nobody_up_and_then_takes_its_turn() -> None:
    task = make_task()
    late = in_turn(task, day=1, start=database_now() + timedelta(hours=1))
    early = in_turn(task, day=2)
    assert (late.state, late.waiting_for) == ("waiting", "start")
    assert let_in() == 1
    assert states() == {late.pk: "waiting", early.pk: "queued"}

    Run.objects.filter(pk=late.pk).update(run_at=database_now())
    assert queue.promote(limit=10) == 1
    late.refresh_from_db()
    assert (late.state, late.waiting_for) == ("waiting", "turn")
    assert let_in() == 0

    queue.apply(queue.succeed(claim_one().lease))
    assert let_in() == 1
    late.refresh_from_db()
    assert late.state == "queued"
    assert events_of(late) == ["run.queued", "run.waiting", "run.queued"]


def test_lanes_do_not_wait_for_each_other() -> None:
    task = make_task()
    for lane in ("a", "b"):
        in_turn(task, day=1, lane=lane, scheduled_for=None), in_turn(task, day=2, lane=lane, scheduled_for=None)

    assert let_in("a", "b") == 2
    assert set(Run.objects.filter(state="queued").values_list("lane", flat=True)) == {"a", "b"}


def test_a_run_without_a_lane_can_wait_for_no_turn_and_is_claimed_at_once() -> None:
    make_run()

    assert admission.overlooked(limit=10) == Openings()
    assert len(claim()) == 1


def test_only_a_lane_in_which_nobody_goes_on_is_overlooked() -> None:
    task = make_task()
    make_run(task, lane="taken")
    for lane in ("free", "taken", "free too"):
        in_turn(task, day=1, lane=lane, scheduled_for=None), in_turn(task, day=2, lane=lane, scheduled_for=None)

    assert admission.overlooked(limit=10) == Openings(lanes={"free", "free too"})
    assert len(admission.overlooked(limit=1).lanes) == 1


def test_many_lanes_are_looked_at_in_portions() -> None:
    task = make_task()
    lanes = [f"lane {nth}" for nth in range(101)]
    for lane in lanes:
        in_turn(task, day=1, lane=lane, scheduled_for=None)

    assert let_in(*lanes) == 101


def test_a_lane_with_a_key_needs_both_its_turn_and_a_place() -> None:
    task = make_task()
    printing = make_run(task, concurrency_key="printer")
    admission.admit(Openings(keys={(task.created_by_id, "printer")}))
    first = in_turn(task, day=1, concurrency_key="printer")
    second = in_turn(task, day=2, concurrency_key="printer", priority=9)

    assert let_in() == 0
    first.refresh_from_db()
    assert (first.state, first.waiting_for, first.takes_turn) == ("waiting", "turn", False)
    assert events_of(first) == ["run.queued"]

    queue.apply(queue.succeed(claim_one().lease))
    assert admission.admit(Openings(keys={(task.created_by_id, "printer")})) == 1
    assert states() == {printing.pk: "succeeded", first.pk: "queued", second.pk: "waiting"}

    queue.apply(queue.succeed(claim_one().lease))
    assert let_in() == 1, "its turn leads to the place at once"
    assert states()[second.pk] == "queued"


@pytest.mark.parametrize("end", ["cancel", "reap"])
def test_whatever_ends_a_run_lets_the_next_of_its_lane_go_on(end: str, django_capture_on_commit_callbacks: Any) -> None:
    task = make_task()
    first = make_run(task, lane=LANE)
    second = in_turn(task, day=1)
    if end == "reap":
        Run.objects.filter(pk=first.pk).update(losses=2, begun_fence=F("fence") + 1)
        expire(claim_one().lease)

    with django_capture_on_commit_callbacks(execute=True):
        queue.cancel([first.pk], reason="enough") if end == "cancel" else queue.reap(limit=10)

    assert states() == {first.pk: "canceled" if end == "cancel" else "dead", second.pk: "queued"}


def test_a_run_that_waits_for_its_turn_is_let_in_as_soon_as_it_is_planned(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = in_turn(make_task(), day=1)

    run.refresh_from_db()
    assert run.state == "queued"


def test_runs_that_wait_for_nobody_ask_for_nothing_after_the_commit(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as called:
        run = make_run(lane=LANE)
        queue.cancel([make_run().pk, run.pk][:1], reason="enough")

    with CaptureQueriesContext(connection) as asked:
        for each in called:
            each()
    assert list(asked) == []


def test_runs_follow_their_task_into_a_lane_and_back_out_of_it_they_wait_no_more(
    django_capture_on_commit_callbacks: Any,
) -> None:
    task, other = make_task(), make_task()
    first, bystander = make_run(task), make_run(other)
    queue.change_lane(task.pk, old="", new=LANE)
    second = in_turn(task, day=1)
    printing = in_turn(task, day=2, concurrency_key="printer")
    backfilled = in_turn(task, day=3, backfill=other.pk)
    assert let_in() == 0
    bystander.refresh_from_db()
    assert bystander.lane == ""

    with django_capture_on_commit_callbacks(execute=True):
        queue.change_lane(task.pk, old=LANE, new="")

    assert states() == {
        first.pk: "queued",
        second.pk: "queued",
        printing.pk: "queued",
        backfilled.pk: "waiting",
        bystander.pk: "queued",
    }
    assert Run.objects.filter(lane=LANE).get() == backfilled
    assert events_of(second) == events_of(printing) == ["run.queued", "run.queued"]
