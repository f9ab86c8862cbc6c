"""A step publishes an event as its run's agent, once, and not without end."""

import threading
from typing import Any
from uuid import UUID

import pytest
from django.db import DataError, OperationalError, connection, transaction

from pipelines import Interrupted, ToolCall, ToolFailure
from tasks_app import catalogue
from tasks_app.models import Agent, AuditEntry, Deed, Run
from tasks_app.services import events, publications, tasks
from tasks_app.services.actor import SYSTEM
from tasks_app.services.deeds import Source
from tasks_app.tools import connection as seats
from tests.integration.execution.conftest import until
from tests.integration.execution.work import MakeWorker, pipeline, state_of
from tests.making import make_agent, make_run, make_task, steps_of, the_event, told
from tests.unit.pipelines.fakes import FakeClock, MemoryJournal

pytestmark = pytest.mark.django_db(transaction=True)

TOOL = "orchestrator.publish_event"


def publishing(topic: str = "orders.paid", **payload: Any) -> dict[str, object]:
    return pipeline({"id": "say", "uses": TOOL, "with": {"topic": topic, "payload": payload}})


def speaker(*scopes: str) -> Agent:
    return make_agent(scopes=scopes or ("events:publish",))


def source(run: Run, **fields: Any) -> Source:
    return Source(**({"run": run.pk, "step": "say", "agent": run.agent_id, "request_id": "req", "depth": 0} | fields))


def call_of(run: Run, *, journal: MemoryJournal | None = None, seconds: float = 5) -> ToolCall:
    context = {"run": {"id": str(run.pk)}, "agent": {"id": str(run.agent_id)}}
    return ToolCall("say", 100.0 + seconds, context=context, journal=journal or MemoryJournal(), clock=FakeClock())


def test_it_is_published_as_the_runs_agent_and_reaches_the_tasks_of_that_agent(make_worker: MakeWorker) -> None:
    agent = speaker()
    listening = tasks.create_task(
        agent, actor=SYSTEM, title="Listening", schedule_kind="event", schedule_expr="orders.*",
        payload=pipeline({"id": "hear", "uses": "debug.echo", "with": {"n": "${event.n}"}}),
    )  # fmt: skip
    run = make_run(make_task(created_by=agent, payload=publishing(n=1)), request_id="req-7")
    make_worker().drain()
    until(lambda: Run.objects.filter(task=listening, state="succeeded").exists())

    event = the_event("external.orders.paid")
    assert (event.agent, event.data, event.causation, event.request_id) == (agent.pk, {"n": 1}, 0, "req-7")
    [said] = steps_of(run)
    made = Run.objects.get(task=listening)
    assert said.output == {"id": str(event.id), "topic": "orders.paid", "runs": [str(made.pk)]}
    assert [step.output for step in steps_of(made)] == [{"n": 1}]


def test_a_step_that_is_tried_again_publishes_nothing_and_is_answered_the_same() -> None:
    run = make_run(make_task(created_by=speaker()))

    first = publications.publish_once(source(run), "orders.paid", {"n": 1})
    second = publications.publish_once(source(run), "orders.paid", {"n": 1})
    publications.publish_once(source(run, step="other"), "orders.paid", {"n": 2})

    assert first == second
    assert [event.data for event in told("external.orders.paid")] == [{"n": 1}, {"n": 2}]


