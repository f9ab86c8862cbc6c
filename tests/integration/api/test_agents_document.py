"""Every command of `docs/agents-and-scopes.md` is run, in its order, and answers what is shown."""

import json
import re
import shlex
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from rest_framework.test import APIClient

from ordinaut_site.env import BASE_DIR
from tasks_app.api import tokens
from tasks_app.models import Agent
from tasks_app.services import agents

DOCUMENT = (BASE_DIR / "docs" / "agents-and-scopes.md").read_text()
SHOWN = re.findall(r"^```console\n\$ (.*?)(?<!\\)\n(.*?)^```", DOCUMENT, flags=re.DOTALL | re.MULTILINE)
ANY = "…"

pytestmark = pytest.mark.django_db


def agrees(shown: Any, answered: Any) -> bool:
    """Whether an answer is as shown; … stands for any value that is there."""
    if shown == ANY:
        return answered is not None
    if isinstance(shown, dict) and isinstance(answered, dict):
        return shown.keys() == answered.keys() and all(agrees(shown[key], answered[key]) for key in shown)
    if isinstance(shown, list) and isinstance(answered, list):
        return len(shown) == len(answered) and all(map(agrees, shown, answered))
    return bool(shown == answered)


class Reader:
    """Types what the document shows, and keeps what the answers give for the commands that follow."""

    def __init__(self) -> None:
        self.known = {"URL": "http://testserver"}

    def type(self, command: str) -> str:
        filled = re.sub(r"\$([A-Z]+)", lambda name: self.known[name[1]], command.replace("\\\n", " "))
        program, *words = shlex.split(filled)
        text = self.manage(words) if program == "manage.py" else self.curl(words)
        connection.check_constraints()  # what a commit does
        return text

    def manage(self, words: list[str]) -> str:
        output = StringIO()
        call_command(*words, stdout=output)
        if words[0] == "create_agent":
            self.known["BOSS"] = tokens.issue(Agent.objects.get(name="boss"))
        return output.getvalue()

    def curl(self, words: list[str]) -> str:
        url, *options = words
        given = list(zip(options[::2], options[1::2], strict=True))
        asked, headers = dict(given), dict(value.split(": ", 1) for name, value in given if name == "-H")
        body = json.loads(asked["--json"]) if "--json" in asked else None
        method = asked.get("-X", "POST" if "--json" in asked else "GET")
        answer = APIClient().generic(
            method, url, json.dumps(body) if body is not None else "", content_type="application/json", headers=headers
        )
        assert answer.status_code < 300, answer.content
        self.learn(answer)
        return str(answer.content.decode())

    def learn(self, answer: Any) -> None:
        if "json" not in answer.headers["Content-Type"]:
            return
        told = answer.json()
        names = {"agent_secret": "SECRET", "access_token": "TOKEN", "refresh_token": "REFRESH"}
        self.known |= {name: told[key] for key, name in names.items() if key in told}
        if "agent_secret" in told and "id" in told:
            self.known["ID"] = told["id"]


def test_the_document_is_read() -> None:
    assert len(SHOWN) == DOCUMENT.count("```console") == 15


def test_every_command_answers_what_is_shown() -> None:
    reader = Reader()
    for command, shown in SHOWN:
        answered = reader.type(command)
        if shown.startswith("{"):
            assert agrees(json.loads(shown), json.loads(answered)), (command, answered)
        else:
            pattern = re.escape(shown.strip()).replace(ANY, r"\S+")
            assert re.match(pattern, answered.replace("\r", "")), (command, answered)


def test_every_scope_is_explained_and_no_other() -> None:
    [table] = re.findall(r"^## Scopes\n(.*?)^## ", DOCUMENT, flags=re.DOTALL | re.MULTILINE)

    assert re.findall(r"^\| `([\w:]+)` \|", table, flags=re.MULTILINE) == list(agents.SCOPES)


def test_every_limit_is_explained() -> None:
    assert re.findall(
        r"^\| `(\w+)` \| (?:runs|of these|how near|requests|calls|tokens|millionths)", DOCUMENT, flags=re.MULTILINE
    ) == list(agents.LIMITS)


def test_the_grants_that_are_shown_are_those_that_are_tested() -> None:
    tested = (BASE_DIR / "tests/integration/audit/test_append_only.py").read_text()
    [shown] = re.findall(r"```sql\n(.*?)```", DOCUMENT, flags=re.DOTALL)

    for grant in re.findall(r"GRANT .*? TO", shown):
        assert grant in tested


def test_the_grants_that_are_shown_can_be_given() -> None:
    [shown] = re.findall(r"```sql\n(.*?)```", DOCUMENT, flags=re.DOTALL)

    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE ordinaut_app")
        cursor.execute(shown)
        cursor.execute("SELECT has_table_privilege('ordinaut_app', 'tasks_auditentry', 'DELETE')")
        assert cursor.fetchone() == (False,)
