"""One id follows a request."""

import re
import uuid

import pytest
import structlog
from rest_framework.test import APIClient
from structlog.testing import LogCapture

from tasks_app.models import Agent

GIVEN = re.compile(r"[0-9a-f-]{36}")


def id_of(client: APIClient, path: str, headers: dict[str, str] | None = None) -> str:
    return str(client.get(path, headers=headers).headers["X-Request-ID"])


@pytest.mark.parametrize("path", ["/health/live", "/", "/api/v1/tasks", "/nothing", "/static/ordinaut/start.css"])
def test_every_response_carries_the_callers_id_or_a_new_one(anonymous: APIClient, path: str) -> None:
    given = id_of(anonymous, path, {"X-Request-ID": "req-1:a/b+c=_."})
    first, second = id_of(anonymous, path), id_of(anonymous, path)

    assert given == "req-1:a/b+c=_."
    assert uuid.UUID(first) != uuid.UUID(second)


@pytest.mark.parametrize(
    "hostile", ["", " ", "a" * 65, "a b", "a\nb", "a\r\nSet-Cookie: x=1", "\x1b[31m", "é", "<b>", "';--"]
)
def test_an_id_that_could_do_harm_is_replaced(anonymous: APIClient, hostile: str) -> None:
    answer = anonymous.get("/health/live", headers={"X-Request-ID": hostile})

    assert GIVEN.fullmatch(answer.headers["X-Request-ID"])


def test_the_log_line_of_a_request_names_its_id_and_its_agent(
    as_alice: APIClient, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django_structlog.middlewares import request as middleware

    capture = LogCapture()
    logger = structlog.wrap_logger(None, processors=[structlog.contextvars.merge_contextvars, capture])
    monkeypatch.setattr(middleware, "logger", logger.bind())

    as_alice.get("/api/v1/tasks", headers={"X-Request-ID": "req-7"})

    [finished] = [entry for entry in capture.entries if entry["event"] == "request_finished"]
    assert (finished["request_id"], finished["agent"], finished["code"]) == ("req-7", str(alice.pk), 200)
