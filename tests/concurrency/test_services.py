"""Two who ask at the same time: one goes first, and the other sees what it did."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from tasks_app import queue
from tasks_app.exceptions import IllegalMove
from tasks_app.maintenance import tick
from tasks_app.models import Attempt, Run, SkippedOccurrence, Task
from tasks_app.models.clock import database_now
from tasks_app.planning.advance import new_runs
from tasks_app.planning.decide import Fire
from tasks_app.services import runs, tasks
from tasks_app.services.actor import SYSTEM
from tasks_app.services.backfill import backfill
from tests.concurrency.another import as_another
from tests.making import attempts_of, claim, claim_one, events_of, make_agent, make_run, make_task, the_event, told

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]


def due(**fields: Any) -> Task:
    now = database_now().replace(second=0, microsecond=0)
    return make_task(**({"schedule_kind": "interval", "schedule_expr": "PT1M", "next_run_at": now} | fields))


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do all of them at the same time, each on a connection of its own; answers results and errors in their order."""
    ready, answers = threading.Barrier(len(acts)), dict[int, object]()

    def run(nth: int) -> None:
        ready.wait(10)
        try:
            answers[nth] = acts[nth]()
        except Exception as error:  # noqa: BLE001 - an answer too
            answers[nth] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(nth,)) for nth in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return [answers[nth] for nth in range(len(acts))]


def seqs(subject: Task | Run) -> list[int]:
    return [event.seq for event in told(aggregate_id=subject.pk)]


@pytest.mark.parametrize("verb", [tasks.pause, tasks.cancel, tasks.delete])
def test_a_run_that_is_asked_for_waits_for_whoever_steers_the_task(verb: Callable[..., object]) -> None:
    task = make_task()

    with transaction.atomic():
        verb(task, actor=SYSTEM)
        with pytest.raises(OperationalError, match="lock timeout"):
            as_another(lambda: tasks.run_now(task, actor=SYSTEM))

    with pytest.raises(IllegalMove):
        tasks.run_now(task, actor=SYSTEM)
    assert not Run.objects.exists()


def test_a_run_that_was_asked_for_first_is_canceled_with_its_task() -> None:
    task = make_task()

    with transaction.atomic():
        run = tasks.run_now(task, actor=SYSTEM)
        with pytest.raises(OperationalError, match="lock timeout"):
            as_another(lambda: tasks.cancel(task, actor=SYSTEM))

    tasks.cancel(task, actor=SYSTEM)
    assert Run.objects.get(pk=run.pk).state == "canceled"


@pytest.mark.parametrize("turn", range(5))
def test_whatever_the_order_a_canceled_task_has_no_run_left_to_do(turn: int) -> None:
    task = due()

    at_once(
        lambda: tasks.cancel(task, actor=SYSTEM),
        lambda: tasks.run_now(task, actor=SYSTEM),
        tick.run_once,
        lambda: tasks.pause(task, actor=SYSTEM),
    )

    task.refresh_from_db()
    assert (task.status, task.next_run_at) == ("canceled", None)
    assert not Run.objects.unfinished().exists()
    assert seqs(task) == list(range(1, len(seqs(task)) + 1))


@pytest.mark.parametrize("turn", range(5))
def test_the_same_verb_twice_at_once_is_told_and_audited_once(turn: int) -> None:
    task = make_task()

    answers = at_once(*[lambda: tasks.pause(task, actor=SYSTEM)] * 3)

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert events_of(task) == ["task.paused"]


def test_changes_at_the_same_time_each_make_a_version_and_none_is_lost() -> None:
    task = make_task()

    answers = at_once(
        lambda: tasks.update_task(task, actor=SYSTEM, changes={"title": "New"}),
        lambda: tasks.update_task(task, actor=SYSTEM, changes={"priority": 9}),
        lambda: tasks.update_task(task, actor=SYSTEM, changes={"description": "Words"}),
    )

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    task.refresh_from_db()
    assert (task.title, task.priority, task.description, task.version) == ("New", 9, "Words", 4)
    assert task.definitions.count() == 4
    assert seqs(task) == [1, 2, 3]


def test_a_tick_passes_over_a_task_that_is_being_changed_and_comes_back_to_it() -> None:
    task = due()

    with transaction.atomic():
        tasks.update_task(task, actor=SYSTEM, changes={"title": "New"})
        assert as_another(tick.run_once)["tasks"] == 0

    assert tick.run_once()["runs"] == 1
    run = Run.objects.get()
    assert (run.task_version, run.scheduled_for) == (2, task.next_run_at)


def test_a_change_waits_for_the_tick_and_plans_from_where_it_left() -> None:
    task = due()

    with transaction.atomic():
        assert tick.run_once()["runs"] == 1
        with pytest.raises(OperationalError, match="lock timeout"):
            as_another(lambda: tasks.update_task(task, actor=SYSTEM, changes={"title": "New"}))

    tasks.update_task(task, actor=SYSTEM, changes={"title": "New"})
    task.refresh_from_db()
    assert Run.objects.get().task_version == 1
    assert task.next_run_at is not None
    assert task.next_run_at > database_now() - timedelta(seconds=1)
    assert tick.run_once()["runs"] == 0


