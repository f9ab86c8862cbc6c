"""What a server's tools are called in the catalogue, and what their fingerprints depend on."""

from dataclasses import replace
from typing import Any

import pytest

from pipelines.catalogue import Tool
from pipelines.transports.mcp_definitions import Found
from pipelines.transports.mcp_discovery import Collision, Discovered, entries_of

SETTINGS = {"endpoint": "https://mcp.example.org/mcp"}
TOOL = Found(name="say", description="Says it.", input_schema={"type": "object", "properties": {"b": {}, "a": {}}})


def discovered(*names: str, **how: Any) -> Discovered:
    found = [Found(name=name) for name in names]
    return entries_of(found, **{"namespace": "peer", "transport": "mcp-http", "settings": SETTINGS, **how})


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("forecast", "peer.forecast"),
        ("getForecast", "peer.get_forecast"),
        ("Get Forecast!", "peer.get_forecast"),
        ("files.read", "peer.files_read"),
        ("files/read", "peer.files_read"),
        ("send-mail", "peer.send-mail"),
        ("HTTPGet", "peer.httpget"),
        ("2fa", "peer.tool_2fa"),
        ("_private_", "peer.private"),
        ("прогноз", "peer.tool"),
        ("x" * 100, f"peer.{'x' * 64}"),
    ],
)
def test_any_name_comes_to_an_address(name: str, address: str) -> None:
    [entry] = discovered(name).entries

    assert entry["address"] == address
    assert entry["settings"]["tool"] == name
    Tool(entry["address"], lambda *_: None)  # which refuses what is no address


def test_an_entry_has_what_the_server_said_and_nothing_of_its_annotations() -> None:
    tool = replace(TOOL, output_schema={"type": "object"}, annotations={"readOnlyHint": True, "idempotentHint": True})

    [entry] = entries_of([tool], namespace="peer", transport="mcp-http", settings=SETTINGS).entries

    assert entry == {
        "address": "peer.say",
        "transport": "mcp-http",
        "settings": {**SETTINGS, "tool": "say", "fingerprint": tool.fingerprint},
        "input_schema": tool.input_schema,
        "output_schema": {"type": "object"},
        "description": "Says it.",
    }


def test_names_that_come_to_one_address_get_none() -> None:
    result = discovered("getForecast", "say", "get_forecast")

    assert [entry["address"] for entry in result.entries] == ["peer.say"]
    assert result.collisions == (Collision(address="peer.get_forecast", names=("getForecast", "get_forecast")),)


def test_a_name_that_a_server_lists_twice_is_a_collision() -> None:
    assert discovered("say", "say").collisions == (Collision(address="peer.say", names=("say", "say")),)


def test_the_chosen_tools_become_entries_in_the_servers_order() -> None:
    result = discovered("a", "b", "c", names=["c", "a"])

    assert [entry["address"] for entry in result.entries] == ["peer.a", "peer.c"]


def test_a_tool_that_was_chosen_and_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="no tool called other"):
        discovered("say", names=["say", "other"])


@pytest.mark.parametrize("namespace", ["", "Peer", "1peer", "a..b", "a b", "peer."])
def test_a_namespace_that_is_none_is_refused(namespace: str) -> None:
    with pytest.raises(ValueError, match="is not a namespace"):
        discovered("say", namespace=namespace)


def test_a_namespace_may_have_several_parts() -> None:
    assert discovered("say", namespace="mail.work").entries[0]["address"] == "mail.work.say"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "says"},
        {"description": "Says it. "},
        {"input_schema": {"type": "object"}},
        {"output_schema": {"type": "object"}},
        {"annotations": {"readOnlyHint": True}},
    ],
)
def test_whatever_a_server_changes_changes_the_fingerprint(change: dict[str, Any]) -> None:
    assert replace(TOOL, **change).fingerprint != TOOL.fingerprint


def test_the_order_of_keys_changes_no_fingerprint() -> None:
    turned = replace(TOOL, input_schema={"properties": {"a": {}, "b": {}}, "type": "object"})

    assert turned.fingerprint == TOOL.fingerprint
    assert len(TOOL.fingerprint) == 64