def test_what_was_rolled_back_was_not_published_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(make_task(created_by=speaker()))
    with monkeypatch.context() as broken:
        broken.setattr(events.outbox, "record_external", lambda *_a, **_k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            publications.publish_once(source(run), "orders.paid", {})
    assert not Deed.objects.exists()

    publications.publish_once(source(run), "orders.paid", {})

    assert the_event("external.orders.paid")


def test_two_attempts_at_the_same_time_publish_once() -> None:
    run = make_run(make_task(created_by=speaker()))
    answers: list[Any] = []
    begun = threading.Event()

    def zombie() -> None:
        begun.set()
        answers.append(publications.publish_once(source(run), "orders.paid", {}))
        connection.close()

    other = threading.Thread(target=zombie)
    with transaction.atomic():
        answers.append(publications.publish_once(source(run), "orders.paid", {}))
        other.start()
        assert begun.wait(5)
    other.join(10)

    assert answers[0] == answers[1]
    assert the_event("external.orders.paid")


def test_a_task_that_triggers_itself_stops_at_depth_eight(make_worker: MakeWorker) -> None:
    agent = speaker()
    task = tasks.create_task(
        agent, actor=SYSTEM, title="Echo", schedule_kind="event", schedule_expr="echo", payload=publishing("echo")
    )
    events.publish(agent, "echo", {}, actor=SYSTEM)
    make_worker().drain()

    until(lambda: Run.objects.filter(task=task, state="failed").exists(), seconds=30)

    assert [event.causation for event in told("external.echo")] == list(range(9))
    assert Run.objects.filter(task=task).count() == 9
    failed = Run.objects.get(task=task, state="failed")
    assert failed.error["code"] == "causation_too_deep"
    entry = AuditEntry.objects.get(action="event.refused")
    assert (entry.object_id, entry.actor, entry.details["depth"]) == (failed.pk, f"agent:{agent.pk}", 9)


@pytest.mark.parametrize(
    ("scopes", "active", "code"),
    [(("events:publish",), True, None), (("admin",), True, None), (("events:read",), True, "scope_missing"),
     (("events:publish",), False, "agent_disabled")],
)  # fmt: skip
def test_only_an_agent_that_may_publish_does(
    make_worker: MakeWorker, scopes: tuple[str, ...], active: bool, code: str | None
) -> None:
    agent = speaker(*scopes)
    run = make_run(make_task(created_by=agent, payload=publishing()))
    Agent.objects.filter(pk=agent.pk).update(active=active)
    make_worker().drain()

    until(lambda: state_of(run) in ("succeeded", "failed"))

    run.refresh_from_db()
    assert (run.error or {}).get("code") == code
    assert bool(told("external.orders.paid")) == (code is None)


def test_a_payload_that_is_too_large_fails_the_step() -> None:
    run = make_run(make_task(created_by=speaker()))

    with pytest.raises(ToolFailure) as failure:
        catalogue.catalogue().get(TOOL).call({"topic": "a", "payload": {"x": "y" * 300_000}}, call_of(run))

    assert failure.value.error.code == "invalid_input"
    assert "256 kB" in failure.value.error.message


def test_the_connections_of_a_process_are_bounded_and_closed() -> None:
    run = make_run()
    inside, most, lock = [0], [0], threading.Lock()
    gone = threading.Event()

    def work() -> None:
        connection.ensure_connection()
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        gone.wait(0.05)
        with lock:
            inside[0] -= 1

    def serve(closed: list[bool]) -> None:
        seats.on_a_connection(work, call_of(run))
        closed.append(connection.connection is None)

    closed: list[bool] = []
    threads = [threading.Thread(target=serve, args=(closed,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert (most[0], closed) == (seats.CONNECTIONS, [True] * 8)


def test_one_that_finds_no_connection_stops_when_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "_free", threading.BoundedSemaphore(1))
    assert seats._free.acquire()

    with pytest.raises(Interrupted):
        seats.on_a_connection(lambda: None, call_of(make_run(), journal=MemoryJournal(stop=True)))


def test_a_database_that_does_not_answer_is_worth_a_retry() -> None:
    def away() -> None:
        raise OperationalError("gone")

    with pytest.raises(ToolFailure) as failure:
        seats.on_a_connection(away, call_of(make_run()))

    assert (failure.value.error.error_class, failure.value.error.code) == ("retryable", "database_unavailable")


def test_a_database_that_only_reads_since_a_failover_is_worth_a_retry_and_met_again_on_another_connection() -> None:
    def write_at_a_replica() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = on")
        make_agent()

    call = call_of(make_run())
    with pytest.raises(ToolFailure) as failure:
        seats.on_a_connection(write_at_a_replica, call)

    assert (failure.value.error.error_class, failure.value.error.code) == ("retryable", "database_unavailable")
    seats.on_a_connection(make_agent, call)


def test_what_is_no_outage_is_raised_as_it_is() -> None:
    def ask_nonsense() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")

    with pytest.raises(DataError):
        seats.on_a_connection(ask_nonsense, call_of(make_run()))


def test_registering_tools_again_changes_nothing() -> None:
    known = {tool.address for tool in catalogue.catalogue()}

    catalogue.register(catalogue.catalogue().get(TOOL))

    assert {tool.address for tool in catalogue.catalogue()} == known
    assert isinstance(UUID(call_of(make_run()).agent_id), UUID)
