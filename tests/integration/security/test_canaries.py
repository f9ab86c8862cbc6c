"""Secrets planted wherever the platform takes or makes one are found nowhere else afterwards: tables, streams, logs, answers, pages."""

import hmac
import json
import logging
import zlib
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from tasks_app.conf import conf
from tasks_app.events import stream
from tasks_app.maintenance import relay
from tasks_app.models import KeptAnswer
from tests.integration.api.making import client_of
from tests.making import make_agent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

PASSWORD = "an-operators-password-canary"
PUT = "a-tools-secret-canary"
SENT_BY_US = "a-senders-secret-canary-of-enough-length"
PAGES = (
    "/admin/",
    "/admin/tasks/agent/",
    "/admin/tasks/secret/",
    "/admin/tasks/auditentry/",
    "/admin/tasks/outboxentry/",
)
SHOWN = ("agents", "audit", "events", "hooks", "webhooks", "secrets", "audit/export", "tasks", "runs")


def planted(boss: APIClient, anonymous: APIClient) -> dict[str, str]:
    """Every way in which a secret comes in or is given out, the second time under a key that has its answer kept."""
    keyed = {"Idempotency-Key": "once"}
    agent = boss.post("/api/v1/agents", {"name": "carol", "scopes": ["admin"]}, headers=keyed).json()
    given = {"agent_id": agent["id"], "agent_secret": agent["agent_secret"]}
    login = anonymous.post("/auth/token", given).json()
    newer = anonymous.post("/auth/refresh", {"refresh_token": login["refresh_token"]}).json()
    rotated = boss.post(f"/api/v1/agents/{agent['id']}/credentials", {}, headers=keyed).json()
    hook = boss.post("/api/v1/hooks", {"name": "h", "topic": "code", "preset": "github", "secret": SENT_BY_US}).json()
    deliver(anonymous, hook["token"], secret=SENT_BY_US)
    where = {"url": "https://93.184.215.14/in", "event_types": ["*"]}
    webhook = boss.post("/api/v1/webhooks", where, headers=keyed).json()
    boss.put("/api/v1/secrets/api_key", {"value": PUT, "hosts": ["api.example.org"]})
    return {
        "the agent's secret": agent["agent_secret"],
        "its second secret": rotated["agent_secret"],
        "the access token": login["access_token"],
        "the refresh token": newer["refresh_token"],
        "the hook's token": hook["token"],
        "the hook's secret": SENT_BY_US,
        "the webhook's secret": webhook["secret"],
        "a tool's secret": PUT,
        "an operator's password": PASSWORD,
        "SECRET_KEY": settings.SECRET_KEY,
        "the key of tokens": conf().token_key.splitlines()[1],
        "the key of secrets": conf().secrets_keys[0],
    }


def deliver(anonymous: APIClient, token: str, *, secret: str) -> None:
    """As the sender does, once signed and once not."""
    signature = hmac.new(secret.encode(), b"{}", sha256).hexdigest()
    sender = {"X-GitHub-Event": "push", "X-GitHub-Delivery": "1"}
    for signed, status in ((signature, 202), ("0" * 64, 401)):
        headers = sender | {"X-Hub-Signature-256": f"sha256={signed}"}
        answer = anonymous.generic("POST", f"/hooks/{token}", b"{}", content_type="application/json", headers=headers)
        assert answer.status_code == status, answer.content


def misuse(anonymous: APIClient, boss: APIClient, secrets: dict[str, str]) -> None:
    """Each secret where it does not belong: refused, and noted."""
    for secret in secrets.values():
        anonymous.post("/auth/token", {"agent_id": secret, "agent_secret": secret})
        anonymous.post("/auth/refresh", {"refresh_token": secret})
        anonymous.post("/auth/revoke", {"token": secret + "x"})
        anonymous.post(f"/hooks/{secret}")
        anonymous.get(f"/approvals/{secret}")
        anonymous.get("/api/v1/tasks", headers={"Authorization": f"Bearer {secret}x"})
        boss.post("/api/v1/hooks", {"secret": secret})


def tables() -> str:
    """Everything that a dump of the database would show."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'")
        text = []
        for [table] in cursor.fetchall():
            cursor.execute(f"SELECT row_to_json(each)::text FROM {table} AS each")
            text += [row for [row] in cursor.fetchall()]
    kept = [zlib.decompress(bytes(body)).decode() for body in KeptAnswer.objects.values_list("body", flat=True)]
    return "\n".join(text + kept)


def redis() -> str:
    client = stream.client()
    readers: dict[str, Callable[[Any], Any]] = {
        "string": client.get, "stream": client.xrange, "hash": client.hgetall,
        "set": client.smembers, "list": lambda key: client.lrange(key, 0, -1), "zset": lambda key: client.zrange(key, 0, -1),
    }  # fmt: skip

    def kind(key: Any) -> str:
        found = client.type(key)
        return found.decode() if isinstance(found, bytes) else str(found)

    return "\n".join(f"{key!r} {readers[kind(key)](key)!r}" for key in client.keys("*"))


def test_no_secret_is_where_it_could_be_read(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], django_capture_on_commit_callbacks: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    boss, anonymous = client_of(make_agent(scopes=("admin",))), APIClient(raise_request_exception=False)
    User.objects.create_superuser("ops", password=PASSWORD)
    operator = Client()
    operator.post("/admin/login/", {"username": "ops", "password": PASSWORD})
    operator.post("/admin/login/", {"username": PASSWORD[:-1], "password": PASSWORD})
    with django_capture_on_commit_callbacks(execute=True):
        secrets = planted(boss, anonymous)
        misuse(anonymous, boss, secrets)
    relay.run_once()
    places = {
        "tables": tables(),
        "Redis": redis(),
        "logs": "\n".join(map(str, (record.__dict__ for record in caplog.records))) + "".join(capfd.readouterr()),
        "answers": "\n".join(boss.get(f"/api/v1/{name}").content.decode() for name in SHOWN),
        "pages": "\n".join(operator.get(page).content.decode() for page in PAGES),
        "health": boss.get("/health/detailed").content.decode() + anonymous.get("/metrics").content.decode(),
    }

    assert all(places.values())
    assert "carol" in places["tables"]
    assert "agent.created" in places["Redis"]
    found = [(place, name) for place, text in places.items() for name, secret in secrets.items() if secret in text]
    assert found == []


def test_a_request_that_breaks_tells_neither_caller_nor_log_what_was_sent(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("SELECT secret_hash FROM tasks_agent at db.internal")

    monkeypatch.setattr("tasks_app.services.secrets.put_secret", broken)
    boss = client_of(make_agent(scopes=("admin",)))

    answer = boss.put("/api/v1/secrets/api_key", {"value": PUT, "hosts": ["api.example.org"]})

    assert (answer.status_code, json.loads(answer.content)["code"]) == (500, "internal_error")
    assert not {"SELECT", "db.internal", "Traceback", PUT} & {
        w for w in ("SELECT", "db.internal", "Traceback", PUT) if w in answer.content.decode()
    }
    assert PUT not in caplog.text + "".join(capfd.readouterr())
