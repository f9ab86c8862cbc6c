"""A run waits for an event without a worker: none that comes after the step has begun is lost, and each is taken once."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import TestCase

from tasks_app import event_waits, queue
from tasks_app.maintenance import expire, tell
from tasks_app.models import Agent, Announcement, EventWait, Run
from tasks_app.models.clock import database_now
from tasks_app.models.ids import new_id
from tasks_app.services import events, runs
from tasks_app.services.actor import SYSTEM
from tasks_app.states import WaitingFor
from tests.making import claim_one, events_of, make_agent, make_run, make_task, step, the_event, the_step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied", "unhurried")]

TOOL = "orchestrator.wait_for_event"


def begin(run: Run, name: str = "hear", *, pattern: str = "orders.*", match: str = "") -> Any:
    return event_waits.register(run.pk, name, agent=run.agent_id, pattern=pattern, match=match)


def park(name: str = "hear", *, delay: float = 60, **given: Any) -> None:
    asked = step(name, state="pending", tool=TOOL, input={"topic": "orders.*"} | given, idempotency_key="k")
    queue.apply(queue.park(claim_one().lease, delay=delay, waiting_for=WaitingFor.EVENT, steps=[asked]))


def waiting(owner: Agent | None = None, **about: Any) -> Run:
    run = make_run(make_task(created_by=owner or make_agent()))
    begin(run, **about)
    park()
    return run


def publish(run: Run, topic: str = "orders.paid", **payload: Any) -> UUID:
    return publish_as(Agent.objects.get(pk=run.agent_id), topic, payload)


def publish_as(publisher: Agent, topic: str = "orders.paid", payload: Any = None) -> UUID:
    """What follows the commit follows at once: the test's transaction is never committed."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        return events.publish(publisher, topic, payload or {}, actor=SYSTEM).event.id


def state_of(run: Run) -> str:
    return Run.objects.get(pk=run.pk).state


def test_the_event_lets_it_go_on_and_is_what_the_step_came_to() -> None:
    run = waiting()

    event = publish(run, n=1)

    assert state_of(run) == "queued"
    came = the_step(run)
    assert (came.state, came.output["id"], came.output["topic"]) == ("succeeded", str(event), "orders.paid")
    assert came.output["payload"] == {"n": 1}
    assert events_of(run)[-3:] == ["run.waiting", "run.step_succeeded", "run.queued"]
    assert EventWait.objects.get().taken


def test_nothing_lets_it_go_on_but_an_event_that_fits() -> None:
    run = waiting(pattern="orders.paid", match="amount > `10` && order == 'A-17'")

    publish(run, "orders.open", amount=20, order="A-17")
    publish(run, amount=5, order="A-17")
    publish(run, amount="much", order="A-17")
    publish(run)
    assert (state_of(run), tell.run_once()["told"]) == ("waiting", 0)

    publish(run, amount=20, order="A-17")
    assert state_of(run) == "queued"


def test_it_hears_what_a_task_of_its_agent_would_hear() -> None:
    ours, admins = waiting(), waiting()
    stranger, admin = make_agent(), make_agent(scopes=("admin",))

    publish_as(stranger)
    assert (state_of(ours), state_of(admins)) == ("waiting", "waiting")

    publish(ours)
    assert (state_of(ours), state_of(admins)) == ("queued", "waiting")

    publish_as(admin)
    assert state_of(admins) == "queued"


def test_an_event_between_the_steps_begin_and_its_park_is_not_lost() -> None:
    run = make_run()
    begin(run)
    publish(run, n=1)
    park()
    assert state_of(run) == "waiting"

    assert tell.run_once()["told"] == 1

    assert (state_of(run), the_step(run).output["payload"]) == ("queued", {"n": 1})
    assert tell.run_once()["told"] == 0


def test_an_event_before_the_step_begins_does_not_count() -> None:
    run = make_run()
    publish(run)

    assert begin(run) is None
    park()

    assert (tell.run_once()["told"], state_of(run)) == (0, "waiting")


def test_a_later_attempt_is_given_what_came_meanwhile() -> None:
    run = make_run()
    assert begin(run) is None
    event = publish(run)

    given = begin(run)

    assert given["id"] == str(event)
    assert begin(run) == given
    assert EventWait.objects.get().taken


