"""A step has another task run, and its run goes on without a worker when that has ended."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from pipelines import Interrupted, Park, ToolFailure
from tasks_app import catalogue, child_waits, queue
from tasks_app.maintenance import expire, hear
from tasks_app.models import Agent, Deed, Run, Task
from tasks_app.services import deeds, runs
from tasks_app.services.actor import SYSTEM
from tasks_app.states import WaitingFor
from tests.concurrency.test_waits import meanwhile
from tests.integration.execution.conftest import until
from tests.integration.execution.test_publish_event import call_of
from tests.integration.execution.work import MakeWorker, pipeline, state_of
from tests.making import claim_one, make_agent, make_run, make_task, step, steps_of, the_step

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]

TOOL = "pipeline.run_task"
AFTER = {"id": "after", "uses": "debug.echo", "with": {"got": "${steps.call}"}}


def maker() -> Agent:
    return make_agent(scopes=("runs:write",))


def calling(agent: Agent, *after: dict[str, object], **given: Any) -> Run:
    step = {"id": "call", "uses": TOOL, "with": {"task": "child", **given}}
    return make_run(make_task(created_by=agent, payload=pipeline(step, *after)))


def child_task(agent: Agent, *steps: dict[str, object], **fields: Any) -> Task:
    done = {"id": "done", "uses": "debug.echo", "with": {"n": "${params.n}"}}
    return make_task(
        created_by=agent, title="child", payload={"params": {"n": 1}, **pipeline(*(steps or (done,)))}, **fields
    )


def failing() -> dict[str, object]:
    return {"id": "broken", "uses": "http.request", "with": {"url": "http://127.0.0.1:1/"}}


def call(run: Run, **given: Any) -> Any:
    return catalogue.catalogue().get(TOOL).call({"task": "child", **given}, call_of(run))


def parked(agent: Agent | None = None, *, delay: float = 60, **given: Any) -> tuple[Run, Run]:
    """A run that waits for its child, and the child, which nobody has begun with."""
    agent = agent or maker()
    if not Task.objects.filter(created_by=agent, title="child").exists():
        child_task(agent)
    run = make_run(make_task(created_by=agent))
    lease = claim_one().lease
    with pytest.raises(Park) as park:
        call(run, **given)
    assert (park.value.seconds, park.value.waiting_for) == (given.get("timeout_seconds", 604_800), "child_run")
    asked = step("say", state="pending", tool=TOOL, input={"task": "child"} | given, idempotency_key="k")
    queue.apply(queue.park(lease, delay=delay, waiting_for=WaitingFor.CHILD_RUN, steps=[asked]))
    run.refresh_from_db()
    return run, Run.objects.get(awaited_by=run.pk)


def finish(child: Run, *, error: dict[str, str] | None = None) -> None:
    claimed = claim_one()
    assert claimed.id == child.pk
    done = step("done", output={"n": 1})
    queue.apply(queue.fail(claimed.lease, error=error) if error else queue.succeed(claimed.lease, steps=[done]))


def test_the_run_waits_for_its_child_and_sees_what_the_last_step_came_to(make_worker: MakeWorker) -> None:
    agent = maker()
    child_task(agent)
    run = calling(agent, AFTER, params={"n": 7})
    make_worker().drain()
    until(lambda: hear.run_once()["heard"] == 1)
    until(lambda: state_of(run) == "succeeded")

    child = Run.objects.get(task__title="child")
    assert (child.state, child.trigger, child.awaited_by) == ("succeeded", "step", None)
    said, seen = steps_of(run)
    assert said.output == {"run_id": str(child.pk), "status": "succeeded", "output": {"n": 7}}
    assert seen.output == {"got": said.output}


@pytest.mark.parametrize(("policy", "state"), [("fail", "failed"), ("continue", "succeeded")])
def test_a_child_that_fails_fails_the_step_unless_it_says_otherwise(
    make_worker: MakeWorker, policy: str, state: str
) -> None:
    agent = maker()
    child_task(agent, failing(), max_retries=0)
    run = calling(agent, AFTER, on_child_error=policy)
    make_worker().drain()
    until(lambda: hear.run_once()["heard"] == 1)
    until(lambda: state_of(run) == state)

    run.refresh_from_db()
    child = Run.objects.get(task__title="child")
    said = steps_of(run)[0]
    assert (said.output["run_id"], said.output["status"]) == (str(child.pk), "failed")
    assert said.output["error"]["code"] == child.error["code"] == "address_blocked"
    assert "output" not in said.output
    if policy == "fail":
        assert (run.error["code"], run.error["error_class"], run.error["step"]) == ("child_failed", "permanent", "call")
        assert "address_blocked" in run.error["message"]


def test_one_that_does_not_wait_goes_on_at_once(make_worker: MakeWorker) -> None:
    agent = maker()
    child_task(agent)
    run = calling(agent, wait=False)
    make_worker().drain()
    until(lambda: state_of(run) == "succeeded")

    child = Run.objects.get(task__title="child")
    assert the_step(run).output == {"run_id": str(child.pk), "status": "queued"}
    assert child.awaited_by is None


def test_it_waits_without_a_worker_and_hears_nothing_before_the_end() -> None:
    run, child = parked()

    assert (run.state, run.waiting_for, run.lease_until) == ("waiting", "child_run", None)
    assert hear.run_once() == {"heard": 0, "more": False}
    assert expire.run_once()["expired"] == 0
    assert child.awaited_by == run.pk


def test_a_step_that_is_tried_again_finds_the_same_child_and_what_it_has_come_to() -> None:
    agent = maker()
    child_task(agent)
    run = make_run(make_task(created_by=agent))
    claim_one()

    for _ in range(2):
        with pytest.raises(Park):
            call(run)
    child = Run.objects.get(awaited_by=run.pk)
    finish(child)

    assert call(run) == {"run_id": str(child.pk), "status": "succeeded", "output": {"n": 1}}
    assert Run.objects.get(pk=child.pk).awaited_by is None
    assert Deed.objects.filter(run=run).count() == 1


def test_a_failed_child_that_is_found_again_fails_the_step() -> None:
    agent = maker()
    child_task(agent)
    run = make_run(make_task(created_by=agent))
    claim_one()
    with pytest.raises(Park):
        call(run)
    finish(Run.objects.get(awaited_by=run.pk), error={"error_class": "permanent", "code": "broken"})

    with pytest.raises(ToolFailure, match="broken") as failed:
        call(run)

    assert failed.value.error.code == "child_failed"
    assert call(run, on_child_error="continue")["status"] == "failed"


def test_a_child_that_is_there_no_more_fails_the_step() -> None:
    agent = maker()
    child_task(agent)
    run = make_run(make_task(created_by=agent))
    with pytest.raises(Park):
        call(run)
    Run.objects.filter(awaited_by=run.pk).delete()

    with pytest.raises(ToolFailure, match="there no more"):
        call(run)


def test_an_output_that_is_large_stays_with_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    _, child = parked()
    finish(child)
    child.refresh_from_db()
    assert child_waits.outcome_of(child)["output"] == {"n": 1}

    monkeypatch.setattr(child_waits, "MOST_OUTPUT", 3)

    assert child_waits.outcome_of(child) == {"run_id": str(child.pk), "status": "succeeded"}


def test_of_a_child_whose_last_step_was_not_done_there_is_no_output() -> None:
    _, child = parked()
    queue.apply(queue.succeed(claim_one().lease))
    child.refresh_from_db()
    assert "output" not in child_waits.outcome_of(child)

    child.task_version = 99

    assert "output" not in child_waits.outcome_of(child)


def test_the_end_counts_though_the_time_is_over_too() -> None:
    run, child = parked(delay=-1)
    finish(child)

    assert expire.run_once()["expired"] == 0
    assert hear.run_once()["heard"] == 1

    assert (state_of(run), the_step(run).state) == ("queued", "succeeded")


@pytest.mark.parametrize(("policy", "state"), [("fail", "refused"), ("continue", "succeeded")])
def test_when_its_time_is_over_it_goes_on_and_the_child_does_too(policy: str, state: str) -> None:
    run, child = parked(delay=-1, on_timeout=policy)

    assert expire.run_once()["expired"] == 1

    said = the_step(run)
    assert (state_of(run), said.state, said.output) == ("queued", state, None)
    assert (said.error or {}).get("code") == ("child_run_timeout" if policy == "fail" else None)
    child.refresh_from_db()
    assert (child.state, child.awaited_by) == ("queued", None)


def test_a_run_that_is_canceled_takes_the_children_it_waits_for_along() -> None:
    run, child = parked()
    Run.objects.filter(pk=child.pk).update(awaited_by=run.pk)
    grandchild, other = make_run(child.task), make_run(child.task)
    Run.objects.filter(pk=grandchild.pk).update(awaited_by=child.pk)

    runs.cancel(run, actor=SYSTEM)

    assert [state_of(each) for each in (run, child, grandchild, other)] == ["canceled"] * 3 + ["queued"]
    assert hear.run_once()["heard"] == 2
    assert not Run.objects.filter(awaited_by__isnull=False).exists()


def test_a_run_that_was_canceled_meanwhile_makes_no_child() -> None:
    agent = maker()
    child_task(agent)
    run = make_run(make_task(created_by=agent))
    runs.cancel(run, actor=SYSTEM)

    with pytest.raises(Interrupted):
        call(run)

    assert not Run.objects.filter(task__title="child").exists()
    assert not Deed.objects.exists()


def test_of_a_child_and_a_cancel_at_the_same_time_none_is_left_over() -> None:
    agent = maker()
    child_task(agent)
    run = make_run(make_task(created_by=agent))
    begun, go_on = threading.Event(), threading.Event()
    await_end = child_waits.await_end

    def slowly(child: Run, *, parent: Any) -> None:
        await_end(child, parent=parent)
        begun.set()
        assert go_on.wait(5)

    def making() -> None:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(child_waits, "await_end", slowly)
            call(run)

    made = meanwhile(making)
    assert begun.wait(5)
    canceled = meanwhile(lambda: runs.cancel(run, actor=SYSTEM))
    threading.Event().wait(0.1)  # long enough to stand at the lock; else it comes later, which ends the same
    go_on.set()

    assert isinstance(made(), Interrupted)  # it looks once more, and is told
    assert canceled().state == "canceled"
    assert state_of(Run.objects.get(task__title="child")) == "canceled"
    connection.close()


def test_an_end_that_comes_before_the_run_has_parked_is_heard_afterwards() -> None:
    agent = maker()
    child_task(agent)
    run = make_run(make_task(created_by=agent))
    lease = claim_one().lease
    with pytest.raises(Park):
        call(run)
    finish(Run.objects.get(awaited_by=run.pk))
    assert hear.run_once()["heard"] == 0

    asked = step("say", state="pending", tool=TOOL, input={"task": "child"}, idempotency_key="k")
    queue.apply(queue.park(lease, delay=60, waiting_for=WaitingFor.CHILD_RUN, steps=[asked]))

    assert hear.run_once()["heard"] == 1
    assert state_of(run) == "queued"


def test_a_run_that_waits_for_something_else_by_now_is_left_alone() -> None:
    run, child = parked()
    queue.apply(queue.succeed(claim_one().lease))
    Run.objects.filter(pk=run.pk).update(waiting_for="approval")

    assert hear.run_once()["heard"] == 0
    assert state_of(run) == "waiting"
    assert Run.objects.get(pk=child.pk).awaited_by == run.pk


def test_a_damaged_log_lets_the_run_go_on_to_be_failed_by_a_worker() -> None:
    run, child = parked()
    finish(child)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tasks_steplog SET steps = '[1]' WHERE run_id = %s", [run.pk])

    assert hear.run_once()["heard"] == 1

    assert state_of(run) == "queued"


def test_a_run_that_waits_at_no_step_of_the_childs_holds_up_no_other() -> None:
    odd, lost = parked()
    finish(lost)
    run, child = parked(Agent.objects.get(pk=odd.agent_id))
    finish(child)
    Deed.objects.filter(run=odd).delete()

    assert hear.run_once()["heard"] == 1

    assert (state_of(odd), state_of(run)) == ("waiting", "queued")


def test_a_task_that_calls_itself_fails_when_it_has_gone_deep_enough(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deeds, "DEEPEST", 2)
    agent = maker()
    payload = pipeline({"id": "call", "uses": TOOL, "with": {"task": "child"}})
    task = make_task(created_by=agent, title="child", payload=payload)
    first = make_run(task)
    make_worker(poll=timedelta(seconds=0.1)).drain()
    until(lambda: hear.run_once() and state_of(first) == "failed", seconds=30)

    codes = list(Run.objects.filter(task=task).order_by("id").values_list("error__code", flat=True))
    assert codes == ["child_failed", "child_failed", "causation_too_deep"]


def test_the_ended_children_are_found_by_an_index_of_their_own() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        plan = Run.objects.to_be_told_of()[:10].explain()

    assert "run_end_awaited" in plan
