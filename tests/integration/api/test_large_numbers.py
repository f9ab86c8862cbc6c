"""A number that is taken is taken again, and comes back as it was given, however the database writes it."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent, Run, Task, Tool
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tests.bringing import ENTRY
from tests.integration.api.making import PAYLOAD, TASK, make_task

NUMBERS = [1e22, -1e22, 1e19, 9.3e18, 1.5e300, 1.2345678901234567e25, 1e17, 2**63 - 1, -(2**63), 1e-300, 0.1, 7]


def body(value: Any) -> dict[str, Any]:
    return TASK | {"payload": PAYLOAD | {"params": {"n": value}}}


def test_a_task_says_the_numbers_that_it_was_given_and_may_be_changed_ever_after(as_alice: APIClient) -> None:
    made = as_alice.post("/api/v1/tasks", body(NUMBERS))
    assert made.status_code == 201, made.content
    path = f"/api/v1/tasks/{made.json()['id']}"

    read = as_alice.get(path).json()
    again = {name: read[name] for name in TASK}
    changed = as_alice.patch(path, {"title": "Another"})
    replaced = as_alice.put(path, again)

    assert read["payload"]["params"]["n"] == made.json()["payload"]["params"]["n"] == NUMBERS
    assert (changed.status_code, replaced.status_code) == (200, 200), (changed.content, replaced.content)
    assert replaced.json()["payload"] == read["payload"]


@pytest.mark.parametrize("value", NUMBERS, ids=range(len(NUMBERS)))
def test_what_is_sent_back_changes_nothing(as_alice: APIClient, alice: Agent, value: float) -> None:
    task = make_task(alice, payload=body(value)["payload"])

    answer = as_alice.patch(
        f"/api/v1/tasks/{task.pk}", {"payload": as_alice.get(f"/api/v1/tasks/{task.pk}").json()["payload"]}
    )

    assert (answer.status_code, answer.json()["version"]) == (200, 1)


@pytest.mark.parametrize("whole", [2**63, -(2**63) - 1, 10**22])
def test_a_whole_number_of_more_than_64_bits_is_refused_by_every_way_in(
    as_alice: APIClient, alice: Agent, whole: int
) -> None:
    task = make_task(alice)
    sent = json.dumps(body(whole))

    created = as_alice.generic("POST", "/api/v1/tasks", sent, content_type="application/json")
    patched = as_alice.generic("PATCH", f"/api/v1/tasks/{task.pk}", sent, content_type="application/json")

    assert (created.status_code, patched.status_code) == (400, 400)
    assert created.json()["detail"] == patched.json()["detail"]


def test_a_run_is_given_and_shows_the_numbers_that_it_was_asked_for_with(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)

    asked = as_alice.post(f"/api/v1/tasks/{task.pk}/run_now", {"params": {"n": NUMBERS}})

    assert asked.status_code < 300, asked.content
    assert Run.objects.get().input["params"]["n"] == NUMBERS
    assert type(Run.objects.get().input["params"]["n"][0]) is float


def test_a_tool_says_the_bounds_that_its_schema_was_given(as_admin: APIClient) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "number", "maximum": 1e22}}}
    path = f"/api/v1/tools/{ENTRY['address']}"
    made = as_admin.post("/api/v1/tools", ENTRY | {"input_schema": schema})
    assert made.status_code == 201, made.content

    read = as_admin.get(path).json()
    changed = as_admin.patch(path, {"description": "Other words"})
    again = as_admin.patch(path, {"input_schema": read["input_schema"]})

    assert read["input_schema"] == schema
    assert '"maximum":1e+22' in as_admin.get(path).content.decode()
    assert (changed.status_code, again.status_code) == (200, 200), again.content
    assert Tool.objects.get().input_schema == schema


def test_a_whole_number_of_a_tools_that_no_exponent_gives_keeps_its_digits(alice: Agent) -> None:
    task = make_task(alice, payload=body(2**64 - 1)["payload"])

    tasks.update_task(task, actor=SYSTEM, changes={"title": "Another"})

    assert Task.objects.get().payload["params"]["n"] == 2**64 - 1
