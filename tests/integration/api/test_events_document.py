"""The event that the document shows reaches the task that it shows."""

import json
import re
from pathlib import Path

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Run

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "events-and-conditions.md").read_text()


def blocks(kind: str) -> list[dict[str, object]]:
    return [json.loads(block) for block in re.findall(rf"```{kind}\n(.*?)```", TEXT, flags=re.DOTALL)]


@pytest.mark.usefixtures("redis_emptied")
def test_the_event_shown_gives_the_task_shown_its_run(as_alice: APIClient) -> None:
    [event] = blocks("json event")
    listening = blocks("json")[0]
    task = as_alice.post("/api/v1/tasks", listening).json()

    answer = as_alice.post("/api/v1/events", event)

    assert answer.status_code == 202
    assert answer.json()["runs"] == [str(Run.objects.get(task=task["id"]).pk)]
