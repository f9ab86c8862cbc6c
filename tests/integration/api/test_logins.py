"""A login lasts as long as its refresh token is used once each time, and is over everywhere at once when it is revoked."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from tasks_app.api import tokens
from tasks_app.exceptions import NotAuthenticated
from tasks_app.models import Agent, AuditEntry, TokenFamily
from tasks_app.services import agents, logins
from tasks_app.services.actor import SYSTEM

SCOPES = ["runs:read", "tasks:read"]
BOTH_PATHS = pytest.mark.parametrize("prefix", ["", "/api/v1"])


@pytest.fixture
def secret(db: None) -> tuple[Agent, str]:
    return agents.create_agent(name="carol", scopes=SCOPES)


@pytest.fixture
def login(anonymous: APIClient, secret: tuple[Agent, str]) -> dict[str, Any]:
    return log_in(anonymous, secret)


def log_in(client: APIClient, secret: tuple[Agent, str], **more: Any) -> dict[str, Any]:
    answer = client.post("/auth/token", {"agent_id": str(secret[0].pk), "agent_secret": secret[1], **more})
    assert answer.status_code == 200, answer.json()
    given: dict[str, Any] = answer.json()
    return given


def refreshed(client: APIClient, token: str, prefix: str = "") -> Any:
    return client.post(f"{prefix}/auth/refresh", {"refresh_token": token})


def works(client: APIClient, token: str, path: str = "tasks") -> bool:
    return client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def some_time_passes(seconds: float = 6) -> None:
    TokenFamily.objects.exclude(refreshed_at=None).update(refreshed_at=Now() - timedelta(seconds=seconds))


@BOTH_PATHS
def test_a_refresh_token_is_answered_with_another_pair_that_works(
    anonymous: APIClient, login: dict[str, Any], prefix: str
) -> None:
    answer = refreshed(anonymous, login["refresh_token"], prefix)

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    newer = answer.json()
    assert newer.keys() == login.keys()
    assert newer["refresh_token"] != login["refresh_token"]
    assert works(anonymous, newer["access_token"])
    assert refreshed(anonymous, newer["refresh_token"]).status_code == 200


def test_a_refresh_token_that_comes_back_ends_the_login_and_all_its_tokens(
    anonymous: APIClient, login: dict[str, Any], secret: tuple[Agent, str]
) -> None:
    another = log_in(anonymous, secret)
    newer = refreshed(anonymous, login["refresh_token"]).json()
    some_time_passes()

    answer = refreshed(anonymous, login["refresh_token"])

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert not works(anonymous, login["access_token"])
    assert not works(anonymous, newer["access_token"])
    assert refreshed(anonymous, newer["refresh_token"]).status_code == 401
    assert works(anonymous, another["access_token"])
    kept = AuditEntry.objects.get(action="agent.token_reused")
    assert (kept.object_id, kept.details["generation"]) == (secret[0].pk, 1)


def test_a_refresh_that_is_asked_for_twice_at_once_is_answered_twice_with_one_generation(
    anonymous: APIClient, login: dict[str, Any]
) -> None:
    first = refreshed(anonymous, login["refresh_token"]).json()
    second = refreshed(anonymous, login["refresh_token"]).json()

    assert TokenFamily.objects.get().generation == 2
    assert refreshed(anonymous, first["refresh_token"]).status_code == 200
    some_time_passes()
    assert refreshed(anonymous, second["refresh_token"]).status_code == 401
    assert not works(anonymous, first["access_token"])


def test_an_older_refresh_token_is_reused_even_within_that_moment(anonymous: APIClient, login: dict[str, Any]) -> None:
    newer = refreshed(anonymous, login["refresh_token"]).json()
    assert refreshed(anonymous, newer["refresh_token"]).status_code == 200

    assert refreshed(anonymous, login["refresh_token"]).status_code == 401
    assert TokenFamily.objects.get().revoked_at is not None


def test_a_refresh_token_newer_than_the_database_knows_ends_the_login(
    anonymous: APIClient, login: dict[str, Any]
) -> None:
    newer = refreshed(anonymous, login["refresh_token"]).json()
    TokenFamily.objects.update(generation=1, refreshed_at=None)  # as a backup has it

    assert refreshed(anonymous, newer["refresh_token"]).status_code == 401
    assert TokenFamily.objects.get().revoked_at is not None


def test_a_refresh_token_opens_nothing_and_an_access_token_refreshes_nothing(
    anonymous: APIClient, login: dict[str, Any]
) -> None:
    assert not works(anonymous, login["refresh_token"])
    answer = refreshed(anonymous, login["access_token"])

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert works(anonymous, login["access_token"])


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 5000, 5, None])
def test_what_is_no_refresh_token_is_refused(anonymous: APIClient, login: dict[str, Any], token: Any) -> None:
    assert anonymous.post("/auth/refresh", {"refresh_token": token}).status_code in {401, 422}
    assert works(anonymous, login["access_token"])


def test_a_login_ends_at_its_time_however_often_it_was_refreshed(anonymous: APIClient, login: dict[str, Any]) -> None:
    newer = refreshed(anonymous, login["refresh_token"]).json()
    TokenFamily.objects.update(expires_at=Now())

    assert refreshed(anonymous, newer["refresh_token"]).status_code == 401


def test_no_access_token_outlives_its_login(secret: tuple[Agent, str]) -> None:
    family = logins.begin(secret[0])
    family.expires_at -= timedelta(days=30) - timedelta(seconds=20)

    import jwt

    claims = jwt.decode(tokens.access_token(family), options={"verify_signature": False})

    assert 0 < claims["exp"] - claims["iat"] <= 20


@BOTH_PATHS
@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_a_revoked_login_is_over_at_once(
    anonymous: APIClient, login: dict[str, Any], secret: tuple[Agent, str], which: str, prefix: str
) -> None:
    another = log_in(anonymous, secret)

    answer = anonymous.post(f"{prefix}/auth/revoke", {"token": login[which]})

    assert (answer.status_code, answer.json()) == (200, {})
    assert not works(anonymous, login["access_token"])
    assert refreshed(anonymous, login["refresh_token"]).status_code == 401
    assert works(anonymous, another["access_token"])
    assert AuditEntry.objects.filter(action="agent.login_ended", object_id=secret[0].pk).count() == 1


def test_every_login_of_the_agent_is_over_at_once_and_nobody_elses(
    anonymous: APIClient, as_bob: APIClient, login: dict[str, Any], secret: tuple[Agent, str]
) -> None:
    another = log_in(anonymous, secret)

    assert anonymous.post("/auth/revoke", {"token": login["access_token"], "every_login": True}).status_code == 200

    assert not works(anonymous, login["access_token"])
    assert not works(anonymous, another["access_token"])
    assert as_bob.get("/api/v1/tasks").status_code == 200
    assert works(anonymous, log_in(anonymous, secret)["access_token"])
    assert AuditEntry.objects.get(action="agent.logins_ended").details == {"logins": 2}


@pytest.mark.parametrize("token", ["x", "a.b.c", "0197a0c0-0000-7000-8000-000000000000"])
def test_a_token_that_is_good_for_nothing_is_revoked_without_a_word(anonymous: APIClient, token: str) -> None:
    assert anonymous.post("/auth/revoke", {"token": token}).status_code == 200
    assert not AuditEntry.objects.filter(action__startswith="agent.login").exists()


def test_revoking_twice_is_noted_once(anonymous: APIClient, login: dict[str, Any]) -> None:
    for _ in range(2):
        assert anonymous.post("/auth/revoke", {"token": login["refresh_token"]}).status_code == 200

    assert AuditEntry.objects.filter(action="agent.login_ended").count() == 1


def test_a_disabled_agents_logins_are_over_for_good(
    anonymous: APIClient, login: dict[str, Any], secret: tuple[Agent, str]
) -> None:
    agents.set_active(secret[0], False, actor=SYSTEM)
    while_disabled = works(anonymous, login["access_token"]), refreshed(anonymous, login["refresh_token"]).status_code
    agents.set_active(secret[0], True, actor=SYSTEM)

    assert while_disabled == (False, 401)
    assert not works(anonymous, login["access_token"])
    assert works(anonymous, log_in(anonymous, secret)["access_token"])


def test_who_calls_costs_one_query(
    anonymous: APIClient, login: dict[str, Any], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):  # one for the caller and the login, one for the list
        assert works(anonymous, login["access_token"])


class TestScopes:
    def test_a_token_is_good_for_what_was_asked_for_only(self, anonymous: APIClient, secret: tuple[Agent, str]) -> None:
        narrow = log_in(anonymous, secret, scope="tasks:read")

        assert narrow["scopes"] == ["tasks:read"]
        assert works(anonymous, narrow["access_token"], "tasks")
        assert not works(anonymous, narrow["access_token"], "runs")
        newer = refreshed(anonymous, narrow["refresh_token"]).json()
        assert newer["scopes"] == ["tasks:read"]
        assert not works(anonymous, newer["access_token"], "runs")

    def test_a_token_is_good_for_no_more_than_the_agent_has_now(
        self, anonymous: APIClient, secret: tuple[Agent, str]
    ) -> None:
        narrow = log_in(anonymous, secret, scope="tasks:read")

        agents.set_scopes(secret[0], ["runs:read"], actor=SYSTEM)

        assert not works(anonymous, narrow["access_token"], "tasks")
        assert not works(anonymous, narrow["access_token"], "runs")
        assert refreshed(anonymous, narrow["refresh_token"]).json()["scopes"] == []

    def test_an_admins_narrow_token_is_no_admins(self, anonymous: APIClient, alice: Agent) -> None:
        boss = agents.create_agent(name="boss", scopes=["admin"])
        narrow = log_in(anonymous, boss, scope="tasks:read")["access_token"]

        assert works(anonymous, narrow, "tasks")
        assert not works(anonymous, narrow, "agents")
        assert not works(anonymous, narrow, "runs")
        assert works(anonymous, log_in(anonymous, boss)["access_token"], "agents")

    def test_a_scope_that_the_agent_has_not_is_refused(self, anonymous: APIClient, secret: tuple[Agent, str]) -> None:
        named = {"agent_id": str(secret[0].pk), "agent_secret": secret[1]}

        wider = anonymous.post("/auth/token", named | {"scope": "tasks:read admin"})
        unknown = anonymous.post("/auth/token", named | {"scope": "tasks:rule"})
        none = anonymous.post("/auth/token", named | {"scope": "  "})

        assert (wider.status_code, wider.json()["code"]) == (403, "not_permitted")
        assert [answer.status_code for answer in (unknown, none)] == [422, 422]
        assert [answer.json()["errors"][0]["pointer"] for answer in (unknown, none)] == ["/scope", "/scope"]
        assert not TokenFamily.objects.exists()


def test_a_login_under_way_does_not_outlive_that_the_agent_is_disabled_or_its_secret_taken_away(
    secret: tuple[Agent, str],
) -> None:
    proven = agents.authenticate(secret[0].pk, secret[1])
    agents.rotate_secret(proven, overlap=timedelta(minutes=5), actor=SYSTEM)
    assert logins.begin(proven)

    agents.rotate_secret(proven, overlap=timedelta(0), actor=SYSTEM)
    with pytest.raises(NotAuthenticated):
        logins.begin(proven)

    proven = Agent.objects.get(pk=proven.pk)
    agents.set_active(Agent.objects.get(pk=proven.pk), False, actor=SYSTEM)
    with pytest.raises(NotAuthenticated):
        logins.begin(proven)
