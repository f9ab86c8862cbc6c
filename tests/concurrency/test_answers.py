"""Any number of beats may watch, and any number of programs may publish."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from tasks_app import faults
from tasks_app.maintenance import watch
from tasks_app.models import Agent, Run, SkippedOccurrence, Task
from tasks_app.planning.advance import lock_dedupe_keys
from tasks_app.services import events, tasks
from tasks_app.services.actor import SYSTEM
from tests.concurrency.another import as_another
from tests.making import make_agent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]

POLL = timedelta(seconds=60)
TASK = {"title": "A task", "payload": {"pipeline": [{"uses": "noop"}]}}


def condition(owner: Agent, expression: str = "true") -> Task:
    fields = TASK | {"schedule_kind": "condition", "schedule_expr": expression}
    return tasks.create_task(owner, actor=SYSTEM, **fields)


def listening(owner: Agent, **fields: Any) -> Task:
    fields = TASK | {"schedule_kind": "event", "schedule_expr": "orders.*"} | fields
    return tasks.create_task(owner, actor=SYSTEM, **fields)


def at_once(*acts: Callable[[], object]) -> None:
    """Do all of them at the same time, each on a connection of its own."""
    ready = threading.Barrier(len(acts))
    failures: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        ready.wait(10)
        try:
            act()
        except BaseException as failure:  # noqa: BLE001 - raised again below
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []


def test_beats_that_watch_at_the_same_time_make_one_run_an_edge() -> None:
    owner = make_agent()
    for _ in range(30):
        condition(owner)

    def beat() -> None:
        mine = watch.Watch()
        while mine.round()["looks"]:
            pass

    at_once(beat, beat, beat)

    assert Run.objects.count() == 30
    assert Run.objects.values("task").distinct().count() == 30


def test_a_beat_that_slept_while_another_looked_finds_that_its_look_counts_no_more() -> None:
    condition(make_agent())
    [asleep] = watch.take(limit=1)
    # A period passes.
    Task.objects.update(due_at=F("due_at") - POLL)
    asleep = replace(asleep, at=asleep.at - POLL, next_at=asleep.next_at - POLL)

    assert as_another(lambda: watch.Watch().round()["runs"]) == 1
    assert watch.settle(asleep, watch.Seen(True)) == 0

    assert Run.objects.count() == 1


def test_what_a_beat_saw_before_it_slept_is_no_edge_once_another_saw_it_gone() -> None:
    task = condition(make_agent(), expression="false")
    [asleep] = watch.take(limit=1)
    Task.objects.update(due_at=F("due_at") - POLL)
    asleep = replace(asleep, at=asleep.at - POLL, next_at=asleep.next_at - POLL)
    assert as_another(lambda: watch.Watch().round()["settled"]) == 1

    assert watch.settle(asleep, watch.Seen(True)) == 0

    task.refresh_from_db()
    assert (task.condition_met, Run.objects.count()) == (False, 0)


def test_what_was_seen_of_an_older_version_counts_no_more() -> None:
    task = condition(make_agent())
    [taken] = watch.take(limit=1)

    as_another(lambda: tasks.update_task(task, actor=SYSTEM, changes={"title": "Another"}))

    assert watch.settle(taken, watch.Seen(True)) == 0


def test_a_beat_skips_the_conditions_that_another_is_taking() -> None:
    owner = make_agent()
    for _ in range(4):
        condition(owner)

    with transaction.atomic():
        ours = watch.take(limit=2)
        theirs = as_another(lambda: watch.take(limit=10))

    assert (len(ours), len(theirs)) == (2, 2)
    assert {each.task for each in ours}.isdisjoint(each.task for each in theirs)


def test_a_look_that_comes_late_but_before_the_next_one_counts() -> None:
    condition(make_agent())
    [taken] = watch.take(limit=1)

    assert as_another(lambda: watch.Watch().round()["looks"]) == 0
    assert watch.settle(taken, watch.Seen(True)) == 1


def test_what_was_settled_is_not_settled_again() -> None:
    condition(make_agent())
    [taken] = watch.take(limit=1)

    assert watch.settle(taken, watch.Seen(True)) == 1
    assert watch.settle(taken, watch.Seen(True)) == 0


def test_a_beat_that_dies_after_taking_has_missed_one_look_and_made_no_run() -> None:
    task = condition(make_agent())

    def die() -> None:
        raise SystemExit

    faults.plant("after_take", die)
    with pytest.raises(SystemExit):
        watch.Watch().round()
    faults.clear()

    assert as_another(lambda: watch.Watch().round()["looks"]) == 0
    Task.objects.filter(pk=task.pk).update(due_at=F("due_at") - POLL)
    assert as_another(lambda: watch.Watch().round()["runs"]) == 1
    assert Run.objects.count() == 1


def test_events_at_the_same_time_each_get_their_run_and_the_bound_is_kept() -> None:
    owner = make_agent()
    free, bounded = listening(owner), listening(owner, max_occurrences=3)

    at_once(*[lambda: events.publish(owner, "orders.paid", {}, actor=SYSTEM)] * 8)

    assert Run.objects.filter(task=free).count() == 8
    assert Run.objects.filter(task=bounded).count() == 3
    bounded.refresh_from_db()
    assert (bounded.status, bounded.occurrences) == ("completed", 3)


def test_an_admin_and_an_agent_that_publish_at_the_same_time_do_not_block_each_other_for_good() -> None:
    admin, first, second = make_agent(scopes=("admin",)), make_agent(), make_agent()
    Agent.objects.update(runs_per_day=5)
    for owner in (second, first, admin):
        listening(owner)

    def publish(publisher: Agent) -> Callable[[], object]:
        return lambda: [events.publish(publisher, "orders.paid", {}, actor=SYSTEM) for _ in range(5)]

    at_once(publish(admin), publish(first), publish(second))

    for owner in (first, second):
        assert Run.objects.filter(agent=owner).count() == 5
        assert SkippedOccurrence.objects.filter(task__created_by=owner, reason="budget").count() == 5


def test_agents_are_locked_in_the_order_in_which_the_tick_locks_them() -> None:
    first, admin = make_agent(), make_agent(scopes=("admin",))
    Agent.objects.filter(pk=first.pk).update(runs_per_day=5)
    listening(first)

    with transaction.atomic():
        Agent.objects.select_for_update().get(pk=first.pk)
        publishing = threading.Thread(target=publish_on_its_own_connection, args=(admin,))
        publishing.start()
        wait_until_somebody_waits_for_a_lock()
        # It holds nothing that a tick, which has the first agent, could come to wait for.
        Agent.objects.select_for_update(nowait=True).get(pk=admin.pk)
    publishing.join(10)

    assert Run.objects.count() == 1


def test_dedupe_keys_are_locked_before_agents_as_the_tick_does() -> None:
    owner = make_agent()
    Agent.objects.filter(pk=owner.pk).update(runs_per_day=5)
    task = listening(owner, dedupe_key="invoice")

    with transaction.atomic():
        lock_dedupe_keys([task])
        publishing = threading.Thread(target=publish_on_its_own_connection, args=(owner,))
        publishing.start()
        wait_until_somebody_waits_for_a_lock()
        # A tick that has the key now comes to count the run of the same agent.
        Agent.objects.select_for_update(nowait=True).get(pk=owner.pk)
    publishing.join(10)

    assert Run.objects.count() == 1


def publish_on_its_own_connection(publisher: Agent) -> None:
    try:
        events.publish(publisher, "orders.paid", {}, actor=SYSTEM)
    finally:
        connection.close()


def wait_until_somebody_waits_for_a_lock() -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN"
                " (SELECT pid FROM pg_stat_activity WHERE datname = current_database())"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    pytest.fail("nobody waits")
