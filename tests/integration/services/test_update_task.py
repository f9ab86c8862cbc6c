"""A change makes a new version; what was planned with the old one keeps it."""

from datetime import timedelta
from typing import Any

import pytest

from tasks_app.exceptions import IllegalMove, InvalidRequest
from tasks_app.models import AuditEntry, Run, Task, TaskDefinition
from tasks_app.models.clock import database_now
from tasks_app.services import tasks
from tasks_app.services.actor import Actor
from tests.making import events_of, make_agent, make_run, make_task, the_event

pytestmark = pytest.mark.django_db

ACTOR = Actor.of_user("ann", request_id="req-2")
NEW = {"pipeline": [{"id": "one", "uses": "debug.echo"}]}


def hourly(**fields: Any) -> Task:
    planned = {"next_run_at": database_now() + timedelta(minutes=30)}
    return make_task(**(planned | {"schedule_kind": "interval", "schedule_expr": "PT1H"} | fields))


def update(task: Task, **changes: Any) -> Task:
    return tasks.update_task(task, actor=ACTOR, changes=changes)


def test_a_change_makes_a_version_with_its_definition_and_says_what_changed() -> None:
    task = hourly()

    changed = update(task, title="New", payload=NEW)

    kept = Task.objects.get(pk=task.pk)
    assert (kept.title, kept.payload, kept.version, changed.version) == ("New", NEW, 2, 2)
    assert kept.updated_at > task.updated_at
    versions = TaskDefinition.objects.filter(task=task).order_by("version").values_list("version", "title", "payload")
    assert list(versions) == [(1, "A task", task.payload), (2, "New", NEW)]
    event = the_event(aggregate_id=task.pk)
    assert (event.type, event.agent, event.request_id) == ("task.updated", task.created_by_id, "req-2")
    assert event.data["changed"] == ["payload", "title"]
    entry = AuditEntry.objects.get(object_id=task.pk)
    assert (entry.action, entry.actor, entry.details["changed"]) == ("task.updated", "user:ann", ["payload", "title"])


def test_a_change_that_is_none_changes_nothing() -> None:
    task = hourly()

    update(task, title=task.title, payload=task.payload)

    assert Task.objects.get(pk=task.pk).version == 1
    assert events_of(task) == []
    assert not AuditEntry.objects.exists()


def test_runs_that_exist_keep_the_version_they_were_planned_with() -> None:
    task = hourly()
    run = make_run(task)

    update(task, payload=NEW)

    assert Run.objects.get(pk=run.pk).task_version == 1
    assert tasks.run_now(task, actor=ACTOR).task_version == 2


def test_another_schedule_is_planned_anew_from_now() -> None:
    task = hourly()

    update(task, schedule_kind="cron", schedule_expr="0 0 1 1 *")

    planned = Task.objects.get(pk=task.pk).next_run_at
    assert planned is not None
    assert (planned.month, planned.day, planned.hour) == (1, 1, 0)
    assert planned > database_now()


def test_what_is_no_part_of_the_schedule_leaves_the_plan_alone() -> None:
    task = hourly()

    update(task, priority=9, description="More words")

    assert Task.objects.get(pk=task.pk).next_run_at == task.next_run_at


def test_a_completed_task_that_gets_a_schedule_with_a_future_is_active_again() -> None:
    task = hourly(status="completed", next_run_at=None)

    update(task, schedule_expr="PT2H")

    task.refresh_from_db()
    assert task.status == "active"
    assert task.next_run_at is not None


def test_a_paused_task_stays_paused_when_its_schedule_changes() -> None:
    task = hourly(status="paused")

    update(task, schedule_expr="PT2H")

    assert Task.objects.get(pk=task.pk).status == "paused"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"priority": 10}, "/priority"),
        ({"schedule_expr": "PT0S"}, "/schedule_expr"),
        ({"payload": {"pipeline": []}}, "/payload/pipeline"),
        ({"schedule_kind": "once", "schedule_expr": "2020-01-01T00:00Z"}, "/schedule_expr"),
    ],
)
def test_a_faulty_change_is_refused_whole(changes: dict[str, Any], pointer: str) -> None:
    task = hourly()

    with pytest.raises(InvalidRequest) as refused:
        update(task, title="New", **changes)

    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    kept = Task.objects.get(pk=task.pk)
    assert (kept.title, kept.version) == ("A task", 1)
    assert events_of(task) == []


def test_a_canceled_task_is_not_changed_any_more() -> None:
    task = hourly(status="canceled", next_run_at=None)

    with pytest.raises(IllegalMove, match="canceled"):
        update(task, title="New")


def test_a_task_that_was_deleted_meanwhile_is_not_changed() -> None:
    task = hourly()
    tasks.delete(task, actor=ACTOR)

    with pytest.raises(IllegalMove, match="deleted"):
        update(task, schedule_expr="PT2H")


def test_a_change_works_on_the_row_and_not_on_what_the_caller_had_read() -> None:
    task = hourly()
    stale = Task.objects.get(pk=task.pk)
    update(task, title="First")

    update(stale, priority=9)

    kept = Task.objects.get(pk=task.pk)
    assert (kept.title, kept.priority, kept.version) == ("First", 9, 3)
    assert events_of(kept) == ["task.updated", "task.updated"]


def test_the_owner_of_an_event_is_the_tasks_agent_whoever_acts() -> None:
    owner = make_agent()
    task = hourly(created_by=owner)

    update(task, title="New")

    assert the_event(aggregate_id=task.pk).agent == owner.pk
