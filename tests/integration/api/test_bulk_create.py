"""Many tasks made in one request: all of them, or none."""

import time
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tasks_app.models import Agent, AuditEntry, Calendar, Task, TaskDefinition
from tasks_app.services import many_new_tasks
from tests.integration.api.making import PAYLOAD, TASK, client_of
from tests.making import make_agent, told

URL = "/api/v1/tasks/bulk"
SINGLE = "/api/v1/tasks"


def faults(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.json()
    return {fault["pointer"]: fault["message"] for fault in answer.json()["errors"]}


def bodies(number: int) -> dict[str, Any]:
    return {"tasks": [TASK | {"title": f"t{each}"} for each in range(number)]}


def test_tasks_are_made_in_the_order_in_which_they_were_sent_as_single_ones_are(
    as_alice: APIClient, alice: Agent
) -> None:
    answer = as_alice.post(URL, bodies(3), headers={"X-Request-ID": "req-42"})

    assert answer.status_code == 201
    items = answer.json()["items"]
    assert [each["title"] for each in items] == ["t0", "t1", "t2"]
    assert as_alice.get(f"{SINGLE}/{items[1]['id']}").json() == items[1]
    alone = as_alice.post(SINGLE, TASK | {"title": "t1"}).json()
    own = {"id": "", "created_at": "", "updated_at": "", "next_run_at": ""}
    assert alone | own == items[1] | own
    assert alone["next_run_at"] == items[1]["next_run_at"]
    assert TaskDefinition.objects.count() == 4


def test_each_has_its_event_and_its_audit_entry(as_alice: APIClient, alice: Agent) -> None:
    made = as_alice.post(URL, bodies(3), headers={"X-Request-ID": "req-42"}).json()["items"]

    events = {str(event.aggregate).removeprefix("task:"): event for event in told("task.created")}
    entries = {str(entry.object_id): entry for entry in AuditEntry.objects.filter(action="task.created")}
    for task in made:
        event, entry = events[task["id"]], entries[task["id"]]
        assert (event.seq, event.agent, event.request_id) == (1, alice.pk, "req-42")
        assert event.data["title"] == task["title"]
        assert (entry.actor, entry.request_id, entry.details) == (
            f"agent:{alice.pk}",
            "req-42",
            {"title": task["title"]},
        )
    assert set(Task.objects.values_list("event_seq", flat=True)) == {1}


def test_a_change_of_one_of_them_goes_on_counting_its_events(as_alice: APIClient) -> None:
    [task] = as_alice.post(URL, bodies(1)).json()["items"]

    as_alice.post(f"{SINGLE}/{task['id']}/pause")

    assert [event.seq for event in told(aggregate_id=task["id"])] == [1, 2]


def test_one_fault_makes_none_and_all_faults_are_told_where_they_stand(as_alice: APIClient) -> None:
    sent = bodies(18)
    sent["tasks"][17]["schedule_expr"] = "P0D"
    sent["tasks"][3]["payload"] = {"pipeline": [{"uses": "no.such"}]}

    assert set(faults(as_alice.post(URL, sent))) == {"/tasks/17/schedule_expr", "/tasks/3/payload/pipeline/0/uses"}
    assert not Task.objects.exists()
    assert told() == []
    assert not AuditEntry.objects.filter(action="task.created").exists()


@pytest.mark.parametrize(
    ("second", "pointer"),
    [
        (TASK | {"title": ""}, "/tasks/1/title"),
        (TASK | {"colour": "red"}, "/tasks/1/colour"),
        (7, "/tasks/1"),
        ({"title": "Old", "schedule": "FREQ=SOMETIMES", "pipeline": PAYLOAD["pipeline"]}, "/tasks/1/schedule"),
        ({"title": "Old", "schedule": "FREQ=DAILY", "pipeline": [{"uses": "no.such"}]}, "/tasks/1/pipeline/0/uses"),
        (TASK | {"calendar": "no such"}, "/tasks/1/calendar"),
        (TASK | {"schedule_kind": "once", "schedule_expr": "2001-01-01T00:00:00Z"}, "/tasks/1/schedule_expr"),
    ],
)
def test_a_fault_is_pointed_at_in_the_shape_that_was_sent(as_alice: APIClient, second: Any, pointer: str) -> None:
    assert list(faults(as_alice.post(URL, {"tasks": [TASK, second]}))) == [pointer]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/tasks"),
        ({"tasks": []}, "/tasks"),
        ({"tasks": TASK}, "/tasks"),
        ({"tasks": [{}] * 1001}, "/tasks"),
        ({"tasks": [TASK], "title": "x"}, "/title"),
        ([TASK], ""),
    ],
)
def test_what_is_no_list_of_tasks_is_refused(as_alice: APIClient, body: Any, pointer: str) -> None:
    assert list(faults(as_alice.post(URL, body))) == [pointer]


def test_a_calendar_is_named_by_many_and_seen_by_its_own(as_alice: APIClient, alice: Agent, bob: Agent) -> None:
    Calendar.objects.create(name="mine", created_by=alice, definition={"dates": []})
    Calendar.objects.create(name="his", created_by=bob, definition={"dates": []})

    made = as_alice.post(URL, {"tasks": [TASK | {"calendar": "mine"}] * 2})
    refused = as_alice.post(URL, {"tasks": [TASK | {"calendar": "mine"}, TASK | {"calendar": "his"}]})

    assert {task["calendar"] for task in made.json()["items"]} == {str(Calendar.objects.get(name="mine").pk)}
    assert list(faults(refused)) == ["/tasks/1/calendar"]


def test_only_an_admin_makes_them_for_others(
    as_alice: APIClient, as_admin: APIClient, alice: Agent, bob: Agent
) -> None:
    sent = {"tasks": [TASK | {"created_by": str(agent.pk)} for agent in (alice, bob)]}
    unknown = {"tasks": [TASK, TASK | {"created_by": str(uuid.uuid4())}]}

    assert as_alice.post(URL, sent).status_code == 403
    assert [task["created_by"] for task in as_admin.post(URL, sent).json()["items"]] == [str(alice.pk), str(bob.pk)]
    assert list(faults(as_admin.post(URL, unknown))) == ["/tasks/1/created_by"]


def test_it_needs_the_scope_of_making_one(db: None) -> None:
    updater = client_of(make_agent(scopes=("tasks:update", "tasks:read", "runs:write", "tasks:delete")))

    assert updater.post(URL, bodies(1)).status_code == 403


def test_hundreds_cost_as_many_queries_as_ten(as_alice: APIClient) -> None:
    counts = []
    for number in (10, 300):
        begun = time.monotonic()
        with CaptureQueriesContext(connection) as counted:
            answer = as_alice.post(URL, bodies(number))
        assert answer.status_code == 201
        assert time.monotonic() - begun < 30
        counts.append(len(counted))

    assert counts[1] <= counts[0] < 25
    assert Task.objects.count() == 310


def test_checks_that_would_take_for_ever_are_given_up(as_alice: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many_new_tasks, "SECONDS", -1.0)

    assert list(faults(as_alice.post(URL, bodies(2)))) == ["/tasks/0"]
    assert not Task.objects.exists()
