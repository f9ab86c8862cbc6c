"""What the command line says when something goes wrong that no platform of ours does."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from ordinaut_client import Event, Missed, Ordinaut
from ordinaut_client.cli.kept_login import KeptLogin
from ordinaut_client.tokens import Tokens

from tests.integration.client.typing_commands import CommandLine

EVENT = Event("9", "run.failed", {"at": "2026-01-31T09:00:00Z", "aggregate": "run:1", "data": {"why": "no"}})


@pytest.fixture
def somebody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Logged in at a platform that is not there."""
    monkeypatch.delenv("ORDINAUT_URL", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    until = time.time() + 900
    tokens = Tokens(access="a", access_until=until, refresh="r", refresh_until=until, scopes=())
    KeptLogin.begin(url="http://platform", agent_id="a", tokens=tokens)
    return CommandLine(tmp_path)


def test_a_page_where_json_should_be_is_nobody_of_ours(somebody: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        httpx.HTTPTransport,
        "handle_request",
        lambda *_: httpx.Response(200, text="<html>", headers={"Server": "proxy"}),
    )

    assert "no answer of Ordinaut's" in somebody.types("tasks", "list", code=4).stderr


def test_an_interruption_is_quiet(somebody: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> Iterator[Event]:
        raise KeyboardInterrupt

    monkeypatch.setattr(Ordinaut, "follow", interrupted)

    assert somebody.types("events", "tail", code=130).output == ""


def test_events_that_are_gone_are_said_to_be(somebody: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ordinaut, "follow", lambda *_, **__: iter([Missed("8", "pruned"), EVENT]))

    told = somebody.types("events", "tail", "--json")

    assert told.stderr == "Events are missing before 8: pruned.\n"
    assert json.loads(told.stdout) == EVENT.told
