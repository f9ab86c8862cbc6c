"""A run's calls are charged to its agent's minute and its task's day as they are made."""

from typing import Any

import pytest
from django.db import connection

from pipelines import StepError, Tool, ToolCall, ToolFailure
from pipelines.errors import ErrorClass
from pipelines.usage import Usage
from tasks_app import catalogue
from tasks_app.destinations import budgets
from tasks_app.maintenance import promote
from tasks_app.models import Agent, Run, Spending, Task
from tests.integration.execution.conftest import until
from tests.integration.execution.work import MakeWorker, pipeline, state_of
from tests.making import make_agent, make_run, make_task, steps_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]

THINK = {"id": "think", "uses": "llm.test", "with": {"tokens": 10}}


@pytest.fixture(autouse=True)
def llm(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """`llm.test` reserves 50 tokens, uses up what it is told to, and fails if it is told to."""
    called: list[Any] = []

    def call(given: Any, call: ToolCall) -> Any:
        call.reserve(Usage(tokens_out=given.get("reserve", 50)))
        called.append(given)
        call.charge(Usage(tokens_in=given["tokens"], microdollars=3))
        if given.get("fails"):
            raise ToolFailure(StepError(ErrorClass.PERMANENT, "refused", "No."))
        return {"ok": True}

    tools = catalogue.catalogue().with_tools(Tool("llm.test", call, safe_to_retry=True))
    monkeypatch.setattr(catalogue, "_builtin", lambda _allow: tools)
    return called


def spent(owner: Agent | Task) -> tuple[int, int, int]:
    [row] = Spending.objects.filter(owner=owner.pk)
    return row.calls, row.tokens, row.microdollars


def ended(run: Run) -> Run:
    until(lambda: state_of(run) in ("succeeded", "failed"))
    run.refresh_from_db()
    return run


def test_what_a_call_uses_up_is_charged_to_the_agent_and_the_task(make_worker: MakeWorker) -> None:
    agent = make_agent()
    Agent.objects.filter(pk=agent.pk).update(calls_per_minute=100)
    task = make_task(created_by=agent, payload=pipeline(THINK, {**THINK, "id": "again"}), tokens_per_day=1000)
    run = make_run(task)
    make_worker().drain()

    assert ended(run).state == "succeeded"
    assert spent(task) == (2, 20, 6)
    assert sum(calls for calls in Spending.objects.filter(owner=agent.pk).values_list("calls", flat=True)) == 2


def test_a_call_that_fails_counts_too(make_worker: MakeWorker) -> None:
    task = make_task(payload=pipeline({**THINK, "with": {"tokens": 10, "fails": True}}), calls_per_day=5)
    run = make_run(task)
    make_worker().drain()

    assert ended(run).state == "failed"
    assert spent(task) == (1, 10, 3)


def test_a_day_that_is_used_up_fails_the_step_before_the_call(make_worker: MakeWorker, llm: list[Any]) -> None:
    steps = pipeline(THINK, {**THINK, "id": "again"}, {**THINK, "id": "third"})
    run = make_run(make_task(payload=steps, calls_per_day=2, max_retries=3))
    make_worker().drain()

    assert ended(run).state == "failed"
    assert (run.error["code"], run.error["step"], run.attempt) == ("budget_exhausted", "third", 1)
    assert len(llm) == 2


def test_an_estimate_that_does_not_fit_is_refused_before_the_tool_goes_on(
    make_worker: MakeWorker, llm: list[Any]
) -> None:
    run = make_run(make_task(payload=pipeline(THINK, {**THINK, "id": "again"}), tokens_per_day=55))
    make_worker().drain()

    assert ended(run).error["code"] == "budget_exhausted"
    assert len(llm) == 1


def test_a_minute_that_is_used_up_parks_the_run_until_the_next(make_worker: MakeWorker, llm: list[Any]) -> None:
    agent = make_agent()
    Agent.objects.filter(pk=agent.pk).update(calls_per_minute=1)
    task = make_task(created_by=agent, payload=pipeline(THINK, {**THINK, "id": "again"}))
    run = make_run(task)
    make_worker().drain()
    until(lambda: state_of(run) == "waiting" or len(llm) == 2)  # a new minute may just have begun
    if state_of(run) == "waiting":
        run.refresh_from_db()
        assert (run.waiting_for, run.failures, [each.step for each in steps_of(run)]) == ("budget", 0, ["think"])

    Spending.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tasks_run SET run_at = clock_timestamp() WHERE state = 'waiting'")
    promote.run_once()

    assert ended(run).state == "succeeded"
    assert len(llm) == 2


def test_where_there_is_no_budget_nothing_is_asked_or_written(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "charge", lambda *_a, **_k: 1 / 0)
    run = make_run(make_task(payload=pipeline(THINK)))
    make_worker().drain()

    assert ended(run).state == "succeeded"
    assert not Spending.objects.exists()


def test_pure_steps_are_not_calls(make_worker: MakeWorker) -> None:
    run = make_run(make_task(payload=pipeline({"uses": "noop"}), calls_per_day=1))
    make_worker().drain()

    assert ended(run).state == "succeeded"
    assert not Spending.objects.exists()


def test_an_estimate_that_fits_into_the_next_minute_waits_for_it(make_worker: MakeWorker, llm: list[Any]) -> None:
    agent = make_agent()
    Agent.objects.filter(pk=agent.pk).update(tokens_per_minute=55)
    run = make_run(make_task(created_by=agent, payload=pipeline(THINK, {**THINK, "id": "again"})))
    make_worker().drain()
    until(lambda: state_of(run) == "waiting" or len(llm) == 2)  # a new minute may just have begun

    run.refresh_from_db()
    assert run.waiting_for in ("budget", "")
    assert len(llm) == (1 if run.waiting_for else 2)
