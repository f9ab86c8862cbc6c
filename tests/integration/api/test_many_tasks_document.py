"""What docs/many-tasks.md shows is what the API does."""

import json
import re
from pathlib import Path
from typing import Any

from rest_framework.test import APIClient

from tasks_app.models import Agent
from tests.integration.api.making import make_task
from tests.integration.api.test_task_stats import ended

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "many-tasks.md").read_text()


def shown(name: str, **values: object) -> Any:
    [block] = re.findall(rf"```json {name}\n(.*?)```", TEXT, flags=re.DOTALL)
    for word, value in sorted(values.items(), reverse=True):  # the longest of those that begin alike first
        block = block.replace(f"${word}", str(value))
    return json.loads(block)


def test_the_tasks_shown_are_refused_where_it_says_and_taken_when_mended(as_alice: APIClient) -> None:
    sent = shown("bulk")

    refused = as_alice.post("/api/v1/tasks/bulk", sent)
    sent["tasks"][1]["schedule_expr"] = "PT1H"
    made = as_alice.post("/api/v1/tasks/bulk", sent)

    assert [fault["pointer"] for fault in refused.json()["errors"]] == shown("pointers")
    assert (made.status_code, [task["title"] for task in made.json()["items"]]) == (201, ["Rates", "Weather"])


def test_the_answer_to_a_verb_is_the_one_shown(as_alice: APIClient, alice: Agent, bob: Agent) -> None:
    task, canceled, foreign = make_task(alice), make_task(alice), make_task(bob)
    as_alice.post(f"/api/v1/tasks/{canceled.pk}/cancel")

    answer = as_alice.post("/api/v1/tasks/bulk/pause", {"ids": [str(each.pk) for each in (task, canceled, foreign)]})

    assert answer.json() == shown("paused", TASK=task.pk, TASK_CANCELED=canceled.pk, TASK_OF_ANOTHER=foreign.pk)


def test_the_stats_shown_are_those_of_such_runs(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)
    ended(task, "succeeded", 1)
    ended(task, "succeeded", 3)
    ended(task, "failed", 2)
    ended(task, "succeeded", 500, simulated=True)

    found = as_alice.get(f"/api/v1/tasks/{task.pk}/stats").json()

    assert {name: value for name, value in found.items() if name not in {"after", "before"}} == shown("stats")
