"""The API as it is served: uvicorn, sync views in threads, connections from a pool."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tasks_app.api import tokens
from tasks_app.models import Agent
from tests.integration.api.serving import fetched, served
from tests.making import make_agent

POOL = 3
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def port(transactional_db: None) -> Iterator[int]:
    with served(ORDINAUT_DATABASE_POOL=str(POOL)) as number:
        yield number


def of_the_server(condition: str = "true") -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            f" WHERE datname = current_database() AND pid <> pg_backend_pid() AND {condition}"
        )
        return int(cursor.fetchone()[0])


def bearer(agent: Agent) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.issue(agent)}"}


def test_many_requests_at_once_share_few_connections_and_give_them_back(port: int) -> None:
    headers = bearer(make_agent(scopes=("tasks:read",)))

    with ThreadPoolExecutor(16) as callers:
        asked = [callers.submit(fetched, port, "GET", "/api/v1/tasks", **headers) for _ in range(200)]
        most = max(of_the_server() for _ in range(20))
        statuses = {each.result()[0] for each in asked}

    assert statuses == {200}
    assert most <= POOL
    assert of_the_server("state <> 'idle'") == 0
    assert fetched(port, "GET", "/api/v1/tasks", **headers)[0] == 200


def test_callers_who_leave_take_no_connection_with_them(port: int) -> None:
    headers = bearer(make_agent(scopes=("tasks:read",)))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = f"GET /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode()

    for _ in range(10 * POOL):
        with socket.create_connection(("127.0.0.1", port)) as leaving:
            leaving.sendall(request)

    assert {fetched(port, "GET", "/api/v1/tasks", **headers)[0] for _ in range(2 * POOL)} == {200}
    assert of_the_server() <= POOL
    assert of_the_server("state like 'idle in transaction%%'") == 0


def test_the_documentation_and_its_assets_are_served(port: int) -> None:
    for path in ("/docs", "/redoc", "/", "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"):
        status, headers, body = fetched(port, "GET", path)
        assert (status, bool(body), "X-Request-ID" in headers) == (200, True, True), path


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [("Content-Length: 1048577", 413, "payload_too_large"), ("Transfer-Encoding: chunked", 411, "length_required")],
)
def test_a_body_is_refused_before_it_is_sent(port: int, header: str, status: int, code: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as talking:
        talking.sendall(f"POST /auth/token HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n".encode())
        with talking.makefile("rb") as answered:
            answer = answered.read()

    head, _, body = answer.partition(b"\r\n\r\n")
    assert f" {status} " in head.splitlines()[0].decode()
    assert json.loads(body[body.index(b"{") : body.rindex(b"}") + 1])["code"] == code
