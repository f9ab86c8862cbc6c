"""An agent's secret is replaced without a moment in which it has none, and what it may do is changed at once."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.db.models.functions import Now
from rest_framework.test import APIClient

from tasks_app.models import Agent, AuditEntry
from tasks_app.services import agents
from tasks_app.services.actor import SYSTEM
from tests.integration.api.making import TASK, client_of
from tests.making import events_of

URL = "/api/v1/agents"


@pytest.fixture
def carol(db: None) -> tuple[Agent, str]:
    return agents.create_agent(name="carol", scopes=["tasks:create", "tasks:read"])


def rotated(client: APIClient, agent: Agent, **asked: Any) -> dict[str, Any]:
    answer = client.post(f"{URL}/{agent.pk}/credentials", asked)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store"), answer.json()
    given: dict[str, Any] = answer.json()
    return given


def lets_in(client: APIClient, agent: Agent, secret: str) -> bool:
    return client.post("/auth/token", {"agent_id": str(agent.pk), "agent_secret": secret}).status_code == 200


class TestRotation:
    def test_both_secrets_are_good_until_the_window_ends(
        self, as_admin: APIClient, anonymous: APIClient, carol: tuple[Agent, str]
    ) -> None:
        agent, old = carol
        given = rotated(as_admin, agent, overlap_seconds=3600)

        new = given["agent_secret"]
        assert (lets_in(anonymous, agent, old), lets_in(anonymous, agent, new)) == (True, True)
        assert given["old_secret_until"] is not None
        Agent.objects.filter(pk=agent.pk).update(old_secret_until=Now())
        assert (lets_in(anonymous, agent, old), lets_in(anonymous, agent, new)) == (False, True)

    def test_a_third_secret_ends_the_first(
        self, as_admin: APIClient, anonymous: APIClient, carol: tuple[Agent, str]
    ) -> None:
        agent, first = carol
        second = rotated(as_admin, agent)["agent_secret"]
        third = rotated(as_admin, agent)["agent_secret"]

        assert [lets_in(anonymous, agent, secret) for secret in (first, second, third)] == [False, True, True]

    @pytest.mark.parametrize("asked", [{"revoke_old": True}, {"overlap_seconds": 0}])
    def test_the_old_secret_and_what_it_opened_can_be_ended_at_once(
        self, as_admin: APIClient, anonymous: APIClient, carol: tuple[Agent, str], asked: dict[str, Any]
    ) -> None:
        agent, old = carol
        caller = client_of(agent)
        assert caller.get("/api/v1/tasks").status_code == 200

        given = rotated(as_admin, agent, **asked)

        assert given["old_secret_until"] is None
        assert caller.get("/api/v1/tasks").status_code == 401
        assert not lets_in(anonymous, agent, old)
        assert lets_in(anonymous, agent, given["agent_secret"])

    def test_a_rotation_with_a_window_ends_no_token(self, as_admin: APIClient, carol: tuple[Agent, str]) -> None:
        caller = client_of(carol[0])

        rotated(as_admin, carol[0])

        assert caller.get("/api/v1/tasks").status_code == 200

    def test_a_rotation_is_told_without_the_secret(self, as_admin: APIClient, carol: tuple[Agent, str]) -> None:
        agent, _ = carol
        secret = rotated(as_admin, agent)["agent_secret"]

        entry = AuditEntry.objects.get(action="agent.secret_rotated")
        assert entry.details == {"overlap_seconds": 86_400, "logins": 0}
        assert events_of(agent) == ["agent.created", "agent.updated"]
        shown = as_admin.get(f"{URL}/{agent.pk}").json()
        assert secret not in str(shown)
        assert not any("secret" in key and key != "old_secret_until" for key in shown)

    @pytest.mark.parametrize("asked", [{"overlap_seconds": -1}, {"overlap_seconds": 604_801}, {"secret": "mine"}])
    def test_a_rotation_that_makes_no_sense_is_refused(
        self, as_admin: APIClient, anonymous: APIClient, carol: tuple[Agent, str], asked: dict[str, Any]
    ) -> None:
        assert as_admin.post(f"{URL}/{carol[0].pk}/credentials", asked).status_code == 422
        assert lets_in(anonymous, *carol)

    def test_an_agent_gives_itself_no_secret_and_no_scope(self, carol: tuple[Agent, str]) -> None:
        caller = client_of(carol[0])

        refused = [
            caller.post(f"{URL}/{carol[0].pk}/credentials", {}),
            caller.patch(f"{URL}/{carol[0].pk}", {"scopes": ["admin"]}),
            caller.post(URL, {"name": "another", "scopes": ["admin"]}),
        ]

        assert [answer.status_code for answer in refused] == [403, 403, 403]


@pytest.mark.parametrize("known", ["unknown", "wrong", "rotating", "disabled"])
def test_every_refused_secret_costs_the_same_work(
    anonymous: APIClient, carol: tuple[Agent, str], monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    agent, _ = carol
    named = str(uuid.uuid4()) if known == "unknown" else str(agent.pk)
    if known == "rotating":
        agents.rotate_secret(agent, overlap=timedelta(hours=1), actor=SYSTEM)
    if known == "disabled":
        agents.set_active(agent, False, actor=SYSTEM)
    made: list[str] = []
    encode, verify = hashers.Argon2PasswordHasher.encode, hashers.Argon2PasswordHasher.verify
    monkeypatch.setattr(hashers.Argon2PasswordHasher, "encode", lambda *a: made.append("hash") or encode(*a))
    monkeypatch.setattr(hashers.Argon2PasswordHasher, "verify", lambda *a: made.append("hash") or verify(*a))

    answer = anonymous.post("/auth/token", {"agent_id": named, "agent_secret": "wrong"})

    assert (answer.status_code, made) == (401, ["hash", "hash"])
    assert answer.json()["detail"] == "Unknown agent, wrong secret or disabled agent."


class TestChanges:
    def test_scopes_are_given_and_taken_at_once(self, as_admin: APIClient, carol: tuple[Agent, str]) -> None:
        caller = client_of(carol[0])

        answer = as_admin.patch(f"{URL}/{carol[0].pk}", {"scopes": ["runs:read", "tasks:create"]})

        assert answer.json()["scopes"] == ["runs:read", "tasks:create"]
        assert (caller.get("/api/v1/tasks").status_code, caller.get("/api/v1/runs").status_code) == (403, 200)
        assert AuditEntry.objects.get(action="agent.updated").details == {
            "scopes": ["runs:read", "tasks:create"],
            "scopes_before": ["tasks:create", "tasks:read"],
        }

    def test_a_change_of_several_things_is_made_whole_or_not_at_all(
        self, as_admin: APIClient, carol: tuple[Agent, str]
    ) -> None:
        url = f"{URL}/{carol[0].pk}"

        assert as_admin.patch(url, {"runs_per_day": 5, "scopes": ["everything"]}).status_code == 422
        assert as_admin.get(url).json()["runs_per_day"] is None

        made = as_admin.patch(url, {"runs_per_day": 5, "scopes": ["runs:read"], "active": False}).json()
        assert (made["runs_per_day"], made["scopes"], made["active"]) == (5, ["runs:read"], False)

    def test_an_agent_is_disabled_and_enabled(self, as_admin: APIClient, carol: tuple[Agent, str]) -> None:
        caller = client_of(carol[0])

        assert as_admin.post(f"{URL}/{carol[0].pk}/disable").json()["active"] is False
        assert caller.get("/api/v1/tasks").status_code == 401
        assert as_admin.post(f"{URL}/{carol[0].pk}/enable").json()["active"] is True
        assert caller.get("/api/v1/tasks").status_code == 401
        assert client_of(carol[0]).get("/api/v1/tasks").status_code == 200

    def test_an_agents_tokens_are_ended_for_it(self, as_admin: APIClient, carol: tuple[Agent, str]) -> None:
        caller = client_of(carol[0])

        assert as_admin.post(f"{URL}/{carol[0].pk}/revoke_tokens").status_code == 200

        assert caller.get("/api/v1/tasks").status_code == 401
        assert as_admin.get("/api/v1/tasks").status_code == 200

    @pytest.mark.parametrize("verb", ["disable", "enable", "revoke_tokens"])
    def test_a_verb_takes_nothing(self, as_admin: APIClient, carol: tuple[Agent, str], verb: str) -> None:
        assert as_admin.post(f"{URL}/{carol[0].pk}/{verb}", {"why": "x"}).status_code == 422
        assert client_of(carol[0]).get("/api/v1/tasks").status_code == 200

    @pytest.mark.parametrize(("query", "found"), [("name=aro", ["carol"]), ("active=false", []), ("name=x", [])])
    def test_agents_are_looked_for(
        self, as_admin: APIClient, carol: tuple[Agent, str], query: str, found: list[str]
    ) -> None:
        assert [each["name"] for each in as_admin.get(f"{URL}?{query}").json()["items"]] == found

    def test_a_filter_that_says_neither_yes_nor_no_is_refused(self, as_admin: APIClient) -> None:
        assert as_admin.get(f"{URL}?active=perhaps").status_code == 422


class TestLimits:
    def test_an_agent_asks_no_more_often_than_it_may(self, as_admin: APIClient, carol: tuple[Agent, str]) -> None:
        caller, another = client_of(carol[0]), client_of(carol[0])
        as_admin.patch(f"{URL}/{carol[0].pk}", {"requests_per_minute": 3})

        statuses = [client.get("/api/v1/tasks").status_code for client in (caller, another, caller, another)]

        assert statuses == [200, 200, 200, 429]
        refused = caller.get("/api/v1/tasks")
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert as_admin.get("/api/v1/tasks").status_code == 200
        as_admin.patch(f"{URL}/{carol[0].pk}", {"requests_per_minute": None})
        assert caller.get("/api/v1/tasks").status_code == 200

    def test_an_agents_schedules_are_no_denser_than_they_may_be(
        self, as_admin: APIClient, carol: tuple[Agent, str]
    ) -> None:
        caller = client_of(carol[0])
        before = caller.post("/api/v1/tasks", TASK | {"schedule_expr": "PT1M"})
        as_admin.patch(f"{URL}/{carol[0].pk}", {"min_cadence_seconds": 3600})

        denser = caller.post("/api/v1/tasks", TASK | {"schedule_expr": "PT59M"})
        allowed = caller.post("/api/v1/tasks", TASK | {"schedule_expr": "PT60M"})

        assert before.status_code == 201
        assert (denser.status_code, denser.json()["errors"][0]["pointer"]) == (422, "/schedule_expr")
        assert "at least 3600 s apart" in denser.json()["errors"][0]["message"]
        assert allowed.status_code == 201
        assert as_admin.post("/api/v1/tasks", TASK | {"schedule_expr": "PT1M"}).status_code == 201
