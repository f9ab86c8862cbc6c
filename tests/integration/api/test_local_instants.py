"""An instant without an offset is local to the task's zone where there is a task, and is refused elsewhere."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent, Run, Task
from tests.integration.api.making import TASK, make_task

ZONE = "Europe/Chisinau"  # two hours ahead of UTC in winter
URL = "/api/v1/tasks"


@pytest.fixture
def task(alice: Agent) -> Task:
    return make_task(alice, timezone=ZONE, dtstart="2026-01-01T00:00:00")


def test_the_fields_of_a_task_are_read_in_its_zone(as_alice: APIClient) -> None:
    sent = {"timezone": ZONE, "starts_at": "2027-03-28T03:30:00", "ends_at": "2027-10-31T03:30:00"}

    made = as_alice.post(URL, TASK | sent).json()

    # 03:30 is left out in spring, so that it is read with the offset before; and comes twice in autumn: this is the first.
    assert (made["starts_at"], made["ends_at"]) == ("2027-03-28T01:30:00Z", "2027-10-31T00:30:00Z")
    again = as_alice.patch(f"{URL}/{made['id']}", {"starts_at": sent["starts_at"]}).json()
    assert (again["starts_at"], again["version"]) == (made["starts_at"], 1)
    moved = as_alice.patch(f"{URL}/{made['id']}", {"timezone": "Asia/Tokyo", "ends_at": "2027-11-01"}).json()
    assert moved["ends_at"] == "2027-10-31T15:00:00Z"


def test_a_zone_that_there_is_not_is_the_fault_and_not_the_instant(as_alice: APIClient) -> None:
    answer = as_alice.post(URL, TASK | {"timezone": "Mars/Base", "starts_at": "2027-03-28T03:30:00"})

    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/timezone"]


def test_a_document_is_read_in_the_zone_of_each_task(as_alice: APIClient, task: Task) -> None:
    document = {"ordinaut": 1, "tasks": [TASK | {"timezone": ZONE, "starts_at": "2027-01-01T09:00:00"}]}

    plan = as_alice.post(f"{URL}/plan", document).json()
    as_alice.post(f"{URL}/apply", document)

    [starts_at] = [each for each in plan["tasks"][0]["fields"] if each["field"] == "starts_at"]
    assert starts_at["after"] == "2027-01-01T07:00:00Z"
    assert as_alice.post(f"{URL}/plan", document).json()["tasks"][0]["action"] == "unchanged"


def test_instants_to_come_are_asked_for_in_the_tasks_zone(as_alice: APIClient, task: Task) -> None:
    first = {"count": 1, "after": "2037-01-01T09:00:00"}

    shown = as_alice.get(f"{URL}/{task.pk}/occurrences", first).json()["items"]

    assert [each["local"] for each in shown] == ["2037-01-01T10:00:00+02:00"]
    draft = {name: TASK[name] for name in ("schedule_kind", "schedule_expr")} | {"timezone": ZONE} | first
    drafted = as_alice.post("/api/v1/schedules/preview", draft).json()["items"]
    assert [each["local"] for each in drafted] == ["2037-01-01T10:00:00+02:00"]


def test_a_backfill_and_a_snooze_are_read_in_the_tasks_zone(as_alice: APIClient, task: Task) -> None:
    window = {"from": "2026-03-01T08:30:00", "to": "2026-03-01T09:30:00"}
    assert as_alice.post(f"{URL}/{task.pk}/backfill", window).status_code == 202
    assert [run.scheduled_for.isoformat() for run in Run.objects.all()] == ["2026-03-01T07:00:00+00:00"]

    upcoming = as_alice.get(f"{URL}/{task.pk}/occurrences", {"count": 1}).json()["items"][0]
    snoozed = as_alice.post(f"{URL}/{task.pk}/snooze", {"delay_seconds": 60, "at": upcoming["local"][:19]})

    assert snoozed.status_code == 200


def test_numbers_are_asked_for_in_the_tasks_zone(as_alice: APIClient, task: Task) -> None:
    window = {"after": "2026-03-01T00:00:00", "before": "2026-03-02"}

    told = as_alice.get(f"{URL}/{task.pk}/stats", window).json()

    assert (told["after"], told["before"]) == ("2026-02-28T22:00:00Z", "2026-03-01T22:00:00Z")


def test_a_task_whose_zone_is_gone_asks_for_the_offset(as_alice: APIClient, task: Task) -> None:
    Task.objects.update(timezone="Mars/Base")

    answer = as_alice.get(f"{URL}/{task.pk}/stats", {"after": "2026-03-01T00:00:00"})

    assert answer.status_code == 422
    assert "offset" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "path", ["runs?created_after=", "tasks?next_run_before=", "events?after=", "schedules/conflicts?from="]
)
def test_where_there_is_no_task_an_offset_is_asked_for(admin: Agent, as_admin: APIClient, path: str) -> None:
    refused = as_admin.get(f"/api/v1/{path}2026-11-21T00:00:00")

    assert refused.status_code == 422
    [fault] = refused.json()["errors"]
    assert "with its offset" in fault["message"]
    assert "%2B" in fault["message"]
    assert as_admin.get(f"/api/v1/{path}2026-11-21").status_code == 200
    assert as_admin.get(f"/api/v1/{path}2026-11-21T00:00:00+02:00").status_code == 200, "the + arrives as a blank"


@pytest.mark.parametrize("name", ["from", "to"])
def test_an_instant_beyond_the_calendar_is_refused(as_alice: APIClient, task: Task, name: str) -> None:
    window: dict[str, Any] = {"from": "2026-03-01T08:30:00", "to": "2026-03-01T09:30:00"}

    answer = as_alice.post(f"{URL}/{task.pk}/backfill", window | {name: "0001-01-01T00:00:00"})

    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/{name}"]
