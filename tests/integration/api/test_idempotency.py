"""A POST under an Idempotency-Key is carried out once, and answered as the first time (S60)."""

import json
from typing import Any

import pytest
from django.db import OperationalError, connection
from rest_framework.test import APIClient

from tasks_app.maintenance import prune
from tasks_app.models import Agent, KeptAnswer, Run, Task, Webhook
from tasks_app.services import kept_answers, tasks
from tests.integration.api.making import TASK, client_of, make_task
from tests.making import make_agent

URL = "/api/v1/tasks"


def post(client: APIClient, url: str = URL, body: Any = TASK, key: str = "key-1", **headers: str) -> Any:
    return client.post(url, body, headers={"Idempotency-Key": key, **headers})


def test_the_first_answer_is_given_again_and_nothing_else_is_made(as_alice: APIClient) -> None:
    first, again = post(as_alice), post(as_alice)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("Location", "Content-Type", "ETag"):
        assert again.headers[name] == first.headers[name]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["X-Request-ID"] != first.headers["X-Request-ID"]
    assert Task.objects.count() == 1


def test_without_a_key_each_request_is_one_of_its_own(as_alice: APIClient) -> None:
    assert [as_alice.post(URL, TASK).status_code for _ in range(2)] == [201, 201]
    assert (Task.objects.count(), KeptAnswer.objects.count()) == (2, 0)


def test_another_body_under_the_key_is_422(as_alice: APIClient) -> None:
    post(as_alice)

    other = post(as_alice, body=TASK | {"title": "Another"})

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Task.objects.count() == 1


def test_another_query_under_the_key_is_422(as_alice: APIClient) -> None:
    document = {"ordinaut": 1, "tasks": []}
    assert post(as_alice, f"{URL}/plan", document).status_code == 200

    assert post(as_alice, f"{URL}/plan?prune=true", document).json()["code"] == "idempotency_key_reused"


def test_a_key_is_another_one_for_another_agent_and_at_another_address(
    as_alice: APIClient, as_bob: APIClient, alice: Agent
) -> None:
    task = make_task(alice)
    answers = [post(as_alice), post(as_bob), post(as_alice, f"{URL}/{task.pk}/run_now", {})]

    assert [answer.status_code for answer in answers] == [201, 201, 202]
    assert not any("Idempotency-Replayed" in answer.headers for answer in answers)
    assert (Task.objects.count(), Run.objects.count()) == (3, 1)


@pytest.mark.parametrize(
    "key", ["", " ", "x" * 256, "caf\u00e9", "a\tb"], ids=["empty", "blank", "long", "accent", "tab"]
)
def test_a_key_that_is_none_is_400(as_alice: APIClient, key: str) -> None:
    answer = post(as_alice, key=key)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")
    assert not Task.objects.exists()


