"""Which programs the operator lets run as MCP servers."""

import pytest

from pipelines.transports.entry import StdioServer
from tasks_app import mcp_servers


def test_a_server_is_a_program_with_arguments_and_variables() -> None:
    text = '{"notes": {"command": ["notes-server", "--quiet"], "env": {"NOTES_KEY": "k"}}, "time": {"command": ["t"]}}'

    assert mcp_servers.parse(text) == {
        "notes": StdioServer(command=("notes-server", "--quiet"), env={"NOTES_KEY": "k"}),
        "time": StdioServer(command=("t",)),
    }


@pytest.mark.parametrize("text", ["", "  \n", "{}"])
def test_nothing_names_no_server(text: str) -> None:
    assert mcp_servers.parse(text) == {}


def test_a_server_does_not_show_its_variables() -> None:
    [server] = mcp_servers.parse('{"notes": {"command": ["notes-server"], "env": {"NOTES_KEY": "canary"}}}').values()

    assert "canary" not in repr(server)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("notes", "Expecting value"),
        ("[]", "is not a JSON object"),
        ('{"a b": {"command": ["x"]}}', "no name for a server"),
        ('{"notes": ["x"]}', "other parts"),
        ('{"notes": {"command": ["x"], "cwd": "/"}}', "other parts"),
        ('{"notes": {}}', "the command of notes"),
        ('{"notes": {"command": "x y"}}', "the command of notes"),
        ('{"notes": {"command": []}}', "the command of notes"),
        ('{"notes": {"command": [""]}}', "the command of notes"),
        ('{"notes": {"command": ["x", 5]}}', "the command of notes"),
        ('{"notes": {"command": ["x\\u0000"]}}', "the command of notes"),
        ('{"notes": {"command": ["x"], "env": []}}', "the env of notes"),
        ('{"notes": {"command": ["x"], "env": {"A=B": "c"}}}', "the env of notes"),
        ('{"notes": {"command": ["x"], "env": {"A": 5}}}', "the env of notes"),
    ],
)
def test_what_is_no_server_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        mcp_servers.parse(text)