def test_of_two_events_the_first_is_taken() -> None:
    run = make_run()
    begin(run)
    publish(run, n=1)
    publish(run, n=2)
    park()
    tell.run_once()

    assert the_step(run).output["payload"] == {"n": 1}


def test_a_second_wait_of_a_run_needs_an_event_of_its_own() -> None:
    run = waiting()
    publish(run, n=1)
    begin(run, "again")
    park("again")
    assert (tell.run_once()["told"], state_of(run)) == (0, "waiting")

    publish(run, n=2)

    assert state_of(run) == "queued"
    assert EventWait.objects.filter(event__payload__n=2).get().step == "again"


@pytest.mark.parametrize(
    ("policy", "state", "code"), [({}, "refused", "event_timeout"), ({"on_timeout": "continue"}, "succeeded", None)]
)
def test_when_its_time_is_over_it_goes_on_as_it_says_and_later_events_are_not_its_own(
    policy: dict[str, str], state: str, code: str | None
) -> None:
    run = make_run()
    begin(run)
    park(delay=-1, **policy)

    assert expire.run_once()["expired"] == 1
    publish(run)

    came = the_step(run)
    assert (came.state, came.output, (came.error or {}).get("code")) == (state, None, code)
    assert not EventWait.objects.exists()
    assert state_of(run) == "queued"


def test_a_run_that_has_ended_hears_nothing_and_what_it_had_heard_is_put_aside() -> None:
    ended, late = waiting(), make_run()
    begin(late)
    publish(late)
    queue.cancel([ended.pk, late.pk], reason="enough")

    publish(ended)
    tell.run_once()

    assert not EventWait.objects.filter(run=ended.pk).exists()
    assert EventWait.objects.get(run=late.pk).taken
    assert (state_of(ended), state_of(late)) == ("canceled", "canceled")


def test_from_the_start_it_waits_for_another_event() -> None:
    run = waiting()
    publish(run, n=1)
    queue.apply(queue.fail(claim_one().lease, error={"code": "broken"}))

    runs.retry(run, actor=SYSTEM, start_at="start")

    assert not EventWait.objects.exists()
    assert begin(run) is None


def test_from_the_failed_step_it_keeps_what_it_has_heard() -> None:
    run = make_run()
    begin(run)
    event = publish(run)
    queue.apply(queue.fail(claim_one().lease, error={"code": "broken"}))

    runs.retry(run, actor=SYSTEM)

    assert begin(run)["id"] == str(event)


@pytest.mark.parametrize("begun_with", [False, True])
def test_who_hears_is_found_in_order_by_an_index_on_the_pattern(begun_with: bool) -> None:
    agent = make_agent()
    EventWait.objects.bulk_create(
        EventWait(run_id=new_id(), step="hear", agent=agent.pk, pattern=f"topic.{number}") for number in range(2000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_eventwait")
        cursor.execute("SET LOCAL enable_seqscan = off")

    announced = Announcement(agent=agent.pk, patterns=["topic.7"], announced_at=database_now())
    if begun_with:
        announced.after_run, announced.after_step = UUID(int=1), "hear"

    plan = EventWait.objects.hearing(announced)[:10].explain()

    assert "wait_hears" in plan
    assert "Sort" not in plan
    assert "wait_told" in EventWait.objects.told()[:10].explain()


def test_the_run_says_what_it_waits_for() -> None:
    run = waiting()

    data = the_event("run.waiting", aggregate_id=run.pk).data
    assert (data["waiting_for"], data["step"]) == ("event", "hear")


def test_an_event_for_a_step_that_is_past_does_not_end_the_wait_of_another() -> None:
    run = make_run()
    begin(run, "first", pattern="orders.paid")
    park("first", delay=-1, on_timeout="continue")
    expire.run_once()
    begin(run, "second", pattern="orders.sent")
    park("second")

    publish(run, "orders.paid")

    assert (state_of(run), tell.run_once()["told"]) == ("waiting", 0)
    publish(run, "orders.sent")
    assert state_of(run) == "queued"
