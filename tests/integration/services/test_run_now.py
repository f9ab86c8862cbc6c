"""Run now: past the overlap policy, but not past a key, a repetition or the owner's budget."""

from datetime import timedelta
from typing import Any

import pytest

from tasks_app import admission
from tasks_app.exceptions import IllegalMove
from tasks_app.models import Agent, Run, Task
from tasks_app.models.clock import database_now
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tests.making import make_agent, make_run, make_task

pytestmark = pytest.mark.django_db


def run_now(task: Task) -> Run:
    return tasks.run_now(task, actor=SYSTEM)


def test_it_does_not_wait_for_a_run_that_goes_on_but_those_in_turn_wait_for_it() -> None:
    task = make_task(overlap_policy="queue_all")
    make_run(task, lane=f"task:{task.pk}")

    run = run_now(task)

    assert (run.state, run.lane, run.takes_turn) == ("queued", f"task:{task.pk}", False)


def test_a_task_whose_runs_do_not_matter_to_each_other_gives_them_no_lane() -> None:
    assert run_now(make_task()).lane == ""


def test_it_waits_for_its_place_under_a_key(django_capture_on_commit_callbacks: Any) -> None:
    task = make_task(concurrency_key="printer", concurrency_limit=2)

    with django_capture_on_commit_callbacks(execute=True):
        runs = [run_now(task) for _ in range(3)]

    assert [run.concurrency_limit for run in runs] == [2, 2, 2]
    assert [Run.objects.get(pk=run.pk).state for run in runs] == ["queued", "queued", "waiting"]
    assert not admission.overlooked(limit=10)


def test_the_same_again_too_soon_is_refused_naming_the_earlier_run() -> None:
    task = make_task(dedupe_key="invoice", dedupe_window_seconds=60)
    sibling = make_task(dedupe_key="invoice", created_by=task.created_by)
    earlier = run_now(task)

    for repeated in (task, sibling):
        with pytest.raises(IllegalMove, match=f"Run {earlier.pk} .* 'invoice' .* wait until"):
            run_now(repeated)

    assert Run.objects.get().dedupe_key == "invoice"


def test_the_same_again_is_made_after_the_window_and_by_another_agent_and_under_no_key() -> None:
    task = make_task(dedupe_key="invoice", dedupe_window_seconds=60)
    first = run_now(task)
    run_now(make_task(dedupe_key="invoice"))
    free = make_task(created_by=task.created_by)
    run_now(free), run_now(free)

    Run.objects.filter(pk=first.pk).update(created_at=database_now() - timedelta(seconds=61))

    assert run_now(task).dedupe_key == "invoice"


def limited(runs: int) -> Agent:
    owner = make_agent()
    owner.runs_per_day = runs
    owner.save()
    return owner


def test_it_is_paid_for_from_the_owners_budget() -> None:
    owner = limited(2)
    task = make_task(created_by=owner)
    run_now(task), run_now(make_task(created_by=owner))

    with pytest.raises(IllegalMove, match=r"2 runs of this day .* again from .*T00:00:00Z"):
        run_now(task)

    assert Run.objects.count() == 2
    owner.refresh_from_db()
    assert (owner.runs_counted, owner.runs_counted_on) == (2, database_now().date())


def test_a_repetition_costs_nothing() -> None:
    owner = limited(1)
    sibling = make_task(created_by=owner, dedupe_key="invoice")
    make_run(sibling, dedupe_key="invoice")

    with pytest.raises(IllegalMove, match="dedupe_key"):
        run_now(sibling)

    owner.refresh_from_db()
    assert owner.runs_counted == 0


def changed(task: Task, **changes: Any) -> None:
    tasks.update_task(task, actor=SYSTEM, changes=changes)


def test_a_change_of_the_overlap_policy_brings_unfinished_runs_into_the_lane_and_out_of_it() -> None:
    task = make_task(payload={"pipeline": [{"id": "one", "uses": "debug.echo", "with": {"message": "hi"}}]})
    run, other = make_run(task), make_run()

    changed(task, title="The same lane")
    assert not Run.objects.exclude(lane="").exists()
    changed(task, overlap_policy="queue_all")
    assert dict(Run.objects.values_list("pk", "lane")) == {run.pk: f"task:{task.pk}", other.pk: ""}
    in_turn = make_run(task, lane=f"task:{task.pk}", takes_turn=True)
    changed(task, overlap_policy="skip")
    assert Run.objects.get(pk=in_turn.pk).state == "waiting"
    changed(task, overlap_policy="allow")

    assert set(Run.objects.values_list("state", "lane")) == {("queued", "")}
