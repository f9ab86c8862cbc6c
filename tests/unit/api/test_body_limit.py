"""What is refused before Django reads it."""

import asyncio
import json
from typing import Any

import pytest

from ordinaut_site.body_limit import MOST_BYTES_OF_A_LOGIN, BodyLimit
from tasks_app.api.parsers import MOST_BYTES


def asked(
    *headers: tuple[bytes, bytes], kind: str = "http", path: str = "/api/v1/tasks"
) -> tuple[bool, list[dict[str, Any]]]:
    """Whether the application behind was reached, and what was sent instead."""
    reached = False
    sent: list[dict[str, Any]] = []

    async def application(*_: Any) -> None:
        nonlocal reached
        reached = True

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    scope: Any = {"type": kind, "path": path, "headers": headers}
    asyncio.run(BodyLimit(application)(scope, receive, send))
    return reached, sent


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"0")], [(b"content-length", str(MOST_BYTES).encode())]])
def test_a_body_within_the_limit_passes(headers: list[tuple[bytes, bytes]]) -> None:
    assert asked(*headers) == (True, [])


def test_other_than_http_passes() -> None:
    assert asked(kind="lifespan") == (True, [])


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ((b"content-length", str(MOST_BYTES + 1).encode()), 413, "payload_too_large"),
        ((b"content-length", b"9" * 5000), 413, "payload_too_large"),
        ((b"content-length", b"-1"), 413, "payload_too_large"),
        ((b"transfer-encoding", b"chunked"), 411, "length_required"),
    ],
)
def test_a_body_that_is_too_large_or_of_unknown_length_is_refused(
    header: tuple[bytes, bytes], status: int, code: str
) -> None:
    reached, [start, body] = asked(header, (b"x-request-id", b"req-1"))

    problem = json.loads(body["body"])
    assert not reached
    assert (start["status"], problem["status"], problem["code"]) == (status, status, code)
    assert dict(start["headers"])[b"content-type"] == b"application/problem+json"
    assert dict(start["headers"])[b"x-request-id"] == b"req-1" == problem["request_id"].encode()


@pytest.mark.parametrize(
    "path", ["/auth/token", "/auth/refresh", "/auth/revoke", "/api/v1/auth/token", "/admin/login/"]
)
def test_a_login_is_small(path: str) -> None:
    most = str(MOST_BYTES_OF_A_LOGIN).encode()
    reached, [start, body] = asked((b"content-length", str(MOST_BYTES_OF_A_LOGIN + 1).encode()), path=path)

    assert asked((b"content-length", most), path=path) == (True, [])
    assert (reached, start["status"]) == (False, 413)
    assert json.loads(body["body"])["detail"] == "The body is over 16384 bytes: send less."
