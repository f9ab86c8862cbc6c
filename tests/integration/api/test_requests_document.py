"""Every command of `docs/api-requests.md` is run, in its order, and answers what is shown."""

import json
import re
import shlex
from typing import Any

import pytest
from rest_framework.test import APIClient

from ordinaut_site.env import BASE_DIR
from tasks_app import api_limits
from tasks_app.api import tokens
from tasks_app.models import Agent
from tests.integration.api.test_agents_document import agrees

DOCUMENT = (BASE_DIR / "docs" / "api-requests.md").read_text()
BLOCKS = re.findall(r"^```console\n(.*?)^```", DOCUMENT, flags=re.DOTALL | re.MULTILINE)
SHOWN = [
    tuple(each)
    for block in BLOCKS
    for each in re.findall(r"^\$ (.*?)(?<!\\)\n(.*?)(?=^\$ |\Z)", block, re.DOTALL | re.MULTILINE)
]


class Reader:
    """Types what the document shows, and keeps what the answers give for the commands that follow."""

    def __init__(self, alice: Agent) -> None:
        self.known = {"URL": "http://testserver", "TOKEN": tokens.issue(alice)}

    def curl(self, command: str) -> Any:
        filled = re.sub(
            r"\$([A-Z]+)", lambda name: self.known[name[1]].replace('"', '\\"'), command.replace("\\\n", " ")
        )
        words = [word for word in shlex.split(filled)[1:] if word not in {"-s", "-si"}]
        url = next(word for word in words if word.startswith("http"))
        words.remove(url)
        given = list(zip(words[::2], words[1::2], strict=True))
        asked, headers = dict(given), dict(value.split(": ", 1) for name, value in given if name == "-H")
        method = asked.get("-X", "POST" if "--json" in asked else "GET")
        answer = APIClient().generic(
            method, url, asked.get("--json", ""), content_type="application/json", headers=headers
        )
        if answer.status_code == 201:
            self.known["ID"] = answer.json()["id"]
        if answer.status_code == 200:
            self.known["ETAG"] = answer.headers["ETag"]
        return answer


def shown_headers(shown: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in shown.splitlines()[1:] if re.match(r"[A-Z][\w-]+: ", line))


@pytest.mark.django_db
def test_every_command_answers_what_is_shown(alice: Agent) -> None:
    reader = Reader(alice)
    for command, shown in SHOWN:
        answer = reader.curl(command)
        assert str(answer.status_code) == shown.splitlines()[0], (command, answer.content)
        for name, value in shown_headers(shown).items():
            assert re.fullmatch(re.escape(value).replace("…", r"\w+"), answer.headers[name]), (
                name,
                answer.headers[name],
            )
        if "{" in shown:
            assert agrees(json.loads(shown[shown.index("{") :]), answer.json()), answer.content


def test_the_document_is_read() -> None:
    assert len(SHOWN) == DOCUMENT.count("$ curl ") == 10


def test_the_limits_shown_are_the_usual_ones() -> None:
    shown = re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", DOCUMENT, flags=re.MULTILINE)

    assert {name: int(most.replace(",", "")) for name, most in shown} == dict(api_limits.USUAL)
