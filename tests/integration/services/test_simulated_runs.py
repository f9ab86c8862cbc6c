"""Simulated runs: how they are asked for, and that nothing takes them for real ones."""

from datetime import timedelta

import prometheus_client as prometheus
import pytest

from tasks_app import queue
from tasks_app.exceptions import IllegalMove
from tasks_app.maintenance import tick
from tasks_app.models import AuditEntry, Run, Task, TaskDefinition
from tasks_app.models.clock import database_now
from tasks_app.planning.forecast import reading
from tasks_app.services import backfill, tasks, why
from tasks_app.services.actor import SYSTEM
from tasks_app.states import TaskMode
from tests.making import claim, claim_one, make_agent, make_run, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

LIVE, SIMULATE = TaskMode.LIVE, TaskMode.SIMULATE
NOOP = {"pipeline": [{"uses": "noop"}]}


def hourly(**fields: object) -> Task:
    wanted = {"title": "Hourly", "schedule_kind": "interval", "schedule_expr": "PT1H", "payload": NOOP}
    return tasks.create_task(make_agent(), actor=SYSTEM, **(wanted | fields))


def finished(number: str, state: str = "succeeded") -> float:
    return prometheus.REGISTRY.get_sample_value(f"orchestrator_{number}_total", {"state": state}) or 0.0


def test_the_runs_of_a_task_are_of_its_mode() -> None:
    simulated, live = hourly(mode=SIMULATE), hourly()
    Task.objects.update(due_at=database_now() - timedelta(seconds=1))

    tick.run_once()

    assert Run.objects.get(task=simulated).simulated
    assert not Run.objects.get(task=live).simulated


@pytest.mark.parametrize(
    ("of_task", "asked", "simulated"),
    [(LIVE, None, False), (LIVE, SIMULATE, True), (SIMULATE, None, True), (SIMULATE, LIVE, False)],
)
def test_one_run_may_be_of_another_mode(of_task: TaskMode, asked: TaskMode | None, simulated: bool) -> None:
    assert tasks.run_now(hourly(mode=of_task), actor=SYSTEM, mode=asked).simulated == simulated


def test_a_mode_that_was_asked_for_is_audited() -> None:
    tasks.run_now(hourly(), actor=SYSTEM, mode=SIMULATE)

    assert AuditEntry.objects.get(action="task.run_now").details["mode"] == "simulate"


def test_the_mode_of_a_task_can_be_changed_and_makes_a_version() -> None:
    task = tasks.update_task(hourly(), actor=SYSTEM, changes={"mode": SIMULATE})

    assert (task.mode, task.version) == (SIMULATE, 2)
    assert TaskDefinition.objects.filter(task=task).count() == 2


def test_it_takes_nobodys_place() -> None:
    fields = {"overlap_policy": "queue_all", "concurrency_key": "k", "dedupe_key": "d"}
    task = hourly(mode=SIMULATE, **fields)

    runs = [tasks.run_now(task, actor=SYSTEM) for _ in range(2)]

    for run in runs:
        assert (run.state, run.lane, run.concurrency_key, run.dedupe_key) == ("queued", "", "", "")


def test_a_live_run_is_not_refused_because_of_it_nor_it_because_of_a_live_one() -> None:
    task = hourly(dedupe_key="d")

    tasks.run_now(task, actor=SYSTEM, mode=SIMULATE)
    tasks.run_now(task, actor=SYSTEM)
    tasks.run_now(task, actor=SYSTEM, mode=SIMULATE)
    with pytest.raises(IllegalMove, match="dedupe_key"):
        tasks.run_now(task, actor=SYSTEM)


def test_many_missed_instants_of_a_simulated_task_are_all_queued_at_once() -> None:
    task = hourly(mode=SIMULATE, overlap_policy="queue_all", misfire_policy="all")
    Task.objects.update(due_at=database_now() - timedelta(hours=3, seconds=1))

    tick.run_once()

    assert list(Run.objects.filter(task=task).values_list("state", "takes_turn")) == [("queued", False)] * 4


def test_a_backfill_of_a_simulated_task_is_simulated() -> None:
    task = hourly(mode=SIMULATE)
    now = database_now()

    backfill.backfill(task, actor=SYSTEM, start=now - timedelta(hours=3), end=now, overlap_policy="queue_all")

    assert set(Run.objects.values_list("simulated", "takes_turn", "lane")) == {(True, False, "")}


def test_the_last_status_of_a_task_is_that_of_its_last_live_run() -> None:
    task = hourly()
    make_run(task)
    queue.apply(queue.fail(claim_one().lease, error={"code": "x"}))
    tasks.run_now(task, actor=SYSTEM, mode=SIMULATE)
    queue.apply(queue.succeed(claim_one().lease))

    assert Task.objects.with_last_run().get(pk=task.pk).last_status == "failed"


def test_a_task_that_was_only_simulated_has_no_last_run() -> None:
    task = hourly(mode=SIMULATE)
    tasks.run_now(task, actor=SYSTEM)
    queue.apply(queue.succeed(claim_one().lease))

    found = Task.objects.with_last_run().get(pk=task.pk)

    assert (found.last_run_at, found.last_status) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_it_is_counted_apart_however_it_ends() -> None:
    task = make_task(mode=SIMULATE)
    for _ in range(3):
        tasks.run_now(task, actor=SYSTEM)
    succeeded, failed, canceled = (run.lease for run in claim())
    before = [finished(number, state) for number in ("runs", "simulated_runs") for state in STATES]

    queue.move([queue.succeed(succeeded), queue.fail(failed, error={"code": "x"})])
    queue.cancel([canceled.run_id], reason="test")

    after = [finished(number, state) for number in ("runs", "simulated_runs") for state in STATES]
    assert [now - then for now, then in zip(after, before, strict=True)] == [0, 0, 0, 1, 1, 1]


STATES = ("succeeded", "failed", "canceled")


def test_its_length_is_no_forecast_of_a_live_runs() -> None:
    task = hourly()
    tasks.run_now(task, actor=SYSTEM, mode=SIMULATE)
    queue.apply(queue.succeed(claim_one().lease))
    later = database_now() + timedelta(hours=1)

    assert reading._durations([task.pk], before=later) == {}
    make_run(task)
    queue.apply(queue.succeed(claim_one().lease))
    assert reading._durations([task.pk], before=later).keys() == {task.pk}


def test_why_says_that_it_was_simulated() -> None:
    task = hourly(mode=SIMULATE)
    Task.objects.update(due_at=database_now() - timedelta(seconds=1))
    tick.run_once()
    run = Run.objects.get()
    assert run.scheduled_for

    assert f"It became simulated run {run.pk}" in why.why(task, run.scheduled_for).answer.sentence
