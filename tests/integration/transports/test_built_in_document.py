"""What docs/tools.md says of the built-in tools is what they do."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tasks_app.catalogue import builtin
from tests.integration.http_tool.calling import call
from tests.integration.http_tool.servers import LoopbackServer
from tests.integration.transports.calling import answering_with, body_of, target_of
from tests.unit.pipelines.fakes import run

PAGE = (Path(__file__).parents[3] / "docs" / "tools.md").read_text()
[TEXT] = re.findall(r"^## Built in\n.*?(?=^## )", PAGE, flags=re.DOTALL | re.MULTILINE)


def example(what: str) -> str:
    [found] = re.findall(rf"```\w+ {what}\n(.*?)```", TEXT, flags=re.DOTALL)
    return str(found)


@pytest.mark.parametrize("shown", json.loads(example("built-in")), ids=lambda shown: shown["uses"])
def test_a_tool_shown_comes_to_what_is_shown(shown: dict[str, Any]) -> None:
    output = shown.pop("output")

    assert run({"id": "a", **shown}).record("a").output == output


def test_the_request_shown_is_sent() -> None:
    shown = json.loads(example("http.request"))
    with LoopbackServer(answering_with(lambda _request: {"number": 17})) as server:
        shown["with"]["url"] = shown["with"]["url"].replace("https://api.example.org", f"http://{server.address}")
        output = call(shown["with"], allow=[server.address])
        [request] = server.requests

    assert f"{request.split(b' ')[0].decode()} {target_of(request)}" == example("request").strip()
    assert body_of(request) == shown["with"]["json"]
    assert output["json"] == {"number": 17}


def test_all_that_http_request_takes_is_explained() -> None:
    fields = builtin().get("http.request").input_schema["properties"]

    assert [name for name in fields if f"`{name}`" not in TEXT] == []


def test_every_built_in_tool_is_named() -> None:
    assert [tool.address for tool in builtin() if f"`{tool.address}`" not in TEXT] == []
