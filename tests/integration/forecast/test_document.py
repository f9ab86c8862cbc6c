"""What `docs/forecast.md` shows is what the API answers and the command prints."""

import json
import re
import shlex
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings

from ordinaut_site import env
from tasks_app.api.serializers.conflicts import ConflictsSerializer
from tasks_app.models import Task
from tests.integration.api.making import client_of
from tests.making import make_agent

DOCUMENT = (env.BASE_DIR / "docs" / "forecast.md").read_text()
SCOPES = ("tasks:create", "tasks:read", "tasks:update")
LEFT_OUT = {"id", "agent", "spread"}  # they hang on the ids

pytestmark = pytest.mark.django_db


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, flags=re.DOTALL)


def shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shortened(inner) for key, inner in value.items() if key not in LEFT_OUT}
    return [shortened(each) for each in value] if isinstance(value, list) else value


@pytest.fixture
def agent() -> Any:
    agent = make_agent(scopes=SCOPES)
    for block in blocks("json"):
        assert client_of(agent).post("/api/v1/tasks", json.loads(block)).status_code == 201
    return agent


def test_the_answer_that_is_shown_is_the_answer(agent: Any) -> None:
    from django.conf import settings

    [path] = re.findall(r"\$ORDINAUT_URL(/api/v1/schedules/[^\"]+)\"", DOCUMENT)

    with override_settings(CELERY_WORKER_CONCURRENCY=1, ORDINAUT=replace(settings.ORDINAUT, worker_threads=100)):
        answer = client_of(agent).get(path)

    assert shortened(answer.json()) == json.loads(blocks("text")[0])


def test_the_change_that_is_shown_is_taken(agent: Any) -> None:
    [change] = re.findall(r"api -X PATCH \"[^\"]+\" -d '([^']+)'", DOCUMENT)
    task = Task.objects.first()
    assert task is not None

    assert client_of(agent).patch(f"/api/v1/tasks/{task.pk}", json.loads(change)).status_code == 200


def test_the_commands_that_are_shown_print_what_is_shown(agent: Any) -> None:
    commands = re.findall(r"manage\.py simulate (.*)\n", DOCUMENT)
    printed = []
    for command in commands:
        output = StringIO()
        call_command("simulate", *shlex.split(command), stdout=output)
        printed.append(output.getvalue())

    assert printed[0].startswith(blocks("text")[1])
    assert json.loads(printed[1])["tasks"]["forecast"] == 2
    assert len(printed) == 2


def test_every_field_of_the_answer_is_explained(agent: Any) -> None:
    explained = set(re.findall(r"`(\w+)`", DOCUMENT.partition("| field |")[2].partition("##")[0]))
    fields = {name for name in ConflictsSerializer().fields if not name.endswith("_left_out")}

    assert fields - explained == {"from"}
