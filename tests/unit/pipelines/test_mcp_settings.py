"""What an entry of an MCP server's tool may say, and what is said when it says something else."""

import subprocess
import sys
from typing import Any

import pytest

from pipelines.egress.addresses import AddressGuard
from pipelines.transports import InvalidEntry, tool_of
from pipelines.transports.entry import Entry, Outside, StdioServer

OUTSIDE = Outside(guard=AddressGuard(), servers={"notes": StdioServer(command=["notes-server"])})
ENDPOINT = "https://mcp.example.org/mcp"


def faults_of(transport: str, settings: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidEntry) as caught:
        tool_of(Entry(address="a.b", transport=transport, settings=settings), OUTSIDE)
    return {fault.pointer: fault.message for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("settings", "pointer", "cure"),
    [
        ({}, "/settings/endpoint", "the server's URL"),
        ({"endpoint": ""}, "/settings/endpoint", "the server's URL"),
        ({"endpoint": 5}, "/settings/endpoint", "the server's URL"),
        ({"endpoint": "https://x/" + "y" * 2000}, "/settings/endpoint", "the server's URL"),
        ({"endpoint": "https://[::1"}, "/settings/endpoint", "is not a URL"),
        ({"endpoint": "file:///etc/passwd"}, "/settings/endpoint", "does not begin with http"),
        ({"endpoint": "https:///mcp"}, "/settings/endpoint", "does not begin with http"),
        ({"endpoint": "https://me:secret@mcp.example.org/"}, "/settings/endpoint", "name or password"),
        ({"endpoint": "https://mcp.example.org/${secrets('x')}"}, "/settings/endpoint", "send it in a header"),
        ({"endpoint": ENDPOINT, "headers": ["a"]}, "/settings/headers", "is not an object"),
        ({"endpoint": ENDPOINT, "headers": {"a b": "c"}}, "/settings/headers/a b", "is not a header"),
        ({"endpoint": ENDPOINT, "headers": {"a/b\r": "c"}}, "/settings/headers/a~1b\r", "is not a header"),
        ({"endpoint": ENDPOINT, "headers": {"x": 5}}, "/settings/headers", "is not an object"),
        ({"endpoint": ENDPOINT, "headers": {"x": "a\r\nb: c"}}, "/settings/headers/x", "is not a header"),
        ({"endpoint": ENDPOINT, "headers": {"Host": "other"}}, "/settings/headers/Host", "leave it out"),
        (
            {"endpoint": ENDPOINT, "headers": {"Mcp-Session-Id": "1"}},
            "/settings/headers/Mcp-Session-Id",
            "leave it out",
        ),
        ({"endpoint": ENDPOINT, "method": "GET"}, "/settings/method", "known are endpoint, headers, tool, fingerprint"),
        ({"endpoint": ENDPOINT, "command": "sh"}, "/settings/command", "is not known"),
        ({"endpoint": ENDPOINT, "tool": "x" * 257}, "/settings/tool", "1 to 256 characters"),
        ({"endpoint": ENDPOINT, "fingerprint": "A" * 64}, "/settings/fingerprint", "64 hexadecimal digits"),
    ],
)
def test_a_setting_that_makes_no_sense_over_http_is_named_with_its_cure(
    settings: dict[str, Any], pointer: str, cure: str
) -> None:
    assert cure in faults_of("mcp-http", settings)[pointer]


def test_a_command_is_refused_with_the_way_to_name_a_server() -> None:
    faults = faults_of("mcp-stdio", {"command": ["sh", "-c", "true"]})

    assert "ORDINAUT_MCP_SERVERS" in faults["/settings/command"]
    assert "there are: notes" in faults["/settings/server"]


def test_an_entry_that_is_right_makes_a_tool_without_any_connection() -> None:
    settings = {"endpoint": "https://MCP.example.org/mcp", "headers": {"authorization": "Bearer ${secrets('key')}"}}

    over_http = tool_of(Entry(address="a.b", transport="mcp-http", settings=settings), OUTSIDE)
    over_stdio = tool_of(Entry(address="a.c", transport="mcp-stdio", settings={"server": "notes"}), OUTSIDE)

    assert over_http.destination_of({}) == "a.b mcp.example.org:443"
    assert over_stdio.destination_of({}) == "a.c notes"
    assert over_http.at_most_once


def test_a_port_and_an_ipv6_address_are_parts_of_the_destination() -> None:
    entry = Entry(address="a.b", transport="mcp-http", settings={"endpoint": "http://[::1]:8080/mcp"})

    assert tool_of(entry, OUTSIDE).destination_of({}) == "a.b [::1]:8080"


def test_the_sdk_is_imported_by_the_first_call_and_not_by_whoever_loads_the_catalogue() -> None:
    program = "import sys, pipelines.transports, pipelines.transports.mcp_discovery; print('mcp' in sys.modules)"

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ended.stdout == "False\n"
