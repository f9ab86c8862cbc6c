"""Administrators make agents; a secret is shown once."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app.api.serializers.agent import AGENT_ROW
from tasks_app.models import Agent, AuditEntry

URL = "/api/v1/agents"


def test_a_new_agents_secret_is_shown_once_and_proves_it(
    as_admin: APIClient, admin: Agent, anonymous: APIClient
) -> None:
    answer = as_admin.post(URL, {"name": "reporter", "scopes": ["runs:read"]}, headers={"X-Request-ID": "req-5"})

    made = answer.json()
    secret = made.pop("agent_secret")
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"http://testserver{URL}/{made['id']}"
    assert as_admin.get(f"{URL}/{made['id']}").json() == made
    assert (made["name"], made["scopes"], made["active"]) == ("reporter", ["runs:read"], True)
    proof = {"agent_id": made["id"], "agent_secret": secret}
    assert anonymous.post("/auth/token", proof).status_code == 200
    assert secret not in as_admin.get(URL).content.decode()
    kept = AuditEntry.objects.get(action="agent.created")
    assert (str(kept.object_id), kept.actor, kept.request_id) == (made["id"], f"agent:{admin.pk}", "req-5")
    assert secret not in str(kept.details)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"name": "taken"}, "/name"),
        ({"scopes": ["everything"]}, "/scopes"),
        ({"scopes": "admin"}, "/scopes"),
        ({"scopes": [5]}, "/scopes/0"),
        ({"secret_hash": "x"}, "/secret_hash"),
        ({"active": False}, "/active"),
        ({"runs_per_day": 0}, "/runs_per_day"),
        ({"runs_per_day": "5"}, "/runs_per_day"),
        ({"max_running": 0}, "/max_running"),
        ({"max_running": True}, "/max_running"),
        ({"calls_per_minute": 0}, "/calls_per_minute"),
        ({"tokens_per_minute": -1}, "/tokens_per_minute"),
        ({"microdollars_per_minute": "5"}, "/microdollars_per_minute"),
    ],
)
def test_an_agent_that_breaks_a_rule_is_refused(as_admin: APIClient, changes: dict[str, Any], pointer: str) -> None:
    Agent.objects.create(name="taken", secret_hash="!")

    answer = as_admin.post(URL, {"name": "reporter", "scopes": ["runs:read"]} | changes)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Agent.objects.filter(name="reporter").exists()


def test_agents_are_listed_for_an_admin_only(
    as_admin: APIClient, as_alice: APIClient, admin: Agent, alice: Agent
) -> None:
    assert {each["id"] for each in as_admin.get(URL).json()["items"]} == {str(admin.pk), str(alice.pk)}
    assert as_admin.get(f"{URL}?colour=red").status_code == 422
    assert [as_alice.get(URL).status_code, as_alice.post(URL, {"name": "x", "scopes": ["admin"]}).status_code] == [
        403,
        403,
    ]


def test_how_many_runs_a_day_an_agent_may_have_is_set_and_lifted(as_admin: APIClient, alice: Agent) -> None:
    url = f"{URL}/{alice.pk}"

    limited = as_admin.patch(url, {"runs_per_day": 5})

    assert (limited.status_code, limited.json()["runs_per_day"]) == (200, 5)
    assert as_admin.patch(url, {}).json()["runs_per_day"] == 5
    assert as_admin.patch(url, {"runs_per_day": None}).json()["runs_per_day"] is None
    told = list(AuditEntry.objects.filter(action="agent.updated").order_by("id").values_list("details", flat=True))
    assert told == [{"runs_per_day": 5}, {"runs_per_day": None}]


def test_how_many_runs_of_an_agent_may_go_on_at_a_time_is_set_and_lifted(as_admin: APIClient, alice: Agent) -> None:
    made = as_admin.post(URL, {"name": "reporter", "scopes": ["runs:read"], "max_running": 2}).json()
    url = f"{URL}/{alice.pk}"

    limited = as_admin.patch(url, {"max_running": 3, "runs_per_day": 5})

    assert made["max_running"] == 2
    assert (limited.status_code, limited.json()["max_running"], limited.json()["runs_per_day"]) == (200, 3, 5)
    assert as_admin.patch(url, {"runs_per_day": 5}).json()["max_running"] == 3
    assert as_admin.patch(url, {"max_running": None}).json()["max_running"] is None
    told = list(AuditEntry.objects.filter(action="agent.updated").order_by("id").values_list("details", flat=True))
    assert told == [{"max_running": 3, "runs_per_day": 5}, {"max_running": None}]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"runs_per_day": 0}, "/runs_per_day"),
        ({"max_running": 0}, "/max_running"),
        ({"min_cadence_seconds": 0}, "/min_cadence_seconds"),
        ({"min_cadence_seconds": 86_401}, "/min_cadence_seconds"),
        ({"requests_per_minute": 0}, "/requests_per_minute"),
        ({"scopes": ["everything"]}, "/scopes"),
        ({"scopes": []}, "/scopes"),
        ({"active": None}, "/active"),
        ({"name": "another"}, "/name"),
        ({"secret_hash": "x"}, "/secret_hash"),
        ({"old_secret_until": None}, "/old_secret_until"),
        ({"id": "x"}, "/id"),
    ],
)
def test_a_change_that_breaks_a_rule_is_refused(
    as_admin: APIClient, alice: Agent, changes: dict[str, Any], pointer: str
) -> None:
    before = AGENT_ROW.read(Agent.objects.filter(pk=alice.pk)).get()

    answer = as_admin.patch(f"{URL}/{alice.pk}", changes)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert AGENT_ROW.read(Agent.objects.filter(pk=alice.pk)).get() == before


def test_an_agent_does_not_lift_its_own_limit(as_alice: APIClient, alice: Agent) -> None:
    assert as_alice.patch(f"{URL}/{alice.pk}", {"runs_per_day": None}).status_code == 403


def test_what_an_agents_calls_may_use_up_is_set_and_lifted(as_admin: APIClient, alice: Agent) -> None:
    budget = {"calls_per_minute": 60, "tokens_per_minute": 10_000, "microdollars_per_minute": 2**40}
    made = as_admin.post(URL, {"name": "thinker", "scopes": ["runs:read"], **budget}).json()
    url = f"{URL}/{alice.pk}"

    limited = as_admin.patch(url, budget).json()
    lifted = as_admin.patch(url, {"tokens_per_minute": None}).json()

    assert {name: made[name] for name in budget} == {name: limited[name] for name in budget} == budget
    assert (lifted["tokens_per_minute"], lifted["calls_per_minute"]) == (None, 60)
