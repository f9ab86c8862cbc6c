"""What docs/tools.md shows of MCP servers is what they do."""

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pipelines.egress.addresses import AddressGuard
from pipelines.transports import mcp_stdio_calls
from pipelines.transports.entry import Entry, Outside, StdioServer
from pipelines.transports.mcp_definitions import Found
from tasks_app import mcp_servers
from tests.integration.transports_mcp.calling import call
from tests.integration.transports_mcp.conftest import PEER
from tests.integration.transports_mcp.http_peer import HttpPeer

TEXT = (Path(__file__).parents[3] / "docs" / "tools.md").read_text()
OURS = TEXT.partition("### mcp-http")[2]
EXAMPLES = re.findall(
    r"```json mcp entry\n(.*?)```\n```json mcp input\n(.*?)```\n```json mcp output\n(.*?)```", TEXT, flags=re.DOTALL
)


def shown(kind: str) -> str:
    [found] = re.findall(rf"```{kind}\n(.*?)```", TEXT, flags=re.DOTALL)
    return str(found)


def examples_of(transport: str) -> list[tuple[Entry, Any, Any]]:
    parsed = [(Entry(**json.loads(entry)), json.loads(given), json.loads(output)) for entry, given, output in EXAMPLES]
    return [example for example in parsed if example[0].transport == transport]


def test_both_transports_have_an_example() -> None:
    assert len(EXAMPLES) == 2
    assert examples_of("mcp-http")
    assert examples_of("mcp-stdio")


def test_the_tool_over_http_gives_what_is_shown(peer: HttpPeer) -> None:
    outside = Outside(guard=AddressGuard([peer.address]), reveal=lambda name, _host: f"{name}-key")
    for entry, given, output in examples_of("mcp-http"):
        settings: Mapping[str, Any] = {**entry.settings, "endpoint": peer.url}

        assert call(replace(entry, settings=settings), given, outside) == output

    assert peer.requests[-1]["authorization"] == "Bearer weather-key"


def test_the_tool_of_a_program_gives_what_is_shown() -> None:
    assert list(mcp_servers.parse(shown("json servers"))) == ["weather"]
    outside = Outside(guard=AddressGuard(), servers={"weather": StdioServer(command=[sys.executable, PEER])})
    try:
        for entry, given, output in examples_of("mcp-stdio"):
            assert call(entry, given, outside) == output
    finally:
        mcp_stdio_calls.end_all()


def test_the_fingerprint_is_made_as_it_is_told() -> None:
    definition = json.loads(shown("json definition"))
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"))
    found = Found(
        name=definition["name"], description=definition["description"], input_schema=definition["inputSchema"]
    )

    assert shown("text fingerprint").strip() == found.fingerprint == sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("code", sorted(set(re.findall(r"`((?:mcp|tool|connection|connect)_[a-z_]+)`", OURS))))
def test_a_code_that_is_told_is_one_that_is_given(code: str) -> None:
    sources = Path(mcp_stdio_calls.__file__).parent.glob("mcp_*.py")

    assert any(f'"{code}"' in source.read_text() for source in sources)
