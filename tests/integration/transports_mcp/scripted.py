"""Servers over HTTP that answer as a test says, and no SDK would."""

import json
import socket
from collections.abc import Callable, Mapping
from typing import Any

from tests.integration.http_tool.servers import Answer, answering

Say = Callable[[dict[str, Any], bytes, socket.socket], None]

DISCOVERED = {
    "resultType": "complete",
    "supportedVersions": ["2026-07-28"],
    "capabilities": {"tools": {}},
    "ttlMs": 0,
    "cacheScope": "private",
}


def result(**fields: Any) -> Say:
    def say(body: dict[str, Any], request: bytes, connection: socket.socket) -> None:
        _send(body, {"result": {"resultType": "complete", **fields}}, request, connection)

    return say


def refusal(code: int, message: str, *, status: str = "200 OK") -> Say:
    def say(body: dict[str, Any], request: bytes, connection: socket.socket) -> None:
        _send(body, {"error": {"code": code, "message": message}}, request, connection, status=status)

    return say


def hanging_up(_body: dict[str, Any], _request: bytes, _connection: socket.socket) -> None:
    """No answer at all."""


def by_method(**says: Say) -> Answer:
    """Answers by the method's last word: `call=...` for tools/call. Discovery succeeds unless told otherwise."""
    known: Mapping[str, Say] = {"discover": result(**DISCOVERED), **says}

    def answer(request: bytes, connection: socket.socket) -> None:
        body = json.loads(request.partition(b"\r\n\r\n")[2] or b"{}")
        known[body.get("method", request.split(b" ")[0].decode()).rpartition("/")[2]](body, request, connection)

    return answer


def _send(
    body: dict[str, Any], part: dict[str, Any], request: bytes, connection: socket.socket, *, status: str = "200 OK"
) -> None:
    whole = json.dumps({"jsonrpc": "2.0", "id": body.get("id"), **part}).encode()
    answering(status, whole, content_type="application/json")(request, connection)
