"""A database of an older version, with everything in it, is brought up to date by `manage.py migrate`."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tasks_app import queue
from tasks_app.maintenance import promote, relay
from tasks_app.models import Attempt, OutboxEntry, Run, Step, StepLog, Task
from tasks_app.states import FINISHED, RunState
from tests.making import claim

_OLD: Final = ("tasks", "0007_deferred_to")
_NAME: Final = "ordinaut_old_version"
_BEGUN: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_OUTCOMES: Final = {
    "waiting": "retried",
    "succeeded": "succeeded",
    "failed": "failed",
    "timed_out": "timed_out",
    "canceled": "canceled",
    "dead": "lost",
}
_ERROR: Final = {"code": "broken", "message": "It broke."}

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]


@pytest.fixture
def runs() -> Iterator[dict[str, UUID]]:
    """One run of each state, by its state, in a database of version 0007 that is the default one for the test."""
    usual = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {_NAME}")
        cursor.execute(f"CREATE DATABASE {_NAME}")
    _use(_NAME)
    try:
        call_command("migrate", *_OLD, verbosity=0)
        yield _fill()
    finally:
        _use(usual)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {_NAME} WITH (FORCE)")


def _use(database: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = database
    ContentType.objects.clear_cache()


def _fill() -> dict[str, UUID]:
    model = MigrationExecutor(connection).loader.project_state(_OLD).apps.get_model
    agent = model("tasks", "Agent").objects.create(name="old", scopes=["admin"], secret_hash="hashed")
    task = model("tasks", "Task").objects.create(
        title="Old", schedule_kind="manual", timezone="UTC", dtstart="2026-01-01T00:00:00", payload={}, created_by=agent
    )
    model("tasks", "TaskDefinition").objects.create(
        task=task,
        version=1,
        title="Old",
        timezone="UTC",
        payload={},
        max_retries=3,
        backoff_strategy="fixed",
        retry_delay_seconds=1,
        timeout_seconds=300,
    )
    return {state: _make_run(model, task, state, nth) for nth, state in enumerate(RunState.values)}


def _make_run(model: Any, task: Any, state: str, nth: int) -> UUID:
    run = model("tasks", "Run").objects.create(
        task=task, task_version=1, agent=task.created_by, trigger="run_now", run_at=_BEGUN, **_fields(state)
    )
    if outcome := _OUTCOMES.get(state):
        model("tasks", "Attempt").objects.create(
            run_id=run.pk, number=1, outcome=outcome, worker="w", started_at=_BEGUN, finished_at=_BEGUN, error=run.error
        )
    if run.attempt:
        # Two places that are the same were never meant, and never refused.
        second = 1 if state == RunState.DEAD else 2
        _make_step(model, run.pk, "second", second, state="failed", error=_ERROR, recorded_at=_BEGUN + timedelta(1))
        _make_step(model, run.pk, "first", 1, state="succeeded", output={"answer": 42}, error=None)
    for seq in range(1, 4):
        model("tasks", "OutboxEvent").objects.create(
            pos=None if seq == 3 else 2 * nth + seq,
            type=f"run.fact_{seq}",
            aggregate_kind="run",
            aggregate_id=run.pk,
            seq=seq,
            agent=task.created_by_id,
            request_id="asked",
            data={"nth": seq},
        )
    return run.pk


def _fields(state: str) -> dict[str, Any]:
    fields: dict[str, Any] = {"state": state, "event_seq": 3, "request_id": "asked"}
    if state != RunState.QUEUED:
        fields |= {"attempt": 1, "fence": 1, "worker": "w", "started_at": _BEGUN, "claimed_at": _BEGUN}
    if state == RunState.RUNNING:
        fields |= {"lease_until": _BEGUN + timedelta(days=3650)}
    if state == RunState.WAITING:
        fields |= {"waiting_for": "retry"}
    if state in FINISHED:
        fields |= {"finished_at": _BEGUN, "error": None if state == RunState.SUCCEEDED else _ERROR}
    return fields


def _make_step(model: Any, run: UUID, step: str, position: int, **fields: Any) -> None:
    values = {
        "attempt": 1,
        "tool": "noop",
        "input": {"a": [1]},
        "duration_ms": 7,
        "idempotency_key": "key",
        "recorded_at": _BEGUN,
    }
    model("tasks", "StepResult").objects.create(run_id=run, step=step, position=position, **(values | fields))


def test_an_upgrade_loses_no_run_no_attempt_no_step_and_no_event(runs: dict[str, UUID]) -> None:
    call_command("migrate", verbosity=0)

    assert {run.state: run.pk for run in Run.objects.all()} == runs
    assert Task.objects.get().title == "Old"
    assert Run.objects.get(state=RunState.QUEUED).fair_at == _BEGUN, "it keeps its place"
    begun = {state: run for state, run in runs.items() if state != RunState.QUEUED}
    for state, pk in begun.items():
        [attempt] = Attempt.objects.of(Run.objects.get(pk=pk))
        assert (attempt.number, attempt.worker, attempt.outcome) == (1, "w", _OUTCOMES.get(state, ""))
        first, second = (recorded.result for recorded in StepLog.objects.of_run(pk))
        assert first == Step("first", "succeeded", "noop", {"a": [1]}, {"answer": 42}, None, 7, "key")
        assert second == Step("second", "failed", "noop", {"a": [1]}, None, _ERROR, 7, "key")
    for nth, pk in enumerate(runs.values()):
        events = OutboxEntry.objects.filter(aggregate_id=pk).order_by("seq").events()
        assert [(event.pos, event.seq, event.type, dict(event.data)) for event in events] == [
            (2 * nth + 1, 1, "run.fact_1", {"nth": 1}),
            (2 * nth + 2, 2, "run.fact_2", {"nth": 2}),
            (0, 3, "run.fact_3", {"nth": 3}),
        ]


def test_after_an_upgrade_the_unfinished_runs_go_on_and_the_untold_events_are_told(runs: dict[str, UUID]) -> None:
    call_command("migrate", verbosity=0)

    promote.run_once()
    claimed = {run.lease.run_id: run for run in claim()}
    assert set(claimed) == {runs["queued"], runs["waiting"]}
    assert len(queue.move([queue.succeed(run.lease) for run in claimed.values()])) == 2
    relay.run_once()

    assert set(Run.objects.filter(pk__in=claimed).values_list("state", flat=True)) == {RunState.SUCCEEDED}
    assert not OutboxEntry.objects.filter(pos=None).exists()
    told = [event.pos for event in OutboxEntry.objects.order_by("pos").events()]
    assert told == list(range(1, len(told) + 1))


@pytest.mark.usefixtures("runs")
def test_an_upgrade_that_was_given_up_while_it_built_an_index_is_begun_anew() -> None:
    call_command("migrate", "tasks", "0014_duty_rounds", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX run_troubled ON tasks_run (state, finished_at) WHERE state = 'dead'")

    call_command("migrate", verbosity=0)

    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'run_troubled'")
        assert "timed_out" in cursor.fetchone()[0]
