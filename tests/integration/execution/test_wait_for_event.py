"""A run waits for an event, in a worker."""

import pytest

from tasks_app.models import Agent, EventWait
from tasks_app.services import events
from tasks_app.services.actor import SYSTEM
from tests.integration.execution.conftest import until
from tests.integration.execution.work import MakeWorker, pipeline, state_of
from tests.making import make_run, make_task, steps_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]

PAYLOAD = pipeline(
    {"id": "hear", "uses": "orchestrator.wait_for_event", "with": {"topic": "orders.*", "match": "n == `2`"}},
    {"id": "say", "uses": "debug.echo", "with": {"n": "${steps.hear.payload.n}"}},
)


def test_it_parks_and_goes_on_with_the_event_that_fits(make_worker: MakeWorker) -> None:
    run = make_run(make_task(payload=PAYLOAD))
    owner = Agent.objects.get(pk=run.agent_id)
    make_worker().drain()
    until(lambda: state_of(run) == "waiting")

    events.publish(owner, "orders.paid", {"n": 1}, actor=SYSTEM)
    assert state_of(run) == "waiting"
    events.publish(owner, "orders.paid", {"n": 2}, actor=SYSTEM)

    until(lambda: state_of(run) == "succeeded")
    assert [step.output for step in steps_of(run)][1] == {"n": 2}
    assert EventWait.objects.get().taken


def test_an_event_that_came_while_an_earlier_attempt_had_the_step_is_there_at_once(make_worker: MakeWorker) -> None:
    from tasks_app import event_waits

    run = make_run(make_task(payload=PAYLOAD))
    event_waits.register(run.pk, "hear", agent=run.agent_id, pattern="orders.*", match="n == `2`")
    events.publish(Agent.objects.get(pk=run.agent_id), "orders.paid", {"n": 2}, actor=SYSTEM)

    make_worker().drain()

    until(lambda: state_of(run) == "succeeded")
    run.refresh_from_db()
    assert run.attempt == 1