def test_a_claim_passes_over_a_run_that_is_being_canceled() -> None:
    run = make_run()

    with transaction.atomic():
        assert queue.cancel([run.pk], reason="enough") == [run.pk]
        assert as_another(claim) == []

    assert claim() == []
    assert not Attempt.objects.exists()


def test_a_cancel_that_waited_for_a_claim_cancels_the_running_run_with_its_attempt() -> None:
    run = make_run()
    claimed, cancel = threading.Event(), threading.Event()

    def claim_slowly() -> object:
        with transaction.atomic():
            lease = claim_one().lease
            claimed.set()
            cancel.wait(0.3)
        return lease

    def cancel_meanwhile() -> object:
        assert claimed.wait(10)
        return runs.cancel(run, actor=SYSTEM)

    at_once(claim_slowly, cancel_meanwhile)

    run.refresh_from_db()
    assert (run.state, run.attempt, run.lease_until) == ("canceled", 1, None)
    assert events_of(run) == ["run.queued", "run.started", "run.canceled"]
    assert seqs(run) == [1, 2, 3]
    assert the_event("run.canceled").data["state_before"] == "running"
    assert [attempt.outcome for attempt in attempts_of(run)] == ["canceled"]


def test_two_who_cancel_a_run_at_the_same_time_cancel_it_once() -> None:
    run = make_run()

    answers = at_once(*[lambda: runs.cancel(run, actor=SYSTEM)] * 3)

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert events_of(run) == ["run.queued", "run.canceled"]


@pytest.mark.parametrize("turn", range(3))
def test_the_end_of_a_run_and_its_cancel_exclude_each_other(turn: int) -> None:
    run = make_run()
    lease = claim_one().lease

    moved, canceled = at_once(lambda: queue.move([queue.succeed(lease)]), lambda: queue.cancel([run.pk], reason="x"))

    run.refresh_from_db()
    assert (moved, canceled) == (({run.pk}, []) if run.state == "succeeded" else (set(), [run.pk]))
    assert len(events_of(run)) == 3
    assert len(attempts_of(run)) == 1


def test_promoters_at_the_same_time_queue_a_run_once() -> None:
    run = make_run()
    queue.apply(queue.park(claim_one().lease, delay=-1))

    with transaction.atomic():
        assert queue.promote(limit=10) == 1
        assert as_another(lambda: queue.promote(limit=10)) == 0

    assert events_of(run) == ["run.queued", "run.started", "run.waiting", "run.queued"]


def test_two_ticks_that_plan_the_same_instant_make_one_run() -> None:
    """The key on task and instant is the last guard, when all else has failed."""
    task = due()
    now = database_now()
    [new] = new_runs(task, [Fire(now, now)])

    at_once(*[lambda: queue.enqueue([new])] * 3)

    assert Run.objects.count() == 1
    assert len(told("run.queued")) == 1


@pytest.mark.parametrize("turn", range(3))
def test_of_those_that_are_asked_for_under_one_dedupe_key_at_the_same_time_one_is_made(turn: int) -> None:
    first = make_task(dedupe_key="invoice")
    tasks_of_one = [first, *(make_task(dedupe_key="invoice", created_by=first.created_by) for _ in range(3))]

    answers = at_once(*[partial(tasks.run_now, task, actor=SYSTEM) for task in tasks_of_one])

    assert sorted(type(answer).__name__ for answer in answers) == ["IllegalMove", "IllegalMove", "IllegalMove", "Run"]
    assert Run.objects.count() == 1


def test_of_tasks_that_are_resumed_under_one_dedupe_key_at_the_same_time_one_catches_up() -> None:
    owner, passed = make_agent(), database_now() - timedelta(minutes=30)
    paused = [
        make_task(
            created_by=owner,
            status="paused",
            paused_at=passed,
            dedupe_key="invoice",
            schedule_kind="interval",
            schedule_expr="PT1H",
            due_at=passed + timedelta(hours=1),
        )
        for _ in range(4)
    ]
    for task in paused:
        SkippedOccurrence.objects.create(task=task, scheduled_for=passed, reason="paused")

    answers = at_once(*[partial(tasks.resume, task, actor=SYSTEM) for task in paused])

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert Run.objects.count() == 1


@pytest.mark.parametrize("turn", range(3))
def test_backfills_of_one_window_at_the_same_time_make_one_run_an_instant(turn: int) -> None:
    task = make_task(schedule_kind="interval", schedule_expr="PT1M")
    end = database_now()
    fill = partial(backfill, task, actor=SYSTEM, start=end - timedelta(minutes=9), end=end, overlap_policy="queue_all")

    answers = at_once(*[fill] * 3)

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert Run.objects.count() == 9
    assert Run.objects.filter(state="queued").count() == 1
