"""The questions that docs/pipelines.md shows are answered as it shows."""

import json
import re
import shlex
from pathlib import Path

import pytest
from rest_framework.test import APIClient

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
    assert len(ASKED) == TEXT.count("curl ") == 2
