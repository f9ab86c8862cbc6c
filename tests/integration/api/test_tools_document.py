"""What `docs/tools.md` shows is what the API takes and answers."""

import json
import re
import shlex
from typing import Any

import pytest
from rest_framework.test import APIClient

from ordinaut_site import env
from pipelines import transports
from pipelines.transports import mcp_discovery, mcp_http
from pipelines.transports.mcp_definitions import Found
from tasks_app.models import Secret, Tool
from tasks_app.services.tools import WRITABLE
from tests.bringing import use_a_transport_that_reaches_nobody
from tests.integration.api.making import client_of
from tests.making import make_agent

DOCUMENT = (env.BASE_DIR / "docs" / "tools.md").read_text()
OURS = DOCUMENT.partition("## Transports")[0]
ENTRIES = OURS.partition("## Entries")[2]


def shown(kind: str) -> Any:
    [text] = re.findall(rf"```json {kind}\n(.*?)```", OURS, flags=re.DOTALL)
    return json.loads(text)


def commands() -> list[list[str]]:
    return [shlex.split(text) for text in re.findall(r"```sh\n(.*?)```", OURS, flags=re.DOTALL)]


def done(client: APIClient, command: list[str]) -> Any:
    """What curl would be answered."""
    method, address = command[2].lower(), command[3].removeprefix("$ORDINAUT_URL")
    return getattr(client, method)(address, json.loads(command[command.index("-d") + 1]))


@pytest.fixture(autouse=True)
def _transport(monkeypatch: pytest.MonkeyPatch) -> None:
    use_a_transport_that_reaches_nobody(monkeypatch)


@pytest.fixture
def client(db: None) -> APIClient:
    return client_of(make_agent(scopes=("tools:read", "tools:write")))


def test_the_entry_that_is_shown_can_be_brought_and_says_everything(client: APIClient) -> None:
    entry = shown("entry")

    made = client.post("/api/v1/tools", entry)

    assert made.status_code == 201, made.json()
    assert made.json() | entry == made.json()
    assert entry.keys() == WRITABLE


def test_every_field_is_described_and_no_other() -> None:
    described = {
        name
        for row in re.findall(r"^\| (`.*?) \|", ENTRIES, flags=re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }

    assert described == WRITABLE


def test_the_fault_that_is_shown_is_answered_at_its_place(client: APIClient) -> None:
    fault = shown("fault")

    answer = client.post("/api/v1/tools", fault["sent"])

    assert [each["pointer"] for each in answer.json()["errors"]] == [fault["pointer"]]


def test_the_import_that_is_shown_answers_what_is_shown(client: APIClient) -> None:
    answer = done(client, commands()[0])

    assert answer.json() == shown("imported")
    assert Tool.objects.get(address="mail.send").scopes == ["notify"]


def test_the_secret_that_is_shown_is_put(client: APIClient) -> None:
    answer = done(client, commands()[1])

    assert answer.status_code == 201
    assert Secret.objects.get().hosts == ["api.example.org", "*.example.net"]


def test_the_discovery_that_is_shown_brings_what_it_names(client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    has = [Found(name=name) for name in ("search", "read", "delete_all")]
    monkeypatch.setattr(mcp_discovery, "list_tools", lambda *_, **__: has)
    monkeypatch.setattr(transports, "_CONNECTORS", {"mcp-http": mcp_http.CONNECTOR})

    answer = client.post("/api/v1/tools/discover", shown("discover"))

    assert answer.json()["imported"]["created"] == ["notes.search", "notes.read"]
    assert len(answer.json()["tools"]) == 3
