"""What the command line says when something goes wrong that no platform of ours does."""

import json
from collections.abc import Iterator

import httpx
import pytest
from ordinaut_client import Event, Missed, Ordinaut

from tests.integration.client.typing_commands import CommandLine

EVENT = Event("9", "run.failed", {"at": "2026-01-31T09:00:00Z", "aggregate": "run:1", "data": {"why": "no"}})


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
