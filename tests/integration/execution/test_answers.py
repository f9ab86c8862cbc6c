"""What a run is told of the event, or of the condition, that it answers to."""

import pytest

from tasks_app.models import Run
from tasks_app.services import events
from tasks_app.services.actor import SYSTEM
from tests.integration.execution.conftest import until
from tests.integration.execution.work import MakeWorker, pipeline, state_of
from tests.making import make_run, make_task, the_step

pytestmark = pytest.mark.django_db(transaction=True)


def test_event_x_and_event_payload_x_are_the_same_and_an_events_own_names_win(make_worker: MakeWorker) -> None:
    told = {
        "short": "${event.amount}",
        "long": "${event.payload.amount}",
        "topic": "${event.topic}",
        "own": "${event.payload.topic}",
        "trigger": "${trigger}",
    }
    step = {"id": "a", "uses": "debug.echo", "with": told, "if": "event.amount > 3"}
    task = make_task(schedule_kind="event", schedule_expr="orders.*", payload=pipeline(step))
    payload = {"amount": 5, "topic": "mine"}

    events.publish(task.created_by, "orders.paid", payload, actor=SYSTEM)
    make_worker().drain()
    run = Run.objects.get()
    until(lambda: state_of(run) == "succeeded")

    assert the_step(run).output == {
        "short": 5,
        "long": 5,
        "topic": "orders.paid",
        "own": "mine",
        "trigger": "event",
    }


def test_the_probes_output_is_at_hand(make_worker: MakeWorker) -> None:
    step = {"id": "a", "uses": "debug.echo", "with": {"degrees": "${probe.degrees}"}}
    run = make_run(make_task(payload=pipeline(step)), trigger="condition", input={"probe": {"degrees": 28}})

    make_worker().drain()
    until(lambda: state_of(run) == "succeeded")

    assert the_step(run).output == {"degrees": 28}


@pytest.mark.parametrize("reference", ["event.amount", "probe.degrees"])
def test_a_run_that_was_asked_for_by_hand_has_neither(make_worker: MakeWorker, reference: str) -> None:
    step = {"id": "a", "uses": "debug.echo", "with": {"x": f"${{{reference}}}"}}
    run = make_run(make_task(payload=pipeline(step), max_retries=0))

    make_worker().drain()
    until(lambda: state_of(run) == "failed")

    run.refresh_from_db()
    assert run.error is not None
    assert run.error["code"] == "undefined_reference"
