"""What callers see when something of ours breaks."""

import pytest
from django.db import InterfaceError, OperationalError
from rest_framework.test import APIClient

from tasks_app.exceptions import LeaseLost
from tasks_app.models import Agent
from tasks_app.services import tasks
from tests.integration.api.making import make_task


def failing_with(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(tasks, "pause", fail)


@pytest.mark.parametrize(
    "error", [OperationalError("server at 10.0.0.7 closed the connection"), InterfaceError("connection already closed")]
)
def test_a_database_that_does_not_answer_is_503_with_a_time_to_come_back(
    as_alice: APIClient, alice: Agent, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    task = make_task(alice)
    failing_with(error, monkeypatch)

    answer = as_alice.post(f"/api/v1/tasks/{task.pk}/pause")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json()["code"] == "database_unavailable"
    assert "10.0.0.7" not in answer.content.decode()


def test_an_error_that_nobody_foresaw_is_500_without_a_word_of_it(
    as_alice: APIClient, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = make_task(alice)
    failing_with(RuntimeError("secret path /srv/x.py"), monkeypatch)

    answer = as_alice.post(f"/api/v1/tasks/{task.pk}/pause", headers={"X-Request-ID": "req-9"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert (answer.json()["code"], answer.json()["request_id"]) == ("internal_error", "req-9")
    assert "secret" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()


def test_a_lost_lease_is_409(as_alice: APIClient, alice: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    task = make_task(alice)
    failing_with(LeaseLost("Another has it."), monkeypatch)

    answer = as_alice.post(f"/api/v1/tasks/{task.pk}/pause")

    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (
        409,
        "lease_lost",
        "Another has it.",
    )


def test_a_broken_page_of_ours_is_500_as_a_page(anonymous: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from ordinaut_site import pages

    def fail(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(pages, "render", fail)

    answer = anonymous.get("/")

    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert "secret" not in answer.content.decode()
