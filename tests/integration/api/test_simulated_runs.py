"""A task or a single run may be simulated, and is shown as that."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app import queue
from tasks_app.models import Agent
from tests.integration.api.making import TASK, make_task
from tests.making import claim_one, step

TASKS, RUNS = "/api/v1/tasks", "/api/v1/runs"


def test_a_task_may_be_simulated_from_the_start_and_turned_live(as_alice: APIClient) -> None:
    made = as_alice.post(TASKS, TASK | {"mode": "simulate"}).json()
    turned = as_alice.patch(f"{TASKS}/{made['id']}", {"mode": "live"}).json()

    assert (made["mode"], turned["mode"], turned["version"]) == ("simulate", "live", 2)


def test_a_mode_that_is_none_is_refused(as_alice: APIClient, alice: Agent) -> None:
    refused = as_alice.post(TASKS, TASK | {"mode": "dream"})
    run = as_alice.post(f"{TASKS}/{make_task(alice).pk}/run_now", {"mode": "dream"})

    for answer in (refused, run):
        assert answer.status_code == 422
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/mode"]


def test_one_run_is_simulated_and_it_and_its_steps_say_so(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)
    simulated = as_alice.post(f"{TASKS}/{task.pk}/run_now", {"mode": "simulate"}).json()
    queue.apply(queue.succeed(claim_one().lease, steps=[step()]))
    live = as_alice.post(f"{TASKS}/{task.pk}/run_now").json()

    assert (simulated["simulated"], live["simulated"]) == (True, False)
    shown = as_alice.get(f"{RUNS}/{simulated['id']}").json()
    assert (shown["simulated"], [each["simulated"] for each in shown["steps"]]) == (True, [True])
    told: dict[str, Any] = as_alice.get(f"{TASKS}/{task.pk}").json()
    assert told["last_status"] == "queued"


@pytest.mark.parametrize("simulated", [True, False])
def test_runs_are_listed_by_whether_they_were_simulated(as_alice: APIClient, alice: Agent, simulated: bool) -> None:
    task = make_task(alice)
    for body in ({"mode": "simulate"}, {}):
        as_alice.post(f"{TASKS}/{task.pk}/run_now", body)

    found = as_alice.get(f"{RUNS}?simulated={str(simulated).lower()}").json()["items"]

    assert [run["simulated"] for run in found] == [simulated]
