"""What a server says of its tools is listed whole, within bounds, and becomes entries that can be called."""

from typing import Any

import pytest

from pipelines.egress.addresses import AddressGuard
from pipelines.errors import ErrorClass, Interrupted, StepFailed
from pipelines.transports import InvalidEntry
from pipelines.transports.entry import Entry, Outside
from pipelines.transports.mcp_discovery import entries_of, list_tools
from tests.integration.http_tool.servers import LoopbackServer
from tests.integration.transports_mcp.calling import call
from tests.integration.transports_mcp.conftest import crude, outside_for
from tests.integration.transports_mcp.http_peer import HttpPeer
from tests.integration.transports_mcp.scripted import by_method, result


def test_the_tools_of_a_server_over_http_are_found_as_it_defines_them(peer: HttpPeer) -> None:
    found = {tool.name: tool for tool in list_tools("mcp-http", {"endpoint": peer.url}, outside_for(peer))}

    forecast = found["forecast"]
    assert forecast.description == "Tells the weather."
    assert forecast.input_schema["required"] == ["city"]
    assert set(forecast.output_schema["properties"]) == {"city", "degrees"}
    assert found["say"].output_schema == {}


def test_both_ways_to_a_server_find_the_same_definition(peer: HttpPeer, stdio: Outside) -> None:
    [over_http] = [
        each for each in list_tools("mcp-http", {"endpoint": peer.url}, outside_for(peer)) if each.name == "say"
    ]
    [over_stdio] = [each for each in list_tools("mcp-stdio", {"server": "peer"}, stdio) if each.name == "say"]

    assert over_http.fingerprint == over_stdio.fingerprint


def test_what_was_found_becomes_entries_that_can_be_called(stdio: Outside) -> None:
    settings = {"server": "peer"}
    found = list_tools("mcp-stdio", settings, stdio)

    discovered = entries_of(found, namespace="weather", transport="mcp-stdio", settings=settings, names=["forecast"])

    [entry] = discovered.entries
    assert entry["address"] == "weather.forecast"
    assert call(Entry(**entry), {"city": "Balti"}, stdio) == {"city": "Balti", "degrees": 21.5}


def test_a_list_that_never_ends_is_refused() -> None:
    outside = Outside(guard=AddressGuard(), servers={"endless": crude("polite")})

    with pytest.raises(StepFailed) as caught:
        list_tools("mcp-stdio", {"server": "endless"}, outside)

    assert (caught.value.error.error_class, caught.value.error.code) == (ErrorClass.PERMANENT, "too_many_tools")


def test_a_server_that_does_not_answer_is_left_when_the_time_is_over() -> None:
    outside = Outside(guard=AddressGuard(), servers={"mute": crude("mute")})

    with pytest.raises(StepFailed) as caught:
        list_tools("mcp-stdio", {"server": "mute"}, outside, seconds=1)

    assert caught.value.error.code == "timeout"


def test_whoever_asks_may_stop_asking() -> None:
    outside = Outside(guard=AddressGuard(), servers={"mute": crude("mute")})

    with pytest.raises(Interrupted):
        list_tools("mcp-stdio", {"server": "mute"}, outside, stopped=lambda: True)


@pytest.mark.parametrize(
    ("transport", "settings", "pointer"),
    [
        ("http", {"endpoint": "https://mcp.example.org/"}, "/transport"),
        ("mcp-http", {}, "/settings/endpoint"),
        ("mcp-stdio", {"command": ["sh"]}, "/settings/command"),
    ],
)
def test_settings_that_lead_nowhere_are_refused(transport: str, settings: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidEntry) as caught:
        list_tools(transport, settings, Outside(guard=AddressGuard()))

    assert pointer in [fault.pointer for fault in caught.value.faults]


def test_a_server_that_shows_the_secret_in_a_definition_is_refused() -> None:
    tool = {"name": "say", "description": "Use canary-1!", "inputSchema": {"type": "object"}}

    with LoopbackServer(by_method(list=result(tools=[tool], ttlMs=0, cacheScope="private"))) as server:
        outside = Outside(guard=AddressGuard([server.address]), reveal=lambda *_: "canary-1")
        settings = {"endpoint": server.url, "headers": {"x-key": "${secrets('key')}"}}
        with pytest.raises(StepFailed) as caught:
            list_tools("mcp-http", settings, outside)

    assert caught.value.error.code == "secret_echoed"
    assert "canary-1" not in caught.value.error.message


def test_pages_without_an_end_are_refused_though_they_are_empty() -> None:
    page = result(tools=[], nextCursor="more", ttlMs=0, cacheScope="private")

    with LoopbackServer(by_method(list=page)) as server, pytest.raises(StepFailed) as caught:
        list_tools("mcp-http", {"endpoint": server.url}, Outside(guard=AddressGuard([server.address])))

    assert caught.value.error.code == "too_many_tools"
