"""What docs/tools.md shows of the transports is what they send and return."""

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.transports import _CONNECTORS
from pipelines.transports.entry import Entry
from tests.integration.http_tool.servers import LoopbackServer
from tests.integration.transports.calling import answering_with, body_of, called, headers_of, outside, target_of

TEXT = (Path(__file__).parents[3] / "docs" / "tools.md").read_text()
TRANSPORTS = TEXT[TEXT.index("## Transports") :]
NETWORKED = ("http", "jsonrpc", "llm")
PLACE = "shop.example:8080"


def section(transport: str) -> dict[str, str]:
    """The examples of a transport's section, by what they are."""
    [text] = re.findall(rf"^### {transport}\n(.*?)(?=^##|\Z)", TRANSPORTS, flags=re.DOTALL | re.MULTILINE)
    return dict(re.findall(r"```\w+ ([\w.]+)\n(.*?)```", text, flags=re.DOTALL))


@pytest.mark.parametrize("transport", NETWORKED)
def test_an_entry_shown_sends_and_returns_what_is_shown_below_it(transport: str) -> None:
    shown = section(transport)
    head, _, body = shown["request"].partition("\n\n")
    first, *headers = head.splitlines()

    def answer(request: bytes) -> Any:
        identity = body_of(request).get("id", "") if transport == "jsonrpc" else ""
        return json.loads(shown["answer"].replace('"*"', json.dumps(identity)))

    with LoopbackServer(answering_with(answer)) as server:
        entry = Entry(**json.loads(shown["entry"].replace(PLACE, server.address)))
        around = outside(allow=[server.address], secrets={"shop": "shop-key"})
        output = called(entry, json.loads(shown["input"]), outside=around).output
        [request] = server.requests

    sent = body_of(request)
    if transport == "jsonrpc":
        sent["id"] = "*"
    assert first == f"{request.split(b' ')[0].decode()} {target_of(request)}"
    assert {line.partition(": ")[0]: line.partition(": ")[2] for line in headers}.items() <= headers_of(request).items()
    assert sent == json.loads(body)
    assert output == json.loads(shown["output"])


def test_a_function_shown_is_called() -> None:
    shown = section("python")
    module: dict[str, Callable[..., Any]] = {}
    exec(shown["shop.tools"], module)
    around = dataclasses.replace(outside(), callables={"area": module["area"]})

    output = called(Entry(**json.loads(shown["entry"])), json.loads(shown["input"]), outside=around).output

    assert output == json.loads(shown["output"])


@pytest.mark.parametrize("transport", [*NETWORKED, "python"])
def test_every_setting_is_explained(transport: str) -> None:
    [text] = re.findall(rf"^### {transport}\n(.*?)(?=^##|\Z)", TRANSPORTS, flags=re.DOTALL | re.MULTILINE)
    explained = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| `.*?\|", text, flags=re.MULTILINE))))

    assert settings_of(transport) <= explained


def settings_of(transport: str) -> set[str]:
    """What the fault of an unknown setting says is known."""
    entry = Entry(address="a", transport=transport, settings={"?": 1})
    [message] = [f.message for f in _CONNECTORS[transport].faults(entry, outside()) if f.pointer == "/settings/?"]
    return set(message.partition("known are ")[2].split(", "))
