"""Alive, ready, and how far behind."""

import threading
from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError
from django.db.models.functions import Now
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from ordinaut_site import health
from tasks_app.events import stream
from tasks_app.maintenance import relay
from tasks_app.models import Agent, DutyRound, Task
from tests.integration.api.making import make_task
from tests.making import make_run


def test_alive_asks_no_database_even_of_who_is_signed_in(
    anonymous: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    session = SessionStore()
    session["_auth_user_id"] = str(User.objects.create_user("someone").pk)
    session.create()
    anonymous.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)

    with django_assert_num_queries(0):
        answer = anonymous.get("/health/live")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/health", "/health/ready"])
def test_ready_when_the_database_answers_and_every_table_is_there(anonymous: APIClient, path: str) -> None:
    answer = anonymous.get(path)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "checks": {"database": "ok"}})


def test_not_ready_when_the_database_refuses(anonymous: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> bool:
        raise OperationalError("connection to server at 10.0.0.7 failed")

    monkeypatch.setattr(health, "_missing_migrations", fail)

    answer = anonymous.get("/health/ready")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.json() == {"status": "unavailable", "checks": {"database": "does not answer"}}


def test_not_ready_when_the_database_hangs_and_ready_again_when_it_goes_on(
    anonymous: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    going_on = threading.Event()

    def hang() -> bool:
        going_on.wait(30)
        return False

    monkeypatch.setattr(health, "_LONGEST_WAIT", 0.05)
    monkeypatch.setattr(health, "_missing_migrations", hang)
    answers = [anonymous.get("/health/ready") for _ in range(3)]
    going_on.set()
    monkeypatch.undo()

    assert {answer.status_code for answer in answers} == {503}
    assert answers[0].json()["checks"] == {"database": "no answer within 0.05 s"}
    assert threading.active_count() < 20
    assert anonymous.get("/health/ready").status_code == 200


def test_not_ready_while_a_migration_is_missing(anonymous: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", False)
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: ["one"])

    answer = anonymous.get("/health/ready")

    assert answer.status_code == 503
    assert "manage.py migrate" in answer.json()["checks"]["database"]


def test_ready_without_redis_and_the_detail_says_that_it_is_gone(
    as_alice: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream.client.cache_clear()
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:1/0")

    ready, detail = as_alice.get("/health/ready"), as_alice.get("/health/detailed")
    stream.client.cache_clear()

    assert (ready.status_code, detail.status_code) == (200, 200)
    assert (detail.json()["status"], detail.json()["checks"]["redis"]) == ("degraded", "does not answer")
    assert detail.json()["late_seconds"]["relay"] is None


def test_the_detail_tells_how_much_waits_and_how_late_it_is(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)
    make_run(task)
    make_run(task)
    Task.objects.filter(pk=task.pk).update(due_at=Now() - timedelta(minutes=1))

    body = as_alice.get("/health/detailed").json()

    assert (body["status"], body["checks"]) == ("ok", {"database": "ok", "redis": "ok"})
    assert body["queue"] == {"queued": 2, "waiting": 0, "running": 0}
    assert 60 <= body["late_seconds"]["beat"] < 90
    assert 0 < body["late_seconds"]["workers"] < 30
    assert 0 < body["late_seconds"]["relay"] < 30
    assert body["workers"] == {"running": 0, "stopping": 0, "stopped": 0, "lost": 0}


def test_the_detail_tells_how_long_ago_beat_did_its_duties(as_alice: APIClient) -> None:
    DutyRound.objects.create(name="tick", ended_at=Now() - timedelta(minutes=3), beat="a:1")

    rounds = as_alice.get("/health/detailed").json()["rounds_seconds_ago"]

    assert list(rounds) == ["tick"]
    assert 180 <= rounds["tick"] < 200


@pytest.mark.usefixtures("redis_emptied")
def test_the_relay_is_late_as_long_as_redis_refuses_its_events(as_alice: APIClient, alice: Agent) -> None:
    make_task(alice)
    stream.client().config_set("maxmemory", 1)
    try:
        with pytest.raises(redis.ResponseError, match="OOM"):
            relay.run_once()  # gives the events their positions
    finally:
        stream.client().config_set("maxmemory", 0)

    assert 0 < as_alice.get("/health/detailed").json()["late_seconds"]["relay"] < 30

    relay.run_once()
    assert as_alice.get("/health/detailed").json()["late_seconds"]["relay"] == 0.0


def test_the_detail_of_an_idle_platform_is_not_late(as_alice: APIClient) -> None:
    assert as_alice.get("/health/detailed").json()["late_seconds"] == {"beat": 0.0, "workers": 0.0, "relay": 0.0}


def test_the_detail_without_a_database_has_no_numbers_but_says_why(
    as_alice: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_missing_migrations", lambda: True)

    answer = as_alice.get("/health/detailed")

    assert answer.status_code == 503
    assert set(answer.json()) == {"status", "checks"}


def test_health_is_only_read(anonymous: APIClient) -> None:
    assert [anonymous.post(f"/health/{each}").status_code for each in ("live", "ready")] == [405, 405]
