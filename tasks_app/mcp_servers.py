"""Which programs may be run as MCP servers: what `ORDINAUT_MCP_SERVERS` says."""

import json
import re
from typing import Any, Final

from pipelines.transports.entry import StdioServer

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def parse(text: str) -> dict[str, StdioServer]:
    """Servers by name, from `{"name": {"command": ["program", "argument"], "env": {"NAME": "value"}}}`; none from no text.

    Raises `ValueError`, naming the server, for what is no server.
    """
    if not text.strip():
        return {}
    servers = json.loads(text)
    if not isinstance(servers, dict):
        raise ValueError("is not a JSON object of servers by name")  # noqa: TRY004 - wrong text, not a wrong argument
    return {name: _server(name, definition) for name, definition in servers.items()}


def _server(name: str, definition: Any) -> StdioServer:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a server: write letters, digits, _, . and -")
    if not isinstance(definition, dict) or set(definition) - {"command", "env"}:
        raise ValueError(f"{name} has other parts than `command` and `env`")
    command, env = definition.get("command"), definition.get("env", {})
    if not isinstance(command, list) or not command or not all(map(_is_argument, command)) or not command[0]:
        raise ValueError(f"the command of {name} is not a list of a program and its arguments")
    if not isinstance(env, dict) or not all(_VARIABLE.fullmatch(key) and _is_argument(env[key]) for key in env):
        raise ValueError(f"the env of {name} is not an object of texts by the names of variables")
    return StdioServer(command=tuple(command), env=env)


def _is_argument(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value