def test_a_key_of_255_characters_is_one(as_alice: APIClient) -> None:
    assert [post(as_alice, key="x" * 255).status_code for _ in range(2)] == [201, 201]
    assert Task.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [(TASK | {"surely": "unknown"}, 422), ({"title": "\0"}, 400)],
    ids=["breaks a rule", "malformed"],
)
def test_a_refusal_of_the_request_is_given_again(as_alice: APIClient, body: Any, status: int) -> None:
    first, again = post(as_alice, body=body), post(as_alice, body=body)

    assert (first.status_code, again.status_code) == (status, status)
    assert again.content == first.content
    assert again.headers["Content-Type"] == "application/problem+json"
    assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    ("error", "status"), [(OperationalError("gone"), 503), (RuntimeError("broken"), 500)], ids=["outage", "bug"]
)
def test_what_failed_on_our_side_can_be_tried_again(
    as_alice: APIClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        make_agent()  # what it had done until then is undone
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(tasks, "create_task", fail)
        before = Agent.objects.count()
        assert post(as_alice).status_code == status
        assert Agent.objects.count() == before

    again = post(as_alice)
    assert (again.status_code, "Idempotency-Replayed" in again.headers) == (201, False)


def test_a_scope_that_was_taken_away_is_refused_though_the_answer_is_kept(as_alice: APIClient, alice: Agent) -> None:
    post(as_alice)
    Agent.objects.filter(pk=alice.pk).update(scopes=["tasks:read"])

    assert post(as_alice).status_code == 403


def test_a_refusal_for_want_of_a_scope_is_not_kept(alice: Agent) -> None:
    Agent.objects.filter(pk=alice.pk).update(scopes=["tasks:read"])
    client = client_of(alice)
    assert post(client).status_code == 403
    Agent.objects.filter(pk=alice.pk).update(scopes=["tasks:create"])

    assert post(client_of(alice)).status_code == 201


def test_a_body_that_is_too_large_is_413_and_keeps_nothing(as_alice: APIClient) -> None:
    assert post(as_alice, body={"title": "x" * 2**20}).status_code == 413
    assert not KeptAnswer.objects.exists()


def test_an_answer_that_is_too_large_to_be_kept_undoes_what_it_tells_of(
    as_alice: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_answers, "MOST_BYTES", 10)

    answer = post(as_alice)

    assert (answer.status_code, answer.json()["code"]) == (422, "answer_too_large")
    assert not Task.objects.exists()


def test_a_day_later_the_key_is_free_and_its_answer_pruned(as_alice: APIClient) -> None:
    post(as_alice)
    KeptAnswer.objects.update(at="2020-01-01T00:00:00Z")

    assert "Idempotency-Replayed" not in post(as_alice).headers
    assert (Task.objects.count(), KeptAnswer.objects.count()) == (2, 1)
    assert prune.run_once()["answers"] == 0
    KeptAnswer.objects.update(at="2020-01-01T00:00:00Z")
    assert prune.run_once()["answers"] == 1


def test_a_key_means_nothing_to_a_get_and_to_logins(as_alice: APIClient, anonymous: APIClient) -> None:
    assert as_alice.get(URL, headers={"Idempotency-Key": ""}).status_code == 200
    assert post(anonymous, "/api/v1/auth/revoke", {"token": "x"}).status_code == 200
    assert not KeptAnswer.objects.exists()


SECRETS = [
    pytest.param("/api/v1/agents", {"name": "new", "scopes": ["runs:read"]}, "agent_secret", id="agent"),
    pytest.param("/api/v1/agents/{agent}/credentials", {}, "agent_secret", id="credentials"),
    pytest.param("/api/v1/webhooks", {"url": "https://1.1.1.1/x", "event_types": ["run.*"]}, "secret", id="webhook"),
    pytest.param("/api/v1/webhooks/{webhook}/rotate", None, "secret", id="webhook rotated"),
    pytest.param("/api/v1/hooks", {"name": "h", "topic": "h", "preset": "github"}, "token", id="hook"),
]


@pytest.mark.parametrize(("url", "body", "member"), SECRETS)
def test_a_secret_that_is_shown_once_is_given_again_and_kept_encrypted(
    as_admin: APIClient, admin: Agent, url: str, body: Any, member: str
) -> None:
    webhook = Webhook.objects.create(agent=admin, url="https://1.1.1.1/", event_types=["run.*"], pos=0, wanted_pos=0)
    url = url.format(agent=make_agent().pk, webhook=webhook.pk)

    first, again = post(as_admin, url, body), post(as_admin, url, body)

    secret = first.json()[member]
    assert len(secret) >= 32
    assert again.json() == first.json()
    assert again.headers["Cache-Control"] == "no-store"
    with connection.cursor() as cursor:
        cursor.execute("SELECT body, is_sealed, headers::text FROM tasks_keptanswer")
        [(kept, is_sealed, headers)] = cursor.fetchall()
    import zlib

    assert is_sealed
    assert secret.encode() not in bytes(kept) + zlib.decompress(kept)
    assert secret not in headers


def test_without_a_key_to_encrypt_it_with_a_secret_is_not_made_under_an_idempotency_key(
    as_admin: APIClient, settings: Any
) -> None:
    from dataclasses import replace

    settings.ORDINAUT = replace(settings.ORDINAUT, secrets_keys=())

    answer = post(as_admin, "/api/v1/agents", {"name": "new", "scopes": ["runs:read"]})

    assert (answer.status_code, answer.json()["code"]) == (503, "no_key")
    assert not Agent.objects.filter(name="new").exists()


def test_it_works_while_redis_is_away(as_alice: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from tasks_app.events import stream

    nowhere = stream.redis.Redis(host="127.0.0.1", port=1)
    monkeypatch.setattr(stream, "quick_client", lambda: nowhere)

    assert [post(as_alice).status_code for _ in range(2)] == [201, 201]
    assert Task.objects.count() == 1


def test_the_kept_answer_names_neither_the_key_nor_the_agent(as_alice: APIClient, alice: Agent) -> None:
    post(as_alice, key="a-key-that-says-something")

    [kept] = KeptAnswer.objects.values()
    told = json.dumps({name: str(value) for name, value in kept.items()})
    assert "a-key-that" not in told


@pytest.mark.parametrize("body", [{}, None])
def test_a_verb_that_takes_nothing_is_carried_out_once_too(as_alice: APIClient, alice: Agent, body: Any) -> None:
    task = make_task(alice)

    answers = [post(as_alice, f"{URL}/{task.pk}/pause", body) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
