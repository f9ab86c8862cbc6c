"""Many people, publishers and promoters at once: a run that waits goes on once, and nobody stands in a circle."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from tasks_app import event_waits, queue
from tasks_app.exceptions import IllegalMove
from tasks_app.maintenance import expire, hear, tell
from tasks_app.models import Agent, Announcement, Deed, EventWait, Run
from tasks_app.services import decisions, events, runs
from tasks_app.services.actor import SYSTEM, Actor
from tasks_app.states import WaitingFor
from tests.concurrency.another import as_another
from tests.making import claim_one, events_of, make_agent, make_run, make_task, step, the_step

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied", "unhurried")]

APPROVAL, EVENT = "orchestrator.request_approval", "orchestrator.wait_for_event"


def parked(waiting_for: WaitingFor, *, tool: str, delay: float = 60, run: Run | None = None) -> Run:
    run = run or make_run()
    asked = step("ask", state="pending", tool=tool, input={"message": "?"})
    queue.apply(queue.park(claim_one().lease, delay=delay, waiting_for=waiting_for, steps=[asked]))
    return run


def meanwhile(act: Callable[[], object]) -> Callable[[], Any]:
    """Begin it on another connection, which may wait for a lock; what it came to is asked for later."""
    came: list[object] = []

    def run() -> None:
        try:
            came.append(act())
        except Exception as error:  # noqa: BLE001 - it is what the test asks about
            came.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()

    def result() -> Any:
        thread.join(10)
        assert came, "it hangs"
        return came[0]

    return result


def publish(publisher: Agent, n: int = 1) -> None:
    events.publish(publisher, "orders.paid", {"n": n}, actor=SYSTEM)


def state_of(run: Run) -> str:
    return Run.objects.get(pk=run.pk).state


def test_of_a_yes_and_a_no_at_the_same_time_one_counts() -> None:
    run = parked(WaitingFor.APPROVAL, tool=APPROVAL)

    with transaction.atomic():
        decisions.approve(run, actor=Actor.of_user("anna"))
        other = meanwhile(lambda: decisions.reject(run, actor=Actor.of_user("boris")))
        threading.Event().wait(0.1)  # long enough to stand at the lock; else it comes later, which ends the same

    assert isinstance(other(), IllegalMove)
    assert the_step(run).output["by"] == "user:anna"
    assert events_of(run).count("run.queued") == 2


def test_one_whom_somebody_else_lets_go_on_is_passed_over() -> None:
    run = parked(WaitingFor.APPROVAL, tool=APPROVAL, delay=-1)

    with transaction.atomic():
        decisions.approve(run, actor=SYSTEM)
        assert as_another(expire.run_once)["expired"] == 0

    assert expire.run_once()["expired"] == 0
    assert the_step(run).output["approved"] is True


def test_two_retries_of_one_run_are_one() -> None:
    run = make_run()
    queue.apply(queue.fail(claim_one().lease, error={"code": "broken"}))

    with transaction.atomic():
        runs.retry(run, actor=SYSTEM)
        other = meanwhile(lambda: runs.retry(run, actor=SYSTEM))
        threading.Event().wait(0.1)

    assert isinstance(other(), IllegalMove)
    assert events_of(run).count("run.queued") == 2


def test_a_publisher_waits_for_no_run_that_a_worker_moves_and_loses_none() -> None:
    run = make_run(make_task(created_by=make_agent()))
    publisher = Agent.objects.get(pk=run.agent_id)
    event_waits.register(run.pk, "ask", agent=run.agent_id, pattern="*")

    with transaction.atomic():
        parked(WaitingFor.EVENT, tool=EVENT, run=run)
        as_another(lambda: publish(publisher))
    assert state_of(run) == "waiting"

    assert tell.run_once()["told"] == 1
    assert state_of(run) == "queued"


@pytest.mark.parametrize("by_an_admin", [False, True])
def test_an_event_that_is_published_while_a_run_begins_to_wait_is_told_to_it(*, by_an_admin: bool) -> None:
    run = make_run(make_task(created_by=make_agent()))
    publisher = make_agent(scopes=("admin",)) if by_an_admin else Agent.objects.get(pk=run.agent_id)

    with transaction.atomic():
        event_waits.register(run.pk, "ask", agent=run.agent_id, pattern="*")
        published = meanwhile(lambda: publish(publisher))
        threading.Event().wait(0.1)  # long enough to look for waits, if it did not stand at the lock

    assert published() is None
    assert heard() == {"n": 1}


def test_runs_that_begin_to_wait_do_not_wait_for_each_other() -> None:
    owner = make_agent()
    first, second = (make_run(make_task(created_by=owner)) for _ in range(2))

    with transaction.atomic():
        event_waits.register(first.pk, "ask", agent=owner.pk, pattern="*")
        as_another(lambda: event_waits.register(second.pk, "ask", agent=owner.pk, pattern="*"))

    assert EventWait.objects.count() == 2


def test_of_two_events_at_the_same_time_a_wait_takes_the_one_that_is_committed_first() -> None:
    run = make_run(make_task(created_by=make_agent()))
    owner, admin = Agent.objects.get(pk=run.agent_id), make_agent(scopes=("admin",))
    event_waits.register(run.pk, "ask", agent=run.agent_id, pattern="*")
    parked(WaitingFor.EVENT, tool=EVENT, run=run)

    with transaction.atomic():
        publish(owner, n=1)
        as_another(lambda: publish(admin, n=2))

    assert not Announcement.objects.exists()
    assert heard() == {"n": 2}
    assert the_step(run).output["payload"] == {"n": 2}
    assert events_of(run).count("run.queued") == 2


def test_a_told_run_that_somebody_moves_right_now_is_waited_for_by_nobody() -> None:
    run = make_run(make_task(created_by=make_agent()))
    event_waits.register(run.pk, "ask", agent=run.agent_id, pattern="*")
    parked(WaitingFor.EVENT, tool=EVENT, run=run)
    EventWait.objects.update(event={"id": "1", "topic": "a", "payload": {}, "at": ""})

    with transaction.atomic():
        queue.cancel([run.pk], reason="enough")
        assert as_another(tell.run_once)["told"] == 0

    assert tell.run_once()["told"] == 1
    assert tell.run_once()["told"] == 0
    assert state_of(run) == "canceled"


def test_an_agents_events_are_told_by_one_at_a_time() -> None:
    run = make_run(make_task(created_by=make_agent()))
    event_waits.register(run.pk, "ask", agent=run.agent_id, pattern="*")
    parked(WaitingFor.EVENT, tool=EVENT, run=run)
    Announcement.objects.bulk_create(announced(run, n) for n in (1, 2))

    with transaction.atomic():
        assert event_waits.tell(run.agent_id).runs == [run.pk]
        assert as_another(tell.run_once) == {"told": 0, "more": False}

    assert tell.run_once()["told"] == 1
    assert the_step(run).output["payload"] == {"n": 1}


def test_a_wait_that_is_told_right_now_is_not_waited_for_when_its_time_is_over() -> None:
    run = make_run(make_task(created_by=make_agent()))
    event_waits.register(run.pk, "ask", agent=run.agent_id, pattern="*")
    parked(WaitingFor.EVENT, tool=EVENT, run=run, delay=-1)
    Announcement.objects.bulk_create([announced(run, 1)])

    with transaction.atomic():
        event_waits.tell(run.agent_id)
        assert as_another(expire.run_once)["expired"] == 1

    assert heard() == {"n": 1}
    assert the_step(run).state == "refused"
    queue.cancel([run.pk], reason="enough")
    tell.run_once()
    assert EventWait.objects.get().taken


def heard() -> Any:
    return EventWait.objects.values_list("event__payload", flat=True).get()


def announced(run: Run, n: int) -> Announcement:
    event = {"id": str(n), "topic": "orders.paid", "payload": {"n": n}, "at": ""}
    return Announcement(agent=run.agent_id, patterns=["*"], event=event)


def test_a_child_that_ends_as_the_time_is_over_is_heard_of_once() -> None:
    task = make_task()
    run = parked(WaitingFor.CHILD_RUN, tool="pipeline.run_task", delay=-1, run=make_run(task))
    child = make_run(task)
    Run.objects.filter(pk=child.pk).update(awaited_by=run.pk)
    lease = claim_one().lease
    Deed.objects.create(run=run, step="ask", kind="run", answer={"run_id": str(child.pk)})

    with transaction.atomic():
        assert expire.run_once()["expired"] == 1
        ending = meanwhile(lambda: queue.apply(queue.succeed(lease)))
        assert as_another(hear.run_once)["heard"] == 0

    assert ending() is None
    assert hear.run_once()["heard"] == 0
    assert the_step(run).error == {
        "error_class": "permanent",
        "code": "child_run_timeout",
        "message": "No end of the run that it waits for came within the time that the step gives.",
    }
    assert events_of(run).count("run.queued") == 2
