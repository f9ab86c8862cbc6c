"""`/tasks/{id}/snooze` over HTTP."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent, AuditEntry, Task
from tests.integration.api.making import client_of, make_task
from tests.making import make_agent, told


def url(task: Task) -> str:
    return f"/api/v1/tasks/{task.pk}/snooze"


def next_run(body: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(body["next_run_at"])


def test_the_next_instant_is_put_off_and_the_task_answered(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)
    assert task.next_run_at

    answer = as_alice.post(url(task), {"delay_seconds": 600, "reason": "busy"}, headers={"X-Request-ID": "req-42"})

    assert answer.status_code == 200
    assert next_run(answer.json()) == task.next_run_at + timedelta(seconds=600)
    assert as_alice.get(f"/api/v1/tasks/{task.pk}").json() == answer.json()
    entry = AuditEntry.objects.get(action="task.snoozed")
    assert (entry.actor, entry.request_id, entry.details["reason"]) == (f"agent:{alice.pk}", "req-42", "busy")
    [event] = told("task.snoozed")
    assert (event.agent, event.request_id) == (alice.pk, "req-42")


@pytest.mark.parametrize("name", ["seconds", "delay_seconds"])
def test_the_delay_is_taken_by_its_older_name_too(as_alice: APIClient, alice: Agent, name: str) -> None:
    task = make_task(alice)
    assert task.next_run_at

    assert next_run(as_alice.post(url(task), {name: 1}).json()) == task.next_run_at + timedelta(seconds=1)


def test_a_repeat_that_names_its_instant_puts_nothing_off_twice(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)
    assert task.next_run_at
    asked = {"delay_seconds": 600, "at": task.next_run_at.isoformat()}

    first, second = as_alice.post(url(task), asked), as_alice.post(url(task), asked)
    another = as_alice.post(url(task), asked | {"delay_seconds": 60})

    assert (first.json(), first.status_code) == (second.json(), second.status_code)
    assert (another.status_code, another.json()["code"]) == (409, "illegal_move")


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/delay_seconds"]),
        ({"delay_seconds": 0}, ["/delay_seconds"]),
        ({"delay_seconds": 604_801}, ["/delay_seconds"]),
        ({"delay_seconds": "60"}, ["/delay_seconds"]),
        ({"delay_seconds": 1.5}, ["/delay_seconds"]),
        ({"seconds": 0}, ["/seconds"]),
        ({"seconds": 60, "delay_seconds": 60}, ["/seconds"]),
        ({"seconds": 60, "colour": "red"}, ["/colour"]),
        ({"delay_seconds": 60, "reason": "x" * 201}, ["/reason"]),
        ({"delay_seconds": 60, "at": "soon"}, ["/at"]),
        ([], [""]),
    ],
)
def test_what_makes_no_sense_is_refused_by_the_name_it_was_sent_under(
    as_alice: APIClient, alice: Agent, body: Any, pointers: list[str]
) -> None:
    answer = as_alice.post(url(make_task(alice)), body)

    assert (answer.status_code, [fault["pointer"] for fault in answer.json()["errors"]]) == (422, pointers)


@pytest.mark.parametrize("verb", ["pause", "cancel"])
def test_a_task_that_is_not_active_is_409(as_alice: APIClient, alice: Agent, verb: str) -> None:
    task = make_task(alice)
    as_alice.post(f"/api/v1/tasks/{task.pk}/{verb}")

    assert as_alice.post(url(task), {"delay_seconds": 60}).status_code == 409


@pytest.mark.parametrize(("kind", "expression"), [("manual", ""), ("event", "orders.paid")])
def test_a_task_without_a_next_instant_is_409(as_alice: APIClient, alice: Agent, kind: str, expression: str) -> None:
    task = make_task(alice, schedule_kind=kind, schedule_expr=expression)

    assert as_alice.post(url(task), {"delay_seconds": 60}).json()["code"] == "illegal_move"


def test_it_needs_the_scope_of_a_change_and_a_task_of_ones_own(as_bob: APIClient, alice: Agent) -> None:
    task = make_task(alice)
    reader = client_of(make_agent(scopes=("tasks:read", "runs:write")))

    assert as_bob.post(url(task), {"delay_seconds": 60}).status_code == 404
    assert reader.post(url(task), {"delay_seconds": 60}).status_code == 403
    task.refresh_from_db()
    assert task.snoozes is None


def test_the_instants_to_come_and_the_why_of_one_tell_of_it(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)
    assert task.next_run_at
    as_alice.post(url(task), {"delay_seconds": 600, "reason": "busy"})

    items = as_alice.get(f"/api/v1/tasks/{task.pk}/occurrences?count=1").json()["items"]
    why = as_alice.get(f"/api/v1/tasks/{task.pk}/why", {"at": task.next_run_at.isoformat()}).json()

    assert [(each["fires"], each["reason"], each["notes"][0]["code"]) for each in items] == [
        (False, "snoozed", "snoozed"),
        (True, None, "snoozed"),
    ]
    assert (why["outcome"], why["reason"]) == ("will_not_fire", "snoozed")
