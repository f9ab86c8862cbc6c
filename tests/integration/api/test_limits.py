"""A flood of one agent is 429 (S24), its answers say what is left, and nobody pays for another's (S62)."""

import re
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from rest_framework.test import APIClient

from ordinaut_site import env
from tasks_app import api_limits
from tasks_app.api.throttles import COSTLY, OfLogin
from tasks_app.events import counters, stream
from tasks_app.models import Agent
from tests.integration.api.making import PAYLOAD, TASK

URL = "/api/v1/tasks"
PREVIEW = {"schedule_kind": "interval", "schedule_expr": "PT1H"}


@pytest.fixture(autouse=True)
def _redis_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "_own", {})
    monkeypatch.setattr(counters, "_quiet_until", 0.0)


@pytest.fixture
def two_each(settings: Any) -> None:
    settings.ORDINAUT = replace(settings.ORDINAUT, api_limits=dict.fromkeys(api_limits.USUAL, 2))


def left(answer: Any) -> dict[str, int]:
    return {name: int(rest) for name, rest in re.findall(r'"(\w+)";r=(\d+);t=\d+', answer.headers["RateLimit"])}


@pytest.mark.usefixtures("two_each")
def test_a_flood_of_one_agent_is_429_and_another_agent_notices_nothing(as_alice: APIClient, as_bob: APIClient) -> None:
    statuses = [as_alice.get(URL).status_code for _ in range(3)]
    refused = as_alice.get(URL)

    assert statuses == [200, 200, 429]
    assert refused.json()["code"] == "throttled"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert left(refused) == {"read": 0}
    assert left(as_bob.get(URL)) == {"read": 1}


@pytest.mark.usefixtures("two_each")
def test_each_class_of_requests_has_a_limit_of_its_own(as_alice: APIClient) -> None:
    assert left(as_alice.get(URL)) == {"read": 1}
    assert left(as_alice.head(URL)) == {"read": 0}
    assert left(as_alice.post(URL, TASK)) == {"write": 1}
    assert left(as_alice.post("/api/v1/schedules/preview", PREVIEW)) == {"costly": 1}
    assert left(as_alice.get("/api/v1/schedules/conflicts")) == {"costly": 0}
    assert as_alice.post("/api/v1/pipelines/validate", PAYLOAD).status_code == 429


def test_an_answer_tells_of_the_limits_as_the_draft_writes_them(as_admin: APIClient, admin: Agent) -> None:
    Agent.objects.filter(pk=admin.pk).update(requests_per_minute=7)

    for answer in (as_admin.get(URL), as_admin.get(f"{URL}?wrong=1"), as_admin.get(f"{URL}/{admin.pk}")):
        assert answer.headers["RateLimit-Policy"] == '"read";q=12000;w=60, "agent";q=7;w=60'
        assert re.fullmatch(r'"read";r=\d+;t=(60|[1-5]?\d), "agent";r=\d;t=(60|[1-5]?\d)', answer.headers["RateLimit"])
    assert left(answer) == {"read": 11_997, "agent": 4}


def test_logins_tell_of_their_limits_and_not_of_other_callers(anonymous: APIClient) -> None:
    answer = anonymous.post("/auth/token", {"agent_id": "x"})

    assert left(answer) == {"login": 119, "guesses": 19}


def test_a_request_asks_redis_once(as_alice: APIClient, alice: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    Agent.objects.filter(pk=alice.pk).update(requests_per_minute=7)
    asked: list[Any] = []
    client = stream.quick_client()

    def ask(*words: Any) -> Any:
        asked.append(words)
        return client.eval(*words)

    monkeypatch.setattr(stream, "quick_client", lambda: type("Asked", (), {"eval": staticmethod(ask)}))
    as_alice.get(URL)

    assert len(asked) == 1


@pytest.fixture
def silent_redis(settings: Any) -> Iterator[None]:
    """Takes connections, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        stream.quick_client.cache_clear()
        yield
    stream.quick_client.cache_clear()


@pytest.mark.usefixtures("two_each", "silent_redis")
def test_while_redis_is_silent_the_limit_holds_and_only_one_request_waits_for_it_and_briefly(
    as_alice: APIClient,
) -> None:
    begun = time.monotonic()
    counters.count("first", window=60)
    waited = time.monotonic() - begun
    begun = time.monotonic()
    for _ in range(1_000):
        counters.count("others", window=60)
    others = time.monotonic() - begun

    assert 0.05 < waited < 1
    assert others < 1  # ten thousand times less than a hundred waits
    assert [as_alice.get(URL).status_code for _ in range(3)] == [200, 200, 429]


def test_of_those_who_come_after_a_silence_one_asks_redis_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "_quiet_until", 1.0)  # long ago

    assert [counters._may_ask(), counters._may_ask()] == [True, False]
    monkeypatch.setattr(counters, "_quiet_until", 1.0)
    assert counters.count("x", window=60).number == 1
    assert counters._quiet_until == 0.0


def test_every_costly_address_is_one_of_ours() -> None:
    from tasks_app.api.urls import urlpatterns

    assert {pattern.name for pattern in urlpatterns} >= COSTLY


@pytest.mark.parametrize("text", ["read", "read=0", "read=-1", "read=1,read=2", "colour=5", "read=1/m"])
def test_limits_that_make_no_sense_stop_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="ORDINAUT_API_LIMITS makes no sense"):
        env.read({"ORDINAUT_API_LIMITS": text})


def test_a_class_that_is_not_named_keeps_its_usual_limit() -> None:
    assert api_limits.parse([" read=5 "]) == {**api_limits.USUAL, "read": 5}


def test_however_its_id_is_spelled_guesses_at_an_agents_secret_count_together(
    anonymous: APIClient, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OfLogin, "most_of_caller", 2)
    spelled = [str(alice.pk), alice.pk.hex.upper(), f"urn:uuid:{alice.pk}", alice.pk.int]

    answers = [anonymous.post("/auth/token", {"agent_id": each, "agent_secret": "x" * 40}) for each in spelled]

    assert [answer.status_code for answer in answers[:3]] == [401, 401, 429]
    assert answers[3].status_code in {400, 429}  # over 64 bits
