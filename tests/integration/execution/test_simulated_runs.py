"""A simulated run goes its way without any call, and says so wherever it is told of."""

import pytest

from tasks_app.models import Run
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tasks_app.states import TaskMode
from tests.integration.execution.conftest import until
from tests.integration.execution.work import MakeWorker, pipeline, state_of, with_tool
from tests.making import make_agent, make_run, make_task, steps_of, the_event, told

pytestmark = pytest.mark.django_db(transaction=True)

PAYLOAD = pipeline(
    {"id": "nap", "uses": "system.sleep", "with": {"seconds": 3600}},
    {"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "Pay?"}},
    {"id": "paid", "uses": "orchestrator.wait_for_event", "with": {"topic": "orders.paid"}},
    {"id": "tell", "uses": "orchestrator.publish_event", "with": {"topic": "orders.done"}},
    {"id": "pay", "uses": "shop.pay", "with": {"order": "${steps.paid.payload.order}"}},
    {"id": "end", "uses": "debug.echo", "with": {"by": "${steps.ask.by}", "mode": "${run.mode}"}},
)


def test_no_tool_is_called_and_nobody_is_waited_for(make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[object] = []
    publisher = make_agent(scopes=("events:publish",))
    with_tool(monkeypatch, "shop.pay", lambda given, _call: called.append(given), pure=False, safe_to_retry=False)
    run = tasks.run_now(make_task(payload=PAYLOAD, created_by=publisher), actor=SYSTEM, mode=TaskMode.SIMULATE)

    make_worker().drain()
    until(lambda: state_of(run) == "succeeded")

    run.refresh_from_db()
    assert (called, run.attempt, run.simulated) == ([], 1, True)
    found = {step.step: step for step in steps_of(run)}
    assert found["nap"].output == {"slept_seconds": 3600}
    assert found["pay"].input == {"order": "A-17"}
    assert found["end"].output == {"by": "simulation", "mode": "simulate"}
    assert not told("external.orders.done")


def test_its_events_say_so_and_those_of_a_live_run_do_not(make_worker: MakeWorker) -> None:
    task = make_task()
    simulated = tasks.run_now(task, actor=SYSTEM, mode=TaskMode.SIMULATE)
    live = make_run(task)

    make_worker().drain()
    until(lambda: [state_of(simulated), state_of(live)] == ["succeeded"] * 2)

    assert {event.data.get("mode") for event in told(aggregate_id=simulated.pk)} == {"simulate"}
    assert the_event("run.succeeded", aggregate_id=simulated.pk).data["mode"] == "simulate"
    assert {event.data.get("mode") for event in told(aggregate_id=live.pk)} == {None}


def test_what_cannot_be_made_up_fails_the_run(make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines import Tool
    from tasks_app import catalogue

    odd = Tool("odd.tool", lambda *_: None, output_schema={"type": "string", "pattern": "^x{9}y$"})
    known = catalogue.catalogue().with_tools(odd)
    monkeypatch.setattr(catalogue, "_builtin", lambda _allow: known)
    task = make_task(payload=pipeline({"uses": "odd.tool"}), mode=TaskMode.SIMULATE)
    run = tasks.run_now(task, actor=SYSTEM)

    make_worker().drain()
    until(lambda: state_of(run) == "failed")

    error = Run.objects.get(pk=run.pk).error
    assert error is not None
    assert error["code"] == "cannot_simulate"
