"""The questions that docs/pipelines.md shows are answered as it shows."""

import json
import re
import shlex
from pathlib import Path

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent
from tests.integration.api.making import make_task

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "pipelines.md").read_text()
ASKED = re.findall(r"```sh judged\n(.*?)```\n```text answered\n(.*?)```", TEXT, flags=re.DOTALL)


@pytest.mark.parametrize(("command", "answer"), ASKED, ids=range(len(ASKED)))
def test_a_question_shown_is_answered_as_shown(as_alice: APIClient, command: str, answer: str) -> None:
    words = shlex.split(command)
    address = words[words.index("-s") + 1].removeprefix("$ORDINAUT_URL")

    answered = as_alice.post(address, json.loads(words[words.index("-d") + 1]))

    assert words[0] == "curl"
    assert answered.json() == json.loads(answer)


def test_every_question_is_read() -> None:
    assert len(ASKED) + 1 == TEXT.count("curl ") == 3


def test_a_run_is_simulated_as_shown(as_alice: APIClient, alice: Agent) -> None:
    [command] = re.findall(r"```sh\n(curl.*?)```", TEXT, flags=re.DOTALL)
    words = shlex.split(command.replace("$TASK/", f"{make_task(alice).pk}/"))

    answered = as_alice.post(words[4].removeprefix("$ORDINAUT_URL"), json.loads(words[words.index("-d") + 1]))

    assert (answered.status_code, answered.json()["simulated"]) == (202, True)
