"""A task is made whole or not at all, and every fault is named with its place."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tasks_app.exceptions import InvalidRequest
from tasks_app.models import Agent, AuditEntry, Task, TaskDefinition
from tasks_app.models.clock import as_text, database_now
from tasks_app.services import tasks
from tasks_app.services.actor import Actor
from tests.making import make_agent, the_event, told

pytestmark = pytest.mark.django_db

NOOP = {"pipeline": [{"uses": "noop"}]}
DAILY = {"title": "Daily", "schedule_kind": "cron", "schedule_expr": "0 9 * * *", "payload": NOOP}


def create(owner: Agent | None = None, **fields: Any) -> Task:
    owner = owner or make_agent()
    return tasks.create_task(owner, actor=Actor.of_agent(owner, request_id="req-1"), **(DAILY | fields))


def pointers(**fields: Any) -> list[str]:
    with pytest.raises(InvalidRequest) as refused:
        create(**fields)
    return [fault.pointer for fault in refused.value.faults]


def test_a_task_is_kept_with_its_first_instant_its_definition_its_event_and_its_audit_entry() -> None:
    owner = make_agent()
    task = create(owner, title="Morning", priority=7)

    kept = Task.objects.get(pk=task.pk)
    assert (kept.title, kept.priority, kept.status, kept.version, kept.created_by) == ("Morning", 7, "active", 1, owner)
    assert kept.next_run_at is not None
    assert kept.next_run_at > database_now()
    assert (kept.next_run_at.hour, kept.next_run_at.minute) == (9, 0)
    definition = TaskDefinition.objects.get(task=task)
    assert (definition.version, definition.title, definition.payload) == (1, "Morning", NOOP)
    event = the_event(aggregate_id=task.pk)
    assert (event.type, event.seq, event.agent, event.request_id) == ("task.created", 1, owner.pk, "req-1")
    assert event.data == {"title": "Morning", "next_run_at": as_text(kept.next_run_at)}
    entry = AuditEntry.objects.get(object_id=task.pk)
    assert (entry.action, entry.actor, entry.object_kind) == ("task.created", f"agent:{owner.pk}", "task")


def test_what_is_left_out_has_its_default() -> None:
    task = create()

    assert (task.priority, task.max_retries, task.backoff_strategy) == (5, 3, "exponential_jitter")
    assert (task.retry_delay_seconds, task.timeout_seconds, task.timezone) == (1, 300, "UTC")


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"])
def test_a_schedule_is_anchored_at_the_start_of_the_day_in_the_tasks_own_zone(zone: str) -> None:
    task = create(timezone=zone)

    today = database_now().astimezone(ZoneInfo(zone)).date()
    assert task.dtstart == f"{today.isoformat()}T00:00:00"


def test_an_anchor_that_was_given_is_kept() -> None:
    assert create(dtstart="2020-02-29T06:30:00").dtstart == "2020-02-29T06:30:00"


def test_an_interval_begins_at_its_anchor_and_not_at_the_time_of_asking() -> None:
    task = create(schedule_kind="interval", schedule_expr="PT7H", dtstart="2020-01-01T00:00:00")

    assert task.next_run_at is not None
    assert (task.next_run_at - datetime(2020, 1, 1, tzinfo=UTC)) % timedelta(hours=7) == timedelta()


def test_a_manual_task_plans_nothing() -> None:
    assert create(schedule_kind="manual", schedule_expr="").next_run_at is None


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"title": ""}, "/title"),
    ({"title": "x" * 201}, "/title"),
    ({"description": "x" * 2001}, "/description"),
    ({"priority": 0}, "/priority"),
    ({"priority": 10}, "/priority"),
    ({"max_retries": 11}, "/max_retries"),
    ({"backoff_strategy": "hope"}, "/backoff_strategy"),
    ({"retry_delay_seconds": 0}, "/retry_delay_seconds"),
    ({"retry_delay_seconds": 86_401}, "/retry_delay_seconds"),
    ({"timeout_seconds": 0}, "/timeout_seconds"),
    ({"timeout_seconds": 86_401}, "/timeout_seconds"),
    ({"timezone": "Mars/Olympus_Mons"}, "/timezone"),
    ({"dtstart": "tomorrow"}, "/dtstart"),
    ({"schedule_expr": "61 * * * *"}, "/schedule_expr"),
    ({"schedule_expr": ""}, "/schedule_expr"),
    ({"schedule_kind": "rrule", "schedule_expr": "FREQ=NEVER"}, "/schedule_expr"),
    ({"schedule_kind": "interval", "schedule_expr": "PT0S"}, "/schedule_expr"),
    ({"schedule_kind": "once", "schedule_expr": "2020-01-01T00:00Z"}, "/schedule_expr"),
    ({"schedule_kind": "rrule", "schedule_expr": "FREQ=DAILY;UNTIL=20200101T000000Z"}, "/schedule_expr"),
    ({"schedule_kind": "manual", "schedule_expr": "* * * * *"}, "/schedule_expr"),
    ({"payload": {}}, "/payload/pipeline"),
    ({"payload": {"pipeline": [{"uses": "no.such"}]}}, "/payload/pipeline/0/uses"),
    ({"payload": {"pipeline": [{"uses": "noop"}, {"uses": "noop", "if": "(("}]}}, "/payload/pipeline/1/if"),
    ({"payload": NOOP | {"params": {"text": "\0"}}}, "/payload/params/text"),
]


@pytest.mark.parametrize(("fields", "pointer"), FAULTS, ids=[f"{place} {fields}"[:60] for fields, place in FAULTS])
def test_a_fault_is_named_with_its_place_and_nothing_is_kept(fields: dict[str, Any], pointer: str) -> None:
    assert pointers(**fields) == [pointer]

    assert not Task.objects.exists()
    assert not told()
    assert not AuditEntry.objects.exists()


def test_an_unknown_kind_of_schedule_is_named() -> None:
    assert set(pointers(schedule_kind="lunar")) == {"/schedule_kind"}


def test_all_faults_are_named_at_once() -> None:
    found = pointers(title="", priority=99, timezone="Mars/Olympus_Mons", payload={"pipeline": [{"uses": "no.such"}]})

    assert sorted(found) == ["/payload/pipeline/0/uses", "/priority", "/timezone", "/title"]
